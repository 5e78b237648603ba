import type { Greeting } from "@/data/greetings";
import { Card } from "./card";
import { Counter } from "./counter";

export function App({ greetings }: { greetings: Greeting[] }) {
  return (
    <>
      {greetings.map((greeting) => (
        <Card greeting={greeting} />
      ))}
      <Counter start={greetings.length} />
    </>
  );
}

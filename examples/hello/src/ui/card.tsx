import { Tone, type Greeting } from "@/data/greetings";

export function Card({ greeting }: { greeting: Greeting }) {
  const mark = greeting.tone === Tone.Loud ? "!" : ".";
  return <p lang={greeting.language}>{greeting.text + mark}</p>;
}

import { App } from "@/ui/app";
import { greetings } from "@/data/greetings";

document.body.append(<App greetings={greetings} />);

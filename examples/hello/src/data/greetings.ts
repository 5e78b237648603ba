export enum Tone {
  Quiet,
  Loud,
}

export interface Greeting {
  text: string;
  language: string;
  tone: Tone;
}

export const greetings: Greeting[] = [
  { text: "hello", language: "en", tone: Tone.Loud },
  { text: "hallo", language: "de", tone: Tone.Quiet },
];

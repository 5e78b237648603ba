import { line } from "./lines";
import { terrain } from "./terrain";

export interface Question {
  seed: string;
  /** Metres; one contour every 250. */
  height: number;
  size: number;
}

export interface Contour {
  level: number;
  path: string;
}

export interface Answer {
  contours: Contour[];
}

self.onmessage = (event: MessageEvent<Question>) => {
  const { seed, height, size } = event.data;
  const heights = terrain(seed, size);
  const contours: Contour[] = [];
  for (let level = 250; level < height; level += 250) {
    contours.push({ level, path: line(heights, size, level / height) });
  }
  self.postMessage({ contours } satisfies Answer);
};

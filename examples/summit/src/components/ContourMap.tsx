import { useEffect, useState } from "react";
import type { Answer, Contour, Question } from "../contours/worker";
import styles from "./ContourMap.module.css";

const size = 96;

/** A map of an imaginary mountain, the same for each name; a worker computes it. */
export function ContourMap({ seed, height }: { seed: string; height: number }) {
  const [contours, setContours] = useState<Contour[]>();

  useEffect(() => {
    const worker = new Worker(new URL("../contours/worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = (event: MessageEvent<Answer>) => setContours(event.data.contours);
    worker.postMessage({ seed, height, size } satisfies Question);
    return () => worker.terminate();
  }, [seed, height]);

  return (
    <figure className={styles.map} data-contours={contours?.length ?? 0}>
      <svg viewBox={`0 0 ${size - 1} ${size - 1}`} role="img" aria-label={`Contours of ${seed}`}>
        {contours?.map((contour, index) => (
          <path
            key={contour.level}
            d={contour.path}
            className={index % 4 === 3 ? styles.major : styles.minor}
            style={{ "--rank": index / contours.length }}
          />
        ))}
      </svg>
      <figcaption>{contours ? `${contours.length} contours, drawn by a worker` : "Drawing …"}</figcaption>
    </figure>
  );
}

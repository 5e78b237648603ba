import { metres, select, usePeaks } from "../data/peaks";
import styles from "./Compare.module.css";

const [width, depth] = [720, 320];

/** All peaks as one skyline, to scale. Loaded when it is first opened. */
export function Compare() {
  const { data: peaks, error } = usePeaks();
  if (error) throw error;
  const ordered = select(peaks ?? [], "", "", "height");
  const highest = ordered[0]?.height ?? 1;
  const step = width / (ordered.length + 1);

  return (
    <section className={styles.compare}>
      <h1>Side by side</h1>
      <p>From the sea to the summit, to one scale. The darker part is what stands above the nearest saddle.</p>
      <svg viewBox={`0 -20 ${width} ${depth + 40}`} role="img" aria-label="Heights of all peaks" data-bars={ordered.length}>
        {ordered.map((peak, index) => {
          const x = step * (index + 1);
          const scale = (value: number) => (value / highest) * depth;
          const triangle = (tall: number) => `M${x - step * 0.85} ${depth}L${x} ${depth - tall}L${x + step * 0.85} ${depth}Z`;
          return (
            <g key={peak.slug}>
              <title>{`${peak.name}, ${metres(peak.height)}`}</title>
              <path d={triangle(scale(peak.height))} className={styles.whole} />
              <path
                d={triangle(scale(peak.height))}
                className={styles.free}
                clipPath={`inset(0 0 ${100 - (peak.prominence / peak.height) * 100}% 0)`}
              />
              <text x={x} y={depth - scale(peak.height) - 6}>
                {peak.height}
              </text>
              <text x={x} y={depth + 14} className={styles.name}>
                {peak.name.split(" / ")[0]}
              </text>
            </g>
          );
        })}
      </svg>
    </section>
  );
}

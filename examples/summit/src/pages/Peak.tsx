import { Link, useParams } from "react-router";
import { ContourMap } from "../components/ContourMap";
import { metres, usePeaks } from "../data/peaks";
import styles from "./Peak.module.css";

export function Peak() {
  const { slug } = useParams();
  const { data: peaks, error } = usePeaks();

  if (error) throw error;
  if (!peaks) return null;
  const peak = peaks.find((one) => one.slug === slug);
  if (!peak) {
    return (
      <p>
        There is no mountain of that name here. <Link to="/">All peaks</Link>
      </p>
    );
  }

  return (
    <article className={styles.peak}>
      <div>
        <Link to="/" className={styles.back}>
          ← All peaks
        </Link>
        <h1>{peak.name}</h1>
        <p className={styles.note}>{peak.note}</p>
        <dl className={styles.facts}>
          <Fact name="Height" value={metres(peak.height)} />
          <Fact name="Prominence" value={metres(peak.prominence)} />
          <Fact name="Range" value={peak.range} />
          <Fact name="Country" value={peak.country} />
          <Fact name="First ascent" value={String(peak.first)} />
        </dl>
      </div>
      <ContourMap key={peak.slug} seed={peak.slug} height={peak.height} />
    </article>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

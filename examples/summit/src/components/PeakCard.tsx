import { Link } from "react-router";
import { metres, type Peak } from "../data/peaks";
import styles from "./PeakCard.module.css";

export function PeakCard({ peak }: { peak: Peak }) {
  return (
    <Link to={`/peaks/${peak.slug}`} className={styles.card}>
      <span className={styles.range}>{peak.range}</span>
      <h2 className={styles.name}>{peak.name}</h2>
      <span className={styles.height}>{metres(peak.height)}</span>
      <span className={styles.bar} style={{ "--share": peak.prominence / peak.height }} />
      <span className={styles.place}>
        {peak.country} · first climbed {peak.first}
      </span>
    </Link>
  );
}

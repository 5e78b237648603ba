import { useState } from "react";
import { PeakCard } from "../components/PeakCard";
import { type Order, select, usePeaks } from "../data/peaks";
import styles from "./Home.module.css";

export function Home() {
  const { data: peaks, error } = usePeaks();
  const [text, setText] = useState("");
  const [continent, setContinent] = useState("");
  const [order, setOrder] = useState<Order>("height");

  if (error) throw error;
  const continents = [...new Set(peaks?.map((peak) => peak.continent))].sort();
  const shown = select(peaks ?? [], text, continent, order);

  return (
    <>
      <section className="hero">
        <div className={styles.title}>
          <h1>Twelve mountains worth knowing</h1>
          <p>A small field guide: how high, how far above everything near, and who came first.</p>
        </div>
      </section>

      <div className={styles.tools}>
        <input
          type="search"
          placeholder="Name, range or country"
          aria-label="Search"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <select aria-label="Continent" value={continent} onChange={(event) => setContinent(event.target.value)}>
          <option value="">All continents</option>
          {continents.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <select aria-label="Order" value={order} onChange={(event) => setOrder(event.target.value as Order)}>
          <option value="height">By height</option>
          <option value="prominence">By prominence</option>
          <option value="first">By first ascent</option>
          <option value="name">By name</option>
        </select>
      </div>

      <ul className={styles.grid} data-peaks={shown.length}>
        {shown.map((peak) => (
          <li key={peak.slug}>
            <PeakCard peak={peak} />
          </li>
        ))}
      </ul>
      {peaks && shown.length === 0 && <p className={styles.none}>No mountain answers to that.</p>}
    </>
  );
}

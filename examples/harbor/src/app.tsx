import { useState } from 'react';
import type { Berth } from './berths.ts';

/** The page's body, on the server and in the browser. */
export function App({ berths }: { berths: readonly Berth[] }) {
  return (
    <main>
      <h1>Harbour board</h1>
      <ul className="berths">
        {berths.map((berth) => (
          <Row key={berth.id} berth={berth} />
        ))}
      </ul>
      <form method="post" action="/berths" className="book">
        <h2>Book a berth</h2>
        <label>
          Boat <input name="boat" required maxLength={40} autoComplete="off" />
        </label>
        <label>
          Nights <input name="nights" type="number" min={1} max={30} defaultValue={1} required />
        </label>
        <button>Book</button>
      </form>
    </main>
  );
}

function Row({ berth }: { berth: Berth }) {
  const [waves, setWaves] = useState(berth.waves);
  const wave = async () => {
    const response = await fetch(`/api/berths/${berth.id}/wave`, { method: 'POST' });
    if (response.ok) setWaves(((await response.json()) as Berth).waves);
  };
  return (
    <li>
      <span className="boat">{berth.boat}</span>
      <span className="nights">
        {berth.nights} {berth.nights === 1 ? 'night' : 'nights'}
      </span>
      <button onClick={wave} aria-label={`Wave to ${berth.boat}`}>
        Wave <span className="waves">{waves}</span>
      </button>
    </li>
  );
}

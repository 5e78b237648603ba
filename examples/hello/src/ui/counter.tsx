import { clamp } from "../math";

export function Counter({ start }: { start: number }) {
  let count = start;
  const label = <span>{count}</span>;
  const add = () => {
    count = clamp(count + 1, 0, 99);
    label.textContent = String(count);
  };
  return <button onClick={add}>{label}</button>;
}

export interface Berth {
  id: number;
  boat: string;
  nights: number;
  waves: number;
}

let last = 2;

/** Who lies in the harbour. It is kept as long as this module is. */
const berths: Berth[] = [
  { id: 1, boat: 'Marigold', nights: 2, waves: 0 },
  { id: 2, boat: 'Good Intent', nights: 5, waves: 3 },
];

export const all = (): readonly Berth[] => berths;

export function book(boat: string, nights: number): Berth {
  const berth = { id: (last += 1), boat, nights, waves: 0 };
  berths.push(berth);
  return berth;
}

export function wave(id: number): Berth | undefined {
  const berth = berths.find((one) => one.id === id);
  if (berth) berth.waves += 1;
  return berth;
}

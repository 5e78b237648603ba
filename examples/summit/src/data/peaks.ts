import { useQuery } from "@tanstack/react-query";
import { base } from "../base";

export interface Peak {
  slug: string;
  name: string;
  range: string;
  country: string;
  continent: string;
  /** Metres above the sea. */
  height: number;
  /** Metres above the highest saddle to a higher mountain. */
  prominence: number;
  /** The year of the first ascent. */
  first: number;
  note: string;
}

export type Order = "height" | "prominence" | "first" | "name";

async function load(): Promise<Peak[]> {
  const response = await fetch(`${base}peaks.json`);
  if (!response.ok) throw new Error(`peaks.json: ${response.status}`);
  return response.json();
}

/** All peaks, loaded once. */
export function usePeaks() {
  return useQuery({ queryKey: ["peaks"], queryFn: load });
}

/** Those that match, in order. */
export function select(peaks: Peak[], text: string, continent: string, order: Order): Peak[] {
  const wanted = text.trim().toLowerCase();
  return peaks
    .filter((peak) => continent === "" || peak.continent === continent)
    .filter((peak) => `${peak.name} ${peak.range} ${peak.country}`.toLowerCase().includes(wanted))
    .sort((a, b) => {
      if (order === "name") return a.name.localeCompare(b.name);
      return order === "first" ? a.first - b.first : b[order] - a[order];
    });
}

const number = new Intl.NumberFormat("en");

export const metres = (value: number) => `${number.format(value)} m`;

// The files of the graph: who imports whom, and how to find one.

import type { GraphFile, State } from './data';

/** The filters, in their order. */
export const FILTERS = ['all', 'failed', 'stale'] as const;
export type Filter = (typeof FILTERS)[number];

export class Files {
  readonly all: readonly GraphFile[];
  readonly #importers: readonly (readonly number[])[];
  readonly #places: ReadonlyMap<string, number>;

  constructor(files: readonly GraphFile[]) {
    this.all = files;
    const importers: number[][] = files.map(() => []);
    files.forEach(({ imports }, at) => imports.forEach((imported) => importers[imported]?.push(at)));
    this.#importers = importers;
    this.#places = new Map(files.map(({ path }, at) => [path, at]));
  }

  find(path: string): number | undefined {
    return this.#places.get(path);
  }

  imports(at: number): readonly number[] {
    return this.sorted(this.all[at]?.imports ?? []);
  }

  importers(at: number): readonly number[] {
    return this.sorted(this.#importers[at] ?? []);
  }

  count(state: State): number {
    return this.all.reduce((count, file) => count + (file.state === state ? 1 : 0), 0);
  }

  /** What to show where nobody has chosen: what has failed, else the page, else what leads to the most. */
  first(): string | undefined {
    const failed = this.all.find(({ state }) => state === 'failed');
    const page = this.all.find(({ path }) => path === '/index.html') ?? this.all.find(({ path }) => path.endsWith('.html'));
    const largest = [...this.all].sort((a, b) => b.imports.length - a.imports.length)[0];
    return (failed ?? page ?? largest)?.path;
  }

  /** The files whose path has all words of a query, the best first: those in whose name they are, and those that begin with it. */
  search(query: string, filter: Filter): readonly number[] {
    const words = query.toLowerCase().split(/\s+/).filter((word) => word !== '');
    const found: { at: number; rank: number }[] = [];
    this.all.forEach(({ path, state }, at) => {
      if (filter !== 'all' && state !== filter) return;
      const text = path.toLowerCase();
      const name = text.slice(text.lastIndexOf('/') + 1);
      let rank = 0;
      for (const word of words) {
        if (!text.includes(word)) return;
        rank += name.startsWith(word) ? 0 : name.includes(word) ? 1 : 2;
      }
      if (isOfPackage(path)) rank += words.length === 0 ? 100 : 3;
      found.push({ at, rank });
    });
    const { all } = this;
    found.sort((a, b) => a.rank - b.rank || compare(all[a.at]!.path, all[b.at]!.path));
    return found.map(({ at }) => at);
  }

  /** One's own files before those of packages, by name. */
  sorted(places: readonly number[]): number[] {
    const { all } = this;
    const known = places.filter((at) => all[at] !== undefined);
    return known.sort((a, b) => Number(isOfPackage(all[a]!.path)) - Number(isOfPackage(all[b]!.path)) || compare(all[a]!.path, all[b]!.path));
  }
}

export function isOfPackage(path: string): boolean {
  return path.includes('/node_modules/');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A path as it is shown: the folder, then the name. Of a package's files the folder begins at the package. */
export function parts(path: string): { readonly folder: string; readonly name: string } {
  const end = path.lastIndexOf('/') + 1;
  const folder = path.slice(0, end);
  const packages = folder.lastIndexOf('/node_modules/');
  return { folder: packages < 0 ? folder : folder.slice(packages + '/node_modules/'.length), name: path.slice(end) };
}

/** A time in microseconds, in the unit that people read. */
export function duration(micros: number): string {
  if (micros < 1000) return `${micros} µs`;
  if (micros < 9_950) return `${(micros / 1000).toFixed(1)} ms`;
  if (micros < 999_500) return `${Math.round(micros / 1000)} ms`;
  return `${(micros / 1_000_000).toFixed(micros < 9_950_000 ? 1 : 0)} s`;
}

export function bytes(count: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) [count, unit] = [count / 1000, unit + 1];
  return `${count < 10 && unit > 0 ? count.toFixed(1) : Math.round(count)} ${units[unit]}`;
}

const NUMBERS = new Intl.NumberFormat('en');

export function number(count: number): string {
  return NUMBERS.format(count);
}

/** How long ago, in seconds, in words. */
export function ago(seconds: number): string {
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

// Why a page was loaded anew, and whether that has helped: what it says of itself to the page that comes.

import type { Hello } from './connection';

/** What a page has, as far as loading it anew can change it. */
export type Had = Pick<Hello, 'text' | 'modules' | 'bundles'>;

export interface Reason {
  readonly reason: string;
  /** Milliseconds of the clock. */
  readonly time: number;
  /** What the page before had. */
  readonly had: Had;
}

/** Where it is kept while the page is loaded. */
const KEPT = 'hookfs reload';

/** For how long a page that asks to be loaded anew for the same reason, and has the same again, is not, in milliseconds. */
const USELESS = 10_000;

export function keepReason(reason: string, { text, modules, bundles }: Had): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ reason, time: Date.now(), had: { text, modules, bundles } }));
  } catch {
    // The page may keep nothing, or not as much: the reason has been told.
  }
}

/** The console of the page before is empty: what was said there is said again. */
export function takeReason(): Reason | undefined {
  try {
    const text = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    return text === null ? undefined : (JSON.parse(text) as Reason);
  } catch {
    // The page may keep nothing.
    return undefined;
  }
}

/** Whether loading the page anew for this reason has been of no use a moment ago: somebody keeps what there was. */
export function isUseless(reason: string, last: Reason | undefined, has: Had): boolean {
  return last?.reason === reason && Date.now() - last.time <= USELESS && !hasChanged(last.had, has);
}

/** Whether a version is another than it was. What only one of the two pages has, as one that is still being loaded, says nothing. */
function hasChanged(had: Had, has: Had): boolean {
  if (had.text !== has.text) return true;
  return (['modules', 'bundles'] as const).some((kind) => Object.entries(has[kind]).some(([id, version]) => (had[kind][id] ?? version) !== version));
}

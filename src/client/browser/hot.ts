// The runtime of a page that is hot: what its bundles call. There is one of it, at `Symbol.for('hookfs.hot')` of the global
// object, however many bundles are loaded.

import { HotPage } from '../hot/page';
import type { Piece } from './tree';

const pages = new Map<string, HotPage>();

/** As `add` of `main.ts`. */
export function add(
  script: string,
  up: string,
  bundles: Record<string, string>,
  pieces: readonly Piece[],
  starts: readonly string[],
): Promise<unknown> | undefined {
  const base = new URL(up, script).href.slice(0, -1);
  let page = pages.get(base);
  if (page === undefined) {
    page = new HotPage(base);
    pages.set(base, page);
  }
  return page.add(script, bundles, pieces, starts);
}

// The runtime of a page or worker: what bundles call. There is one of it, at `Symbol.for('hookfs')` of the global object,
// however many bundles are loaded.

import { Tree, type Piece } from './tree';

const trees = new Map<string, Tree>();

/**
 * Takes the modules of a bundle and evaluates its entries; gives what the bundle is to wait for.
 * `script`: the URL of the bundle; `up`: from there to `/~@/`; `bundles`: where the bundles are of what its modules import
 * later or start as workers.
 */
export function add(
  script: string,
  up: string,
  bundles: Record<string, string>,
  pieces: readonly Piece[],
  starts: readonly string[],
): Promise<unknown> | undefined {
  const base = new URL(up, script).href.slice(0, -1);
  let tree = trees.get(base);
  if (tree === undefined) {
    tree = new Tree(base);
    trees.set(base, tree);
  }
  return tree.add(bundles, pieces, starts);
}

// Modules that nobody imports any more.

import type { ModuleRecord } from '../module';
import type { Contexts } from './contexts';
import { shown } from './message';
import type { Judge, Modules } from './updates';

/** Packages are there once and for all: nobody loads React a second time because of an edit. Their styles are like others. */
export function isOfPackage(id: string): boolean {
  return id.includes('/node_modules/') && !isStyle(id);
}

/** The module of a style sheet. */
export function isStyle(id: string): boolean {
  return /\.(?:css|scss|sass|less|styl|stylus|pcss|postcss|sss)\.js$/.test(id);
}

/** Ends what was imported by instances that are replaced, and by nobody now; and what it alone imported, transitively. */
export async function prune(
  modules: Modules,
  contexts: Contexts,
  judges: readonly Judge[],
  replaced: readonly ModuleRecord[],
  gone: readonly string[],
): Promise<void> {
  const { registry } = modules;
  const before = new Map(replaced.map((module) => [module.id, module]));
  const left = new Set(gone.flatMap((id) => registry.instancesOf(id)).map(({ id }) => id));
  for (const module of replaced) {
    const next = registry.get(module.id);
    if (next === undefined) {
      // It is still imported later, maybe, with all that it has.
      left.add(module.id);
      continue;
    }
    const kept = new Set(next.imported());
    for (const id of module.imported()) if (!kept.has(id)) left.add(id);
  }
  const pruned = left.size === 0 ? [] : unreachable(modules, left, (id) => registry.get(id) ?? before.get(id));
  if (pruned.length > 0) {
    await contexts.notify('vite:beforePrune', { type: 'prune', paths: pruned.map(shown) });
    // What was replaced and has not run again has come to its end before.
    await Promise.all(pruned.map((id) => registry.get(id) && contexts.dispose(id)));
    await Promise.all(pruned.map((id) => contexts.prune(id)));
    for (const judge of judges) pruned.forEach((id) => judge.forget?.(id));
    registry.remove(pruned);
  }
  for (const id of gone) if (registry.instancesOf(id).length === 0) modules.forget(id);
}

/** Of these modules and all that they import, what nobody else leads to. Circles hold nothing. */
function unreachable(modules: Modules, left: ReadonlySet<string>, get: (id: string) => ModuleRecord | undefined): string[] {
  const below = new Set<string>();
  for (const id of left) if (get(id) !== undefined) below.add(id);
  // A set is walked over with what is added meanwhile.
  for (const id of below) if (!isOfPackage(id)) for (const imported of get(id)!.imported()) if (get(imported)) below.add(imported);
  const isHeld = (id: string) => {
    return modules.isEntry(id) || isOfPackage(id) || [...modules.registry.importersOf(id)].some((importer) => !below.has(importer.id));
  };
  const held = new Set([...below].filter(isHeld));
  for (const id of held) for (const imported of get(id)!.imported()) if (below.has(imported)) held.add(imported);
  return [...below].filter((id) => !held.has(id));
}

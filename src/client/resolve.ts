// Names to variables (ECMA-262, 16.2.1.7.2 "GetExportedNames" and "ResolveExport").

import type { Getter, ModuleRecord, Resolution } from './module';
import { namespaceOf } from './namespace';

/** The names that a module exports, those that stars may bring among them. */
export function exportedNames(module: ModuleRecord, visited: Set<ModuleRecord> = new Set()): Set<string> {
  const names = new Set<string>();
  if (visited.has(module)) return names;
  visited.add(module);
  const { exports, indirect, stars } = module.definition;
  for (const name of exports) names.add(name);
  for (const [name] of indirect) names.add(name);
  for (const request of stars) {
    for (const name of exportedNames(module.required[request]!, visited)) {
      if (name !== 'default') names.add(name);
    }
  }
  return names;
}

type Visited = Map<ModuleRecord, Set<string>>;

/** Whether a name is that of a variable of the module itself: what most are, and quick to tell. */
export function isLocal(module: ModuleRecord, name: string): boolean {
  return module.definition.exports.includes(name);
}

/** Where a name leads; `null`: nowhere, or in a circle; `'ambiguous'`: to several variables. */
export function resolveExport(module: ModuleRecord, name: string, visited?: Visited): Resolution | null | 'ambiguous' {
  const { exports, indirect, stars, fault } = module.definition;
  if (fault !== undefined) return { module, index: 0 };
  // A variable of its own closes no circle, and is the same one whichever way leads to it.
  const index = exports.indexOf(name);
  if (index >= 0) return { module, index };
  visited ??= new Map();
  const seen = visited.get(module);
  if (seen === undefined) visited.set(module, new Set([name]));
  else if (seen.has(name)) return null;
  else seen.add(name);
  for (const [exported, request, imported] of indirect) {
    if (exported !== name) continue;
    const from = module.required[request]!;
    return imported === null ? { module: from, index: null } : resolveExport(from, imported, visited);
  }
  if (name === 'default') return null;
  let found: Resolution | null = null;
  // What a file with errors may export counts where nothing else does.
  let faulty: Resolution | null = null;
  for (const request of stars) {
    const resolution = resolveExport(module.required[request]!, name, visited);
    if (resolution === 'ambiguous') return resolution;
    if (resolution === null) continue;
    if (resolution.module.definition.fault !== undefined) {
      faulty ??= resolution;
      continue;
    }
    if (found !== null && (found.module !== resolution.module || found.index !== resolution.index)) return 'ambiguous';
    found = resolution;
  }
  return found ?? faulty;
}

/** The read of what a name leads to. The module must have been instantiated. */
export function getterOf({ module, index }: Resolution): Getter {
  return index === null ? () => namespaceOf(module) : module.getters[index]!;
}

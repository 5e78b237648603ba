// The modules of style sheets. What they put into the page they put there again by themselves; only who uses what they
// export is concerned by more.

import type { ModuleRecord } from '../module';
import { namespaceOf } from '../namespace';
import { usedNames } from './climb';
import { isStyle } from './prune';
import type { Judge, Verdict } from './updates';

export class Styles implements Judge {
  readonly #remove: (id: string) => void;

  /** `remove` takes away what the module with this id has put into the page. */
  constructor(remove: (id: string) => void) {
    this.#remove = remove;
  }

  isBoundary({ id }: ModuleRecord): boolean {
    return isStyle(id);
  }

  ran(module: ModuleRecord, before: ModuleRecord): Verdict | undefined {
    if (!isStyle(module.id)) return undefined;
    const changed = differences(before, module);
    if (changed.size === 0) return undefined;
    const concerns = (importer: ModuleRecord) => {
      const used = usedNames(importer, module.id);
      return used === undefined || [...used].some((name) => changed.has(name));
    };
    return { reason: 'its exports are others', concerns };
  }

  forget(id: string): void {
    if (isStyle(id)) this.#remove(id);
  }
}

/** The exports of which two instances have different values: texts, or objects of texts. */
function differences(before: ModuleRecord, after: ModuleRecord): Set<string> {
  const texts = (module: ModuleRecord) => {
    if (module.status !== 'evaluated' || module.error !== undefined) return new Map<string, string>();
    return new Map(Object.entries(namespaceOf(module)).map(([name, value]) => [name, JSON.stringify(value)]));
  };
  const [older, newer] = [texts(before), texts(after)];
  const names = new Set([...older.keys(), ...newer.keys()]);
  return new Set([...names].filter((name) => older.get(name) !== newer.get(name)));
}

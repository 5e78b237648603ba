// Families: the versions of one component. React asks for the family of a type, to tell a new version of what is mounted
// from another component.

import { innerOf, isType, kindOf, read, shapeOf, type Type } from './component';
import type { Signatures } from './signatures';

export interface Family {
  /** The version that is rendered. */
  current: Type;
  /** The one that is rendered next. */
  newest: Type;
}

/** What one refresh changes; `updatedFamilies` go on with their state, `staleFamilies` begin anew. React's names. */
export interface Update {
  readonly updatedFamilies: Set<Family>;
  readonly staleFamilies: Set<Family>;
}

export class Families {
  /** By the id of the module, then by the name in it. */
  readonly #byName = new Map<string, Map<string, Family>>();
  readonly #byType = new WeakMap<Type, Family>();
  /** Only types of which there are several versions: React asks at every render, of every component. */
  readonly #updated = new WeakMap<Type, Family>();
  readonly #signatures: Signatures;
  #pending: [Family, Type][] = [];

  constructor(signatures: Signatures) {
    this.#signatures = signatures;
  }

  /** Whether there are new versions that nothing renders yet. */
  get isPending(): boolean {
    return this.#pending.length > 0;
  }

  /**
   * A version of what a module calls `name`. Whoever registers a type first names it. A version of another shape begins
   * another family: React could not put it in the place of what is mounted.
   */
  register(module: string, name: string, type: unknown): void {
    if (!isType(type) || this.#byType.has(type)) return;
    let names = this.#byName.get(module);
    if (names === undefined) this.#byName.set(module, (names = new Map()));
    let family = names.get(name);
    if (family !== undefined && follows(shapeOf(family.newest), shapeOf(type))) {
      family.newest = type;
      this.#pending.push([family, type]);
    } else {
      // What was inside of the older one is not inside of this.
      for (const key of ['type', 'render']) names.delete(`${name}$${key}`);
      names.set(name, (family = { current: type, newest: type }));
    }
    this.#byType.set(type, family);
    const inner = innerOf(type);
    if (inner !== undefined) this.register(module, `${name}$${inner[0]}`, inner[1]);
  }

  /** The family of a type, whether or not there are several versions. */
  of(type: Type): Family | undefined {
    return this.#byType.get(type);
  }

  /** What React asks. */
  readonly resolve = (type: unknown): Family | undefined => (isType(type) ? this.#updated.get(type) : undefined);

  /** Makes the newest versions current. */
  advance(): Update {
    const update: Update = { updatedFamilies: new Set(), staleFamilies: new Set() };
    const pending = this.#pending;
    this.#pending = [];
    for (const [family, next] of pending) {
      const previous = family.current;
      this.#updated.set(previous, family);
      this.#updated.set(next, family);
      family.current = next;
      delegateComparison(previous, family);
      const isKept = this.#signatures.keepsState(previous, next);
      (isKept ? update.updatedFamilies : update.staleFamilies).add(family);
    }
    return update;
  }

  /** Forgets a module that is no longer there: its next instance has components of its own. */
  forget(module: string): void {
    const names = this.#byName.get(module);
    if (names === undefined) return;
    this.#byName.delete(module);
    const gone = new Set(names.values());
    this.#pending = this.#pending.filter(([family]) => !gone.has(family));
  }
}

function follows(older: string, newer: string): boolean {
  const isPlain = (shape: string) => shape === 'function' || shape === 'class';
  return older === newer || (isPlain(older) && isPlain(newer));
}

/** React goes on asking the older `memo`, whose comparison would stay for good. */
function delegateComparison(previous: Type, family: Family): void {
  if (kindOf(previous) !== 'memo' || !isType(read(previous, 'compare'))) return;
  const compare = (...all: unknown[]) => Reflect.apply(read(family.current, 'compare') as () => unknown, undefined, all);
  Reflect.set(previous, 'compare', compare);
}

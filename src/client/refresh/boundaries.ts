// Whether a module that has run again is replaced by that alone, or its importers must run again, too: its exports tell.

import { isLikelyComponent, isType, kindOf, type Type } from './component';
import type { Families } from './families';

/** A module's namespace. */
export type Exports = Readonly<Record<string, unknown>>;

/**
 * What follows a run. `first`: nobody has an older instance. `refresh`: React renders the new components in the place of
 * the old ones. Otherwise the importers must run, and the reason.
 */
export type Outcome = 'first' | 'refresh' | { readonly reason: string };

export class Boundaries {
  readonly #families: Families;
  /** The exports of the last instance that ran to its end, as they were then. */
  readonly #last = new Map<string, Values>();

  constructor(families: Families) {
    this.#families = families;
  }

  /** Whether a module is worth running again by itself: something that it exports is a component. */
  isCandidate(module: string): boolean {
    const exports = this.#last.get(module);
    return exports !== undefined && [...exports.values()].some((value) => componentsOf(value) !== undefined);
  }

  /** A module has run to its end. One that fails keeps what it had: the next that runs is compared to that. */
  ran(module: string, exports: Exports): Outcome {
    const last = this.#last.get(module);
    const next = valuesOf(exports);
    this.#last.set(module, next);
    this.#register(module, next);
    if (last === undefined) return 'first';
    const reason = this.#difference(last, next);
    return reason === undefined ? 'refresh' : { reason };
  }

  /** Forgets a module that is no longer there. */
  forget(module: string): void {
    this.#last.delete(module);
  }

  /** Classes and what HOCs give have no other name. */
  #register(module: string, exports: Values): void {
    for (const [name, value] of exports) {
      for (const [member, type] of componentsOf(value) ?? []) {
        this.#families.register(module, `export ${name}${member}`, type);
      }
    }
  }

  #difference(last: Values, next: Values): string | undefined {
    if (next.size === 0) return 'it has no exports';
    for (const name of last.keys()) {
      if (!next.has(name)) return `"${name}" is no longer exported`;
    }
    for (const name of next.keys()) {
      if (!last.has(name)) return `"${name}" is exported anew`;
    }
    for (const [name, value] of next) {
      const before = last.get(name);
      const components = componentsOf(value);
      if (components === undefined) {
        if (!Object.is(before, value)) return `"${name}" is no component, and has changed`;
      } else if (!this.#areSame(componentsOf(before), components)) {
        return `"${name}" is another component than before`;
      }
    }
    return undefined;
  }

  /** Whether React can put the one in the place of the other, wherever importers still have the older one. */
  #areSame(before: Components | undefined, after: Components): boolean {
    if (before === undefined || before.length !== after.length) return false;
    const older = new Map(before);
    return after.every(([member, type]) => {
      const previous = older.get(member);
      if (previous === undefined || kindOf(previous) !== kindOf(type)) return false;
      return previous === type || this.#families.of(previous) === this.#families.of(type);
    });
  }
}

type Values = ReadonlyMap<string, unknown>;

function valuesOf(exports: Exports): Values {
  const values = new Map<string, unknown>();
  for (const name of Reflect.ownKeys(exports)) {
    if (typeof name !== 'string') continue;
    try {
      values.set(name, exports[name]);
    } catch (error) {
      // Still in a circle: what cannot be read equals nothing.
      values.set(name, Symbol(String(error)));
    }
  }
  return values;
}

type Components = readonly (readonly [member: string, type: Type])[];

/** A component by itself, or a plain object of components and nothing else. */
function componentsOf(value: unknown): Components | undefined {
  if (isLikelyComponent(value)) return [['', value]];
  if (!isPlain(value)) return undefined;
  const members: [string, Type][] = [];
  try {
    for (const [name, member] of Object.entries(value)) {
      if (!isLikelyComponent(member)) return undefined;
      members.push([`.${name}`, member]);
    }
  } catch {
    return undefined;
  }
  return members.length === 0 ? undefined : members;
}

function isPlain(value: unknown): value is object {
  if (!isType(value) || typeof value === 'function') return false;
  try {
    const parent = Reflect.getPrototypeOf(value);
    return parent === null || Reflect.getPrototypeOf(parent) === null;
  } catch {
    return false;
  }
}

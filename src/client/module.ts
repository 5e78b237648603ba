// Modules as data and as records (ECMA-262, 16.2.1.5 "Cyclic Module Records"). `src/compiler/function` is the other side
// of `Definition`.

/** What a module's function form gives. */
export interface Definition {
  readonly requests: readonly string[];
  /** Names that must resolve, each after the number of its request: one flat list is quicker to make than many pairs. */
  readonly imports: readonly (number | string)[];
  readonly exports: readonly string[];
  readonly indirect: readonly (readonly [name: string, request: number, imported: string | null])[];
  readonly stars: readonly number[];
  /** The specifiers of its `import()`s, where there are some; `null`: some are computed. */
  readonly dynamic?: readonly string[] | null;
  readonly async: boolean;
  /**
   * The file has errors, of which this is the text. Whatever name is asked of it leads to its first getter, so that others
   * are linked; evaluating it throws.
   */
  readonly fault?: string;
  /** The version of the text that it is of; where there are versions. */
  hash?: string;
  run(context: Context, ...slots: Bindings[]): Generator<unknown, void, unknown>;
}

/** Reads of what a module exports: for each name an accessor without a setter. */
export type Bindings = Record<string, unknown>;
export type Getter = () => unknown;
export type Namespace = Record<string | symbol, unknown>;

/** What a module says to its runtime. */
export interface Context {
  readonly meta: object;
  readonly arguments: never;
  namespace(request: number): Namespace;
  import(specifier: unknown, options?: unknown): Promise<Namespace>;
  iterate(value: unknown): unknown;
  /** A component of the module, by its name in it; where it is compiled for Fast Refresh. */
  register(type: unknown, name: string): void;
  /** What signs a function that calls hooks; where it is compiled for Fast Refresh. */
  sign(): unknown;
}

/** Where a name leads: to a variable of a module, or to the whole of it. */
export interface Resolution {
  readonly module: ModuleRecord;
  /** The number of the local export; `null`: its namespace. */
  readonly index: number | null;
}

export type Status = 'unlinked' | 'linking' | 'linked' | 'evaluating' | 'evaluating-async' | 'evaluated';

// The program may change what promises have; its modules do not wait in another way for that.
const OwnPromise = Promise;
const promiseResolve = OwnPromise.resolve;
const promiseThen = OwnPromise.prototype.then;
const { apply } = Reflect;

/** A promise with what settles it. */
export class Capability<T = void> {
  readonly promise: Promise<T>;
  declare resolve: (value: T | PromiseLike<T>) => void;
  declare reject: (reason: unknown) => void;

  constructor() {
    this.promise = new OwnPromise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** An object without any prototype would be a dictionary to V8, which is slow to read. */
const Reads = function () {} as unknown as new () => Bindings;
Reads.prototype = Object.freeze(Object.create(null));

const NONE: ReadonlySet<string> = new Set();

/** One instance of a module. */
export class ModuleRecord {
  /** The name under `/~@/`, with a leading slash; and the query that it was imported with, and fragment. */
  readonly id: string;
  readonly definition: Definition;
  /** The modules behind the requests; complete once the graph is loaded. */
  readonly required: ModuleRecord[] = [];
  readonly bindings: Bindings = new Reads();
  getters: readonly Getter[] = [];
  names: readonly string[] = [];
  namespace: Namespace | undefined;
  context: Context | undefined;
  generator: Generator<unknown, void, unknown> | undefined;
  status: Status = 'unlinked';
  isLoaded = false;
  /** Whether whoever imports it from now on gets another instance. */
  isDropped = false;
  /** Whether another instance takes its place, for all who import it from now on. */
  isReplaced = false;
  /** How many replacements there were before it was made. */
  generation = 0;
  /** Whether its body has begun to run. */
  hasRun = false;
  /** When that was, among all that have run; until then, when the instance before it ran. */
  order = Infinity;
  /** The requests of which it has the namespace. */
  wholes: number[] | undefined;
  /** The ids that it has imported by `import()`: those that it asked for, and those of what it got. */
  dynamic: ReadonlySet<string> = NONE;
  /** What its evaluation threw, in an object of its own: `undefined` can be thrown too. */
  error: { readonly value: unknown } | undefined;
  index = 0;
  ancestor = 0;
  cycleRoot: ModuleRecord | undefined;
  /** When it became one that waits, among all; `undefined`: it has not, or waits no more. */
  asyncOrder: number | undefined;
  capability: Capability | undefined;
  readonly asyncParents: ModuleRecord[] = [];
  pending = 0;

  constructor(id: string, definition: Definition) {
    this.id = id;
    this.definition = definition;
  }

  /** The ids of all that it imports. */
  imported(): string[] {
    const ids = [...this.dynamic];
    // What is being loaded has places that are still empty.
    this.required.forEach(({ id }) => ids.push(id));
    return ids;
  }

  /** It imports this by `import()`. */
  noteDynamic(id: string): void {
    if (this.dynamic === NONE) this.dynamic = new Set();
    (this.dynamic as Set<string>).add(id);
  }
}

/** `PerformPromiseThen(PromiseResolve(%Promise%, value), …)`: what an `await` does. */
export function wait(value: unknown, fulfilled: (value: unknown) => void, rejected: (reason: unknown) => void): void {
  const promise = apply(promiseResolve, OwnPromise, [value]) as Promise<unknown>;
  apply(promiseThen, promise, [fulfilled, rejected]);
}

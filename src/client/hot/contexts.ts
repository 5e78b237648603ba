// `import.meta.hot`: what modules have said about being replaced (Vite's API, https://vite.dev/guide/api-hmr).

import type { ModuleRecord, Namespace } from '../module';

type Callback = (...values: unknown[]) => unknown;
/** What an accepted update gives; `undefined`: nothing, it has failed. */
export type Updated = Namespace | undefined;

/** What is told when modules that it accepts have run again. */
interface Acceptance {
  readonly deps: readonly string[];
  call(updated: readonly Updated[]): unknown;
}

/** What one instance has said. It goes with the instance. */
interface Own {
  readonly id: string;
  isSelfAccepting: boolean;
  /** The exports that it accepts updates of. */
  exports: Set<string> | undefined;
  accepts: Acceptance[];
  readonly listeners: (readonly [event: string, callback: Callback])[];
}

/** What stays, whatever the instance. */
interface Kept {
  data: object;
  dispose?: Callback | undefined;
  prune?: Callback | undefined;
}

/** What modules ask for. */
export interface Actions {
  /** The id that a specifier in a module means. */
  resolve(specifier: string, from: string): string;
  invalidate(id: string, message: string | undefined): void;
  send(event: string, data: unknown): void;
  /** Something of the module's own has thrown. */
  fail(id: string, error: unknown): void;
}

export class Contexts {
  readonly #actions: Actions;
  readonly #own = new Map<string, Own>();
  readonly #kept = new Map<string, Kept>();
  readonly #listeners = new Map<string, Set<readonly [own: Own, callback: Callback]>>();

  constructor(actions: Actions) {
    this.#actions = actions;
  }

  /** `import.meta.hot` of an instance; one that has been replaced is not listened to. */
  of(module: ModuleRecord): object {
    const contexts = this;
    const { id } = module;
    const own: Own = { id, isSelfAccepting: false, exports: undefined, accepts: [], listeners: [] };
    if (!module.isReplaced) this.#own.set(id, own);
    const isCurrent = () => this.#own.get(id) === own;
    const accept = (deps: readonly string[], call: Acceptance['call']) => {
      if (isCurrent()) own.accepts.push({ deps, call });
    };
    const kept = () => this.#keptOf(id);
    const resolved = (specifier: unknown) => this.#actions.resolve(`${specifier as string}`, id);
    return {
      /** The same object for all instances, until nobody imports the module any more. */
      get data() {
        return kept().data;
      },
      accept(deps?: unknown, callback?: Callback) {
        if (typeof deps === 'function' || !deps) {
          accept([id], ([updated]) => (deps as Callback | undefined)?.(updated));
          own.isSelfAccepting = true;
        } else if (typeof deps === 'string') {
          accept([resolved(deps)], ([updated]) => callback?.(updated));
        } else if (Array.isArray(deps)) {
          accept(deps.map(resolved), (updated) => callback?.(updated));
        } else {
          throw new TypeError('import.meta.hot.accept() takes a function, a specifier or an array of specifiers');
        }
      },
      acceptExports(names: string | readonly string[], callback?: Callback) {
        accept([id], ([updated]) => callback?.(updated));
        own.exports ??= new Set();
        for (const name of typeof names === 'string' ? [names] : names) own.exports.add(name);
      },
      /** Is called before another instance takes the place of this one; the last one counts. */
      dispose(callback: Callback) {
        if (isCurrent()) kept().dispose = callback;
      },
      /** Is called when nobody imports the module any more; the last one counts. */
      prune(callback: Callback) {
        if (isCurrent()) kept().prune = callback;
      },
      decline() {},
      /** Callbacks that look at a new instance are those of the one before it. */
      invalidate: (message?: string) => contexts.#actions.invalidate(id, message),
      on(event: string, callback: Callback) {
        if (isCurrent()) contexts.#listen(own, event, callback);
      },
      off(event: string, callback: Callback) {
        for (const entry of contexts.#listeners.get(event) ?? []) {
          if (entry[0] === own && entry[1] === callback) contexts.#listeners.get(event)!.delete(entry);
        }
      },
      send: (event: string, data?: unknown) => contexts.#actions.send(event, data),
    };
  }

  #keptOf(id: string): Kept {
    let kept = this.#kept.get(id);
    if (kept === undefined) this.#kept.set(id, (kept = { data: {} }));
    return kept;
  }

  #listen(own: Own, event: string, callback: Callback): void {
    let listeners = this.#listeners.get(event);
    if (listeners === undefined) this.#listeners.set(event, (listeners = new Set()));
    const entry = [own, callback] as const;
    listeners.add(entry);
    own.listeners.push([event, callback]);
  }

  isSelfAccepting(id: string): boolean {
    return this.#own.get(id)?.isSelfAccepting === true;
  }

  acceptedExports(id: string): ReadonlySet<string> | undefined {
    return this.#own.get(id)?.exports;
  }

  /** Whether a module accepts updates of what it imports. */
  accepts(importer: string, dep: string): boolean {
    return importer !== dep && this.#own.get(importer)?.accepts.some(({ deps }) => deps.includes(dep)) === true;
  }

  /** What is to be called when `dep` has run again, or could not; in the order in which it was said. */
  callbacks(id: string, dep: string): (updated: Updated) => void {
    const accepts = (this.#own.get(id)?.accepts ?? []).filter(({ deps }) => deps.includes(dep));
    return (updated) => {
      for (const { deps, call } of accepts) {
        this.#guard(id, () => call(deps.map((other) => (other === dep ? updated : undefined))));
      }
    };
  }

  /** What an instance has said counts no longer. What is given back says it again, as far as the next one says nothing. */
  retire(id: string): () => void {
    const own = this.#own.get(id);
    if (own === undefined) return () => undefined;
    this.#own.delete(id);
    this.#unlisten(own);
    return () => {
      const next = this.#own.get(id);
      if (next === undefined) this.#own.set(id, own);
      else if (next.accepts.length === 0) Object.assign(next, { ...own, listeners: next.listeners });
    };
  }

  #unlisten(own: Own): void {
    for (const [event] of own.listeners.splice(0)) {
      for (const entry of this.#listeners.get(event) ?? []) {
        if (entry[0] === own) this.#listeners.get(event)!.delete(entry);
      }
    }
  }

  /** Puts an end to what an instance has begun; what is given is waited for. */
  dispose(id: string): Promise<unknown> | undefined {
    const kept = this.#kept.get(id);
    const { dispose } = kept ?? {};
    return dispose && this.#guard(id, () => dispose(kept!.data));
  }

  /** Nobody imports the module any more. Whoever does so later begins with nothing. */
  async prune(id: string): Promise<void> {
    const kept = this.#kept.get(id);
    const { prune } = kept ?? {};
    if (prune) await this.#guard(id, () => prune(kept!.data));
    this.retire(id);
    this.#kept.delete(id);
  }

  /** Whether somebody listens. */
  isHeard(event: string): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  /** Tells those that listen; they are waited for. `undefined`: nobody does. */
  notify(event: string, payload: unknown): Promise<unknown> | undefined {
    const listeners = [...(this.#listeners.get(event) ?? [])];
    if (listeners.length === 0) return undefined;
    return Promise.all(listeners.map(([{ id }, callback]) => this.#guard(id, () => callback(payload))));
  }

  /** What is thrown, at once or later, is told, and ends nothing else. */
  #guard(id: string, run: () => unknown): Promise<unknown> | undefined {
    const fail = (error: unknown) => this.#actions.fail(id, error);
    try {
      const result = run();
      return result instanceof Promise ? result.catch(fail) : undefined;
    } catch (error) {
      fail(error);
      return undefined;
    }
  }
}

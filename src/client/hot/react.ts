// Fast Refresh in a page: modules whose exports are components take their changes upon themselves, if React can render the
// new components in the place of the old ones.

import type { Components } from '../context';
import type { ModuleRecord } from '../module';
import { namespaceOf } from '../namespace';
import { Refresh, type ModuleRefresh } from '../refresh/refresh';
import type { Judge, Verdict } from './updates';

/** How long components that have run wait for others to run, in milliseconds: a frame. */
const PATIENCE = 16;

export class React implements Judge, Components {
  readonly #refresh: Refresh;
  /** Those whose exports are known to it, and whether the compiler has found components or hooks in them. */
  readonly #known = new Map<string, boolean>();
  /** Instances in which it has found some. */
  readonly #marked = new WeakMap<ModuleRecord, ModuleRefresh>();
  #isHeld = false;

  /** To be made before anything of the page's runs. */
  constructor(window: object) {
    const { setTimeout } = globalThis;
    this.#refresh = new Refresh(window, (run) => {
      // What runs in an update is rendered when all of it has run.
      setTimeout(() => this.#isHeld || run(), PATIENCE);
    });
  }

  register(module: ModuleRecord, type: unknown, name: string): void {
    this.#of(module).register(type, name);
    if (!this.#isHeld) this.#refresh.enqueue();
  }

  sign(module: ModuleRecord): unknown {
    return this.#of(module).sign();
  }

  #of(module: ModuleRecord): ModuleRefresh {
    let own = this.#marked.get(module);
    if (own === undefined) this.#marked.set(module, (own = this.#refresh.of(module.id)));
    return own;
  }

  isBoundary(module: ModuleRecord): boolean {
    // Other libraries have functions with capital letters, too.
    if (!this.#refresh.isInUse) return false;
    this.leaves(module);
    const { id } = module;
    return (this.#known.get(id) === true || /\.[jt]sx\.js(?:[?#]|$)/.test(id)) && this.#refresh.isCandidate(id);
  }

  leaves(module: ModuleRecord): void {
    if (this.#known.has(module.id) || module.status !== 'evaluated' || module.error !== undefined) return;
    this.ran(module);
  }

  ran(module: ModuleRecord): Verdict | undefined {
    this.#known.set(module.id, this.#marked.has(module));
    const outcome = this.#refresh.ran(module.id, namespaceOf(module));
    if (typeof outcome === 'string') return undefined;
    return { reason: `Fast Refresh cannot: ${outcome.reason}`, concerns: () => true };
  }

  forget(id: string): void {
    this.#known.delete(id);
    this.#refresh.forget(id);
  }

  /** Modules are about to run that belong together. */
  hold(): void {
    this.#isHeld = true;
  }

  /** All have run: renders what is new. */
  release(): void {
    this.#isHeld = false;
    this.#refresh.flush();
  }
}

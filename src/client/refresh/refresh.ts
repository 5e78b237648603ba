// Fast Refresh: new versions of components take the place of the old ones in what React has rendered, with their state
// where their hooks are the same. The compiler says which functions are components and which hooks they call; React's
// development builds do the rest (`scheduleRefresh`).

import { Boundaries, type Exports, type Outcome } from './boundaries';
import { listen } from './devtools';
import { Families, type Update } from './families';
import { Roots, type Renderer } from './roots';
import { Signatures, type Signer } from './signatures';

/** What the code of one module calls: `$RefreshReg$` and `$RefreshSig$`. */
export interface ModuleRefresh {
  register(type: unknown, name: string): void;
  sign(): Signer;
}

/** How long a refresh waits for other modules that belong to the same edit, in milliseconds: a frame. */
const PATIENCE = 16;

export class Refresh {
  readonly #signatures = new Signatures();
  readonly #families = new Families(this.#signatures);
  readonly #boundaries = new Boundaries(this.#families);
  readonly #roots = new Roots();
  readonly #renderers = new Set<Renderer>();
  readonly #later: (run: () => void) => void;
  #isQueued = false;
  #isPerforming = false;

  /**
   * Of one window. To be made before React is loaded.
   *
   * `later` runs something some time after the turn that it is called in.
   */
  constructor(window: object, later: (run: () => void) => void = afterPatience()) {
    this.#later = later;
    listen(window, {
      renderer: (renderer) => {
        this.#renderers.add(renderer);
        // Before anything is rendered: React only notes which error boundaries have caught something where it has one.
        renderer.setRefreshHandler(this.#families.resolve);
      },
      scheduled: (root, element) => this.#roots.scheduled(root, element),
      committed: (root, renderer, didError) => this.#roots.committed(root, renderer, didError),
      found: (root, renderer) => this.#roots.found(root, renderer),
    });
  }

  /** Whether there is a renderer: a development build of React's. */
  get isInUse(): boolean {
    return this.#renderers.size > 0;
  }

  /** What an instance of a module calls. A module of hooks alone signs, and registers nothing. */
  of(module: string): ModuleRefresh {
    return {
      register: (type, name) => this.#families.register(module, name, type),
      sign: () => this.#signatures.signer(),
    };
  }

  /** Whether a module that has changed is worth running by itself, before its importers. */
  isCandidate(module: string): boolean {
    return this.#boundaries.isCandidate(module);
  }

  /** A module has run to its end, with these exports; `refresh` has been enqueued where that is the outcome. */
  ran(module: string, exports: Exports): Outcome {
    const outcome = this.#boundaries.ran(module, exports);
    if (outcome === 'refresh') this.enqueue();
    return outcome;
  }

  /** A module is no longer there. */
  forget(module: string): void {
    this.#families.forget(module);
    this.#boundaries.forget(module);
  }

  /** Refreshes soon: all modules of one edit run first. */
  enqueue(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#later(() => {
      if (this.#isQueued) this.flush();
    });
  }

  /** Refreshes at once: all modules of an edit have run. Throws the first error that a renderer has thrown. */
  flush(): void {
    this.#isQueued = false;
    this.perform();
  }

  /** Renders with the new versions of all components; `null` where there are none, or while it does so already. */
  perform(): Update | null {
    if (this.#isPerforming || !this.#families.isPending) return null;
    this.#isPerforming = true;
    try {
      const update = this.#families.advance();
      for (const renderer of this.#renderers) renderer.setRefreshHandler(this.#families.resolve);
      const errors = this.#roots.refresh(update);
      if (errors.length > 0) throw errors[0];
      return update;
    } finally {
      this.#isPerforming = false;
      // What an effect has loaded meanwhile.
      if (this.#families.isPending) this.enqueue();
    }
  }
}

/** The timers of the page as they are now: a program may replace them. */
function afterPatience(): (run: () => void) => void {
  const { setTimeout } = globalThis;
  return (run) => void setTimeout(run, PATIENCE);
}

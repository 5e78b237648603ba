// The roots that a page has: which are mounted, and which an error has taken down.

import type { Family, Update } from './families';

/** What a renderer (react-dom, …) offers in development, by React's names. */
export interface Renderer {
  setRefreshHandler(resolve: (type: unknown) => Family | undefined): void;
  scheduleRefresh(root: Root, update: Update): void;
  scheduleRoot?(root: Root, element: unknown): void;
}

/** As far as it is read here. */
export interface Root {
  readonly current?: { readonly memoizedState?: { readonly element?: unknown } | null };
}

export class Roots {
  /** Held: nothing else could name them. A root that is unmounted leaves. */
  readonly #mounted = new Map<Root, Renderer>();
  readonly #failed = new Map<Root, Renderer>();
  /** What each was last asked to show. */
  readonly #elements = new WeakMap<Root, unknown>();

  /** The root that is being tried again: that is nothing the program has asked for. */
  #retried: Root | undefined;

  /** The program renders into a root: whatever has failed there before does not count. */
  scheduled(root: Root, element: unknown): void {
    if (root === this.#retried && element === this.#elements.get(root)) return;
    this.#failed.delete(root);
    this.#elements.set(root, element);
  }

  /** A root shows something new, or nothing. */
  committed(root: Root, renderer: Renderer, didError: boolean): void {
    const element = root.current?.memoizedState?.element;
    if (element !== undefined && element !== null) {
      this.#mounted.set(root, renderer);
      this.#failed.delete(root);
      return;
    }
    this.#mounted.delete(root);
    if (didError) this.#failed.set(root, renderer);
  }

  /** A root that was there before this runtime. */
  found(root: Root, renderer: Renderer): void {
    this.#elements.set(root, root.current?.memoizedState?.element);
    this.committed(root, renderer, false);
  }

  /** Renders everything that is mounted, and what had failed, with the new versions. Gives what was thrown meanwhile. */
  refresh(update: Update): unknown[] {
    const errors: unknown[] = [];
    const attempt = (run: () => void) => {
      try {
        run();
      } catch (error) {
        errors.push(error);
      }
    };
    // What mounts or fails because of this is not done again.
    const mounted = [...this.#mounted];
    for (const [root, renderer] of [...this.#failed]) {
      const element = this.#elements.get(root);
      if (!this.#failed.has(root) || element === undefined || element === null) continue;
      this.#retried = root;
      attempt(() => renderer.scheduleRoot?.(root, element));
    }
    this.#retried = undefined;
    for (const [root, renderer] of mounted) {
      if (this.#mounted.has(root)) attempt(() => renderer.scheduleRefresh(root, update));
    }
    return errors;
  }
}

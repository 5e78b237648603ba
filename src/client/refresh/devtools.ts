// The hook that React looks for when it is loaded (`__REACT_DEVTOOLS_GLOBAL_HOOK__`), through which renderers make
// themselves known. It must be there before; React's developer tools may have put theirs there already.

import { isType, read } from './component';
import type { Renderer, Root } from './roots';

const NAME = '__REACT_DEVTOOLS_GLOBAL_HOOK__';

/** What a page's renderers tell. */
export interface Listener {
  renderer(renderer: Renderer): void;
  scheduled(root: Root, element: unknown): void;
  committed(root: Root, renderer: Renderer, didError: boolean): void;
  found(root: Root, renderer: Renderer): void;
}

interface Hook {
  isDisabled?: unknown;
  supportsFiber?: boolean;
  renderers?: Map<unknown, unknown>;
  getFiberRoots?: (id: unknown) => Iterable<Root>;
  inject(injected: unknown): unknown;
  onScheduleFiberRoot?(...all: unknown[]): unknown;
  onCommitFiberRoot?(...all: unknown[]): unknown;
  onCommitFiberUnmount?(...all: unknown[]): unknown;
}

/** Listens to the renderers of a window: those that come, and those of an existing hook. */
export function listen(window: object, listener: Listener): void {
  const known = read(window, NAME) as Hook | undefined;
  // Some pages put a hook there to keep the developer tools out; React would not tell it anything.
  const isUsable = isType(known) && !known.isDisabled;
  const hook = isUsable ? known : own();
  if (!isUsable) {
    Reflect.defineProperty(window, NAME, { value: hook, writable: true, configurable: true, enumerable: false });
    if (read(window, NAME) !== hook) {
      console.warn(`Fast Refresh is off: ${NAME} is disabled, and cannot be replaced.`);
      return;
    }
  }
  const renderers = new Map<unknown, Renderer>();
  const add = (id: unknown, injected: unknown): Renderer | undefined => {
    if (!isRenderer(injected)) return undefined;
    renderers.set(id, injected);
    listener.renderer(injected);
    return injected;
  };
  wrap(hook, add, (id) => renderers.get(id), listener);
  if (!(hook.renderers instanceof Map)) return;
  for (const [id, injected] of hook.renderers) {
    const renderer = add(id, injected);
    if (renderer === undefined || typeof hook.getFiberRoots !== 'function') continue;
    for (const root of hook.getFiberRoots(id) ?? []) listener.found(root, renderer);
  }
}

/** Only development builds can be refreshed. */
function isRenderer(injected: unknown): injected is Renderer {
  if (!isType(injected)) return false;
  const has = (name: string) => typeof read(injected, name) === 'function';
  return has('scheduleRefresh') && has('setRefreshHandler');
}

/** The least that React asks of a hook. */
function own(): Hook {
  let count = 0;
  const renderers = new Map<unknown, unknown>();
  return {
    renderers,
    supportsFiber: true,
    inject(injected) {
      renderers.set(++count, injected);
      return count;
    },
    onScheduleFiberRoot() {},
    onCommitFiberRoot() {},
    onCommitFiberUnmount() {},
  };
}

/** Whoever had the hook is told as before. */
function wrap(
  hook: Hook,
  add: (id: unknown, injected: unknown) => unknown,
  of: (id: unknown) => Renderer | undefined,
  listener: Listener,
): void {
  const { inject, onScheduleFiberRoot, onCommitFiberRoot } = hook;
  hook.inject = function (this: unknown, ...all: [unknown]) {
    const id = Reflect.apply(inject, this, all);
    add(id, all[0]);
    return id;
  };
  hook.onScheduleFiberRoot = function (this: unknown, ...all: unknown[]) {
    const [id, root, element] = all;
    if (of(id) !== undefined && isType(root)) listener.scheduled(root, element);
    return typeof onScheduleFiberRoot === 'function' ? Reflect.apply(onScheduleFiberRoot, this, all) : undefined;
  };
  hook.onCommitFiberRoot = function (this: unknown, ...all: unknown[]) {
    // (id, root, priority, didError)
    const [id, root] = all;
    const renderer = of(id);
    if (renderer !== undefined && isType(root)) listener.committed(root, renderer, all[3] === true);
    return typeof onCommitFiberRoot === 'function' ? Reflect.apply(onCommitFiberRoot, this, all) : undefined;
  };
}

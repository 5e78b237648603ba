// `import.meta.hot` of modules that answer requests. A module that has changed, and all that import it, are evaluated anew by
// the request that comes next: nobody has to accept that, so nobody can. What is left is to leave something to the next
// instance, and to put an end to what the last one began.

import { wait, Capability } from '../module';

type Disposer = (data: object) => unknown;

const data = new Map<string, object>();
/** The contexts of the instances that there are, each with the function that puts an end to it. */
const contexts = new Map<string, { dispose: Disposer | undefined }>();
const nothing = () => undefined;

/** The context of a new instance. */
export function contextOf(id: string, invalidate: (id: string) => void): object {
  let kept = data.get(id);
  if (kept === undefined) data.set(id, (kept = {}));
  const own: { dispose: Disposer | undefined } = { dispose: undefined };
  contexts.set(id, own);
  return {
    /** The same object for all instances. */
    data: kept,
    /** Is called before another instance takes its place; the last one counts. */
    dispose(dispose: Disposer) {
      if (contexts.get(id) === own) own.dispose = dispose;
    },
    /** It and its importers are evaluated anew by the next request. */
    invalidate: () => invalidate(id),
    // What only browsers do.
    accept: nothing,
    acceptExports: nothing,
    decline: nothing,
    prune: nothing,
    on: nothing,
    off: nothing,
    send: nothing,
  };
}

/** Puts an end to instances, one after the other. What goes wrong with one is told, and holds up no other. */
export function dispose(ids: readonly string[], fail: (error: unknown) => void): Promise<void> {
  const done = new Capability();
  const next = (at: number): void => {
    for (; at < ids.length; at++) {
      const id = ids[at]!;
      const dispose = contexts.get(id)?.dispose;
      contexts.delete(id);
      if (dispose === undefined) continue;
      let result;
      try {
        result = dispose(data.get(id)!);
      } catch (error) {
        fail(error);
        continue;
      }
      const failed = (error: unknown) => {
        fail(error);
        next(at + 1);
      };
      return wait(result, () => next(at + 1), failed);
    }
    done.resolve();
  };
  next(0);
  return done.promise;
}

// Modules that are not of the tree: whatever the browser itself loads.

import type { Definition } from '../module';

/** A module of another origin, of a `data:` URL, of a name that the page's import map has. */
export async function foreign(url: string): Promise<Definition> {
  const namespace = (await import(url)) as Record<string, unknown>;
  const names = Reflect.ownKeys(namespace).filter((name) => typeof name === 'string');
  return {
    requests: [],
    imports: [],
    exports: names,
    indirect: [],
    stars: [],
    async: false,
    *run() {
      yield names.map((name) => () => namespace[name]);
    },
  };
}

const faults = new WeakSet<object>();

/** Whether this was thrown in the place of a file with errors. */
export function isFault(error: unknown): boolean {
  return typeof error === 'object' && error !== null && faults.has(error);
}

/** The place of a file with errors: whoever gets there is told of them. */
export function faulty(fault: string): Definition {
  const fail = (): never => {
    const error = new SyntaxError(fault);
    faults.add(error);
    throw error;
  };
  return {
    requests: [],
    imports: [],
    exports: [],
    indirect: [],
    stars: [],
    async: false,
    fault,
    *run() {
      yield [fail];
      fail();
    },
  };
}

// `import.meta.hot` of modules that answer requests. A module that has changed, and all that import it, are evaluated anew by
// the request that comes next: nobody has to accept that, so nobody can. What is left is to leave something to the next
// instance, to put an end to what the last one began, and to talk with pages: what these send by `import.meta.hot.send` is
// heard here (as by Vite's `server.ws.on`, https://vite.dev/guide/api-plugin#client-server-communication).

import { wait, Capability } from '../module';
import { native } from './native';

type Disposer = (data: object) => unknown;
type Listener = (data: unknown, client: Client) => unknown;

interface Own {
  dispose: Disposer | undefined;
  readonly listeners: Map<string, Set<Listener>>;
}

const data = new Map<string, object>();
/** The contexts of the instances that there are. */
const contexts = new Map<string, Own>();
const nothing = () => undefined;

/** Sends an event to a page, or to all (0). */
function send(page: number, event: unknown, data: unknown): void {
  if (typeof event !== 'string') throw new TypeError('an event has a name');
  native.post('event', page, event, JSON.stringify(data) ?? '');
}

/** A page, to whoever hears it. */
class Client {
  readonly #page: number;

  constructor(page: number) {
    this.#page = page;
  }

  /** Sends it an event: by name and data, or as Vite's `{ type: 'custom', event, data }`. */
  send(event: string | { readonly type: string; readonly event: string; readonly data?: unknown }, data?: unknown): void {
    if (typeof event === 'string') return send(this.#page, event, data);
    if (event.type !== 'custom') throw new TypeError(`only events can be sent, and not \`${event.type}\``);
    send(this.#page, event.event, event.data);
  }
}

/** A page is the same one to all listeners for as long as anybody has it. */
const clients = new Map<number, WeakRef<Client>>();
const gone = new FinalizationRegistry<number>((page) => {
  if (clients.get(page)?.deref() === undefined) clients.delete(page);
});

function clientOf(page: number): Client {
  const known = clients.get(page)?.deref();
  if (known !== undefined) return known;
  const client = new Client(page);
  clients.set(page, new WeakRef(client));
  gone.register(client, page);
  return client;
}

/** A page has sent an event, whose data is JSON. What goes wrong with one listener is told, and holds up no other. */
export function hear(page: number, event: string, text: string, fail: (error: unknown) => void): void {
  const data: unknown = text === '' ? undefined : JSON.parse(text);
  const client = clientOf(page);
  const all = [...contexts.values()].flatMap(({ listeners }) => [...(listeners.get(event) ?? [])]);
  for (const listener of all) {
    try {
      wait(listener(data, client), nothing, fail);
    } catch (error) {
      fail(error);
    }
  }
}

/** What comes again begins with nothing. */
export function forget(ids: readonly string[]): void {
  for (const id of ids) data.delete(id);
}

/** The context of a new instance. */
export function contextOf(id: string, invalidate: (id: string) => void): object {
  let kept = data.get(id);
  if (kept === undefined) data.set(id, (kept = {}));
  const own: Own = { dispose: undefined, listeners: new Map() };
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
    /** Hears an event of pages until the instance has an end. */
    on(event: string, listener: Listener) {
      if (typeof listener !== 'function') throw new TypeError('a listener is a function');
      const listeners = own.listeners.get(event) ?? new Set();
      own.listeners.set(event, listeners.add(listener));
    },
    off(event: string, listener: Listener) {
      own.listeners.get(event)?.delete(listener);
    },
    /** Sends an event to all pages. */
    send: (event: string, data?: unknown) => send(0, event, data),
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

/** `node:events`: EventEmitter, and the functions beside it. */
import { forget, isAbortSignal, whenAborted } from '../abort.ts';
import { EventTarget } from '../event.ts';
import { invalidFunction, outOfRange, withCode } from './errors.ts';

type Name = string | symbol;
type Listener = ((...args: unknown[]) => unknown) & { listener?: Listener };

export const errorMonitor: unique symbol = Symbol('events.errorMonitor');
export const captureRejectionSymbol = Symbol.for('nodejs.rejection');

/** The listeners; made at first use, because packages call the constructor's function on their own objects, or not at all. */
function table(emitter: EventEmitter): Map<Name, Listener[]> {
  if (!emitter._events || !Object.hasOwn(emitter, '_events')) {
    Object.defineProperty(emitter, '_events', { value: new Map(), writable: true, configurable: true, enumerable: false });
  }
  return emitter._events;
}

function add(emitter: EventEmitter, name: Name, listener: Listener, first: boolean): EventEmitter {
  if (typeof listener !== 'function') throw invalidFunction('listener', listener);
  const events = table(emitter);
  // Before the listener is there, so that it does not hear of itself.
  if (events.has('newListener')) emitter.emit('newListener', name, listener.listener ?? listener);
  const list = events.get(name) ?? [];
  // The array is replaced, never changed: an emit that runs has its own.
  events.set(name, first ? [listener, ...list] : [...list, listener]);
  const limit = emitter.getMaxListeners();
  if (limit > 0 && list.length + 1 > limit) warn(emitter, name, list.length + 1);
  return emitter;
}

function wrapped(emitter: EventEmitter, name: Name, listener: Listener): Listener {
  if (typeof listener !== 'function') throw invalidFunction('listener', listener);
  let fired = false;
  const wrapper: Listener = function (this: unknown, ...args) {
    if (fired) return undefined;
    fired = true;
    emitter.removeListener(name, wrapper);
    return Reflect.apply(listener, this, args);
  };
  wrapper.listener = listener;
  return wrapper;
}

/** The events of which too many listeners were told already. */
const warned = new WeakMap<EventEmitter, Set<Name>>();

/** Many listeners are most often a leak: says so once for an event. */
function warn(emitter: EventEmitter, name: Name, count: number): void {
  const names = warned.get(emitter) ?? new Set();
  warned.set(emitter, names);
  if (names.has(name)) return;
  names.add(name);
  console.warn(`warning: possible leak: ${count} ${String(name)} listeners were added; setMaxListeners() raises the limit`);
}

export interface EventEmitter {
  _events: Map<Name, Listener[]>;
  emit(name: Name, ...args: unknown[]): boolean;
  on(name: Name, listener: Listener): EventEmitter;
  once(name: Name, listener: Listener): EventEmitter;
  removeListener(name: Name, listener: Listener): EventEmitter;
  listeners(name: Name): Listener[];
  rawListeners(name: Name): Listener[];
  listenerCount(name: Name, listener?: Listener): number;
  getMaxListeners(): number;
}

const limits = new WeakMap<object, number>();

const methods: ThisType<EventEmitter> & Record<string, unknown> = {
  emit(name: Name, ...args: unknown[]): boolean {
    const events = table(this);
    if (name === 'error' && events.has(errorMonitor)) this.emit(errorMonitor, ...args);
    const list = events.get(name);
    if (!list) {
      if (name !== 'error') return false;
      if (args[0] instanceof Error) throw args[0];
      throw Object.assign(withCode(new Error(`Unhandled error. (${String(args[0])})`), 'ERR_UNHANDLED_ERROR'), { context: args[0] });
    }
    for (const listener of list) Reflect.apply(listener, this, args);
    return true;
  },
  on(name: Name, listener: Listener) {
    return add(this, name, listener, false);
  },
  prependListener(name: Name, listener: Listener) {
    return add(this, name, listener, true);
  },
  once(name: Name, listener: Listener) {
    return add(this, name, wrapped(this, name, listener), false);
  },
  prependOnceListener(name: Name, listener: Listener) {
    return add(this, name, wrapped(this, name, listener), true);
  },
  removeListener(name: Name, listener: Listener) {
    if (typeof listener !== 'function') throw invalidFunction('listener', listener);
    const events = table(this);
    const list = events.get(name) ?? [];
    const at = list.findLastIndex((known) => known === listener || known.listener === listener);
    if (at < 0) return this;
    if (list.length === 1) events.delete(name);
    else events.set(name, list.toSpliced(at, 1));
    if (events.has('removeListener')) this.emit('removeListener', name, list[at]!.listener ?? list[at]);
    return this;
  },
  removeAllListeners(name?: Name) {
    const events = table(this);
    const told = events.has('removeListener');
    for (const each of name === undefined ? [...events.keys()] : [name]) {
      if (told && each !== 'removeListener') for (const listener of [...(events.get(each) ?? [])].reverse()) this.removeListener(each, listener);
      else if (name !== undefined) events.delete(each);
    }
    // Who listens for removals goes last.
    if (name === undefined) events.clear();
    return this;
  },
  setMaxListeners(count: number) {
    if (typeof count !== 'number' || count < 0 || Number.isNaN(count)) {
      throw outOfRange('n', 'a non-negative number', count);
    }
    limits.set(this as object, count);
    return this;
  },
  getMaxListeners(): number {
    return limits.get(this as object) ?? EventEmitterClass.defaultMaxListeners;
  },
  listeners(name: Name): Listener[] {
    return (table(this).get(name) ?? []).map((listener) => listener.listener ?? listener);
  },
  rawListeners(name: Name): Listener[] {
    return [...(table(this).get(name) ?? [])];
  },
  listenerCount(name: Name, listener?: Listener): number {
    const list = table(this).get(name) ?? [];
    return listener ? list.filter((known) => known === listener || known.listener === listener).length : list.length;
  },
  eventNames(): Name[] {
    return [...table(this).keys()];
  },
};
methods['off'] = methods['removeListener'];
methods['addListener'] = methods['on'];

/** A function, not a class: packages call it on objects of their own, and inherit from its prototype. */
function EventEmitterClass(this: EventEmitter | undefined): void {
  if (this) table(this);
}
Object.defineProperty(EventEmitterClass, 'name', { value: 'EventEmitter' });
for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(EventEmitterClass.prototype, name, { value, writable: true, configurable: true, enumerable: true });
}
EventEmitterClass.defaultMaxListeners = 10;

export const EventEmitter = EventEmitterClass as unknown as typeof EventEmitterClass & (new () => EventEmitter);

function abortError(signal: AbortSignal): Error {
  return Object.assign(new Error('The operation was aborted', { cause: signal.reason }), { name: 'AbortError', code: 'ABORT_ERR' });
}

/** The next event's arguments; an error event rejects. */
export function once(emitter: EventEmitter | EventTarget, name: Name, options: { signal?: AbortSignal } = {}): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(abortError(options.signal!));
    if (isAbortSignal(options.signal) && whenAborted(options.signal, aborted)) return aborted();
    if (emitter instanceof EventTarget) {
      emitter.addEventListener(name as string, (...args: unknown[]) => resolve(args), { once: true });
      return;
    }
    const failed = (error: unknown) => {
      emitter.removeListener(name, done);
      reject(error);
    };
    const done = (...args: unknown[]) => {
      emitter.removeListener('error', failed);
      resolve(args);
    };
    emitter.once(name, done);
    if (name !== 'error') emitter.once('error', failed);
  });
}

/** The events of a name, one after the other. */
export async function* on(emitter: EventEmitter, name: Name, { signal }: { signal?: AbortSignal } = {}): AsyncGenerator<unknown[]> {
  const queue: unknown[][] = [];
  let wake: (() => void) | undefined;
  let broken: { error: unknown } | undefined;
  const listener = (...args: unknown[]) => {
    queue.push(args);
    wake?.();
  };
  const failed = (error: unknown) => {
    broken = { error };
    wake?.();
  };
  const aborted = () => failed(abortError(signal!));
  if (isAbortSignal(signal) && whenAborted(signal, aborted)) throw abortError(signal);
  emitter.on(name, listener);
  if (name !== 'error') emitter.on('error', failed);
  try {
    for (;;) {
      while (queue.length > 0) yield queue.shift()!;
      if (broken) throw broken.error;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    emitter.removeListener(name, listener);
    emitter.removeListener('error', failed);
    if (isAbortSignal(signal)) forget(signal, aborted);
  }
}

export function listenerCount(emitter: EventEmitter, name: Name): number {
  return emitter.listenerCount(name);
}
export function getEventListeners(emitter: EventEmitter, name: Name): Listener[] {
  return emitter.listeners(name);
}
export function setMaxListeners(count: number, ...emitters: EventEmitter[]): void {
  if (emitters.length === 0) EventEmitterClass.defaultMaxListeners = count;
  for (const emitter of emitters) (emitter as unknown as { setMaxListeners?(count: number): void }).setMaxListeners?.(count);
}
export const { defaultMaxListeners } = EventEmitterClass;

Object.assign(EventEmitterClass, { EventEmitter, once, on, listenerCount, getEventListeners, setMaxListeners, errorMonitor, captureRejectionSymbol });
export default EventEmitter;

/** `node:async_hooks`: what is kept along asynchronous code. Nobody is told of the resources behind it (`createHook`). */
import { callIn, capture, type Frame, resume, set } from '../async-context.ts';
import { invalidFunction, invalidType, withCode } from './errors.ts';

type Callback = (...args: never[]) => unknown;

export class AsyncLocalStorage<T = unknown> {
  readonly #fallback: T | undefined;
  readonly #name: string;
  /** No value counts until the next one is set. */
  #isDisabled = false;

  constructor(options: { defaultValue?: T; name?: string } = {}) {
    if (typeof options !== 'object' || options === null) throw invalidType('options', 'of type object', options);
    this.#fallback = options.defaultValue;
    this.#name = options.name === undefined ? '' : `${options.name}`;
  }

  static bind<F extends Callback>(callback: F): F {
    return AsyncResource.bind(callback);
  }

  static snapshot(): (callback: Callback, ...args: unknown[]) => unknown {
    const frame = capture();
    return (callback, ...args) => callIn(frame, callback, undefined, args);
  }

  get name(): string {
    return this.#name;
  }

  getStore(): T | undefined {
    const { values } = capture();
    if (this.#isDisabled || !values.has(this)) return this.#fallback;
    return values.get(this) as T;
  }

  run<R>(store: T, callback: (...args: never[]) => R, ...args: unknown[]): R {
    const before = capture();
    const inside = this.#set(store);
    try {
      return Reflect.apply(callback, undefined, args);
    } finally {
      // What was entered meanwhile, of other storages, stays.
      if (capture() === inside) resume(before);
      else set(this, before.values.has(this) ? { value: before.values.get(this) } : undefined);
    }
  }

  exit<R>(callback: (...args: never[]) => R, ...args: unknown[]): R {
    if (this.#isDisabled) return Reflect.apply(callback, undefined, args);
    return this.run(undefined as T, callback, ...args);
  }

  enterWith(store: T): void {
    this.#set(store);
  }

  disable(): void {
    this.#isDisabled = true;
  }

  #set(value: T): Frame {
    this.#isDisabled = false;
    return set(this, { value });
  }
}

/** That of code which no resource runs. */
const ROOT = 1;
let count = ROOT;
/** The resource whose scope runs, and what has begun it. */
let executing = ROOT;
let trigger = 0;

export class AsyncResource {
  readonly #frame = capture();
  readonly #id = ++count;
  readonly #trigger: number;

  constructor(type: string, options: number | { triggerAsyncId?: number } = {}) {
    if (typeof type !== 'string') throw invalidType('type', 'of type string', type);
    const given = typeof options === 'number' ? options : options.triggerAsyncId;
    if (given !== undefined && (!Number.isSafeInteger(given) || given < -1)) {
      throw withCode(new RangeError(`Invalid triggerAsyncId value: ${String(given)}`), 'ERR_INVALID_ASYNC_ID');
    }
    this.#trigger = given ?? executing;
  }

  static bind<F extends Callback>(callback: F, type?: string, receiver?: unknown): F {
    if (typeof callback !== 'function') throw invalidFunction('fn', callback);
    return new AsyncResource(type || callback.name || 'bound-anonymous-fn').bind(callback, receiver);
  }

  bind<F extends Callback>(callback: F, receiver?: unknown): F {
    if (typeof callback !== 'function') throw invalidFunction('fn', callback);
    const resource = this;
    const bound = function (this: unknown, ...args: unknown[]) {
      return resource.runInAsyncScope(callback, receiver === undefined ? this : receiver, ...args);
    };
    return Object.defineProperty(bound, 'length', { value: callback.length, configurable: true }) as unknown as F;
  }

  runInAsyncScope<R>(callback: (...args: never[]) => R, receiver?: unknown, ...args: unknown[]): R {
    const before = [executing, trigger] as const;
    [executing, trigger] = [this.#id, this.#trigger];
    try {
      return callIn(this.#frame, callback, receiver, args);
    } finally {
      [executing, trigger] = before;
    }
  }

  asyncId(): number {
    return this.#id;
  }
  triggerAsyncId(): number {
    return this.#trigger;
  }
  emitDestroy(): this {
    return this;
  }
}

export function executionAsyncId(): number {
  return executing;
}
export function triggerAsyncId(): number {
  return trigger;
}

const lacking = (name: string) => {
  throw withCode(new Error(`async_hooks.${name} is not provided: nobody is told of asynchronous resources`), 'ERR_METHOD_NOT_IMPLEMENTED');
};
export const createHook = (): never => lacking('createHook');
export const executionAsyncResource = (): never => lacking('executionAsyncResource');

export default { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId, executionAsyncResource, triggerAsyncId };

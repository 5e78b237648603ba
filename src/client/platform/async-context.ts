/**
 * Which values the storages of `node:async_hooks` have now, and how they go on with what is asynchronous.
 *
 * Whoever keeps a callback for later keeps the frame with it (`capture`), and comes back to it (`resume`). Promises do so from the first
 * time that a storage has a value; before, there is nothing to go on with, and nothing of this is done. The engine tells when promises are
 * made and fulfilled, and not what it resumes: each reaction of a promise is preceded by a job of ours, which says in which frame the next
 * one runs. A promise queues its reactions in the order in which they were added, so one that is added right before another runs right
 * before it. That moment is known
 * - of `then`, and of `await` of a promise: they read its `constructor` first; where that is another class's, `then` makes a promise that
 *   names it as its parent;
 * - of `await` of anything else: the engine makes a promise of its own, to which nobody else adds a reaction, so it is enough to say it as
 *   that is fulfilled. Nobody is told that it is rejected. That happens within `then` of what is awaited, or in a handler which that has
 *   given to another promise: what these queue first is taken for it.
 * What has no such job before it, as where a thenable is rejected by hand later, runs in no frame.
 */
import { host } from './host.ts';

const OwnPromise = Promise;
const promiseResolve = OwnPromise.resolve as (this: unknown, value: unknown) => Promise<unknown>;
/** The engine's: one job, and no promise. */
const enqueue = queueMicrotask;
const { apply, defineProperty } = Reflect;

/** The values by their storages. A frame never changes. */
export class Frame {
  readonly values: ReadonlyMap<object, unknown>;

  constructor(values: ReadonlyMap<object, unknown>) {
    this.values = values;
  }

  /** A job: the next one is of this frame. */
  readonly precede = (): void => {
    next = this;
  };

  /** A job before a handler of a rejection. */
  readonly surround = (): void => {
    next = this;
    surround(this, 2);
  };
}

const none = new Frame(new Map());
let current = none;
/** That of the job that comes next. */
let next = none;
/** In how many jobs the last one of those around what is queued is to be queued. */
let surrounded = 0;
let isActive = false;
/** The promise whose `constructor` was read last; and one that `Promise.resolve` is about to read it of, and adds nothing to. */
let asked: unknown;
let passed: unknown;

/** The frame that holds now. */
export function capture(): Frame {
  return current;
}

/** Goes on in a frame, up to the end of the job or task. */
export function resume(frame: Frame): void {
  current = frame;
}

/** The same frame with another value for a storage; without one, where none is given. */
export function set(storage: object, value?: { readonly value: unknown }): Frame {
  if (!isActive) activate();
  const values = new Map(current.values);
  if (value === undefined) values.delete(storage);
  else values.set(storage, value.value);
  return (current = new Frame(values));
}

/** Calls a function in a frame. */
export function callIn<T>(frame: Frame, callback: (...args: never[]) => T, receiver: unknown, args: unknown[]): T {
  const before = current;
  current = frame;
  try {
    return apply(callback, receiver, args) as T;
  } finally {
    current = before;
  }
}

/** Gives a promise the frame in which it was made, where no program sees it. */
class Made extends (function (promise: object) {
  return promise;
} as unknown as new (promise: object) => object) {
  readonly #frame = current;
  /** Whether all its reactions have jobs of their own before them. */
  #isFollowed = false;

  static frameOf(promise: object): Frame | undefined {
    return #frame in promise ? promise.#frame : undefined;
  }
  static isFollowed(promise: object): boolean {
    return !(#frame in promise) || promise.#isFollowed;
  }
  static follow(promise: object): void {
    if (#frame in promise) promise.#isFollowed = true;
  }
}

/** What is queued first up to the end of so many jobs is of this frame, unless it says something else itself. */
function surround(frame: Frame, jobs: number): void {
  enqueue(frame.precede);
  surrounded = jobs;
}

/** The next reaction of a promise is of the frame that holds now. */
function follow(promise: Promise<unknown>): void {
  Made.follow(promise);
  const { precede, surround } = current;
  // What is settled queues its reaction at once.
  const isRejected = host.react(promise, precede, surround);
  if (isRejected !== undefined) enqueue(isRejected ? surround : precede);
}

function made(promise: Promise<unknown>, parent: Promise<unknown> | undefined): void {
  if (parent !== undefined && parent !== asked) follow(parent);
  asked = undefined;
  new Made(promise);
}

function fulfilled(promise: Promise<unknown>): void {
  if (!Made.isFollowed(promise)) enqueue(Made.frameOf(promise)!.precede);
}

/** `then` of what a promise is resolved with is called where the promise was made. */
function adopts(promise: Promise<unknown>): void {
  current = Made.frameOf(promise) ?? none;
  surround(current, 1);
}

/** Between two jobs, and before each task. */
function proceed(): void {
  current = next;
  next = none;
  if (surrounded > 0 && --surrounded === 0) enqueue(none.precede);
}

function activate(): void {
  isActive = true;
  defineProperty(OwnPromise.prototype, 'constructor', {
    get(this: unknown) {
      if (this === passed) passed = undefined;
      else if (typeof this === 'object' && this !== null) follow((asked = this) as Promise<unknown>);
      return OwnPromise;
    },
    set(this: object, value: unknown) {
      defineProperty(this, 'constructor', { value, writable: true, enumerable: true, configurable: true });
    },
    configurable: true,
  });
  // A method, for it is no constructor.
  const { resolve } = {
    resolve(this: unknown, value: unknown): Promise<unknown> {
      passed = value;
      try {
        return apply(promiseResolve, this, [value]);
      } finally {
        passed = undefined;
      }
    },
  };
  defineProperty(OwnPromise, 'resolve', { value: resolve, writable: true, configurable: true });
  host.watchPromises(made, fulfilled, adopts, proceed);
}

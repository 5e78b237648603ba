// Timers (https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timers, and Node's objects for them). The process
// around the engine asks when the next one is due, and has one run at a time, so that promises go in between.

import { native } from './native';

const LONGEST = 2 ** 31 - 1;

let count = 0;
const timers = new Map<number, Timer>();
const immediates = new Map<number, Timer>();

type Callback = (...values: unknown[]) => void;

class Timer {
  readonly id = ++count;
  due = 0;
  isCounted = true;
  readonly #callback: Callback;
  readonly #values: unknown[];
  readonly #delay: number;
  readonly #repeats: boolean;

  constructor(callback: Callback, delay: number, values: unknown[], repeats: boolean) {
    if (typeof callback !== 'function') throw new TypeError('the callback of a timer is not a function');
    this.#callback = callback;
    this.#values = values;
    this.#delay = delay >= 1 && delay <= LONGEST ? Math.trunc(delay) : 1;
    this.#repeats = repeats;
  }

  start(): this {
    this.due = native.now() + this.#delay;
    timers.delete(this.id);
    timers.set(this.id, this);
    return this;
  }

  run(): void {
    immediates.delete(this.id);
    timers.delete(this.id);
    if (this.#repeats) this.start();
    this.#callback(...this.#values);
  }

  refresh(): this {
    return timers.has(this.id) ? this.start() : this;
  }
  ref(): this {
    this.isCounted = true;
    return this;
  }
  unref(): this {
    this.isCounted = false;
    return this;
  }
  hasRef(): boolean {
    return this.isCounted;
  }
  close(): this {
    clear(this);
    return this;
  }
  [Symbol.toPrimitive](): number {
    return this.id;
  }
}

function clear(timer: unknown): void {
  if (timer === undefined || timer === null) return;
  const id = timer instanceof Timer ? timer.id : Number(timer);
  timers.delete(id);
  immediates.delete(id);
}

/** The timer that is due first; of those that are due together, the one that was started first. */
function next(): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timers.values()) {
    if (first === undefined || timer.due < first.due) first = timer;
  }
  return first;
}

/** How long until something is to be run, in milliseconds; -1: nothing is, unless the program goes on for something else. */
export function delay(goesOn: boolean): number {
  if (immediates.size > 0) return 0;
  if (!goesOn && ![...timers.values()].some((timer) => timer.isCounted)) return -1;
  const timer = next();
  return timer === undefined ? Infinity : Math.max(0, timer.due - native.now());
}

/** Runs one that is due. */
export function fire(): void {
  const timer = next();
  if (timer !== undefined && timer.due <= native.now()) return timer.run();
  const [immediate] = immediates.values();
  immediate?.run();
}

export const functions = {
  setTimeout: (callback: Callback, delay?: number, ...values: unknown[]) =>
    new Timer(callback, Number(delay), values, false).start(),
  setInterval: (callback: Callback, delay?: number, ...values: unknown[]) =>
    new Timer(callback, Number(delay), values, true).start(),
  setImmediate(callback: Callback, ...values: unknown[]) {
    const timer = new Timer(callback, 0, values, false);
    immediates.set(timer.id, timer);
    return timer;
  },
  clearTimeout: clear,
  clearInterval: clear,
  clearImmediate: clear,
  queueMicrotask(callback: () => void) {
    if (typeof callback !== 'function') throw new TypeError('the callback of queueMicrotask is not a function');
    // What it throws is no rejection.
    Promise.resolve().then(() => callback()).catch((error: unknown) => functions.setImmediate(() => { throw error; }));
  },
};

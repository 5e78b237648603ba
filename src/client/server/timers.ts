// Timers (https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timers, and Node's objects for them). The process
// around the engine asks when the next one is due, and has one run at a time, so that promises go in between.

import { capture, resume } from '../platform/async-context.ts';
import { native } from './native';

const LONGEST = 2 ** 31 - 1;

let count = 0;
const timers = new Map<number, Timer>();
const immediates = new Map<number, Timer>();

type Callback = (...values: unknown[]) => void;

/** When a timer is due, and how many were started before it. */
interface Entry {
  readonly due: number;
  readonly order: number;
  readonly timer: Timer;
}

/** Those of all timers, a binary heap: none is due before the one above it. One that its timer has no more is passed over. */
const heap: Entry[] = Object.setPrototypeOf([], null) as Entry[];
let order = 0;
/** How many timers keep the program going. */
let counted = 0;

const isBefore = (a: Entry, b: Entry) => a.due < b.due || (a.due === b.due && a.order < b.order);

/** Puts an entry at a place or above it, where those above are due later. */
function rise(entry: Entry, at: number): void {
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(entry, heap[above]!)) break;
    heap[at] = heap[above]!;
    at = above;
  }
  heap[at] = entry;
}

/** Puts an entry at a place or below it, where those below are due earlier. */
function sink(entry: Entry, at: number): void {
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
    if (!isBefore(heap[below]!, entry)) break;
    heap[at] = heap[below]!;
    at = below;
  }
  heap[at] = entry;
}

/** Takes the first. */
function shift(): void {
  const last = heap[heap.length - 1]!;
  heap.length--;
  if (heap.length > 0) sink(last, 0);
}

/** Forgets what no timer has any more, once that is most. */
function sweep(): void {
  if (heap.length < 64 || heap.length < 2 * timers.size) return;
  let kept = 0;
  for (let at = 0; at < heap.length; at++) {
    const entry = heap[at]!;
    if (entry.timer.entry === entry) heap[kept++] = entry;
  }
  heap.length = kept;
  for (let at = (kept >> 1) - 1; at >= 0; at--) sink(heap[at]!, at);
}

class Timer {
  readonly id = ++count;
  isCounted = true;
  entry: Entry | undefined;
  readonly #callback: Callback;
  readonly #values: unknown[];
  readonly #delay: number;
  readonly #repeats: boolean;
  readonly #frame = capture();

  constructor(callback: Callback, delay: number, values: unknown[], repeats: boolean) {
    if (typeof callback !== 'function') throw new TypeError('the callback of a timer is not a function');
    this.#callback = callback;
    this.#values = values;
    this.#delay = delay >= 1 && delay <= LONGEST ? Math.trunc(delay) : 1;
    this.#repeats = repeats;
  }

  start(): this {
    if (!timers.has(this.id)) {
      timers.set(this.id, this);
      if (this.isCounted) counted++;
    }
    sweep();
    this.entry = { due: native.now() + this.#delay, order: order++, timer: this };
    rise(this.entry, heap.length);
    return this;
  }

  stop(): void {
    immediates.delete(this.id);
    this.entry = undefined;
    if (timers.delete(this.id) && this.isCounted) counted--;
  }

  count(isCounted: boolean): this {
    if (timers.has(this.id)) counted += Number(isCounted) - Number(this.isCounted);
    this.isCounted = isCounted;
    return this;
  }

  run(): void {
    this.stop();
    if (this.#repeats) this.start();
    resume(this.#frame);
    this.#callback(...this.#values);
  }

  refresh(): this {
    return timers.has(this.id) ? this.start() : this;
  }
  ref(): this {
    return this.count(true);
  }
  unref(): this {
    return this.count(false);
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
  (timers.get(id) ?? immediates.get(id))?.stop();
}

/** The one that is due first; of those that are due together, the one that was started first. */
function next(): Entry | undefined {
  while (heap.length > 0 && heap[0]!.timer.entry !== heap[0]) shift();
  return heap[0];
}

/** How long until something is to be run, in milliseconds; -1: nothing is, unless the program goes on for something else. */
export function delay(goesOn: boolean): number {
  if (immediates.size > 0) return 0;
  if (!goesOn && counted === 0) return -1;
  const first = next();
  return first === undefined ? Infinity : Math.max(0, first.due - native.now());
}

/** Runs one that is due. */
export function fire(): void {
  const first = next();
  if (first !== undefined && first.due <= native.now()) return first.timer.run();
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

/** Queuing strategies (Streams standard, section 7) and the queue that counts by them (section 8.1). */
import { callable, defineInterface, dictionary, need } from '../idl.ts';

const byteLengthSize = { size: (chunk: ArrayBufferView) => chunk.byteLength }.size;
const countSize = { size: () => 1 }.size;
Object.defineProperty(countSize, 'length', { value: 0, configurable: true });

function highWaterMarkOf(init: unknown): number {
  const mark = dictionary(init, 'the options')['highWaterMark'];
  if (mark === undefined) throw new TypeError('the member highWaterMark is required');
  return Number(mark as number);
}

export class ByteLengthQueuingStrategy {
  #mark: number;
  constructor(init: QueuingStrategyInit) {
    need(arguments, 1, 'ByteLengthQueuingStrategy');
    this.#mark = highWaterMarkOf(init);
  }
  get highWaterMark() {
    return this.#mark;
  }
  get size() {
    this.#mark;
    return byteLengthSize;
  }
}
defineInterface(ByteLengthQueuingStrategy);

export class CountQueuingStrategy {
  #mark: number;
  constructor(init: QueuingStrategyInit) {
    need(arguments, 1, 'CountQueuingStrategy');
    this.#mark = highWaterMarkOf(init);
  }
  get highWaterMark() {
    return this.#mark;
  }
  get size() {
    this.#mark;
    return countSize;
  }
}
defineInterface(CountQueuingStrategy);

/** What the strategy argument of a stream says; an absent member is undefined. */
export interface Strategy {
  highWaterMark: number | undefined;
  size: ((chunk: unknown) => unknown) | undefined;
}

/** Converts a strategy argument. */
export function strategyOf(value: unknown): Strategy {
  const o = dictionary(value, 'the strategy');
  const mark = o['highWaterMark'];
  const highWaterMark = mark === undefined ? undefined : Number(mark as number);
  const own = o['size'];
  const size = own === undefined ? undefined : callable(own, 'size');
  return { highWaterMark, size: size && ((chunk) => Reflect.apply(size, undefined, [chunk])) };
}

/** "Extract high water mark". */
export function markOf(strategy: Strategy, fallback: number): number {
  const mark = strategy.highWaterMark;
  if (mark === undefined) return fallback;
  if (Number.isNaN(mark) || mark < 0) throw new RangeError('the high-water mark must not be negative');
  return mark;
}

/** A queue whose items have sizes. */
export class SizedQueue<T> {
  #items: { value: T; size: number }[] = [];
  #head = 0;
  total = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  enqueue(value: T, size: unknown): void {
    const number = Number(size as number);
    if (!(number >= 0) || number === Infinity) throw new RangeError('the size of a chunk must be a finite number, and not negative');
    this.#items.push({ value, size: number });
    this.total += number;
  }

  peek(): T {
    return this.#items[this.#head]!.value;
  }

  dequeue(): T {
    const { value, size } = this.#items[this.#head]!;
    this.#items[this.#head++] = undefined!;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    // Floating-point sums may leave less than nothing.
    this.total = Math.max(0, this.total - size);
    return value;
  }

  clear(): void {
    this.#items = [];
    this.#head = this.total = 0;
  }
}

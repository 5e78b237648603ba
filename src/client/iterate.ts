// What `for await` at the top level of a module asks of its iterator (ECMA-262, 7.4 "Operations on Iterator Objects",
// 14.7.5.7 "ForIn/OfBodyEvaluation", 27.1.6 "Async-from-Sync Iterator Objects"). `src/compiler/function/awaits.rs` has the loop.

type Step = { done?: unknown; value?: unknown };

const isObject = (value: unknown): value is Step =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** One loop over one iterator. */
export class Iteration {
  value: unknown;
  /** What closing gave, to be awaited. */
  result: unknown;
  readonly #iterator: any;
  readonly #next: Function;
  #isOpen = false;
  #hasFailed = false;

  constructor(iterable: any) {
    const method = iterable[Symbol.asyncIterator];
    const isAsync = method !== undefined && method !== null;
    const iterator = Reflect.apply(isAsync ? method : iterable[Symbol.iterator], iterable, []);
    if (!isObject(iterator)) throw new TypeError('the iterator is not an object');
    this.#iterator = isAsync ? iterator : new FromSync(iterator);
    this.#next = this.#iterator.next;
  }

  next(): unknown {
    this.#isOpen = false;
    return Reflect.apply(this.#next, this.#iterator, []);
  }

  /** Whether there is a step; its value is there then. */
  step(result: unknown): boolean {
    if (!isObject(result)) throw new TypeError('what an iterator gives is not an object');
    if (result.done) return false;
    this.value = result.value;
    this.#isOpen = true;
    return true;
  }

  /** The loop, or the iterator, has thrown. */
  fail(error: unknown): unknown {
    this.#hasFailed = true;
    return error;
  }

  /** Closes an iterator whose loop was left early; whether there is a result to be awaited. */
  close(): boolean {
    if (!this.#isOpen) return false;
    this.#isOpen = false;
    try {
      const method = this.#iterator.return;
      if (method === undefined || method === null) return false;
      this.result = Reflect.apply(method, this.#iterator, []);
      return true;
    } catch (error) {
      this.closing(error);
      return false;
    }
  }

  closed(result: unknown): void {
    if (!isObject(result)) throw new TypeError('what an iterator gives is not an object');
  }

  /** Closing has thrown: what the loop itself has thrown counts more. */
  closing(error: unknown): void {
    if (!this.#hasFailed) throw error;
  }
}

class FromSync {
  readonly #iterator: any;
  readonly next: () => Promise<Step>;

  constructor(iterator: any) {
    this.#iterator = iterator;
    const next = iterator.next;
    this.next = () => this.#settle(() => Reflect.apply(next, iterator, []), true);
  }

  get return(): () => Promise<Step> {
    return () => {
      let method: any;
      try {
        method = this.#iterator.return;
      } catch (error) {
        return Promise.reject(error);
      }
      if (method === undefined || method === null) return Promise.resolve({ value: undefined, done: true });
      return this.#settle(() => Reflect.apply(method, this.#iterator, []), false);
    };
  }

  #settle(step: () => unknown, closes: boolean): Promise<Step> {
    try {
      const result = step();
      if (!isObject(result)) throw new TypeError('what an iterator gives is not an object');
      const done = Boolean(result.done);
      const close = (error: unknown) => {
        if (!done && closes) this.#close();
        throw error;
      };
      let value;
      try {
        value = Promise.resolve(result.value);
      } catch (error) {
        return close(error) as never;
      }
      return value.then((value) => ({ value, done }), close);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The iterator whose value was rejected: what closing it throws is not told. */
  #close(): void {
    try {
      const method = this.#iterator.return;
      if (method !== undefined && method !== null) Reflect.apply(method, this.#iterator, []);
    } catch {
      // The rejection is what is told.
    }
  }
}

/** Promises as Web IDL uses them: by the language's own functions, whatever the program has put in their places since. */

const NativePromise = Promise;
const then = Promise.prototype.then;

/** The object without a prototype, so that nobody's `Object.prototype.start` is taken for a member. */
export function bare<T extends object>(object: T): T {
  return Object.setPrototypeOf(object, null) as T;
}

/** A promise and what settles it. */
export interface Deferred<T = void> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: unknown) => void;
  /** Whether `resolve` or `reject` was called. */
  settled: boolean;
}

export function deferred<T = void>(): Deferred<T> {
  const d = { settled: false } as Deferred<T>;
  d.promise = new NativePromise<T>((resolve, reject) => {
    d.resolve = (value) => {
      d.settled = true;
      resolve(value);
    };
    d.reject = (reason) => {
      d.settled = true;
      reject(reason);
    };
  });
  return d;
}

/** A promise that is kept from the start. */
export function settledWith(): Deferred {
  const d = deferred();
  d.resolve();
  return d;
}

/** A promise that is broken from the start, and whose rejection counts as handled. */
export function brokenWith(reason: unknown): Deferred {
  const d = deferred();
  handled(d.promise);
  d.reject(reason);
  return d;
}

/** "A promise resolved with". */
export function resolved<T>(value: T | PromiseLike<T>): Promise<Awaited<T>> {
  return new NativePromise<T>((resolve) => resolve(value)) as Promise<Awaited<T>>;
}

/** "A promise rejected with". */
export function rejected(reason: unknown): Promise<never> {
  return new NativePromise<never>((_, reject) => reject(reason));
}

/** "React": the result is a promise for what the reactions give. */
export function react<T, R, S = never>(
  promise: Promise<T>,
  onValue: ((value: T) => R | PromiseLike<R>) | undefined,
  onError?: (reason: unknown) => S | PromiseLike<S>,
): Promise<R | S> {
  return Reflect.apply(then, promise, [onValue, onError]);
}

/** Reactions that themselves do not fail, and whose result nobody wants. */
export function upon<T>(promise: Promise<T>, onValue: ((value: T) => void) | undefined, onError?: (reason: unknown) => void): void {
  handled(react(promise, onValue, onError));
}

/** Marks a rejection of the promise as handled. */
export function handled(promise: Promise<unknown>): void {
  Reflect.apply(then, promise, [undefined, () => undefined]);
}

/** Invokes a callback whose type is a promise: an exception is a rejection. */
export function invoke(callback: ((...args: never[]) => unknown) | undefined, self: unknown, args: unknown[]): Promise<unknown> {
  try {
    return resolved(callback && Reflect.apply(callback as (...args: unknown[]) => unknown, self, args));
  } catch (error) {
    return rejected(error);
  }
}

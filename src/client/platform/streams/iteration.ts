/** Async iteration of readable streams, and streams from iterables (Streams standard, 4.2.5 and 4.9.1). */
import { isObject } from '../idl.ts';
import { deferred, react, rejected, resolved } from './promises.ts';
import { createReadable } from './readable.ts';
import { type ReadableState, ReaderState } from './readable-state.ts';

interface IteratorState {
  reader: ReaderState;
  preventCancel: boolean;
  ongoing: Promise<unknown> | undefined;
  finished: boolean;
}

const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);
const states = new WeakMap<object, IteratorState>();

/** The next result; Web IDL's "get the next iteration result". */
function nextOf(state: IteratorState): Promise<IteratorResult<unknown>> {
  if (state.finished) return resolved({ value: undefined, done: true });
  const result = deferred<IteratorResult<unknown>>();
  state.reader.stream!.read({
    chunk: (value) => result.resolve({ value, done: false }),
    close: () => {
      state.finished = true;
      state.reader.release();
      result.resolve({ value: undefined, done: true });
    },
    error: (reason) => {
      state.finished = true;
      state.reader.release();
      result.reject(reason);
    },
  });
  // As Web IDL has it, the iteration goes on one reaction after the answer.
  return react(result.promise, (next) => next);
}

function returnOf(state: IteratorState, value: unknown): Promise<IteratorResult<unknown>> {
  const done = { value, done: true as const };
  if (state.finished) return resolved(done);
  state.finished = true;
  const { reader, preventCancel } = state;
  if (preventCancel) {
    reader.release();
    return resolved(done);
  }
  const result = reader.stream!.cancel(value);
  reader.release();
  return react(result, () => done);
}

function queue(self: object, steps: (state: IteratorState) => Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> {
  const state = states.get(self);
  if (!state) return rejected(new TypeError('not an iterator of a ReadableStream'));
  const run = () => steps(state);
  const result = state.ongoing ? react(state.ongoing, run, run) : run();
  state.ongoing = result;
  return result;
}

const methods = {
  next(this: object) {
    return queue(this, nextOf);
  },
  return(this: object, value: unknown) {
    return queue(this, (state) => returnOf(state, value));
  },
};
const prototype = Object.create(AsyncIteratorPrototype);
for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(prototype, name, { value, enumerable: true, configurable: true, writable: true });
}
Object.defineProperty(prototype, Symbol.toStringTag, { value: 'ReadableStream AsyncIterator', configurable: true });

export function asyncIterator(stream: ReadableState, preventCancel: boolean): AsyncIterableIterator<unknown> {
  const it = Object.create(prototype);
  states.set(it, { reader: new ReaderState(stream, 'default'), preventCancel, ongoing: undefined, finished: false });
  return it;
}

type Method = (...args: unknown[]) => unknown;

function methodOf(object: object, name: PropertyKey): Method | undefined {
  const method = (object as Record<PropertyKey, unknown>)[name];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== 'function') throw new TypeError(`${String(name)} is not a function`);
  return method as Method;
}

function checked(value: unknown): object {
  if (!isObject(value)) throw new TypeError('the result is not an object');
  return value;
}

/** "ReadableStreamFromIterable". */
export function fromIterable(iterable: unknown): ReadableState {
  if (iterable === undefined || iterable === null) throw new TypeError('not an iterable');
  const object = Object(iterable) as object;
  const asyncMethod = methodOf(object, Symbol.asyncIterator);
  const method = asyncMethod ?? methodOf(object, Symbol.iterator);
  if (!method) throw new TypeError('not an iterable');
  const iterator = checked(Reflect.apply(method, iterable, []));
  const next = (iterator as Record<string, unknown>)['next'] as Method;
  /** A synchronous iterator's values are awaited, as `for await` does. */
  const settle = (result: object): Promise<IteratorResult<unknown>> => {
    const { done, value } = result as IteratorResult<unknown>;
    return react(resolved(value), (v) => ({ done, value: v }) as IteratorResult<unknown>);
  };
  const stream = createReadable(
    {
      pull: () => {
        let step: Promise<unknown>;
        try {
          const result = Reflect.apply(next, iterator, []);
          step = asyncMethod ? resolved(result) : settle(checked(result));
        } catch (error) {
          return rejected(error);
        }
        return react(step, (result) => {
          const { done } = checked(result) as IteratorResult<unknown>;
          const controller = stream.controller as unknown as { close(): void; enqueue(chunk: unknown): void };
          if (done) controller.close();
          else controller.enqueue((result as IteratorResult<unknown>).value);
        });
      },
      cancel: (reason) => {
        let step: Promise<unknown>;
        try {
          const end = methodOf(iterator, 'return');
          if (!end) return resolved(undefined);
          const result = Reflect.apply(end, iterator, [reason]);
          step = asyncMethod ? resolved(result) : settle(checked(result));
        } catch (error) {
          return rejected(error);
        }
        return react(step, (result) => void checked(result));
      },
    },
    0,
  );
  return stream;
}

/** The two readers of readable streams (Streams standard, 4.4 and 4.5). */
import { defineInterface, dictionary, enforceRange, isObject, need } from '../idl.ts';
import { ByteController } from './readable-byte.ts';
import { deferred, rejected } from './promises.ts';
import { ReaderState, type ReadableState } from './readable-state.ts';
import { readableState } from './readable.ts';

function readerOf(stream: unknown, kind: 'default' | 'byob'): ReaderState {
  const state = readableState(stream);
  if (!state) throw new TypeError('not a ReadableStream');
  if (kind === 'byob' && !(state.controller instanceof ByteController)) throw new TypeError('the stream is not of bytes');
  return new ReaderState(state, kind);
}

/** "ReadableStreamDefaultReaderRead" and its result as a promise. */
export function readFrom(stream: ReadableState): Promise<ReadableStreamReadResult<unknown>> {
  const result = deferred<ReadableStreamReadResult<unknown>>();
  stream.read({
    chunk: (value) => result.resolve({ value, done: false }),
    close: () => result.resolve({ value: undefined, done: true }),
    error: result.reject,
  });
  return result.promise;
}

export class ReadableStreamDefaultReader {
  #s: ReaderState;

  constructor(stream: ReadableStream) {
    need(arguments, 1, 'ReadableStreamDefaultReader');
    this.#s = readerOf(stream, 'default');
  }

  get closed(): Promise<undefined> {
    return (isObject(this) && #s in this ? this.#s.closed.promise : rejected(new TypeError('not a reader'))) as Promise<undefined>;
  }
  cancel(reason: unknown = undefined): Promise<undefined> {
    if (!(isObject(this) && #s in this)) return rejected(new TypeError('not a reader'));
    return this.#s.stream ? this.#s.stream.cancel(reason) : rejected(new TypeError('the reader was released'));
  }
  read(): Promise<ReadableStreamReadResult<unknown>> {
    if (!(isObject(this) && #s in this)) return rejected(new TypeError('not a reader'));
    return this.#s.stream ? readFrom(this.#s.stream) : rejected(new TypeError('the reader was released'));
  }
  releaseLock(): void {
    if (this.#s.stream) this.#s.release();
  }
}
defineInterface(ReadableStreamDefaultReader);

export class ReadableStreamBYOBReader {
  #s: ReaderState;

  constructor(stream: ReadableStream) {
    need(arguments, 1, 'ReadableStreamBYOBReader');
    this.#s = readerOf(stream, 'byob');
  }

  get closed(): Promise<undefined> {
    return (isObject(this) && #s in this ? this.#s.closed.promise : rejected(new TypeError('not a reader'))) as Promise<undefined>;
  }
  cancel(reason: unknown = undefined): Promise<undefined> {
    if (!(isObject(this) && #s in this)) return rejected(new TypeError('not a reader'));
    return this.#s.stream ? this.#s.stream.cancel(reason) : rejected(new TypeError('the reader was released'));
  }
  read(view: ArrayBufferView, options: unknown = undefined): Promise<ReadableStreamReadResult<ArrayBufferView>> {
    try {
      this.#s;
      need(arguments, 1, 'ReadableStreamBYOBReader.read');
      return this.#read(view, options);
    } catch (error) {
      return rejected(error);
    }
  }
  #read(view: ArrayBufferView, options: unknown): Promise<ReadableStreamReadResult<ArrayBufferView>> {
    if (!ArrayBuffer.isView(view)) throw new TypeError('not a view of a buffer');
    const min = dictionary(options, 'the options')['min'];
    const minimum = min === undefined ? 1 : enforceRange(min, 'min');
    const buffer = view.buffer as ArrayBuffer;
    if (view.byteLength === 0) throw new TypeError('the view is empty');
    if (buffer.byteLength === 0) throw new TypeError("the view's buffer is empty");
    if (buffer.detached) throw new TypeError("the view's buffer is detached");
    if (minimum === 0) throw new TypeError('min must not be 0');
    const length = (view as Uint8Array).length ?? view.byteLength;
    if (minimum > length) throw new RangeError('min is more than the view holds');
    const { stream } = this.#s;
    if (!stream) throw new TypeError('the reader was released');
    const result = deferred<ReadableStreamReadResult<ArrayBufferView>>();
    readInto(stream, view, minimum, {
      chunk: (value) => result.resolve({ value, done: false }),
      close: (value) => result.resolve({ value, done: true }),
      error: result.reject,
    });
    return result.promise;
  }
  releaseLock(): void {
    if (this.#s.stream) this.#s.release();
  }
}
defineInterface(ReadableStreamBYOBReader);

/** "ReadableStreamBYOBReaderRead". */
export function readInto(
  stream: ReadableState,
  view: ArrayBufferView,
  min: number,
  request: { chunk(view: ArrayBufferView): void; close(view: ArrayBufferView | undefined): void; error(reason: unknown): void },
): void {
  stream.disturbed = true;
  if (stream.state === 'errored') request.error(stream.stored);
  else (stream.controller as ByteController).pullInto(view, min, request);
}

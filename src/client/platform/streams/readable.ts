/** ReadableStream (Streams standard, 4.2), and the streams of bytes that the platform itself makes. */
import { isAbortSignal } from '../abort.ts';
import { callable, defineInterface, dictionary, enforceRange, isObject, need, oneOf } from '../idl.ts';
import { asyncIterator, fromIterable } from './iteration.ts';
import { pipe } from './pipe.ts';
import { handled, invoke, rejected } from './promises.ts';
import { ByteController } from './readable-byte.ts';
import { DefaultController, type Source } from './readable-default.ts';
import { ReadableState } from './readable-state.ts';
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from './readers.ts';
import { markOf, strategyOf } from './strategies.ts';
import { tee } from './tee.ts';
import { type WritableState, writableState } from './writable-state.ts';

let stateOf: (stream: unknown) => ReadableState | undefined;
let wrapping: ReadableState | undefined;

/** The state of a stream; undefined for anything else. */
export function readableState(stream: unknown): ReadableState | undefined {
  return stateOf(stream);
}

/** Makes the object for a stream of the platform's own. */
export function wrap(state: ReadableState): ReadableStream {
  wrapping = state;
  return new ReadableStream() as ReadableStream;
}

/** "CreateReadableStream". */
export function createReadable(source: Source, mark = 1, size?: (chunk: unknown) => unknown): ReadableState {
  const state = new ReadableState();
  wrap(state);
  new DefaultController(state, source, mark, size).start();
  return state;
}

/** "CreateReadableByteStream". */
export function createByteReadable(source: Source, mark = 0): ReadableState {
  const state = new ReadableState();
  wrap(state);
  new ByteController(state, source, mark, undefined).start();
  return state;
}

interface PipeOptions {
  preventAbort: boolean;
  preventCancel: boolean;
  preventClose: boolean;
  signal: AbortSignal | undefined;
}

function pipeOptions(value: unknown): PipeOptions {
  const o = dictionary(value, 'the options');
  const preventAbort = !!o['preventAbort'];
  const preventCancel = !!o['preventCancel'];
  const preventClose = !!o['preventClose'];
  const signal = o['signal'];
  if (signal !== undefined && !isAbortSignal(signal)) throw new TypeError('the member signal is not an AbortSignal');
  return { preventAbort, preventCancel, preventClose, signal: signal as AbortSignal | undefined };
}

function destination(value: unknown): WritableState {
  const state = writableState(value);
  if (!state) throw new TypeError('not a WritableStream');
  return state;
}

class ReadableStreamClass {
  #s: ReadableState;

  static {
    stateOf = (stream) => (isObject(stream) && #s in stream ? stream.#s : undefined);
  }

  constructor(underlyingSource: unknown = undefined, strategy: unknown = undefined) {
    const own = wrapping;
    wrapping = undefined;
    this.#s = own ?? new ReadableState();
    this.#s.self = this;
    if (own) return;
    if (underlyingSource === null || (underlyingSource !== undefined && !isObject(underlyingSource))) {
      throw new TypeError('the underlying source is not an object');
    }
    const size = strategyOf(strategy);
    const o = dictionary(underlyingSource, 'the underlying source');
    const auto = o['autoAllocateChunkSize'];
    const autoAllocate = auto === undefined ? undefined : enforceRange(auto, 'autoAllocateChunkSize');
    const method = (name: string) => {
      const value = o[name];
      return value === undefined ? undefined : callable(value, name);
    };
    const cancel = method('cancel');
    const pull = method('pull');
    const start = method('start');
    const kind = o['type'];
    const type = kind === undefined ? undefined : oneOf(kind, ['bytes'], 'type');
    const self = underlyingSource;
    let controller: DefaultController | ByteController;
    const source: Source = {
      start: start && (() => Reflect.apply(start, self, [controller.self])),
      pull: pull && (() => invoke(pull, self, [controller.self])),
      cancel: cancel && ((reason) => invoke(cancel, self, [reason])),
    };
    if (type === 'bytes') {
      if (size.size) throw new RangeError('a stream of bytes takes no size function');
      const mark = markOf(size, 0);
      if (autoAllocate === 0) throw new TypeError('autoAllocateChunkSize must not be 0');
      controller = new ByteController(this.#s, source, mark, autoAllocate);
    } else {
      controller = new DefaultController(this.#s, source, markOf(size, 1), size.size);
    }
    controller.start();
  }

  static from(asyncIterable: unknown): ReadableStream {
    need(arguments, 1, 'ReadableStream.from');
    return fromIterable(asyncIterable).self as ReadableStream;
  }

  get locked(): boolean {
    return this.#s.locked;
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    if (!(isObject(this) && #s in this)) return rejected(new TypeError('not a ReadableStream'));
    return this.#s.locked ? rejected(new TypeError('the stream is locked')) : this.#s.cancel(reason);
  }

  getReader(options: unknown = undefined): object {
    this.#s;
    const mode = dictionary(options, 'the options')['mode'];
    if (mode === undefined) return new ReadableStreamDefaultReader(this as unknown as ReadableStream);
    oneOf(mode, ['byob'], 'mode');
    return new ReadableStreamBYOBReader(this as unknown as ReadableStream);
  }

  pipeThrough(transform: unknown, options: unknown = undefined): object {
    this.#s;
    need(arguments, 1, 'ReadableStream.pipeThrough');
    const pair = dictionary(transform, 'the transform');
    const readable = pair['readable'];
    if (!stateOf(readable)) throw new TypeError('the member readable is not a ReadableStream');
    const writable = destination(pair['writable']);
    const o = pipeOptions(options);
    if (this.#s.locked) throw new TypeError('the stream is locked');
    if (writable.writer) throw new TypeError('the writable side is locked');
    handled(pipe(this.#s, writable, o.preventClose, o.preventAbort, o.preventCancel, o.signal));
    return readable as object;
  }

  pipeTo(to: unknown, options: unknown = undefined): Promise<undefined> {
    try {
      this.#s;
      need(arguments, 1, 'ReadableStream.pipeTo');
      const writable = destination(to);
      const o = pipeOptions(options);
      if (this.#s.locked) throw new TypeError('the stream is locked');
      if (writable.writer) throw new TypeError('the destination is locked');
      return pipe(this.#s, writable, o.preventClose, o.preventAbort, o.preventCancel, o.signal);
    } catch (error) {
      return rejected(error);
    }
  }

  tee(): [ReadableStream, ReadableStream] {
    const [a, b] = tee(this.#s);
    return [a.self as ReadableStream, b.self as ReadableStream];
  }

  values(options: unknown = undefined): AsyncIterableIterator<unknown> {
    this.#s;
    const preventCancel = !!dictionary(options, 'the options')['preventCancel'];
    return asyncIterator(this.#s, preventCancel);
  }
}
Object.defineProperty(ReadableStreamClass, 'name', { value: 'ReadableStream', configurable: true });
defineInterface(ReadableStreamClass, {}, 'ReadableStream');
Object.defineProperty(ReadableStreamClass.prototype, Symbol.asyncIterator, {
  value: ReadableStreamClass.prototype.values,
  writable: true,
  configurable: true,
});

export const ReadableStream = ReadableStreamClass as unknown as typeof globalThis.ReadableStream;
export type ReadableStream = globalThis.ReadableStream;

/** WritableStream, its writer and its controller (Streams standard, 5.2 to 5.4). */
import { callable, defineInterface, dictionary, illegal, isObject, need } from '../idl.ts';
import { invoke, rejected } from './promises.ts';
import { markOf, strategyOf } from './strategies.ts';
import { provideWritableState, type Sink, WritableController, WritableState, WriterState } from './writable-state.ts';

let stateOf: (stream: unknown) => WritableState | undefined;
let wrapping: WritableState | undefined;
let pending: WritableController | undefined;

function createController(state: WritableController): object {
  pending = state;
  return new WritableStreamDefaultController();
}

/** "CreateWritableStream". */
export function createWritable(sink: Sink, mark = 1, size?: (chunk: unknown) => unknown): WritableState {
  const state = new WritableState();
  wrapping = state;
  new WritableStreamClass();
  new WritableController(state, sink, mark, size, createController).start();
  return state;
}

class WritableStreamClass {
  #s: WritableState;

  static {
    stateOf = (stream) => (isObject(stream) && #s in stream ? stream.#s : undefined);
    provideWritableState(stateOf);
  }

  constructor(underlyingSink: unknown = undefined, strategy: unknown = undefined) {
    const own = wrapping;
    wrapping = undefined;
    this.#s = own ?? new WritableState();
    this.#s.self = this;
    if (own) return;
    if (underlyingSink === null || (underlyingSink !== undefined && !isObject(underlyingSink))) {
      throw new TypeError('the underlying sink is not an object');
    }
    const size = strategyOf(strategy);
    const o = dictionary(underlyingSink, 'the underlying sink');
    const method = (name: string) => {
      const value = o[name];
      return value === undefined ? undefined : callable(value, name);
    };
    const abort = method('abort');
    const close = method('close');
    const start = method('start');
    if (o['type'] !== undefined) throw new RangeError('the member type is reserved');
    const write = method('write');
    const self = underlyingSink;
    const sink: Sink = {
      start: start && (() => Reflect.apply(start, self, [controller.self])),
      write: write && ((chunk) => invoke(write, self, [chunk, controller.self])),
      close: close && (() => invoke(close, self, [])),
      abort: abort && ((reason) => invoke(abort, self, [reason])),
    };
    const controller = new WritableController(this.#s, sink, markOf(size, 1), size.size, createController);
    controller.start();
  }

  get locked(): boolean {
    return this.#s.writer !== undefined;
  }
  abort(reason: unknown = undefined): Promise<undefined> {
    if (!(isObject(this) && #s in this)) return rejected(new TypeError('not a WritableStream'));
    return this.#s.writer ? rejected(new TypeError('the stream is locked')) : this.#s.abort(reason);
  }
  close(): Promise<undefined> {
    if (!(isObject(this) && #s in this)) return rejected(new TypeError('not a WritableStream'));
    if (this.#s.writer) return rejected(new TypeError('the stream is locked'));
    return this.#s.closing ? rejected(new TypeError('the stream is about to be closed')) : this.#s.close();
  }
  getWriter(): object {
    return new WritableStreamDefaultWriter(this as unknown as WritableStream);
  }
}
Object.defineProperty(WritableStreamClass, 'name', { value: 'WritableStream', configurable: true });
defineInterface(WritableStreamClass, {}, 'WritableStream');

export const WritableStream = WritableStreamClass as unknown as typeof globalThis.WritableStream;
export type WritableStream = globalThis.WritableStream;

export class WritableStreamDefaultWriter {
  #s: WriterState;

  constructor(stream: WritableStream) {
    need(arguments, 1, 'WritableStreamDefaultWriter');
    const state = stateOf(stream);
    if (!state) throw new TypeError('not a WritableStream');
    this.#s = new WriterState(state);
  }

  get closed(): Promise<undefined> {
    return (isObject(this) && #s in this ? this.#s.closed.promise : rejected(new TypeError('not a writer'))) as Promise<undefined>;
  }
  get desiredSize(): number | null {
    if (!this.#s.stream) throw new TypeError('the writer was released');
    return this.#s.desiredSize;
  }
  get ready(): Promise<undefined> {
    return (isObject(this) && #s in this ? this.#s.ready.promise : rejected(new TypeError('not a writer'))) as Promise<undefined>;
  }
  abort(reason: unknown = undefined): Promise<undefined> {
    if (!(isObject(this) && #s in this)) return rejected(new TypeError('not a writer'));
    return this.#s.stream ? this.#s.stream.abort(reason) : rejected(new TypeError('the writer was released'));
  }
  close(): Promise<undefined> {
    if (!(isObject(this) && #s in this)) return rejected(new TypeError('not a writer'));
    const { stream } = this.#s;
    if (!stream) return rejected(new TypeError('the writer was released'));
    return stream.closing ? rejected(new TypeError('the stream is about to be closed')) : stream.close();
  }
  releaseLock(): void {
    if (this.#s.stream) this.#s.release();
  }
  write(chunk: unknown = undefined): Promise<undefined> {
    if (!(isObject(this) && #s in this)) return rejected(new TypeError('not a writer'));
    return this.#s.stream ? this.#s.write(chunk) : rejected(new TypeError('the writer was released'));
  }
}
defineInterface(WritableStreamDefaultWriter);

export class WritableStreamDefaultController {
  #s: WritableController;
  constructor() {
    if (!pending) illegal();
    this.#s = pending;
    pending = undefined;
  }
  get signal(): AbortSignal {
    return this.#s.abortController.signal as unknown as AbortSignal;
  }
  error(reason: unknown = undefined): void {
    this.#s.errorIfNeeded(reason);
  }
}
defineInterface(WritableStreamDefaultController);

/** The operations on readable streams that all controllers and readers share (Streams standard, 4.9.2 and 4.9.3). */
import { type Deferred, brokenWith, deferred, handled, react, rejected, resolved, settledWith } from './promises.ts';

/** Takes the answer to one `read()`. */
export interface ReadRequest {
  chunk(value: unknown): void;
  close(): void;
  error(reason: unknown): void;
}

/** Takes the answer to one `read(view)`. */
export interface ReadIntoRequest {
  chunk(view: ArrayBufferView): void;
  close(view: ArrayBufferView | undefined): void;
  error(reason: unknown): void;
}

/** What a stream asks of its controller, of whichever kind. */
export interface ReadableController {
  /** The object that the program sees. */
  self: object;
  cancel(reason: unknown): Promise<unknown>;
  pull(request: ReadRequest): void;
  release(): void;
}

/** A reader, of either kind; exactly one of the lists is there. */
export class ReaderState {
  stream: ReadableState | undefined;
  closed: Deferred;
  reads: ReadRequest[] | undefined;
  readIntos: ReadIntoRequest[] | undefined;

  /** "ReadableStreamReaderGenericInitialize". */
  constructor(stream: ReadableState, kind: 'default' | 'byob') {
    if (stream.reader) throw new TypeError('the stream is locked');
    if (kind === 'byob') this.readIntos = [];
    else this.reads = [];
    this.stream = stream;
    stream.reader = this;
    this.closed =
      stream.state === 'readable' ? deferred() : stream.state === 'closed' ? settledWith() : brokenWith(stream.stored);
  }

  /** "ReadableStreamReaderGenericRelease", after the stream's part; the requests that wait are refused. */
  release(): void {
    const stream = this.stream!;
    const error = new TypeError('the reader was released');
    if (stream.state === 'readable') {
      handled(this.closed.promise);
      this.closed.reject(error);
    } else this.closed = brokenWith(error);
    stream.controller.release();
    stream.reader = undefined;
    this.stream = undefined;
    this.refuse(error);
  }

  /** Answers all requests that wait with an error. */
  refuse(error: unknown): void {
    const requests = this.reads ?? this.readIntos!;
    if (this.reads) this.reads = [];
    else this.readIntos = [];
    for (const request of requests) request.error(error);
  }
}

/** The state of a readable stream. */
export class ReadableState {
  state: 'readable' | 'closed' | 'errored' = 'readable';
  stored: unknown;
  disturbed = false;
  reader: ReaderState | undefined;
  controller!: ReadableController;
  /** The object that the program sees; made by the constructor, or for a stream of the platform's own. */
  self!: object;

  get locked(): boolean {
    return this.reader !== undefined;
  }

  cancel(reason: unknown): Promise<undefined> {
    this.disturbed = true;
    if (this.state === 'closed') return resolved(undefined);
    if (this.state === 'errored') return rejected(this.stored);
    this.close();
    const intos = this.reader?.readIntos;
    if (intos) {
      this.reader!.readIntos = [];
      for (const request of intos) request.close(undefined);
    }
    return react(this.controller.cancel(reason), () => undefined);
  }

  close(): void {
    this.state = 'closed';
    const { reader } = this;
    if (!reader) return;
    reader.closed.resolve();
    if (reader.reads) {
      const requests = reader.reads;
      reader.reads = [];
      for (const request of requests) request.close();
    }
  }

  error(reason: unknown): void {
    this.state = 'errored';
    this.stored = reason;
    const { reader } = this;
    if (!reader) return;
    handled(reader.closed.promise);
    reader.closed.reject(reason);
    reader.refuse(reason);
  }

  /** How many `read()` calls wait. */
  get waiting(): number {
    return this.reader?.reads?.length ?? 0;
  }

  /** How many `read(view)` calls wait. */
  get waitingInto(): number {
    return this.reader?.readIntos?.length ?? 0;
  }

  /** Answers the first `read()` that waits. */
  fulfill(chunk: unknown): void {
    this.reader!.reads!.shift()!.chunk(chunk);
  }

  /** "ReadableStreamDefaultReaderRead", for any owner of the reader. */
  read(request: ReadRequest): void {
    this.disturbed = true;
    if (this.state === 'closed') request.close();
    else if (this.state === 'errored') request.error(this.stored);
    else this.controller.pull(request);
  }
}

/** The operations on writable streams (Streams standard, 5.5). */
import { abort as abortSignal, AbortController } from '../abort.ts';
import { type Deferred, bare, brokenWith, deferred, handled, rejected, resolved, settledWith, upon } from './promises.ts';
import { SizedQueue } from './strategies.ts';

/** What a controller calls: an underlying sink with its receiver bound, or the platform's own. */
export interface Sink {
  start?: (() => unknown) | undefined;
  write?: ((chunk: unknown) => Promise<unknown>) | undefined;
  close?: (() => Promise<unknown>) | undefined;
  abort?: ((reason: unknown) => Promise<unknown>) | undefined;
}

interface PendingAbort extends Deferred {
  reason: unknown;
  wasErroring: boolean;
}

/** The mark of the close request in the queue. */
const CLOSE = Symbol('close');

let stateOf: ((stream: unknown) => WritableState | undefined) | undefined;

/** Tells how a stream's state is found: its class is in a module above this one. */
export function provideWritableState(of: (stream: unknown) => WritableState | undefined): void {
  stateOf = of;
}

/** The state of a stream; undefined for anything else. */
export function writableState(stream: unknown): WritableState | undefined {
  return stateOf?.(stream);
}

/** A writer. */
export class WriterState {
  stream: WritableState | undefined;
  closed: Deferred;
  ready: Deferred;

  constructor(stream: WritableState) {
    if (stream.writer) throw new TypeError('the stream is locked');
    this.stream = stream;
    stream.writer = this;
    if (stream.state === 'writable') {
      this.ready = !stream.closing && stream.backpressure ? deferred() : settledWith();
      this.closed = deferred();
    } else if (stream.state === 'erroring') {
      this.ready = brokenWith(stream.stored);
      this.closed = deferred();
    } else if (stream.state === 'closed') {
      this.ready = settledWith();
      this.closed = settledWith();
    } else {
      this.ready = brokenWith(stream.stored);
      this.closed = brokenWith(stream.stored);
    }
  }

  breakReady(error: unknown): void {
    if (this.ready.settled) this.ready = brokenWith(error);
    else {
      handled(this.ready.promise);
      this.ready.reject(error);
    }
  }

  breakClosed(error: unknown): void {
    if (this.closed.settled) this.closed = brokenWith(error);
    else {
      handled(this.closed.promise);
      this.closed.reject(error);
    }
  }

  get desiredSize(): number | null {
    const stream = this.stream!;
    if (stream.state === 'errored' || stream.state === 'erroring') return null;
    return stream.state === 'closed' ? 0 : stream.controller.desiredSize;
  }

  /** "WritableStreamDefaultWriterCloseWithErrorPropagation": what a pipe does at its end. */
  closePropagating(): Promise<unknown> {
    const stream = this.stream!;
    if (stream.closing || stream.state === 'closed') return resolved(undefined);
    return stream.state === 'errored' ? rejected(stream.stored) : stream.close();
  }

  write(chunk: unknown): Promise<undefined> {
    const stream = this.stream!;
    const size = stream.controller.sizeOf(chunk);
    if (stream !== this.stream) return rejected(new TypeError('the writer was released'));
    if (stream.state === 'errored') return rejected(stream.stored);
    if (stream.closing || stream.state === 'closed') return rejected(new TypeError('the stream is closed, or about to be'));
    if (stream.state === 'erroring') return rejected(stream.stored);
    const request = deferred();
    stream.writes.push(request);
    stream.controller.write(chunk, size);
    return request.promise as Promise<undefined>;
  }

  release(): void {
    const error = new TypeError('the writer was released');
    this.breakReady(error);
    this.breakClosed(error);
    this.stream!.writer = undefined;
    this.stream = undefined;
  }
}

/** The state of a writable stream. */
export class WritableState {
  state: 'writable' | 'closed' | 'erroring' | 'errored' = 'writable';
  stored: unknown;
  writer: WriterState | undefined;
  controller!: WritableController;
  writes: Deferred[] = [];
  inFlightWrite: Deferred | undefined;
  closeRequest: Deferred | undefined;
  inFlightClose: Deferred | undefined;
  pendingAbort: PendingAbort | undefined;
  backpressure = false;
  self!: object;

  /** "WritableStreamCloseQueuedOrInFlight". */
  get closing(): boolean {
    return this.closeRequest !== undefined || this.inFlightClose !== undefined;
  }

  get inFlight(): boolean {
    return this.inFlightWrite !== undefined || this.inFlightClose !== undefined;
  }

  abort(reason: unknown): Promise<undefined> {
    if (this.state === 'closed' || this.state === 'errored') return resolved(undefined);
    abortSignal(this.controller.abortController.signal, reason);
    // The signal's listeners may have changed the state.
    if ((this.state as string) === 'closed' || (this.state as string) === 'errored') return resolved(undefined);
    if (this.pendingAbort) return this.pendingAbort.promise as Promise<undefined>;
    const wasErroring = this.state === 'erroring';
    const pending = (this.pendingAbort = Object.assign(deferred(), { reason: wasErroring ? undefined : reason, wasErroring }));
    if (!wasErroring) this.startErroring(reason);
    return pending.promise as Promise<undefined>;
  }

  close(): Promise<undefined> {
    if (this.state === 'closed' || this.state === 'errored') {
      return rejected(new TypeError('the stream is closed or errored'));
    }
    const request = (this.closeRequest = deferred());
    if (this.writer && this.backpressure && this.state === 'writable') this.writer.ready.resolve();
    this.controller.close();
    return request.promise as Promise<undefined>;
  }

  startErroring(reason: unknown): void {
    this.state = 'erroring';
    this.stored = reason;
    this.writer?.breakReady(reason);
    if (!this.inFlight && this.controller.started) this.finishErroring();
  }

  dealWithRejection(error: unknown): void {
    if (this.state === 'writable') this.startErroring(error);
    else this.finishErroring();
  }

  finishErroring(): void {
    this.state = 'errored';
    this.controller.queue.clear();
    for (const request of this.writes) request.reject(this.stored);
    this.writes = [];
    const pending = this.pendingAbort;
    if (!pending) {
      this.#rejectClose();
      return;
    }
    this.pendingAbort = undefined;
    if (pending.wasErroring) {
      pending.reject(this.stored);
      this.#rejectClose();
      return;
    }
    upon(
      this.controller.abort(pending.reason),
      () => {
        pending.resolve();
        this.#rejectClose();
      },
      (error) => {
        pending.reject(error);
        this.#rejectClose();
      },
    );
  }

  #rejectClose(): void {
    this.closeRequest?.reject(this.stored);
    this.closeRequest = undefined;
    if (this.writer) {
      handled(this.writer.closed.promise);
      this.writer.closed.reject(this.stored);
    }
  }

  finishWrite(): void {
    this.inFlightWrite!.resolve();
    this.inFlightWrite = undefined;
  }

  finishWriteWithError(error: unknown): void {
    this.inFlightWrite!.reject(error);
    this.inFlightWrite = undefined;
    this.dealWithRejection(error);
  }

  finishClose(): void {
    this.inFlightClose!.resolve();
    this.inFlightClose = undefined;
    if (this.state === 'erroring') {
      this.stored = undefined;
      this.pendingAbort?.resolve();
      this.pendingAbort = undefined;
    }
    this.state = 'closed';
    this.writer?.closed.resolve();
  }

  finishCloseWithError(error: unknown): void {
    this.inFlightClose!.reject(error);
    this.inFlightClose = undefined;
    this.pendingAbort?.reject(error);
    this.pendingAbort = undefined;
    this.dealWithRejection(error);
  }

  updateBackpressure(backpressure: boolean): void {
    if (this.writer && backpressure !== this.backpressure) {
      if (backpressure) this.writer.ready = deferred();
      else this.writer.ready.resolve();
    }
    this.backpressure = backpressure;
  }
}

export class WritableController {
  self: object;
  readonly stream: WritableState;
  readonly queue = new SizedQueue<unknown>();
  readonly abortController = new AbortController();
  started = false;
  #sink: Sink;
  #mark: number;
  #size: ((chunk: unknown) => unknown) | undefined;

  constructor(stream: WritableState, sink: Sink, mark: number, size: ((chunk: unknown) => unknown) | undefined, self: (state: WritableController) => object) {
    this.stream = stream;
    this.#sink = bare(sink);
    this.#mark = mark;
    this.#size = size;
    stream.controller = this;
    this.self = self(this);
  }

  /** Calls the sink's `start`; what it throws is thrown. */
  start(): void {
    this.stream.updateBackpressure(this.desiredSize <= 0);
    const result = this.#sink.start?.();
    upon(
      resolved(result),
      () => {
        this.started = true;
        this.#advance();
      },
      (error) => {
        this.started = true;
        this.stream.dealWithRejection(error);
      },
    );
  }

  get desiredSize(): number {
    return this.#mark - this.queue.total;
  }

  sizeOf(chunk: unknown): unknown {
    if (!this.#size) return 1;
    try {
      return this.#size(chunk);
    } catch (error) {
      this.errorIfNeeded(error);
      return 1;
    }
  }

  write(chunk: unknown, size: unknown): void {
    try {
      this.queue.enqueue(chunk, size);
    } catch (error) {
      this.errorIfNeeded(error);
      return;
    }
    if (!this.stream.closing && this.stream.state === 'writable') this.stream.updateBackpressure(this.desiredSize <= 0);
    this.#advance();
  }

  close(): void {
    this.queue.enqueue(CLOSE, 0);
    this.#advance();
  }

  abort(reason: unknown): Promise<unknown> {
    const result = this.#sink.abort?.(reason) ?? resolved(undefined);
    this.#drop();
    return result;
  }

  errorIfNeeded(error: unknown): void {
    if (this.stream.state === 'writable') this.error(error);
  }

  error(reason: unknown): void {
    this.#drop();
    this.stream.startErroring(reason);
  }

  #drop(): void {
    this.#sink = bare({});
    this.#size = undefined;
  }

  #advance(): void {
    const { stream } = this;
    if (!this.started || stream.inFlightWrite) return;
    if (stream.state === 'erroring') {
      stream.finishErroring();
      return;
    }
    if (this.queue.length === 0 || stream.state !== 'writable') return;
    const chunk = this.queue.peek();
    if (chunk === CLOSE) this.#processClose();
    else this.#processWrite(chunk);
  }

  #processClose(): void {
    const { stream } = this;
    stream.inFlightClose = stream.closeRequest;
    stream.closeRequest = undefined;
    this.queue.dequeue();
    const result = this.#sink.close?.() ?? resolved(undefined);
    this.#drop();
    upon(
      result,
      () => stream.finishClose(),
      (error) => stream.finishCloseWithError(error),
    );
  }

  #processWrite(chunk: unknown): void {
    const { stream } = this;
    stream.inFlightWrite = stream.writes.shift();
    upon(
      this.#sink.write?.(chunk) ?? resolved(undefined),
      () => {
        stream.finishWrite();
        this.queue.dequeue();
        if (!stream.closing && stream.state === 'writable') stream.updateBackpressure(this.desiredSize <= 0);
        this.#advance();
      },
      (error) => {
        if (stream.state === 'writable') this.#drop();
        stream.finishWriteWithError(error);
      },
    );
  }
}

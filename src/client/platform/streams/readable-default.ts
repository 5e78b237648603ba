/** The controller of readable streams of any chunks (Streams standard, 4.6 and 4.9.4). */
import { defineInterface, illegal } from '../idl.ts';
import { bare, resolved, upon } from './promises.ts';
import type { ReadableController, ReadableState, ReadRequest } from './readable-state.ts';
import { SizedQueue } from './strategies.ts';

/** What a controller calls: an underlying source with its receiver bound, or the platform's own. */
export interface Source {
  start?: (() => unknown) | undefined;
  pull?: (() => Promise<unknown>) | undefined;
  cancel?: ((reason: unknown) => Promise<unknown>) | undefined;
}

export class DefaultController implements ReadableController {
  self: object = create(this);
  readonly stream: ReadableState;
  readonly queue = new SizedQueue<unknown>();
  closeRequested = false;
  #source: Source;
  #mark: number;
  #size: ((chunk: unknown) => unknown) | undefined;
  #started = false;
  #pulling = false;
  #pullAgain = false;

  constructor(stream: ReadableState, source: Source, mark: number, size: ((chunk: unknown) => unknown) | undefined) {
    this.stream = stream;
    this.#source = bare(source);
    this.#mark = mark;
    this.#size = size;
    stream.controller = this;
  }

  /** Calls the source's `start`; what it throws is thrown. */
  start(): void {
    const result = this.#source.start?.();
    upon(
      resolved(result),
      () => {
        this.#started = true;
        this.callPull();
      },
      (error) => this.error(error),
    );
  }

  get canEnqueue(): boolean {
    return !this.closeRequested && this.stream.state === 'readable';
  }

  get desiredSize(): number | null {
    const { state } = this.stream;
    if (state === 'errored') return null;
    return state === 'closed' ? 0 : this.#mark - this.queue.total;
  }

  #shouldPull(): boolean {
    if (!this.canEnqueue || !this.#started) return false;
    return this.stream.waiting > 0 || this.desiredSize! > 0;
  }

  callPull(): void {
    if (!this.#shouldPull()) return;
    if (this.#pulling) {
      this.#pullAgain = true;
      return;
    }
    this.#pulling = true;
    upon(
      this.#source.pull?.() ?? resolved(undefined),
      () => {
        this.#pulling = false;
        if (this.#pullAgain) {
          this.#pullAgain = false;
          this.callPull();
        }
      },
      (error) => this.error(error),
    );
  }

  close(): void {
    if (!this.canEnqueue) return;
    this.closeRequested = true;
    if (this.queue.length === 0) {
      this.#drop();
      this.stream.close();
    }
  }

  enqueue(chunk: unknown): void {
    if (!this.canEnqueue) return;
    if (this.stream.waiting > 0) this.stream.fulfill(chunk);
    else {
      try {
        this.queue.enqueue(chunk, this.#size ? this.#size(chunk) : 1);
      } catch (error) {
        this.error(error);
        throw error;
      }
    }
    this.callPull();
  }

  error(reason: unknown): void {
    if (this.stream.state !== 'readable') return;
    this.queue.clear();
    this.#drop();
    this.stream.error(reason);
  }

  /** Whether more than the strategy wants is queued: transform streams ask. */
  get backpressure(): boolean {
    return !this.#shouldPull();
  }

  cancel(reason: unknown): Promise<unknown> {
    this.queue.clear();
    const result = this.#source.cancel?.(reason) ?? resolved(undefined);
    this.#drop();
    return result;
  }

  pull(request: ReadRequest): void {
    if (this.queue.length > 0) {
      const chunk = this.queue.dequeue();
      if (this.closeRequested && this.queue.length === 0) {
        this.#drop();
        this.stream.close();
      } else this.callPull();
      request.chunk(chunk);
    } else {
      this.stream.reader!.reads!.push(request);
      this.callPull();
    }
  }

  release(): void {}

  /** Lets go of the source's functions. */
  #drop(): void {
    this.#source = bare({});
    this.#size = undefined;
  }
}

let create: (state: DefaultController) => object;
let pending: DefaultController | undefined;

export class ReadableStreamDefaultController {
  #s: DefaultController;

  static {
    create = (state) => {
      pending = state;
      return new ReadableStreamDefaultController();
    };
  }

  constructor() {
    if (!pending) illegal();
    this.#s = pending;
    pending = undefined;
  }

  get desiredSize(): number | null {
    return this.#s.desiredSize;
  }
  close(): void {
    if (!this.#s.canEnqueue) throw new TypeError('the stream is closed, or about to be');
    this.#s.close();
  }
  enqueue(chunk: unknown = undefined): void {
    if (!this.#s.canEnqueue) throw new TypeError('the stream is closed, or about to be');
    this.#s.enqueue(chunk);
  }
  error(reason: unknown = undefined): void {
    this.#s.error(reason);
  }
}
defineInterface(ReadableStreamDefaultController);

/** The controller of readable byte streams (Streams standard, 4.7 and 4.9.5). */
import { copyOf } from '../idl.ts';
import type { Source } from './readable-default.ts';
import { bare, resolved, upon } from './promises.ts';
import { createByteController, createRequest } from './readable-byte-interface.ts';
import { constructorOf, type PullInto } from './pull-into.ts';
import type { ReadableController, ReadableState, ReadIntoRequest, ReadRequest } from './readable-state.ts';

interface Entry {
  buffer: ArrayBuffer;
  offset: number;
  length: number;
}

export class ByteController implements ReadableController {
  self: object = createByteController(this);
  readonly stream: ReadableState;
  closeRequested = false;
  pendings: PullInto[] = [];
  #queue: Entry[] = [];
  #total = 0;
  #source: Source;
  #mark: number;
  #autoAllocate: number | undefined;
  #started = false;
  #pulling = false;
  #pullAgain = false;
  /** The request object that the program holds for the first pending view. */
  #request: { self: object; invalidate(): void } | undefined;

  constructor(stream: ReadableState, source: Source, mark: number, autoAllocate: number | undefined) {
    this.stream = stream;
    this.#source = bare(source);
    this.#mark = mark;
    this.#autoAllocate = autoAllocate;
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
    return state === 'closed' ? 0 : this.#mark - this.#total;
  }

  callPull(): void {
    const wanted = this.stream.waiting > 0 || this.stream.waitingInto > 0 || this.desiredSize! > 0;
    if (!this.canEnqueue || !this.#started || !wanted) return;
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

  /** "GetBYOBRequest". */
  get request(): object | null {
    const first = this.pendings[0];
    if (!this.#request && first) {
      const view = new Uint8Array(first.buffer, first.offset + first.filled, first.length - first.filled);
      this.#request = createRequest(this, view);
    }
    return this.#request?.self ?? null;
  }

  #invalidateRequest(): void {
    this.#request?.invalidate();
    this.#request = undefined;
  }

  close(): void {
    if (!this.canEnqueue) return;
    if (this.#total > 0) {
      this.closeRequested = true;
      return;
    }
    const first = this.pendings[0];
    if (first && first.filled % first.elementSize !== 0) {
      const error = new TypeError('the stream ends within an element of the view to be filled');
      this.error(error);
      throw error;
    }
    this.#drop();
    this.stream.close();
  }

  enqueue(view: ArrayBufferView): void {
    if (!this.canEnqueue) return;
    const { byteOffset, byteLength } = view;
    if ((view.buffer as ArrayBuffer).detached) throw new TypeError('the buffer is detached');
    const buffer = (view.buffer as ArrayBuffer).transfer();
    const first = this.pendings[0];
    if (first) {
      if (first.buffer.detached) throw new TypeError('the buffer of the request is detached');
      this.#invalidateRequest();
      first.buffer = first.buffer.transfer();
      if (first.reader === 'none') this.#enqueueDetached(first);
    }
    if (this.stream.reader?.reads) {
      this.#processReads();
      if (this.stream.waiting === 0) this.#push(buffer, byteOffset, byteLength);
      else {
        // A pending view that was allocated for a plain read is not needed: the read gets this chunk.
        if (this.pendings.length > 0) this.pendings.shift();
        this.stream.fulfill(new Uint8Array(buffer, byteOffset, byteLength));
      }
    } else if (this.stream.reader?.readIntos) {
      this.#push(buffer, byteOffset, byteLength);
      for (const pending of this.#fillPendings()) this.#commit(pending);
    } else this.#push(buffer, byteOffset, byteLength);
    this.callPull();
  }

  error(reason: unknown): void {
    if (this.stream.state !== 'readable') return;
    this.#clearPendings();
    this.#clearQueue();
    this.#drop();
    this.stream.error(reason);
  }

  cancel(reason: unknown): Promise<unknown> {
    this.#clearPendings();
    this.#clearQueue();
    const result = this.#source.cancel?.(reason) ?? resolved(undefined);
    this.#drop();
    return result;
  }

  pull(request: ReadRequest): void {
    if (this.#total > 0) {
      this.#fulfillFromQueue(request);
      return;
    }
    if (this.#autoAllocate !== undefined) {
      let buffer;
      try {
        buffer = new ArrayBuffer(this.#autoAllocate);
      } catch (error) {
        request.error(error);
        return;
      }
      this.pendings.push({
        buffer,
        bufferLength: this.#autoAllocate,
        offset: 0,
        length: this.#autoAllocate,
        filled: 0,
        minimum: 1,
        elementSize: 1,
        view: Uint8Array,
        reader: 'default',
      });
    }
    this.stream.reader!.reads!.push(request);
    this.callPull();
  }

  release(): void {
    const first = this.pendings[0];
    if (first) {
      first.reader = 'none';
      this.pendings = [first];
    }
  }

  /** "ReadableByteStreamControllerPullInto". */
  pullInto(view: ArrayBufferView, min: number, request: ReadIntoRequest): void {
    const [construct, elementSize] = constructorOf(view);
    const { byteOffset, byteLength } = view;
    let buffer;
    try {
      buffer = (view.buffer as ArrayBuffer).transfer();
    } catch (error) {
      request.error(error);
      return;
    }
    const pending: PullInto = {
      buffer,
      bufferLength: buffer.byteLength,
      offset: byteOffset,
      length: byteLength,
      filled: 0,
      minimum: min * elementSize,
      elementSize,
      view: construct,
      reader: 'byob',
    };
    if (this.pendings.length > 0) {
      this.pendings.push(pending);
      this.stream.reader!.readIntos!.push(request);
      return;
    }
    if (this.stream.state === 'closed') {
      request.close(new construct(pending.buffer, pending.offset, 0));
      return;
    }
    if (this.#total > 0) {
      if (this.#fill(pending)) {
        const filled = this.#convert(pending);
        this.#queueDrained();
        request.chunk(filled);
        return;
      }
      if (this.closeRequested) {
        const error = new TypeError('the stream ends within an element of the view to be filled');
        this.error(error);
        request.error(error);
        return;
      }
    }
    this.pendings.push(pending);
    this.stream.reader!.readIntos!.push(request);
    this.callPull();
  }

  respond(written: number): void {
    const first = this.pendings[0]!;
    if (this.stream.state === 'closed') {
      if (written !== 0) throw new TypeError('nothing can be written: the stream is closed');
    } else {
      if (written === 0) throw new TypeError('nothing was written');
      if (first.filled + written > first.length) throw new RangeError('more was written than the view holds');
    }
    first.buffer = first.buffer.transfer();
    this.#respond(written);
  }

  respondWithView(view: ArrayBufferView): void {
    const first = this.pendings[0]!;
    const { byteOffset, byteLength } = view;
    if (this.stream.state === 'closed') {
      if (byteLength !== 0) throw new TypeError('nothing can be written: the stream is closed');
    } else if (byteLength === 0) throw new TypeError('nothing was written');
    if (first.offset + first.filled !== byteOffset) throw new RangeError('the view is of another region');
    if (first.bufferLength !== (view.buffer as ArrayBuffer).byteLength) throw new RangeError('the buffer has another length');
    if (first.filled + byteLength > first.length) throw new RangeError('the view is longer than what was asked for');
    first.buffer = (view.buffer as ArrayBuffer).transfer();
    this.#respond(byteLength);
  }

  #respond(written: number): void {
    const first = this.pendings[0]!;
    this.#invalidateRequest();
    if (this.stream.state === 'closed') {
      if (first.reader === 'none') this.pendings.shift();
      if (this.stream.reader?.readIntos) {
        const filled = [];
        while (filled.length < this.stream.waitingInto) filled.push(this.pendings.shift()!);
        for (const pending of filled) this.#commit(pending);
      }
    } else this.#respondReadable(written, first);
    this.callPull();
  }

  #respondReadable(written: number, first: PullInto): void {
    first.filled += written;
    if (first.reader === 'none') {
      this.#enqueueDetached(first);
      for (const pending of this.#fillPendings()) this.#commit(pending);
      return;
    }
    if (first.filled < first.minimum) return;
    this.pendings.shift();
    const rest = first.filled % first.elementSize;
    if (rest > 0) {
      const end = first.offset + first.filled;
      const copy = copyOf(new Uint8Array(first.buffer, end - rest, rest));
      this.#push(copy.buffer, 0, rest);
    }
    first.filled -= rest;
    const filled = this.#fillPendings();
    this.#commit(first);
    for (const pending of filled) this.#commit(pending);
  }

  /** What a released reader's view already holds goes to the queue. */
  #enqueueDetached(first: PullInto): void {
    if (first.filled > 0) {
      const copy = copyOf(new Uint8Array(first.buffer, first.offset, first.filled));
      this.#push(copy.buffer, 0, copy.byteLength);
    }
    this.pendings.shift();
  }

  #commit(pending: PullInto): void {
    const done = this.stream.state === 'closed';
    const view = this.#convert(pending);
    if (pending.reader === 'default') this.stream.fulfill(view);
    else {
      const request = this.stream.reader!.readIntos!.shift()!;
      if (done) request.close(view);
      else request.chunk(view);
    }
  }

  #convert(pending: PullInto): ArrayBufferView {
    return new pending.view(pending.buffer.transfer(), pending.offset, pending.filled / pending.elementSize);
  }

  /** Fills the pending views from the queue, as far as it goes; gives those that are done. */
  #fillPendings(): PullInto[] {
    const filled = [];
    while (this.pendings.length > 0 && this.#total > 0) {
      if (!this.#fill(this.pendings[0]!)) break;
      filled.push(this.pendings.shift()!);
    }
    return filled;
  }

  /** Copies from the queue; whether the view has all it needs. */
  #fill(pending: PullInto): boolean {
    const most = Math.min(this.#total, pending.length - pending.filled);
    const reach = pending.filled + most;
    const aligned = reach - (reach % pending.elementSize);
    const ready = aligned >= pending.minimum;
    let left = ready ? aligned - pending.filled : most;
    while (left > 0) {
      const head = this.#queue[0]!;
      const count = Math.min(left, head.length);
      const target = new Uint8Array(pending.buffer, pending.offset + pending.filled, count);
      target.set(new Uint8Array(head.buffer, head.offset, count));
      if (head.length === count) this.#queue.shift();
      else {
        head.offset += count;
        head.length -= count;
      }
      this.#total -= count;
      pending.filled += count;
      left -= count;
    }
    return ready;
  }

  #processReads(): void {
    while (this.stream.waiting > 0 && this.#total > 0) this.#fulfillFromQueue(this.stream.reader!.reads!.shift()!);
  }

  #fulfillFromQueue(request: ReadRequest): void {
    const entry = this.#queue.shift()!;
    this.#total -= entry.length;
    this.#queueDrained();
    request.chunk(new Uint8Array(entry.buffer, entry.offset, entry.length));
  }

  #queueDrained(): void {
    if (this.#total === 0 && this.closeRequested) {
      this.#drop();
      this.stream.close();
    } else this.callPull();
  }

  #push(buffer: ArrayBuffer, offset: number, length: number): void {
    this.#queue.push({ buffer, offset, length });
    this.#total += length;
  }

  #clearPendings(): void {
    this.#invalidateRequest();
    this.pendings = [];
  }

  #clearQueue(): void {
    this.#queue = [];
    this.#total = 0;
  }

  #drop(): void {
    this.#source = bare({});
  }
}

/** The objects that a byte source is given: ReadableByteStreamController and ReadableStreamBYOBRequest (Streams standard, 4.7 and 4.8). */
import { defineInterface, enforceRange, illegal, isSharedArrayBuffer, need } from '../idl.ts';
import type { ByteController } from './readable-byte.ts';

let pendingController: ByteController | undefined;
let pendingRequest: { controller: ByteController; view: Uint8Array } | undefined;

export function createByteController(state: ByteController): object {
  pendingController = state;
  return new ReadableByteStreamController();
}

/** The request for a view; `invalidate` takes the view away from it. */
export function createRequest(controller: ByteController, view: Uint8Array): { self: object; invalidate(): void } {
  pendingRequest = { controller, view };
  const self = new ReadableStreamBYOBRequest();
  return { self, invalidate: () => invalidate(self) };
}

function ownView(view: unknown): ArrayBufferView {
  if (!ArrayBuffer.isView(view)) throw new TypeError('not a view of a buffer');
  if (isSharedArrayBuffer(view.buffer)) throw new TypeError('the view is of shared memory');
  return view;
}

export class ReadableByteStreamController {
  #s: ByteController;
  constructor() {
    if (!pendingController) illegal();
    this.#s = pendingController;
    pendingController = undefined;
  }
  get byobRequest(): object | null {
    return this.#s.request;
  }
  get desiredSize(): number | null {
    return this.#s.desiredSize;
  }
  close(): void {
    if (!this.#s.canEnqueue) throw new TypeError('the stream is closed, or about to be');
    this.#s.close();
  }
  enqueue(chunk: ArrayBufferView): void {
    this.#s;
    need(arguments, 1, 'ReadableByteStreamController.enqueue');
    const view = ownView(chunk);
    if (view.byteLength === 0) throw new TypeError('the chunk is empty');
    if ((view.buffer as ArrayBuffer).byteLength === 0) throw new TypeError("the chunk's buffer is empty");
    if (!this.#s.canEnqueue) throw new TypeError('the stream is closed, or about to be');
    this.#s.enqueue(view);
  }
  error(reason: unknown = undefined): void {
    this.#s.error(reason);
  }
}
defineInterface(ReadableByteStreamController);

let invalidate: (request: ReadableStreamBYOBRequest) => void;

export class ReadableStreamBYOBRequest {
  #controller: ByteController | undefined;
  #view: Uint8Array | null;
  static {
    invalidate = (request) => {
      request.#controller = undefined;
      request.#view = null;
    };
  }
  constructor() {
    if (!pendingRequest) illegal();
    this.#controller = pendingRequest.controller;
    this.#view = pendingRequest.view;
    pendingRequest = undefined;
  }
  get view(): Uint8Array | null {
    return this.#view;
  }
  respond(bytesWritten: number): void {
    this.#view;
    need(arguments, 1, 'ReadableStreamBYOBRequest.respond');
    const written = enforceRange(bytesWritten, 'the count of bytes');
    if (!this.#controller) throw new TypeError('the request was answered already');
    if ((this.#view!.buffer as ArrayBuffer).detached) throw new TypeError("the view's buffer is detached");
    this.#controller.respond(written);
  }
  respondWithNewView(view: ArrayBufferView): void {
    this.#view;
    need(arguments, 1, 'ReadableStreamBYOBRequest.respondWithNewView');
    const own = ownView(view);
    if (!this.#controller) throw new TypeError('the request was answered already');
    if ((own.buffer as ArrayBuffer).detached) throw new TypeError("the view's buffer is detached");
    this.#controller.respondWithView(own);
  }
}
defineInterface(ReadableStreamBYOBRequest);

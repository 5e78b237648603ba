// HTTP exchanges, both those that the program begins and those that it answers. `src/script/message.rs` is the other side; a
// body goes piece by piece, each when it is asked for.

import { capture, resume } from '../platform/async-context.ts';
import type { HostBody, HostExchange, HostRequest, HostResponse } from '../platform/host.ts';
import { Capability, wait } from '../module';
import { native, type Headers, type Sent } from './native';

/** Bodies that are there are sent with the head where they are no longer. */
const WHOLE = 256 * 1024;
/** The most bytes of a piece. */
const PIECE = 128 * 1024;

const Bytes = Uint8Array;
const { apply } = Reflect;
const { subarray } = Bytes.prototype;

const exchanges = new Map<number, Exchange>();
/** How many answers and pieces the program waits for, and bodies it is still to send. */
let awaited = 0;
let count = -1;

/** The errors of which nobody is told who does not ask: a client has left before its request was there, or answered. */
const leavings = new WeakSet<object>();

/** Whether this is all that an error tells of. */
export const isLeaving = (error: unknown) => leavings.has(error as object);

/** Whether a message would go on with the program. */
export const isAwaiting = () => awaited > 0;

/** One side of an exchange. */
export class Exchange {
  readonly id: number;
  /** Where it was begun: what its other side asks for is asked there. */
  readonly frame = capture();
  /** What the program waits for: the head, then pieces. */
  #head: Capability<HostResponse> | undefined;
  #piece: Capability<Uint8Array | undefined> | undefined;
  #broken: Error | undefined;
  #isOver = false;
  #body: HostBody | undefined;
  /** What of a piece is not sent yet. */
  #rest: Uint8Array | undefined;
  /** Whoever began it wants nothing of it any more. */
  onAbort: (() => void) | undefined;
  /** All of the body is sent, or none of the rest ever will be. */
  onSent: (() => void) | undefined;
  /** An error of the body's, for the other side. */
  describe: (error: unknown) => string = textOf;

  constructor(id: number) {
    this.id = id;
    exchanges.set(id, this);
  }

  /** Takes a body that is to be sent; what of it goes with the head. */
  enclose(body: Uint8Array | HostBody | undefined): Sent {
    if (body === undefined) return undefined;
    if (!(body instanceof Bytes)) {
      this.#body = body;
    } else {
      if (body.length <= WHOLE) return body;
      this.#rest = body;
      this.#body = { next: () => Promise.resolve(undefined), cancel: () => undefined };
    }
    awaited++;
    return true;
  }

  /** Begins one. */
  request(request: HostRequest): Promise<HostResponse> {
    const head = (this.#head = new Capability<HostResponse>());
    awaited++;
    const { method, url, headers, body } = request;
    const sent = this.enclose(body);
    if (sent === true && body instanceof Bytes) headers.push(['content-length', `${body.length}`]);
    native.post('request', this.id, method, url, headers, sent);
    return head.promise;
  }

  answered(status: number, statusText: string, headers: Headers): void {
    this.#take()?.resolve({ status, statusText, headers, read: () => this.read() });
  }

  /** The next piece of what comes. */
  read(): Promise<Uint8Array | undefined> {
    const piece = new Capability<Uint8Array | undefined>();
    if (this.#broken !== undefined) piece.reject(this.#broken);
    else if (this.#isOver) piece.resolve(undefined);
    else {
      this.#piece = piece;
      awaited++;
      native.post('pull', this.id);
    }
    return piece.promise;
  }

  #take(): Capability<HostResponse> | undefined {
    const head = this.#head;
    if (head !== undefined) awaited--;
    this.#head = undefined;
    return head;
  }

  piece(bytes: Uint8Array | undefined): void {
    const piece = this.#piece;
    if (bytes === undefined) this.#isOver = true;
    if (piece === undefined) return;
    this.#piece = undefined;
    awaited--;
    piece.resolve(bytes);
  }

  /** What was waited for does not come. */
  fail(error: Error): void {
    this.#broken ??= error;
    this.#take()?.reject(error);
    if (this.#piece !== undefined) {
      awaited--;
      this.#piece.reject(error);
      this.#piece = undefined;
    }
  }

  /** A piece is asked for. */
  give(): void {
    if (this.#rest !== undefined && this.#rest.length > 0) return this.#slice();
    const body = this.#body;
    if (body === undefined) return native.post('end', this.id);
    const next = (bytes: unknown) => {
      if (this.#body === undefined) return;
      if (bytes === undefined) {
        this.#unbody();
        native.post('end', this.id);
        return this.onSent?.();
      }
      this.#rest = bytes as Uint8Array;
      this.give();
    };
    const failed = (error: unknown) => {
      if (this.#body === undefined) return;
      this.#unbody();
      native.post('broken', this.id, this.describe(error).toWellFormed());
      this.onSent?.();
    };
    wait(body.next(), next, failed);
  }

  #slice(): void {
    const rest = this.#rest!;
    const piece = apply(subarray, rest, [0, PIECE]) as Uint8Array;
    this.#rest = rest.length > PIECE ? (apply(subarray, rest, [PIECE]) as Uint8Array) : undefined;
    native.post('piece', this.id, piece);
  }

  #unbody(): HostBody | undefined {
    const body = this.#body;
    if (body !== undefined) awaited--;
    this.#body = this.#rest = undefined;
    return body;
  }

  /** No more of the body is wanted. */
  cancel(reason: unknown): void {
    this.#unbody()?.cancel(reason);
  }

  /** Ends it, whoever wants that. */
  close(reason: unknown): void {
    exchanges.delete(this.id);
    this.cancel(reason);
    this.fail(reason instanceof Error ? reason : new Error('the exchange was ended'));
  }
}

function textOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return 'an error';
  }
}

/** What `../platform/host.ts` calls `fetch`. */
export function fetch(request: HostRequest): HostExchange {
  const exchange = new Exchange((count += 2));
  let isOver = false;
  const over = () => {
    isOver = true;
    exchanges.delete(exchange.id);
    exchange.cancel(new Error('the answer is complete'));
  };
  const head = exchange.request(request);
  const response = new Capability<HostResponse>();
  wait(
    head,
    (given) => {
      const { status, statusText, headers, read } = given as HostResponse;
      const piece = () => {
        const next = read();
        wait(next, (bytes) => bytes === undefined && over(), over);
        return next;
      };
      response.resolve({ status, statusText, headers, read: piece });
    },
    (error) => {
      over();
      response.reject(error);
    },
  );
  return {
    response: response.promise,
    abort(reason) {
      if (isOver) return;
      isOver = true;
      native.post('abort', exchange.id);
      exchange.close(reason);
    },
  };
}

/** Takes a message about an exchange that is there. */
export function receive(kind: string, id: number, first: unknown, second: unknown, third: unknown): void {
  const exchange = exchanges.get(id);
  if (exchange === undefined) return;
  resume(exchange.frame);
  const error = (text: unknown) => new Error(`${text as string}`);
  const leaving = (text: unknown) => {
    const told = error(text);
    // Even numbers are those of requests to the program.
    if (id % 2 === 0) leavings.add(told);
    return told;
  };
  switch (kind) {
    case 'response':
      return exchange.answered(first as number, second as string, third as Headers);
    case 'failed':
      exchange.cancel(error(second));
      return exchange.fail(Object.assign(error(second), { code: first }));
    case 'pull':
      return exchange.give();
    case 'piece':
      return exchange.piece(first as Uint8Array);
    case 'end':
      return exchange.piece(undefined);
    case 'broken':
      return exchange.fail(leaving(first));
    case 'cancel':
      return exchange.cancel(error('the other side reads no more of the body'));
    case 'abort':
      exchange.onAbort?.();
      return exchange.close(leaving('the request was aborted'));
  }
}

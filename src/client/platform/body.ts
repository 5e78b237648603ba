/** Bodies and what Request and Response have in common (Fetch standard, 5.2 and 5.3). */
import { bytesOfBlob, concat, createBlob, isBlob, streamOf } from './blob.ts';
import { decodeUtf8, decodeUtf8KeepBom } from './encoding.ts';
import { createFormData, entriesOf, isFormData } from './form-data.ts';
import { host, type HostBody } from './host.ts';
import { copyOf, isBufferSource, isObject, usvString } from './idl.ts';
import { extractMime, type MimeType, serializeMime } from './mime.ts';
import { readMultipart, writeMultipart } from './multipart.ts';
import { fromIterable } from './streams/iteration.ts';
import { pipe } from './streams/pipe.ts';
import { deferred, handled, react, rejected, resolved, upon } from './streams/promises.ts';
import type { ByteController } from './streams/readable-byte.ts';
import { createByteReadable, readableState } from './streams/readable.ts';
import { ReaderState } from './streams/readable-state.ts';
import { tee } from './streams/tee.ts';
import { TransformState } from './streams/transform.ts';
import { parseForm, URLSearchParams } from './url-search-params.ts';

/** A body: bytes that are there, or a stream. The stream of bytes is made when somebody asks for it. */
export class Body {
  bytes: Uint8Array | undefined;
  #stream: ReadableStream | undefined;
  #consumed = false;

  constructor(source: Uint8Array | ReadableStream) {
    if (source instanceof Uint8Array) this.bytes = source;
    else this.#stream = source;
  }

  get stream(): ReadableStream {
    if (!this.#stream) {
      this.#stream = streamOf(this.#consumed ? new Uint8Array() : this.bytes!);
      if (this.#consumed) {
        // Locked, and read to its end.
        const state = readableState(this.#stream)!;
        new ReaderState(state, 'default');
        void state.cancel(undefined);
      }
    }
    return this.#stream;
  }

  /** Whether something was read of it. */
  get used(): boolean {
    return this.#stream ? readableState(this.#stream)!.disturbed : this.#consumed;
  }
  get locked(): boolean {
    return this.#stream !== undefined && readableState(this.#stream)!.locked;
  }
  get unusable(): boolean {
    return this.used || this.locked;
  }

  /** A body with the same content; this one keeps it too. */
  clone(): Body {
    if (!this.#stream) return new Body(this.bytes!);
    const [own, other] = tee(readableState(this.#stream)!, true);
    this.#stream = own.self as ReadableStream;
    const body = new Body(other.self as ReadableStream);
    body.bytes = this.bytes;
    return body;
  }

  /** Gives the content away: this body is used from then on. */
  take(): Body {
    if (!this.#stream) {
      this.#consumed = true;
      return new Body(this.bytes!);
    }
    // "Create a proxy": the old stream is piped into the new one, and so locked and disturbed.
    const through = new TransformState({}, resolved(undefined));
    handled(pipe(readableState(this.#stream)!, through.writable, false, false, false, undefined));
    return new Body(through.readable.self as ReadableStream);
  }

  /** All bytes. Given to a function, not a promise: a promise would ask them for a `then`. */
  all(done: (bytes: Uint8Array) => void, failed: (reason: unknown) => void): void {
    if (!this.#stream) {
      this.#consumed = true;
      done(this.bytes!);
    } else readAll(this.#stream, done, failed);
  }
}

/** Reads a stream that nobody else reads to its end. Chunks that are not bytes are an error. */
function readAll(stream: ReadableStream, done: (bytes: Uint8Array) => void, failed: (reason: unknown) => void): void {
  const state = readableState(stream)!;
  new ReaderState(state, 'default');
  const chunks: Uint8Array[] = [];
  const read = () =>
    state.read({
      chunk: (chunk) => {
        if (!isUint8Array(chunk)) {
          failed(new TypeError('a chunk of the body is not a Uint8Array'));
          return;
        }
        chunks.push(chunk);
        // Not within the chunk steps: a long queue would exhaust the stack.
        upon(resolved(undefined), read);
      },
      close: () => done(chunks.length === 1 ? chunks[0]! : concat(chunks)),
      error: failed,
    });
  read();
}

/** A body for the host to send: its bytes where they are there, else its pieces. */
export function sendable(body: Body): Uint8Array | HostBody {
  if (body.bytes && !body.used) return body.bytes;
  const state = readableState(body.stream)!;
  new ReaderState(state, 'default');
  return {
    next() {
      const piece = deferred<Uint8Array | undefined>();
      state.read({
        chunk: (chunk) => {
          if (isUint8Array(chunk)) return piece.resolve(chunk);
          const error = new TypeError('a chunk of the body is not a Uint8Array');
          piece.reject(error);
          handled(state.cancel(error));
        },
        close: () => piece.resolve(undefined),
        error: piece.reject,
      });
      return piece.promise;
    },
    cancel: (reason) => handled(state.cancel(reason)),
  };
}

/** A body that the host gives piece by piece, each when it is asked for; `cancel`: no more is wanted. */
export function incoming(read: () => Promise<Uint8Array | undefined>, cancel: () => void): Body {
  const state = createByteReadable({
    pull: () =>
      react(read(), (bytes) => {
        const controller = state.controller as ByteController;
        if (bytes === undefined) {
          controller.close();
          if (controller.pendings.length > 0) controller.respond(0);
        } else if (bytes.length > 0) controller.enqueue(bytes);
        else controller.callPull();
      }),
    cancel: () => {
      cancel();
      return resolved(undefined);
    },
  });
  return new Body(state.self as ReadableStream);
}

/** Whether the value is a Uint8Array, of whatever realm or prototype. */
export function isUint8Array(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]';
}

/** "Extract a body": the body, and the type it brings along. */
export function extractBody(value: unknown): { body: Body; type: string | undefined } {
  if (typeof value === 'string') return textBody(value);
  const state = readableState(value);
  if (state) {
    if (state.disturbed || state.locked) throw new TypeError('the stream is locked or was read already');
    return { body: new Body(value as ReadableStream), type: undefined };
  }
  if (isBlob(value)) return { body: new Body(bytesOfBlob(value)), type: value.type || undefined };
  if (isBufferSource(value)) return { body: new Body(copyOf(value)), type: undefined };
  if (isFormData(value)) {
    const { bytes, boundary } = writeMultipart(entriesOf(value));
    return { body: new Body(bytes), type: `multipart/form-data; boundary=${boundary}` };
  }
  if (value instanceof URLSearchParams) {
    return { body: new Body(host.encodeUtf8(value.toString())), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
  }
  // As servers have it, beyond the standard.
  if (isObject(value) && typeof (value as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === 'function') {
    return { body: new Body(fromIterable(encoded(value as AsyncIterable<unknown>)).self as ReadableStream), type: undefined };
  }
  return textBody(value);
}

/** The chunks of a body that code makes one by one: bytes, or texts. */
async function* encoded(chunks: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  for await (const chunk of chunks) yield typeof chunk === 'string' ? host.encodeUtf8(chunk.toWellFormed()) : chunk;
}

function textBody(value: unknown): { body: Body; type: string } {
  return { body: new Body(host.encodeUtf8(usvString(value))), type: 'text/plain;charset=UTF-8' };
}

/** What the mixin needs of an object. */
export interface BodyOwner {
  body: Body | undefined;
  /** The `Content-Type`. */
  type(): string | null;
}

function consume<T>(owner: BodyOwner | undefined, convert: (bytes: Uint8Array, type: string | null) => T): Promise<T> {
  if (!owner) return rejected(new TypeError('neither a Request nor a Response'));
  const { body } = owner;
  if (body?.unusable) return rejected(new TypeError('the body is locked or was read already'));
  const result = deferred<T>();
  const done = (bytes: Uint8Array) => {
    try {
      result.resolve(convert(bytes, owner.type()));
    } catch (error) {
      result.reject(error);
    }
  };
  if (body) body.all(done, result.reject);
  else done(new Uint8Array());
  return result.promise;
}

function mimeOf(type: string | null): MimeType | undefined {
  return extractMime(type);
}

function toFormData(bytes: Uint8Array, type: string | null): object {
  const mime = mimeOf(type);
  if (mime?.essence === 'multipart/form-data') {
    const boundary = mime.parameters.get('boundary');
    if (boundary === undefined) throw new TypeError('the type has no boundary');
    return createFormData(readMultipart(bytes, boundary));
  }
  if (mime?.essence === 'application/x-www-form-urlencoded') return createFormData(parseForm(decodeUtf8KeepBom(bytes)));
  throw new TypeError('the body is not form data');
}

/** Adds the members of the mixin to a class; `ownerOf` gives undefined for other objects. */
export function defineBody(prototype: object, ownerOf: (self: unknown) => BodyOwner | undefined): void {
  const strict = (self: unknown) => {
    const owner = ownerOf(self);
    if (!owner) throw new TypeError('neither a Request nor a Response');
    return owner;
  };
  const members = {
    get body(): ReadableStream | null {
      return strict(this).body?.stream ?? null;
    },
    get bodyUsed(): boolean {
      return strict(this).body?.used ?? false;
    },
    arrayBuffer(): Promise<ArrayBuffer> {
      return consume(ownerOf(this), (bytes) => copyOf(bytes).buffer);
    },
    blob(): Promise<object> {
      return consume(ownerOf(this), (bytes, type) => {
        const mime = mimeOf(type);
        return createBlob(copyOf(bytes), mime ? serializeMime(mime) : '');
      });
    },
    bytes(): Promise<Uint8Array> {
      return consume(ownerOf(this), (bytes) => copyOf(bytes));
    },
    formData(): Promise<object> {
      return consume(ownerOf(this), toFormData);
    },
    json(): Promise<unknown> {
      return consume(ownerOf(this), (bytes) => JSON.parse(decodeUtf8(bytes)) as unknown);
    },
    text(): Promise<string> {
      return consume(ownerOf(this), (bytes) => decodeUtf8(bytes));
    },
  };
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(members));
}

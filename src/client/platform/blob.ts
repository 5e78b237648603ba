/** Blob and File (File API). A blob's bytes are in memory; slices share them. */
import { registerPlatformType } from './clone.ts';
import { decodeUtf8 } from './encoding.ts';
import { host } from './host.ts';
import { clampedInteger, copyOf, defineInterface, dictionary, domString, isBufferSource, isObject, need, oneOf, sequence, usvString } from './idl.ts';
import { rejected, resolved } from './streams/promises.ts';
import type { ByteController } from './streams/readable-byte.ts';
import { createByteReadable } from './streams/readable.ts';

/** The largest chunk that a blob's stream gives. */
const CHUNK = 65536;

/** A stream over bytes that do not change. */
export function streamOf(bytes: Uint8Array): ReadableStream {
  let at = 0;
  const state = createByteReadable({
    pull: () => {
      const controller = state.controller as ByteController;
      const end = Math.min(at + CHUNK, bytes.length);
      if (end > at) controller.enqueue(copyOf(bytes.subarray(at, end)));
      at = end;
      if (at === bytes.length) {
        controller.close();
        if (controller.pendings.length > 0) controller.respond(0);
      }
      return resolved(undefined);
    },
  });
  return state.self as ReadableStream;
}

/** One array from many. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** Lower case, or nothing when a character is outside of printable ASCII. */
function normalizedType(value: unknown): string {
  const text = domString(value);
  return /[^\x20-\x7e]/.test(text) ? '' : text.toLowerCase();
}

function assemble(parts: unknown[], native: boolean): Uint8Array {
  return concat(
    parts.map((part) => {
      if (isBufferSource(part)) return copyOf(part);
      if (isBlob(part)) return bytesOfBlob(part);
      return host.encodeUtf8(native ? (part as string).replace(/\r\n?|\n/g, '\n') : (part as string));
    }),
  );
}

/** The parts argument, converted: buffers, blobs and strings. */
function partsOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return sequence(value, 'the parts', (part) => (isBufferSource(part) || isBlob(part) ? part : usvString(part)));
}

/** Whether the value is a Blob (or a File). */
export let isBlob: (value: unknown) => value is Blob;
/** Whether the value is a File. */
export let isFile: (value: unknown) => value is File;
/** A blob's bytes: not to be changed. */
export let bytesOfBlob: (blob: Blob) => Uint8Array;

let wrapping: { bytes: Uint8Array; type: string } | undefined;

export class Blob {
  #bytes: Uint8Array;
  #type: string;

  static {
    isBlob = (value): value is Blob => isObject(value) && #bytes in value;
    bytesOfBlob = (blob) => blob.#bytes;
  }

  constructor(blobParts: unknown = undefined, options: unknown = undefined) {
    if (wrapping) {
      this.#bytes = wrapping.bytes;
      this.#type = wrapping.type;
      wrapping = undefined;
      return;
    }
    const parts = partsOf(blobParts);
    const o = dictionary(options, 'the options');
    const endings = o['endings'] === undefined ? 'transparent' : oneOf(o['endings'], ['transparent', 'native'], 'endings');
    this.#type = o['type'] === undefined ? '' : normalizedType(o['type']);
    this.#bytes = assemble(parts, endings === 'native');
  }

  get size(): number {
    return this.#bytes.length;
  }
  get type(): string {
    return this.#type;
  }
  slice(start: number | undefined = undefined, end: number | undefined = undefined, contentType: string | undefined = undefined): Blob {
    const size = this.#bytes.length;
    const clamp = (value: unknown, fallback: number) => {
      if (value === undefined) return fallback;
      const number = clampedInteger(value);
      return number < 0 ? Math.max(size + number, 0) : Math.min(number, size);
    };
    const from = clamp(start, 0);
    const to = clamp(end, size);
    return createBlob(this.#bytes.subarray(from, Math.max(from, to)), contentType === undefined ? '' : normalizedType(contentType));
  }
  stream(): ReadableStream {
    return streamOf(this.#bytes);
  }
  text(): Promise<string> {
    return isBlob(this) ? resolved(decodeUtf8(this.#bytes)) : rejected(new TypeError('not a Blob'));
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return isBlob(this) ? resolved(copyOf(this.#bytes).buffer) : rejected(new TypeError('not a Blob'));
  }
  bytes(): Promise<Uint8Array> {
    return isBlob(this) ? resolved(copyOf(this.#bytes)) : rejected(new TypeError('not a Blob'));
  }
}
defineInterface(Blob);

/** A blob over bytes that nobody changes any more. */
export function createBlob(bytes: Uint8Array, type: string): Blob {
  wrapping = { bytes, type };
  return new Blob();
}

export class File extends Blob {
  #name: string;
  #modified: number;
  static {
    isFile = (value): value is File => isObject(value) && #name in value;
  }
  constructor(fileBits: unknown, fileName: string, options: unknown = undefined) {
    need(arguments, 2, 'File');
    if (fileBits === undefined) throw new TypeError('the parts are not a sequence');
    super(fileBits, options);
    this.#name = usvString(fileName);
    const modified = dictionary(options, 'the options')['lastModified'];
    this.#modified = modified === undefined ? Date.now() : Math.trunc(Number(modified)) || 0;
  }
  get name(): string {
    return this.#name;
  }
  get lastModified(): number {
    return this.#modified;
  }
}
defineInterface(File);

/** A file over the bytes of a blob. */
export function createFile(blob: Blob, name: string, lastModified: number | undefined): File {
  return new File([blob], name, { type: blob.type, lastModified });
}

registerPlatformType({
  is: isFile,
  serialize: (file) => {
    const { name, lastModified } = file as File;
    return () => createFile(file as File, name, lastModified);
  },
});
registerPlatformType({
  is: isBlob,
  serialize: (blob) => () => createBlob(bytesOfBlob(blob as Blob), (blob as Blob).type),
});

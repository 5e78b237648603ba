/** `node:buffer`: Buffer, a Uint8Array with encodings. The numbers' methods are in `buffer-numbers.ts`. */
import { Blob, File } from '../blob.ts';
import { isArrayBuffer, isSharedArrayBuffer } from '../idl.ts';
import { defineNumbers } from './buffer-numbers.ts';
import { invalidType, offsetIn, outOfRange, withCode } from './errors.ts';
import { type Encoding, encodingOf, encodingOrThrow, toBytes, toText } from './text.ts';

export const INSPECT_MAX_BYTES = 50;
export const constants = { MAX_LENGTH: 2 ** 31 - 1, MAX_STRING_LENGTH: 2 ** 30 - 2 };

/** What instances are made by; `Buffer` itself must also work as a function. */
class FastBuffer extends Uint8Array {}

/** The bytes of an array as a Buffer over the same memory. */
function view(bytes: Uint8Array): Buffer {
  return new FastBuffer(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length) as Buffer;
}

/** The bytes of a value that a buffer is compared with or searched for. */
function bytesOf(value: unknown, encoding?: unknown): Uint8Array {
  if (typeof value === 'string') return toBytes(value, encodingOrThrow(encoding));
  if (value instanceof Uint8Array) return value;
  throw invalidType('value', 'one of type number or string or an instance of Buffer or Uint8Array', value);
}

/** A buffer argument. */
function bytesArgument(name: string, value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw invalidType(name, 'an instance of Buffer or Uint8Array', value);
  return value;
}

function invalidFirst(value: unknown): TypeError {
  return invalidType('first argument', 'of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object', value);
}

function clamp(value: unknown, fallback: number, length: number): number {
  if (value === undefined) return fallback;
  const number = Math.trunc(Number(value)) || 0;
  return Math.min(Math.max(number, 0), length);
}

function compare(a: Uint8Array, b: Uint8Array): -1 | 0 | 1 {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}

function size(value: unknown): number {
  if (typeof value !== 'number') throw invalidType('size', 'of type number', value);
  if (!(value >= 0 && value <= constants.MAX_LENGTH)) throw outOfRange('size', `>= 0 && <= ${constants.MAX_LENGTH}`, value);
  return Math.trunc(value);
}

/** `Buffer.from` for everything but strings. */
function fromObject(value: object, offset: unknown, length: unknown): Buffer {
  if (isArrayBuffer(value) || isSharedArrayBuffer(value)) {
    const start = Math.trunc(Number(offset ?? 0)) || 0;
    if (start < 0 || start > value.byteLength) throw withCode(new RangeError('"offset" is outside of buffer bounds'), 'ERR_BUFFER_OUT_OF_BOUNDS');
    const count = length === undefined ? value.byteLength - start : Math.max(Math.trunc(Number(length)) || 0, 0);
    if (start + count > value.byteLength) throw withCode(new RangeError('"length" is outside of buffer bounds'), 'ERR_BUFFER_OUT_OF_BOUNDS');
    return new FastBuffer(value as ArrayBuffer, start, count) as Buffer;
  }
  const primitive = (value as { valueOf?(): unknown }).valueOf?.();
  if (primitive !== undefined && primitive !== null && primitive !== value && (typeof primitive === 'string' || typeof primitive === 'object')) {
    return from(primitive, offset, length);
  }
  const json = value as { type?: unknown; data?: unknown };
  if (json.type === 'Buffer' && Array.isArray(json.data)) return view(Uint8Array.from(json.data as number[]));
  if (typeof (value as ArrayLike<number>).length === 'number') return view(Uint8Array.from(value as ArrayLike<number>));
  const convert = (value as { [Symbol.toPrimitive]?: (hint: string) => unknown })[Symbol.toPrimitive];
  const text = typeof convert === 'function' ? convert.call(value, 'string') : undefined;
  if (typeof text === 'string') return from(text, offset, undefined);
  if (isArrayBuffer((value as { buffer?: unknown }).buffer) || isSharedArrayBuffer((value as { buffer?: unknown }).buffer)) return statics.alloc(0);
  throw invalidFirst(value);
}

function from(value: unknown, encodingOrOffset?: unknown, length?: unknown): Buffer {
  if (typeof value === 'string') return view(toBytes(value, encodingOrThrow(encodingOrOffset)));
  if (typeof value === 'object' && value !== null) return fromObject(value, encodingOrOffset, length);
  throw invalidFirst(value);
}

function BufferFunction(value: unknown, encodingOrOffset?: unknown, length?: unknown): Buffer {
  if (typeof value !== 'number') return from(value, encodingOrOffset, length);
  if (typeof encodingOrOffset === 'string') throw invalidType('string', 'of type string', value);
  return statics.alloc(value);
}

const statics = {
  from,
  of: (...items: number[]) => view(Uint8Array.from(items)),
  alloc(length: number, fill?: unknown, encoding?: unknown): Buffer {
    const buffer = new FastBuffer(size(length)) as Buffer;
    if (fill === undefined || fill === 0) return buffer;
    if (typeof fill === 'string' && encoding !== undefined && typeof encoding !== 'string') throw invalidType('encoding', 'of type string', encoding);
    return buffer.fill(fill, encoding);
  },
  allocUnsafe: (length: number) => new FastBuffer(size(length)) as Buffer,
  allocUnsafeSlow: (length: number) => new FastBuffer(size(length)) as Buffer,
  byteLength(value: unknown, encoding?: unknown): number {
    if (typeof value !== 'string') {
      if (ArrayBuffer.isView(value) || isArrayBuffer(value) || isSharedArrayBuffer(value)) return value.byteLength;
      throw invalidType('string', 'of type string or an instance of Buffer or ArrayBuffer', value);
    }
    switch (encodingOf(encoding)) {
      // An estimate, as in Node: what is not of the alphabet counts too.
      case 'hex':
        return value.length >>> 1;
      case 'base64':
      case 'base64url':
        return (value.replace(/==?$/, '').length * 3) >>> 2;
      default:
        return toBytes(value, encodingOf(encoding) ?? 'utf8').length;
    }
  },
  compare: (a: Uint8Array, b: Uint8Array) => compare(bytesArgument('buf1', a), bytesArgument('buf2', b)),
  concat(list: Uint8Array[], total?: number): Buffer {
    if (!Array.isArray(list)) throw invalidType('list', 'an instance of Array', list);
    const length = total === undefined ? list.reduce((sum, item) => sum + (item?.length ?? 0), 0) : offsetIn('length', total, 0, constants.MAX_LENGTH);
    const result = statics.alloc(length);
    let at = 0;
    for (const [index, item] of list.entries()) {
      if (!(item instanceof Uint8Array)) throw invalidType(`list[${index}]`, 'an instance of Buffer or Uint8Array', item);
      if (at >= length) break;
      result.set(item.subarray(0, length - at), at);
      at += item.length;
    }
    return result;
  },
  copyBytesFrom(source: ArrayBufferView, offset = 0, length?: number): Buffer {
    const array = source as Uint8Array;
    const part = array.subarray(offset, length === undefined ? array.length : offset + length);
    return view(new Uint8Array(new Uint8Array(part.buffer, part.byteOffset, part.byteLength)));
  },
  isBuffer: (value: unknown): value is Buffer => value instanceof FastBuffer,
  isEncoding: (name: unknown) => encodingOf(name) !== undefined,
  poolSize: 8192,
};

/** Where a search for the bytes succeeds, or -1; UTF-16 matches only at even distances. */
function search(buffer: Uint8Array, value: unknown, offset: unknown, encoding: unknown, last: boolean): number {
  let start: unknown = offset;
  let name = encoding;
  if (typeof start === 'string') [start, name] = [undefined, start];
  const wanted = typeof value === 'number' ? Uint8Array.of(value) : bytesOf(value, name);
  const number = Number(start);
  let at = start === undefined || Number.isNaN(number) ? (last ? buffer.length : 0) : Math.trunc(number);
  if (at < 0) at += buffer.length;
  if (at < 0) {
    if (last) return -1;
    at = 0;
  }
  if (last) at = Math.min(at, buffer.length - wanted.length);
  else if (wanted.length === 0) return Math.min(at, buffer.length);
  const step = typeof value === 'string' && encodingOf(name) === 'utf16le' ? 2 : 1;
  for (; last ? at >= 0 : at + wanted.length <= buffer.length; at += last ? -1 : 1) {
    if (step === 2 && at % 2 !== 0) continue;
    if (wanted.every((byte, i) => buffer[at + i] === byte)) return at;
  }
  return -1;
}

function swap(buffer: Uint8Array, width: number): void {
  if (buffer.length % width !== 0) {
    throw withCode(new RangeError(`Buffer size must be a multiple of ${width * 8}-bits`), 'ERR_INVALID_BUFFER_SIZE');
  }
  for (let i = 0; i < buffer.length; i += width) buffer.subarray(i, i + width).reverse();
}

const methods = {
  toString(this: Buffer, encoding?: unknown, start?: number, end?: number): string {
    const from = clamp(start, 0, this.length);
    const to = clamp(end, this.length, this.length);
    if (to <= from) return '';
    return toText(from === 0 && to === this.length ? this : this.subarray(from, to), encodingOrThrow(encoding));
  },
  toLocaleString(this: Buffer, encoding?: unknown): string {
    return this.toString(encoding as string);
  },
  toJSON(this: Buffer): object {
    return { type: 'Buffer', data: Array.from(this) };
  },
  equals(this: Buffer, other: Uint8Array): boolean {
    return compare(this, bytesArgument('otherBuffer', other)) === 0;
  },
  compare(this: Buffer, target: Uint8Array, targetStart?: number, targetEnd?: number, start?: number, end?: number): number {
    const other = bytesArgument('target', target);
    const most = Number.MAX_SAFE_INTEGER;
    const [from, to] = [offsetIn('targetStart', targetStart, 0, most), offsetIn('targetEnd', targetEnd, other.length, other.length)];
    const [ownFrom, ownTo] = [offsetIn('sourceStart', start, 0, most), offsetIn('sourceEnd', end, this.length, this.length)];
    return compare(this.subarray(ownFrom, Math.max(ownFrom, ownTo)), other.subarray(from, Math.max(from, to)));
  },
  indexOf(this: Buffer, value: unknown, offset?: unknown, encoding?: unknown): number {
    return search(this, value, offset, encoding, false);
  },
  lastIndexOf(this: Buffer, value: unknown, offset?: unknown, encoding?: unknown): number {
    return search(this, value, offset, encoding, true);
  },
  includes(this: Buffer, value: unknown, offset?: unknown, encoding?: unknown): boolean {
    return search(this, value, offset, encoding, false) >= 0;
  },
  fill(this: Buffer, value: unknown, offset?: unknown, end?: unknown, encoding?: unknown): Buffer {
    if (typeof offset === 'string') [offset, encoding] = [undefined, offset];
    else if (typeof end === 'string') [end, encoding] = [undefined, end];
    const from = offsetIn('offset', offset, 0, this.length);
    const to = offsetIn('end', end, this.length, this.length);
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
      Uint8Array.prototype.fill.call(this, Number(value) & 255, from, to);
      return this;
    }
    const bytes = bytesOf(value, encoding);
    if (bytes.length === 0) Uint8Array.prototype.fill.call(this, 0, from, to);
    else for (let i = from; i < to; i++) this[i] = bytes[(i - from) % bytes.length]!;
    return this;
  },
  write(this: Buffer, text: string, offset?: unknown, length?: unknown, encoding?: unknown): number {
    if (typeof text !== 'string') throw invalidType('argument', 'of type string', text);
    if (typeof offset === 'string') [offset, encoding] = [undefined, offset];
    else if (typeof length === 'string') [length, encoding] = [undefined, length];
    const kind = encodingOrThrow(encoding);
    const start = offsetIn('offset', offset, 0, this.length);
    const room = Math.min(offsetIn('length', length, this.length - start, this.length), this.length - start);
    const bytes = toBytes(text, kind);
    const count = wholeCharacters(bytes, room, kind);
    this.set(bytes.subarray(0, count), start);
    return count;
  },
  copy(this: Buffer, target: Uint8Array, targetStart = 0, start = 0, end = this.length): number {
    bytesArgument('target', target);
    if (targetStart < 0) throw outOfRange('targetStart', '>= 0', targetStart);
    if (start < 0 || start > this.length) throw outOfRange('sourceStart', `>= 0 && <= ${this.length}`, start);
    if (end < 0) throw outOfRange('sourceEnd', '>= 0', end);
    if (targetStart >= target.length || start >= end) return 0;
    const part = this.subarray(start, Math.min(end, start + target.length - targetStart));
    target.set(part, targetStart);
    return part.length;
  },
  slice(this: Buffer, start?: number, end?: number): Buffer {
    return this.subarray(start, end) as Buffer;
  },
  swap16(this: Buffer): Buffer {
    swap(this, 2);
    return this;
  },
  swap32(this: Buffer): Buffer {
    swap(this, 4);
    return this;
  },
  swap64(this: Buffer): Buffer {
    swap(this, 8);
    return this;
  },
  get parent() {
    return this instanceof FastBuffer ? this.buffer : undefined;
  },
  get offset() {
    return this instanceof FastBuffer ? this.byteOffset : undefined;
  },
};

/** How many of the bytes fit without a character being cut. */
function wholeCharacters(bytes: Uint8Array, room: number, encoding: Encoding): number {
  if (bytes.length <= room) return bytes.length;
  let count = room;
  if (encoding === 'utf16le') count -= count % 2;
  if (encoding === 'utf8') while (count > 0 && (bytes[count]! & 0xc0) === 0x80) count--;
  return count;
}

for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(methods))) {
  Object.defineProperty(FastBuffer.prototype, name, { ...property, enumerable: false });
}
defineNumbers(FastBuffer.prototype);
Object.defineProperty(FastBuffer.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Buffer) {
    const rest = this.length - INSPECT_MAX_BYTES;
    const bytes = Array.from(this.subarray(0, INSPECT_MAX_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    return `<Buffer${bytes && ` ${bytes}`}${rest > 0 ? ` ... ${rest} more byte${rest > 1 ? 's' : ''}` : ''}>`;
  },
  writable: true,
  configurable: true,
});
Object.defineProperty(BufferFunction, 'name', { value: 'Buffer' });
Object.defineProperty(BufferFunction, 'prototype', { value: FastBuffer.prototype });
Object.defineProperty(FastBuffer.prototype, 'constructor', { value: BufferFunction, writable: true, configurable: true });
Object.setPrototypeOf(BufferFunction, Uint8Array);
Object.defineProperty(BufferFunction, Symbol.species, { get: () => FastBuffer });
Object.assign(BufferFunction, statics);

/** What instances have that this module itself uses. */
export interface Buffer extends Uint8Array {
  toString(encoding?: string, start?: number, end?: number): string;
  fill(value: unknown, offset?: unknown, end?: unknown, encoding?: unknown): this;
}
export const Buffer = BufferFunction as unknown as typeof BufferFunction & typeof statics & (new (...args: unknown[]) => Buffer);

export const kMaxLength = constants.MAX_LENGTH;
export const kStringMaxLength = constants.MAX_STRING_LENGTH;
export const SlowBuffer = Buffer;
export const { atob, btoa } = globalThis;

/** Whether the bytes are valid UTF-8. */
export function isUtf8(input: Uint8Array): boolean {
  return compare(toBytes(toText(input, 'utf8'), 'utf8'), input) === 0;
}
export function isAscii(input: Uint8Array): boolean {
  return input.every((byte) => byte < 128);
}
export { Blob, File };
export default {
  Buffer,
  SlowBuffer,
  constants,
  kMaxLength,
  kStringMaxLength,
  INSPECT_MAX_BYTES,
  atob,
  btoa,
  isUtf8,
  isAscii,
  Blob,
  File,
};

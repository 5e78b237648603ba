/** `node:crypto`, the part of it that most packages use: random values, digests, keys of passwords. The rest is that of `crypto.subtle`. */
import { crypto } from '../crypto.ts';
import { host } from '../host.ts';
import { isArrayBuffer } from '../idl.ts';
import { randomUUID } from '../random.ts';
import { Buffer } from './buffer.ts';
import { invalidFunction, invalidType, outOfRange, withCode } from './errors.ts';
import { type Encoding, encodingOf, toBytes } from './text.ts';

type Bytes = ArrayBuffer | ArrayBufferView;
type Done<T> = (error: unknown, value: T) => void;

const LONGEST = 2 ** 31 - 1;

/** Digests by the names that OpenSSL has for them: what the host calls them, and the bytes of a block. */
const digests: Record<string, [name: string, block: number]> = {
  md5: ['MD5', 64],
  sha1: ['SHA-1', 64],
  sha224: ['SHA-224', 64],
  sha256: ['SHA-256', 64],
  sha384: ['SHA-384', 128],
  sha512: ['SHA-512', 128],
  'sha512-256': ['SHA-512/256', 128],
};

function digestOf(name: string): [name: string, block: number] | undefined {
  const key = name.toLowerCase().replace(/^rsa-/, '').replace(/^sha-/, 'sha');
  return Object.hasOwn(digests, key) ? digests[key] : undefined;
}

function checkString(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw invalidType(name, 'of type string', value);
}

function checkInteger(name: string, value: unknown, least: number, most = LONGEST): asserts value is number {
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < least || value > most) throw outOfRange(name, `>= ${least} && <= ${most}`, value);
}

function viewOf(value: Bytes): Uint8Array {
  return isArrayBuffer(value) ? new Uint8Array(value) : new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
}

const WORDS = 'of type string or an instance of Buffer, TypedArray, or DataView';
const SECRETS = 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView';

/** Bytes, or the bytes of a text. */
function bytesIn(name: string, value: unknown, expected: string, encoding: Encoding = 'utf8'): Uint8Array {
  if (typeof value === 'string') return toBytes(value, encoding);
  if (ArrayBuffer.isView(value) || (expected !== WORDS && isArrayBuffer(value))) return viewOf(value as Bytes);
  throw invalidType(name, expected, value);
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);

function encoded(bytes: Uint8Array, encoding: unknown): Buffer | string {
  const known = encodingOf(encoding);
  return known === undefined ? bufferOf(bytes) : bufferOf(bytes).toString(known);
}

/** What takes pieces until its digest is asked for. */
class Digest {
  pieces: Uint8Array[] = [];
  isOver = false;

  update(data: unknown, encoding?: unknown): this {
    const bytes = bytesIn('data', data, WORDS, encodingOf(encoding));
    if (this.isOver) throw withCode(new Error('Digest already called'), 'ERR_CRYPTO_HASH_FINALIZED');
    this.pieces.push(typeof data === 'string' ? bytes : bytes.slice());
    return this;
  }

  take(): Uint8Array {
    this.isOver = true;
    const all = Buffer.concat(this.pieces);
    this.pieces = [];
    return all;
  }
}

export class Hash {
  readonly #digest = new Digest();
  readonly #name: string;

  constructor(algorithm: string, from?: Hash) {
    checkString('algorithm', algorithm);
    const digest = digestOf(algorithm);
    if (digest === undefined) throw new Error('Digest method not supported');
    [this.#name] = digest;
    if (from !== undefined) this.#digest.pieces = [...from.#digest.pieces];
  }

  copy(): Hash {
    if (this.#digest.isOver) throw withCode(new Error('Digest already called'), 'ERR_CRYPTO_HASH_FINALIZED');
    return new Hash(this.#name.replace('/', '-'), this);
  }
  update(data: unknown, encoding?: unknown): this {
    this.#digest.update(data, encoding);
    return this;
  }
  digest(encoding?: unknown): Buffer | string {
    if (this.#digest.isOver) throw withCode(new Error('Digest already called'), 'ERR_CRYPTO_HASH_FINALIZED');
    return encoded(host.digest(this.#name, this.#digest.take()), encoding);
  }
}

/** HMAC (RFC 2104). */
export class Hmac {
  readonly #digest = new Digest();
  readonly #name: string;
  readonly #key: Uint8Array;

  constructor(algorithm: string, key: unknown) {
    checkString('hmac', algorithm);
    const bytes = bytesIn('key', key, 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, KeyObject, or CryptoKey');
    const digest = digestOf(algorithm);
    if (digest === undefined) throw withCode(new TypeError(`Invalid digest: ${algorithm}`), 'ERR_CRYPTO_INVALID_DIGEST');
    const [name, block] = digest;
    this.#name = name;
    this.#key = new Uint8Array(block);
    this.#key.set(bytes.length > block ? host.digest(name, bytes) : bytes);
  }

  update(data: unknown, encoding?: unknown): this {
    this.#digest.update(data, encoding);
    return this;
  }
  digest(encoding?: unknown): Buffer | string {
    if (this.#digest.isOver) return encoded(new Uint8Array(0), encoding);
    const padded = (byte: number, rest: Uint8Array) => host.digest(this.#name, Buffer.concat([this.#key.map((own) => own ^ byte), rest]));
    return encoded(padded(0x5c, padded(0x36, this.#digest.take())), encoding);
  }
}

export const createHash = (algorithm: string): Hash => new Hash(algorithm);
export const createHmac = (algorithm: string, key: unknown): Hmac => new Hmac(algorithm, key);
export const getHashes = (): string[] => Object.keys(digests);
export function hash(algorithm: string, data: unknown, encoding: unknown = 'hex'): Buffer | string {
  return new Hash(algorithm).update(data).digest(encoding);
}

/** Tells the callback later. */
function later<T>(done: unknown, value: T, error: unknown = null): void {
  setImmediate(() => (done as Done<T>)(error, value));
}

function checkCallback(done: unknown): void {
  if (typeof done !== 'function') throw invalidFunction('callback', done);
}

export function randomBytes(size: number, done?: Done<Buffer>): Buffer | undefined {
  checkInteger('size', typeof size === 'number' ? Math.trunc(size) : size, 0);
  if (done !== undefined) checkCallback(done);
  const bytes = bufferOf(host.random(Math.trunc(size)));
  if (done === undefined) return bytes;
  later(done, bytes);
  return undefined;
}
export const pseudoRandomBytes = randomBytes;

export function randomFillSync<T extends Bytes>(into: T, offset = 0, size?: number): T {
  if (!ArrayBuffer.isView(into) && !isArrayBuffer(into)) throw invalidType('buf', 'an instance of ArrayBuffer or ArrayBufferView', into);
  // Offsets count elements.
  const width = (into as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
  const length = into.byteLength / width;
  checkInteger('offset', offset, 0, length);
  const count = size ?? length - offset;
  checkInteger('size', count, 0);
  if (offset + count > length) throw outOfRange('size + offset', `<= ${length}`, offset + count);
  viewOf(into).set(host.random(count * width), offset * width);
  return into;
}

export function randomFill<T extends Bytes>(into: T, ...rest: [...range: number[], done: Done<T>] | [done: Done<T>]): void {
  const done = rest.pop();
  checkCallback(done);
  later(done, randomFillSync(into, ...(rest as number[])));
}

export function randomInt(least: number, limit?: number | Done<number>, done?: Done<number>): number | undefined {
  if (limit === undefined || typeof limit === 'function') return randomInt(0, least, limit);
  for (const [name, value] of [['min', least], ['max', limit]] as const) {
    if (!Number.isSafeInteger(value)) throw invalidType(name, 'a safe integer', value);
  }
  if (done !== undefined) checkCallback(done);
  if (limit <= least) throw outOfRange('max', `greater than the value of "min" (${least})`, limit);
  const range = limit - least;
  if (range > 2 ** 48 - 1) throw outOfRange('max - min', `<= ${2 ** 48 - 1}`, range);
  // Of what lies above the last whole range, none is taken: all are as likely.
  const end = 2 ** 48 - (2 ** 48 % range);
  let random = end;
  while (random >= end) random = bufferOf(host.random(6)).readUIntBE(0, 6);
  const value = least + (random % range);
  if (done === undefined) return value;
  later(done, value, undefined);
  return undefined;
}

export function timingSafeEqual(left: Bytes, right: Bytes): boolean {
  const [a, b] = [left, right].map((value, index) => {
    if (ArrayBuffer.isView(value) || isArrayBuffer(value)) return viewOf(value);
    throw invalidType(`buf${index + 1}`, 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView', value);
  }) as [Uint8Array, Uint8Array];
  if (a.length !== b.length) throw withCode(new RangeError('Input buffers must have the same byte length'), 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH');
  let difference = 0;
  for (let at = 0; at < a.length; at++) difference |= a[at]! ^ b[at]!;
  return difference === 0;
}

export function pbkdf2Sync(password: unknown, salt: unknown, iterations: number, keylen: number, digest: string): Buffer {
  checkString('digest', digest);
  const secret = bytesIn('password', password, SECRETS);
  const salted = bytesIn('salt', salt, SECRETS);
  checkInteger('iterations', iterations, 1);
  checkInteger('keylen', keylen, 0);
  const [name] = digestOf(digest) ?? [''];
  // Those that the host has for it.
  if (!/^SHA-(1|256|384|512)$/.test(name)) throw withCode(new TypeError(`Invalid digest: ${digest}`), 'ERR_CRYPTO_INVALID_DIGEST');
  return bufferOf(host.subtle().pbkdf2(name, secret, salted, iterations, keylen));
}

export function pbkdf2(password: unknown, salt: unknown, iterations: number, keylen: number, digest: string, done: Done<Buffer>): void {
  if (typeof digest === 'function') [digest, done] = [undefined as never, digest];
  checkCallback(done);
  later(done, pbkdf2Sync(password, salt, iterations, keylen, digest));
}

interface ScryptOptions {
  N?: number;
  cost?: number;
  r?: number;
  blockSize?: number;
  p?: number;
  parallelization?: number;
  maxmem?: number;
}

export function scryptSync(password: unknown, salt: unknown, keylen: number, options: ScryptOptions = {}): Buffer {
  const secret = bytesIn('password', password, SECRETS);
  const salted = bytesIn('salt', salt, SECRETS);
  checkInteger('keylen', keylen, 0);
  const either = (short: 'N' | 'r' | 'p', long: 'cost' | 'blockSize' | 'parallelization', fallback: number) => {
    if (options[short] !== undefined && options[long] !== undefined) {
      throw withCode(new Error('Invalid scrypt parameter'), 'ERR_CRYPTO_SCRYPT_INVALID_PARAMETER');
    }
    const value = options[short] ?? options[long] ?? fallback;
    checkInteger(options[short] !== undefined ? short : long, value, 0, 2 ** 32 - 1);
    return value || fallback;
  };
  const [N, r, p] = [either('N', 'cost', 16384), either('r', 'blockSize', 8), either('p', 'parallelization', 1)];
  const { maxmem = 32 * 2 ** 20 } = options;
  checkInteger('maxmem', maxmem, 0, Number.MAX_SAFE_INTEGER);
  const wrong = (why = '') => withCode(new RangeError(`Invalid scrypt params${why}`), 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS');
  if (N < 2 || 2 ** Math.round(Math.log2(N)) !== N) throw wrong();
  if (p * 128 * r + 128 * r * (N + 2) > maxmem) throw wrong(': memory limit exceeded');
  const key = keylen === 0 ? new Uint8Array(0) : host.subtle().scrypt(secret, salted, Math.log2(N), r, p, keylen);
  if (key === undefined) throw wrong();
  return bufferOf(key);
}

export function scrypt(password: unknown, salt: unknown, keylen: number, ...rest: [options: ScryptOptions, done: Done<Buffer>] | [done: Done<Buffer>]): void {
  const done = rest.pop();
  checkCallback(done);
  later(done, scryptSync(password, salt, keylen, rest[0] as ScryptOptions | undefined));
}

export const webcrypto = crypto;
/** `crypto.subtle`, which takes longer to make than all of this, once something of it is used. */
export const subtle = new Proxy({} as typeof crypto.subtle, {
  get(_, name) {
    const { subtle } = crypto;
    const value: unknown = Reflect.get(subtle, name);
    return typeof value === 'function' ? (value.bind(subtle) as unknown) : value;
  },
});
export const getRandomValues = <T>(array: T): T => crypto.getRandomValues(array);
export { randomUUID };

/** What is not there can be imported, and fails where it is used. */
const absent: Record<string, () => never> = new Proxy(
  {},
  {
    get: (_, name) =>
      function () {
        const message = `crypto.${String(name)} is not provided: crypto.subtle has what there is besides digests and keys of passwords`;
        throw withCode(new Error(message), 'ERR_METHOD_NOT_IMPLEMENTED');
      },
  },
);
export const {
  createCipheriv, createDecipheriv, createSign, createVerify, sign, verify, createSecretKey, createPublicKey, createPrivateKey,
  generateKeyPair, generateKeyPairSync, createECDH, createDiffieHellman, diffieHellman, hkdf, hkdfSync, publicEncrypt,
  publicDecrypt, privateEncrypt, privateDecrypt, X509Certificate, KeyObject,
} = absent;
export const constants = {};

export default {
  constants, createHash, createHmac, getHashes, getRandomValues, Hash, hash, Hmac, pbkdf2, pbkdf2Sync, pseudoRandomBytes, randomBytes, randomFill,
  randomFillSync, randomInt, randomUUID, scrypt, scryptSync, timingSafeEqual, webcrypto,
  get subtle() {
    return crypto.subtle;
  },
  createCipheriv, createDecipheriv, createSign, createVerify, sign, verify, createSecretKey, createPublicKey, createPrivateKey,
  generateKeyPair, generateKeyPairSync, createECDH, createDiffieHellman, diffieHellman, hkdf, hkdfSync, publicEncrypt,
  publicDecrypt, privateEncrypt, privateDecrypt, X509Certificate, KeyObject,
};

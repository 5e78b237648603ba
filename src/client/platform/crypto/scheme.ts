/** The algorithms, by what they can do, and how one is found (Web Cryptography API, section 18). */
import { domString, enforceRange, isBufferSource, isObject, copyOf } from '../idl.ts';
import type { CryptoKey, KeyParts, KeyUsage } from './key.ts';

/** The members of an algorithm that was given as an object. */
export type Members = Record<string, unknown>;

export type KeyFormat = 'raw' | 'pkcs8' | 'spki' | 'jwk';
/** A key as it is outside: a JSON Web Key in the format `jwk`, else bytes. */
export type KeyData = Uint8Array<ArrayBuffer> | JsonWebKey;
export type KeyPair = { publicKey: CryptoKey; privateKey: CryptoKey };

/** One that reads its members at first, as Web IDL converts them, and does its work with what else it is given. */
type Operation<Args extends unknown[], Result> = (members: Members) => (...args: Args) => Result;
type Bytes = Uint8Array;

/** An algorithm. What it has no operation for it doesn't support. */
export interface Scheme {
  name: string;
  generateKey?: Operation<[extractable: boolean, usages: KeyUsage[]], CryptoKey | KeyPair>;
  importKey?: Operation<[format: KeyFormat, data: KeyData, extractable: boolean, usages: KeyUsage[]], CryptoKey>;
  exportKey?: Operation<[format: KeyFormat, key: KeyParts], KeyData>;
  /** How many bits a key has that is derived; null, where it may be any number. */
  keyLength?: Operation<[], number | null>;
  sign?: Operation<[key: KeyParts, data: Bytes], Bytes>;
  verify?: Operation<[key: KeyParts, data: Bytes, signature: Bytes], boolean>;
  encrypt?: Operation<[key: KeyParts, data: Bytes], Bytes>;
  decrypt?: Operation<[key: KeyParts, data: Bytes], Bytes>;
  deriveBits?: Operation<[key: KeyParts, length: number | null], Bytes>;
  wrapKey?: Operation<[key: KeyParts, data: Bytes], Bytes>;
  unwrapKey?: Operation<[key: KeyParts, data: Bytes], Bytes>;
}

const schemes = new Map<string, Scheme>();

export function register(...all: Scheme[]): void {
  for (const scheme of all) schemes.set(upper(scheme.name), scheme);
}

type ErrorName = 'DataError' | 'InvalidAccessError' | 'NotSupportedError' | 'OperationError' | 'SyntaxError';

export function fail(name: ErrorName, message: string): never {
  throw new DOMException(message, name);
}

/** Names are compared without regard to the case of ASCII letters. */
function upper(name: string): string {
  return name.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** An algorithm that was named, or given as an object with a name. */
function named(algorithm: unknown): [name: string, members: Members] {
  if (!isObject(algorithm)) return [domString(algorithm), {}];
  const members = algorithm as Members;
  return [domString(required(members, 'name')), members];
}

/** "Normalize an algorithm"; undefined, where it has none of these operations. */
export function tryNormalize<O extends Exclude<keyof Scheme, 'name'>>(operation: O, algorithm: unknown) {
  const [name, members] = named(algorithm);
  const scheme = schemes.get(upper(name));
  const prepare = scheme?.[operation] as NonNullable<Scheme[O]> | undefined;
  return scheme && prepare && { name: scheme.name, run: prepare(members) as ReturnType<NonNullable<Scheme[O]>> };
}

export function normalize<O extends Exclude<keyof Scheme, 'name'>>(operation: O, algorithm: unknown) {
  return tryNormalize(operation, algorithm) ?? fail('NotSupportedError', `${named(algorithm)[0]} has no ${operation}`);
}

/** The scheme of a key that there is. */
export function schemeOf(key: KeyParts): Scheme {
  return schemes.get(upper(key.algorithm.name))!;
}

/** How many bytes a digest has, and its block. */
const hashes: Record<string, readonly [bytes: number, block: number]> = {
  'SHA-1': [20, 64],
  'SHA-256': [32, 64],
  'SHA-384': [48, 128],
  'SHA-512': [64, 128],
};

/** `HashAlgorithmIdentifier`, as the name of a digest. */
export function digestName(algorithm: unknown): string {
  const [name] = named(algorithm);
  const known = upper(name);
  return Object.hasOwn(hashes, known) ? known : fail('NotSupportedError', `there is no digest ${name}`);
}

export function digestLength(hash: string): number {
  return hashes[hash]![0];
}

export function blockOf(hash: string): number {
  return hashes[hash]![1];
}

/** How a JSON Web Key numbers a hash: SHA-256 is 256. */
export function numberOf(hash: string): string {
  return hash.slice('SHA-'.length);
}

export function required(members: Members, name: string): unknown {
  const value = members[name];
  if (value === undefined) throw new TypeError(`the member ${name} is required`);
  return value;
}

/** A member that is a `BufferSource`. */
export function bytesIn(members: Members, name: string): Uint8Array<ArrayBuffer> {
  const value = required(members, name);
  if (!isBufferSource(value)) throw new TypeError(`the member ${name} is not a buffer`);
  return copyOf(value);
}

export function optionalBytesIn(members: Members, name: string): Uint8Array<ArrayBuffer> | undefined {
  return members[name] === undefined ? undefined : bytesIn(members, name);
}

/** `[EnforceRange]` of so many bits. */
export function rangeOf(value: unknown, bits: number, what: string): number {
  const number = enforceRange(value, what);
  if (number >= 2 ** bits) throw new TypeError(`${what} is out of range`);
  return number;
}

export function integerIn(members: Members, name: string, bits: number): number {
  return rangeOf(required(members, name), bits, `the member ${name}`);
}

export function optionalIntegerIn(members: Members, name: string, bits: number): number | undefined {
  return members[name] === undefined ? undefined : integerIn(members, name, bits);
}

export function hashIn(members: Members): string {
  return digestName(required(members, 'hash'));
}

/** Refuses usages that a key has no use for. */
export function permit(usages: readonly KeyUsage[], allowed: readonly KeyUsage[]): void {
  const other = usages.find((usage) => !allowed.includes(usage));
  if (other) fail('SyntaxError', `the key can't be used for ${other}`);
}

/** What a native has made, unless it could not. */
export function done<T>(result: T | undefined, what: string): T {
  return result === undefined ? fail('OperationError', what) : result;
}

/** The first so many bits: what is left of the last byte is zero. */
export function firstBits(bytes: Uint8Array, bits: number): Uint8Array<ArrayBuffer> {
  const first = bytes.slice(0, Math.ceil(bits / 8)) as Uint8Array<ArrayBuffer>;
  if (bits % 8) first[first.length - 1]! &= 0xff << (8 - (bits % 8));
  return first;
}

/** Whether they are the same, in a time that does not tell where they differ. */
export function isSame(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let i = 0; i < left.length; i++) difference |= left[i]! ^ right[i]!;
  return difference === 0;
}

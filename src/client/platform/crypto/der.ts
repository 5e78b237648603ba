/** The few structures of ASN.1 that keys stand in, in DER: PKCS #8 (RFC 5208), SubjectPublicKeyInfo (RFC 5280) and what is in them. */
import { fail } from './scheme.ts';

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const NULL = 0x05;
const OBJECT = 0x06;
const SEQUENCE = 0x30;

type Bytes = Uint8Array<ArrayBuffer>;

/** Reads values one after the other. Whatever it does not find is a `DataError`. */
export class Reader {
  #bytes: Bytes;
  #at = 0;
  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }
  /** The tag of the next value; undefined at the end. */
  get tag(): number | undefined {
    return this.#bytes[this.#at];
  }
  read(tag: number): Bytes {
    if (this.tag !== tag) fail('DataError', `the key has no value of type ${tag} at ${this.#at}`);
    let length = this.#bytes[this.#at + 1] ?? 0;
    let start = this.#at + 2;
    if (length > 0x7f) {
      const digits = this.#bytes.subarray(start, (start += length & 0x7f));
      length = digits.reduce((number, digit) => number * 256 + digit, 0);
      // The shortest form is the only one.
      if (digits.length === 0 || digits[0] === 0 || length < 0x80) fail('DataError', 'the key has a length that is not in DER');
    }
    const end = start + length;
    if (!(end <= this.#bytes.length)) fail('DataError', 'the key ends too early');
    this.#at = end;
    return this.#bytes.slice(start, end);
  }
  sequence(): Reader {
    return new Reader(this.read(SEQUENCE));
  }
  octets(): Bytes {
    return this.read(OCTET_STRING);
  }
  bits(): Bytes {
    const bits = this.read(BIT_STRING);
    return bits[0] === 0 ? bits.slice(1) : fail('DataError', 'the key has bits that are no bytes');
  }
  /** A number that is not negative, without leading zeros. */
  integer(): Bytes {
    const bytes = this.read(INTEGER);
    if (bytes.length === 0 || bytes[0]! > 0x7f) fail('DataError', 'the key has a number that is none');
    return withoutZeros(bytes);
  }
  /** The value of a tag that only the context explains; undefined, where the next is another. */
  optional(number: number): Reader | undefined {
    return this.tag === (0xa0 | number) ? new Reader(this.read(0xa0 | number)) : undefined;
  }
  /** Refuses more. */
  end(): void {
    if (this.#at < this.#bytes.length) fail('DataError', 'the key does not end where it should');
  }
  /** `AlgorithmIdentifier`, which has to be this. */
  algorithm(expected: Bytes): void {
    const found = this.read(SEQUENCE);
    const wanted = new Reader(expected).read(SEQUENCE);
    if (found.length !== wanted.length || found.some((byte, i) => byte !== wanted[i])) fail('DataError', 'the key is one of another algorithm');
  }
}

export function withoutZeros(bytes: Bytes): Bytes {
  const first = bytes.findIndex((byte) => byte !== 0);
  return bytes.slice(first < 0 ? bytes.length : first);
}

function write(tag: number, ...parts: Uint8Array[]): Bytes {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const digits: number[] = [];
  if (length > 0x7f) for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  const head = [tag, ...(digits.length > 0 ? [0x80 | digits.length, ...digits] : [length])];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  let at = head.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export const sequenceOf = (...parts: Uint8Array[]): Bytes => write(SEQUENCE, ...parts);
export const octetsOf = (bytes: Uint8Array): Bytes => write(OCTET_STRING, bytes);
export const bitsOf = (bytes: Uint8Array): Bytes => write(BIT_STRING, Uint8Array.of(0), bytes);
export const tagged = (number: number, part: Uint8Array): Bytes => write(0xa0 | number, part);
export const nullValue: Bytes = write(NULL);

/** A number that is not negative. */
export function integerOf(bytes: Uint8Array): Bytes {
  const short = withoutZeros(bytes as Bytes);
  return write(INTEGER, ...((short[0] ?? 0x80) > 0x7f ? [Uint8Array.of(0)] : []), short);
}

/** An object identifier, which has arcs of few bits but the first two. */
export function objectOf(text: string): Bytes {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes: number[] = [first * 40 + second];
  for (const arc of rest) {
    const digits = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return write(OBJECT, Uint8Array.from(bytes));
}

/** What is in a private key of an algorithm. The attributes, and the public key that may stand there too, are of no use. */
export function readPkcs8(bytes: Bytes, algorithm: Bytes): Bytes {
  const outer = new Reader(bytes);
  const info = outer.sequence();
  outer.end();
  const version = info.integer();
  if (version.length > 1 || (version[0] ?? 0) > 1) fail('DataError', 'the key has a version that is not known');
  info.algorithm(algorithm);
  return info.octets();
}

export function writePkcs8(algorithm: Bytes, key: Bytes): Bytes {
  return sequenceOf(integerOf(new Uint8Array(0)), algorithm, octetsOf(key));
}

export function readSpki(bytes: Bytes, algorithm: Bytes): Bytes {
  const outer = new Reader(bytes);
  const info = outer.sequence();
  outer.end();
  info.algorithm(algorithm);
  const key = info.bits();
  info.end();
  return key;
}

export function writeSpki(algorithm: Bytes, key: Uint8Array): Bytes {
  return sequenceOf(algorithm, bitsOf(key));
}

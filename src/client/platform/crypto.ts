/** Crypto: random values, and the way to `subtle` (Web Cryptography API, section 10). */
import type { SubtleCrypto } from './crypto/subtle.ts';
import { host } from './host.ts';
import { defineInterface, illegal, need } from './idl.ts';
import { QuotaExceededError } from './quota.ts';
import { randomUUID } from './random.ts';

const integers = ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array'];
const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!;

let making = false;

export class Crypto {
  #subtle: SubtleCrypto | undefined;
  constructor() {
    if (!making) illegal();
  }
  /** Most programs want random values, and nothing of this. */
  get subtle(): SubtleCrypto {
    return (this.#subtle ??= (host.load('crypto/subtle') as typeof import('./crypto/subtle.ts')).makeSubtle());
  }
  getRandomValues<T>(array: T): T {
    this.#subtle;
    need(arguments, 1, 'Crypto.getRandomValues');
    if (!ArrayBuffer.isView(array)) throw new TypeError('not a view of a buffer');
    if (!integers.includes(tagOf.call(array) as string)) throw new DOMException('not an array of integers', 'TypeMismatchError');
    if (array.byteLength > 65536) throw new QuotaExceededError('more than 65536 bytes at once');
    new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength).set(host.random(array.byteLength));
    return array;
  }
  randomUUID(): string {
    this.#subtle;
    return randomUUID();
  }
}
defineInterface(Crypto);

making = true;
export const crypto = new Crypto();
making = false;

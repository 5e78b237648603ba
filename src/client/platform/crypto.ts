/** Crypto: random values and digests (Web Cryptography API, sections 10 and 14.3.5). */
import { host } from './host.ts';
import { copyOf, defineInterface, dictionary, domString, illegal, isBufferSource, isObject, need } from './idl.ts';
import { QuotaExceededError } from './quota.ts';
import { randomUUID } from './random.ts';
import { rejected, resolved } from './streams/promises.ts';

const digests = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
const integers = ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array'];
const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!;

let making = false;

function algorithmName(algorithm: unknown): string {
  if (!isObject(algorithm)) return domString(algorithm);
  const { name } = dictionary(algorithm, 'the algorithm');
  if (name === undefined) throw new TypeError('the member name is required');
  return domString(name);
}

export class SubtleCrypto {
  #brand = true;
  constructor() {
    if (!making) illegal();
  }
  digest(algorithm: unknown, data: BufferSource): Promise<ArrayBuffer> {
    try {
      this.#brand;
      need(arguments, 2, 'SubtleCrypto.digest');
      const name = algorithmName(algorithm);
      if (!isBufferSource(data)) throw new TypeError('the data are not a buffer');
      const bytes = copyOf(data);
      const known = digests.find((digest) => digest === name.toUpperCase());
      if (!known) throw new DOMException(`there is no digest ${name}`, 'NotSupportedError');
      return resolved(copyOf(host.digest(known, bytes)).buffer);
    } catch (error) {
      return rejected(error);
    }
  }
}
defineInterface(SubtleCrypto);

export class Crypto {
  #subtle: SubtleCrypto;
  constructor() {
    if (!making) illegal();
    this.#subtle = new SubtleCrypto();
  }
  get subtle(): SubtleCrypto {
    return this.#subtle;
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

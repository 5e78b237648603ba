/** SubtleCrypto (Web Cryptography API, section 14). */
import { host } from '../host.ts';
import { copyOf, defineInterface, illegal, isBufferSource, isObject, need, oneOf, sequence } from '../idl.ts';
import { rejected, resolved } from '../streams/promises.ts';
import './aes.ts';
import './derive.ts';
import './ec.ts';
import './hmac.ts';
import './okp.ts';
import './rsa.ts';
import { jwkOf } from './jwk.ts';
import { CryptoKey, type KeyParts, type KeyUsage, keyUsages, partsOf } from './key.ts';
import { digestName, fail, type KeyData, type KeyFormat, type KeyPair, normalize, rangeOf, schemeOf, tryNormalize } from './scheme.ts';

const formats: KeyFormat[] = ['raw', 'pkcs8', 'spki', 'jwk'];

/** Whatever goes wrong is a rejection. */
function promised<T>(body: () => T): Promise<Awaited<T>> {
  try {
    return resolved(body());
  } catch (error) {
    return rejected(error);
  }
}

function bufferSource(value: unknown, what = 'the data'): Uint8Array<ArrayBuffer> {
  if (!isBufferSource(value)) throw new TypeError(`${what} are not a buffer`);
  return copyOf(value);
}

function formatOf(value: unknown): KeyFormat {
  return oneOf(value, formats, 'the format of a key');
}

function usagesOf(value: unknown): KeyUsage[] {
  return sequence(value, 'the usages', (usage) => oneOf(usage, keyUsages, 'a usage'));
}

/** Bytes become a buffer of their own. */
function buffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.byteLength === bytes.buffer.byteLength ? (bytes.buffer as ArrayBuffer) : copyOf(bytes).buffer;
}

/** Refuses a key of another algorithm, or that is not for this. */
function check(key: KeyParts, name: string, usage: KeyUsage): void {
  if (key.algorithm.name !== name) fail('InvalidAccessError', `the key is one of ${key.algorithm.name}, not of ${name}`);
  if (!key.usages.includes(usage)) fail('InvalidAccessError', `the key can't be used for ${usage}`);
}

/** A key that is good for nothing is an error. */
function useful(key: CryptoKey): CryptoKey {
  if (key.type !== 'public' && key.usages.length === 0) fail('SyntaxError', 'the key has no usages');
  return key;
}

function exported(format: KeyFormat, key: KeyParts): KeyData {
  const write = schemeOf(key).exportKey ?? fail('NotSupportedError', `a key of ${key.algorithm.name} is not exported`);
  if (!key.extractable) fail('InvalidAccessError', 'the key is not extractable');
  return write({})(format, key);
}

/** A JSON Web Key as bytes. Those that wrap blocks of 8 get whole ones, as the note at `wrapKey` has it. */
function serialized(data: KeyData, name: string): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const text = JSON.stringify(data);
  const missing = name === 'AES-KW' ? -host.encodeUtf8(text).length & 7 : 0;
  return host.encodeUtf8(text.slice(0, -1) + ' '.repeat(missing) + '}');
}

function deserialized(format: KeyFormat, bytes: Uint8Array): KeyData {
  if (format !== 'jwk') return copyOf(bytes);
  let jwk: unknown;
  try {
    jwk = JSON.parse(host.decoder('utf-8', false, false)(bytes, true));
  } catch {
    return fail('DataError', 'the data are no JSON');
  }
  if (!isObject(jwk) || (jwk as JsonWebKey).kty === undefined) fail('DataError', 'the data are no JSON Web Key');
  return jwkOf(jwk);
}

let making = false;

export class SubtleCrypto {
  #brand = true;
  constructor() {
    if (!making) illegal();
  }
  encrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    return promised(() => this.#cipher('encrypt', arguments, algorithm, key, data));
  }
  decrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    return promised(() => this.#cipher('decrypt', arguments, algorithm, key, data));
  }
  sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    return promised(() => this.#cipher('sign', arguments, algorithm, key, data));
  }
  #cipher(operation: 'encrypt' | 'decrypt' | 'sign', args: ArrayLike<unknown>, algorithm: unknown, key: unknown, data: unknown): ArrayBuffer {
    need(args, 3, `SubtleCrypto.${operation}`);
    const parts = partsOf(key);
    const bytes = bufferSource(data);
    const { name, run } = normalize(operation, algorithm);
    check(parts, name, operation);
    return buffer(run(parts, bytes));
  }
  verify(algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> {
    return promised(() => {
      this.#brand;
      need(arguments, 4, 'SubtleCrypto.verify');
      const parts = partsOf(key);
      const signatureBytes = bufferSource(signature, 'the bytes of the signature');
      const bytes = bufferSource(data);
      const { name, run } = normalize('verify', algorithm);
      check(parts, name, 'verify');
      return run(parts, bytes, signatureBytes);
    });
  }
  digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    return promised(() => {
      this.#brand;
      need(arguments, 2, 'SubtleCrypto.digest');
      const bytes = bufferSource(data);
      return buffer(host.digest(digestName(algorithm), bytes));
    });
  }
  generateKey(algorithm: unknown, extractable: unknown, usages: unknown): Promise<CryptoKey | KeyPair> {
    return promised(() => {
      this.#brand;
      need(arguments, 3, 'SubtleCrypto.generateKey');
      const wanted = usagesOf(usages);
      const made = normalize('generateKey', algorithm).run(Boolean(extractable), wanted);
      useful(made instanceof CryptoKey ? made : made.privateKey);
      return made;
    });
  }
  deriveKey(algorithm: unknown, key: unknown, derived: unknown, extractable: unknown, usages: unknown): Promise<CryptoKey> {
    return promised(() => {
      this.#brand;
      need(arguments, 5, 'SubtleCrypto.deriveKey');
      const parts = partsOf(key);
      const wanted = usagesOf(usages);
      const { name, run } = normalize('deriveBits', algorithm);
      const { run: importKey } = normalize('importKey', derived);
      const { run: keyLength } = normalize('keyLength', derived);
      check(parts, name, 'deriveKey');
      return useful(importKey('raw', copyOf(run(parts, keyLength())), Boolean(extractable), wanted));
    });
  }
  deriveBits(algorithm: unknown, key: unknown, length: unknown = null): Promise<ArrayBuffer> {
    return promised(() => {
      this.#brand;
      need(arguments, 2, 'SubtleCrypto.deriveBits');
      const parts = partsOf(key);
      const bits = length === null ? null : Number(length as number) >>> 0;
      const { name, run } = normalize('deriveBits', algorithm);
      check(parts, name, 'deriveBits');
      return buffer(run(parts, bits));
    });
  }
  importKey(format: unknown, data: unknown, algorithm: unknown, extractable: unknown, usages: unknown): Promise<CryptoKey> {
    return promised(() => {
      this.#brand;
      need(arguments, 5, 'SubtleCrypto.importKey');
      const kind = formatOf(format);
      if ((kind === 'jwk') === isBufferSource(data)) throw new TypeError(`the key is ${kind === 'jwk' ? 'no JSON Web Key' : 'not a buffer'}`);
      const content = kind === 'jwk' ? jwkOf(data) : bufferSource(data);
      const wanted = usagesOf(usages);
      return useful(normalize('importKey', algorithm).run(kind, content, Boolean(extractable), wanted));
    });
  }
  exportKey(format: unknown, key: unknown): Promise<ArrayBuffer | JsonWebKey> {
    return promised(() => {
      this.#brand;
      need(arguments, 2, 'SubtleCrypto.exportKey');
      const data = exported(formatOf(format), partsOf(key));
      return data instanceof Uint8Array ? buffer(data) : data;
    });
  }
  wrapKey(format: unknown, key: unknown, wrappingKey: unknown, algorithm: unknown): Promise<ArrayBuffer> {
    return promised(() => {
      this.#brand;
      need(arguments, 4, 'SubtleCrypto.wrapKey');
      const kind = formatOf(format);
      const parts = partsOf(key);
      const wrapping = partsOf(wrappingKey, 'the wrapping key');
      const { name, run } = tryNormalize('wrapKey', algorithm) ?? normalize('encrypt', algorithm);
      check(wrapping, name, 'wrapKey');
      return buffer(run(wrapping, serialized(exported(kind, parts), name)));
    });
  }
  unwrapKey(
    format: unknown,
    wrapped: unknown,
    unwrappingKey: unknown,
    algorithm: unknown,
    keyAlgorithm: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<CryptoKey> {
    return promised(() => {
      this.#brand;
      need(arguments, 7, 'SubtleCrypto.unwrapKey');
      const kind = formatOf(format);
      const bytes = bufferSource(wrapped, 'the bytes of the wrapped key');
      const unwrapping = partsOf(unwrappingKey, 'the unwrapping key');
      const wanted = usagesOf(usages);
      const { name, run } = tryNormalize('unwrapKey', algorithm) ?? normalize('decrypt', algorithm);
      const { run: importKey } = normalize('importKey', keyAlgorithm);
      check(unwrapping, name, 'unwrapKey');
      return useful(importKey(kind, deserialized(kind, run(unwrapping, bytes)), Boolean(extractable), wanted));
    });
  }
}
defineInterface(SubtleCrypto);

/** The one that `crypto.subtle` is. */
export function makeSubtle(): SubtleCrypto {
  making = true;
  try {
    return new SubtleCrypto();
  } finally {
    making = false;
  }
}

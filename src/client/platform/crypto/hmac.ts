/** HMAC (Web Cryptography API, section 29). */
import { host } from '../host.ts';
import { type KeyParts, type KeyUsage, makeKey } from './key.ts';
import { blockOf, fail, firstBits, hashIn, isSame, type Members, numberOf, optionalIntegerIn, permit, register } from './scheme.ts';
import { readSecret, writeSecret } from './secret.ts';

const uses: KeyUsage[] = ['sign', 'verify'];

function params(members: Members): { hash: string; length: number | undefined } {
  return { hash: hashIn(members), length: optionalIntegerIn(members, 'length', 32) };
}

function keyOf(bytes: Uint8Array, hash: string, length: number, extractable: boolean, usages: KeyUsage[]) {
  const algorithm = { name: 'HMAC', length, hash: { name: hash } };
  return makeKey({ type: 'secret', extractable, algorithm, usages, material: { k: firstBits(bytes, length) } });
}

function sign(key: KeyParts, data: Uint8Array): Uint8Array {
  return host.subtle().hmac(key.algorithm.hash!.name, key.material['k']!, data);
}

register({
  name: 'HMAC',
  generateKey: (members) => {
    const { hash, length = blockOf(hash) * 8 } = params(members);
    return (extractable, usages) => {
      permit(usages, uses);
      if (length === 0) fail('OperationError', 'a key has at least one bit');
      return keyOf(host.random(Math.ceil(length / 8)), hash, length, extractable, usages);
    };
  },
  importKey: (members) => {
    const { hash, length } = params(members);
    return (format, data, extractable, usages) => {
      permit(usages, uses);
      const bytes = readSecret(format, data, extractable, usages, 'sig', () => `HS${numberOf(hash)}`);
      const bits = bytes.length * 8;
      if (bits === 0) fail('DataError', 'the key is empty');
      if (length !== undefined && (length > bits || length <= bits - 8)) fail('DataError', `the key has not ${length} bits`);
      return keyOf(bytes, hash, length ?? bits, extractable, usages);
    };
  },
  exportKey: () => (format, key) => writeSecret(format, key, () => `HS${numberOf(key.algorithm.hash!.name)}`),
  keyLength: (members) => {
    const { hash, length = blockOf(hash) * 8 } = params(members);
    return () => {
      if (length === 0) throw new TypeError('a key has at least one bit');
      return length;
    };
  },
  sign: () => sign,
  verify: () => (key, data, signature) => isSame(sign(key, data), signature),
});

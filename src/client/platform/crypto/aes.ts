/** AES (Web Cryptography API, sections 25 to 28). */
import { host } from '../host.ts';
import { type KeyUsage, makeKey } from './key.ts';
import { bytesIn, done, fail, integerIn, type Members, optionalBytesIn, optionalIntegerIn, permit, register, type Scheme } from './scheme.ts';
import { readSecret, writeSecret } from './secret.ts';

/** What all modes have in common. `mode` is how JSON Web Keys call it. */
function scheme(name: string, mode: string, uses: KeyUsage[]): Scheme {
  const alg = (length: number) => `A${length * 8}${mode}`;
  const lengthIn = (members: Members) => {
    const length = integerIn(members, 'length', 16);
    return () => ([128, 192, 256].includes(length) ? length : fail('OperationError', `a key of AES has not ${length} bits`));
  };
  const keyOf = (k: Uint8Array, extractable: boolean, usages: KeyUsage[]) =>
    makeKey({ type: 'secret', extractable, algorithm: { name, length: k.length * 8 }, usages, material: { k } });
  return {
    name,
    generateKey: (members) => {
      const length = lengthIn(members);
      return (extractable, usages) => {
        permit(usages, uses);
        return keyOf(host.random(length() / 8), extractable, usages);
      };
    },
    importKey: () => (format, data, extractable, usages) => {
      permit(usages, uses);
      const bytes = readSecret(format, data, extractable, usages, 'enc', alg);
      if (![16, 24, 32].includes(bytes.length)) fail('DataError', `a key of AES has not ${bytes.length} bytes`);
      return keyOf(bytes, extractable, usages);
    },
    exportKey: () => (format, key) => writeSecret(format, key, alg),
    keyLength: lengthIn,
  };
}

const all: KeyUsage[] = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];
const wraps: KeyUsage[] = ['wrapKey', 'unwrapKey'];
const failed = 'the data can not be decrypted';

/** An initialization vector, or a counter. */
function block(members: Members, name: string): () => Uint8Array {
  const bytes = bytesIn(members, name);
  return () => (bytes.length === 16 ? bytes : fail('OperationError', `the member ${name} has not 16 bytes`));
}

function cbc(encrypts: boolean): NonNullable<Scheme['encrypt']> {
  return (members) => {
    const iv = block(members, 'iv');
    return (key, data) => done(host.subtle().aesCbc(key.material['k']!, iv(), data, encrypts), failed);
  };
}

const ctr: NonNullable<Scheme['encrypt']> = (members) => {
  const counter = block(members, 'counter');
  // `[EnforceRange] octet`.
  const length = integerIn(members, 'length', 8);
  return (key, data) => {
    if (length < 1 || length > 128) fail('OperationError', `a counter has not ${length} bits`);
    return done(host.subtle().aesCtr(key.material['k']!, counter(), length, data), 'the counter is too short for the data');
  };
};

function gcm(encrypts: boolean): NonNullable<Scheme['encrypt']> {
  return (members) => {
    const additional = optionalBytesIn(members, 'additionalData') ?? new Uint8Array(0);
    const iv = bytesIn(members, 'iv');
    const tagLength = optionalIntegerIn(members, 'tagLength', 8) ?? 128;
    return (key, data) => {
      if (iv.length === 0) fail('OperationError', 'the member iv is empty');
      if (![32, 64, 96, 104, 112, 120, 128].includes(tagLength)) fail('OperationError', `a tag has not ${tagLength} bits`);
      return done(host.subtle().aesGcm(key.material['k']!, iv, additional, tagLength / 8, data, encrypts), failed);
    };
  };
}

register(
  { ...scheme('AES-CBC', 'CBC', all), encrypt: cbc(true), decrypt: cbc(false) },
  { ...scheme('AES-CTR', 'CTR', all), encrypt: ctr, decrypt: ctr },
  { ...scheme('AES-GCM', 'GCM', all), encrypt: gcm(true), decrypt: gcm(false) },
  {
    ...scheme('AES-KW', 'KW', wraps),
    wrapKey: () => (key, data) => done(host.subtle().aesKw(key.material['k']!, data, true), 'the key has not whole blocks of 8 bytes'),
    unwrapKey: () => (key, data) => done(host.subtle().aesKw(key.material['k']!, data, false), 'the key can not be unwrapped'),
  },
);

/** Keys that are nothing but bytes: how they are read and written. */
import type { KeyParts, KeyUsage } from './key.ts';
import { bytesOfJwk, checkAlg, checkedJwk, toJwk } from './jwk.ts';
import { fail, type KeyData, type KeyFormat } from './scheme.ts';

/** The bytes of a key. `alg` is what a JSON Web Key of so many bytes would say. */
export function readSecret(
  format: KeyFormat,
  data: KeyData,
  extractable: boolean,
  usages: readonly KeyUsage[],
  use: 'sig' | 'enc',
  alg: (length: number) => string,
): Uint8Array<ArrayBuffer> {
  if (format === 'raw') return data as Uint8Array<ArrayBuffer>;
  if (format !== 'jwk') fail('NotSupportedError', `a secret key has no format ${format}`);
  const jwk = checkedJwk(data, 'oct', extractable, usages, use);
  const bytes = bytesOfJwk(jwk, 'k');
  checkAlg(jwk, alg(bytes.length));
  return bytes;
}

export function writeSecret(format: KeyFormat, key: KeyParts, alg: (length: number) => string): KeyData {
  const bytes = key.material['k']!;
  if (format === 'raw') return bytes.slice() as Uint8Array<ArrayBuffer>;
  if (format !== 'jwk') fail('NotSupportedError', `a secret key has no format ${format}`);
  return toJwk(key, { kty: 'oct', k: bytes, alg: alg(bytes.length) });
}

/** JSON Web Keys (RFC 7517), as the Web Cryptography API reads and writes them. */
import { decodeLoose, encode } from '../base64.ts';
import { dictionary, domString, sequence } from '../idl.ts';
import type { KeyParts, KeyUsage } from './key.ts';
import { fail, type KeyData } from './scheme.ts';

/** Members that are text, in the order of the alphabet, in which they are read. */
const texts = ['alg', 'crv', 'd', 'dp', 'dq', 'e', 'k', 'kty', 'n', 'p', 'q', 'qi', 'use', 'x', 'y'] as const;

/** The dictionary `JsonWebKey` of the specification. */
export function jwkOf(value: unknown): JsonWebKey {
  const members = dictionary(value, 'the JSON Web Key');
  const jwk: Record<string, unknown> = {};
  for (const name of texts) if (members[name] !== undefined) jwk[name] = domString(members[name]);
  if (members['ext'] !== undefined) jwk['ext'] = Boolean(members['ext']);
  if (members['key_ops'] !== undefined) jwk['key_ops'] = sequence(members['key_ops'], 'key_ops', domString);
  if (members['oth'] !== undefined) jwk['oth'] = sequence(members['oth'], 'oth', (item) => dictionary(item, 'a member of oth'));
  return jwk as JsonWebKey;
}

/** Checks what all keys have in common. `use` is what the key may be for, where it says so. */
export function checkedJwk(data: KeyData, kty: string, extractable: boolean, usages: readonly KeyUsage[], use: 'sig' | 'enc'): JsonWebKey {
  const jwk = data as JsonWebKey;
  if (jwk.kty !== kty) fail('DataError', `the member kty is not ${kty}`);
  if (usages.length > 0 && jwk.use !== undefined && jwk.use !== use) fail('DataError', `the member use is not ${use}`);
  const operations = jwk.key_ops;
  if (operations) {
    if (new Set(operations).size < operations.length) fail('DataError', 'the member key_ops says something twice');
    const missing = usages.find((usage) => !operations.includes(usage));
    if (missing) fail('DataError', `the member key_ops does not permit ${missing}`);
  }
  if (jwk.ext === false && extractable) fail('DataError', 'the key is not to be extractable');
  return jwk;
}

/** `alg`, where there is one. */
export function checkAlg(jwk: JsonWebKey, ...permitted: string[]): void {
  if (jwk.alg !== undefined && !permitted.includes(jwk.alg)) fail('DataError', `the member alg is not ${permitted.join(' or ')}`);
}

/** The bytes of a member, which are so many, if that is known. */
export function bytesOfJwk(jwk: JsonWebKey, name: keyof JsonWebKey, length?: number): Uint8Array<ArrayBuffer> {
  const text = jwk[name] as string | undefined;
  if (text === undefined || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) fail('DataError', `the member ${name} is no base64url`);
  const bytes = decodeLoose(text);
  if (length !== undefined && bytes.length !== length) fail('DataError', `the member ${name} has not ${length} bytes`);
  return bytes;
}

/** A key with these parts: those that are bytes are encoded. */
export function toJwk(key: KeyParts, parts: Record<string, string | Uint8Array>): JsonWebKey {
  const jwk: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(parts)) jwk[name] = typeof part === 'string' ? part : encode(part, true);
  return { ...jwk, key_ops: [...key.usages], ext: key.extractable };
}

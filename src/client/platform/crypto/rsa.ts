/**
 * RSASSA-PKCS1-v1_5 and RSA-PSS (Web Cryptography API, sections 20 and 21), as tokens are signed: with keys that there are, of 2048 bits or
 * more, by SHA-256, SHA-384 or SHA-512, and with salts that are as long as the digest.
 */
import { host } from '../host.ts';
import { copyOf } from '../idl.ts';
import { integerOf, nullValue, objectOf, Reader, readPkcs8, readSpki, sequenceOf, withoutZeros, writePkcs8, writeSpki } from './der.ts';
import { bytesOfJwk, checkAlg, checkedJwk, toJwk } from './jwk.ts';
import { type KeyParts, type KeyUsage, makeKey } from './key.ts';
import { digestLength, done, fail, hashIn, integerIn, type KeyData, type KeyFormat, type Members, numberOf, permit, register, type Scheme } from './scheme.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** In the order in which PKCS #1 has them. */
const publicParts = ['n', 'e'] as const;
const privateParts = [...publicParts, 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;
const identifier = sequenceOf(objectOf('1.2.840.113549.1.1.1'), nullValue);

/** The numbers of a key, as the natives want them. */
function numbers(key: KeyParts): Uint8Array[] {
  return (key.type === 'private' ? privateParts : publicParts).map((name) => key.material[name]!);
}

/** `RSAPublicKey` and `RSAPrivateKey` (RFC 8017, appendix A.1). */
function readNumbers(bytes: Bytes, isPrivate: boolean): Record<string, Bytes> {
  const outer = new Reader(bytes);
  const reader = outer.sequence();
  outer.end();
  if (isPrivate && reader.integer().length > 0) fail('NotSupportedError', 'the key has more than two primes');
  const material: Record<string, Bytes> = {};
  for (const name of isPrivate ? privateParts : publicParts) material[name] = reader.integer();
  reader.end();
  return material;
}

function read(format: KeyFormat, data: KeyData, extractable: boolean, usages: KeyUsage[], alg: string): Record<string, Bytes> {
  if (format === 'spki') return readNumbers(readSpki(data as Bytes, identifier), false);
  if (format === 'pkcs8') return readNumbers(readPkcs8(data as Bytes, identifier), true);
  if (format !== 'jwk') fail('NotSupportedError', `a key of RSA has no format ${format}`);
  const jwk = checkedJwk(data, 'RSA', extractable, usages, 'sig');
  checkAlg(jwk, alg);
  if (jwk.oth) fail('NotSupportedError', 'the key has more than two primes');
  const material: Record<string, Bytes> = {};
  for (const name of jwk.d === undefined ? publicParts : privateParts) material[name] = withoutZeros(bytesOfJwk(jwk, name));
  return material;
}

/** How many bits a number has. */
function bitsIn(bytes: Uint8Array): number {
  return bytes.length * 8 - Math.clz32(bytes[0] ?? 0) + 24;
}

function scheme(name: string, short: string): Scheme {
  const algOf = (hash: string) => short + numberOf(hash);
  const algorithmOf = (hash: string, { n, e }: Record<string, Uint8Array>) => ({
    name,
    modulusLength: bitsIn(n!),
    publicExponent: copyOf(e!),
    hash: { name: hash },
  });
  return {
    name,
    importKey: (members) => {
      const hash = hashIn(members);
      return (format, data, extractable, usages) => {
        const type = format === 'pkcs8' || (format === 'jwk' && (data as JsonWebKey).d !== undefined) ? 'private' : 'public';
        permit(usages, [type === 'private' ? 'sign' : 'verify']);
        const material = read(format, data, extractable, usages, algOf(hash));
        const key: KeyParts = { type, extractable, algorithm: algorithmOf(hash, material), usages, material };
        if (hash === 'SHA-1') fail('NotSupportedError', 'RSA is not supported with SHA-1');
        const { modulusLength } = key.algorithm as { modulusLength: number };
        const most = type === 'private' ? 4096 : 8192;
        if (modulusLength < 2048 || modulusLength > most) fail('NotSupportedError', `a key of RSA with ${modulusLength} bits is not supported`);
        if (type === 'private' && !host.subtle().rsaHolds(numbers(key))) fail('DataError', 'the numbers are no key of RSA');
        return makeKey(key);
      };
    },
    exportKey: () => (format, key) => {
      if (format === 'jwk') return toJwk(key, { kty: 'RSA', alg: algOf(key.algorithm.hash!.name), ...key.material });
      if (format === 'raw') fail('NotSupportedError', 'a key of RSA has no format raw');
      if ((format === 'pkcs8') !== (key.type === 'private')) fail('InvalidAccessError', `a ${key.type} key has no format ${format}`);
      const all = numbers(key).map(integerOf);
      if (format === 'spki') return writeSpki(identifier, sequenceOf(...all));
      return writePkcs8(identifier, sequenceOf(integerOf(new Uint8Array(0)), ...all));
    },
  };
}

/** Of a key that is private, or public, as the operation needs it. */
function partsFor(type: 'private' | 'public', key: KeyParts): [key: Uint8Array[], hash: string] {
  if (key.type !== type) fail('InvalidAccessError', `the key is not ${type}`);
  return [numbers(key), key.algorithm.hash!.name];
}

/** Signatures, which have a salt in RSA-PSS. */
function signatures(isPss: boolean): Pick<Scheme, 'sign' | 'verify'> {
  const saltIn = (members: Members) => {
    const length = isPss ? integerIn(members, 'saltLength', 32) : 0;
    return (hash: string) => {
      if (isPss && length !== digestLength(hash)) fail('NotSupportedError', 'a salt that is not as long as the digest');
    };
  };
  return {
    sign: (members) => {
      const check = saltIn(members);
      return (key, data) => {
        const [parts, hash] = partsFor('private', key);
        check(hash);
        return done(host.subtle().rsaSign(parts, isPss, hash, data), 'the data can not be signed');
      };
    },
    verify: (members) => {
      const check = saltIn(members);
      return (key, data, signature) => {
        const [parts, hash] = partsFor('public', key);
        check(hash);
        return host.subtle().rsaVerify(parts, isPss, hash, data, signature);
      };
    },
  };
}

register({ ...scheme('RSASSA-PKCS1-v1_5', 'RS'), ...signatures(false) }, { ...scheme('RSA-PSS', 'PS'), ...signatures(true) });

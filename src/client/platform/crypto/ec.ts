/** ECDSA and ECDH (Web Cryptography API, sections 23 and 24). */
import { domString } from '../idl.ts';
import { host } from '../host.ts';
import { bitsOf, integerOf, objectOf, octetsOf, Reader, readPkcs8, readSpki, sequenceOf, tagged, writePkcs8, writeSpki } from './der.ts';
import { bytesOfJwk, checkAlg, checkedJwk, toJwk } from './jwk.ts';
import { type KeyParts, type KeyUsage, makeKey, partsOf } from './key.ts';
import { done, fail, firstBits, hashIn, type KeyData, type KeyFormat, type Members, permit, register, required, type Scheme } from './scheme.ts';

type Bytes = Uint8Array<ArrayBuffer>;

interface Curve {
  name: string;
  /** How many bytes a number has. */
  size: number;
  /** The algorithm of JSON Web Signatures by this curve. */
  alg: string;
  /** `AlgorithmIdentifier`. */
  identifier: Bytes;
}

const identify = (curve: string) => sequenceOf(objectOf('1.2.840.10045.2.1'), objectOf(curve));
const curves: Curve[] = [
  { name: 'P-256', size: 32, alg: 'ES256', identifier: identify('1.2.840.10045.3.1.7') },
  { name: 'P-384', size: 48, alg: 'ES384', identifier: identify('1.3.132.0.34') },
  { name: 'P-521', size: 66, alg: 'ES512', identifier: identify('1.3.132.0.35') },
];

function curveOf(name: string): Curve {
  return curves.find((curve) => curve.name === name) ?? fail('NotSupportedError', `there is no curve ${name}`);
}

function concat(...parts: Uint8Array[]): Bytes {
  const bytes: Bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function validPoint(curve: Curve, bytes: Uint8Array): Uint8Array {
  const isKnown = bytes[0] === 2 || bytes[0] === 3 || bytes[0] === 4;
  return (isKnown ? host.subtle().ecPoint(curve.name, bytes) : undefined) ?? fail('DataError', `the key is no point of ${curve.name}`);
}

/** A private number with its point, which is the given one if there is one. */
function validPair(curve: Curve, d: Uint8Array, given?: Uint8Array): { d: Uint8Array; point: Uint8Array } {
  const point = (d.length === curve.size ? host.subtle().ecPublic(curve.name, d) : undefined) ?? fail('DataError', `the key is none of ${curve.name}`);
  const other = given && validPoint(curve, given);
  if (other?.some((byte, i) => byte !== point[i])) fail('DataError', 'the public key is not that of the private one');
  return { d, point };
}

/** `ECPrivateKey` (RFC 5915). */
function readPrivate(curve: Curve, bytes: Bytes): { d: Uint8Array; point: Uint8Array } {
  const reader = new Reader(bytes).sequence();
  if (reader.integer()[0] !== 1) fail('DataError', 'the key has a version that is not known');
  const d = reader.octets();
  reader.optional(0);
  return validPair(curve, d, reader.optional(1)?.bits());
}

function writePrivate({ d, point }: KeyParts['material']): Bytes {
  return sequenceOf(integerOf(Uint8Array.of(1)), octetsOf(d!), tagged(1, bitsOf(point!)));
}

/** The parts of a key that comes from outside. */
function read(curve: Curve, isEcdsa: boolean, format: KeyFormat, data: KeyData, extractable: boolean, usages: KeyUsage[]) {
  if (format === 'raw') return { point: validPoint(curve, data as Bytes) };
  if (format === 'spki') return { point: validPoint(curve, readSpki(data as Bytes, curve.identifier)) };
  if (format === 'pkcs8') return readPrivate(curve, readPkcs8(data as Bytes, curve.identifier));
  const jwk = checkedJwk(data, 'EC', extractable, usages, isEcdsa ? 'sig' : 'enc');
  if (jwk.crv !== curve.name) fail('DataError', `the member crv is not ${curve.name}`);
  if (isEcdsa) checkAlg(jwk, curve.alg);
  const point = concat(Uint8Array.of(4), bytesOfJwk(jwk, 'x', curve.size), bytesOfJwk(jwk, 'y', curve.size));
  return jwk.d === undefined ? { point: validPoint(curve, point) } : validPair(curve, bytesOfJwk(jwk, 'd', curve.size), point);
}

function isPrivate(format: KeyFormat, data: KeyData): boolean {
  return format === 'pkcs8' || (format === 'jwk' && (data as JsonWebKey).d !== undefined);
}

function scheme(name: string, privateUses: KeyUsage[], publicUses: KeyUsage[]): Scheme {
  const curveIn = (members: Members) => {
    const namedCurve = domString(required(members, 'namedCurve'));
    return () => curveOf(namedCurve);
  };
  return {
    name,
    generateKey: (members) => {
      const curve = curveIn(members);
      return (extractable, usages) => {
        const { name: namedCurve, size } = curve();
        permit(usages, [...privateUses, ...publicUses]);
        let d: Uint8Array;
        let point: Uint8Array | undefined;
        // Of numbers that are too large for the curve, and zero, another is taken.
        do {
          d = host.random(size);
          if (size === 66) d[0]! &= 1;
        } while (!(point = host.subtle().ecPublic(namedCurve, d)));
        const algorithm = { name, namedCurve };
        const use = (uses: KeyUsage[]) => usages.filter((usage) => uses.includes(usage));
        return {
          publicKey: makeKey({ type: 'public', extractable: true, algorithm, usages: use(publicUses), material: { point } }),
          privateKey: makeKey({ type: 'private', extractable, algorithm, usages: use(privateUses), material: { d, point } }),
        };
      };
    },
    importKey: (members) => {
      const curve = curveIn(members);
      return (format, data, extractable, usages) => {
        const type = isPrivate(format, data) ? 'private' : 'public';
        permit(usages, type === 'private' ? privateUses : publicUses);
        const found = curve();
        const material = read(found, name === 'ECDSA', format, data, extractable, usages);
        return makeKey({ type, extractable, algorithm: { name, namedCurve: found.name }, usages, material });
      };
    },
    exportKey: () => (format, key) => {
      const { d, point } = key.material;
      const { identifier, name: crv, size } = curveOf(key.algorithm.namedCurve!);
      if (format === 'jwk') {
        const jwk = { kty: 'EC', crv, x: point!.slice(1, size + 1), y: point!.slice(size + 1) };
        return toJwk(key, d ? { ...jwk, d } : jwk);
      }
      if ((format === 'pkcs8') !== (key.type === 'private')) fail('InvalidAccessError', `a ${key.type} key has no format ${format}`);
      if (format === 'pkcs8') return writePkcs8(identifier, writePrivate(key.material));
      return format === 'spki' ? writeSpki(identifier, point!) : (point!.slice() as Bytes);
    },
  };
}

/** A digest, with zeros before it where it is shorter than the curve's numbers: the number is the same. */
function digest(hash: string, data: Uint8Array, key: KeyParts): Bytes {
  const bytes = host.digest(hash, data);
  const { size } = curveOf(key.algorithm.namedCurve!);
  return concat(new Uint8Array(Math.max(size - bytes.length, 0)), bytes);
}

register(
  {
    ...scheme('ECDSA', ['sign'], ['verify']),
    sign: (members) => {
      const hash = hashIn(members);
      return (key, data) => {
        if (key.type !== 'private') fail('InvalidAccessError', 'the key is not private');
        return done(host.subtle().ecdsaSign(key.algorithm.namedCurve!, key.material['d']!, digest(hash, data, key)), 'the data can not be signed');
      };
    },
    verify: (members) => {
      const hash = hashIn(members);
      return (key, data, signature) => {
        if (key.type !== 'public') fail('InvalidAccessError', 'the key is not public');
        return host.subtle().ecdsaVerify(key.algorithm.namedCurve!, key.material['point']!, digest(hash, data, key), signature);
      };
    },
  },
  {
    ...scheme('ECDH', ['deriveKey', 'deriveBits'], []),
    deriveBits: (members) =>
      agreement(members, (key, other) => {
        const { namedCurve } = key.algorithm;
        if (other.algorithm.namedCurve !== namedCurve) fail('InvalidAccessError', 'the keys are of different curves');
        return host.subtle().ecdh(namedCurve!, key.material['d']!, other.material['point']!);
      }),
  },
);

/** The bits of what a private key and the public one of somebody else have in common. */
export function agreement(
  members: Members,
  agree: (key: KeyParts, other: KeyParts) => Uint8Array | undefined,
): (key: KeyParts, length: number | null) => Uint8Array {
  const other = partsOf(required(members, 'public'), 'the member public');
  return (key, length) => {
    if (key.type !== 'private') fail('InvalidAccessError', 'the key is not private');
    if (other.type !== 'public') fail('InvalidAccessError', 'the member public is not a public key');
    if (other.algorithm.name !== key.algorithm.name) fail('InvalidAccessError', 'the keys are of different algorithms');
    const secret = done(agree(key, other), 'the keys have no secret in common');
    if (length === null) return secret;
    if (length > secret.length * 8) fail('OperationError', `the secret has not ${length} bits`);
    return firstBits(secret, length);
  };
}

/** Ed25519 and X25519 (Web Cryptography API; RFC 8410, RFC 8037). */
import { host } from '../host.ts';
import { objectOf, octetsOf, Reader, readPkcs8, readSpki, sequenceOf, writePkcs8, writeSpki } from './der.ts';
import { agreement } from './ec.ts';
import { bytesOfJwk, checkAlg, checkedJwk, toJwk } from './jwk.ts';
import { type KeyUsage, makeKey } from './key.ts';
import { done, fail, type KeyData, type KeyFormat, permit, register, type Scheme } from './scheme.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const SIZE = 32;

function sized(bytes: Bytes): Bytes {
  return bytes.length === SIZE ? bytes : fail('DataError', `the key has not ${SIZE} bytes`);
}

function scheme(name: string, object: string, privateUses: KeyUsage[], publicUses: KeyUsage[], publicOf: (d: Uint8Array) => Uint8Array): Scheme {
  const identifier = sequenceOf(objectOf(object));
  const signs = name === 'Ed25519';
  const algorithm = { name };
  const pair = (d: Uint8Array) => ({ d, x: publicOf(d) });
  const read = (format: KeyFormat, data: KeyData, extractable: boolean, usages: KeyUsage[]) => {
    if (format === 'raw') return { x: sized(data as Bytes) };
    if (format === 'spki') return { x: sized(readSpki(data as Bytes, identifier)) };
    if (format === 'pkcs8') return pair(sized(new Reader(readPkcs8(data as Bytes, identifier)).octets()));
    const jwk = checkedJwk(data, 'OKP', extractable, usages, signs ? 'sig' : 'enc');
    if (jwk.crv !== name) fail('DataError', `the member crv is not ${name}`);
    if (signs) checkAlg(jwk, 'EdDSA', 'Ed25519');
    const x = bytesOfJwk(jwk, 'x', SIZE);
    if (jwk.d === undefined) return { x };
    const parts = pair(bytesOfJwk(jwk, 'd', SIZE));
    if (x.some((byte, i) => byte !== parts.x[i])) fail('DataError', 'the public key is not that of the private one');
    return parts;
  };
  return {
    name,
    generateKey: () => (extractable, usages) => {
      permit(usages, [...privateUses, ...publicUses]);
      const material = pair(host.random(SIZE));
      const use = (uses: KeyUsage[]) => usages.filter((usage) => uses.includes(usage));
      return {
        publicKey: makeKey({ type: 'public', extractable: true, algorithm, usages: use(publicUses), material: { x: material.x } }),
        privateKey: makeKey({ type: 'private', extractable, algorithm, usages: use(privateUses), material }),
      };
    },
    importKey: () => (format, data, extractable, usages) => {
      const type = format === 'pkcs8' || (format === 'jwk' && (data as JsonWebKey).d !== undefined) ? 'private' : 'public';
      permit(usages, type === 'private' ? privateUses : publicUses);
      return makeKey({ type, extractable, algorithm, usages, material: read(format, data, extractable, usages) });
    },
    exportKey: () => (format, key) => {
      const { d, x } = key.material;
      if (format === 'jwk') return toJwk(key, { kty: 'OKP', crv: name, ...(signs && { alg: name }), x: x!, ...(d && { d }) });
      if ((format === 'pkcs8') !== (key.type === 'private')) fail('InvalidAccessError', `a ${key.type} key has no format ${format}`);
      if (format === 'pkcs8') return writePkcs8(identifier, octetsOf(d!));
      return format === 'spki' ? writeSpki(identifier, x!) : (x!.slice() as Bytes);
    },
  };
}

const wrong = 'the key is none';
/** The point that X25519 begins with. */
const base = new Uint8Array(SIZE);
base[0] = 9;

register(
  {
    ...scheme('Ed25519', '1.3.101.112', ['sign'], ['verify'], (d) => done(host.subtle().ed25519Public(d), wrong)),
    sign: () => (key, data) => {
      if (key.type !== 'private') fail('InvalidAccessError', 'the key is not private');
      return done(host.subtle().ed25519Sign(key.material['d']!, data), wrong);
    },
    verify: () => (key, data, signature) => {
      if (key.type !== 'public') fail('InvalidAccessError', 'the key is not public');
      return host.subtle().ed25519Verify(key.material['x']!, data, signature);
    },
  },
  {
    ...scheme('X25519', '1.3.101.110', ['deriveKey', 'deriveBits'], [], (d) => done(host.subtle().x25519(d, base), wrong)),
    deriveBits: (members) => agreement(members, (key, other) => host.subtle().x25519(key.material['d']!, other.material['x']!)),
  },
);

/** PBKDF2 and HKDF (Web Cryptography API, sections 31 and 30). */
import { host } from '../host.ts';
import { makeKey } from './key.ts';
import { bytesIn, done, fail, hashIn, integerIn, type Members, permit, register, type Scheme } from './scheme.ts';

/** `derive` gives so many bytes of a secret. */
function scheme(name: string, prepare: (members: Members) => (secret: Uint8Array, length: number) => Uint8Array): Scheme {
  return {
    name,
    importKey: () => (format, data, extractable, usages) => {
      if (format !== 'raw') fail('NotSupportedError', `a key of ${name} has no format ${format}`);
      permit(usages, ['deriveKey', 'deriveBits']);
      if (extractable) fail('SyntaxError', `a key of ${name} is not extractable`);
      return makeKey({ type: 'secret', extractable, algorithm: { name }, usages, material: { k: data as Uint8Array } });
    },
    keyLength: () => () => null,
    deriveBits: (members) => {
      const derive = prepare(members);
      return (key, length) => {
        if (length === null || length % 8) fail('OperationError', 'the length is not one of bytes');
        return length === 0 ? new Uint8Array(0) : derive(key.material['k']!, length / 8);
      };
    },
  };
}

register(
  scheme('PBKDF2', (members) => {
    const hash = hashIn(members);
    const iterations = integerIn(members, 'iterations', 32);
    const salt = bytesIn(members, 'salt');
    return (secret, length) => {
      if (iterations === 0) fail('OperationError', 'there are no iterations');
      return host.subtle().pbkdf2(hash, secret, salt, iterations, length);
    };
  }),
  scheme('HKDF', (members) => {
    const hash = hashIn(members);
    const info = bytesIn(members, 'info');
    const salt = bytesIn(members, 'salt');
    return (secret, length) => done(host.subtle().hkdf(hash, secret, salt, info, length), 'HKDF gives at most 255 digests');
  }),
);

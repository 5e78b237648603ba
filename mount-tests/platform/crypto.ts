/** `crypto.subtle`, by known answers: of the RFCs, of NIST, and of Node where these have none. */
import { equal, fails, same, test } from './check.ts';

const { subtle } = crypto;
const utf8 = (text: string) => new TextEncoder().encode(text);
const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const hex = (data: ArrayBuffer) => Array.from(new Uint8Array(data), (byte) => byte.toString(16).padStart(2, '0')).join('');
const url = (data: ArrayBuffer) => Buffer.from(data).toString('base64url');
const unurl = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
const secret = (data: Uint8Array, algorithm: any, ...usages: any[]) => subtle.importKey('raw', data, algorithm, false, usages);
const range = (count: number) => Uint8Array.from({ length: count }, (_, i) => i);
const claims = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';
const rsa: JsonWebKey = {
  kty: 'RSA',
  n:
    'sZmP2cJR-WKulURqniwNxkqZ6LwnVp60Z1q9gL-zYylM_iQihYC112oAIsxDWNyFizlX_BcjB5FhEQd3rMdmqbYooP9SQQH5RW_cn6PpQsjZGH8N3fqP2aoG' +
    'lQPjZ8703bWJ0SBgiFmsVIiTs1khfB14Mt3dU2vrtSwcAt2Px2TSo5-CBOYkqcFf-fyzfFcXB95ChAO9lFTfS11X-gOoWv0iy6ZlHj7UqcZiXmN7eRP7gJyo' +
    'XMRPL7OMNag8QHtqG8XKQe61Ay_ui_-aw737E2-3Y1gn9mMwcMbQYkH8ku37bkSa876K9oTCbbQotS4PGF5A6a1PZWKQ4hDqH8bBBw',
  e:
    'AQAB',
  d:
    'M7LNdqjD3xI0WvxDAw805UuTGPYoh2UEg--cqW1kZVHA-VwAdpdcl7viFT8bvbLX5wrGy3natxnBRUlEs5WKE44UrqUURxsxel6RPSFkRg4ccC6QFVWaaVS-' +
    'vMMYf__1NNLjLu67WwWrjiIByNwBzNTxR_Fgu6d3QlJ4RvdDItoAUY5dS3NqMgK86wFWkAQ-cTdWmwb0Kku1Ch947ZubpOro01dbXQ9TTvG5CHUgOXe28r68' +
    'hxFl9LqG15bVLTzK7i3758E4TUTdpg4uptZxfPDMGFqkpv6LhygfKbM7xD_1N9a_VIMAJeRqhZIWVuLa6XopiOgF9NG1Z6ABYlp73Q',
  p:
    '7EiLAb7YzZgonR0Lx4tGmmpxJOREUSNxjynuVYJ9_8NbiqK9pQ7paB9Kx9ucYCkuPX2qe1NnOsNWDpv9_ohDr0As--pFwJTiLiQsC5YzBA2tMkKXE_3DklmO' +
    'wfG--GlVIkDO5pImt54rJ9JK9Bx7nabaiP_iSc6mPPYX4ISwJCU',
  q:
    'wGttucUE9vhNis8P_ghIIr34WmZ2Iigy_zd0Nysx07a44uuMcEPmXttRcr-Cga8bDo1162TJsvrawyR0cOKWo8-mAlZv6rPI57Q6vdQf2ANLK-IZEpt5JSZT' +
    'on_3EFO1nL-BYHgUK4yfZ1w7q2GhOP39Y0rdbYHcOnYn17q-0rs',
  dp:
    'YU7m4IsmYlVdtIa3yTAUnZdkjVrsv7WnGNyd6N1a4rAjzQ6Ep6tieJ0agQBygC-1eWF9ilio1MyJbm7TxbV8mnoFjKHIpC0skPAYq5Tp4at4PpCqA3OozWbQ' +
    'ohLbIRbQFtE15EMgatJa14WFlM7-IckLiwxGtzrBv61h2_cJS3k',
  dq:
    'k9d23Q8lu2QYoBhsHzDZy-fOVBb5mVDtre47ms_TXum7sI5uvytMa4FzWQkQCvgxf8Ls4Un1N1FKmDkARmOyfnZjBNTI9LniGTT_FS9QsDYHodX8kbFnKUYD' +
    'aI2NlLvchG0XyLk6NiO7rjzNk-ZVa2arM4koDKWEQl7aSgSv7VU',
  qi:
    '6cJYZitW-5oSz0Eoet9TqAo_ykeNfhXPIJ0vh8Jf_RWVEoYwQ44XajCKTlUNmw9UvmP20g7bYMIGsaw3f3UKncBxwVY3xfEJtTYwKdvuCcLPZwbL8ZnlXDnD' +
    'YN1k1a-J2CSHYBPFUvWRI87d93X6vZZ8M-eX1GkVw7HdwrZb6Bs',
};
const rsaSignature =
  'GsdaUujeCuNuvGzo1VAnyeAbKJHwcbBxBnXjfGc-VJD2IEO83NjMonpjzFezph49R8byZcW5bmz6Z5IPuS00lz0WYqCsDjUsnWmlgMcmDrFZ2xdJ0mJtyuKZ' +
  '2khZbRI4cdk94GT9NCPZ0aU8OEWkYRQ9F51I7QWuVs9zPDo8SPx44KWRmHTXMc8m7bFIZbbeTLAZgVcX8uF1tzng96bBTVSAkOmSa4uQ6dLe1K0h7GgH8-eo' +
  '21H6HcgLMpZwFo-M38MISgsmrKRjR4rcgxhkVWPiwKDQ76wXgnnplO3SaihTnPG_bZ1vd21FSDE3zgFA1qzedt43VW_6GKd8ZwDinQ';

test('HMAC: RFC 4231, RFC 7515', async () => {
  const algorithm = { name: 'hmac', hash: 'SHA-256' };
  const key = await secret(utf8('Jefe'), algorithm, 'sign', 'verify');
  const data = utf8('what do ya want for nothing?');
  const signature = await subtle.sign('HMAC', key, data);
  equal(hex(signature), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  equal(await subtle.verify('HMAC', key, signature, data), true);
  equal(await subtle.verify('HMAC', key, signature.slice(1), data), false);
  equal(await subtle.verify('HMAC', key, signature, data.slice(1)), false);
  same([key.type, key.extractable, key.algorithm, key.usages], ['secret', false, { name: 'HMAC', length: 32, hash: { name: 'SHA-256' } }, ['sign', 'verify']]);
  const k = 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow';
  const jwk = await subtle.importKey('jwk', { kty: 'oct', k }, algorithm, true, ['sign']);
  const token = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${claims}`;
  equal(url(await subtle.sign('HMAC', jwk, utf8(token))), 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk');
  same(await subtle.exportKey('jwk', jwk), { kty: 'oct', k, alg: 'HS256', key_ops: ['sign'], ext: true });
  equal((await subtle.exportKey('raw', (await subtle.generateKey({ name: 'HMAC', hash: 'SHA-512' }, true, ['sign'])) as any)).byteLength, 128);
});

test('PBKDF2 and HKDF: RFC 6070, RFC 7914, RFC 5869', async () => {
  const derive = async (name: string, from: Uint8Array, rest: object, bits: number) =>
    hex(await subtle.deriveBits({ name, ...rest } as any, await secret(from, name, 'deriveBits'), bits));
  const pbkdf2 = { salt: utf8('salt'), iterations: 4096, hash: 'SHA-1' };
  equal(await derive('PBKDF2', utf8('password'), pbkdf2, 160), '4b007901b765489abead49d926f721d065a429c1');
  const once = await derive('PBKDF2', utf8('passwd'), { ...pbkdf2, iterations: 1, hash: 'SHA-256' }, 512);
  equal(once.slice(0, 64), '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc');
  const hkdf = { salt: range(13), info: Uint8Array.from({ length: 10 }, (_, i) => 0xf0 + i), hash: 'SHA-256' };
  const okm = '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865';
  equal(await derive('HKDF', new Uint8Array(22).fill(0x0b), hkdf, 336), okm);
  const base = await secret(new Uint8Array(22).fill(0x0b), 'HKDF', 'deriveKey');
  const key = await subtle.deriveKey({ name: 'HKDF', ...hkdf }, base, { name: 'AES-GCM', length: 128 }, true, ['encrypt']);
  equal(hex(await subtle.exportKey('raw', key)), okm.slice(0, 32));
  await fails('OperationError', () => derive('HKDF', range(8), hkdf, 255 * 256 + 8));
  await fails('OperationError', () => derive('PBKDF2', range(8), pbkdf2, 7));
  await fails('OperationError', () => derive('PBKDF2', range(8), { ...pbkdf2, iterations: 0 }, 8));
});

test('AES-GCM: vectors of every length, and what was changed', async () => {
  const text = bytes(
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
  );
  const additionalData = bytes('feedfacedeadbeeffeedfacedeadbeefabaddad2');
  const key = await secret(bytes('feffe9928665731c6d6a8f9467308308'), 'AES-GCM', 'encrypt', 'decrypt');
  const long =
    '9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b';
  const tags = {
    cafebabefacedbaddecaf888: '5bc94fbc3221a5db94fae95ae7121a47',
    cafebabefacedbad: '3612d2e79e3b0785561be14aaca2fccb',
    [long]: '619cc5aefffe0bfa462af43c1699d050',
  };
  for (const [iv, tag] of Object.entries(tags)) {
    const algorithm = { name: 'AES-GCM', iv: bytes(iv), additionalData };
    const encrypted = new Uint8Array(await subtle.encrypt(algorithm, key, text));
    equal(hex(encrypted.slice(60).buffer), tag);
    equal(hex(await subtle.decrypt(algorithm, key, encrypted)), hex(text.buffer));
    const short = new Uint8Array(await subtle.encrypt({ ...algorithm, tagLength: 32 }, key, text));
    equal(hex(short.slice(60).buffer), tag.slice(0, 8));
    for (const at of [0, 59, 60, 75]) {
      const changed = encrypted.slice();
      changed[at]! ^= 1;
      await fails('OperationError', () => subtle.decrypt(algorithm, key, changed));
    }
    await fails('OperationError', () => subtle.decrypt(algorithm, key, encrypted.slice(61)));
    await fails('OperationError', () => subtle.decrypt({ ...algorithm, additionalData: text }, key, encrypted));
  }
  await fails('OperationError', () => subtle.encrypt({ name: 'AES-GCM', iv: range(0) }, key, text));
});

test('AES in other modes: NIST SP 800-38A, RFC 3394', async () => {
  const raw = bytes('2b7e151628aed2a6abf7158809cf4f3c');
  const text = bytes('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51');
  const cbc = { name: 'AES-CBC', iv: range(16) };
  const key = await secret(raw, 'AES-CBC', 'encrypt', 'decrypt');
  const encrypted = await subtle.encrypt(cbc, key, text);
  equal(hex(encrypted).slice(0, 64), '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2');
  equal(hex(await subtle.decrypt(cbc, key, encrypted)), hex(text.buffer));
  await fails('OperationError', () => subtle.decrypt(cbc, key, encrypted.slice(1)));
  const ctr = { name: 'AES-CTR', counter: bytes('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'), length: 64 };
  const counting = await secret(raw, 'AES-CTR', 'encrypt', 'decrypt');
  equal(hex(await subtle.encrypt(ctr, counting, text)), '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff');
  // A counter that begins anew leaves what is before it.
  const again = await subtle.encrypt({ ...ctr, length: 8 }, counting, text);
  const anew = await subtle.encrypt({ ...ctr, counter: bytes('f0f1f2f3f4f5f6f7f8f9fafbfcfdfe00') }, counting, text.slice(16));
  equal(hex(again).slice(32), hex(anew));
  await fails('OperationError', () => subtle.encrypt({ ...ctr, length: 1 }, counting, new Uint8Array(33)));
  const kek = await secret(range(16), 'AES-KW', 'wrapKey', 'unwrapKey');
  const inner = await subtle.importKey('raw', bytes('00112233445566778899aabbccddeeff'), 'AES-GCM', true, ['encrypt']);
  const wrapped = await subtle.wrapKey('raw', inner, kek, 'AES-KW');
  equal(hex(wrapped), '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5');
  const unwrapped = await subtle.unwrapKey('raw', wrapped, kek, 'AES-KW', 'AES-GCM', true, ['encrypt']);
  equal(hex(await subtle.exportKey('raw', unwrapped)), '00112233445566778899aabbccddeeff');
  const jwk = await subtle.unwrapKey('jwk', await subtle.wrapKey('jwk', inner, kek, 'AES-KW'), kek, 'AES-KW', 'AES-GCM', true, ['encrypt']);
  equal(hex(await subtle.exportKey('raw', jwk)), '00112233445566778899aabbccddeeff');
  await fails('OperationError', () => subtle.unwrapKey('raw', wrapped.slice(8), kek, 'AES-KW', 'AES-GCM', true, ['encrypt']));
});

test('ECDSA and ECDH: RFC 7515', async () => {
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
  };
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const { d, ...open } = jwk;
  const token = utf8(`eyJhbGciOiJFUzI1NiJ9.${claims}`);
  const known = unurl('DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q');
  const verifying = await subtle.importKey('jwk', open, algorithm, true, ['verify']);
  equal(await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, verifying, known, token), true);
  equal(await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, verifying, known, token.slice(1)), false);
  const signing = await subtle.importKey('jwk', jwk, algorithm, true, ['sign']);
  same(await subtle.exportKey('jwk', signing), { kty: 'EC', crv: 'P-256', x: open.x, y: open.y, d, key_ops: ['sign'], ext: true });
  await fails('DataError', () => subtle.importKey('jwk', { ...open, x: open.y }, algorithm, true, ['verify']));
  await fails('DataError', () => subtle.importKey('jwk', { ...jwk, d: open.x }, algorithm, true, ['sign']));
  for (const namedCurve of ['P-256', 'P-384', 'P-521']) {
    const pair = (await subtle.generateKey({ name: 'ECDSA', namedCurve }, true, ['sign', 'verify'])) as any;
    const outside = await subtle.exportKey('pkcs8', pair.privateKey);
    const inside = await subtle.importKey('pkcs8', outside, { name: 'ECDSA', namedCurve }, true, ['sign']);
    equal(hex(await subtle.exportKey('pkcs8', inside)), hex(outside));
    const spki = await subtle.exportKey('spki', pair.publicKey);
    const open = await subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve }, true, ['verify']);
    for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) {
      const signature = await subtle.sign({ name: 'ECDSA', hash }, inside, token);
      equal(await subtle.verify({ name: 'ECDSA', hash }, open, signature, token), true, namedCurve + hash);
    }
    const pairs = [0, 1].map(() => subtle.generateKey({ name: 'ECDH', namedCurve }, true, ['deriveBits']));
    const [one, other] = (await Promise.all(pairs)) as any[];
    const shared = await subtle.deriveBits({ name: 'ECDH', public: one.publicKey }, other.privateKey, 256);
    equal(hex(shared), hex(await subtle.deriveBits({ name: 'ECDH', public: other.publicKey }, one.privateKey, 256)));
  }
});

test('Ed25519 and X25519: RFC 8037, RFC 7748', async () => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
  const token = utf8('eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc');
  const key = await subtle.importKey('jwk', jwk, 'Ed25519', true, ['sign']);
  const signature = await subtle.sign('Ed25519', key, token);
  equal(url(signature), 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg');
  const open = await subtle.importKey('raw', unurl(jwk.x), 'Ed25519', true, ['verify']);
  equal(await subtle.verify('Ed25519', open, signature, token), true);
  equal(await subtle.verify('Ed25519', open, signature, token.slice(1)), false);
  // A point of small order, of which such a signature would be one for anything.
  const small = await subtle.importKey('raw', Uint8Array.of(1, ...new Uint8Array(31)), 'Ed25519', true, ['verify']);
  equal(await subtle.verify('Ed25519', small, Uint8Array.of(1, ...new Uint8Array(63)), token), false);
  const head = bytes('302e020100300506032b656e04220420');
  const d = bytes('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
  const bob = await subtle.importKey('pkcs8', Uint8Array.of(...head, ...d), 'X25519', true, ['deriveBits']);
  equal(((await subtle.exportKey('jwk', bob)) as any).x, url(bytes('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f').buffer));
  const alice = await subtle.importKey('raw', bytes('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'), 'X25519', true, []);
  const shared = await subtle.deriveBits({ name: 'X25519', public: alice }, bob, 256);
  equal(hex(shared), '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');
  const zero = await subtle.importKey('raw', new Uint8Array(32), 'X25519', true, []);
  await fails('OperationError', () => subtle.deriveBits({ name: 'X25519', public: zero }, bob, 256));
});

test('signatures by RSA', async () => {
  const { n, e } = rsa;
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const key = await subtle.importKey('jwk', rsa, algorithm, true, ['sign']);
  equal(url(await subtle.sign(algorithm.name, key, utf8('text'))), rsaSignature);
  const pkcs8 = await subtle.exportKey('pkcs8', key);
  same(await subtle.exportKey('jwk', await subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign'])), await subtle.exportKey('jwk', key));
  const open = await subtle.importKey('jwk', { kty: 'RSA', n: n!, e: e! }, algorithm, true, ['verify']);
  equal(await subtle.verify(algorithm.name, open, unurl(rsaSignature), utf8('text')), true);
  equal(await subtle.verify(algorithm.name, open, unurl(rsaSignature), utf8('test')), false);
  equal((open.algorithm as any).modulusLength, 2048);
  const pss = { name: 'RSA-PSS', hash: 'SHA-512', saltLength: 64 };
  const signed = await subtle.sign(pss, await subtle.importKey('pkcs8', pkcs8, pss, true, ['sign']), utf8('text'));
  const spki = await subtle.exportKey('spki', open);
  equal(await subtle.verify(pss, await subtle.importKey('spki', spki, pss, true, ['verify']), signed, utf8('text')), true);
  await fails('DataError', () => subtle.importKey('jwk', { ...rsa, d: n! }, algorithm, true, ['sign']));
  await fails('NotSupportedError', () => subtle.importKey('jwk', { kty: 'RSA', n: n!.slice(0, 100), e: e! }, algorithm, true, ['verify']));
  await fails('NotSupportedError', () => subtle.generateKey({ ...algorithm, modulusLength: 2048, publicExponent: Uint8Array.of(3) }, true, ['sign']));
});

test('what keys are not for is an error', async () => {
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const key = await secret(range(32), hmac, 'verify');
  await fails('InvalidAccessError', () => subtle.sign('HMAC', key, range(1)));
  await fails('InvalidAccessError', () => subtle.exportKey('raw', key));
  await fails('InvalidAccessError', () => subtle.encrypt({ name: 'AES-GCM', iv: range(12) }, key, range(1)));
  await fails('NotSupportedError', () => secret(range(32), 'ROT13', 'encrypt'));
  await fails('NotSupportedError', () => secret(range(32), { ...hmac, hash: 'MD5' }, 'sign'));
  await fails('TypeError', () => secret(range(32), 'HMAC', 'sign'));
  await fails('TypeError', () => secret(range(32), hmac, 'juggle'));
  await fails('TypeError', () => subtle.sign('HMAC', {} as any, range(1)));
  await fails('TypeError', () => subtle.importKey('jwk', range(32) as any, hmac, true, ['sign']));
  await fails('SyntaxError', () => secret(range(32), hmac));
  await fails('SyntaxError', () => secret(range(32), hmac, 'encrypt'));
  await fails('SyntaxError', () => subtle.importKey('raw', range(32), 'PBKDF2', true, ['deriveBits']));
  await fails('DataError', () => secret(range(15), 'AES-GCM', 'encrypt'));
  await fails('DataError', () => secret(range(0), hmac, 'sign'));
  await fails('OperationError', () => subtle.generateKey({ name: 'AES-GCM', length: 129 }, true, ['encrypt']));
  const jwk = { kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA' };
  for (const wrong of [{ kty: 'RSA' }, { k: 'A' }, { k: '!' }, { alg: 'A256GCM' }, { ext: false }, { key_ops: ['decrypt'] }, { use: 'sig' }]) {
    await fails('DataError', () => subtle.importKey('jwk', { ...jwk, ...wrong }, 'AES-GCM', true, ['encrypt']));
  }
  // Whatever goes wrong is a rejection.
  const thrown = (subtle.sign as any)();
  equal(thrown instanceof Promise, true);
  await fails('TypeError', () => thrown);
  await fails('TypeError', () => new (CryptoKey as any)());
  const copy = structuredClone(key);
  equal(copy !== key && copy instanceof CryptoKey, true);
  same([copy.type, copy.algorithm, copy.usages], [key.type, key.algorithm, key.usages]);
  equal(await subtle.verify('HMAC', copy, range(32), range(1)), false);
});

import assert from 'node:assert';
import { Buffer } from 'node:buffer';
import crypto from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import querystring from 'node:querystring';
import { StringDecoder } from 'node:string_decoder';
import { fileURLToPath, pathToFileURL } from 'node:url';
import util from 'node:util';
import { equal, fails, same, test } from './check.ts';

test('node:path', () => {
  equal(path.join('/a', '../b', './c.txt'), '/b/c.txt');
  equal(path.relative('/a/b/c', '/a/d'), '../../d');
  same(path.parse('/home/x.tar.gz'), { root: '/', dir: '/home', base: 'x.tar.gz', ext: '.gz', name: 'x.tar' });
});

test('node:buffer', async () => {
  equal(Buffer.from('héllo').toString('base64'), 'aMOpbGxv');
  equal(Buffer.from('68c3a9', 'hex').toString(), 'hé');
  const buffer = Buffer.alloc(8);
  buffer.writeUInt16BE(0x1234, 0);
  equal(buffer.readUInt16LE(0), 0x3412);
  equal(Buffer.concat([Buffer.from('a'), new Uint8Array([98])]).equals(Buffer.from('ab')), true);
  equal(Buffer.isBuffer(buffer.subarray(1)), true);
  equal(Buffer.from('abcabc').indexOf('ca'), 2);
  await fails('RangeError', () => buffer.readUInt32LE(6));
});

test('node:events', async () => {
  const emitter = new EventEmitter();
  const seen: unknown[] = [];
  emitter.once('x', (value) => seen.push(value));
  emitter.on('x', (value) => seen.push(-value));
  emitter.emit('x', 1);
  emitter.emit('x', 2);
  same(seen, [1, -1, -2]);
  setTimeout(() => emitter.emit('y', 'z'), 0);
  same(await once(emitter, 'y'), ['z']);
  await fails('TypeError', () => emitter.emit('error', new TypeError('nobody listens')));
});

test('node:util, node:assert and the rest', async () => {
  equal(util.format('%s %d', 'a', 1), 'a 1');
  equal(util.format({ a: 1 }, 'b'), '{ a: 1 } b');
  equal(await util.promisify((value: number, done: (error: unknown, value: number) => void) => done(null, value + 1))(1), 2);
  assert.deepStrictEqual({ a: [1, new Map([[1, 2]])] }, { a: [1, new Map([[1, 2]])] });
  assert.throws(() => assert.strictEqual(1, 2), { code: 'ERR_ASSERTION' });
  same(querystring.parse('a=1&a=%20&b'), { a: ['1', ' '], b: '' });
  const decoder = new StringDecoder('utf8');
  equal(decoder.write(Buffer.from([0xe2, 0x82])) + decoder.write(Buffer.from([0xac])), '€');
  equal(fileURLToPath(pathToFileURL('/a b/%.txt')), '/a b/%.txt');
});

test('node:crypto', async () => {
  equal(crypto.createHash('sha256').update('a').update(new Uint8Array([98])).digest('hex'), 'fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603');
  equal(crypto.createHash('sha1').update('6162', 'hex').digest('base64url'), '2iNhTgJGmg18e9G9q1ycR0sZBNw');
  const names = ['SHA-256', 'RSA-SHA256', 'sha512', 'Sha1', 'sha224', 'sha512-256', 'md5'];
  same(names.map((name) => crypto.hash(name, '').slice(0, 8)), ['e3b0c442', 'e3b0c442', 'cf83e135', 'da39a3ee', 'd14a028c', 'c672b8d1', 'd41d8cd9']);
  const hash = crypto.createHash('md5').update('x');
  const copy = hash.copy().update('y');
  equal(hash.digest('hex'), '9dd4e461268c8034f5c8564e155c67a6');
  equal(Buffer.isBuffer(copy.digest()), true);
  await fails('Error', () => hash.digest());
  equal(crypto.createHmac('sha256', 'key').update('data').digest('hex'), '5031fe3d989c6d1537a013fa6e739da23463fdaec3b70137d828e36ace221bd0');
  equal(crypto.createHmac('sha384', Buffer.alloc(300, 7)).update('x').digest('base64'), 'MzFmqf1CtT4oK5zxAncohjXaEHl1tAP8MwDEGu3HsnINYvf8KhAwbjf7aGDI3z9Z');
  await fails('TypeError', () => crypto.createHmac('nope', 'key'));
  equal(crypto.timingSafeEqual(Buffer.from('ab'), new Uint8Array([97, 98])), true);
  equal(crypto.timingSafeEqual(Buffer.from('ab'), Buffer.from('ac')), false);
  await fails('RangeError', () => crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('ab')));
  equal(crypto.pbkdf2Sync('pw', 'salt', 1000, 20, 'sha256').toString('hex'), '0a38253555ce37f5c72a6b703f996814ebf241f2');
  equal(crypto.scryptSync('pw', 'salt', 16, { cost: 2048, blockSize: 4 }).toString('hex'), '44175c2a351fce8ca71e8a3344352bdd');
  await fails('RangeError', () => crypto.scryptSync('pw', 'salt', 32, { N: 3 }));
  await fails('RangeError', () => crypto.scryptSync('pw', 'salt', 32, { N: 2 ** 16, r: 8 }));
  equal((await util.promisify(crypto.scrypt)('pw', 'salt', 4)).toString('hex'), 'c0b51590');
  same([crypto.randomBytes(5).length, crypto.randomInt(5, 6), crypto.randomFillSync(new Uint16Array(4), 2).slice(0, 2)], [5, 5, { 0: 0, 1: 0 }]);
  equal(Array.from({ length: 1000 }, () => crypto.randomInt(3)).every((value) => value >= 0 && value < 3), true);
  await fails('Error', () => crypto.createSign('sha256'));
});

test('process.getBuiltinModule', () => {
  const { getBuiltinModule } = process as unknown as { getBuiltinModule(name: string): unknown };
  equal(getBuiltinModule('node:path'), path);
  equal(getBuiltinModule('util'), util);
  equal(getBuiltinModule('node:net'), undefined);
});

test('util.parseArgs and util.styleText', async () => {
  const options = { all: { type: 'boolean', short: 'a' }, file: { type: 'string', short: 'f', multiple: true }, level: { type: 'string', default: '1' } };
  const args = ['-af', 'x', '-fy', '--file=z', 'one', '--', '--all'];
  const parsed = util.parseArgs({ args, options, allowPositionals: true, tokens: true });
  same(parsed.values, { all: true, file: ['x', 'y', 'z'], level: '1' });
  same(parsed.positionals, ['one', '--all']);
  same(parsed.tokens.map((token: { index: number }) => token.index), [0, 0, 2, 3, 4, 5, 6]);
  same(util.parseArgs({ args: ['--no-all'], options, allowNegative: true }).values, { all: false, level: '1' });
  same(util.parseArgs({ args: ['--other', 'x'], strict: false }), { values: { other: true }, positionals: ['x'] });
  for (const wrong of [['--none'], ['x'], ['--all=1'], ['--file'], ['--file', '-a']]) await fails('TypeError', () => util.parseArgs({ args: wrong, options }));
  equal(util.styleText(['bold', 'red'], 'x', { validateStream: false }), '\x1b[1m\x1b[31mx\x1b[39m\x1b[22m');
  equal(util.stripVTControlCharacters(util.styleText('gray', 'x', { validateStream: false })), 'x');
  equal(util.styleText('red', 'x'), 'x');
  await fails('TypeError', () => util.styleText('nothing', 'x'));
  equal(util.styleText(['none', 'grey'], 'x', { validateStream: false }), '\x1b[90mx\x1b[39m');
});

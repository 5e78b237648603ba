import assert from 'node:assert';
import { Buffer } from 'node:buffer';
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

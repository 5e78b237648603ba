import { equal, fails, same, test } from './check.ts';

const formats = ['gzip', 'deflate', 'deflate-raw'];
const text = 'hookfs '.repeat(3);

/** What zlib makes of the text. */
const known: Record<string, number[]> = {
  gzip: [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 203, 200, 207, 207, 78, 43, 86, 200, 64, 161, 0, 171, 77, 252, 90, 21, 0, 0, 0],
  deflate: [120, 156, 203, 200, 207, 207, 78, 43, 86, 200, 64, 161, 0, 90, 138, 7, 255],
  'deflate-raw': [203, 200, 207, 207, 78, 43, 86, 200, 64, 161, 0],
};

const bytesThrough = async (stream: any, chunks: unknown[]) =>
  new Uint8Array(await new Response(ReadableStream.from(chunks).pipeThrough(stream)).arrayBuffer());
const packed = (format: string, chunks: unknown[]) => bytesThrough(new CompressionStream(format as any), chunks);
const unpacked = (format: string, ...chunks: (number[] | Uint8Array)[]) =>
  bytesThrough(new DecompressionStream(format as any), chunks.map((chunk) => new Uint8Array(chunk)));
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test('what is compressed comes back', async () => {
  const noise = crypto.getRandomValues(new Uint8Array(50_000));
  const blanks = new Uint8Array(3_000_000);
  for (const format of formats) {
    const bytes = await packed(format, [noise, blanks.buffer, new DataView(noise.buffer, 7, 100), new Uint8Array()]);
    equal(bytes.length < 60_000, true, 'that it is shorter');
    const back = await unpacked(format, bytes.subarray(0, 40_001), bytes.subarray(40_001));
    equal(back.length, 3_050_100);
    same([...back.subarray(0, 50_000)], [...noise]);
    same([...back.subarray(3_050_000)], [...noise.subarray(7, 107)]);
    equal((await unpacked(format, await packed(format, []))).length, 0);
  }
});

test('streams of other programs are read, in whatever pieces', async () => {
  for (const format of formats) {
    equal(textOf(await unpacked(format, known[format]!)), text);
    equal(textOf(await unpacked(format, ...known[format]!.map((byte) => [byte]))), text);
  }
  // A name, a comment, an extra field and a checksum of the head.
  const head = [31, 139, 8, 28, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2, 97, 0, 98, 0];
  equal(textOf(await unpacked('gzip', [...head, ...known['gzip']!.slice(10)])), text);
});

test('what can be read is there before the end', async () => {
  const stream = new DecompressionStream('gzip');
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  void writer.write(new Uint8Array(known['gzip']!.slice(0, -8)));
  equal(textOf((await reader.read()).value!), text);
});

test('a stream that is broken, cut or too long is an error', async () => {
  for (const format of formats) {
    const bytes = known[format]!;
    await fails('TypeError', () => unpacked(format, bytes.slice(0, -1)));
    await fails('TypeError', () => unpacked(format, []));
    await fails('TypeError', () => unpacked(format, [...bytes, 0]));
    await fails('TypeError', () => unpacked(format, bytes, [0]));
    await fails('TypeError', () => unpacked(format, bytes, bytes));
    await fails('TypeError', () => unpacked(format, [7, ...bytes]));
  }
  const changed = (format: string, at: number) => known[format]!.map((byte, index) => (index === at ? byte ^ 1 : byte));
  await fails('TypeError', () => unpacked('gzip', changed('gzip', 22)));
  await fails('TypeError', () => unpacked('gzip', changed('gzip', 26)));
  await fails('TypeError', () => unpacked('gzip', changed('gzip', 2)));
  await fails('TypeError', () => unpacked('deflate', changed('deflate', 14)));
});

test('what comes before the bytes too many is read', async () => {
  const stream = new DecompressionStream('deflate');
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const read = reader.read();
  const written = writer.write(new Uint8Array([...known['deflate']!, 1]));
  equal(textOf((await read).value!), text);
  await fails('TypeError', () => written);
  await fails('TypeError', () => reader.read());
});

test('formats and chunks are checked', async () => {
  await fails('TypeError', () => new CompressionStream('lzma' as any));
  await fails('TypeError', () => new (DecompressionStream as any)());
  for (const stream of [new CompressionStream('gzip'), new DecompressionStream('gzip')]) {
    const writer = stream.writable.getWriter();
    const read = stream.readable.getReader().read();
    await fails('TypeError', () => writer.write('text' as any));
    await fails('TypeError', () => read);
  }
});

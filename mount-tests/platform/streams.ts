import { equal, fails, same, test } from './check.ts';

async function all(stream: ReadableStream): Promise<unknown[]> {
  const chunks: unknown[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

test('a stream pulls only what is wanted', async () => {
  let pulled = 0;
  const stream = new ReadableStream(
    {
      pull(controller) {
        controller.enqueue(pulled++);
        if (pulled === 3) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  equal(pulled, 0);
  same(await all(stream), [0, 1, 2]);
});

test('a pipe transforms, and waits for the slow side', async () => {
  const written: unknown[] = [];
  const double = new TransformStream<number, number>({
    transform: (chunk, controller) => controller.enqueue(chunk * 2),
    flush: (controller) => controller.enqueue(-1),
  });
  await ReadableStream.from([1, 2, 3]).pipeThrough(double).pipeTo(
    new WritableStream({
      async write(chunk) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        written.push(chunk);
      },
    }),
  );
  same(written, [2, 4, 6, -1]);
});

test('errors go through a pipe, both ways', async () => {
  const broken = new ReadableStream({
    start: (controller) => controller.error(new RangeError('source')),
  });
  let aborted: unknown;
  await fails('RangeError', () => broken.pipeTo(new WritableStream({ abort: (reason) => void (aborted = reason.message) })));
  equal(aborted, 'source');
  let canceled: unknown;
  const source = new ReadableStream({ cancel: (reason) => void (canceled = reason.message) });
  await fails('SyntaxError', () => source.pipeTo(new WritableStream({ start: () => Promise.reject(new SyntaxError('sink')) })));
  equal(canceled, 'sink');
});

test('a tee gives both branches everything', async () => {
  const [a, b] = ReadableStream.from(['x', 'y']).tee();
  same([await all(a), await all(b)], [['x', 'y'], ['x', 'y']]);
});

test('bytes are read into a view of the reader', async () => {
  const stream = new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const request = controller.byobRequest!;
      const view = request.view as Uint8Array;
      view.set([1, 2, 3]);
      request.respond(3);
    },
  });
  const reader = stream.getReader({ mode: 'byob' });
  const { value } = await reader.read(new Uint8Array(8));
  same([...value!], [1, 2, 3]);
  const { value: more } = await reader.read(new Uint8Array(8), { min: 5 });
  equal(more!.length, 6);
});

test('leaving a loop cancels the stream', async () => {
  let canceled = false;
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue(1),
    cancel: () => void (canceled = true),
  });
  for await (const _ of stream) break;
  equal(canceled, true);
  equal(stream.locked, false);
});

test('text goes through encoder and decoder streams', async () => {
  const bytes = ReadableStream.from(['a\ud83d', '\ude00']).pipeThrough(new TextEncoderStream());
  equal((await all(bytes.pipeThrough(new TextDecoderStream()))).join(''), 'a😀');
});

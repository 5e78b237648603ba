import { equal, fails, same, test } from './check.ts';

test('values of the language are copied, cycles and shared references kept', () => {
  const shared = { a: 1 };
  const value: Record<string, unknown> = {
    date: new Date(5),
    pattern: /x/gi,
    map: new Map([[shared, new Set([1])]]),
    error: new RangeError('no', { cause: 'why' }),
    list: [1, , 3],
    big: 10n,
    boxed: Object('s'),
    shared,
  };
  value.self = value;
  const copy = structuredClone(value) as typeof value;
  equal(copy.self, copy);
  equal((copy.map as Map<unknown, unknown>).has(copy.shared), true);
  equal((copy.date as Date).getTime(), 5);
  equal(String(copy.pattern), '/x/gi');
  equal((copy.error as Error).cause, 'why');
  equal(copy.error instanceof RangeError, true);
  equal(1 in (copy.list as number[]), false);
  equal((copy.boxed as string).valueOf(), 's');
});

test('what has no copy is refused', async () => {
  for (const value of [() => 1, Symbol('s'), new WeakMap(), Promise.resolve(), new Response(), { deep: [() => 1] }, new Proxy({}, {}), [new Proxy([], {})]]) {
    await fails('DataCloneError', () => structuredClone(value));
  }
});

test('a transfer empties the buffer, and a failed one does not', async () => {
  const buffer = new ArrayBuffer(4);
  await fails('DataCloneError', () => structuredClone([buffer, () => 1], { transfer: [buffer] }));
  equal(buffer.byteLength, 4);
  const moved = structuredClone(new Uint8Array(buffer, 1, 2), { transfer: [buffer] });
  equal(buffer.byteLength, 0);
  equal(moved.byteOffset, 1);
  equal(moved.buffer.byteLength, 4);
});

test('messages arrive in order, as tasks, and ports travel', async () => {
  const { port1, port2 } = new MessageChannel();
  const seen: unknown[] = [];
  const done = new Promise<void>((resolve) => {
    port2.onmessage = ({ data, ports }) => {
      seen.push(data);
      if (ports.length > 0) {
        ports[0]!.postMessage('back');
        resolve();
      }
    };
  });
  port1.postMessage(1);
  port1.postMessage({ two: 2 });
  equal(seen.length, 0);
  const { port1: mine, port2: theirs } = new MessageChannel();
  port1.postMessage('port', [theirs]);
  await done;
  same(seen, [1, { two: 2 }, 'port']);
  equal(await new Promise((resolve) => (mine.onmessage = (event) => resolve(event.data))), 'back');
});

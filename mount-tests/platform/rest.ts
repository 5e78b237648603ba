import { equal, fails, same, test } from './check.ts';

test('digests and random values', async () => {
  const hex = (buffer: ArrayBuffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const text = new TextEncoder().encode('abc');
  equal(hex(await crypto.subtle.digest('sha-1', text)), 'a9993e364706816aba3e25717850c26c9cd0d89d');
  equal(hex(await crypto.subtle.digest({ name: 'SHA-256' }, text)).slice(0, 16), 'ba7816bf8f01cfea');
  equal((await crypto.subtle.digest('SHA-384', text)).byteLength, 48);
  equal(hex(await crypto.subtle.digest('SHA-512', text)).slice(0, 16), 'ddaf35a193617aba');
  await fails('NotSupportedError', () => crypto.subtle.digest('MD5', text));
  await fails('QuotaExceededError', () => crypto.getRandomValues(new Uint8Array(65537)));
  await fails('TypeMismatchError', () => crypto.getRandomValues(new Float32Array(1)));
  equal(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()), true);
});

test('timers fire in order, with microtasks between them', async () => {
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    setTimeout(() => {
      seen.push('first');
      queueMicrotask(() => seen.push('between'));
    }, 0);
    setTimeout(() => {
      seen.push('second');
      setTimeout((name: string) => {
        seen.push(name);
        resolve();
      }, 1, 'late');
    }, 0);
    clearTimeout(setTimeout(() => seen.push('never'), 0));
  });
  same(seen, ['first', 'between', 'second', 'late']);
  let count = 0;
  await new Promise<void>((resolve) => {
    const interval = setInterval(() => {
      if (++count === 3) {
        clearInterval(interval);
        resolve();
      }
    }, 1);
  });
  equal(count, 3);
});

test('a microtask is given nothing', async () => {
  equal(await new Promise((resolve) => queueMicrotask((...values: unknown[]) => resolve(values.length))), 0);
});

test('marks and measures', async () => {
  performance.mark('a', { startTime: 1, detail: { x: 1 } });
  performance.mark('b', { startTime: 4 });
  equal(performance.measure('m', 'a', 'b').duration, 3);
  same(performance.getEntriesByType('mark').map((entry) => entry.name), ['a', 'b']);
  performance.clearMarks();
  equal(performance.getEntriesByName('a').length, 0);
  await fails('SyntaxError', () => performance.measure('m', 'a'));
  equal(performance.now() >= 0 && performance.timeOrigin > 0, true);
});

test('self is the global object', () => {
  equal(self, globalThis);
  equal(typeof navigator.userAgent, 'string');
});

import { equal, fails, same, test } from './check.ts';

test('listeners are called in order, once, and until they are removed', () => {
  const target = new EventTarget();
  const seen: string[] = [];
  const last = () => seen.push('last');
  target.addEventListener('x', () => seen.push('first'));
  target.addEventListener('x', () => seen.push('once'), { once: true });
  target.addEventListener('x', last);
  target.dispatchEvent(new Event('x'));
  target.removeEventListener('x', last);
  target.dispatchEvent(new Event('x'));
  same(seen, ['first', 'once', 'last', 'first']);
});

test('an event can be canceled only when it is cancelable', () => {
  const target = new EventTarget();
  target.addEventListener('x', (event) => event.preventDefault());
  equal(target.dispatchEvent(new Event('x')), true);
  equal(target.dispatchEvent(new Event('x', { cancelable: true })), false);
  equal(new CustomEvent('x', { detail: 7 }).detail, 7);
});

test('the shape of an interface is that of Web IDL', () => {
  equal(Object.prototype.toString.call(new Event('x')), '[object Event]');
  equal(Object.getOwnPropertyDescriptor(Event.prototype, 'type')!.enumerable, true);
  equal(EventTarget.prototype.addEventListener.length, 2);
  equal(Object.getOwnPropertyDescriptor(globalThis, 'Event')!.enumerable, false);
});

test('an abort reaches listeners, dependents and removed listeners', async () => {
  const controller = new AbortController();
  const any = AbortSignal.any([controller.signal, new AbortController().signal]);
  const seen: string[] = [];
  any.addEventListener('abort', () => seen.push('any'));
  controller.signal.onabort = () => seen.push('own');
  const target = new EventTarget();
  target.addEventListener('x', () => seen.push('x'), { signal: controller.signal });
  controller.abort('why');
  target.dispatchEvent(new Event('x'));
  same(seen, ['own', 'any']);
  equal(any.reason, 'why');
  await fails('AbortError', () => AbortSignal.abort().throwIfAborted());
});

test('a dependent signal that nobody has and nobody waits for is gone; one that is waited for is aborted', async () => {
  const { signal, abort } = (() => {
    const controller = new AbortController();
    return { signal: controller.signal, abort: () => controller.abort('now') };
  })();
  const of = (prepare: (dependent: AbortSignal) => void) => {
    const dependent = AbortSignal.any([AbortSignal.any([signal])]);
    prepare(dependent);
    return new WeakRef(dependent);
  };
  const seen: unknown[] = [];
  const listener = () => seen.push('removed');
  const idle = of(() => {});
  const left = of((dependent) => {
    dependent.addEventListener('abort', listener);
    dependent.removeEventListener('abort', listener);
  });
  const awaited = of((dependent) => dependent.addEventListener('abort', (event) => seen.push((event.target as AbortSignal).reason)));
  const target = new EventTarget();
  target.addEventListener('x', () => seen.push('x'), { signal: AbortSignal.any([signal]) });
  await new Promise((resolve) => setTimeout(resolve));
  equal(idle.deref(), undefined);
  equal(left.deref(), undefined);
  equal(awaited.deref() !== undefined, true);
  abort();
  target.dispatchEvent(new Event('x'));
  same(seen, ['now']);
});

test('a time-out aborts with a TimeoutError', async () => {
  const signal = AbortSignal.timeout(1);
  // A program does not go on for it.
  const going = setInterval(() => {}, 1000);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  clearInterval(going);
  equal(signal.reason.name, 'TimeoutError');
});

test('an error that is reported goes to the listeners of the global object', () => {
  let seen: unknown;
  const listener = (event: ErrorEvent) => {
    seen = event.error;
    event.preventDefault();
  };
  addEventListener('error', listener);
  const error = new Error('reported');
  reportError(error);
  removeEventListener('error', listener);
  equal(seen, error);
});

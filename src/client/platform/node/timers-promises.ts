/** `node:timers/promises`. */
import { forget, isAbortSignal, whenAborted } from '../abort.ts';
import { queueTask, queueTimer } from '../tasks.ts';

interface Options {
  signal?: AbortSignal;
}

/** Waits in the way given, until the signal says otherwise. */
function wait<T>(value: T, options: Options, start: (run: () => void) => () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    const own = isAbortSignal(signal) ? signal : undefined;
    const abort = () => {
      stop?.();
      reject(Object.assign(new Error('The operation was aborted', { cause: own!.reason }), { name: 'AbortError', code: 'ABORT_ERR' }));
    };
    let stop: (() => void) | undefined;
    if (own && whenAborted(own, abort)) return abort();
    stop = start(() => {
      if (own) forget(own, abort);
      resolve(value);
    });
  });
}

export function setTimeout<T>(delay = 1, value?: T, options: Options = {}): Promise<T | undefined> {
  return wait(value, options, (run) => queueTimer(Math.max(1, Number(delay) || 1), run));
}
export function setImmediate<T>(value?: T, options: Options = {}): Promise<T | undefined> {
  return wait(value, options, queueTask);
}
export async function* setInterval<T>(delay = 1, value?: T, options: Options = {}): AsyncGenerator<T | undefined> {
  for (;;) yield await setTimeout(delay, value, options);
}
export const scheduler = { wait: (delay: number, options: Options = {}) => setTimeout(delay, undefined, options), yield: () => setImmediate() };
export default { setTimeout, setImmediate, setInterval, scheduler };

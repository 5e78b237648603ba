// `process`, as far as programs that are run here need it (https://nodejs.org/api/process.html).

import { format } from './inspect';
import { native, type Start } from './native';
import { functions } from './timers';

type Listener = (...values: unknown[]) => void;
const listeners = new Map<string, Listener[]>();

const stream = (isError: boolean) => ({
  isTTY: false,
  write(text: unknown): boolean {
    native.write(isError, (typeof text === 'string' ? text : format([text])).toWellFormed());
    return true;
  },
});

function hrtime(since?: readonly [number, number]): [number, number] {
  const now = native.now();
  const seconds = Math.trunc(now / 1000);
  const nanoseconds = Math.trunc((now % 1000) * 1e6);
  if (since === undefined) return [seconds, nanoseconds];
  const difference = nanoseconds - since[1];
  return difference < 0 ? [seconds - since[0] - 1, difference + 1e9] : [seconds - since[0], difference];
}
hrtime.bigint = () => BigInt(Math.trunc(native.now() * 1e6));

let directory = '/';

/** A program begins. */
export function begin(start: Start): void {
  process.argv.push(...start.arguments);
  Object.assign(process.env, Object.fromEntries(start.environment));
  ({ directory } = start);
}

export const process = {
  argv: [] as string[],
  argv0: 'hookfs',
  env: {} as Record<string, string>,
  exitCode: undefined as number | string | null | undefined,
  platform: 'linux',
  versions: {},
  stdout: stream(false),
  stderr: stream(true),
  cwd: () => directory,
  exit(code?: number | string | null): never {
    if (code !== undefined && code !== null) process.exitCode = code;
    leave();
    return native.exit(exitCode());
  },
  hrtime,
  uptime: () => native.now() / 1000,
  nextTick(callback: Listener, ...values: unknown[]) {
    functions.queueMicrotask(() => callback(...values));
  },
  on(event: string, listener: Listener) {
    listeners.set(event, [...(listeners.get(event) ?? []), listener]);
    return process;
  },
  once(event: string, listener: Listener) {
    const once = (...values: unknown[]) => {
      process.off(event, once);
      listener(...values);
    };
    return process.on(event, once);
  },
  off(event: string, listener: Listener) {
    listeners.set(event, (listeners.get(event) ?? []).filter((known) => known !== listener));
    return process;
  },
  emit(event: string, ...values: unknown[]): boolean {
    const called = listeners.get(event) ?? [];
    for (const listener of called) listener(...values);
    return called.length > 0;
  },
};

let hasLeft = false;

/** Tells the program once that it ends. */
export function leave(): void {
  if (hasLeft) return;
  hasLeft = true;
  process.emit('exit', exitCode());
}

/** The status with which the program ends. */
export function exitCode(): number {
  const code = Number(process.exitCode ?? 0);
  return Number.isInteger(code) ? code & 255 : 1;
}

/** Whether a listener has taken an error that nobody has caught. */
export function takes(event: string, ...values: unknown[]): boolean {
  return process.emit(event, ...values);
}

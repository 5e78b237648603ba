// `process`, as far as programs that are run here need it (https://nodejs.org/api/process.html).

import { format } from './inspect';
import { native, type Start } from './native';
import { functions } from './timers';

type Listener = ((...values: unknown[]) => void) & { listener?: Listener };
const listeners = new Map<string, Listener[]>();

const stream = (isError: boolean) => ({
  isTTY: false,
  fd: isError ? 2 : 1,
  writable: true,
  write(data: unknown, ...rest: unknown[]): boolean {
    if (ArrayBuffer.isView(data)) native.writeBytes(isError, new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength));
    else native.write(isError, (typeof data === 'string' ? data : format([data])).toWellFormed());
    // It is written by now; whoever asked to be told is told later, as always.
    const done = rest.find((value) => typeof value === 'function') as Listener | undefined;
    if (done !== undefined) functions.queueMicrotask(() => done());
    return true;
  },
});

function add(event: string, listener: Listener, isFirst = false) {
  const known = listeners.get(event) ?? [];
  listeners.set(event, isFirst ? [listener, ...known] : [...known, listener]);
  return process;
}

function remove(event: string, listener: Listener) {
  const known = listeners.get(event) ?? [];
  const at = known.findLastIndex((each) => each === listener || each.listener === listener);
  if (at >= 0) listeners.set(event, known.toSpliced(at, 1));
  return process;
}

/** `process.emitWarning`: told on standard error, and to listeners. */
function warn(warning: unknown, given?: unknown, code?: unknown): void {
  const options = (typeof given === 'object' && given !== null ? given : { type: given, code }) as { type?: unknown; code?: unknown };
  const error = (warning instanceof Error ? warning : Object.assign(new Error(`${warning as string}`), { name: options.type ?? 'Warning' })) as Error;
  if (options.code !== undefined) Object.assign(error, { code: options.code });
  const tag = options.code === undefined ? '' : `[${options.code as string}] `;
  native.write(true, `${tag}${error.name}: ${error.message}\n`.toWellFormed());
  functions.queueMicrotask(() => process.emit('warning', error));
}

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
  process.pid = start.pid;
}

export const process = {
  argv: [] as string[],
  argv0: 'hookfs',
  env: {} as Record<string, string>,
  exitCode: undefined as number | string | null | undefined,
  platform: 'linux',
  /** In hooks every process is the first. */
  pid: 1,
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
  on: (event: string, listener: Listener) => add(event, listener),
  addListener: (event: string, listener: Listener) => add(event, listener),
  prependListener: (event: string, listener: Listener) => add(event, listener, true),
  once(event: string, listener: Listener) {
    const once: Listener = (...values) => {
      remove(event, once);
      listener(...values);
    };
    once.listener = listener;
    return add(event, once);
  },
  off: remove,
  removeListener: remove,
  removeAllListeners(event?: string) {
    if (event === undefined) listeners.clear();
    else listeners.delete(event);
    return process;
  },
  listeners: (event: string) => (listeners.get(event) ?? []).map((each) => each.listener ?? each),
  listenerCount: (event: string) => (listeners.get(event) ?? []).length,
  emitWarning: warn,
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

// The runtime in a worker: what a program finds, and what the process around the engine calls.

import { capture, resume, type Frame } from '../platform/async-context.ts';
import { wait, type Definition, type Namespace } from '../module';
import { Registry } from '../registry';
import { plainOf, resolve } from '../specifier';
import { failures } from '../evaluate';
import { console } from './console';
import { isAwaiting, isLeaving, receive as receiveOwn } from './exchange';
import { call, prepare, tell } from './hook';
import { contextOf, dispose, forget, hear } from './hot';
import { told } from './inspect';
import { handle, isOf, isOutOfMemory, type Program } from './live';
import { native, type Answer, type Start } from './native';
import { begin as beginPlatform, builtin, getBuiltinModule, start as startPlatform } from './platform';
import { begin as beginProcess, exitCode, leave, process, takes } from './process';
import { install as installStacks } from './stack';
import { delay as timersDelay, fire, functions } from './timers';

/** A file with errors: the text of its diagnostics is all there is to tell. */
class Fault extends SyntaxError {}
Reflect.defineProperty(Fault.prototype, 'constructor', { value: SyntaxError });

/** What was asked for with others, and is not used yet. */
const expected = new Map<string, Answer>();

/** What comes before ids in URLs. */
const BASE = 'hookfs://';

export const registry = new Registry({
  base: BASE,
  expect(ids) {
    const asked = ids.filter((id) => !id.startsWith('node:') && !expected.has(id));
    const answers = asked.length < 2 ? [] : native.load(asked);
    for (const [index, answer] of answers.entries()) expected.set(asked[index]!, answer);
  },
  load(wanted) {
    const own = builtin(wanted);
    if (own !== undefined) return { id: wanted, definition: own };
    const [kind, id, given] = expected.get(wanted) ?? native.load([wanted])[0]!;
    expected.delete(wanted);
    if (kind === 'module') return { id, definition: given as Definition };
    // Whoever tries the others again asks again.
    expected.clear();
    if (kind === 'threw') throw given;
    const text = given as string;
    if (kind === 'fault') throw new Fault(text);
    const error: Error & { code?: string } = new Error(text);
    if (kind === 'missing') error.code = 'ERR_MODULE_NOT_FOUND';
    throw error;
  },
  meta: (id) => ({
    // As in Node.
    filename: fileOf(id),
    dirname: fileOf(id).replace(/\/[^/]*$/, '') || '/',
    resolve: (specifier: unknown) => urlOf(`${specifier as string}`, id),
    main: id === main,
    ...(program === undefined ? {} : { hot: contextOf(id, (id) => changed.add(id)) }),
  }),
});

/** The path of a module's source. */
function fileOf(id: string): string {
  return decodeURIComponent(plainOf(id)).replace(/(\.(?:[cm]js|[cm]?ts|[jt]sx))\.js$/, '$1');
}

/** `import.meta.resolve`. What is written out, a package too, the compiler has made a path of. */
function urlOf(specifier: string, from: string): string {
  if (/^\.{0,2}\//.test(specifier)) return BASE + resolve(specifier, from);
  if (/^[a-z][a-z\d+.-]*:/i.test(specifier)) return specifier;
  throw Object.assign(new TypeError(`cannot resolve "${specifier}" from ${from}`), { code: 'ERR_MODULE_NOT_FOUND' });
}

/** The module that is the program. */
let main: string | undefined;
/** The program, where it answers requests; what has changed since the last one; and what the next one waits for. */
let program: Program | undefined;
const changed = new Set<string>();
let reloading: Promise<unknown> | undefined;
/** Of how many failures the modules have gone. */
let forgiven = 0;
/** Whether modules have changed since it was last looked what the program has left behind. */
let isStale = false;

const global = (name: string, value: unknown) =>
  Reflect.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
global('console', console);
global('process', Object.assign(process, { getBuiltinModule }));
for (const [name, value] of Object.entries(functions)) global(name, value);

type State = 'running' | 'done' | 'failed';
let state: State = 'running';

/** What is told of a program before it is begun. The runtime may have been there for long. */
export function begin(start: Start): void {
  beginProcess(start);
  beginPlatform(start.time);
}

/** Begins a program. */
export function start(id: string): void {
  main = id;
  // What `require.main` is: the module of the file, where that is CommonJS. Its body is another module than that which is imported.
  const bodies = [id, id.replace(/\.js$/, '')].map((name) => `${name}.commonjs.js`);
  const get = () => {
    const body = bodies.map((id) => registry.evaluated(id)).find((body) => body !== undefined);
    return (body?.['commonjs'] as { module?: unknown } | undefined)?.module;
  };
  Reflect.defineProperty(process, 'mainModule', { get, configurable: true });
  registry.import(id).then(
    () => {
      state = 'done';
    },
    (error: unknown) => {
      state = 'failed';
      fail(error);
    },
  );
}

installStacks();
const platform = startPlatform((error) => end(error, 'uncaughtException'));
let isHook = false;

/** Begins a hook: a call of an export, with a context that has this data. */
export function hook(id: string, name: string, data: string): void {
  if (!isHook) prepare();
  isHook = true;
  const failed = (error: unknown) => end(error, 'uncaughtException');
  const called = () => {
    state = 'done';
    native.exit(0);
  };
  wait(registry.import(id), (module) => wait(call(module as Namespace, name, data), called, failed), failed);
}

/** Begins a program that answers requests. */
export function live(id: string): void {
  main = id;
  program = {
    import: () => {
      const imported = registry.import(id);
      wait(imported, () => sweep(id), () => undefined);
      return imported;
    },
    evaluated: () => registry.evaluated(id),
    isFault: (error): error is Error => isOf(error, Fault),
  };
  registry.watch((dropped) => dispose(dropped, fail));
}

/** Whatever has changed goes, after what has changed before. */
function reload(): Promise<unknown> | undefined {
  const isForgiven = forgiven !== failures;
  if (changed.size === 0 && !isForgiven) return reloading;
  const ids = [...changed];
  isStale ||= ids.length > 0;
  changed.clear();
  expected.clear();
  const reloaded = registry.reload(ids);
  return hold(isForgiven ? Promise.all([reloaded, forgive()]) : reloaded);
}

/** Requests that come from now on wait for this. */
function hold(own: Promise<unknown>): Promise<unknown> {
  const all = (reloading = reloading === undefined ? own : Promise.all([reloading, own]));
  const done = () => {
    if (reloading === all) reloading = undefined;
  };
  wait(all, done, done);
  return all;
}

/** What the program imports no more comes to its end; packages stay. */
function sweep(id: string): void {
  if (!isStale || registry.evaluated(id) === undefined) return;
  isStale = false;
  const ids = registry.sweep(id, (id) => !id.startsWith('/') || id.includes('/node_modules/'));
  if (ids.length === 0) return;
  const ended = dispose(ids, fail);
  wait(ended, () => forget(ids), fail);
  void hold(ended);
}

/**
 * Modules that have failed are evaluated anew by the request that comes next. ECMA-262 has an error stay for ever; but what a server's
 * module lacked, a database that was still starting, may be there by now, and nobody is to save a file for that. Their importers have
 * failed with them; whoever imports one by `import()` stays as it is, and gets the new instance.
 */
function forgive(): Promise<void> {
  forgiven = failures;
  const ids = registry.failed();
  registry.replace(ids);
  return dispose(ids, fail);
}

/** Takes a message. */
export function receive(kind: string, id: number, ...rest: unknown[]): void {
  if (kind === 'changed') for (const id of rest[0] as string[]) changed.add(id);
  else if (kind === 'request') handle(program!, reload(), id, rest as Parameters<typeof handle>[3]);
  else if (kind === 'event') event(id, rest as [string, string]);
  else receiveOwn(kind, id, rest[0], rest[1], rest[2]);
}

/** A page has sent an event: the modules hear it as they are now. */
function event(page: number, [name, data]: [name: string, data: string]): void {
  const heard = () => hear(page, name, data, fail);
  const imported = () => wait(program!.import(), heard, fail);
  const before = reload();
  if (before === undefined) imported();
  else wait(before, imported, imported);
}

/** An error that nobody has caught ends the program, unless a listener takes it. */
export function fail(error: unknown): void {
  platform.uncaught(error);
}

function end(error: unknown, event: string): void {
  if (isHook) {
    if (isOf(error, Fault)) native.give('fault', error.message);
    else tell(error);
    native.exit(1);
  }
  if (takes(event, error) || isLeaving(error)) return;
  const text = isOf(error, Fault) ? error.message : `Uncaught ${told(error)}`;
  native.write(true, `${text}\n`.toWellFormed());
  // Others go on with their requests, unless there is no room for that.
  if (program !== undefined && !isOutOfMemory(error)) return;
  process.exitCode = 1;
  leave();
  native.exit(exitCode());
}

const unhandled = new Map<Promise<unknown>, { readonly reason: unknown; readonly frame: Frame }>();

/** The engine tells of a promise that was rejected without anybody to handle it, and of one that is handled after all. */
export function track(promise: Promise<unknown>, reason: unknown, isHandled: boolean): void {
  if (isHandled) unhandled.delete(promise);
  else unhandled.set(promise, { reason, frame: capture() });
}

/** All promises have gone as far as they go: what is rejected now is nobody's. */
export function settle(): void {
  for (const [promise, { reason, frame }] of unhandled) {
    unhandled.delete(promise);
    resume(frame);
    if (!platform.unhandledRejection(promise, reason)) end(reason, 'unhandledRejection');
  }
}

/** Nothing is left to do: gives the status, 13 where the program still waits (as Node has it). */
export function finish(): number {
  if (isHook) {
    native.give('pending');
    return 1;
  }
  if (state === 'running') {
    native.write(true, 'warning: the program ended while it was awaiting something at the top level of a module\n');
    return 13;
  }
  leave();
  return exitCode();
}

/** How long until something is to be run, in milliseconds; `Infinity`: only a message goes on; -1: nothing does. */
export const delay = () => timersDelay(isAwaiting() || program !== undefined);

export { prepare as preparePlatform } from './platform';
export { fire };

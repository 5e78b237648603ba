// The web platform and Node's modules, each evaluated when it is first used (`../platform`).

import { callIn, capture, Frame, resume, set } from '../platform/async-context.ts';
import { host, provide, type Host } from '../platform/host.ts';
import { install } from '../platform/install.ts';
import { interceptErrors, report } from '../platform/report.ts';
import type { Bindings, Definition, Getter } from '../module';
import { fetch } from './exchange';
import { format, inspect } from './inspect';
import { native } from './native';
import { functions } from './timers';

interface Started {
  readonly definition: Definition;
  readonly bindings: Bindings;
  readonly slots: Bindings[];
}

/** By the name under `../platform`. What is evaluated with the runtime is the same there. */
const modules = new Map<string, Bindings>([
  [
    'host',
    {
      get host() {
        return host;
      },
      provide,
    },
  ],
  ['report', { interceptErrors, report }],
  ['async-context', { callIn, capture, Frame, resume, set }],
]);

/** `./x.ts` within `streams/y`, as a name. */
function place(request: string, from: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of request.replace(/\.ts$/, '').split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** Collects the modules that are not there yet, each after what it requires. */
function enter(name: string, added: Started[]): Bindings {
  const known = modules.get(name);
  if (known !== undefined) return known;
  const bindings = Object.create(null) as Bindings;
  modules.set(name, bindings);
  const definition = native.platform(name) as Definition;
  const slots = definition.requests.map((request) => enter(place(request, name), added));
  added.push({ definition, bindings, slots });
  return bindings;
}

/** What a module exports. They are plain modules: nothing waits, nothing is exported by stars. */
export function load(name: string): Bindings {
  const added: Started[] = [];
  const bindings = enter(name, added);
  const context = { meta: {} } as Parameters<Definition['run']>[0];
  const generators = added.map(({ definition, bindings, slots }) => {
    const generator = definition.run(context, ...slots);
    const getters = generator.next().value as Getter[];
    for (const [index, name] of definition.exports.entries()) {
      Object.defineProperty(bindings, name, { get: getters[index]!, enumerable: true });
    }
    for (const [name, request, imported] of definition.indirect) {
      Object.defineProperty(bindings, name, { get: () => slots[request]![imported!], enumerable: true });
    }
    return generator;
  });
  for (const generator of generators) generator.next();
  return bindings;
}

/** Evaluates modules that a program may use, before it begins. */
export function prepare(names: readonly string[]): void {
  for (const name of names) load(name);
}

let wish: unknown;
let natives: Host;

/** A program begins, at this time. */
export function begin(time: number): void {
  natives.timeOrigin = time;
}

/** Puts the platform on the global object. `uncaught` is told of errors that no listener has taken. */
export function start(uncaught: (error: unknown) => void) {
  natives = {
    ...native.natives,
    now: native.now,
    timeOrigin: 0,
    wake(delay, callback, isCounted) {
      functions.clearTimeout(wish);
      if (delay === 0) wish = functions.setImmediate(callback);
      else if (delay < 0) wish = undefined;
      else {
        const timer = functions.setTimeout(callback, delay);
        wish = isCounted ? timer : timer.unref();
      }
    },
    ask: (question, path) => native.ask(question, path),
    uncaught,
    inspect,
    format: (...values: unknown[]) => format(values),
    load,
    ...(native.hasNetwork && { fetch }),
  };
  return install(globalThis, natives, load);
}

/** The name under `../platform` of a module of Node's; `undefined`: there is none. */
const nameOf = (specifier: string) => (load('node/table')['builtin'] as (specifier: string) => string | undefined)(specifier);

/** `process.getBuiltinModule`. */
export function getBuiltinModule(specifier: string): unknown {
  const name = nameOf(specifier);
  return name === undefined ? undefined : load(name)['default'];
}

/** A module of Node's, as a definition; `undefined`: there is none of that name. */
export function builtin(specifier: string): Definition | undefined {
  if (!specifier.startsWith('node:')) return undefined;
  const name = nameOf(specifier);
  if (name === undefined) return undefined;
  const bindings = load(name);
  const exports = Object.keys(bindings);
  return {
    requests: [],
    imports: [],
    exports,
    indirect: [],
    stars: [],
    async: false,
    *run() {
      yield exports.map((name) => () => bindings[name]);
    },
  };
}

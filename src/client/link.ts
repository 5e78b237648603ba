// Linking (ECMA-262, 16.2.1.6.1.2 "Link" and 16.2.1.7.3.1 "InitializeEnvironment").

import type { Context, Getter, ModuleRecord } from './module';
import { unambiguousNames } from './namespace';
import { getterOf, isLocal, resolveExport } from './resolve';

/** Links a module with all that it requires. Throws the SyntaxError of a name that leads nowhere. */
export function link(module: ModuleRecord, contextOf: (module: ModuleRecord) => Context): void {
  const stack: ModuleRecord[] = [];
  const linked: ModuleRecord[] = [];
  try {
    visit(module, stack, linked);
  } catch (error) {
    for (const module of stack) module.status = 'unlinked';
    throw error;
  } finally {
    for (const module of linked) instantiate(module, contextOf(module));
    for (const module of linked) bind(module);
  }
}

/** Depth first, as the specification has it, but on no stack of calls: no chain of imports is too long for it. */
function visit(first: ModuleRecord, stack: ModuleRecord[], linked: ModuleRecord[]): void {
  let count = 0;
  const path: { module: ModuleRecord; next: number }[] = [];
  const enter = (module: ModuleRecord) => {
    module.status = 'linking';
    module.index = module.ancestor = count++;
    stack.push(module);
    path.push({ module, next: 0 });
  };
  if (first.status === 'unlinked') enter(first);
  for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
    const { module, next } = here;
    const required = module.required[next];
    if (required?.status === 'unlinked') {
      enter(required);
      continue;
    }
    if (required !== undefined) {
      if (required.status === 'linking') module.ancestor = Math.min(module.ancestor, required.ancestor);
      here.next++;
      continue;
    }
    path.pop();
    check(module);
    if (module.ancestor !== module.index) continue;
    let last;
    do {
      last = stack.pop()!;
      last.status = 'linked';
      linked.push(last);
    } while (last !== module);
  }
}

/** Every name that is asked for must lead to one variable. */
function check(module: ModuleRecord): void {
  const { requests, imports, indirect } = module.definition;
  const fail = (request: number, name: string, reason: string): never => {
    const from = `"${requests[request]}"`;
    throw new SyntaxError(`${from} ${reason} "${name}" (imported by ${module.id})`);
  };
  const missing = 'has no export';
  const several = 'has several exports';
  for (const [name, request, imported] of indirect) {
    const resolution = resolveExport(module, name);
    if (resolution === null) fail(request, imported ?? name, missing);
    if (resolution === 'ambiguous') fail(request, imported ?? name, several);
  }
  for (let at = 0; at < imports.length; at += 2) {
    const request = imports[at] as number;
    const name = imports[at + 1] as string;
    const required = module.required[request]!;
    if (isLocal(required, name)) continue;
    const resolution = resolveExport(required, name);
    if (resolution === null) fail(request, name, missing);
    if (resolution === 'ambiguous') fail(request, name, several);
  }
}

/** Makes the module's variables; its functions are there from now on. */
function instantiate(module: ModuleRecord, context: Context): void {
  const slots = module.required.map((required) => required.bindings);
  module.context = context;
  // It has no `this`.
  const { run } = module.definition;
  module.generator = run(context, ...slots);
  module.getters = module.generator.next().value as Getter[];
}

/** Lets others read what the module exports. */
function bind(module: ModuleRecord): void {
  const { exports, indirect, stars } = module.definition;
  const { bindings, getters } = module;
  const read = (name: string, get: Getter) => Object.defineProperty(bindings, name, { get, enumerable: true });
  if (indirect.length === 0 && stars.length === 0) {
    exports.forEach((name, index) => read(name, getters[index]!));
    module.names = exports.length < 2 ? exports : [...exports].sort();
  } else {
    module.names = unambiguousNames(module);
    for (const name of module.names) {
      const resolution = resolveExport(module, name);
      if (resolution !== null && resolution !== 'ambiguous') read(name, getterOf(resolution));
    }
  }
  Object.freeze(bindings);
}

// Linking (ECMA-262, 16.2.1.6.1.2 "Link" and 16.2.1.7.3.1 "InitializeEnvironment").

import type { Context, Getter, ModuleRecord } from './module';
import { unambiguousNames } from './namespace';
import { getterOf, resolveExport } from './resolve';

/** Links a module with all that it requires. Throws the SyntaxError of a name that leads nowhere. */
export function link(module: ModuleRecord, contextOf: (module: ModuleRecord) => Context): void {
  const stack: ModuleRecord[] = [];
  const linked: ModuleRecord[] = [];
  try {
    visit(module, stack, linked, 0);
  } catch (error) {
    for (const module of stack) module.status = 'unlinked';
    throw error;
  } finally {
    for (const module of linked) instantiate(module, contextOf(module));
    for (const module of linked) bind(module);
  }
}

function visit(module: ModuleRecord, stack: ModuleRecord[], linked: ModuleRecord[], index: number): number {
  if (module.status !== 'unlinked') return index;
  module.status = 'linking';
  module.index = module.ancestor = index++;
  stack.push(module);
  for (const required of module.required) {
    index = visit(required, stack, linked, index);
    if (required.status === 'linking') module.ancestor = Math.min(module.ancestor, required.ancestor);
  }
  check(module);
  if (module.ancestor === module.index) {
    let last;
    do {
      last = stack.pop()!;
      last.status = 'linked';
      linked.push(last);
    } while (last !== module);
  }
  return index;
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
  for (const [request, name] of imports) {
    const resolution = resolveExport(module.required[request]!, name);
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
  module.names = unambiguousNames(module);
  for (const name of module.names) {
    const resolution = resolveExport(module, name);
    if (resolution === null || resolution === 'ambiguous') continue;
    Object.defineProperty(module.bindings, name, { get: getterOf(resolution), enumerable: true });
  }
  Object.freeze(module.bindings);
}

// Evaluation (ECMA-262, 16.2.1.6.1.3 "Evaluate" and what follows it).

import { Capability, wait, type ModuleRecord } from './module';

/** How many modules have failed. */
export let failures = 0;

let asyncCount = 0;
let runs = 0;

/** Evaluates a linked module with all that it requires; each module runs once. */
export function evaluate(module: ModuleRecord): Promise<void> {
  if (module.status === 'evaluating-async' || module.status === 'evaluated') module = module.cycleRoot ?? module;
  if (module.capability !== undefined) return module.capability.promise;
  const stack: ModuleRecord[] = [];
  const capability = (module.capability = new Capability());
  try {
    visit(module, stack);
    if (module.asyncOrder === undefined) capability.resolve();
  } catch (error) {
    const cause = module.error ?? { value: error };
    for (const failed of stack) {
      failed.status = 'evaluated';
      failed.error = cause;
      failures++;
      failed.cycleRoot ??= failed;
      release(failed);
    }
    capability.reject(error);
  }
  return capability.promise;
}

/** Depth first, as the specification has it, but on no stack of calls: no chain of imports is too long for it. */
function visit(first: ModuleRecord, stack: ModuleRecord[]): void {
  let count = 0;
  const path: { module: ModuleRecord; next: number }[] = [];
  const enter = (module: ModuleRecord) => {
    module.status = 'evaluating';
    module.index = module.ancestor = count++;
    module.pending = 0;
    stack.push(module);
    path.push({ module, next: 0 });
  };
  if (hasBegun(first)) {
    if (first.error !== undefined) throw first.error.value;
    return;
  }
  enter(first);
  for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
    const { module, next } = here;
    const required = module.required[next];
    if (required === undefined) {
      path.pop();
      leave(module, stack);
    } else if (hasBegun(required)) {
      after(module, required);
      here.next++;
    } else {
      enter(required);
    }
  }
}

function hasBegun({ status }: ModuleRecord): boolean {
  return status === 'evaluating' || status === 'evaluating-async' || status === 'evaluated';
}

/** What a module requires has been visited. */
function after(module: ModuleRecord, required: ModuleRecord): void {
  if (required.status === 'evaluating') {
    module.ancestor = Math.min(module.ancestor, required.ancestor);
  } else {
    if (required.error !== undefined) throw required.error.value;
    required = required.cycleRoot!;
    if (required.error !== undefined) throw required.error.value;
  }
  if (required.asyncOrder !== undefined) {
    module.pending++;
    required.asyncParents.push(module);
  }
}

/** All that a module requires has been visited. */
function leave(module: ModuleRecord, stack: ModuleRecord[]): void {
  if (module.pending > 0 || module.definition.async) {
    module.asyncOrder = asyncCount++;
    if (module.pending === 0) executeAsync(module);
  } else {
    execute(module);
  }
  if (module.ancestor !== module.index) return;
  let last;
  do {
    last = stack.pop()!;
    last.status = last.asyncOrder === undefined ? 'evaluated' : 'evaluating-async';
    last.cycleRoot = module;
  } while (last !== module);
}

/** Runs the body of a module that does not await. */
function execute(module: ModuleRecord): void {
  begin(module).next();
}

/** The body, which is to run now. */
function begin(module: ModuleRecord): Generator<unknown, void, unknown> {
  const generator = module.generator!;
  release(module);
  module.hasRun = true;
  module.order = runs++;
  return generator;
}

/** What a module's body has kept is not kept any longer than its functions keep it. */
function release(module: ModuleRecord): void {
  module.generator = undefined;
}

/** Starts a module that awaits, in this very turn. */
function executeAsync(module: ModuleRecord): void {
  const generator = begin(module);
  const capability = new Capability();
  wait(
    capability.promise,
    () => fulfilled(module),
    (error) => rejected(module, error),
  );
  const proceed = (resume: () => IteratorResult<unknown, void>) => {
    let step;
    try {
      step = resume();
      if (step.done !== true) return wait(step.value, next, fail);
    } catch (error) {
      // Of what was awaited, too: a promise whose `constructor` throws.
      if (step === undefined) return capability.reject(error);
      return fail(error);
    }
    capability.resolve();
  };
  const next = (value: unknown) => proceed(() => generator.next(value));
  const fail = (error: unknown) => proceed(() => generator.throw(error));
  next(undefined);
}

function fulfilled(module: ModuleRecord): void {
  if (module.status === 'evaluated') return;
  module.asyncOrder = undefined;
  module.status = 'evaluated';
  module.capability?.resolve();
  const gathered = new Set<ModuleRecord>();
  gather(module, gathered);
  const ready = [...gathered].sort((a, b) => a.asyncOrder! - b.asyncOrder!);
  for (const parent of ready) {
    if (parent.status === 'evaluated') continue;
    const isAsync = parent.definition.async;
    // Another instance has its place: what it did now would come after what that has done.
    if (parent.isReplaced) release(parent);
    if (isAsync) {
      if (parent.isReplaced) fulfilled(parent);
      else executeAsync(parent);
      continue;
    }
    try {
      if (!parent.isReplaced) execute(parent);
    } catch (error) {
      rejected(parent, error);
      continue;
    }
    parent.asyncOrder = undefined;
    parent.status = 'evaluated';
    parent.capability?.resolve();
    parent.asyncParents.length = 0;
  }
  // Nobody waits any more: an importer that is replaced is not held.
  module.asyncParents.length = 0;
}

/** The ancestors that waited for this one alone. */
function gather(module: ModuleRecord, ready: Set<ModuleRecord>): void {
  for (const parent of module.asyncParents) {
    if (ready.has(parent) || parent.cycleRoot?.error !== undefined) continue;
    if (--parent.pending > 0) continue;
    ready.add(parent);
    if (!parent.definition.async) gather(parent, ready);
  }
}

function rejected(module: ModuleRecord, error: unknown): void {
  if (module.status === 'evaluated') return;
  module.error = { value: error };
  failures++;
  module.status = 'evaluated';
  module.asyncOrder = undefined;
  release(module);
  module.capability?.reject(error);
  for (const parent of module.asyncParents.splice(0)) rejected(parent, error);
}

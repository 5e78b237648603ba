// Updates: what has changed is replaced, from the modules that have changed up to those that take it upon themselves.

import type { Definition, ModuleRecord, Namespace } from '../module';
import type { Fault } from '../overlay/problem';
import type { Registry } from '../registry';
import { plainOf } from '../specifier';
import { climb, DeadEnd, isInCircle, type Graph, type Plan, type Source } from './climb';
import type { Contexts, Updated } from './contexts';
import { faultOf, shown, type Change, type Outcome, type Sheet, type Update } from './message';
import { isOfPackage, prune } from './prune';

/** The modules that a page has, as they are to be made. */
export interface Modules {
  readonly registry: Registry;
  isEntry(id: string): boolean;
  /** What the next instance of a module is made of. */
  definitionOf(id: string): Definition | undefined;
  /** The version that an instance is of. */
  hashOf(module: ModuleRecord): string | undefined;
  /** Whether a module does not compile, as it is now. */
  isFaulty(id: string): boolean;
  define(id: string, hash: string, definition: Definition): void;
  forget(id: string): void;
  /** Gives the definition that a change brings; at once, or where the page forbids that, later. */
  read(change: Change): Definition | Promise<Definition>;
}

/** Modules that take their own changes upon themselves without saying so: they are looked at when they have run. */
export interface Judge {
  isBoundary(module: ModuleRecord): boolean;
  /** Another instance is about to take its place. */
  leaves?(module: ModuleRecord): void;
  /** An instance has run in the place of an older one. Who of its importers cannot go on, and why; `undefined`: all can. */
  ran(module: ModuleRecord, before: ModuleRecord): Verdict | undefined;
  /** Nobody imports it any more. */
  forget?(id: string): void;
}

export interface Verdict {
  readonly reason: string;
  concerns(importer: ModuleRecord): boolean;
}

/** What the page does about it. */
export interface Page {
  /** Modules and style sheets compile no more (there is a fault), or again. */
  compiled(changes: readonly Outcome[]): void;
  reload(reason: string): void;
  fail(text: string, error: unknown): void;
  note(text: string): void;
  /** All modules of an update are about to run. */
  begin(): void;
  /** All have run. */
  end(): void;
  /** Files that the page names by their URL have other versions. */
  name(bundles: Readonly<Record<string, string>>): void;
  /** Gives style sheets of the page their new versions. */
  restyle(sheets: Readonly<Record<string, Sheet>>): Promise<unknown>;
}

interface Invalidation {
  readonly module: ModuleRecord;
  readonly message: string | undefined;
}

type Result = { readonly updated: Updated; readonly error?: { readonly value: unknown } };

/** One after the other: an update waits until the one before it has run to its end, awaits at the top level included. */
export class Updates {
  readonly #modules: Modules;
  readonly #registry: Registry;
  readonly #contexts: Contexts;
  readonly #judges: readonly Judge[];
  readonly #page: Page;
  #last: Promise<unknown> = Promise.resolve();
  /** Those that have given a change on, in the update that is applied. */
  #invalidations: Invalidation[] | undefined;
  /** The first of them. */
  #first: string | undefined;
  /** What runs, and how to stop waiting for it. */
  #running: { readonly ids: ReadonlySet<string>; stop(): void } | undefined;
  /** Modules that are to run again, and did not: something between them and their boundaries does not compile. */
  readonly #postponed = new Set<string>();
  /** Modules that nothing imports any more, as the sources are: what is left of them takes no part in anything. */
  readonly #gone = new Set<string>();
  #isOver = false;

  constructor(modules: Modules, contexts: Contexts, judges: readonly Judge[], page: Page) {
    this.#modules = modules;
    this.#registry = modules.registry;
    this.#contexts = contexts;
    this.#judges = judges;
    this.#page = page;
  }

  /** Applies an update, after those before it. */
  apply(update: Update): Promise<unknown> {
    // A module that waits for something that never comes is changed because of that: it is not waited for.
    const { ids, stop } = this.#running ?? {};
    const waits = ({ id, status }: ModuleRecord) => ids?.has(id) && status === 'evaluating-async';
    if (update.changes?.some(({ id }) => this.#registry.instancesOf(id).some(waits))) stop!();
    return this.#enqueue(() => this.#apply(update));
  }

  /** A module cannot take its change upon itself. */
  invalidate(id: string, message: string | undefined): void {
    const module = this.#registry.get(id);
    if (module === undefined) return this.#page.note(`${shown(id)} is not there any more: it has nothing to give on`);
    const invalidation = { module, message };
    if (this.#invalidations !== undefined) {
      this.#invalidations.push(invalidation);
      this.#tell(id, message, (this.#first ??= id));
    } else if (module.status !== 'evaluated') this.#page.note(`${shown(id)} has not changed: it has nothing to give on`);
    else {
      this.#tell(id, message, id);
      void this.#enqueue(() => this.#run([], [invalidation], Date.now(), []));
    }
  }

  /** Nothing more is applied: the page goes. */
  stop(): void {
    this.#isOver = true;
  }

  #enqueue(run: () => Promise<unknown>): Promise<unknown> {
    const next = async () => {
      if (this.#isOver) return;
      try {
        await run();
      } catch (error) {
        // Nothing of the user's gets here.
        this.#invalidations = this.#running = undefined;
        this.#page.fail('the update could not be applied', error);
        this.#page.reload('an update could not be applied');
      }
    };
    return (this.#last = this.#last.then(next));
  }

  async #apply(update: Update): Promise<void> {
    const { changes = [], gone = [], bundles, styles = {}, time } = update;
    if (bundles !== undefined) this.#page.name(bundles);
    if (Object.keys(styles).length > 0) await this.#restyle(styles, time);
    const changed = changes.length > 0 ? await this.#define(changes) : [];
    for (const id of gone) this.#gone.add(id);
    const ofPackage = changed.find(isOfPackage);
    if (ofPackage !== undefined) return this.#page.reload(`${shown(ofPackage)} has changed, which is a package's`);
    const all = new Set([...this.#postponed, ...changed].filter((id) => !this.#gone.has(plainOf(id))));
    this.#postponed.clear();
    if (all.size > 0 || gone.length > 0) await this.#run([...all], [], time, gone);
  }

  /** What loads a sheet may take its time: nothing else waits for it. */
  async #restyle(styles: Readonly<Record<string, Sheet>>, timestamp: number): Promise<void> {
    const all = Object.entries(styles).map(([id, sheet]) => ({ id, fault: faultOf(sheet) }));
    this.#page.compiled(all);
    for (const { id, fault } of all) if (fault !== undefined) await this.#contexts.notify('vite:error', errorPayload(id, fault));
    const ids = all.filter(({ fault }) => fault === undefined).map(({ id }) => id);
    if (ids.length === 0) return;
    const updates = ids.map((path) => ({ type: 'css-update', path, acceptedPath: path, timestamp }));
    const payload = { type: 'update', updates };
    await this.#contexts.notify('vite:beforeUpdate', payload);
    void this.#page.restyle(styles).then(() => this.#contexts.notify('vite:afterUpdate', payload));
  }

  /** Takes the new definitions; gives what is to run again because of them. */
  async #define(changes: readonly Change[]): Promise<string[]> {
    const changed: string[] = [];
    const faults: Change[] = [];
    for (const change of changes) {
      const { id, hash } = change;
      const instances = this.#registry.instancesOf(id);
      let definition: Definition;
      // What was wrong is undone: the instance that there is was of this version already.
      const isSame = (module: ModuleRecord) => module.error === undefined && this.#modules.hashOf(module) === hash;
      const same = instances.find(isSame);
      if (same !== undefined) definition = same.definition;
      else {
        try {
          const read = this.#modules.read(change);
          definition = read instanceof Promise ? await read : read;
        } catch (error) {
          // Nobody could tell any more what the page has.
          this.#page.fail(`${shown(id)} cannot be read`, error);
          this.#page.reload(`${shown(id)} cannot be read`);
          return [];
        }
      }
      this.#modules.define(id, hash, definition);
      this.#gone.delete(id);
      if (definition.fault !== undefined) faults.push(change);
      else for (const module of instances) if (!isSame(module)) changed.push(module.id);
    }
    this.#page.compiled(changes);
    for (const { id, fault } of faults) await this.#contexts.notify('vite:error', errorPayload(id, fault!));
    return changed;
  }

  /** Replaces, round by round: those that give a change on have their importers run in the next. */
  async #run(changed: readonly string[], given: readonly Invalidation[], time: number, gone: readonly string[]): Promise<void> {
    const registry = this.#registry;
    const began = registry.generation;
    const invalidated = new Set<string>();
    let payload: object | undefined;
    let before: ModuleRecord[] = [];
    // As with Vite: what an update leaves behind goes when it is over, and what was given on is an update of its own.
    const settle = async (gone: readonly string[]) => {
      if (payload !== undefined) await this.#contexts.notify('vite:afterUpdate', payload);
      await prune(this.#modules, this.#contexts, this.#judges, before, gone);
      payload = undefined;
      before = [];
    };
    this.#first = given[0]?.module.id;
    this.#page.begin();
    let sources: Source[] = [...changed.map((id) => ({ id })), ...this.#pass(given, began, new Set(), invalidated)];
    while (sources.length > 0) {
      const plan = this.#climb(this.#graph(invalidated), sources);
      if (plan instanceof DeadEnd) return this.#page.reload(reasonOf(plan));
      // What is there already may be taken by an importer that accepts it.
      if (plan.replaced.size === 0 && plan.boundaries.length === 0 && plan.starts.length === 0) break;
      if (this.#contexts.isHeard('vite:beforeUpdate') || this.#contexts.isHeard('vite:afterUpdate')) {
        payload = payloadOf(plan, time, this.#first, (id) => isInCircle(registry, id));
        await this.#contexts.notify('vite:beforeUpdate', payload);
      }
      const next = await this.#replace(plan, before);
      if (next === undefined) return;
      sources = this.#pass(next, began, plan.closing, invalidated);
      if (sources.length > 0) await settle([]);
    }
    this.#page.end();
    await settle(gone);
  }

  /** Where a change goes on: at the importers of those that give it on. */
  #pass(
    given: readonly (Invalidation & Partial<Verdict>)[],
    began: number,
    closing: ReadonlySet<string>,
    invalidated: Set<string>,
  ): Source[] {
    const sources: Source[] = [];
    for (const { module, message, concerns } of given) {
      // Where it ran in this update: an importer that ran with it, or after it, has it. But of who ran for a circle alone, its
      // importers hold an older one, and have not been asked.
      const holdsOlder = (importer: ModuleRecord) =>
        module.generation <= began || importer.generation < module.generation || closing.has(importer.id);
      const isConcerned = (importer: ModuleRecord) => holdsOlder(importer) && concerns?.(importer) !== false;
      if (concerns !== undefined) {
        if (![...this.#registry.importersOf(module.id)].some(isConcerned)) continue;
        this.#tell(module.id, message, (this.#first ??= module.id));
      }
      sources.push({ id: module.id, concerns: isConcerned });
      invalidated.add(module.id);
    }
    return sources;
  }

  #tell(id: string, message: string | undefined, first: string): void {
    this.#page.note(`${shown(id)} gives its change on to its importers${message === undefined ? '' : `: ${message}`}`);
    void this.#contexts.notify('vite:invalidate', { path: shown(id), message, firstInvalidatedBy: shown(first) });
  }

  #graph(invalidated: ReadonlySet<string>): Graph {
    const [registry, contexts] = [this.#registry, this.#contexts];
    const isThere = ({ id }: ModuleRecord) => !this.#gone.has(plainOf(id));
    return {
      importersOf: (id: string) => {
        const all = registry.importersOf(id);
        return this.#gone.size === 0 ? all : new Set([...all].filter(isThere));
      },
      get: (id: string) => registry.get(id),
      definitionOf: (id: string) => this.#modules.definitionOf(id),
      isEntry: (id: string) => this.#modules.isEntry(id),
      isBoundary: (module: ModuleRecord) => contexts.isSelfAccepting(module.id) || this.#judgeOf(module) !== undefined,
      isAccepting: (id: string) => contexts.isSelfAccepting(id) || contexts.acceptedExports(id) !== undefined,
      accepts: (importer: string, dep: string) => contexts.accepts(importer, dep),
      acceptedExports: (id: string) => contexts.acceptedExports(id),
      isInvalidated: (id: string) => invalidated.has(id),
    };
  }

  /** The way up. Where it leads to what does not compile, the last good instances stay until it does. */
  #climb(graph: Graph, sources: readonly Source[]): Plan | DeadEnd {
    const isStuck = (plan: Plan | DeadEnd) => {
      return plan instanceof DeadEnd ? plan.chain.some(this.#modules.isFaulty) : [...plan.replaced].some(this.#modules.isFaulty);
    };
    const plan = climb(graph, sources);
    if (!isStuck(plan)) return plan;
    const free = sources.filter((source) => {
      if (!isStuck(climb(graph, [source]))) return true;
      const { id, concerns } = source;
      if (concerns === undefined) this.#postponed.add(id);
      else for (const importer of graph.importersOf(id)) if (concerns(importer)) this.#postponed.add(importer.id);
      return false;
    });
    return climb(graph, free);
  }

  #judgeOf(module: ModuleRecord): Judge | undefined {
    return this.#judges.find((judge) => judge.isBoundary(module));
  }

  /** Has the modules of a plan run; gives those that give the change on. `undefined`: the page is reloaded. */
  async #replace(plan: Plan, before: ModuleRecord[]): Promise<(Invalidation & Partial<Verdict>)[] | undefined> {
    const [registry, contexts] = [this.#registry, this.#contexts];
    const given: Invalidation[] = (this.#invalidations = []);
    const old = [...plan.replaced].map((id) => registry.get(id)!);
    // What runs because of others is as it was.
    const own = new Set(plan.boundaries.filter(({ id, via }) => id === via && !contexts.isSelfAccepting(id)).map(({ id }) => id));
    const judged = new Map(old.map((module) => [module, own.has(module.id) ? this.#judgeOf(module) : undefined]));
    // What the instances said that are there now: the next ones may say nothing.
    const calls = plan.boundaries.map(({ id, via }) => contexts.callbacks(id, via));
    for (const module of old) for (const judge of this.#judges) judge.leaves?.(module);
    // What has not begun has nothing to end.
    for (const { id, hasRun } of [...old].sort(laterFirst)) if (hasRun) await contexts.dispose(id);
    const restore = new Map(old.map(({ id }) => [id, contexts.retire(id)]));
    registry.replace(plan.replaced);
    before.push(...old);
    const roots = [...plan.boundaries.map(({ via }) => via), ...plan.starts];
    const results = await this.#evaluate(roots, old, plan.replaced);

    const verdicts: (Invalidation & Partial<Verdict>)[] = [];
    for (const older of old.sort(earlierFirst)) {
      const module = registry.get(older.id);
      if (module === undefined || module.error !== undefined || module.status !== 'evaluated') {
        restore.get(older.id)!();
        continue;
      }
      for (const judge of this.#judges) {
        const verdict = judge.ran(module, older);
        if (verdict !== undefined && judged.get(older) === judge) verdicts.push({ module, message: verdict.reason, ...verdict });
      }
    }
    const errors = new Set<unknown>();
    for (const [id, { error }] of results) {
      if (error === undefined || errors.has(error.value)) continue;
      errors.add(error.value);
      this.#page.fail(`${shown(id)} could not be loaded`, error.value);
    }
    const failed = plan.boundaries.find(({ id, via }) => results.get(via)?.error !== undefined && isInCircle(registry, id));
    if (failed !== undefined) {
      this.#invalidations = undefined;
      this.#page.reload(`${shown(failed.id)} is in a circle of imports, and could not run again`);
      return undefined;
    }
    plan.boundaries.forEach(({ via }, at) => {
      const result = results.get(via);
      if (result !== undefined) calls[at]!(result.updated);
    });
    this.#invalidations = undefined;
    return [...given, ...verdicts];
  }

  /** Runs the new instances, in the order in which the old ones ran; gives what became of those that have settled. */
  async #evaluate(roots: readonly string[], old: readonly ModuleRecord[], ids: ReadonlySet<string>): Promise<Map<string, Result>> {
    const registry = this.#registry;
    const byId = new Map(old.map((module) => [module.id, module]));
    const order = (id: string) => byId.get(id)?.order ?? Infinity;
    const wanted = [...new Set(roots)].sort((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)));
    // Those that import each other begin where they began before.
    const circles = new Map<string, string>();
    for (const id of wanted) {
      const root = byId.get(id)?.cycleRoot?.id;
      if (root !== undefined && root !== id && ids.has(root)) circles.set(id, root);
    }
    if (circles.size > 0) await Promise.all(wanted.map((id) => registry.load(id).catch(() => undefined)));
    const results = new Map<string, Result>();
    const all = wanted.map((id) => {
      const root = circles.get(id);
      // Where the circle is still there.
      if (root !== undefined && registry.get(root) !== undefined) registry.import(root).catch(() => undefined);
      return registry.import(id).then(
        (updated: Namespace) => void results.set(id, { updated }),
        (value: unknown) => void results.set(id, { updated: undefined, error: { value } }),
      );
    });
    await new Promise<void>((stop) => {
      this.#running = { ids, stop };
      void Promise.all(all).then(() => stop());
    });
    this.#running = undefined;
    return results;
  }
}

const laterFirst = (a: ModuleRecord, b: ModuleRecord) => earlierFirst(b, a);
const earlierFirst = (a: ModuleRecord, b: ModuleRecord) => (a.order === b.order ? 0 : a.order - b.order);

/** Why the page has to be loaded anew. */
function reasonOf({ chain, isInvalidated }: DeadEnd): string {
  const names = chain.map(shown);
  const why = isInvalidated ? 'has given this change on already' : 'cannot be replaced';
  const way = names.length > 1 ? ` (${names.join(' \u2192 ')})` : '';
  return `${names[0]} has changed, and ${names.at(-1)} ${why}${way}`;
}

/** As Vite's listeners know it. */
function payloadOf({ boundaries, starts }: Plan, timestamp: number, first: string | undefined, isCircular: (id: string) => boolean): object {
  const own = starts.map((id) => ({ id, via: id }));
  const updates = [...boundaries, ...own].map(({ id, via }) => ({
    type: 'js-update',
    path: shown(id),
    acceptedPath: shown(via),
    timestamp,
    explicitImportRequired: false,
    isWithinCircularImport: isCircular(id),
    firstInvalidatedBy: first === undefined ? undefined : shown(first),
  }));
  return { type: 'update', updates };
}

function errorPayload(id: string, { fault, diagnostics }: Fault): object {
  const { file, line, column, frame } = diagnostics?.[0] ?? {};
  const loc = line === undefined ? undefined : { file, line, column };
  return { type: 'error', err: { message: fault, stack: '', id: shown(id), frame, loc, plugin: 'hookfs' } };
}

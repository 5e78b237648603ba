// From modules that have changed to those that take the change upon themselves: the boundaries. What lies between runs
// anew, everything else stays.

import type { Definition, ModuleRecord } from '../module';
import { resolve } from '../specifier';

/** What the way up depends on. */
export interface Graph {
  importersOf(id: string): ReadonlySet<ModuleRecord>;
  get(id: string): ModuleRecord | undefined;
  /** What the next instance of a module is made of. */
  definitionOf(id: string): Definition | undefined;
  /** Whether the page itself starts a module. */
  isEntry(id: string): boolean;
  /** Whether a module takes its own changes upon itself. */
  isBoundary(module: ModuleRecord): boolean;
  /** Whether it says so itself, of all that it exports or of a part. */
  isAccepting(id: string): boolean;
  /** Whether a module takes the changes of one that it imports upon itself. */
  accepts(importer: string, dep: string): boolean;
  /** The exports whose changes a module takes upon itself. */
  acceptedExports(id: string): ReadonlySet<string> | undefined;
  /** Whether a module has run in this very update, and must not again: it has given the change on. */
  isInvalidated(id: string): boolean;
}

/** Where an update begins. */
export interface Source {
  readonly id: string;
  /** Gives the change on: it runs no more itself, only those importers do that this says. */
  concerns?(importer: ModuleRecord): boolean;
}

/** `id` takes the change of `via` upon itself, which is the module itself or one that it imports. */
export interface Boundary {
  readonly id: string;
  readonly via: string;
}

export interface Plan {
  /** All that run anew, as far as they are still imported. */
  readonly replaced: ReadonlySet<string>;
  readonly boundaries: readonly Boundary[];
  /** Those of them that run only because a boundary is in a circle with them, and take nothing upon themselves. */
  readonly closing: ReadonlySet<string>;
  /** What the page starts and has never run: it does so now. */
  readonly starts: readonly string[];
}

/** Nobody takes the change upon itself: from where it began, to where nobody was left to ask. */
export class DeadEnd {
  readonly chain: readonly string[];
  readonly isInvalidated: boolean;

  constructor(chain: readonly string[], isInvalidated: boolean) {
    this.chain = chain;
    this.isInvalidated = isInvalidated;
  }
}

/** Goes up from each source, depth first, on no stack of calls: no chain of imports is too long for it. */
export function climb(graph: Graph, sources: readonly Source[]): Plan | DeadEnd {
  const replaced = new Set<string>();
  const found: Boundary[] = [];
  const starts: string[] = [];
  const path: { id: string; importers: readonly ModuleRecord[]; next: number }[] = [];
  const end = (id: string) => new DeadEnd([...path.map((step) => step.id), id], graph.isInvalidated(id));

  /** Goes to a module that is to run anew. */
  const enter = (id: string): DeadEnd | undefined => {
    if (replaced.has(id)) return undefined;
    const module = graph.get(id);
    if (module === undefined) return undefined;
    // From where it was given on, a circle leads back to it.
    if (graph.isInvalidated(id)) return path.some((step) => step.id === id) ? undefined : end(id);
    replaced.add(id);
    if (graph.isBoundary(module)) {
      found.push({ id, via: id });
      path.push({ id, importers: [...graph.importersOf(id)].filter(hasFailed), next: 0 });
      return undefined;
    }
    const names = graph.acceptedExports(id);
    if (names !== undefined) found.push({ id, via: id });
    if (graph.isEntry(id)) {
      // What has run has made the page what it is; the page itself uses none of the exports that a module may not accept.
      if (!module.hasRun) starts.push(id);
      else if (names === undefined) return end(id);
    }
    const importers = [...graph.importersOf(id)].filter((importer) => {
      const isAsked = names === undefined || graph.accepts(importer.id, id) || !isCovered(importer, module, names);
      return importer.id !== id && isAsked;
    });
    path.push({ id, importers, next: 0 });
    return undefined;
  };

  const walk = (): DeadEnd | undefined => {
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const importer = here.importers[here.next++];
      if (importer === undefined) {
        path.pop();
        continue;
      }
      if (graph.accepts(importer.id, here.id) && !hasFailed(importer)) {
        // Who has given the change on would do so again, for ever.
        if (graph.isInvalidated(importer.id)) return end(importer.id);
        found.push({ id: importer.id, via: here.id });
        continue;
      }
      const dead = enter(importer.id);
      if (dead !== undefined) return dead;
    }
    return undefined;
  };

  for (const { id, concerns } of sources) {
    let dead: DeadEnd | undefined;
    if (concerns === undefined) dead = enter(id);
    else {
      const all = graph.importersOf(id);
      if (graph.isEntry(id) || all.size === 0) dead = end(id);
      else path.push({ id, importers: [...all].filter(concerns), next: 0 });
    }
    dead ??= walk();
    if (dead !== undefined) return dead;
  }
  const asked = new Set(replaced);
  const closing = new Set<string>();
  // Arrays are walked over with what is added meanwhile.
  for (const { id: boundary, via } of found) {
    if (boundary !== via || !graph.isAccepting(boundary)) continue;
    closeCircle(graph, boundary, replaced);
    for (const id of replaced) {
      if (asked.has(id)) continue;
      asked.add(id);
      // It runs in any case; who has said so is told of it.
      if (graph.isAccepting(id)) found.push({ id, via: id });
      if (!graph.isBoundary(graph.get(id)!)) closing.add(id);
      for (const importer of graph.importersOf(id)) {
        const isTold = graph.accepts(importer.id, id) && !graph.isInvalidated(importer.id);
        if (isTold && !hasFailed(importer)) found.push({ id: importer.id, via: id });
      }
    }
  }
  const boundaries = found.filter(({ id, via }, at) => {
    // Two ways may lead to one.
    return found.findIndex((other) => other.id === id && other.via === via) === at;
  });
  return { replaced, boundaries, closing, starts };
}

/** Whether an instance could not run, or not yet, because of what it imports, maybe: no older one of that is of use to it. */
function hasFailed({ status, error, hasRun }: ModuleRecord): boolean {
  return error !== undefined || (!hasRun && status !== 'evaluating');
}

/**
 * A boundary runs with the circle of imports that it is in: the others of it would go on with its old instance, and its new one
 * would call them. Components need none of that: who shows an old one shows the new one.
 */
function closeCircle(graph: Graph, boundary: string, replaced: Set<string>): void {
  // Sets are walked over with what is added meanwhile.
  const above = new Set([boundary]);
  for (const id of above) {
    for (const importer of graph.importersOf(id)) {
      // What the page has started goes on with what it has.
      const isStarted = importer.hasRun && graph.isEntry(importer.id) && !graph.isBoundary(importer);
      if (isStarted || graph.isInvalidated(importer.id) || graph.accepts(importer.id, id)) continue;
      if (importsOf(graph, importer.id, replaced).includes(id)) above.add(importer.id);
    }
  }
  const below = new Set([boundary]);
  for (const id of below) {
    for (const imported of importsOf(graph, id, replaced)) {
      const isNew = replaced.has(imported) || graph.get(imported) === undefined;
      if (above.has(imported) || isNew) below.add(imported);
    }
  }
  for (const id of below) if (above.has(id)) replaced.add(id);
}

/** What a module imports: as it is to run, if it is, and else as it has run. */
function importsOf(graph: Graph, id: string, replaced: ReadonlySet<string>): string[] {
  const module = graph.get(id);
  const later = [...(module?.dynamic ?? [])];
  if (module !== undefined && !replaced.has(id)) return [...module.required.map((required) => required.id), ...later];
  const requests = graph.definitionOf(id)?.requests ?? [];
  return [...requests.map((request) => resolve(request, id)), ...later];
}

/** Whether all that a module uses of another is among these names. */
function isCovered(importer: ModuleRecord, module: ModuleRecord, names: ReadonlySet<string>): boolean {
  const used = usedNames(importer, module.id) ?? (importer.context === undefined ? undefined : exportsOf(module));
  return used !== undefined && [...used].every((name) => names.has(name));
}

/** The names that a module exports; `undefined`: others too, of modules that it passes on as a whole. */
function exportsOf({ definition }: ModuleRecord): string[] | undefined {
  const { exports, indirect, stars } = definition;
  return stars.length > 0 ? undefined : [...exports, ...indirect.map(([name]) => name)];
}

/** The names that a module uses of another; `undefined`: all of it. */
export function usedNames(importer: ModuleRecord, id: string): Set<string> | undefined {
  // One that was never linked has not said yet of what it has the whole.
  if (importer.context === undefined || importer.dynamic.has(id)) return undefined;
  const { imports, indirect, stars } = importer.definition;
  const isOf = (request: number) => importer.required[request]?.id === id;
  if (stars.some(isOf) || importer.wholes?.some(isOf) === true) return undefined;
  const names = new Set<string>();
  for (let at = 0; at < imports.length; at += 2) if (isOf(imports[at] as number)) names.add(imports[at + 1] as string);
  for (const [, request, name] of indirect) {
    if (!isOf(request)) continue;
    if (name === null) return undefined;
    names.add(name);
  }
  return names;
}

/**
 * Whether some chain of importers of a module comes back to it: the order in which all of them ran first may not come about
 * again.
 */
export function isInCircle(graph: Pick<Graph, 'importersOf'>, id: string): boolean {
  const seen = new Set<string>();
  const waiting = [id];
  for (let here = waiting.pop(); here !== undefined; here = waiting.pop()) {
    for (const importer of graph.importersOf(here)) {
      // That a module imports itself changes no order.
      if (importer.id === here || seen.has(importer.id)) continue;
      if (importer.id === id) return true;
      seen.add(importer.id);
      waiting.push(importer.id);
    }
  }
  return false;
}

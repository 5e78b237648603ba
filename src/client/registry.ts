// The modules of a program: loaded once, linked, evaluated, dropped with all that imports them when they change.

import { evaluate } from './evaluate';
import { Iteration } from './iterate';
import { link } from './link';
import { Capability, ModuleRecord, wait, type Context, type Definition, type Namespace } from './module';
import { namespaceOf } from './namespace';

/** Where modules come from. */
export interface Host {
  /** The base of `import.meta.url`: what comes before a module's id. */
  readonly base: string;
  /** Gives the module that an id means, and the id that it has; at once or later. Throws where there is none. */
  load(id: string): Loaded | Promise<Loaded>;
  /** These, each once, are asked for next. */
  expect?(ids: readonly string[]): void;
  /** The id that an `import()` in a module means; without it: by the paths alone. */
  resolve?(specifier: string, from: string): string;
  /** What `import.meta` of a module has besides its URL. */
  meta?(id: string): object;
}

export interface Loaded {
  readonly id: string;
  readonly definition: Definition;
}

/** Whatever has no instance yet is asked of the host; two requests of one id get one instance. */
export class Registry {
  readonly #host: Host;
  readonly #modules = new Map<string, ModuleRecord>();
  /** What is being loaded, by the id that was asked for. */
  readonly #loading = new Map<string, Promise<ModuleRecord>>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** The ids of all modules that are there. */
  ids(): string[] {
    return [...this.#modules.keys()];
  }

  /** Imports a module: what `import()` does. */
  import(id: string): Promise<Namespace> {
    const capability = new Capability<Namespace>();
    const loaded = this.#loadGraph(id);
    const run = (module: ModuleRecord) => {
      link(module, (module) => this.#contextOf(module));
      wait(evaluate(module), () => capability.resolve(namespaceOf(module)), capability.reject);
    };
    // A graph that is there already is run one turn later, like one that was loaded.
    wait(
      loaded,
      (module) => {
        try {
          run(module as ModuleRecord);
        } catch (error) {
          capability.reject(error);
        }
      },
      capability.reject,
    );
    return capability.promise;
  }

  /**
   * Drops modules and, transitively, those that import them; gives their ids. Who imports one of them from now on gets a
   * new instance; who holds an old one keeps it.
   */
  drop(ids: Iterable<string>): string[] {
    const importers = new Map<ModuleRecord, ModuleRecord[]>();
    for (const module of this.#modules.values()) {
      for (const required of module.required) {
        const known = importers.get(required);
        if (known === undefined) importers.set(required, [module]);
        else known.push(module);
      }
    }
    const waiting: ModuleRecord[] = [];
    for (const id of ids) {
      const module = this.#modules.get(id);
      if (module !== undefined) waiting.push(module);
    }
    const dropped = new Set<ModuleRecord>();
    for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
      if (dropped.has(module)) continue;
      dropped.add(module);
      waiting.push(...(importers.get(module) ?? []));
    }
    for (const { id } of dropped) this.#modules.delete(id);
    return [...dropped].map((module) => module.id);
  }

  /** Loads a module with all that it requires, transitively; in one turn where the host does so. */
  #loadGraph(id: string): Promise<ModuleRecord> | ModuleRecord {
    const modules = new Set<ModuleRecord>();
    const visit = (module: ModuleRecord): Promise<unknown> | undefined => {
      if (module.isLoaded || modules.has(module)) return undefined;
      modules.add(module);
      const later: Promise<unknown>[] = [];
      const ids = module.definition.requests.map((request) => resolve(request, module.id));
      const isNew = (id: string) => !this.#modules.has(id) && !this.#loading.has(id);
      this.#host.expect?.([...new Set(ids)].filter(isNew));
      for (const [index, id] of ids.entries()) {
        const place = (required: ModuleRecord) => {
          module.required[index] = required;
          return visit(required);
        };
        const loaded = this.#load(id);
        const rest = loaded instanceof ModuleRecord ? place(loaded) : loaded.then(place);
        if (rest !== undefined) later.push(rest);
      }
      return later.length === 0 ? undefined : Promise.all(later);
    };
    const all = (module: ModuleRecord) => {
      const finish = () => {
        for (const module of modules) module.isLoaded = true;
        return module;
      };
      const rest = visit(module);
      return rest === undefined ? finish() : rest.then(finish);
    };
    try {
      const loaded = this.#load(id);
      return loaded instanceof ModuleRecord ? all(loaded) : loaded.then(all);
    } catch (error) {
      const capability = new Capability<ModuleRecord>();
      capability.reject(error);
      return capability.promise;
    }
  }

  #load(id: string): ModuleRecord | Promise<ModuleRecord> {
    const known = this.#modules.get(id) ?? this.#loading.get(id);
    if (known !== undefined) return known;
    const loaded = this.#host.load(id);
    if (!(loaded instanceof Promise)) return this.#register(loaded);
    const later = loaded.then((loaded) => this.#register(loaded)).finally(() => this.#loading.delete(id));
    this.#loading.set(id, later);
    return later;
  }

  #register({ id, definition }: Loaded): ModuleRecord {
    let module = this.#modules.get(id);
    if (module === undefined) {
      module = new ModuleRecord(id, definition);
      this.#modules.set(id, module);
    }
    return module;
  }

  #contextOf(module: ModuleRecord): Context {
    const registry = this;
    const host = this.#host;
    let meta: object | undefined;
    return {
      get meta() {
        if (meta === undefined) {
          meta = Object.create(null) as object;
          Object.assign(meta, { url: host.base + module.id }, host.meta?.(module.id));
        }
        return meta;
      },
      get arguments(): never {
        throw new ReferenceError('arguments is not defined');
      },
      namespace: (request) => namespaceOf(module.required[request]!),
      import: (specifier, options) => registry.#importFrom(module, specifier, options),
      iterate: (value) => new Iteration(value),
    };
  }

  /** `import()` (ECMA-262, 13.3.10.2): whatever is wrong is a rejection. */
  #importFrom(module: ModuleRecord, specifier: unknown, options: unknown): Promise<Namespace> {
    try {
      const text = `${specifier as string}`;
      checkOptions(options);
      const host = this.#host;
      return this.import(host.resolve?.(text, module.id) ?? resolve(text, module.id, host.base));
    } catch (error) {
      const capability = new Capability<Namespace>();
      capability.reject(error);
      return capability.promise;
    }
  }
}

/** The second argument of `import()`: attributes say what a source is, and here everything is JavaScript by then. */
function checkOptions(options: unknown): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null) {
    if (typeof options !== 'function') throw new TypeError('the second argument of import() is not an object');
  }
  const attributes = (options as { with?: unknown }).with;
  if (attributes === undefined) return;
  if ((typeof attributes !== 'object' || attributes === null) && typeof attributes !== 'function') {
    throw new TypeError('the attributes of an import are not an object');
  }
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value !== 'string') throw new TypeError(`the import attribute "${key}" is not a string`);
  }
  for (const key of Object.keys(attributes)) {
    if (key !== 'type') throw new TypeError(`no import attribute is called "${key}"`);
  }
}

/** A specifier as an id: relative to a module, or from the root, with or without the base in front. */
export function resolve(specifier: string, from: string, base = ''): string {
  let text = specifier;
  if (base !== '' && text.startsWith(`${base}/`)) text = text.slice(base.length);
  if (!/^\.{0,2}\//.test(text)) return text;
  const parts = text.startsWith('/') ? [] : from.split('/').slice(1, -1);
  for (const part of text.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

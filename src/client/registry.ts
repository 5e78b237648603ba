// The modules of a program: loaded once, linked, evaluated. When they change they are dropped with all that imports them, or
// replaced by themselves.

import { ModuleContext, type Around, type Components } from './context';
import { evaluate } from './evaluate';
import { link } from './link';
import { Capability, ModuleRecord, wait, type Definition, type Namespace } from './module';
import { namespaceOf } from './namespace';
import { plainOf, resolve } from './specifier';

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
  /** What `import.meta` of an instance of a module has besides its URL. */
  meta?(id: string, module: ModuleRecord): object;
  /** Is told of the components of modules. */
  readonly components?: Components;
}

/** Is told which modules were dropped, each before those that it imports. What it gives is waited for. */
export type Watcher = (dropped: readonly string[]) => void | Promise<void>;

export interface Loaded {
  readonly id: string;
  readonly definition: Definition;
}

/** What the instance before had. */
interface Heritage extends Pick<ModuleRecord, 'order' | 'dynamic'> {
  /** The ids of all that it imported. */
  readonly imported: readonly string[];
}

const NOBODY: ReadonlySet<ModuleRecord> = new Set();

/** Whatever has no instance yet is asked of the host; two requests of one id get one instance. */
export class Registry {
  readonly #host: Host;
  readonly #around: Around;
  readonly #modules = new Map<string, ModuleRecord>();
  /** Of modules that were loaded under ids with a suffix, these, by the plain one. */
  readonly #suffixed = new Map<string, Set<string>>();
  /** What is being loaded, by the id that was asked for. */
  readonly #loading = new Map<string, Promise<ModuleRecord>>();
  readonly #watchers = new Set<Watcher>();
  /** Of instances that were replaced, what the next one goes on with. */
  readonly #heritage = new Map<string, Heritage>();
  /** Who imports each module; from when it is first asked on. */
  #importers: Map<string, Set<ModuleRecord>> | undefined;
  /** How many replacements there were. */
  #generation = 0;
  /** How many instances were taken away. */
  #drops = 0;
  /** What specifiers mean to the modules of a folder. A graph asks for its modules many times more often than it has some. */
  readonly #folders = new Map<string, Map<string, string>>();

  constructor(host: Host) {
    this.#host = host;
    this.#around = {
      base: host.base,
      components: host.components,
      importFrom: (module, specifier, options) => this.#importFrom(module, specifier, options),
    };
    if (host.meta !== undefined) this.#around.meta = host.meta.bind(host);
  }

  /** The ids of all modules that are there. */
  ids(): string[] {
    return [...this.#modules.keys()];
  }

  /** The instance that whoever imports a module gets; `undefined`: it would have to be made. */
  get(id: string): ModuleRecord | undefined {
    return this.#modules.get(id);
  }

  /** All instances of a module: under its plain id, and those that a suffix makes. */
  instancesOf(id: string): ModuleRecord[] {
    const ids = [id, ...(this.#suffixed.get(id) ?? [])];
    return ids.flatMap((id) => this.#modules.get(id) ?? []);
  }

  /** How many replacements there were. */
  get generation(): number {
    return this.#generation;
  }

  /** Who imports a module, by `import()` too, among those that are there. */
  importersOf(id: string): ReadonlySet<ModuleRecord> {
    if (this.#importers === undefined) {
      this.#importers = new Map();
      for (const module of this.#modules.values()) {
        for (const id of module.imported()) this.#noteImport(module, id);
      }
    }
    return this.#importers.get(id) ?? NOBODY;
  }

  /** Loads a module with all that it requires; nothing runs. */
  async load(id: string): Promise<void> {
    await this.#loadGraph(id);
  }

  /** Imports a module: what `import()` does. */
  import(id: string, importer?: ModuleRecord): Promise<Namespace> {
    const capability = new Capability<Namespace>();
    // Also where there is no such module yet.
    this.#noteDynamic(importer, id);
    const generation = this.#generation;
    const loaded = this.#loadGraph(id);
    // Something was replaced meanwhile: whoever imports gets what there is now.
    const again = () => capability.resolve(this.import(id, importer));
    const run = (module: ModuleRecord) => {
      if (this.#generation !== generation) return again();
      this.#noteDynamic(importer, module.id);
      link(module, (module) => new ModuleContext(module, this.#around));
      wait(
        evaluate(module),
        () => (module.isReplaced ? again() : capability.resolve(namespaceOf(module))),
        (error) => (module.isReplaced ? again() : capability.reject(error)),
      );
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

  /** What `import` gives, where there is nothing to wait for: the module is there, and its evaluation has gone well. */
  evaluated(id: string): Namespace | undefined {
    const module = this.#modules.get(id);
    const isDone = (module: ModuleRecord) => module.status === 'evaluated' && module.error === undefined;
    return module !== undefined && isDone(module) && isDone(module.cycleRoot ?? module) ? namespaceOf(module) : undefined;
  }

  /**
   * Drops modules and, transitively, those that import them, by `import()` too; gives their ids, each before those that it
   * imports. Who imports one of them from now on gets a new instance; who holds an old one keeps it.
   */
  drop(ids: Iterable<string>): string[] {
    const seen = new Set<string>();
    const dropped: string[] = [];
    const visit = (id: string) => {
      if (seen.has(id)) return;
      seen.add(id);
      // What is on its way is a thing of the past.
      this.#loading.delete(id);
      for (const importer of [...this.importersOf(id)]) visit(importer.id);
      const module = this.#take(id);
      if (module === undefined) return;
      this.#bequeath(module);
      dropped.push(id);
    };
    for (const id of ids) visit(id);
    return dropped;
  }

  /**
   * Takes away exactly these instances, and gives them. Who imports one of them from now on gets a new one, of the
   * definition that the host has then; who holds an old one keeps it. `import()`s that are under way give the new ones.
   */
  replace(ids: Iterable<string>): ModuleRecord[] {
    this.#generation++;
    const replaced: ModuleRecord[] = [];
    for (const id of ids) {
      // What is on its way is a thing of the past.
      this.#loading.delete(id);
      const module = this.#take(id);
      if (module === undefined) continue;
      module.isReplaced = true;
      this.#bequeath(module);
      replaced.push(module);
    }
    return replaced;
  }

  /** Takes an instance away. */
  #take(id: string): ModuleRecord | undefined {
    const module = this.#modules.get(id);
    if (module === undefined) return undefined;
    module.isDropped = true;
    this.#drops++;
    this.#modules.delete(id);
    this.#suffixed.get(plainOf(id))?.delete(id);
    if (this.#importers !== undefined) {
      for (const id of module.imported()) this.#importers.get(id)?.delete(module);
    }
    return module;
  }

  #noteSuffixed(id: string): void {
    const plain = plainOf(id);
    if (plain === id) return;
    const known = this.#suffixed.get(plain);
    if (known === undefined) this.#suffixed.set(plain, new Set([id]));
    else known.add(id);
  }

  #noteImport(module: ModuleRecord, id: string): void {
    if (this.#importers === undefined || module.isDropped) return;
    const known = this.#importers.get(id);
    if (known === undefined) this.#importers.set(id, new Set([module]));
    else known.add(module);
  }

  #noteDynamic(module: ModuleRecord | undefined, id: string): void {
    if (module === undefined) return;
    module.noteDynamic(id);
    this.#noteImport(module, id);
  }

  /** Takes instances away that nobody imports. */
  remove(ids: Iterable<string>): void {
    const all = [...ids];
    this.replace(all);
    for (const id of all) this.#heritage.delete(id);
  }

  /**
   * Takes the instances away that a module does not lead to, whatever it, and what it imports, may import later; gives their
   * ids, but for those that stay. What was dropped may come again, and leads to what it led to.
   */
  sweep(root: string, stays: (id: string) => boolean): string[] {
    const reached = new Set([root]);
    // A set is walked over with what is added meanwhile.
    for (const id of reached) {
      const module = this.#modules.get(id);
      const imported = (module?.imported() ?? this.#heritage.get(id)?.imported) ?? [];
      const named = this.#named(id, module?.definition.dynamic ?? []);
      for (const other of [...imported, ...named]) reached.add(other);
    }
    const left = [...this.#modules.values()].filter(({ id, status }) => status === 'evaluated' && !reached.has(id) && !stays(id));
    const ids = left.map(({ id }) => id);
    for (const id of this.#heritage.keys()) if (!reached.has(id)) this.#heritage.delete(id);
    if (ids.length > 0) this.remove(ids);
    return ids;
  }

  /** The ids of those whose evaluation has failed: by their own fault, or by that of one that they import. */
  failed(): string[] {
    const isFailed = ({ status, error }: ModuleRecord) => status === 'evaluated' && error !== undefined;
    return [...this.#modules.values()].filter(isFailed).map(({ id }) => id);
  }

  /** Has a function told of all that is reloaded; what is given back ends that. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Drops modules that have changed, with their importers, and tells the watchers; gives the ids of all that are dropped. */
  async reload(ids: Iterable<string>): Promise<string[]> {
    const dropped = this.drop(ids);
    if (dropped.length > 0) {
      for (const watcher of [...this.#watchers]) await watcher(dropped);
    }
    return dropped;
  }

  /** Loads a module with all that it requires, transitively; in one turn where the host does so. */
  #loadGraph(id: string): Promise<ModuleRecord> | ModuleRecord {
    const modules = new Set<ModuleRecord>();
    const drops = this.#drops;
    // One after the other, the first request of each first: no chain of imports is too long for the stack.
    const visit = (first: ModuleRecord): Promise<unknown> | undefined => {
      const later: Promise<unknown>[] = [];
      const path: { module: ModuleRecord; ids: string[]; next: number }[] = [];
      const enter = (module: ModuleRecord) => {
        if (module.isLoaded || modules.has(module)) return;
        modules.add(module);
        const ids = this.#idsOf(module);
        const isNew = (id: string) => !this.#modules.has(id) && !this.#loading.has(id);
        this.#host.expect?.([...new Set(ids)].filter(isNew));
        path.push({ module, ids, next: 0 });
      };
      enter(first);
      for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
        const { module, ids } = here;
        const index = here.next++;
        if (index === ids.length) {
          path.pop();
          continue;
        }
        const loaded = this.#load(ids[index]!);
        if (loaded instanceof ModuleRecord) {
          this.#place(module, index, loaded);
          enter(loaded);
          continue;
        }
        const next = (required: ModuleRecord) => {
          this.#place(module, index, required);
          return visit(required);
        };
        later.push(loaded.then(next));
      }
      return later.length === 0 ? undefined : Promise.all(later);
    };
    const all = (module: ModuleRecord) => {
      const finish = (): Promise<ModuleRecord> | ModuleRecord => {
        // While it was loaded, something of it has changed.
        const isOld = (module: ModuleRecord) => module.isDropped || module.required.some(({ isDropped }) => isDropped);
        if (this.#drops !== drops && [...modules].some(isOld)) return this.#loadGraph(id);
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

  /** The ids that a module's requests mean. */
  #idsOf({ id, definition }: ModuleRecord): string[] {
    const folder = id.slice(0, plainOf(id).lastIndexOf('/') + 1);
    let known = this.#folders.get(folder);
    if (known === undefined) this.#folders.set(folder, (known = new Map<string, string>()));
    const ids: string[] = [];
    for (const request of definition.requests) {
      let meant = known.get(request);
      if (meant === undefined) known.set(request, (meant = resolve(request, id)));
      ids.push(meant);
    }
    return ids;
  }

  #place(module: ModuleRecord, index: number, required: ModuleRecord): void {
    module.required[index] = required;
    this.#noteImport(module, required.id);
  }

  #load(id: string): ModuleRecord | Promise<ModuleRecord> {
    const known = this.#modules.get(id) ?? this.#loading.get(id);
    if (known !== undefined) return known;
    const loaded = this.#host.load(id);
    if (!(loaded instanceof Promise)) return this.#register(loaded);
    const later: Promise<ModuleRecord> = loaded.then(
      (loaded) => {
        if (this.#loading.get(id) !== later) return this.#load(id);
        this.#loading.delete(id);
        return this.#register(loaded);
      },
      (error: unknown) => {
        if (this.#loading.get(id) !== later) return this.#load(id);
        this.#loading.delete(id);
        throw error;
      },
    );
    this.#loading.set(id, later);
    return later;
  }

  #register({ id, definition }: Loaded): ModuleRecord {
    let module = this.#modules.get(id);
    if (module === undefined) {
      module = new ModuleRecord(id, definition);
      module.generation = this.#generation;
      this.#inherit(module);
      this.#modules.set(id, module);
      this.#noteSuffixed(id);
    }
    return module;
  }

  #bequeath(module: ModuleRecord): void {
    const { id, order, dynamic } = module;
    this.#heritage.set(id, { order, dynamic, imported: module.imported() });
  }

  /** Of what its last instance imported, this one holds what it may import later. */
  #inherit(module: ModuleRecord): void {
    const before = this.#heritage.get(module.id);
    if (before === undefined) return;
    this.#heritage.delete(module.id);
    module.order = before.order;
    const { dynamic = [] } = module.definition;
    const ids = dynamic === null ? [...before.dynamic] : this.#named(module.id, dynamic);
    for (const id of ids) if (before.imported.includes(id)) this.#noteDynamic(module, id);
  }

  /** The ids that `import()`s with these specifiers mean. */
  #named(from: string, specifiers: readonly string[]): string[] {
    return specifiers.flatMap((specifier) => {
      try {
        return [this.#idOf(specifier, from)];
      } catch {
        // It is no URL, and is told where it is imported.
        return [];
      }
    });
  }

  /** The id that an `import()` means. */
  #idOf(specifier: string, from: string): string {
    return this.#host.resolve?.(specifier, from) ?? resolve(specifier, from, this.#host.base);
  }

  /** `import()` (ECMA-262, 13.3.10.2): whatever is wrong is a rejection. */
  #importFrom(module: ModuleRecord, specifier: unknown, options: unknown): Promise<Namespace> {
    try {
      const text = `${specifier as string}`;
      checkOptions(options);
      return this.import(this.#idOf(text, module.id), module);
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

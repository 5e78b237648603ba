// What the code of a module says to its runtime.

import { Iteration } from './iterate';
import type { Context, ModuleRecord, Namespace } from './module';
import { namespaceOf } from './namespace';

/** What is behind the contexts of all modules. */
export interface Around {
  /** The base of `import.meta.url`: what comes before a module's id. */
  readonly base: string;
  /** What `import.meta` of an instance of a module has besides its URL. */
  meta?(id: string, module: ModuleRecord): object;
  /** An `import()` in a module: whatever is wrong is a rejection. */
  importFrom(module: ModuleRecord, specifier: unknown, options: unknown): Promise<Namespace>;
  /** Is told of the components of a module; where the runtime is hot. */
  readonly components?: Components | undefined;
}

/** Takes what the compiler has found in modules. */
export interface Components {
  /** A component, by its name in the module. */
  register(module: ModuleRecord, type: unknown, name: string): void;
  /** What signs a function that calls hooks. */
  sign(module: ModuleRecord): unknown;
}

/** The context of one instance. Its class has the functions: there are thousands of modules, and most call none of them. */
export class ModuleContext implements Context {
  readonly #module: ModuleRecord;
  readonly #around: Around;
  #meta: object | undefined;

  constructor(module: ModuleRecord, around: Around) {
    this.#module = module;
    this.#around = around;
  }

  get meta(): object {
    if (this.#meta === undefined) {
      const { base, meta } = this.#around;
      const module = this.#module;
      this.#meta = Object.create(null) as object;
      Object.assign(this.#meta, { url: base + module.id }, meta?.(module.id, module));
    }
    return this.#meta;
  }

  get arguments(): never {
    throw new ReferenceError('arguments is not defined');
  }

  namespace(request: number): Namespace {
    (this.#module.wholes ??= []).push(request);
    return namespaceOf(this.#module.required[request]!);
  }

  import(specifier: unknown, options?: unknown): Promise<Namespace> {
    return this.#around.importFrom(this.#module, specifier, options);
  }

  iterate(value: unknown): unknown {
    return new Iteration(value);
  }

  register(type: unknown, name: string): void {
    this.#around.components?.register(this.#module, type, name);
  }

  sign(): unknown {
    return this.#around.components?.sign(this.#module);
  }
}

// The modules of one `/~@/`, wherever it is served, as bundles bring them.

import type { Definition, ModuleRecord, Namespace } from '../module';
import { Registry, type Host, type Loaded } from '../registry';
import { plainOf } from '../specifier';
import { faulty, foreign } from './foreign';

/** A module of a bundle: its id, the hash of its text, and what the text gives. */
export type Piece = readonly [id: string, hash: string, Definition | { readonly fault: string }];

/** What is otherwise in a page that is hot. */
export interface Hot extends Required<Pick<Host, 'meta' | 'components'>> {
  /** Where the bundles are of what is imported later. They have no versions in their names. */
  readonly folder: string;
}

/** A specifier that names a place; others are names, which the page's import map may have. */
const PLACE = /^(?:\.{0,2}\/|[a-z][a-z\d+.-]*:)/i;

/**
 * All modules of a tree that a page, or a worker, has. Of a module that two bundles bring in two versions the first counts:
 * a page goes on with what it began with.
 */
export class Tree {
  /** The URL of `/~@/`, without the slash at its end. */
  readonly #base: string;
  readonly #hot: Hot | undefined;
  readonly registry: Registry;
  readonly #pieces = new Map<string, Definition>();
  /**
   * The names of the versions of bundles, from the base: by the ids of modules that are imported later, and by the paths of
   * bundles that are meant by their URL.
   */
  readonly #bundles = new Map<string, string>();
  /** Ids as URLs have them, where that is otherwise. */
  readonly #ids = new Map<string, string>();
  /** Modules that an `import()` fetches the bundles of: it evaluates them, not their bundle. */
  readonly #expected = new Set<string>();
  /** Modules that bundles have started. */
  readonly #entries = new Set<string>();

  constructor(base: string, hot?: Hot) {
    this.#base = base;
    this.#hot = hot;
    this.registry = new Registry({
      base,
      load: (id) => this.#load(id),
      resolve: (specifier, from) => this.idOf(specifier, from),
      meta: (id, module) => ({
        url: new URL(base + id).href,
        resolve: (specifier: unknown) => this.#urlOf(`${specifier as string}`, id),
        ...hot?.meta(id, module),
      }),
      ...(hot === undefined ? {} : { components: hot.components }),
    });
  }

  /** Takes what a bundle brings, and starts its entries. */
  add(bundles: Record<string, string>, pieces: readonly Piece[], starts: readonly string[]): Promise<unknown> | undefined {
    for (const [id, name] of Object.entries(bundles)) {
      if (!this.#bundles.has(id)) this.name(id, name);
    }
    for (const piece of pieces) {
      const given = piece[2];
      if (!this.#pieces.has(piece[0])) this.define(piece[0], piece[1], 'run' in given ? given : faulty(given.fault));
    }
    const own = starts.filter((id) => !this.#expected.has(id));
    for (const id of own) this.#entries.add(id);
    const [first, ...others] = own.map((id) => this.registry.import(id));
    if (others.length === 0) return first;
    // As scripts of a page: one that fails does not stop the next.
    return Promise.all([first!, ...others].map((started) => started.catch(reportError)));
  }

  /** Whoever is to be made of a module from now on is made of this version. */
  define(id: string, hash: string, definition: Definition): void {
    definition.hash = hash;
    this.#pieces.set(id, definition);
    this.#note(id);
  }

  /** The name of a bundle's version, from the base. */
  name(id: string, name: string): void {
    this.#bundles.set(id, name);
    this.#note(id);
  }

  /** The names of the versions of bundles. */
  names(): Record<string, string> {
    return Object.fromEntries(this.#bundles);
  }

  /** A module is not there any more: whoever imports it fetches it again. */
  forget(id: string): void {
    this.#pieces.delete(id);
  }

  /** Whether a bundle has started a module. */
  isEntry(id: string): boolean {
    return this.#entries.has(id);
  }

  /** Whether a module does not compile, as it is now. */
  isFaulty(id: string): boolean {
    return this.definitionOf(id)?.fault !== undefined;
  }

  /** What the next instance of a module is made of. */
  definitionOf(id: string): Definition | undefined {
    return this.#pieces.get(plainOf(id));
  }

  /** The version that an instance is of. */
  hashOf(module: ModuleRecord): string | undefined {
    return module.definition.hash;
  }

  /** Whether a module is here in this version. */
  has(id: string, hash: string): boolean {
    return this.#pieces.get(id)?.hash === hash;
  }

  /** The versions of all modules that are here. */
  hashes(): Record<string, string> {
    const hashes: Record<string, string> = {};
    for (const [id, { hash }] of this.#pieces) hashes[id] = hash!;
    return hashes;
  }

  #note(id: string): void {
    if (/[^\0-\x7f]/.test(id)) this.#ids.set(new URL(this.#base + id).href.slice(this.#base.length), id);
  }

  #load(id: string): Loaded | Promise<Loaded> {
    const known = this.definitionOf(id);
    if (known !== undefined) return { id, definition: known };
    if (id.startsWith('/')) return this.#bring(id);
    return foreign(id).then((definition) => ({ id, definition }));
  }

  /** Fetches the bundle of a module that is not there. */
  async #bring(id: string): Promise<Loaded> {
    const plain = plainOf(id);
    const name = this.#hot === undefined ? this.#bundles.get(plain) : undefined;
    const url = `${this.#base}/${name ?? `${this.#hot?.folder ?? '~bundle'}${plain}`}`;
    if (name === undefined) await revalidate(url);
    this.#expected.add(plain);
    try {
      (await import(url)) as Namespace;
      // It has been here before, and was no longer imported for a while.
      if (this.#hot !== undefined && !this.#pieces.has(plain)) (await import(`${url}?t=${Date.now()}`)) as Namespace;
    } catch (error) {
      if (name !== undefined || this.#pieces.has(plain)) throw error;
      // A name made at run time may be that of a script that is served as it is.
      return { id, definition: await foreign(this.#base + id) };
    } finally {
      this.#expected.delete(plain);
    }
    const known = this.#pieces.get(plain);
    if (known === undefined) throw new TypeError(`${url} has no module ${plain}`);
    return { id, definition: known };
  }

  /** What an `import()` means. What follows a module's name makes an instance of its own. */
  idOf(specifier: string, from: string): string {
    if (!PLACE.test(specifier)) return specifier;
    const url = new URL(specifier, this.#base + from);
    if (!url.href.startsWith(`${this.#base}/`)) return url.href;
    const { search, hash } = url;
    url.search = url.hash = '';
    const path = url.href.slice(this.#base.length);
    return (this.#ids.get(path) ?? path) + search + hash;
  }

  /** `import.meta.resolve`: of a bundle the URL of the version that belongs to this page. */
  #urlOf(specifier: string, from: string): string {
    if (!PLACE.test(specifier)) return import.meta.resolve(specifier);
    const url = new URL(specifier, this.#base + from);
    if (!url.href.startsWith(`${this.#base}/~bundle/`)) return url.href;
    const { search, hash } = url;
    url.search = url.hash = '';
    const path = url.href.slice(this.#base.length);
    const name = this.#bundles.get(this.#ids.get(path) ?? path);
    return name === undefined ? url.href + search + hash : `${this.#base}/${name}${search}${hash}`;
  }
}

/** A bundle that has no name of its version is asked for anew, so that no cache gives an old one for it. */
async function revalidate(url: string): Promise<void> {
  try {
    const response = await fetch(url, { cache: 'no-cache' });
    await response.arrayBuffer();
  } catch {
    // What is wrong with it is told by its import.
  }
}

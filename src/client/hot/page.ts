// A page that is hot: its modules, its connection, and what it shows of what goes wrong.

import { faulty, isFault } from '../browser/foreign';
import { Tree, type Piece } from '../browser/tree';
import type { Definition } from '../module';
import { Overlay } from '../overlay/overlay';
import { problemsOf, type Fault, type Problem } from '../overlay/problem';
import { Connection, mayConnect } from './connection';
import { Contexts } from './contexts';
import { shown, type Change, type Message, type Outcome } from './message';
import { React } from './react';
import { isUseless, keepReason, takeReason } from './reason';
import { decoded, replaceSheets, sheetsOf, stylesOf } from './sheets';
import { Styles } from './styles';
import { Updates } from './updates';

/** How long a reload waits for others that have the same cause, in milliseconds. */
const PATIENCE = 20;

export class HotPage {
  readonly #base: string;
  readonly #tree: Tree;
  readonly #contexts: Contexts;
  readonly #react: React;
  readonly #overlay: Overlay;
  readonly #updates: Updates;
  readonly #connection: Connection | undefined;
  /** What is wrong with modules that do not compile. */
  readonly #problems = new Map<string, readonly Problem[]>();
  /** The maps of modules that updates have brought, each the last of its module, by what stacks call it. */
  readonly #maps = new Map<string, readonly [url: string, map: string]>();
  /** The entries of its bundles. */
  readonly #entries = new Set<string>();
  /** The version of the page's own text. */
  readonly #text = document.querySelector<HTMLMetaElement>('meta[name="hookfs-page"]')?.content;
  /** Why the page was loaded anew, if it was. */
  readonly #reason = takeReason();
  #isReady = false;
  #isReloading = false;
  /** Whether the page's policy forbids that text is evaluated. */
  #isEvalForbidden = false;

  constructor(base: string) {
    this.#base = base;
    this.#react = new React(window);
    this.#overlay = new Overlay({
      base,
      mapOf: (url) => [...this.#maps.values()].find(([of]) => of === url)?.[1],
      isCurrent: (id, hash) => this.#tree.has(id, hash),
    });
    this.#overlay.watch();
    const tree = new Tree(base, {
      folder: '~hot',
      meta: (_, module) => this.#meta(module),
      components: this.#react,
    });
    this.#tree = tree;
    this.#contexts = new Contexts({
      resolve: (specifier, from) => tree.idOf(specifier, from),
      invalidate: (id, message) => this.#updates.invalidate(id, message),
      send: (event, data) => this.#connection?.send(event, data),
      fail: (id, error) => this.#fail(`what ${shown(id)} does when it is replaced has failed`, error),
    });
    const modules = {
      registry: tree.registry,
      isEntry: (id: string) => tree.isEntry(id),
      definitionOf: tree.definitionOf.bind(tree),
      hashOf: tree.hashOf.bind(tree),
      isFaulty: tree.isFaulty.bind(tree),
      define: tree.define.bind(tree),
      forget: (id: string) => this.#forget(id),
      read: (change: Change) => this.#read(change),
    };
    const styles = new Styles((id) => stylesOf(base + id.slice(0, -'.js'.length)).forEach((style) => style.remove()));
    this.#updates = new Updates(modules, this.#contexts, [this.#react, styles], {
      compiled: (changes) => this.#compiled(changes),
      reload: (reason) => this.#reload(reason),
      fail: (text, error) => this.#fail(text, error),
      note: (text) => console.debug(`[hookfs] ${text}`),
      begin: () => this.#begin(),
      end: () => this.#end(),
      name: (bundles) => Object.entries(bundles).forEach(([id, name]) => tree.name(id, name)),
      restyle: (sheets) => replaceSheets(base, sheets),
    });
    const { reason } = this.#reason ?? {};
    if (reason !== undefined) console.info(`[hookfs] the page was loaded anew: ${reason}`);
    if (!mayConnect()) return;
    this.#connection = new Connection({
      hello: () => this.#hello(),
      receive: (message) => this.#receive(message),
      opened: (webSocket) => void this.#contexts.notify('vite:ws:connect', { webSocket }),
      closed: (webSocket) => this.#closed(webSocket),
      outdated: () => this.#isReloading || this.#reloadOnce('the server is another one, which does not know this page'),
    });
  }

  /** Takes what a bundle brings, and starts its entries. */
  add(script: string, bundles: Record<string, string>, pieces: readonly Piece[], starts: readonly string[]): Promise<unknown> | undefined {
    this.#entries.add(entryOf(script.slice(this.#base.length)));
    for (const piece of pieces) {
      const id = piece[0];
      const given = piece[2];
      if ('fault' in given && !this.#problems.has(id)) this.#problems.set(id, problemsOf(given as Fault));
    }
    if (this.#problems.size > 0) this.#showProblems();
    const started = this.#tree.add(bundles, pieces, starts);
    this.#connection?.hello();
    return started;
  }

  #meta(module: Parameters<Contexts['of']>[0]): object {
    return { hot: this.#contexts.of(module) };
  }

  #hello() {
    const entries = [...this.#entries];
    const page = entries.find((id) => id.endsWith('.html')) ?? location.pathname;
    const styles = sheetsOf(this.#base);
    // Of what has no version, nobody could tell later which one it was.
    if (this.#isReady) for (const [id, name] of Object.entries(styles)) if (`/${name}` === id) styles[id] = '';
    return { page, entries, text: this.#text, modules: this.#tree.hashes(), styles, bundles: this.#tree.names() };
  }

  #receive(message: Message): void {
    if (this.#isReloading) return;
    if (message.type === 'update') void this.#updates.apply(message);
    else if (message.type === 'ready') this.#isReady = true;
    else if (message.type === 'reload') this.#reloadOnce(message.reason);
    else if (message.type === 'custom') void this.#contexts.notify(message.event, message.data);
  }

  #closed(webSocket: WebSocket): void {
    console.info('[hookfs] the connection to the server is lost; it is looked for again');
    void this.#contexts.notify('vite:ws:disconnect', { webSocket });
  }

  /** Evaluates the text of a module. */
  #read({ id, hash, text, map, fault }: Change): Definition | Promise<Definition> {
    if (fault !== undefined) return faulty(fault.fault);
    const file = `${this.#base}/~hot/~module${id.replace(/\.js$/, `.v${hash}.js`)}`;
    const load = async () => ((await import(file)) as { default: Definition }).default;
    if (this.#isEvalForbidden) return load();
    // The map's sources are named from the module's own place.
    const url = `${this.#base}${id}?v=${hash}`;
    let whole = `${text}\n//# sourceURL=${url}\n`;
    if (map !== undefined) {
      this.#maps.set(id, [url, map]);
      whole += `//# sourceMappingURL=data:application/json;base64,${base64(map)}\n`;
    }
    try {
      return (0, eval)(whole) as Definition;
    } catch (error) {
      if (!(error instanceof EvalError)) throw error;
      this.#isEvalForbidden = true;
      return load();
    }
  }

  #forget(id: string): void {
    this.#tree.forget(id);
    this.#maps.delete(id);
    this.#problems.delete(id);
  }

  #compiled(changes: readonly Outcome[]): void {
    const before = this.#problems.size;
    for (const { id, fault } of changes) {
      if (fault === undefined) this.#problems.delete(id);
      else this.#problems.set(id, problemsOf(fault));
    }
    if (this.#problems.size > 0 || before > 0) this.#showProblems();
  }

  #showProblems(): void {
    this.#overlay.clear('compile');
    if (this.#problems.size > 0) this.#overlay.show([...this.#problems.values()].flat());
  }

  #begin(): void {
    this.#overlay.clear('runtime');
    this.#react.hold();
  }

  #end(): void {
    try {
      this.#react.release();
    } catch (error) {
      this.#fail('what is new could not be rendered', error);
    }
  }

  #fail(text: string, error: unknown): void {
    console.error(`[hookfs] ${text}:`, error);
    // What does not compile is shown as that.
    if (!isFault(error)) this.#overlay.report(error);
  }

  /** What is loaded may be as old as what there was, where somebody keeps it. */
  #reloadOnce(reason: string): void {
    if (this.#isReady || !isUseless(reason, this.#reason, this.#hello())) return this.#reload(reason);
    console.warn(`[hookfs] the page is not loaded anew once more, which has not helped: ${reason}; is it kept by a cache?`);
  }

  /** Loads the page anew, and says why. */
  #reload(reason: string): void {
    if (this.#isReloading) return;
    this.#isReloading = true;
    this.#updates.stop();
    console.info(`[hookfs] the page is loaded anew: ${reason}`);
    keepReason(reason, this.#hello());
    const payload = { type: 'full-reload', path: '*', triggeredBy: reason };
    const told = this.#contexts.notify('vite:beforeFullReload', payload) ?? Promise.resolve();
    void told.then(() => setTimeout(() => location.reload(), PATIENCE));
  }
}

/** The page or module whose bundle a file is, by its path: `/~hot/index.html.v0123456789abcdef.js`. */
function entryOf(path: string): string {
  const { pathname } = new URL(path, 'http://localhost');
  const name = pathname.replace(/^\/~hot/, '').replace(/\.v\w{16}\.js$/, '.js');
  const id = decoded(name);
  return id.endsWith('.html.js') ? id.slice(0, -'.js'.length) : id;
}

/** Of a text as UTF-8 (RFC 4648, section 4). */
function base64(text: string): string {
  let bytes = '';
  const all = new TextEncoder().encode(text);
  for (let at = 0; at < all.length; at += 0x8000) bytes += String.fromCharCode(...all.subarray(at, at + 0x8000));
  return btoa(bytes);
}

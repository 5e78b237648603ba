// Errors, shown over the page: those of files that do not compile, and those of the page's own code. It never throws, and
// touches nothing of the page before there is something to show.

import { TITLE, boxOf, type Item } from './box';
import { Dialog } from './dialog';
import { identity, type Kind, type Problem } from './problem';
import { problemOf } from './reading';
import { isForeign, isNoise } from './origin';
import { Tracer, type Scripts } from './trace';

/** The most problems that are shown. */
const MOST = 50;

export class Overlay {
  readonly #scripts: Scripts;
  readonly #tracer: Tracer;
  readonly #dialog: Dialog;
  /** By what makes them the same: those that do not compile first. */
  #items = new Map<string, Item>();
  /** Those that the user has closed: they come again when they are others. */
  readonly #dismissed = new Map<string, Kind>();
  /** Those that have come since something was taken away. */
  readonly #seen = new Set<string>();
  #current: string | undefined;
  /** What does not compile, as it was shown last. */
  #shown = new Set<string>();
  #isQueued = false;

  constructor(scripts: Scripts) {
    this.#scripts = scripts;
    this.#tracer = new Tracer(scripts);
    this.#dialog = new Dialog({ close: () => this.#dismiss(), move: (by) => this.#move(by) });
  }

  /** Shows problems. Those that do not compile take the place of all such that were shown; the others are added. */
  show(problems: readonly Problem[]): void {
    safely(() => {
      if (problems.some(({ kind }) => kind === 'compile')) this.#remove('compile');
      for (const problem of problems) this.#add(problem);
      this.#redrawSoon();
    });
  }

  /** Takes away what is mended. */
  clear(kind: Kind): void {
    safely(() => {
      this.#remove(kind);
      // What was closed and is not there at the end of this turn is news when it comes again.
      queueMicrotask(() => {
        for (const [key, of] of this.#dismissed) {
          if (of === kind && !this.#seen.has(key)) this.#dismissed.delete(key);
        }
      });
      this.#redrawSoon();
    });
  }

  /** Shows whatever was thrown. */
  report(thrown: unknown): void {
    safely(() => this.show([problemOf(thrown)]));
  }

  /** Shows from now on what the page's own code throws and nobody catches. */
  watch(): void {
    safely(() => {
      addEventListener('error', (event) => safely(() => this.#thrown(event, event.error ?? event.message, event.message, event.filename)));
      addEventListener('unhandledrejection', (event) => safely(() => void this.#rejected(event)));
    });
  }

  /** What only packages had to do with stays in the console: their promises may fail for good reasons, and nothing else has. */
  async #rejected(event: PromiseRejectionEvent): Promise<void> {
    const { stack = '' } = problemOf(event.reason);
    const places = await this.#tracer.trace(stack).catch(() => []);
    const calls = places.filter((place) => 'file' in place);
    if (calls.length > 0 && calls.every(({ isOwn, isSource }) => isSource && !isOwn)) return;
    safely(() => this.#thrown(event, event.reason, '', ''));
  }

  #thrown(event: Event, thrown: unknown, message: unknown, file: unknown): void {
    // Of a picture that does not load, too, there are events of this name.
    if (event.target !== globalThis.window) return;
    const problem = problemOf(thrown);
    if (isNoise(problem, `${message as string}`) || isForeign(problem, `${file as string}`, this.#scripts.base)) return;
    if (this.#isKnown(problem)) return;
    setTimeout(() =>
      safely(() => {
        // The page itself has dealt with it.
        if (!event.defaultPrevented) this.show([problem]);
      }),
    );
  }

  /** Whether it is what a module throws that does not compile: that is shown, or was closed. */
  #isKnown({ title }: Problem): boolean {
    if (!title.startsWith('error[')) return false;
    const keys = [...this.#items.keys(), ...this.#dismissed.keys()];
    return keys.some((key) => {
      const [kind, code, told] = JSON.parse(key) as (string | null)[];
      return kind === 'compile' && title.startsWith(`error[${code ?? ''}]: ${told ?? ''}`);
    });
  }

  #add(problem: Problem): void {
    const key = identity(problem);
    this.#seen.add(key);
    if (this.#dismissed.has(key)) return;
    const known = this.#items.get(key);
    if (known !== undefined) {
      // Several files may be faulty for one reason; what is thrown is thrown again.
      if (problem.kind === 'runtime') known.times++;
      return;
    }
    if (this.#items.size >= MOST) return;
    const item: Item = { problem, times: 1, places: undefined, isWhole: false };
    const all: [string, Item][] = [...this.#items, [key, item]];
    const rank = ([, { problem }]: [string, Item]) => (problem.kind === 'compile' ? 0 : 1);
    this.#items = new Map(all.sort((a, b) => rank(a) - rank(b)));
    this.#current ??= key;
    if (problem.stack === undefined) return;
    const found = (places: Item['places']) => {
      item.places = places;
      this.#redrawSoon();
    };
    this.#tracer.trace(problem.stack).then(found, () => found([]));
  }

  #remove(kind: Kind): void {
    this.#seen.clear();
    for (const [key, { problem }] of this.#items) {
      if (problem.kind === kind) this.#items.delete(key);
    }
  }

  #dismiss(): void {
    for (const [key, { problem }] of this.#items) this.#dismissed.set(key, problem.kind);
    this.#items.clear();
    this.#redraw();
  }

  #move(by: number): void {
    const keys = [...this.#items.keys()];
    if (keys.length < 2) return;
    const index = keys.indexOf(this.#current!);
    this.#current = keys[(index + by + keys.length) % keys.length];
    this.#redraw();
  }

  /** Once for all that happens in a turn. */
  #redrawSoon(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    queueMicrotask(() => {
      this.#isQueued = false;
      safely(() => this.#redraw());
    });
  }

  #redraw(): void {
    const keys = [...this.#items.keys()];
    const [first] = keys;
    const isOf = (key: string | undefined, kind: Kind) => key !== undefined && this.#items.get(key)?.problem.kind === kind;
    const broken = keys.filter((key) => isOf(key, 'compile'));
    const news = broken.find((key) => !this.#shown.has(key));
    this.#shown = new Set(broken);
    // What was thrown is of the code before: the edit did arrive.
    if (news !== undefined && isOf(this.#current, 'runtime')) this.#current = news;
    if (first === undefined) {
      this.#current = undefined;
      this.#dialog.hide();
      return;
    }
    if (this.#current === undefined || !this.#items.has(this.#current)) this.#current = first;
    const position = { index: keys.indexOf(this.#current), count: keys.length };
    const handlers = { close: () => this.#dismiss(), move: (by: number) => this.#move(by), redraw: () => this.#redrawSoon() };
    this.#dialog.show(boxOf(this.#items.get(this.#current)!, position, handlers), TITLE);
  }
}

function safely(run: () => void): void {
  try {
    run();
  } catch (error) {
    try {
      console.warn('hookfs: the overlay could not be shown:', error);
    } catch {
      // The page has another console.
    }
  }
}

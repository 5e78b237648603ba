// One file: how it stands, what is wrong with it, what is computed of it, and what that has read.

import { chosen, linkTo } from '../overlay/editor';
import { h, type Child } from '../overlay/element';
import { reportOf, type GraphFile, type Report, type Told } from './data';
import { ago, duration, number, parts, type Files } from './files';

const STATES = {
  unknown: 'nobody has asked for it yet',
  fresh: 'fresh',
  stale: 'stale: looked at when somebody asks for it',
  failed: 'failed',
} as const;

/** Questions that are told before the rest is asked for. */
const SHOWN = 12;

export class Detail {
  readonly #head: HTMLElement;
  readonly #place: HTMLElement;
  /** The node that is looked at, by the name of its report; where none is chosen, the first. */
  #node: string | undefined;
  #path: string | undefined;
  #report: Report | 'asked' | 'none' | undefined;
  /** What the report was asked for: it is asked anew when that has changed. */
  #of = '';
  #isWhole = false;
  #drawn = '';
  #last: readonly [Told, Files, number | undefined] | undefined;

  constructor(head: HTMLElement, place: HTMLElement) {
    this.#head = head;
    this.#place = place;
  }

  show(told: Told, files: Files, at: number | undefined): void {
    this.#last = [told, files, at];
    const file = files.all[at ?? -1];
    if (file?.path !== this.#path) {
      this.#path = file?.path;
      this.#node = undefined;
      this.#report = undefined;
      this.#of = '';
      this.#isWhole = false;
    }
    if (file !== undefined) this.#ask(file);
    const errors = told.errors.filter((error) => error.file === this.#path);
    const now = JSON.stringify([file, at !== undefined && files.importers(at).length, errors, this.#report, this.#node, this.#isWhole, file && Math.floor(since(file) / (since(file) < 60 ? 1 : 60))]);
    if (now === this.#drawn) return;
    this.#drawn = now;
    if (file === undefined || at === undefined) {
      this.#head.replaceChildren();
      this.#place.replaceChildren();
      return;
    }
    const focused = this.#place.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset['focus'] : undefined;
    this.#head.replaceChildren(...head(told, files, file, at));
    this.#place.replaceChildren(
      ...[...errors.map(({ text }) => h('pre', { className: 'error', textContent: text, tabIndex: 0 })), file.nodes.length > 0 && this.#nodes(file), this.#questions()].filter((child) => child !== undefined && child !== false),
    );
    if (focused !== undefined) this.#place.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  #again(): void {
    if (this.#last !== undefined) this.show(...this.#last);
  }

  #ask(file: GraphFile): void {
    const node = file.nodes.find(({ report }) => report === this.#node) ?? file.nodes.find(({ state }) => state === 'failed') ?? file.nodes[0];
    this.#node = node?.report;
    const of = JSON.stringify([file.path, file.computed, file.state, node]);
    if (node === undefined || of === this.#of) return;
    this.#of = of;
    this.#report ??= 'asked';
    const set = (found: Report | 'none') => {
      if (this.#of !== of) return;
      this.#report = found;
      this.#again();
    };
    reportOf(node).then(set, () => set('none'));
  }

  #nodes({ nodes }: GraphFile): HTMLElement {
    const longest = Math.max(1, ...nodes.map(({ took_micros }) => took_micros));
    const rows = nodes.map(({ computation, output, report, state, took_micros }) => {
      const bar = h('span', { className: 'bar' });
      bar.style.width = `${Math.max(1.5, (took_micros / longest) * 100)}%`;
      const button = h(
        'button',
        { type: 'button', className: 'run', title: output },
        bar,
        h('i', { className: `dot ${state}`, title: state }),
        h('b', { textContent: computation }),
        h('span', { className: 'what', textContent: output }),
        h('span', { className: 'took', textContent: duration(took_micros) }),
      );
      button.dataset['focus'] = `node-${report}`;
      button.setAttribute('aria-pressed', `${report === this.#node}`);
      button.onclick = () => {
        this.#node = report;
        this.#isWhole = false;
        this.#of = '';
        this.#again();
      };
      return h('li', {}, button);
    });
    return h('section', {}, h('h3', { textContent: 'Computed of it' }), h('ol', { className: 'runs' }, ...rows));
  }

  #questions(): HTMLElement | undefined {
    const found = this.#report;
    if (found === undefined || found === 'asked' || found === 'none') return undefined;
    const { dependencies } = found;
    const shown = this.#isWhole ? dependencies : dependencies.slice(0, SHOWN);
    const rows = shown.map(({ kind, name, seen }) =>
      h('tr', {}, h('td', { textContent: KINDS[kind] ?? kind }), h('td', { className: 'name', textContent: name }), h('td', { className: seen === 'absent' ? 'absent' : 'seen', textContent: /^[\da-f]{64}$/.test(seen) ? seen.slice(0, 10) : seen })),
    );
    const more = h('button', { type: 'button', className: 'more', textContent: `Show all ${number(dependencies.length)}` });
    more.dataset['focus'] = 'more';
    more.onclick = () => {
      this.#isWhole = true;
      this.#again();
    };
    return h(
      'section',
      {},
      h('h3', {}, 'What it asked', found.reason !== null && h('span', { textContent: found.reason.replaceAll('`', '') })),
      h('div', { className: 'scroll' }, h('table', {}, h('tbody', {}, ...rows))),
      shown.length < dependencies.length && more,
    );
  }
}

const KINDS: Readonly<Record<string, string>> = { content: 'content of', entry: 'is there', listing: 'names in', glance: 'part of', node: 'output of' };

function head({ status }: Told, files: Files, file: GraphFile, at: number): Node[] {
  const { folder, name } = parts(file.path);
  const href = linkTo(chosen(), { ...(status.source !== undefined && { source: status.source }), ...(status.workspace !== undefined && { workspace: status.workspace }) }, file.path);
  const title = h('h2', { title: file.path }, h('span', { className: 'folder', textContent: folder }), name);
  const facts: Child[] = [
    h('span', { className: `state ${file.state}` }, h('i', { className: `dot ${file.state}` }), STATES[file.state]),
    file.computed > 0 && h('span', {}, `computed ${ago(since(file))} in ${duration(file.took_micros)}`),
    h('span', { textContent: plural(files.importers(at).length, 'importer') }),
    h('span', { textContent: plural(file.imports.length, 'import') }),
    href !== undefined && h('a', { href, textContent: `Open in ${chosen().name}` }),
  ];
  return [title, h('p', { className: 'facts' }, ...facts)];
}

function plural(count: number, word: string): string {
  return `${number(count)} ${word}${count === 1 ? '' : 's'}`;
}

function since({ computed }: GraphFile): number {
  return Math.max(0, Date.now() / 1000 - computed);
}

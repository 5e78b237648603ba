// The page of `/~@/~hookfs/`: the graph around a file, and what happens to it.

import { h } from '../overlay/element';
import { Feed } from './changes';
import { follow, type Told } from './data';
import { Detail } from './detail';
import { Drawing } from './draw';
import { FILTERS, Files, bytes, number, type Filter } from './files';
import { List } from './list';

const of = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;

class Page {
  readonly #search = of<HTMLInputElement>('search');
  readonly #list = new List(of('list'), (path) => this.#choose(path));
  readonly #drawing = new Drawing(of('drawing'), (path) => this.#choose(path));
  readonly #detail = new Detail(of('head'), of('detail'));
  readonly #feed = new Feed(of('feed'), (path) => this.#choose(path));
  #told: Told | undefined;
  #files = new Files([]);
  #filter: Filter = 'all';
  #selected: string | undefined = named();

  start(): void {
    this.#listen();
    this.#view(this.#selected === undefined ? 'files' : 'graph');
    follow(
      (told) => this.#tell(told),
      (error) => this.#fail(error),
    );
  }

  #tell(told: Told): void {
    const trouble = of('trouble');
    trouble.hidden = told.status.mode === 'exact';
    trouble.textContent = `Changes cannot be watched (${told.status.mode_reason ?? 'no reason is known'}): everything is verified when it is read.`;
    trouble.className = 'note';
    if (told.graph !== this.#told?.graph) this.#files = new Files(told.graph.files);
    this.#told = told;
    if (this.#selected === undefined) this.#selected = this.#files.first();
    document.title = told.status.name === null ? 'hookfs' : `${told.status.name} – hookfs`;
    of('name').textContent = told.status.name ?? '';
    const mode = of('mode');
    mode.className = told.status.mode;
    mode.textContent = told.status.mode === 'exact' ? 'live' : 'verifying';
    this.#totals(told);
    this.#filters();
    this.#feed.show(told.recent);
    this.#show();
  }

  #fail(error: unknown): void {
    const trouble = of('trouble');
    trouble.hidden = false;
    trouble.className = 'error';
    trouble.textContent = `The daemon does not answer; trying again. (${error instanceof Error ? error.message : 'no reason is known'})`;
    const mode = of('mode');
    mode.className = 'gone';
    mode.textContent = 'no answer';
  }

  #totals({ recent: { totals }, status }: Told): void {
    const facts: [string, string, string][] = [
      ['files', number(this.#files.all.length), 'Files of which something was asked for'],
      ['runs', number(totals.computed), 'Computations since the start'],
      ['verified', number(totals.verified), 'Found to be as they were, without a run'],
      ['hits', number(totals.hits), 'Answered from memory'],
      ...(status.rss_bytes === null ? [] : [['memory', bytes(status.rss_bytes), 'Of the daemon'] as [string, string, string]]),
      ['stored', bytes(status.disk_bytes), 'On disk'],
    ];
    of('totals').replaceChildren(...facts.map(([name, value, title]) => h('div', { title }, h('dt', { textContent: name }), h('dd', { textContent: value }))));
  }

  #filters(): void {
    const counts: Record<Filter, number> = { all: this.#files.all.length, failed: this.#files.count('failed'), stale: this.#files.count('stale') };
    const place = of('filters');
    const hasFocus = place.contains(document.activeElement);
    const buttons = FILTERS.map((filter) => {
      const button = h('button', { type: 'button', className: filter, onclick: () => this.#setFilter(filter) }, `${filter} `, h('span', { textContent: number(counts[filter]) }));
      button.setAttribute('aria-pressed', `${filter === this.#filter}`);
      if (counts[filter] > 0) button.classList.add('some');
      return button;
    });
    place.replaceChildren(...buttons);
    if (hasFocus) buttons[FILTERS.indexOf(this.#filter)]!.focus();
  }

  #setFilter(filter: Filter): void {
    this.#filter = filter;
    this.#filters();
    this.#show();
    this.#list.restart(this.#search.value !== '');
  }

  #show(): void {
    if (this.#told === undefined) return;
    const at = this.#selected === undefined ? undefined : this.#files.find(this.#selected);
    this.#list.show(this.#files, this.#files.search(this.#search.value, this.#filter), this.#selected);
    this.#detail.show(this.#told, this.#files, at);
    const none = this.#selected === undefined ? 'Nothing has been computed yet. Open the application, or any file under /~@/, and it shows here.' : `Nothing of ${this.#selected} is in memory.`;
    this.#drawing.show(this.#files, at, at === undefined ? none : '');
  }

  #choose(path: string): void {
    this.#view('graph');
    const hadFocus = of('drawing').contains(document.activeElement);
    if (path !== this.#selected) {
      this.#selected = path;
      history.pushState(null, '', `#${path.split('/').map(encodeURIComponent).join('/')}`);
      of('graph').scrollTop = 0;
    }
    this.#show();
    if (hadFocus) this.#drawing.focus();
  }

  /** Where there is room for one thing at a time. */
  #view(view: string): void {
    document.body.dataset['view'] = view;
    for (const tab of of('views').querySelectorAll('button')) tab.setAttribute('aria-selected', `${tab.dataset['view'] === view}`);
  }

  #listen(): void {
    addEventListener('popstate', () => {
      this.#selected = named() ?? this.#files.first();
      this.#show();
    });
    of('views').addEventListener('click', ({ target }) => {
      const view = target instanceof HTMLElement ? target.dataset['view'] : undefined;
      if (view !== undefined) this.#view(view);
      this.#show();
    });
    const search = this.#search;
    search.addEventListener('input', () => {
      this.#show();
      this.#list.restart(search.value !== '');
      search.removeAttribute('aria-activedescendant');
    });
    search.addEventListener('keydown', (event) => this.#searchKey(event));
    document.addEventListener('keydown', (event) => {
      const isTyping = event.target instanceof HTMLInputElement;
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
      if (event.key === '/') {
        event.preventDefault();
        this.#view('files');
        search.focus();
        search.select();
      } else if (event.key.startsWith('Arrow') && document.activeElement === document.body) {
        event.preventDefault();
        this.#drawing.focus();
      }
    });
  }

  #searchKey(event: KeyboardEvent): void {
    const search = this.#search;
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      const row = this.#list.move(by);
      if (row !== undefined) search.setAttribute('aria-activedescendant', row);
    } else if (event.key === 'Enter') {
      if (this.#list.enter()) this.#drawing.focus();
    } else if (event.key === 'Escape') {
      if (search.value === '') search.blur();
      search.value = '';
      this.#show();
      this.#list.restart(false);
    }
  }
}

/** The file that the URL names. */
function named(): string | undefined {
  try {
    const path = decodeURIComponent(location.hash.slice(1));
    return path.startsWith('/') ? path : undefined;
  } catch {
    return undefined;
  }
}

new Page().start();

// The list of files: only the rows in view are there, however many files there are.

import { h } from '../overlay/element';
import { duration, parts, type Files } from './files';

const ROW = 26;
const BEYOND = 6;

export class List {
  readonly #place: HTMLElement;
  readonly #space = h('div', { className: 'space' });
  readonly #choose: (path: string) => void;
  #files: Files | undefined;
  #found: readonly number[] = [];
  #selected: string | undefined;
  /** The row that the keyboard is at. */
  #at = -1;

  constructor(place: HTMLElement, choose: (path: string) => void) {
    this.#place = place;
    this.#choose = choose;
    place.append(this.#space);
    place.addEventListener('scroll', () => this.#draw());
    place.addEventListener('click', ({ target }) => {
      const row = target instanceof Element ? target.closest<HTMLElement>('[data-path]') : null;
      if (row !== null) choose(row.dataset['path']!);
    });
    new ResizeObserver(() => this.#draw()).observe(place);
  }

  show(files: Files, found: readonly number[], selected: string | undefined): void {
    this.#files = files;
    this.#found = found;
    this.#space.style.height = `${found.length * ROW}px`;
    const isNew = selected !== this.#selected;
    this.#selected = selected;
    if (this.#at >= found.length) this.#at = -1;
    if (isNew && selected !== undefined) this.#reveal(found.findIndex((at) => files.all[at]!.path === selected));
    this.#draw();
  }

  /** Scrolls to a row that is out of view: to the middle. */
  #reveal(index: number): void {
    const { scrollTop, clientHeight } = this.#place;
    const top = index * ROW;
    if (index >= 0 && (top < scrollTop || top + ROW > scrollTop + clientHeight)) this.#place.scrollTop = top - (clientHeight - ROW) / 2;
  }

  /** Another search: from its first row on. */
  restart(isSearch: boolean): void {
    this.#at = isSearch && this.#found.length > 0 ? 0 : -1;
    this.#place.scrollTop = 0;
    this.#draw();
  }

  /** Moves the row that the keyboard is at; gives its id. */
  move(by: number): string | undefined {
    const count = this.#found.length;
    if (count === 0) return undefined;
    this.#at = Math.max(0, Math.min(count - 1, this.#at + by));
    const top = this.#at * ROW;
    const { scrollTop, clientHeight } = this.#place;
    if (top < scrollTop) this.#place.scrollTop = top;
    else if (top + ROW > scrollTop + clientHeight) this.#place.scrollTop = top + ROW - clientHeight;
    this.#draw();
    return `row-${this.#at}`;
  }

  /** Chooses that row. */
  enter(): boolean {
    const path = this.#files?.all[this.#found[this.#at] ?? -1]?.path;
    if (path === undefined) return false;
    this.#choose(path);
    return true;
  }

  #draw(): void {
    const { scrollTop, clientHeight } = this.#place;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - BEYOND);
    const last = Math.min(this.#found.length, Math.ceil((scrollTop + clientHeight) / ROW) + BEYOND);
    const rows: HTMLElement[] = [];
    for (let index = first; index < last; index++) rows.push(this.#row(index));
    if (this.#found.length === 0) rows.push(h('p', { className: 'empty', textContent: this.#files?.all.length === 0 ? 'No files yet.' : 'No such file.' }));
    this.#space.replaceChildren(...rows);
  }

  #row(index: number): HTMLElement {
    const { path, state, took_micros } = this.#files!.all[this.#found[index]!]!;
    const { folder, name } = parts(path);
    const row = h(
      'div',
      { className: `row ${index === this.#at ? 'at' : ''}`, id: `row-${index}`, title: path },
      h('i', { className: `dot ${state}`, title: state }),
      h('b', { textContent: name }),
      h('span', { className: 'folder', textContent: folder }),
      h('span', { className: 'took', textContent: state === 'unknown' ? '' : duration(took_micros) }),
    );
    row.setAttribute('role', 'option');
    row.setAttribute('aria-selected', `${path === this.#selected}`);
    row.dataset['path'] = path;
    row.style.top = `${index * ROW}px`;
    return row;
  }
}

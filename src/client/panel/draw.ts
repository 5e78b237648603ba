// The graph around a file: who imports it to the left, what it imports to the right, two steps each where there is room.

import { h } from '../overlay/element';
import { isOfPackage, number, parts, type Files } from './files';

const ROW = 30;
const GAP = 64;
const NARROWEST = 132;
const WIDEST = 236;
const EDGE = 16;
/** Files of a column, nearest first, before the rest is asked for. */
const SHOWN: readonly number[] = [14, 10];
/** The most that are ever drawn of one: the list is for more. */
const MOST = 400;

/** A file of the drawing. */
interface Spot {
  readonly at: number;
  readonly column: number;
  readonly row: number;
}

interface Column {
  /** How many steps from the file: to the left of it less than nothing. */
  readonly step: number;
  readonly files: readonly number[];
  /** How many there are besides. */
  readonly hidden: number;
}

export class Drawing {
  readonly #place: HTMLElement;
  readonly #choose: (path: string) => void;
  #files: Files | undefined;
  #center: number | undefined;
  /** What is said where there is no such file. */
  #instead = '';
  #whole = new Set<number>();
  #drawn = '';
  #spots: Spot[] = [];

  constructor(place: HTMLElement, choose: (path: string) => void) {
    this.#place = place;
    this.#choose = choose;
    new ResizeObserver(() => this.#draw()).observe(place);
    place.addEventListener('keydown', (event) => this.#key(event));
    for (const name of ['pointerover', 'focusin']) place.addEventListener(name, ({ target }) => this.#light(target));
    for (const name of ['pointerleave', 'focusout']) place.addEventListener(name, () => this.#light(null));
  }

  show(files: Files, center: number | undefined, instead: string): void {
    if (files.all[center ?? -1]?.path !== this.#files?.all[this.#center ?? -1]?.path) this.#whole = new Set();
    this.#files = files;
    this.#center = center;
    this.#instead = instead;
    this.#draw();
  }

  /** Puts the keyboard on the file in the middle. */
  focus(): void {
    this.#place.querySelector<HTMLElement>('.node.center')?.focus();
  }

  #columns(files: Files, center: number, steps: number): Column[] {
    const side = (sign: 1 | -1): Column[] => {
      const columns: Column[] = [];
      const seen = new Set([center]);
      let here = [center];
      for (let step = 1; step <= steps; step++) {
        const next = new Set<number>();
        for (const at of here) for (const other of sign > 0 ? files.imports(at) : files.importers(at)) if (!seen.has(other)) next.add(other);
        if (next.size === 0) break;
        for (const at of next) seen.add(at);
        const all = files.sorted([...next]);
        const most = this.#whole.has(sign * step) ? MOST : SHOWN[step - 1]!;
        // One more is no longer than the line that tells of it.
        here = all.length <= most + 1 ? all : all.slice(0, most);
        columns.push({ step: sign * step, files: here, hidden: all.length - here.length });
      }
      return columns;
    };
    return [...side(-1).reverse(), { step: 0, files: [center], hidden: 0 }, ...side(1)];
  }

  #draw(): void {
    const files = this.#files;
    const center = this.#center;
    const { clientWidth: width } = this.#place;
    if (files === undefined || center === undefined || width === 0) {
      this.#place.className = '';
      this.#place.replaceChildren(...(this.#instead === '' ? [] : [h('p', { className: 'empty', textContent: this.#instead })]));
      this.#drawn = '';
      return;
    }
    const steps = width >= 5 * NARROWEST + 4 * GAP * 0.75 + 2 * EDGE ? 2 : width >= 3 * 96 + 2 * EDGE + 60 ? 1 : 0;
    const columns = this.#columns(files, center, Math.max(steps, 1));
    const states = columns.map(({ files: shown }) => shown.map((at) => [files.all[at]!.path, files.all[at]!.state]));
    const now = JSON.stringify([states, columns.map(({ hidden }) => hidden), width]);
    if (now === this.#drawn) return;
    this.#drawn = now;
    const focused = this.#place.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset['path'] : undefined;
    if (steps === 0) this.#lists(files, columns);
    else this.#graph(files, columns, width);
    if (focused !== undefined) (this.#place.querySelector<HTMLElement>(`[data-path="${CSS.escape(focused)}"]`) ?? this.#place.querySelector<HTMLElement>('.center'))?.focus({ preventScroll: true });
  }

  /** In a narrow place: one below the other. */
  #lists(files: Files, columns: readonly Column[]): void {
    this.#spots = [];
    const of = (step: number, title: string) => {
      const column = columns.find((column) => column.step === step);
      if (column === undefined) return [];
      const nodes = column.files.map((at) => this.#node(files, at, step));
      return [h('h3', { textContent: `${title} (${number(column.files.length + column.hidden)})` }), ...nodes, column.hidden > 0 && this.#more(column)];
    };
    this.#place.className = 'lists';
    this.#place.style.height = '';
    this.#place.replaceChildren(h('div', {}, ...of(-1, 'Imported by'), ...of(1, 'Imports')));
  }

  #graph(files: Files, columns: readonly Column[], width: number): void {
    const gap = Math.max(28, Math.min(GAP, width * 0.055));
    const wide = Math.min(WIDEST, (width - 2 * EDGE - gap * (columns.length - 1)) / columns.length);
    const total = columns.length * wide + (columns.length - 1) * gap;
    const left = Math.max(EDGE, (width - total) / 2);
    const rows = Math.max(...columns.map(({ files, hidden }) => files.length + (hidden > 0 ? 1 : 0)));
    const height = Math.max(rows, 5) * ROW + 2 * EDGE + 18;
    const x = (column: number) => left + column * (wide + gap);
    const y = ({ files, hidden }: Column, row: number) => EDGE + 18 + ((Math.max(rows, 5) - files.length - (hidden > 0 ? 1 : 0)) / 2 + row) * ROW;
    const elements: HTMLElement[] = [];
    const spots = new Map<number, Spot & { readonly x: number; readonly y: number }>();
    columns.forEach((column, index) => {
      const title = h('span', { className: 'column', textContent: TITLES[column.step + 2]! });
      put(title, x(index), EDGE - 6, wide);
      if (column.step !== 0) elements.push(title);
      column.files.forEach((at, row) => {
        const node = this.#node(files, at, column.step);
        put(node, x(index), y(column, row), wide);
        elements.push(node);
        spots.set(at, { at, column: index, row, x: x(index), y: y(column, row) + ROW / 2 - 2 });
      });
      if (column.hidden > 0) {
        const more = this.#more(column);
        put(more, x(index), y(column, column.files.length), wide);
        elements.push(more);
      }
    });
    const lines = document.createElementNS(SVG, 'svg');
    lines.setAttribute('width', `${width}`);
    lines.setAttribute('height', `${height}`);
    lines.setAttribute('aria-hidden', 'true');
    for (const from of spots.values()) {
      for (const to of files.all[from.at]!.imports) {
        const end = spots.get(to);
        if (end !== undefined && end.column > from.column) lines.append(edge(from, end, wide, files.all[to]!.state));
      }
    }
    this.#spots = [...spots.values()];
    this.#place.className = 'graph';
    const box = h('div', { className: 'box' }, ...elements);
    box.prepend(lines);
    box.style.height = `${height}px`;
    this.#place.replaceChildren(box);
  }

  #node(files: Files, at: number, step: number): HTMLElement {
    const { path, state } = files.all[at]!;
    const { folder, name } = parts(path);
    const distance = step === 0 ? 'center' : Math.abs(step) > 1 ? 'far' : '';
    const node = h(
      'button',
      { type: 'button', className: `node ${distance} ${state} ${isOfPackage(path) ? 'package' : ''}`, title: path, onclick: () => this.#choose(path) },
      h('i', { className: `dot ${state}`, title: state }),
      h('b', { textContent: name }),
      h('span', { className: 'folder', textContent: folder === '/' ? '' : folder }),
    );
    node.dataset['path'] = path;
    node.dataset['at'] = `${at}`;
    node.tabIndex = step === 0 ? 0 : -1;
    return node;
  }

  #more({ step, hidden }: Column): HTMLElement {
    const isNear = Math.abs(step) === 1 && !this.#whole.has(step);
    const more = h('button', { type: 'button', className: 'more', textContent: `${number(hidden)} more`, disabled: !isNear });
    more.onclick = () => {
      this.#whole.add(step);
      this.#draw();
    };
    return more;
  }

  /** The edges of the file under the pointer, or that has the focus. */
  #light(target: EventTarget | null): void {
    const node = target instanceof Element ? target.closest<HTMLElement>('.node') : null;
    const at = node?.dataset['at'];
    for (const path of this.#place.querySelectorAll<SVGPathElement>('path')) {
      path.classList.toggle('lit', at !== undefined && (path.dataset['from'] === at || path.dataset['to'] === at));
    }
  }

  #key(event: KeyboardEvent): void {
    const node = event.target instanceof Element ? event.target.closest<HTMLElement>('.node') : null;
    const [right, down] = MOVES[event.key] ?? [0, 0];
    if (node === null || (right === 0 && down === 0)) return;
    event.preventDefault();
    const here = this.#spots.find(({ at }) => `${at}` === node.dataset['at']);
    if (here === undefined) {
      const nodes = [...this.#place.querySelectorAll<HTMLElement>('.node')];
      nodes[nodes.indexOf(node) + down + right]?.focus();
      return;
    }
    const column = this.#spots.filter((spot) => spot.column === here.column + right);
    const middle = (spots: readonly Spot[]) => (spots.length - 1) / 2;
    const own = this.#spots.filter((spot) => spot.column === here.column);
    const want = right === 0 ? here.row + down : here.row - middle(own) + middle(column);
    const next = [...column].sort((a, b) => Math.abs(a.row - want) - Math.abs(b.row - want))[0];
    if (next !== undefined && (right !== 0 || next.row === want)) this.#place.querySelector<HTMLElement>(`[data-at="${next.at}"]`)?.focus();
  }
}

const SVG = 'http://www.w3.org/2000/svg';
const TITLES = ['', 'Imported by', '', 'Imports', ''];
const MOVES: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function put(element: HTMLElement, x: number, y: number, width: number): void {
  element.style.left = `${x}px`;
  element.style.top = `${y}px`;
  element.style.width = `${width}px`;
}

function edge(from: Spot & { x: number; y: number }, to: Spot & { x: number; y: number }, wide: number, state: string): SVGPathElement {
  const [x, end] = [from.x + wide, to.x];
  const bend = Math.max(18, (end - x) / 2);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', `M${x} ${from.y}C${x + bend} ${from.y} ${end - bend} ${to.y} ${end} ${to.y}`);
  // What goes behind others is less to be seen.
  path.setAttribute('class', to.column > from.column + 1 ? `${state} behind` : state);
  path.dataset['from'] = `${from.at}`;
  path.dataset['to'] = `${to.at}`;
  return path;
}

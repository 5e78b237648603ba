// What stands in the overlay for one problem.

import { copy } from './dialog';
import { EDITORS, choose, chosen, linkTo, roots } from './editor';
import { h } from './element';
import type { Problem } from './problem';
import { codeFrame, type Place } from './trace';
import type { Note } from './stack';
import { visible, visibleLine } from './visible';

/** A problem with what became of it. */
export interface Item {
  readonly problem: Problem;
  /** How often it came. */
  times: number;
  /** Its stack in the sources; `undefined` as long as these are looked for. */
  places: readonly (Place | Note)[] | undefined;
  /** Whether the frames of packages are shown as well. */
  isWhole: boolean;
}

export interface Position {
  readonly index: number;
  readonly count: number;
}

export interface Handlers {
  close(): void;
  move(by: number): void;
  redraw(): void;
}

export const TITLE = 'title';

export function boxOf(item: Item, position: Position, on: Handlers): HTMLElement {
  const { problem, places } = item;
  const place = placeOf(problem, places);
  const body = h('article', { tabIndex: 0 });
  body.append(
    ...[
      problem.code !== undefined && h('span', { className: 'code', textContent: problem.code }),
      titled(problem.title),
      place && h('p', { className: 'place' }, link(place.file, place.line, place.column)),
      place?.frame !== undefined && framed(place.frame),
      problem.text !== '' && h('pre', { className: 'text', textContent: problem.text }),
      problem.hint !== undefined && h('p', { className: 'hint' }, h('b', {}, 'Hint '), ...spoken(problem.hint)),
      chain(problem.importers ?? []),
      calls(item, on),
    ].filter((child) => child !== undefined && child !== false),
  );
  return h('div', { className: 'box' }, head(item, position, on), body, foot(problem, on));
}

/** Where a problem is: as it says, else the innermost place of the user's own code. */
function placeOf(problem: Problem, places: Item['places']): { file: string; line: number; column: number; frame: string | undefined } | undefined {
  const { file, line = 0, column = 0, frame } = problem;
  if (file !== undefined) return { file, line, column, frame };
  const found = innermost(places);
  if (found === undefined) return undefined;
  const { content } = found;
  return { ...found, frame: content === undefined ? undefined : codeFrame(content, found.line, found.column) };
}

function innermost(places: Item['places']): Place | undefined {
  const all = (places ?? []).filter((place) => 'file' in place);
  return all.find(({ isOwn }) => isOwn) ?? all.find(({ isSource }) => isSource);
}

function head(item: Item, { index, count }: Position, on: Handlers): HTMLElement {
  const isMany = count > 1;
  const move = (by: number, sign: string, label: string) => {
    const button = h('button', { type: 'button', textContent: sign, title: label, onclick: () => on.move(by) });
    button.setAttribute('aria-label', label);
    button.dataset['focus'] = label;
    return button;
  };
  const status = h('output', { textContent: `${index + 1} of ${count}` });
  const copied = h('button', { type: 'button', textContent: 'Copy' });
  copied.dataset['focus'] = 'copy';
  copied.onclick = () => {
    const done = (isDone: boolean) => (copied.textContent = isDone ? 'Copied' : 'Not allowed');
    copy(written(item), copied.parentElement!).then(done, () => done(false));
  };
  const close = h('button', { type: 'button', onclick: () => on.close() }, 'Close', h('kbd', {}, 'Esc'));
  close.dataset['focus'] = 'close';
  return h(
    'header',
    {},
    h('span', { className: 'kind', textContent: item.problem.kind === 'compile' ? 'Does not compile' : 'Runtime error' }),
    item.times > 1 && h('span', { className: 'times', textContent: `${item.times} times` }),
    isMany && h('nav', {}, move(-1, '←', 'Previous'), status, move(1, '→', 'Next')),
    h('span', { className: 'space' }),
    copied,
    close,
  );
}

function foot(problem: Problem, on: Handlers): HTMLElement {
  const select = h('select');
  for (const { id, name } of EDITORS) select.append(h('option', { value: id, textContent: name, selected: chosen().id === id }));
  select.dataset['focus'] = 'editor';
  select.onchange = () => {
    choose(select.value);
    on.redraw();
  };
  const until = problem.kind === 'compile' ? 'Goes away when it is mended.' : 'Goes away with the next update.';
  const { source } = roots(document);
  return h('footer', {}, until, h('span', { className: 'space' }), source !== undefined && h('label', {}, 'Open files in', select));
}

function titled(text: string): HTMLElement {
  return h('h2', { id: TITLE }, ...spoken(text));
}

/** Names stand between backticks. */
function spoken(text: string): (Node | string)[] {
  return visible(text).split(/`([^`]+)`/).map((part, index) => (index % 2 === 1 ? h('code', { textContent: part }) : part));
}

/** A file's name and place, as a link where one can be made. */
function link(file: string, line: number, column: number): HTMLElement {
  const text = visibleLine(line > 0 ? `${file}:${line}:${column}` : file);
  const href = linkTo(chosen(), roots(document), file, line, column);
  if (href === undefined) return h('span', { textContent: text });
  const anchor = h('a', { href, textContent: text, title: `Open in ${chosen().name}` });
  anchor.dataset['focus'] = text;
  return anchor;
}

/** A code frame; its numbers are no part of what is selected. */
function framed(frame: string): HTMLElement {
  const lines = frame.split('\n');
  const isMark = (line: string | undefined) => line !== undefined && /^ *\| *\^+$/.test(line);
  return h(
    'pre',
    { tabIndex: 0 },
    ...lines.map((line, index) => {
      const [, number = '', code = line] = /^( *\d* \| ?)(.*)$/.exec(line) ?? [];
      const className = isMark(line) ? 'mark' : isMark(lines[index + 1]) ? 'at' : '';
      return h('span', { className }, h('i', { textContent: number }), code);
    }),
  );
}

function chain(importers: readonly string[]): HTMLElement | undefined {
  if (importers.length === 0) return undefined;
  const lines = importers.map((file) => h('li', {}, link(file, 0, 0)));
  return h('section', {}, h('h3', {}, 'Imported by'), h('ol', {}, ...lines));
}

function calls(item: Item, on: Handlers): HTMLElement | undefined {
  const { places, problem } = item;
  if (problem.stack === undefined || problem.stack === '') return undefined;
  if (places === undefined) return h('p', { className: 'wait', textContent: 'Looking for the places in the sources…' });
  if (places.length === 0) return undefined;
  const own = places.filter((place) => 'note' in place || place.isOwn);
  const isWhole = item.isWhole || !own.some((place) => 'file' in place);
  const list = h('ol', { className: isWhole ? 'all' : '' });
  for (const place of places) {
    if ('note' in place) {
      list.append(h('li', { className: 'note', textContent: place.note }));
    } else {
      list.append(h('li', { className: place.isOwn ? '' : 'foreign' }, h('span', { className: 'name', textContent: place.name }), link(place.file, place.line, place.column)));
    }
  }
  const hidden = places.length - own.length;
  const more = h('button', { type: 'button', className: 'more', textContent: `Show ${hidden} of packages` });
  more.dataset['focus'] = 'more';
  more.onclick = () => {
    item.isWhole = true;
    on.redraw();
  };
  return h('section', {}, h('h3', {}, 'Calls'), list, !isWhole && hidden > 0 && more);
}

/** A problem as a text: what is copied. */
export function written(item: Item): string {
  const { problem, places } = item;
  const place = placeOf(problem, places);
  const code = problem.kind === 'compile' ? `error[${problem.code ?? 'compile'}]` : (problem.code ?? 'Error');
  const lines = [`${code}: ${problem.title}`];
  if (place !== undefined) lines.push(`  at ${place.file}${place.line > 0 ? `:${place.line}:${place.column}` : ''}`);
  for (const importer of problem.importers ?? []) lines.push(`  imported by ${importer}`);
  if (place?.frame !== undefined) lines.push(...place.frame.split('\n').map((line) => `  ${line}`));
  if (problem.text !== '') lines.push(problem.text);
  if (problem.hint !== undefined) lines.push(`  hint: ${problem.hint}`);
  const called = (places ?? []).map((place) =>
    'note' in place ? place.note : `    at ${place.name === '' ? '' : `${place.name} `}${place.file}${place.line > 0 ? `:${place.line}:${place.column}` : ''}`,
  );
  return [...lines, ...called].join('\n');
}

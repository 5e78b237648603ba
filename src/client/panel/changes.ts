// The latest changes, with what each had computed anew.

import type { Change, Recent, Run } from './data';
import { h } from '../overlay/element';
import { duration, number, parts } from './files';

/** Runs that are shown of a change before the rest is asked for. */
const SHOWN = 8;

export class Feed {
  readonly #place: HTMLElement;
  readonly #choose: (path: string) => void;
  /** The changes that the user has opened or closed. */
  readonly #open = new Map<number, boolean>();
  readonly #whole = new Set<number>();
  #drawn = '';
  #changes: readonly Change[] = [];

  constructor(place: HTMLElement, choose: (path: string) => void) {
    this.#place = place;
    this.#choose = choose;
  }

  show({ changes }: Recent): void {
    this.#changes = changes;
    this.#draw();
  }

  #draw(): void {
    const now = JSON.stringify([this.#changes, [...this.#open], [...this.#whole]]);
    if (now === this.#drawn) return;
    this.#drawn = now;
    const focused = this.#place.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset['focus'] : undefined;
    const { scrollTop } = this.#place;
    const [latest] = this.#changes;
    const items = this.#changes.map((change) => this.#item(change, change === latest));
    if (items.length === 0) items.push(h('li', { className: 'empty', textContent: 'Nothing has happened yet.' }));
    this.#place.replaceChildren(...items);
    this.#place.scrollTop = scrollTop;
    if (focused !== undefined) this.#place.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  #item(change: Change, isLatest: boolean): HTMLElement {
    const { number: id, time, runs } = change;
    const isOpen = this.#open.get(id) ?? isLatest;
    const head = h(
      'button',
      { type: 'button', className: 'change', disabled: runs.length === 0 },
      h('time', { textContent: clock(time), title: new Date(time).toLocaleString() }),
      titleOf(change),
      h('span', { className: 'took', textContent: change.runs.length > 0 ? duration(change.took_micros) : '' }),
      h('span', { className: 'sum' }, ...summary(change)),
    );
    head.dataset['focus'] = `change-${id}`;
    head.setAttribute('aria-expanded', `${isOpen && runs.length > 0}`);
    head.onclick = () => {
      this.#open.set(id, !isOpen);
      this.#draw();
    };
    return h('li', {}, head, isOpen && runs.length > 0 && this.#runs(change));
  }

  #runs(change: Change): HTMLElement {
    const { number: id, runs } = change;
    const isWhole = this.#whole.has(id) || runs.length <= SHOWN + 1;
    const longest = Math.max(1, ...runs.map(({ took_micros }) => took_micros));
    // What is remembered of many is the longest: so is what is shown of some.
    const shown = isWhole ? runs : [...runs].sort((a, b) => Number(b.outcome === 'failed') - Number(a.outcome === 'failed') || b.took_micros - a.took_micros).slice(0, SHOWN);
    const rest = change.changed + change.same + change.failed - runs.length;
    const more = h('button', { type: 'button', className: 'more', textContent: `Show ${runs.length - shown.length} more` });
    more.dataset['focus'] = `more-${id}`;
    more.onclick = () => {
      this.#whole.add(id);
      this.#draw();
    };
    return h(
      'ol',
      { className: 'runs' },
      ...shown.map((run) => this.#run(run, longest, id)),
      !isWhole && h('li', {}, more),
      isWhole && rest > 0 && h('li', { className: 'rest', textContent: `and ${number(rest)} shorter ones` }),
    );
  }

  #run({ file, computation, outcome, took_micros }: Run, longest: number, id: number): HTMLElement {
    const bar = h('span', { className: 'bar' });
    bar.style.width = `${Math.max(1.5, (took_micros / longest) * 100)}%`;
    const button = h(
      'button',
      { type: 'button', className: `run ${outcome}`, title: `${file}: ${computation}, ${MEANS[outcome]}`, onclick: () => this.#choose(file) },
      bar,
      h('i', { className: `mark ${outcome}` }),
      h('b', { textContent: parts(file).name }),
      h('span', { className: 'what', textContent: computation }),
      h('span', { className: 'took', textContent: duration(took_micros) }),
    );
    button.dataset['focus'] = `run-${id}-${file}-${computation}`;
    return h('li', {}, button);
  }
}

const MEANS = { changed: 'another output than before', same: 'the same output as before: what depends on it stays', failed: 'failed' } as const;

function titleOf({ number: id, sources, more_sources }: Change): HTMLElement {
  if (id === 0) return h('span', { className: 'title', textContent: 'Since the start' });
  const [first] = sources;
  if (first === undefined) return h('span', { className: 'title', textContent: 'Anything may have changed' });
  const others = sources.length - 1 + more_sources;
  return h('span', { className: 'title', title: sources.join('\n') }, h('b', { textContent: parts(first).name }), others > 0 && ` and ${number(others)} more`);
}

function summary({ number: id, changed, same, failed, verified }: Change): (Node | string)[] {
  const told: (Node | string)[] = [];
  if (changed > 0) told.push(`${number(changed)} ${id === 0 ? 'computed' : 'changed'}`);
  if (same > 0) told.push(`${number(same)} same`);
  if (failed > 0) told.push(h('em', { textContent: `${number(failed)} failed` }));
  if (verified > 0) told.push(`${number(verified)} verified`);
  if (told.length === 0) return ['nothing has asked since'];
  return told.flatMap((part, index) => (index === 0 ? [part] : [' · ', part]));
}

function clock(time: number): string {
  return new Date(time).toLocaleTimeString('en-GB');
}

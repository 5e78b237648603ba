// Style sheets of the page itself: a `<link>` gets another version, without a moment in which there is neither.

import type { Sheet } from './message';

/** What comes before a link that takes its place. */
const older = new WeakMap<Element, Element>();
/** Links that are to go as soon as the next one is there. */
const leaving = new WeakSet<Element>();

/** Gives sheets their new versions, as far as they have some; what is given is over when the browser has them, or cannot have them. */
export function replaceSheets(base: string, sheets: Readonly<Record<string, Sheet>>): Promise<unknown> {
  const all: Promise<unknown>[] = [];
  for (const [id, sheet] of Object.entries(sheets)) {
    if (typeof sheet === 'object') {
      // What is wrong leaves the last good one.
      if ('text' in sheet) for (const style of stylesOf(id)) style.textContent = sheet.text;
      continue;
    }
    const wanted = new URL(base + id).href;
    for (const link of links()) {
      const { search, hash } = new URL(link.href);
      if (unversioned(link.href) === wanted) all.push(replaceLink(link, `${base}/${sheet}${search}${hash}`));
    }
  }
  return Promise.all(all);
}

/** The names of the versions of the sheets that the page has, from the base. */
export function sheetsOf(base: string): Record<string, string> {
  const names: Record<string, string> = {};
  for (const link of links()) {
    const href = plain(link.href);
    if (href.startsWith(`${base}/`)) names[decoded(unversioned(href).slice(base.length))] = decoded(href.slice(base.length + 1));
  }
  return names;
}

/** As ids and names have it: letters that are not of ASCII stay. */
export function decoded(path: string): string {
  try {
    return path.replace(/(?:%[89a-f][\da-f])+/gi, decodeURIComponent);
  } catch {
    // It is no text.
    return path;
  }
}

function links(): HTMLLinkElement[] {
  const all = document.querySelectorAll<HTMLLinkElement>('link[rel~="stylesheet" i][href]');
  return [...all].filter((link) => !leaving.has(link));
}

/** The elements that a sheet has in the page: those of its module have its whole URL. */
export function stylesOf(id: string): HTMLStyleElement[] {
  const all = document.querySelectorAll<HTMLStyleElement>('style[data-hookfs]');
  return [...all].filter((style) => style.dataset['hookfs'] === id);
}

function plain(href: string): string {
  const url = new URL(href);
  url.search = url.hash = '';
  return url.href;
}

/** The URL of a sheet, whatever the version. */
function unversioned(href: string): string {
  return plain(href).replace(/\.v\w{16}(\.[^./]*)$/, '$1');
}

function replaceLink(link: HTMLLinkElement, href: string): Promise<void> {
  if (link.disabled) {
    // The browser loads it when it is wanted, and tells nothing before.
    link.href = href;
    return Promise.resolve();
  }
  const next = link.cloneNode() as HTMLLinkElement;
  next.removeAttribute('integrity');
  next.href = href;
  older.set(next, link);
  leaving.add(link);
  return new Promise((done) => {
    const settled = () => {
      for (let old = older.get(next); old !== undefined; old = older.get(old)) old.remove();
      older.delete(next);
      done();
    };
    next.addEventListener('load', settled, { once: true });
    next.addEventListener('error', settled, { once: true });
    // One that is replaced itself before it is there tells nothing more: nothing waits for that.
    link.after(next);
  });
}

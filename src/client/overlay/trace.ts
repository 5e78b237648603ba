// From the places of a stack to those of the sources, through source maps.

import { original, type SourceMap } from './source-map';
import { parse, type Frame, type Note } from './stack';

/** What is known of the scripts of a page. */
export interface Scripts {
  /** The URL of `/~@/`, without the slash at its end. */
  readonly base: string;
  /**
   * The source map, as JSON, of a script that was evaluated and not loaded, by the URL that it goes by; `undefined` of all
   * others, whose maps are fetched.
   */
  mapOf?(url: string): string | undefined;
  /** Whether a module of a bundle that was loaded is still the one that has this hash. */
  isCurrent?(id: string, hash: string): boolean;
}

/** A place as the user knows it. */
export interface Place {
  /** The function; empty where it has no name. */
  readonly name: string;
  /** The file from the root of the mount (`/ui/form.tsx`); the URL where it is no file of the tree. */
  readonly file: string;
  /** From 1; 0 where only the file is known. */
  readonly line: number;
  readonly column: number;
  /** Whether it is the user's own code, and no package's. */
  readonly isOwn: boolean;
  /** Whether the file is one of the tree. */
  readonly isSource: boolean;
  /** The file's text, where the map has it. */
  readonly content: string | undefined;
}

/** How long a script or a map is waited for, and how long they are kept for the next stack; in milliseconds. */
const PATIENCE = 10_000;
const KEPT = 30_000;

/** Where a script comes from: it is looked for at most once at a time. */
interface Origin {
  readonly lines: readonly string[];
  /** The URL that the map's sources are relative to. */
  readonly url: string;
  readonly map: SourceMap | undefined;
}

export class Tracer {
  readonly #scripts: Scripts;
  readonly #origins = new Map<string, Promise<Origin>>();

  constructor(scripts: Scripts) {
    this.#scripts = scripts;
  }

  /** The places of a stack in the sources, the innermost first; those of the runtime itself are left out. */
  async trace(stack: string): Promise<(Place | Note)[]> {
    const parsed = parse(stack);
    const places = await Promise.all(parsed.map((frame) => ('note' in frame ? frame : this.#place(frame))));
    return places.filter((place) => place !== undefined);
  }

  async #place(frame: Frame): Promise<Place | undefined> {
    const { base } = this.#scripts;
    const raw = { name: frame.name, file: frame.url, line: frame.line, column: frame.column, isOwn: false, isSource: false, content: undefined };
    if (!frame.url.startsWith(`${base}/`)) return raw;
    try {
      const origin = await this.#origin(frame.url);
      if (frame.url.startsWith(`${base}/~hot/`) && !frame.url.startsWith(`${base}/~hot/~module/`)) return this.#ofBundle(frame, origin);
      return mapped(frame.name, base, origin, frame.line - 1, frame.column - 1) ?? raw;
    } catch {
      // What cannot be had is told as the engine has it.
      return raw;
    }
  }

  /**
   * A place in a bundle. The map is that of the bundle as it is now, in which a module may stand at another line than in the
   * one that was loaded: so the module is looked for by its name, and its own lines are counted.
   */
  #ofBundle(frame: Frame, origin: Origin): Place | undefined {
    const { base } = this.#scripts;
    const piece = pieceAt(origin.lines, frame.line);
    if (piece === undefined) return undefined;
    const unknown = { ...own(frame.name, piece.id.replace(/(\.\w+)\.js$/, '$1')), line: 0, column: 0, content: undefined };
    if (this.#scripts.isCurrent?.(piece.id, piece.hash) === false) return unknown;
    const section = origin.map?.sections?.find(({ map }) => {
      const [source] = map.sources ?? [];
      if (typeof source !== 'string') return false;
      const file = fileOf(base, new URL((map.sourceRoot ?? '') + source, origin.url).href);
      return file !== undefined && (piece.id === file || piece.id.startsWith(`${file}.`));
    });
    if (section === undefined) return unknown;
    return mapped(frame.name, base, { ...origin, map: section.map }, frame.line - piece.line - 1, frame.column - 1) ?? unknown;
  }

  #origin(url: string): Promise<Origin> {
    const known = this.#origins.get(url);
    if (known !== undefined) return known;
    const given = this.#scripts.mapOf?.(url);
    const origin = given === undefined ? fetched(url) : Promise.resolve({ lines: [], url: withoutQuery(url), map: JSON.parse(given) as SourceMap });
    this.#origins.set(url, origin);
    const forget = () => this.#origins.delete(url);
    origin.catch(forget);
    // Those of a large application are large.
    setTimeout(forget, KEPT);
    return origin;
  }
}

/** A script with its map. The text is that which the browser runs: it has it in its cache. */
async function fetched(url: string): Promise<Origin> {
  const text = await read(url, 'force-cache');
  const [, name] = /\n\/\/# sourceMappingURL=(\S+)\s*$/.exec(text.slice(-4_000_000)) ?? [];
  const mapUrl = new URL(name ?? `${withoutQuery(url)}.map`, url).href;
  const map = JSON.parse(await read(mapUrl, 'no-cache')) as SourceMap;
  return { lines: text.split('\n'), url: mapUrl.startsWith('data:') ? withoutQuery(url) : mapUrl, map };
}

async function read(url: string, cache: RequestCache): Promise<string> {
  const response = await fetch(url, { cache, signal: AbortSignal.timeout(PATIENCE) });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, '');
}

/** The module of a bundle whose text holds a line (from 1), and the number of the line before its text. */
export function pieceAt(lines: readonly string[], line: number): { readonly id: string; readonly hash: string; readonly line: number } | undefined {
  for (let number = Math.min(line, lines.length); number > 0; number--) {
    const [, id, hash] = /^\["(\/(?:[^"\\]|\\.)*)","([\da-f]{16})",/.exec(lines[number - 1]!) ?? [];
    if (id !== undefined) return { id: JSON.parse(`"${id}"`) as string, hash: hash!, line: number };
  }
  return undefined;
}

function mapped(name: string, base: string, { map, url }: Origin, line: number, column: number): Place | undefined {
  const found = map && original(map, line, column);
  if (found === undefined) return undefined;
  const href = new URL(found.source, url).href;
  const place = { line: found.line + 1, column: found.column + 1, content: found.content };
  const file = fileOf(base, href);
  if (file === undefined) return { name, file: href, isOwn: false, isSource: false, ...place };
  return { ...own(name, file), ...place };
}

function own(name: string, file: string): Pick<Place, 'name' | 'file' | 'isOwn' | 'isSource'> {
  return { name, file, isOwn: !/(?:^|\/)node_modules\//.test(file), isSource: true };
}

/** The file behind a URL under `/~@/`. */
function fileOf(base: string, href: string): string | undefined {
  if (!href.startsWith(`${base}/`)) return undefined;
  const path = href.slice(base.length);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The lines around a place of a text, with a marker under it: as the compiler's own code frames. */
export function codeFrame(content: string, line: number, column: number): string | undefined {
  const WIDEST = 160;
  const lines = content.split(/\r\n?|\n/);
  if (lines[line - 1] === undefined) return undefined;
  const first = Math.max(line - 2, 1);
  const last = Math.min(line + 2, lines.length);
  const digits = `${last}`.length;
  // Minified code is cut to a window around the place.
  const start = column > WIDEST * 0.75 ? column - WIDEST / 2 : 0;
  const shown: string[] = [];
  for (let number = first; number <= last; number++) {
    const text = lines[number - 1]!.replaceAll('\t', ' ').slice(start, start + WIDEST).trimEnd();
    shown.push(`${`${number}`.padStart(digits)} | ${text}`.trimEnd());
    if (number === line) shown.push(`${' '.repeat(digits)} | ${' '.repeat(Math.max(column - 1 - start, 0))}^`);
  }
  return shown.join('\n');
}

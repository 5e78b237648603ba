// Reading source maps (ECMA-426), an index of maps too.

export interface SourceMap {
  readonly sources?: readonly (string | null)[];
  readonly sourcesContent?: readonly (string | null)[];
  readonly sourceRoot?: string;
  readonly mappings?: string;
  readonly sections?: readonly Section[];
}

export interface Section {
  readonly offset: { readonly line: number; readonly column: number };
  readonly map: SourceMap;
}

/** A place in a source. Lines and columns count from 0. */
export interface Original {
  /** Relative to the map. */
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly content: string | undefined;
}

/** Where a place of a script comes from; lines and columns count from 0. */
export function original(map: SourceMap, line: number, column: number): Original | undefined {
  if (map.sections === undefined) return inPlain(map, line, column);
  const section = sectionAt(map.sections, line, column);
  if (section === undefined) return undefined;
  const { offset } = section;
  return original(section.map, line - offset.line, line === offset.line ? column - offset.column : column);
}

/** The last section that begins at a place or before it. */
export function sectionAt(sections: readonly Section[], line: number, column: number): Section | undefined {
  let [from, to] = [0, sections.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const { offset } = sections[middle]!;
    if (offset.line < line || (offset.line === line && offset.column <= column)) from = middle + 1;
    else to = middle;
  }
  return sections[from - 1];
}

/** The last mapping of the line that begins there or before it; the first of the line where all begin later. */
function inPlain({ mappings = '', sources = [], sourcesContent = [], sourceRoot = '' }: SourceMap, line: number, column: number): Original | undefined {
  let at = 0;
  // The output's column starts anew on each line; the others run on over the whole map.
  const now = { column: 0, source: 0, line: 0, sourceColumn: 0 };
  let found: { source: number; line: number; column: number } | undefined;
  let isFirst = true;
  const digits = new Digits(mappings);
  while (!digits.isOver) {
    const separator = digits.separator();
    if (separator === ';') {
      if (at++ === line) break;
      now.column = 0;
    }
    if (separator !== '') continue;
    now.column += digits.number();
    const isMapped = digits.hasNumber;
    // Of those that lead nowhere there is the column alone.
    if (isMapped) {
      now.source += digits.number();
      now.line += digits.number();
      now.sourceColumn += digits.number();
      if (digits.hasNumber) digits.number();
    }
    if (at !== line || (now.column > column && !isFirst)) continue;
    isFirst = false;
    found = isMapped ? { source: now.source, line: now.line, column: now.sourceColumn } : undefined;
  }
  if (found === undefined) return undefined;
  const source = sources[found.source];
  if (typeof source !== 'string') return undefined;
  const root = sourceRoot === '' || sourceRoot.endsWith('/') ? sourceRoot : `${sourceRoot}/`;
  return { source: root + source, line: found.line, column: found.column, content: sourcesContent[found.source] ?? undefined };
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map([...LETTERS].map((letter, value) => [letter.charCodeAt(0), value]));

/** The numbers of mappings: digits of five bits, the lowest first, a sixth to go on; the lowest bit is the sign. */
class Digits {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isOver(): boolean {
    return this.#at >= this.#text.length;
  }

  get hasNumber(): boolean {
    return VALUES.has(this.#text.charCodeAt(this.#at));
  }

  /** `,` or `;`, which is passed, or nothing. What is neither, nor a digit, ends the text. */
  separator(): string {
    const letter = this.#text[this.#at]!;
    if (letter === ',' || letter === ';') {
      this.#at++;
      return letter;
    }
    if (this.hasNumber) return '';
    this.#at = this.#text.length;
    return letter;
  }

  number(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const digit = VALUES.get(this.#text.charCodeAt(this.#at));
      if (digit === undefined) break;
      this.#at++;
      value += (digit & 31) * scale;
      scale *= 32;
      if ((digit & 32) === 0) break;
    }
    return value % 2 === 1 ? -(value - 1) / 2 : value / 2;
  }
}

// Values as text, as Node's `util.inspect` shows them (https://nodejs.org/api/util.html#utilinspectobject-options).

import { native } from './native';
import { describeError, entriesOf, prefixOf, primitive, quotedKey } from './describe';

const DEPTH = 2;
const WIDTH = 72;
const MOST_ITEMS = 100;

/** What is told of a value that throws when it is looked at, as a proxy may: whoever waits is to know of it all the same. */
const UNSHOWN = '<a value that cannot be shown>';

/** A text that is made of a program's values. Where there is no memory left, that is what is to be told. */
export function shown(make: () => string): string {
  try {
    return make();
  } catch (error) {
    if (native.isFull()) throw error;
    return UNSHOWN;
  }
}

export interface Options {
  depth?: number | null;
}

/** A value as text. */
export function inspect(value: unknown, options: Options = {}): string {
  const depth = options.depth === null ? Infinity : (options.depth ?? DEPTH);
  const inspection = new Inspection(depth);
  return inspection.value(value, 0);
}

/** What one call has seen. */
class Inspection {
  readonly #depth: number;
  /** The objects around the one that is shown. */
  readonly #around: object[] = [];
  /** Those that hold themselves, numbered. */
  readonly #circular = new Map<object, number>();

  constructor(depth: number) {
    this.#depth = depth;
  }

  value(value: unknown, level: number): string {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return primitive(value);
    if (this.#around.includes(value)) {
      const known = this.#circular.get(value) ?? this.#circular.size + 1;
      this.#circular.set(value, known);
      return `[Circular *${known}]`;
    }
    this.#around.push(value);
    const text = shown(() => this.#object(value, level));
    this.#around.pop();
    const number = this.#circular.get(value);
    return number === undefined ? text : `<ref *${number}> ${text}`;
  }

  #object(value: object, level: number): string {
    if (value instanceof Error) return this.#error(value, level);
    const { prefix, whole, keys } = prefixOf(value);
    const isEmpty = keys.length === 0;
    if (whole !== undefined && isEmpty) return whole;
    if (level > this.#depth) return Array.isArray(value) ? '[Array]' : `[${prefix || 'Object'}]`;
    const parts = whole === undefined ? this.#entries(value, level) : [];
    for (const key of keys) parts.push(this.#property(value, key, level));
    const isList = whole === undefined && (Array.isArray(value) || ArrayBuffer.isView(value));
    const [open, close] = isList ? ['[', ']'] : ['{', '}'];
    const head = whole ?? prefix;
    const front = head === '' ? '' : `${head} `;
    if (parts.length === 0) return `${front}${open}${close}`;
    return `${front}${this.#join(parts, open, close, level)}`;
  }

  #error(error: Error, level: number): string {
    const { text, keys } = describeError(error, (stack) => native.placed(stack));
    if (keys.length === 0 || level > this.#depth) return text;
    const parts = keys.map((key) => this.#property(error, key, level));
    return `${text} ${this.#join(parts, '{', '}', level, true)}`;
  }

  #entries(value: object, level: number): string[] {
    const parts: string[] = [];
    const { entries, rest } = entriesOf(value, MOST_ITEMS, native.promise);
    for (const entry of entries) {
      if (typeof entry === 'string') parts.push(entry);
      else if (entry.length === 1) parts.push(this.value(entry[0], level + 1));
      else parts.push(`${this.value(entry[0], level + 1)} => ${this.value(entry[1], level + 1)}`);
    }
    if (rest > 0) parts.push(`... ${rest} more item${rest === 1 ? '' : 's'}`);
    return parts;
  }

  #property(value: object, key: string | symbol, level: number): string {
    const property = Reflect.getOwnPropertyDescriptor(value, key);
    let text;
    if (property?.get !== undefined) text = property.set === undefined ? '[Getter]' : '[Getter/Setter]';
    else if (property?.set !== undefined) text = '[Setter]';
    else text = this.value(property?.value, level + 1);
    return `${quotedKey(key)}: ${text}`;
  }

  /** On one line where there is room. */
  #join(parts: string[], open: string, close: string, level: number, breaks = false): string {
    const length = parts.reduce((sum, part) => sum + part.length + 2, 0);
    const fits = length + level * 2 <= WIDTH && !parts.some((part) => part.includes('\n'));
    if (fits && !breaks) return `${open} ${parts.join(', ')} ${close}`;
    const indented = parts.map((part) => `  ${part.replaceAll('\n', '\n  ')}`);
    return `${open}\n${indented.join(',\n')}\n${close}`;
  }
}

/** Arguments of `console.log` as text: a first string with `%` takes some of them. */
export function format(values: readonly unknown[]): string {
  const rest = [...values];
  const parts: string[] = [];
  if (typeof rest[0] === 'string' && rest.length > 1) {
    const text = rest.shift() as string;
    parts.push(text.replace(/%[sdifjoOc%]/g, (place) => (place === '%%' ? '%' : rest.length === 0 ? place : shown(() => filled(place, rest.shift())))));
  }
  for (const value of rest) parts.push(typeof value === 'string' ? value : inspect(value));
  return parts.join(' ');
}

function filled(place: string, value: unknown): string {
  switch (place) {
    case '%s': {
      if (typeof value === 'string') return value;
      return typeof value === 'object' && value !== null ? inspect(value, { depth: 0 }) : primitive(value);
    }
    case '%d':
      return typeof value === 'bigint' ? `${value}n` : typeof value === 'symbol' ? 'NaN' : primitive(Number(value));
    case '%i':
      return typeof value === 'bigint' ? `${value}n` : primitive(Number.parseInt(String(value), 10));
    case '%f':
      return primitive(Number.parseFloat(String(value)));
    case '%j':
      try {
        return JSON.stringify(value) ?? 'undefined';
      } catch {
        return '[Circular]';
      }
    case '%c':
      return '';
    default:
      return inspect(value, { depth: place === '%o' ? 4 : DEPTH });
  }
}

// Values as text, as Node's `util.inspect` shows them (https://nodejs.org/api/util.html#utilinspectobject-options).

import { REJECTED, describeError, entriesOf, isBare, prefixOf, primitive, quoted, quotedKey, saysItself, tagOf } from './describe';
import { grouped } from './group';
import { shownOf } from './interfaces';
import { native } from './native';

const DEPTH = 2;
const WIDTH = 80;
/** What a line has besides what is in the brackets. */
const FRAME = 10;
const COMPACT = 3;
const MOST_ITEMS = 100;
const LONGEST = 10_000;

/** The method by which an object says how it is to be shown. */
const CUSTOM = Symbol.for('nodejs.util.inspect.custom');

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
  breakLength?: number;
  compact?: boolean | number;
  sorted?: boolean | ((a: string, b: string) => number);
  maxArrayLength?: number | null;
  maxStringLength?: number | null;
  customInspect?: boolean;
  getters?: boolean | 'get' | 'set';
}

/** A value as text. */
export function inspect(value: unknown, options: Options = {}): string {
  return new Inspection(options ?? {}).value(value, 0);
}

/** What was thrown, and nobody has caught, as text. */
export function told(value: unknown): string {
  return new Inspection({}, true).value(value, 0);
}

const limit = (given: number | null | undefined, usual: number) => (given === null ? Infinity : (given ?? usual));

/** What one call has seen. */
class Inspection {
  readonly #options: Options;
  /** Whether what is shown is told as an error, and not among other values. */
  readonly #isTold: boolean;
  readonly #depth: number;
  readonly #room: number;
  /** How many levels stand on a line. */
  readonly #compact: number;
  /** The level of the object that was shown last. */
  #last = 0;
  /** The objects around the one that is shown. */
  readonly #around: object[] = [];
  /** Those that hold themselves, numbered. */
  readonly #circular = new Map<object, number>();

  constructor(options: Options, isTold = false) {
    this.#isTold = isTold;
    this.#options = options;
    this.#depth = limit(options.depth, DEPTH);
    this.#room = options.breakLength ?? WIDTH;
    const { compact = COMPACT } = options;
    this.#compact = typeof compact === 'number' ? compact : compact ? Infinity : 0;
  }

  value(value: unknown, level: number): string {
    if (typeof value === 'string') return this.#string(value);
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return primitive(value);
    if (this.#around.includes(value)) {
      const known = this.#circular.get(value) ?? this.#circular.size + 1;
      this.#circular.set(value, known);
      return `[Circular *${known}]`;
    }
    this.#around.push(value);
    const text = shown(() => this.#custom(value, level) ?? this.#object(value, level));
    this.#around.pop();
    const number = this.#circular.get(value);
    return number === undefined ? text : `<ref *${number}> ${text}`;
  }

  #string(text: string): string {
    const most = limit(this.#options.maxStringLength, LONGEST);
    const more = text.length - most;
    return more > 0 ? `${quoted(text.slice(0, most))}... ${more} more character${more === 1 ? '' : 's'}` : quoted(text);
  }

  /** What an object itself says it is to be shown as. */
  #custom(value: object, level: number): string | undefined {
    if (this.#options.customInspect === false) return undefined;
    const custom = (value as { [CUSTOM]?: unknown })[CUSTOM];
    if (typeof custom !== 'function' || custom === inspect) return undefined;
    const { constructor } = value;
    if (typeof constructor === 'function' && constructor.prototype === value) return undefined;
    const depth = this.#depth === Infinity ? null : this.#depth - level;
    const options = { breakLength: this.#room, compact: COMPACT, ...this.#options, depth, stylize: (text: unknown) => `${text as string}` };
    const given: unknown = Reflect.apply(custom, value, [depth, options, inspect]);
    if (given === value) return undefined;
    return typeof given === 'object' ? this.value(given, level) : `${given as string}`;
  }

  #object(value: object, level: number): string {
    if (value instanceof Error) return this.#error(value, level);
    const { prefix, whole, keys } = prefixOf(value);
    const isEmpty = keys.length === 0;
    if (whole !== undefined && isEmpty) return whole;
    if (level > this.#depth && !(isEmpty && isBare(value))) {
      const name = prefix.replace(/\(\d+\)/, '');
      return `[${name || (Array.isArray(value) ? 'Array' : 'Object')}]`;
    }
    if (!isEmpty || !isBare(value)) this.#last = level;
    const isList = whole === undefined && (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView)));
    let parts = whole === undefined ? this.#entries(value, level, isList) : [];
    const { sorted } = this.#options;
    const properties = keys.map((key) => this.#property(value, key, level));
    const hasProperties = properties.length > 0;
    const count = parts.length;
    if (isList && !hasProperties) parts = this.#columns(value, parts, level);
    const order = sorted === true ? undefined : sorted || undefined;
    if (sorted && isList) properties.sort(order);
    parts.push(...properties);
    if (sorted && !isList) parts.sort(order);
    const [open, close] = isList ? ['[', ']'] : ['{', '}'];
    const head = whole ?? prefix;
    const front = head === '' ? '' : `${head} `;
    if (parts.length === 0) return `${front}${open}${close}`;
    const isGrouped = !hasProperties && parts.length !== count;
    return this.#join(parts, `${front}${open}`, close, level, isGrouped);
  }

  #columns(value: object, parts: string[], level: number): string[] {
    if (this.#compact < 1) return parts;
    const isCut = (value as unknown as unknown[]).length > limit(this.#options.maxArrayLength, MOST_ITEMS);
    const [items, rest] = isCut ? [parts.slice(0, -1), parts.slice(-1)] : [parts, []];
    const list = Array.prototype.slice.call(value, 0, items.length) as unknown[];
    const isNumeric = list.every((item) => typeof item === 'number' || typeof item === 'bigint');
    return grouped(items, rest, this.#room, level * 2, Math.min(this.#compact, COMPACT), isNumeric);
  }

  #error(error: Error, level: number): string {
    const { text: told, keys } = describeError(error);
    const isAlone = level === 0 && this.#isTold;
    const text = isAlone || told.includes('\n    at ') ? told : `[${told}]`;
    if (keys.length === 0 || level > this.#depth) return text;
    this.#last = level;
    const parts = keys.map((key) => this.#property(error, key, level));
    return this.#join(parts, `${text} {`, '}', level, text.includes('\n'));
  }

  #entries(value: object, level: number, isList: boolean): string[] {
    const known = isList ? undefined : shownOf(value, tagOf(value));
    if (known !== undefined) {
      const { entries, areProperties } = known;
      const text = (item: unknown) => this.value(item, level + 1);
      return entries.map(([key, item]) => (areProperties ? `${quotedKey(key)}: ${text(item)}` : `${text(key)} => ${text(item)}`));
    }
    const parts: string[] = [];
    const { entries, rest } = entriesOf(value, limit(this.#options.maxArrayLength, MOST_ITEMS), native.promise);
    for (const entry of entries) {
      if (typeof entry === 'string') parts.push(entry);
      else if (entry.length === 1) parts.push(this.value(entry[0], level + 1));
      else if (entry[0] === REJECTED) parts.push(`<rejected> ${this.value(entry[1], level + 1)}`);
      else parts.push(`${this.value(entry[0], level + 1)} => ${this.value(entry[1], level + 1)}`);
    }
    if (rest > 0) parts.push(`... ${rest} more item${rest === 1 ? '' : 's'}`);
    return parts;
  }

  #property(value: object, key: string | symbol, level: number): string {
    const property = Reflect.getOwnPropertyDescriptor(value, key);
    const { getters } = this.#options;
    const wanted = getters === true || (getters === 'get' && property?.set === undefined) || (getters === 'set' && property?.set !== undefined);
    let text;
    if (property?.get !== undefined) {
      text = property.set === undefined ? '[Getter]' : '[Getter/Setter]';
      if (wanted) text = `${text.slice(0, -1)}: ${this.value(Reflect.apply(property.get, value, []), level + 1)}]`;
    } else if (property?.set !== undefined) text = '[Setter]';
    else text = this.value(property?.value, level + 1);
    const name = quotedKey(key);
    return `${property?.enumerable === false && typeof key === 'string' ? `[${name}]` : name}: ${text}`;
  }

  /** On one line where there is room. */
  #join(parts: string[], open: string, close: string, level: number, breaks: boolean): string {
    const length = parts.reduce((sum, part) => sum + part.length + 2, open.length + level * 2 + FRAME);
    const fits = length <= this.#room && this.#last - level < this.#compact && !parts.some((part) => part.includes('\n'));
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
      if (typeof value !== 'object' || value === null) return primitive(value);
      return saysItself(value) ? String(value) : inspect(value, { depth: 0 });
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

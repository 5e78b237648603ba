// What a value is, without what it holds.

import { shownOf } from './interfaces';
import { headOf, stackOf } from './stack';

const { getPrototypeOf, ownKeys, getOwnPropertyDescriptor } = Reflect;

/** A string as a literal, with the quotes that need the fewest escapes. */
export function quoted(text: string): string {
  const quote = !text.includes("'") ? "'" : !text.includes('"') ? '"' : !text.includes('`') ? '`' : "'";
  const escaped = text.replace(/[\\\n\r\t\b\f\v\0-\x1f\x7f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, (character) => {
    if (character > '\x7f') return `\\u${character.charCodeAt(0).toString(16)}`;
    const known: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f', '\v': '\\v' };
    return known[character] ?? `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

export function primitive(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  return String(value);
}

export function quotedKey(key: string | symbol): string {
  if (typeof key === 'symbol') return `[${String(key)}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
}

const OwnPromise = Promise;

/** The constructor that a prototype names. That of promises may be told by a getter of ours (`../platform/async-context.ts`). */
function constructorOf(object: object): unknown {
  return object === OwnPromise.prototype ? OwnPromise : getOwnPropertyDescriptor(object, 'constructor')?.value;
}

/** The class of an object: the name of the constructor that it has from its prototypes. */
function className(value: object): string | null {
  for (let object: object | null = value; object !== null; object = getPrototypeOf(object)) {
    const constructor = constructorOf(object);
    if (typeof constructor === 'function' && constructor.name !== '' && value instanceof constructor) {
      return constructor.name;
    }
  }
  return null;
}

/** The keys that are shown: those that can be enumerated, without the indices of lists. */
function shownKeys(value: object): (string | symbol)[] {
  const isList = Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof String;
  return ownKeys(value).filter((key) => {
    if (isList && typeof key === 'string' && /^(0|[1-9]\d*)$/.test(key)) return false;
    try {
      return getOwnPropertyDescriptor(value, key)?.enumerable === true;
    } catch {
      // Of a namespace whose module has not initialized it.
      return true;
    }
  });
}

export interface Prefix {
  /** What stands before the brackets. */
  readonly prefix: string;
  /** What stands for the object as a whole. */
  readonly whole?: string;
  readonly keys: (string | symbol)[];
}

export function prefixOf(value: object): Prefix {
  const keys = shownKeys(value);
  const name = className(value);
  const tag = tagOf(value);
  const tagged = tag !== '' && tag !== name ? ` [${tag}]` : '';
  if (typeof value === 'function') return { prefix: '', whole: describeFunction(value as Function, name), keys };
  if (value instanceof RegExp) return { prefix: '', whole: RegExp.prototype.toString.call(value), keys };
  if (value instanceof Date) {
    const time = value.getTime();
    return { prefix: '', whole: Number.isNaN(time) ? 'Invalid Date' : value.toISOString(), keys };
  }
  for (const boxed of [Number, String, Boolean, BigInt, Symbol]) {
    if (!(value instanceof boxed)) continue;
    return { prefix: '', whole: `[${boxed.name}: ${primitive(value.valueOf())}]`, keys };
  }
  if (value instanceof WeakMap || value instanceof WeakSet) return { prefix: '', whole: `${name} { <items unknown> }`, keys };
  if (Object.prototype.toString.call(value) === '[object Arguments]') return { prefix: '[Arguments]', keys };
  if (name === null) return { prefix: `[${tag === 'Module' ? 'Module' : 'Object'}: null prototype]`, keys };
  if (Array.isArray(value)) return { prefix: name === 'Array' ? '' : `${name}(${value.length})`, keys };
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return { prefix: `${name}(${(value as unknown as unknown[]).length})`, keys };
  }
  if (value instanceof Map || value instanceof Set) return { prefix: `${name}(${value.size})${tagged}`, keys };
  if (name === 'Object' && tagged === '') return { prefix: '', keys };
  return { prefix: `${name}${tagged}`, keys };
}

/** What an object calls itself. */
export function tagOf(value: object): string {
  try {
    const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
    return typeof tag === 'string' ? tag : '';
  } catch {
    return '';
  }
}

function describeFunction(value: Function, name: string | null): string {
  const text = Function.prototype.toString.call(value);
  const own = typeof value.name === 'string' && value.name !== '' ? value.name : '';
  if (/^class\b/.test(text)) {
    const parent = getPrototypeOf(value) as Function | null;
    const from = parent !== null && parent.name !== '' && parent !== Function.prototype ? ` extends ${parent.name}` : '';
    return `[class ${own === '' ? '(anonymous)' : own}${from}]`;
  }
  return `[${name ?? 'Function'}${own === '' ? ' (anonymous)' : `: ${own}`}]`;
}

export interface Entries {
  /** A text, a value, or a key and a value. */
  readonly entries: (string | [unknown] | [unknown, unknown])[];
  readonly rest: number;
}

/** Whether a program has given an object the text that it is: no method `toString` of the language's own. */
export function saysItself(value: object): boolean {
  let object: object | null = value;
  while (object !== null && !Object.hasOwn(object, 'toString')) object = getPrototypeOf(object);
  if (object === null) return false;
  const constructor = getOwnPropertyDescriptor(object, 'constructor')?.value as unknown;
  if (object === value || typeof constructor !== 'function') return true;
  return getOwnPropertyDescriptor(globalThis, constructor.name)?.value !== constructor;
}

/** Whether an object without properties holds nothing. */
export function isBare(value: object): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (ArrayBuffer.isView(value)) return value.byteLength === 0;
  if (value instanceof Map || value instanceof Set) return value.size === 0;
  return !(value instanceof ArrayBuffer || value instanceof Promise) && shownOf(value, tagOf(value)) === undefined;
}

/** In place of a key: the value is what a promise was rejected with. */
export const REJECTED: unique symbol = Symbol('rejected');

type PromiseState = (promise: Promise<unknown>) => readonly ['pending' | 'fulfilled' | 'rejected', unknown];

/** What an object holds besides its properties. */
export function entriesOf(value: object, most: number, stateOf: PromiseState): Entries {
  const entries: (string | [unknown] | [unknown, unknown])[] = [];
  if (Array.isArray(value)) {
    let index = 0;
    let shown = 0;
    for (; index < value.length && shown < most; shown++) {
      const from = index;
      while (index < value.length && !Object.hasOwn(value, index)) index++;
      if (index > from) entries.push(`<${index - from} empty item${index - from === 1 ? '' : 's'}>`);
      else entries.push([value[index++]]);
    }
    return { entries, rest: value.length - index };
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const list = value as unknown as ArrayLike<unknown>;
    for (let index = 0; index < list.length && index < most; index++) entries.push([list[index]]);
    return { entries, rest: Math.max(0, list.length - most) };
  }
  if (value instanceof ArrayBuffer) {
    const bytes = [...new Uint8Array(value, 0, Math.min(value.byteLength, 50))];
    const shown = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const more = value.byteLength > 50 ? ` ... ${value.byteLength - 50} more bytes` : '';
    return { entries: [`[Uint8Contents]: <${shown}${more}>`, `byteLength: ${value.byteLength}`], rest: 0 };
  }
  if (value instanceof Map) {
    for (const entry of Map.prototype.entries.call(value)) {
      if (entries.length === most) break;
      entries.push(entry);
    }
    return { entries, rest: value.size - entries.length };
  }
  if (value instanceof Set) {
    for (const entry of Set.prototype.values.call(value)) {
      if (entries.length === most) break;
      entries.push([entry]);
    }
    return { entries, rest: value.size - entries.length };
  }
  if (value instanceof Promise) {
    const [state, result] = stateOf(value);
    if (state === 'fulfilled') entries.push([result]);
    else entries.push(state === 'rejected' ? [REJECTED, result] : `<${state}>`);
  }
  return { entries, rest: 0 };
}

/** The name and message of an error, and its stack with places in the sources; and the other properties that are shown. */
export function describeError(error: Error): { text: string; keys: (string | symbol)[] } {
  const head = headOf(error);
  const stack = stackOf(error)?.trimEnd() ?? '';
  const known = ['stack', 'message', 'name'];
  const keys = shownKeys(error).filter((key) => !known.includes(key as string));
  const hidden = ['cause', ...(error instanceof AggregateError ? ['errors'] : [])];
  keys.push(...hidden.filter((key) => Object.hasOwn(error, key) && !keys.includes(key)));
  const text = stack === '' || stack.startsWith(head) ? stack || head : `${head}\n${stack}`;
  return { text, keys };
}

/** Headers (Fetch standard, section 5.1). As on other servers, there are no forbidden names: code here may set `Cookie` and `Set-Cookie`. */
import { byteString, defineInterface, definePairs, isObject, need, sequence, sequenceBy } from './idl.ts';

/** What may be done to the headers of an object. */
export type Guard = 'none' | 'request' | 'request-no-cors' | 'response' | 'immutable';

/** So many entries are looked through one by one. */
const MANY = 16;

/** What stands between the values of one header. Of cookies, that is not what it is of all others (RFC 9113, 8.2.3). */
function separatorOf(key: string): string {
  return key === 'cookie' ? '; ' : ', ';
}

/** A header list: each entry's name as given, its value, and its name in lower case. */
export class HeaderList {
  entries: { name: string; value: string; key: string }[] = [];
  #sorted: [string, string][] | undefined;
  /** How the first entry of a key is spelled, where there are many: those that are appended look nowhere else. */
  #spelled: Map<string, string> | undefined;

  get(key: string): string | null {
    const values = this.entries.filter((entry) => entry.key === key).map((entry) => entry.value);
    return values.length === 0 ? null : values.join(separatorOf(key));
  }
  has(key: string): boolean {
    return this.entries.some((entry) => entry.key === key);
  }
  append(name: string, value: string): void {
    const key = name.toLowerCase();
    // Of one header, all entries are spelled as the first.
    const spelled = this.#spelling(key);
    if (spelled === undefined) this.#spelled?.set(key, name);
    this.entries.push({ name: spelled ?? name, value, key });
    this.#sorted = undefined;
  }
  #spelling(key: string): string | undefined {
    const { entries } = this;
    if (this.#spelled === undefined) {
      if (entries.length < MANY) {
        for (const entry of entries) if (entry.key === key) return entry.name;
        return undefined;
      }
      this.#spelled = new Map();
      for (const { key, name } of entries) if (!this.#spelled.has(key)) this.#spelled.set(key, name);
    }
    return this.#spelled.get(key);
  }
  set(name: string, value: string): void {
    const key = name.toLowerCase();
    const first = this.entries.findIndex((entry) => entry.key === key);
    if (first < 0) {
      this.entries.push({ name, value, key });
      this.#spelled?.set(key, name);
    } else {
      this.entries[first]!.value = value;
      this.entries = this.entries.filter((entry, i) => i <= first || entry.key !== key);
    }
    this.#sorted = undefined;
  }
  delete(key: string): void {
    this.entries = this.entries.filter((entry) => entry.key !== key);
    this.#spelled?.delete(key);
    this.#sorted = undefined;
  }
  copy(): HeaderList {
    const list = new HeaderList();
    list.entries = this.entries.map((entry) => ({ ...entry }));
    return list;
  }
  clear(): void {
    this.entries = [];
    this.#spelled = undefined;
    this.#sorted = undefined;
  }
  /** "Sort and combine". */
  get sorted(): [string, string][] {
    if (this.#sorted) return this.#sorted;
    const values = new Map<string, string[]>();
    for (const { key, value } of this.entries) {
      const known = values.get(key);
      if (known === undefined) values.set(key, [value]);
      else known.push(value);
    }
    const result: [string, string][] = [];
    for (const key of [...values.keys()].sort()) {
      if (key === 'set-cookie') for (const value of values.get(key)!) result.push([key, value]);
      else result.push([key, values.get(key)!.join(separatorOf(key))]);
    }
    return (this.#sorted = result);
  }
}

/** Takes the white space of HTTP off both ends. */
export function normalizeValue(value: string): string {
  const isSpace = (character: string | undefined) => character !== undefined && '\t\n\r '.includes(character);
  // Most have none: to look for it everywhere takes longer than all else.
  if (!isSpace(value[0]) && !isSpace(value.at(-1))) return value;
  return value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
}

const token = /^[!#$%&'*+\-.^_`|~\w]+$/;

function nameOf(value: unknown): string {
  const text = `${value as string}`;
  if (token.test(text)) return text;
  const name = byteString(text);
  checkName(name);
  return name;
}

function checkName(name: string): void {
  if (!token.test(name)) throw new TypeError(`not a header name: ${JSON.stringify(name)}`);
}

function valueOf(value: unknown): string {
  const given = `${value as string}`;
  if (/^[^\0\r\n\u0100-\uffff]*$/.test(given)) return normalizeValue(given);
  const text = normalizeValue(byteString(given));
  if (/[\0\r\n]/.test(text)) throw new TypeError('a header value must not hold NUL, CR or LF');
  return text;
}

/** Fetch's "no-CORS-safelisted request-header". */
function safelisted(key: string, value: string): boolean {
  if (value.length > 128) return false;
  switch (key) {
    case 'accept':
      return !/[\0-\x08\x0a-\x1f"():<>?@[\\\]{}\x7f]/.test(value);
    case 'accept-language':
    case 'content-language':
      return /^[\w *,\-.;=]*$/.test(value) && !value.includes('_');
    case 'content-type':
      return (
        !/[\0-\x08\x0a-\x1f"():<>?@[\\\]{}\x7f]/.test(value) &&
        /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)[\t\n\r ]*(;|$)/i.test(value)
      );
    default:
      return false;
  }
}

interface State {
  list: HeaderList;
  guard: Guard;
}

let stateOf: (headers: Headers) => State;
let wrapping: State | undefined;
let isHeaders: (value: object) => value is Headers;

export class Headers {
  #s: State;

  static {
    stateOf = (headers) => headers.#s;
    isHeaders = (value): value is Headers => #s in value;
  }

  constructor(init: unknown = undefined) {
    this.#s = wrapping ?? { list: new HeaderList(), guard: 'none' };
    if (wrapping) wrapping = undefined;
    else if (init !== undefined) fill(this.#s, init);
  }

  append(name: string, value: string): void {
    this.#s;
    need(arguments, 2, 'Headers.append');
    append(this.#s, name, value);
  }
  delete(name: string): void {
    this.#s;
    need(arguments, 1, 'Headers.delete');
    const key = nameOf(name).toLowerCase();
    if (this.#s.guard === 'immutable') throw new TypeError('the headers are immutable');
    if (this.#s.guard === 'request-no-cors' && !['accept', 'accept-language', 'content-language', 'content-type', 'range'].includes(key)) return;
    this.#s.list.delete(key);
  }
  get(name: string): string | null {
    this.#s;
    need(arguments, 1, 'Headers.get');
    return this.#s.list.get(nameOf(name).toLowerCase());
  }
  getSetCookie(): string[] {
    return this.#s.list.entries.filter((entry) => entry.key === 'set-cookie').map((entry) => entry.value);
  }
  has(name: string): boolean {
    this.#s;
    need(arguments, 1, 'Headers.has');
    return this.#s.list.has(nameOf(name).toLowerCase());
  }
  set(name: string, value: string): void {
    this.#s;
    need(arguments, 2, 'Headers.set');
    const key = byteString(name);
    const text = valueOf(value);
    checkName(key);
    if (this.#s.guard === 'immutable') throw new TypeError('the headers are immutable');
    if (this.#s.guard === 'request-no-cors' && !safelisted(key.toLowerCase(), text)) return;
    this.#s.list.set(key, text);
  }
}
definePairs(Headers, (headers) => stateOf(headers).list.sorted);
defineInterface(Headers);
Object.defineProperty(Headers.prototype, Symbol.iterator, { enumerable: false });

function append(state: State, name: unknown, value: unknown): void {
  const rawName = byteString(name);
  const text = valueOf(value);
  checkName(rawName);
  if (state.guard === 'immutable') throw new TypeError('the headers are immutable');
  if (state.guard === 'request-no-cors') {
    const key = rawName.toLowerCase();
    const old = state.list.get(key);
    if (!safelisted(key, old === null ? text : `${old}, ${text}`)) return;
  }
  state.list.append(rawName, text);
}

/** "Fill" with a HeadersInit. */
export function fill(state: State, init: unknown): void {
  if (!isObject(init)) throw new TypeError('the headers are neither a sequence nor a record');
  const iterator = (init as { [Symbol.iterator]?: unknown })[Symbol.iterator];
  if (iterator !== undefined && iterator !== null) {
    if (typeof iterator !== 'function') throw new TypeError('the headers are not iterable');
    const pairs = sequenceBy(init, iterator as () => Iterator<unknown>, (pair) => sequence(pair, 'a header', byteString));
    for (const pair of pairs) {
      if (pair.length !== 2) throw new TypeError('a header must have a name and a value');
      append(state, pair[0], pair[1]);
    }
    return;
  }
  const record = new Map<string, string>();
  for (const key of Reflect.ownKeys(init)) {
    if (!Reflect.getOwnPropertyDescriptor(init, key)?.enumerable) continue;
    if (typeof key === 'symbol') throw new TypeError('a header name is a symbol');
    record.set(byteString(key), byteString((init as Record<string, unknown>)[key]));
  }
  for (const [key, value] of record) append(state, key, value);
}

/** The object for a list, with a guard. */
export function createHeaders(list: HeaderList, guard: Guard): Headers {
  wrapping = { list, guard };
  return new Headers();
}

/** The list behind an object. */
export function listOf(headers: Headers): HeaderList {
  return stateOf(headers).list;
}

/** Fills the headers of a request or response from its options. */
export function fillHeaders(headers: Headers, init: unknown): void {
  const { guard } = stateOf(headers);
  if (isObject(init) && isHeaders(init) && guard !== 'request-no-cors') {
    // Straight from list to list: case and order are kept, and nobody's patched iterator runs.
    for (const { name, value } of stateOf(init).list.entries) listOf(headers).append(name, value);
  } else fill(stateOf(headers), init);
}

/** Sets what a guard lets through from now on. */
export function setGuard(headers: Headers, guard: Guard): void {
  stateOf(headers).guard = guard;
}

/** URLSearchParams and application/x-www-form-urlencoded (URL standard, sections 5 and 6). */
import { decodeUtf8KeepBom } from './encoding.ts';
import { host } from './host.ts';
import { defineInterface, definePairs, isObject, need, sequence, sequenceBy, usvString } from './idl.ts';

/** Decodes one name or value: `+` is a space, `%XX` a byte. */
function decode(text: string): string {
  if (!/[+%]/.test(text)) return text;
  const spaced = text.replaceAll('+', ' ');
  if (!spaced.includes('%')) return spaced;
  return decodeUtf8KeepBom(percentDecode(host.encodeUtf8(spaced)));
}

const hex = (code: number | undefined) =>
  code === undefined ? -1 : code >= 48 && code <= 57 ? code - 48 : (code | 32) >= 97 && (code | 32) <= 102 ? (code | 32) - 87 : -1;

/** "Percent-decode". */
export function percentDecode(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i]!;
    if (byte === 0x25) {
      const high = hex(bytes[i + 1]);
      const low = hex(bytes[i + 2]);
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        i += 2;
      }
    }
    result[length++] = byte;
  }
  return result.subarray(0, length);
}

function encode(text: string): string {
  if (/^[\w*.-]*$/.test(text)) return text;
  // encodeURIComponent leaves five characters that this set encodes.
  return encodeURIComponent(text).replace(/%20|[!'()~]/g, (c) => (c === '%20' ? '+' : `%${c.charCodeAt(0).toString(16).toUpperCase()}`));
}

/** The application/x-www-form-urlencoded parser. */
export function parseForm(text: string): [string, string][] {
  const pairs: [string, string][] = [];
  for (const part of text.split('&')) {
    if (part === '') continue;
    const at = part.indexOf('=');
    pairs.push(at < 0 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + 1))]);
  }
  return pairs;
}

/** The application/x-www-form-urlencoded serializer. */
export function serializeForm(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
}

let pairsOf: (params: URLSearchParams) => [string, string][];
let setPairs: (params: URLSearchParams, pairs: [string, string][]) => void;
let onChange: (params: URLSearchParams, run: () => void) => void;

export class URLSearchParams {
  #pairs: [string, string][] = [];
  #changed: (() => void) | undefined;

  static {
    pairsOf = (params) => params.#pairs;
    setPairs = (params, pairs) => {
      params.#pairs = pairs;
    };
    onChange = (params, run) => {
      params.#changed = run;
    };
  }

  constructor(init: unknown = '') {
    if (isObject(init)) {
      const iterator = (init as { [Symbol.iterator]?: unknown })[Symbol.iterator];
      if (iterator !== undefined && iterator !== null) {
        if (typeof iterator !== 'function') throw new TypeError('the initial value is not iterable');
        this.#pairs = sequenceBy(init, iterator as () => Iterator<unknown>, (item) => {
          const pair = sequence(item, 'a pair', usvString);
          if (pair.length !== 2) throw new TypeError('a pair must have a name and a value');
          return pair as [string, string];
        });
        return;
      }
      const record = new Map<string, string>();
      for (const key of Reflect.ownKeys(init)) {
        const property = Reflect.getOwnPropertyDescriptor(init, key);
        if (property?.enumerable) record.set(usvString(key), usvString((init as Record<PropertyKey, unknown>)[key]));
      }
      this.#pairs.push(...record);
      return;
    }
    const text = usvString(init);
    this.#pairs = parseForm(text.startsWith('?') ? text.slice(1) : text);
  }

  get size(): number {
    return this.#pairs.length;
  }
  append(name: string, value: string): void {
    need(arguments, 2, 'URLSearchParams.append');
    this.#pairs.push([usvString(name), usvString(value)]);
    this.#changed?.();
  }
  delete(name: string, value: string | undefined = undefined): void {
    need(arguments, 1, 'URLSearchParams.delete');
    const key = usvString(name);
    const text = value === undefined ? undefined : usvString(value);
    this.#pairs = this.#pairs.filter((pair) => pair[0] !== key || (text !== undefined && pair[1] !== text));
    this.#changed?.();
  }
  get(name: string): string | null {
    need(arguments, 1, 'URLSearchParams.get');
    const key = usvString(name);
    return this.#pairs.find((pair) => pair[0] === key)?.[1] ?? null;
  }
  getAll(name: string): string[] {
    need(arguments, 1, 'URLSearchParams.getAll');
    const key = usvString(name);
    return this.#pairs.filter((pair) => pair[0] === key).map((pair) => pair[1]);
  }
  has(name: string, value: string | undefined = undefined): boolean {
    need(arguments, 1, 'URLSearchParams.has');
    const key = usvString(name);
    const text = value === undefined ? undefined : usvString(value);
    return this.#pairs.some((pair) => pair[0] === key && (text === undefined || pair[1] === text));
  }
  set(name: string, value: string): void {
    need(arguments, 2, 'URLSearchParams.set');
    const key = usvString(name);
    const text = usvString(value);
    const first = this.#pairs.findIndex((pair) => pair[0] === key);
    if (first < 0) this.#pairs.push([key, text]);
    else {
      this.#pairs[first] = [key, text];
      this.#pairs = this.#pairs.filter((pair, i) => i <= first || pair[0] !== key);
    }
    this.#changed?.();
  }
  sort(): void {
    this.#pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#changed?.();
  }
  toString(): string {
    return serializeForm(this.#pairs);
  }
}
definePairs(URLSearchParams, (params) => pairsOf(params));
defineInterface(URLSearchParams);
Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, { enumerable: false });

export { onChange, pairsOf as searchPairs, setPairs as setSearchPairs };

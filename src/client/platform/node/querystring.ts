/** `node:querystring`. */
import { decodeUtf8KeepBom } from '../encoding.ts';
import { host } from '../host.ts';
import { withCode } from './errors.ts';
import { percentDecode } from '../url-search-params.ts';

/** Percent-encodes as `encodeURIComponent`; lone surrogates throw a `URIError`. */
export function escape(text: unknown): string {
  const string = typeof text === 'object' ? String(text) : `${text as string}`;
  if (!string.isWellFormed()) throw withCode(new URIError('URI malformed'), 'ERR_INVALID_URI');
  return encodeURIComponent(string);
}

/** Decodes; what is malformed stays as it is. */
export function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return decodeUtf8KeepBom(percentDecode(host.encodeUtf8(text.toWellFormed())));
  }
}

export interface ParseOptions {
  decodeURIComponent?: (text: string) => string;
  maxKeys?: number;
}

export function parse(text: string, separator = '&', equals = '=', options: ParseOptions = {}): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = Object.create(null);
  if (typeof text !== 'string' || text === '') return result;
  const decode = options.decodeURIComponent ?? querystring.unescape;
  const safely = (part: string) => {
    const spaced = part.replaceAll('+', ' ');
    try {
      return decode(spaced);
    } catch {
      return unescape(spaced);
    }
  };
  const limit = typeof options.maxKeys === 'number' ? options.maxKeys : 1000;
  const parts = text.split(separator || '&').filter((part) => part !== '');
  for (const part of limit > 0 ? parts.slice(0, limit) : parts) {
    const at = part.indexOf(equals || '=');
    const key = safely(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? '' : safely(part.slice(at + (equals || '=').length));
    const known = result[key];
    if (known === undefined) result[key] = value;
    else if (Array.isArray(known)) known.push(value);
    else result[key] = [known, value];
  }
  return result;
}

export interface StringifyOptions {
  encodeURIComponent?: (text: string) => string;
}

/** What has a form in a query; everything else is the empty string. */
function primitive(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return `${value}`;
  return typeof value === 'number' && Number.isFinite(value) ? `${value}` : '';
}

export function stringify(object: unknown, separator = '&', equals = '=', options: StringifyOptions = {}): string {
  if (typeof object !== 'object' || object === null) return '';
  const encode = options.encodeURIComponent ?? querystring.escape;
  const pair = (key: string, value: unknown) => `${encode(key)}${equals || '='}${encode(primitive(value))}`;
  return Object.entries(object)
    .flatMap(([key, value]) => (Array.isArray(value) ? value.map((item) => pair(key, item)) : [pair(key, value)]))
    .join(separator || '&');
}

export { parse as decode, stringify as encode };
/** Programs may replace `escape` and `unescape` here. */
const querystring = { escape, unescape, parse, stringify, decode: parse, encode: stringify };
export default querystring;

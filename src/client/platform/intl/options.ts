/** What all constructors of ECMA-402 do with their arguments (section 9). */
import { host } from '../host.ts';
import { languages } from './available.ts';

export const intl = host.intl();

export type Options = Record<string, unknown>;

/** CoerceOptionsToObject. */
export function coerced(options: unknown): Options {
  if (options === undefined) return Object.create(null) as Options;
  if (options === null) throw new TypeError('the options are null');
  return Object(options) as Options;
}

/** GetOptionsObject. */
export function object(options: unknown): Options {
  if (options === undefined) return Object.create(null) as Options;
  if ((typeof options === 'object' && options !== null) || typeof options === 'function') return options as Options;
  throw new TypeError('the options are no object');
}

/** GetOption of a string. */
export function choice<T extends string, D>(options: Options, name: string, choices: readonly T[], otherwise: D): T | D {
  const value = options[name];
  if (value === undefined) return otherwise;
  const text = `${value as string}` as T;
  if (choices.length > 0 && !choices.includes(text)) throw new RangeError(`${name} can't be ${JSON.stringify(text)}`);
  return text;
}

/** GetOption of a boolean. */
export function flag<D>(options: Options, name: string, otherwise: D): boolean | D {
  const value = options[name];
  return value === undefined ? otherwise : Boolean(value);
}

/** DefaultNumberOption. */
export function within<D>(value: unknown, least: number, most: number, otherwise: D, name: string): number | D {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!(number >= least && number <= most)) throw new RangeError(`${name} is out of range`);
  return Math.floor(number);
}

/** An option that is a `type` of Unicode locale extensions. */
export function keyword(options: Options, name: string): string | undefined {
  const value = choice(options, name, [], undefined);
  if (value !== undefined && !/^[a-z\d]{3,8}(-[a-z\d]{3,8})*$/i.test(value)) {
    throw new RangeError(`${name} can't be ${JSON.stringify(value)}`);
  }
  return value?.toLowerCase();
}

/** Tags of `Intl.Locale`s, which are canonical. */
export const tags = new WeakMap<object, string>();

/** A canonical tag. */
export function canonical(tag: string): string {
  const text = intl.canonicalLocale(tag.toWellFormed());
  if (text === undefined) throw new RangeError(`incorrect locale: ${JSON.stringify(tag)}`);
  return text;
}

/** CanonicalizeLocaleList. */
export function canonicalList(locales: unknown): string[] {
  if (locales === undefined) return [];
  const list: unknown = typeof locales === 'string' || (typeof locales === 'object' && locales !== null && tags.has(locales)) ? [locales] : locales;
  if (list === null) throw new TypeError('the locales are null');
  const from = Object(list) as ArrayLike<unknown>;
  const length = Math.min(Math.max(Math.trunc(Number(from.length)) || 0, 0), Number.MAX_SAFE_INTEGER);
  const seen: string[] = [];
  for (let index = 0; index < length; index++) {
    if (!(index in from)) continue;
    const value = from[index];
    if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) throw new TypeError('a locale is no string');
    const tag = (typeof value === 'object' && tags.get(value)) || canonical(`${value as string}`);
    if (!seen.includes(tag)) seen.push(tag);
  }
  return seen;
}

/** The keywords of a tag's Unicode extension, and the tag without any extension. */
export function split(tag: string): { base: string; keywords: Map<string, string> } {
  const base = tag.replace(/-[a-z\d]-.*$/, '');
  const extension = /-u((?:-[a-z\d]{2,8})+)/.exec(tag.replace(/-x-.*$/, ''))?.[1] ?? '';
  const keywords = new Map<string, string>();
  let key: string | undefined;
  for (const part of extension.split('-').slice(1)) {
    if (part.length === 2) {
      key = part;
      keywords.set(key, '');
    } else if (key !== undefined) {
      const value = keywords.get(key)!;
      keywords.set(key, value === '' ? part : `${value}-${part}`);
    }
  }
  return { base, keywords };
}

const isAvailable = (tag: string): boolean => languages.has(/^[a-z]+/.exec(tag)?.[0] ?? '');

/** The locale of the environment, where there are data for it. */
function environment(): string {
  const tag = intl.defaultLocale();
  return tag !== undefined && isAvailable(tag) ? split(tag).base : 'en-US';
}

export const defaultLocale = environment();

/** FilterLocales, behind each `supportedLocalesOf`. */
export function supported(locales: unknown, options: unknown): string[] {
  const requested = canonicalList(locales);
  choice(coerced(options), 'localeMatcher', ['lookup', 'best fit'], 'best fit');
  return requested.filter(isAvailable);
}

/** What a constructor knows of a keyword: what its options say, and which values there are. */
export interface Keyword {
  option: string | undefined;
  isKnown: (value: string) => boolean;
}

/**
 * ResolveLocale: the locale of `resolvedOptions`, and the one that the library is given, with all keywords that were decided.
 */
export function resolve(locales: readonly string[], known: Record<string, Keyword>): { locale: string; tag: string; keywords: Map<string, string> } {
  const requested = locales.find(isAvailable) ?? defaultLocale;
  const { base, keywords: asked } = split(requested);
  const keywords = new Map<string, string>();
  const shown: string[] = [];
  for (const [key, { option, isKnown }] of Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const extension = asked.get(key);
    const value = extension === undefined ? undefined : extension || 'true';
    if (value !== undefined && isKnown(value)) keywords.set(key, value);
    const isOverridden = option !== undefined && isKnown(option) && option !== value;
    if (isOverridden) keywords.set(key, option);
    else if (keywords.has(key)) shown.push(value === 'true' ? key : `${key}-${value}`);
  }
  const all = [...keywords].map(([key, value]) => (value === 'true' ? key : `${key}-${value}`));
  const tag = (parts: string[]) => (parts.length > 0 ? `${base}-u-${parts.join('-')}` : base);
  return { locale: tag(shown), tag: tag(all), keywords };
}

/** What, text, what, text …, as `formatToParts` gives it. */
export function parts(flat: readonly string[]): { type: string; value: string }[] {
  const list = [];
  for (let index = 0; index < flat.length; index += 2) list.push({ type: flat[index]!, value: flat[index + 1]! });
  return list;
}

export function joined(flat: readonly string[]): string {
  let text = '';
  for (let index = 1; index < flat.length; index += 2) text += flat[index]!;
  return text;
}

/** Gives a class of ECMA-402 the name that `Object.prototype.toString` tells. */
export function named(type: { prototype: object }, name: string): void {
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: `Intl.${name}`, configurable: true });
}

/** A constructor that can be called without `new`, as those of the first edition can. */
export function callable<T extends new (...args: never[]) => object>(type: T): T {
  const made = {
    [type.name]: function (this: unknown, ...args: unknown[]): object {
      return Reflect.construct(type, args, new.target ?? constructor) as object;
    },
  }[type.name]!;
  const constructor = made as unknown as T;
  Object.defineProperty(constructor, 'prototype', { value: type.prototype, writable: false });
  Object.defineProperty(constructor, 'length', { value: 0, configurable: true });
  Object.defineProperty(type.prototype, 'constructor', { value: constructor, writable: true, configurable: true });
  for (const name of Object.getOwnPropertyNames(type)) {
    if (!['length', 'name', 'prototype'].includes(name)) {
      Object.defineProperty(constructor, name, Object.getOwnPropertyDescriptor(type, name)!);
    }
  }
  return constructor;
}

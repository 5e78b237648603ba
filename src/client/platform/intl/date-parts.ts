/**
 * What the components of a date ask for and the library's formats do not give: those know which fields there are and one length for all
 * of them; ECMA-402 says of each component how it is written.
 */
import type { HostDate } from '../host.ts';
import { unpadded, zeros } from './available.ts';
import { intl, type Options } from './options.ts';

/** What is wanted of a formatter, besides its fields. */
export interface Wish {
  /** The locale that the library is given, and the one that a program sees. */
  library: string;
  locale: string;
  /** The components that are shown, with their values; none where a style says it all. */
  components: Options;
  skeleton: string;
  timeZone: string;
  /** The numbering system. */
  digits: string;
}

/** Changes the parts (what, text, what, text …) of the date at a time. */
type Change = (flat: string[], time: number) => string[];

/** Calls back with each part; what it gives is the text. */
function mapped(flat: readonly string[], text: (type: string, value: string) => string): string[] {
  const changed = [...flat];
  for (let index = 0; index < flat.length; index += 2) changed[index + 1] = text(flat[index]!, flat[index + 1]!);
  return changed;
}

const part = (flat: readonly string[], type: string): string | undefined => {
  for (let index = 0; index < flat.length; index += 2) if (flat[index] === type) return flat[index + 1];
  return undefined;
};

/** Which of its numeric skeletons a locale has no zeros in, though its styles have. */
function isUnpadded({ components, locale }: Wish): boolean {
  const { weekday, year, month, day } = components;
  if (weekday !== undefined || (month !== undefined && month !== 'numeric') || (day !== undefined && day !== 'numeric')) return false;
  const skeleton = (year === undefined ? '' : 'y') + (month === undefined ? '' : 'M') + (day === undefined ? '' : 'd');
  const base = locale.replace(/-u-.*/, '');
  return [base, base.replace(/-.*/, '')].some((name) => unpadded[skeleton]?.split(' ').includes(name));
}

/** Names of one letter, which depend on nothing but which month or day of the week it is. */
function narrowed({ library, timeZone, components }: Wish, of: 'month' | 'weekday'): Change | undefined {
  const names = components[of] === 'narrow' ? intl.narrowNames(library, of) : undefined;
  if (names === undefined) return undefined;
  const which = intl.date('en-u-ca-gregory', { skeleton: of === 'month' ? 'M' : 'E', timeZone });
  const index = (time: number) => {
    const text = part(which.format(time), of)!;
    return of === 'month' ? Number(text) - 1 : ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(text);
  };
  return (flat, time) => mapped(flat, (type, value) => (type === of ? names[index(time)] ?? value : value));
}

/** Where the hour is not wanted the library gives it all the same. */
function timeOnly({ components }: Wish): Change | undefined {
  const wanted = ['minute', 'second', 'fractionalSecondDigits'].filter((name) => components[name] !== undefined);
  if (wanted.length === 0 || components['hour'] !== undefined) return undefined;
  const isAlone = wanted.length === 1;
  return (flat) => {
    const types = flat.filter((_, index) => index % 2 === 0);
    const isKept = (type: string) => type === 'minute' || type === 'second';
    const [first, last] = [types.findIndex((type) => type === wanted[0]), types.findLastIndex(isKept)];
    const kept = flat.slice(Math.max(first, 0) * 2, (last + 1) * 2);
    return isAlone ? mapped(kept, (_, value) => value.replace(/^0(?=.)/, '')) : kept;
  };
}

/** A short month that the library's medium date writes in digits: then it is that of the long date, abbreviated. */
function spelled(format: HostDate, { library, timeZone, components, skeleton }: Wish): HostDate {
  const isNumeric = (flat: string[]) => /^\p{Nd}+$/u.test(part(flat, 'month') ?? '');
  if (components['month'] !== 'short' || components['year'] === undefined || !isNumeric(format.format(0))) return format;
  const long = intl.date(library, { skeleton: skeleton.replace('MMM', 'MMMM'), timeZone });
  if (isNumeric(long.format(0))) return long;
  const short = intl.date(library, { skeleton: 'MMMd', timeZone });
  // There are languages whose short months are digits.
  if (isNumeric(short.format(0))) return format;
  const replaced = (time: number) => {
    const names: Record<string, string | undefined> = { month: part(short.format(time), 'month'), weekday: part(format.format(time), 'weekday') };
    return mapped(long.format(time), (type, value) => names[type] ?? value);
  };
  return { ...format, format: replaced };
}

/** The formatter that gives what is wished. */
export function fitted(plain: HostDate, wish: Wish): HostDate {
  const format = spelled(plain, wish);
  const zero = String.fromCodePoint(zeros[wish.digits] ?? 0x30);
  const isBare = isUnpadded(wish);
  const isShort = wish.components['year'] === '2-digit';
  const texts: Change = (flat) =>
    mapped(flat, (type, value) => {
      if (isShort && type === 'year') return Array.from(value).slice(-2).join('');
      const isPadded = isBare && (type === 'month' || type === 'day') && Array.from(value).length === 2 && value.startsWith(zero);
      return isPadded ? value.slice(zero.length) : value;
    });
  const changes = [texts, narrowed(wish, 'month'), narrowed(wish, 'weekday'), timeOnly(wish)].filter((change) => change !== undefined);
  return {
    calendar: format.calendar,
    pattern: format.pattern,
    format: (time) => changes.reduce((parts, change) => change(parts, time), format.format(time)),
  };
}

const letters: Record<string, RegExp> = { year: /y+/, month: /[ML]+/, day: /d+/, hour: /[hHkK]+/, minute: /m+/, second: /s+/ };

/** The components as a pattern has them: `2-digit` and `numeric` depend on the locale. */
export function shownBy(pattern: string, wish: Wish): Options {
  const plain = pattern.replace(/'[^']*'/g, '');
  const isBare = isUnpadded(wish);
  const shown = { ...wish.components };
  for (const [name, letter] of Object.entries(letters)) {
    const length = letter.exec(plain)?.[0].length;
    if (shown[name] !== 'numeric' && shown[name] !== '2-digit') continue;
    if (name === 'year' || length === undefined || length > 2) continue;
    shown[name] = length === 2 && !(isBare && (name === 'month' || name === 'day')) ? '2-digit' : 'numeric';
  }
  return shown;
}

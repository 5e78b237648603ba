/** Intl.DateTimeFormat (ECMA-402, section 11). */
import type { HostDate } from '../host.ts';
import { calendars, zeros } from './available.ts';
import { fitted, shownBy } from './date-parts.ts';
import { range, type RangePart } from './date-range.ts';
import { numberingSystem } from './number-format.ts';
import { callable, canonicalList, choice, coerced, flag, intl, joined, keyword, named, type Options, parts, resolve, supported, within } from './options.ts';

type Needs = 'date' | 'time' | 'any' | 'all';

/** The components, each with the letters of its values in skeletons, in the order of skeletons. */
const components: Record<string, Record<string, string>> = {
  era: { narrow: 'GGGGG', short: 'G', long: 'GGGG' },
  year: { '2-digit': 'yy', numeric: 'y' },
  month: { '2-digit': 'MM', numeric: 'M', narrow: 'MMMMM', short: 'MMM', long: 'MMMM' },
  weekday: { narrow: 'EEEEE', short: 'E', long: 'EEEE' },
  day: { '2-digit': 'dd', numeric: 'd' },
  dayPeriod: { narrow: 'BBBBB', short: 'B', long: 'BBBB' },
  hour: { '2-digit': 'jj', numeric: 'j' },
  minute: { '2-digit': 'mm', numeric: 'm' },
  second: { '2-digit': 'ss', numeric: 's' },
  fractionalSecondDigits: { '1': 'S', '2': 'SS', '3': 'SSS' },
  timeZoneName: { short: 'z', long: 'zzzz', shortOffset: 'O', longOffset: 'OOOO', shortGeneric: 'v', longGeneric: 'vvvv' },
};
/** In the order in which the specification reads them. */
const readOrder = ['weekday', 'era', 'year', 'month', 'day', 'dayPeriod', 'hour', 'minute', 'second', 'fractionalSecondDigits', 'timeZoneName'];
const dateFields = ['weekday', 'year', 'month', 'day'];
const timeFields = ['dayPeriod', 'hour', 'minute', 'second', 'fractionalSecondDigits'];
const styles = ['full', 'long', 'medium', 'short'] as const;

interface State {
  locale: string;
  calendar: string;
  numberingSystem: string;
  timeZone: string;
  hourCycle: string | undefined;
  shown: Options;
  format: HostDate;
  /** What formats these ends of a range: where only times are shown and the days differ, with the days. */
  across: (from: number, to: number) => HostDate;
  bound: ((date?: unknown) => string) | undefined;
}

function zone(value: unknown): string {
  if (value === undefined) return intl.defaultZone();
  const name = `${value as string}`;
  const offset = /^([+-])([01]\d|2[0-3])(?::?([0-5]\d))?$/.exec(name);
  if (offset) {
    const text = `${offset[1]!}${offset[2]!}:${offset[3] ?? '00'}`;
    return text === '-00:00' ? '+00:00' : text;
  }
  const known = intl.zone(name.toWellFormed());
  if (known === undefined) throw new RangeError(`there is no time zone ${JSON.stringify(name)}`);
  return known;
}

/** The locale's cycle of hours, as the library's pattern has it. */
function cycle(pattern: string): string | undefined {
  const letter = /[hHkK]/.exec(pattern.replace(/'[^']*'/g, ''))?.[0];
  return letter && { h: 'h12', H: 'h23', k: 'h24', K: 'h11' }[letter];
}

/** What the options name, with the defaults where they name nothing that is needed. */
function fields(options: Options, required: Needs, defaults: Needs): { named: Options; skeleton: string } {
  const given: Options = {};
  for (const name of readOrder) {
    const value =
      name === 'fractionalSecondDigits'
        ? within(options[name], 1, 3, undefined, name)
        : choice(options, name, Object.keys(components[name]!), undefined);
    if (value !== undefined) given[name] = value;
  }
  const has = (names: string[]) => names.some((name) => given[name] !== undefined);
  const isBare = !(required !== 'time' && has(dateFields)) && !(required !== 'date' && has(timeFields));
  if (isBare && defaults !== 'time') Object.assign(given, { year: 'numeric', month: 'numeric', day: 'numeric' });
  if (isBare && defaults !== 'date') Object.assign(given, { hour: 'numeric', minute: 'numeric', second: 'numeric' });
  // The minutes and seconds that stand after something have two digits.
  const skeleton = Object.keys(components).map((name) => (given[name] === undefined ? '' : components[name]![String(given[name])]!));
  return { named: given, skeleton: skeleton.join('') };
}

class DateTimeFormat {
  #s: State;

  constructor(locales?: unknown, given?: unknown, required: Needs = 'any', defaults: Needs = 'date') {
    const requested = canonicalList(locales);
    const options = coerced(given);
    choice(options, 'localeMatcher', ['lookup', 'best fit'], 'best fit');
    const ca = { option: keyword(options, 'calendar'), isKnown: (value: string) => calendars.includes(value) };
    const nu = { option: keyword(options, 'numberingSystem'), isKnown: (value: string) => value in zeros };
    const hour12 = flag(options, 'hour12', undefined);
    const hourCycle = choice(options, 'hourCycle', ['h11', 'h12', 'h23', 'h24'], undefined);
    const hc = { option: hour12 === undefined ? hourCycle : undefined, isKnown: (value: string) => hour12 === undefined && /^h(11|12|23|24)$/.test(value) };
    const { locale, tag, keywords } = resolve(requested, { ca, hc, nu });
    const timeZone = zone(options['timeZone']);
    const { named, skeleton } = fields(options, required, defaults);
    const formatMatcher = choice(options, 'formatMatcher', ['basic', 'best fit'], 'best fit');
    const dateStyle = choice(options, 'dateStyle', styles, undefined);
    const timeStyle = choice(options, 'timeStyle', styles, undefined);
    void formatMatcher;
    const hasStyle = dateStyle !== undefined || timeStyle !== undefined;
    if (hasStyle) {
      if (readOrder.some((name) => options[name] !== undefined)) throw new TypeError('a style goes with no component');
      if (required === 'date' && timeStyle !== undefined) throw new TypeError('a date has no timeStyle');
      if (required === 'time' && dateStyle !== undefined) throw new TypeError('a time has no dateStyle');
    }
    // The library knows of 12 and 24 hours as the locale has them.
    const clock = hour12 === undefined ? undefined : hour12 ? 'c12' : 'c24';
    const hours = clock ?? ({ h24: 'h23' } as Record<string, string>)[keywords.get('hc') ?? ''] ?? keywords.get('hc');
    const [base, extension = ''] = tag.split('-u-');
    const rest = extension.replace(/(^|-)hc-h\d\d/, '').replace(/^-/, '');
    const all = [rest, hours === undefined ? '' : `hc-${hours}`].filter((part) => part !== '').join('-');
    const library = all === '' ? base! : `${base!}-u-${all}`;
    const plain = intl.date(library, { ...(hasStyle ? { dateStyle, timeStyle } : { skeleton }), timeZone });
    const digits = keywords.get('nu') ?? numberingSystem(tag);
    const wish = { library, locale, components: hasStyle ? {} : named, skeleton, timeZone, digits };
    const format = fitted(plain, wish);
    const shown = hasStyle ? { dateStyle, timeStyle } : shownBy(plain.pattern, wish);
    this.#s = {
      locale,
      calendar: keywords.get('ca') ?? format.calendar,
      numberingSystem: digits,
      timeZone,
      hourCycle: cycle(format.pattern),
      shown,
      format,
      across: (from, to) => {
        const isTime = hasStyle ? dateStyle === undefined : !dateFields.some((name) => named[name] !== undefined);
        if (!isTime) return format;
        const day = intl.date('en', { skeleton: 'yMd', timeZone });
        if (joined(day.format(from)) === joined(day.format(to))) return format;
        const components = { year: 'numeric', month: 'numeric', day: 'numeric', ...wish.components };
        const dated = `yMd${hasStyle ? 'jm' : skeleton}`;
        return fitted(intl.date(library, { skeleton: dated, timeZone }), { ...wish, components, skeleton: dated });
      },
      bound: undefined,
    };
  }

  static supportedLocalesOf(locales: unknown, options?: unknown): string[] {
    return supported(locales, options);
  }

  get format(): (date?: unknown) => string {
    const state = this.#s;
    if (state.bound === undefined) {
      // As V8 does: programs look for a plain space before AM and PM.
      const bound = (date?: unknown): string => joined(state.format.format(time(date))).replaceAll('\u202f', ' ');
      Object.defineProperty(bound, 'name', { value: '' });
      Object.defineProperty(bound, 'length', { value: 1 });
      state.bound = bound;
    }
    return state.bound;
  }

  formatToParts(date?: unknown): { type: string; value: string }[] {
    return named402(this.#s.format.format(time(date)));
  }

  formatRange(start: unknown, end: unknown): string {
    return this.formatRangeToParts(start, end).reduce((text, part) => text + part.value, '');
  }

  formatRangeToParts(start: unknown, end: unknown): RangePart[] {
    const { locale } = this.#s;
    if (start === undefined || end === undefined) throw new TypeError('a range has two ends');
    const [first, last] = [time(start), time(end)];
    const format = this.#s.across(first, last);
    const [from, to] = [format.format(first), format.format(last)];
    // Where both look the same there is no range.
    if (joined(from) === joined(to)) return named402(from).map((part) => ({ ...part, source: 'shared' }));
    return range(locale, named402(from), named402(to));
  }

  resolvedOptions(): Options {
    const { locale, calendar, numberingSystem, timeZone, hourCycle, shown } = this.#s;
    const resolved: Options = { locale, calendar, numberingSystem, timeZone };
    if (hourCycle !== undefined) {
      resolved['hourCycle'] = hourCycle;
      resolved['hour12'] = hourCycle === 'h11' || hourCycle === 'h12';
    }
    for (const name of [...readOrder, 'dateStyle', 'timeStyle']) if (shown[name] !== undefined) resolved[name] = shown[name];
    return resolved;
  }
}
named(DateTimeFormat, 'DateTimeFormat');

/** TimeClip; now, where nothing is given. */
function time(date: unknown): number {
  const number = date === undefined ? Date.now() : Number(date);
  if (!(Math.abs(number) <= 8.64e15)) throw new RangeError('the date is invalid');
  return Math.trunc(number);
}

/** The parts by the names of ECMA-402; the library has the fraction of a second in the second. */
function named402(flat: readonly string[]): { type: string; value: string }[] {
  return parts(flat).flatMap(({ type, value }) => {
    const seconds = type === 'second' && /^(\p{Nd}+)(\P{Nd}+)(\p{Nd}+)$/u.exec(value);
    if (!seconds) return [{ type: type === 'extendedYear' ? 'year' : type, value }];
    return [
      { type: 'second', value: seconds[1]! },
      { type: 'literal', value: seconds[2]! },
      { type: 'fractionalSecond', value: seconds[3]! },
    ];
  });
}

const constructor = callable(DateTimeFormat);
export { constructor as DateTimeFormat, DateTimeFormat as Format };

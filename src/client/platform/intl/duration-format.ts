/** Intl.DurationFormat (ECMA-402, section 13): numbers of units, as `NumberFormat` writes them, in a list as `ListFormat` does. */
import { zeros } from './available.ts';
import { DateTimeFormat } from './date-time-format.ts';
import { ListFormat } from './list-format.ts';
import { NumberFormat, numberingSystem } from './number-format.ts';
import { canonicalList, choice, keyword, named, object, type Options, resolve, supported, within } from './options.ts';

const words = ['long', 'short', 'narrow'] as const;
const units = [
  { unit: 'years', styles: words, digital: 'short' },
  { unit: 'months', styles: words, digital: 'short' },
  { unit: 'weeks', styles: words, digital: 'short' },
  { unit: 'days', styles: words, digital: 'short' },
  { unit: 'hours', styles: [...words, 'numeric', '2-digit'], digital: 'numeric' },
  { unit: 'minutes', styles: [...words, 'numeric', '2-digit'], digital: 'numeric' },
  { unit: 'seconds', styles: [...words, 'numeric', '2-digit'], digital: 'numeric' },
  { unit: 'milliseconds', styles: [...words, 'numeric'], digital: 'numeric' },
  { unit: 'microseconds', styles: [...words, 'numeric'], digital: 'numeric' },
  { unit: 'nanoseconds', styles: [...words, 'numeric'], digital: 'numeric' },
] as const;
type Unit = (typeof units)[number]['unit'];
type Duration = Record<Unit, number>;

/** Those that can be the fraction of the unit before them. */
const fractions: readonly Unit[] = ['milliseconds', 'microseconds', 'nanoseconds'];
/** Of what has a fraction, how many digits that can have. */
const digitsOf: Partial<Record<Unit, number>> = { seconds: 9, milliseconds: 6, microseconds: 3 };

interface Shown {
  style: string;
  display: string;
}

interface Part {
  type: string;
  value: string;
  unit?: string;
}

const isNumeric = (style: string) => style === 'numeric' || style === '2-digit';

/** GetDurationUnitOptions; `before`: the style of the unit before, from the hours on. */
function shown({ unit, styles, digital }: (typeof units)[number], options: Options, base: string, before: string): Shown {
  let style: string | undefined = choice(options, unit, styles, undefined);
  let otherwise = 'always';
  if (style === undefined) {
    if (base === 'digital') {
      style = digital;
      if (!['hours', 'minutes', 'seconds'].includes(unit)) otherwise = 'auto';
    } else if (before === 'fractional' || isNumeric(before)) {
      style = 'numeric';
      if (unit !== 'minutes' && unit !== 'seconds') otherwise = 'auto';
    } else {
      style = base;
      otherwise = 'auto';
    }
  }
  if (style === 'numeric' && fractions.includes(unit)) {
    style = 'fractional';
    otherwise = 'auto';
  }
  const display = choice(options, `${unit}Display`, ['auto', 'always'], otherwise);
  const isWrong =
    (display === 'always' && style === 'fractional') ||
    (before === 'fractional' && style !== 'fractional') ||
    (isNumeric(before) && style !== 'fractional' && !isNumeric(style));
  if (isWrong) throw new RangeError(`${unit} can't be ${JSON.stringify(style)} there`);
  if ((unit === 'minutes' || unit === 'seconds') && isNumeric(before)) style = '2-digit';
  return { style, display };
}

/** ToDurationRecord. */
function record(input: unknown): Duration {
  if (typeof input === 'string') throw new RangeError('a text is no duration');
  if ((typeof input !== 'object' || input === null) && typeof input !== 'function') throw new TypeError('not a duration');
  const duration = Object.fromEntries(units.map(({ unit }) => [unit, 0])) as Duration;
  let isEmpty = true;
  for (const unit of (Object.keys(duration) as Unit[]).sort()) {
    const value = (input as Options)[unit];
    if (value === undefined) continue;
    const number = Number(value);
    if (!Number.isInteger(number)) throw new RangeError(`${unit} are no integer`);
    duration[unit] = number + 0;
    isEmpty = false;
  }
  if (isEmpty) throw new TypeError('a duration has at least one unit');
  const values = Object.values(duration);
  if (values.some((value) => value < 0) && values.some((value) => value > 0)) throw new RangeError('the units of a duration have one sign');
  const { years, months, weeks, days, hours, minutes, seconds } = duration;
  const whole = (value: number) => BigInt(value);
  const rest = nanoseconds(duration, 'milliseconds', 9) / 1_000_000_000n;
  const all = whole(days) * 86_400n + whole(hours) * 3_600n + whole(minutes) * 60n + whole(seconds) + rest;
  const isLong = [years, months, weeks].some((value) => Math.abs(value) >= 2 ** 32);
  if (isLong || (all < 0n ? -all : all) >= 2n ** 53n) throw new RangeError('the duration is too long');
  return duration;
}

/** The units from this one on, in the unit of which each has so many digits less. */
function nanoseconds(duration: Duration, first: Unit, digits: number): bigint {
  let sum = 0n;
  let left = digits;
  const from = units.findIndex(({ unit }) => unit === first);
  for (const { unit } of units.slice(from)) {
    if (fractions.includes(unit)) left -= 3;
    sum += BigInt(duration[unit]) * 10n ** BigInt(left);
  }
  return sum;
}

export class DurationFormat {
  #locale: string;
  #tag: string;
  #style: string;
  #shown = {} as Record<Unit, Shown>;
  #digits: number | undefined;
  #formats = new Map<string, NumberFormat>();
  #separators: string | undefined;

  constructor(locales?: unknown, given?: unknown) {
    const requested = canonicalList(locales);
    const options = object(given);
    choice(options, 'localeMatcher', ['lookup', 'best fit'], 'best fit');
    const nu = { option: keyword(options, 'numberingSystem'), isKnown: (value: string) => value in zeros };
    const { locale, tag } = resolve(requested, { nu });
    this.#locale = locale;
    this.#tag = tag;
    this.#style = choice(options, 'style', [...words, 'digital'], 'short');
    let before = '';
    for (const row of units) {
      const own = (this.#shown[row.unit] = shown(row, options, this.#style, before));
      if (row.styles.length > words.length) before = own.style;
    }
    this.#digits = within(options['fractionalDigits'], 0, 9, undefined, 'fractionalDigits');
  }

  static supportedLocalesOf(locales: unknown, options?: unknown): string[] {
    return supported(locales, options);
  }

  format(duration: unknown): string {
    return this.#partition(record(duration))
      .map(({ value }) => value)
      .join('');
  }

  formatToParts(duration: unknown): Part[] {
    return this.#partition(record(duration));
  }

  resolvedOptions(): Options {
    const resolved: Options = { locale: this.#locale, numberingSystem: numberingSystem(this.#tag), style: this.#style };
    for (const { unit } of units) {
      const { style, display } = this.#shown[unit];
      resolved[unit] = style === 'fractional' ? 'numeric' : style;
      resolved[`${unit}Display`] = display;
    }
    if (this.#digits !== undefined) resolved['fractionalDigits'] = this.#digits;
    return resolved;
  }

  /** PartitionDurationFormatPattern, and ListFormatParts. */
  #partition(duration: Duration): Part[] {
    const isNegative = Object.values(duration).some((value) => value < 0);
    const lists: Part[][] = [];
    /** Whether the sign is still to be written: the first number has it. */
    let isFirst = true;
    const number = (unit: Unit, value: number | string, options: Options) => {
      const isZero = Number(value) === 0;
      const parts = this.#number(unit, isFirst && isZero && isNegative ? -0 : value, isFirst ? options : { ...options, signDisplay: 'never' });
      isFirst = false;
      return parts;
    };
    for (const { unit } of units) {
      const { style, display } = this.#shown[unit];
      if (isNumeric(style)) {
        const parts = this.#numeric(duration, unit, number);
        if (parts.length > 0) lists.push(parts);
        break;
      }
      const { value, options } = this.#value(duration, unit);
      if (display === 'always' || Number(value) !== 0) {
        lists.push(number(unit, value, { ...options, style: 'unit', unit: unit.slice(0, -1), unitDisplay: style }));
      }
      if (options !== undefined) break;
    }
    const list = new ListFormat(this.#tag, { type: 'unit', style: this.#style === 'digital' ? 'short' : this.#style });
    const texts = lists.map((parts) => parts.map(({ value }) => value).join(''));
    let at = 0;
    return list.formatToParts(texts).flatMap((part) => (part.type === 'element' ? lists[at++]! : [part]));
  }

  /** The value of a unit with its fraction, and how that is written; without options: it has none. */
  #value(duration: Duration, unit: Unit): { value: number | string; options: Options | undefined } {
    const digits = digitsOf[unit];
    const next = units[units.findIndex((row) => row.unit === unit) + 1];
    if (digits === undefined || next === undefined || this.#shown[next.unit].style !== 'fractional') return { value: duration[unit], options: undefined };
    // The unit itself has all of the digits before its fraction.
    const all = nanoseconds(duration, next.unit, digits) + BigInt(duration[unit]) * 10n ** BigInt(digits);
    const text = `${all < 0n ? -all : all}`.padStart(digits + 1, '0');
    const value = `${all < 0n ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
    const options = { maximumFractionDigits: this.#digits ?? 9, minimumFractionDigits: this.#digits ?? 0, roundingMode: 'trunc' };
    return { value, options };
  }

  /** FormatNumericUnits: `1:02:03`. */
  #numeric(duration: Duration, first: Unit, number: (unit: Unit, value: number | string, options: Options) => Part[]): Part[] {
    const wanted = (unit: Unit) => units.findIndex((row) => row.unit === unit) >= units.findIndex((row) => row.unit === first);
    const isShown = (unit: Unit, value: number | string) => wanted(unit) && (this.#shown[unit].display === 'always' || Number(value) !== 0);
    const seconds = this.#value(duration, 'seconds');
    const hasHours = isShown('hours', duration.hours);
    const hasSeconds = isShown('seconds', seconds.value);
    const hasMinutes = wanted('minutes') && ((hasHours && hasSeconds) || isShown('minutes', duration.minutes));
    const parts: Part[] = [];
    const add = (unit: Unit, value: number | string, options: Options | undefined) => {
      if (parts.length > 0) parts.push({ type: 'literal', value: this.#separator() });
      const width = this.#shown[unit].style === '2-digit' ? { minimumIntegerDigits: 2 } : {};
      parts.push(...number(unit, value, { ...options, ...width, useGrouping: false }));
    };
    if (hasHours) add('hours', duration.hours, undefined);
    if (hasMinutes) add('minutes', duration.minutes, undefined);
    if (hasSeconds) add('seconds', seconds.value, seconds.options);
    return parts;
  }

  #number(unit: Unit, value: number | string, options: Options): Part[] {
    const key = JSON.stringify(options);
    let format = this.#formats.get(key);
    if (format === undefined) {
      format = new NumberFormat(this.#tag, options);
      this.#formats.set(key, format);
    }
    const own = unit.slice(0, -1);
    return format.formatToParts(value).map((part) => ({ ...part, unit: own }));
  }

  /** What stands between hours, minutes and seconds: what does so in the time of a day. */
  #separator(): string {
    if (this.#separators === undefined) {
      const time = new DateTimeFormat(this.#tag, { hour: 'numeric', minute: '2-digit', hourCycle: 'h23' }).formatToParts(0);
      const literal = time.find(({ type }) => type === 'literal')?.value;
      this.#separators = literal === '.' ? '.' : ':';
    }
    return this.#separators;
  }
}
named(DurationFormat, 'DurationFormat');
Object.defineProperty(DurationFormat, 'length', { value: 0, configurable: true });

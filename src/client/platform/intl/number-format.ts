/** Intl.NumberFormat (ECMA-402, section 16). */
import type { HostNumber } from '../host.ts';
import { currencyDigits, notNumbers, units, zeros } from './available.ts';
import { type Digits, digitOptions, numeral, resolvedDigits } from './digits.ts';
import { callable, canonicalList, choice, coerced, intl, joined, keyword, named, type Options, parts, resolve, supported } from './options.ts';

interface State {
  locale: string;
  tag: string;
  numberingSystem: string;
  style: Options;
  notation: Options;
  digits: Digits;
  useGrouping: string | false;
  signDisplay: string;
  format: HostNumber;
  bound: ((value: unknown) => string) | undefined;
}

/** The numbering system that a locale's digits are of. */
export function numberingSystem(tag: string): string {
  const zero = joined(intl.number(tag, { style: 'decimal' })('0')).codePointAt(0);
  return Object.keys(zeros).find((name) => zeros[name] === zero) ?? 'latn';
}

const isUnit = (unit: string): boolean => units.includes(unit);

/** SetNumberFormatUnitOptions. */
function styleOptions(options: Options): Options {
  const style = choice(options, 'style', ['decimal', 'percent', 'currency', 'unit'], 'decimal');
  const currency = choice(options, 'currency', [], undefined);
  if (currency === undefined && style === 'currency') throw new TypeError('a currency is needed');
  if (currency !== undefined && !/^[a-z]{3}$/i.test(currency)) throw new RangeError(`${JSON.stringify(currency)} is no currency`);
  const currencyDisplay = choice(options, 'currencyDisplay', ['code', 'symbol', 'narrowSymbol', 'name'], 'symbol');
  const currencySign = choice(options, 'currencySign', ['standard', 'accounting'], 'standard');
  const unit = choice(options, 'unit', [], undefined);
  if (unit === undefined && style === 'unit') throw new TypeError('a unit is needed');
  if (unit !== undefined && !isUnit(unit)) throw new RangeError(`the unit ${JSON.stringify(unit)} is not supported`);
  const unitDisplay = choice(options, 'unitDisplay', ['short', 'narrow', 'long'], 'short');
  if (style === 'currency') return { style, currency: currency!.toUpperCase(), currencyDisplay, currencySign };
  if (style === 'unit') return { style, unit, unitDisplay };
  return { style };
}

function grouping(options: Options, isCompact: boolean): string | false {
  const otherwise = isCompact ? 'min2' : 'auto';
  const value = options['useGrouping'];
  if (value === undefined) return otherwise;
  if (value === true) return 'always';
  if (value === false || value === null || value === 0 || value === '' || Number.isNaN(value)) return false;
  const text = `${value as string}`;
  if (text === 'true' || text === 'false') return otherwise;
  if (!['min2', 'auto', 'always'].includes(text)) throw new RangeError(`useGrouping can't be ${JSON.stringify(text)}`);
  return text;
}

class NumberFormat {
  #s: State;

  constructor(locales?: unknown, given?: unknown) {
    const requested = canonicalList(locales);
    const options = coerced(given);
    choice(options, 'localeMatcher', ['lookup', 'best fit'], 'best fit');
    const nu = { option: keyword(options, 'numberingSystem'), isKnown: (value: string) => value in zeros };
    const { locale, tag } = resolve(requested, { nu });
    const style = styleOptions(options);
    const notation = choice(options, 'notation', ['standard', 'scientific', 'engineering', 'compact'], 'standard');
    const isCurrency = style['style'] === 'currency';
    const least = isCurrency && notation === 'standard' ? currencyDigits(style['currency'] as string) : 0;
    const most = isCurrency && notation === 'standard' ? least : style['style'] === 'percent' ? 0 : 3;
    const digits = digitOptions(options, least, most, notation === 'compact');
    const compactDisplay = choice(options, 'compactDisplay', ['short', 'long'], 'short');
    const useGrouping = grouping(options, notation === 'compact');
    const signDisplay = choice(options, 'signDisplay', ['auto', 'never', 'always', 'exceptZero', 'negative'], 'auto');
    const notations = notation === 'compact' ? { notation, compactDisplay } : { notation };
    const finite = intl.number(tag, { ...style, ...notations, ...digits, useGrouping: useGrouping || undefined, signDisplay });
    const nan = notNumbers[locale.replace(/-u-.*/, '')] ?? notNumbers[locale.replace(/-.*/, '')];
    const format: HostNumber = (text) => (nan === undefined || text !== 'NaN' ? finite(text) : finite(text).map((part) => (part === 'NaN' ? nan : part)));
    this.#s = { locale, tag, numberingSystem: numberingSystem(tag), style, notation: notations, digits, useGrouping, signDisplay, format, bound: undefined };
  }

  static supportedLocalesOf(locales: unknown, options?: unknown): string[] {
    return supported(locales, options);
  }

  get format(): (value: unknown) => string {
    const state = this.#s;
    if (state.bound === undefined) {
      const bound = (value: unknown): string => joined(state.format(numeral(value)));
      Object.defineProperty(bound, 'name', { value: '' });
      state.bound = bound;
    }
    return state.bound;
  }

  formatToParts(value?: unknown): { type: string; value: string }[] {
    return parts(this.#s.format(numeral(value)));
  }

  resolvedOptions(): Options {
    const { locale, numberingSystem, style, notation, digits, useGrouping, signDisplay } = this.#s;
    return {
      locale,
      numberingSystem,
      ...style,
      ...resolvedDigits(digits),
      useGrouping,
      ...notation,
      signDisplay,
      roundingIncrement: digits.roundingIncrement,
      roundingMode: digits.roundingMode,
      roundingPriority: digits.roundingPriority,
      trailingZeroDisplay: digits.trailingZeroDisplay,
    };
  }
}
named(NumberFormat, 'NumberFormat');

const constructor = callable(NumberFormat);
export { constructor as NumberFormat };

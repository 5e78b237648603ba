/** Intl.PluralRules (ECMA-402, section 17). */
import type { HostPlural } from '../host.ts';
import { type Digits, digitOptions, numeral, resolvedDigits } from './digits.ts';
import { canonicalList, choice, coerced, intl, named, type Options, resolve, supported } from './options.ts';

const order = ['zero', 'one', 'two', 'few', 'many', 'other'];

export class PluralRules {
  #locale: string;
  #type: string;
  #digits: Digits;
  #rules: HostPlural;

  constructor(locales?: unknown, given?: unknown) {
    const requested = canonicalList(locales);
    const options = coerced(given);
    choice(options, 'localeMatcher', ['lookup', 'best fit'], 'best fit');
    this.#type = choice(options, 'type', ['cardinal', 'ordinal'], 'cardinal');
    this.#digits = digitOptions(options, 0, 3, false);
    const { locale, tag } = resolve(requested, {});
    this.#locale = locale;
    this.#rules = intl.plural(tag, { type: this.#type, ...this.#digits });
  }

  static supportedLocalesOf(locales: unknown, options?: unknown): string[] {
    return supported(locales, options);
  }

  select(value: unknown): string {
    const number = Number(value);
    return Number.isFinite(number) ? this.#rules.select(numeral(number)) : 'other';
  }

  selectRange(start: unknown, end: unknown): string {
    if (start === undefined || end === undefined) throw new TypeError('a range has two ends');
    const [from, to] = [Number(start), Number(end)];
    if (Number.isNaN(from) || Number.isNaN(to)) throw new RangeError('an end of the range is no number');
    if (!Number.isFinite(from) || !Number.isFinite(to)) return 'other';
    return this.#rules.select(numeral(from), numeral(to));
  }

  resolvedOptions(): Options {
    const { roundingIncrement, roundingMode, roundingPriority, trailingZeroDisplay } = this.#digits;
    return {
      locale: this.#locale,
      type: this.#type,
      ...resolvedDigits(this.#digits),
      pluralCategories: order.filter((category) => this.#rules.categories.includes(category)),
      roundingIncrement,
      roundingMode,
      roundingPriority,
      trailingZeroDisplay,
    };
  }
}
named(PluralRules, 'PluralRules');
Object.defineProperty(PluralRules, 'length', { value: 0, configurable: true });

/** Intl.RelativeTimeFormat (ECMA-402, section 18). */
import type { HostNumber } from '../host.ts';
import { zeros } from './available.ts';
import { numeral } from './digits.ts';
import { numberingSystem } from './number-format.ts';
import { canonicalList, choice, coerced, intl, joined, keyword, named, type Options, parts, resolve, supported } from './options.ts';

const units = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'];

export class RelativeTimeFormat {
  #locale: string;
  #tag: string;
  #style: string;
  #numeric: string;
  #formats = new Map<string, HostNumber>();

  constructor(locales?: unknown, given?: unknown) {
    const requested = canonicalList(locales);
    const options = coerced(given);
    choice(options, 'localeMatcher', ['lookup', 'best fit'], 'best fit');
    const nu = { option: keyword(options, 'numberingSystem'), isKnown: (value: string) => value in zeros };
    const { locale, tag } = resolve(requested, { nu });
    this.#locale = locale;
    this.#tag = tag;
    this.#style = choice(options, 'style', ['long', 'short', 'narrow'], 'long');
    this.#numeric = choice(options, 'numeric', ['always', 'auto'], 'always');
  }

  static supportedLocalesOf(locales: unknown, options?: unknown): string[] {
    return supported(locales, options);
  }

  #format(value: unknown, unit: unknown): { flat: string[]; unit: string } {
    const number = Number(value);
    const name = `${unit as string}`.replace(/s$/, '');
    if (!units.includes(name)) throw new RangeError(`there is no unit ${JSON.stringify(name)}`);
    if (!Number.isFinite(number)) throw new RangeError('the number is not finite');
    let format = this.#formats.get(name);
    if (format === undefined) {
      format = intl.relativeTime(this.#tag, name, this.#style, this.#numeric === 'always');
      this.#formats.set(name, format);
    }
    return { flat: format(numeral(number)), unit: name };
  }

  format(value: unknown, unit: unknown): string {
    return joined(this.#format(value, unit).flat);
  }

  formatToParts(value: unknown, unit: unknown): { type: string; value: string; unit?: string }[] {
    const made = this.#format(value, unit);
    return parts(made.flat).map((part) => (part.type === 'literal' ? part : { ...part, unit: made.unit }));
  }

  resolvedOptions(): Options {
    return { locale: this.#locale, style: this.#style, numeric: this.#numeric, numberingSystem: numberingSystem(this.#tag) };
  }
}
named(RelativeTimeFormat, 'RelativeTimeFormat');
Object.defineProperty(RelativeTimeFormat, 'length', { value: 0, configurable: true });

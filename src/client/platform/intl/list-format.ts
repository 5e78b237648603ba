/** Intl.ListFormat (ECMA-402, section 14). */
import { canonicalList, choice, intl, joined, named, object, type Options, parts, resolve, supported } from './options.ts';

function strings(list: unknown): string[] {
  if (list === undefined) return [];
  return Array.from(list as Iterable<unknown>, (item) => {
    if (typeof item !== 'string') throw new TypeError('a list is of strings');
    return item.toWellFormed();
  });
}

export class ListFormat {
  #locale: string;
  #tag: string;
  #type: string;
  #style: string;

  constructor(locales?: unknown, given?: unknown) {
    const requested = canonicalList(locales);
    const options = object(given);
    choice(options, 'localeMatcher', ['lookup', 'best fit'], 'best fit');
    const { locale, tag } = resolve(requested, {});
    this.#locale = locale;
    this.#tag = tag;
    this.#type = choice(options, 'type', ['conjunction', 'disjunction', 'unit'], 'conjunction');
    this.#style = choice(options, 'style', ['long', 'short', 'narrow'], 'long');
  }

  static supportedLocalesOf(locales: unknown, options?: unknown): string[] {
    return supported(locales, options);
  }

  format(list: unknown): string {
    return joined(intl.list(this.#tag, this.#type, this.#style, strings(list)));
  }

  formatToParts(list: unknown): { type: string; value: string }[] {
    return parts(intl.list(this.#tag, this.#type, this.#style, strings(list)));
  }

  resolvedOptions(): Options {
    return { locale: this.#locale, type: this.#type, style: this.#style };
  }
}
named(ListFormat, 'ListFormat');
Object.defineProperty(ListFormat, 'length', { value: 0, configurable: true });

/** Intl.Collator (ECMA-402, section 10). */
import type { HostCollator } from '../host.ts';
import { collations } from './available.ts';
import { callable, canonicalList, choice, coerced, flag, intl, keyword, named, type Options, resolve, supported } from './options.ts';

class Collator {
  #compare: HostCollator;
  #resolved: Options;
  #bound: ((left: unknown, right: unknown) => number) | undefined;

  constructor(locales?: unknown, given?: unknown) {
    const requested = canonicalList(locales);
    const options = coerced(given);
    const usage = choice(options, 'usage', ['sort', 'search'], 'sort');
    choice(options, 'localeMatcher', ['lookup', 'best fit'], 'best fit');
    const collation = keyword(options, 'collation');
    const numeric = flag(options, 'numeric', undefined);
    const caseFirst = choice(options, 'caseFirst', ['upper', 'lower', 'false'], undefined);
    const isBoolean = (value: string) => value === 'true' || value === 'false';
    const { locale, tag, keywords } = resolve(requested, {
      co: { option: collation, isKnown: (value) => collations.includes(value) },
      kf: { option: caseFirst, isKnown: (value) => ['upper', 'lower', 'false'].includes(value) },
      kn: { option: numeric === undefined ? undefined : String(numeric), isKnown: isBoolean },
    });
    const sensitivity = choice(options, 'sensitivity', ['base', 'accent', 'case', 'variant'], 'variant');
    const skips = flag(options, 'ignorePunctuation', undefined);
    const library = usage === 'search' ? `${tag.replace(/-u-.*/, '')}-u-co-search` : tag;
    this.#compare = intl.collator(library, sensitivity, skips);
    this.#resolved = {
      locale,
      usage,
      sensitivity,
      ignorePunctuation: skips ?? /^th\b/.test(locale),
      collation: keywords.get('co') ?? 'default',
      numeric: keywords.get('kn') === 'true',
      caseFirst: keywords.get('kf') ?? 'false',
    };
  }

  static supportedLocalesOf(locales: unknown, options?: unknown): string[] {
    return supported(locales, options);
  }

  get compare(): (left: unknown, right: unknown) => number {
    if (this.#bound === undefined) {
      const compare = this.#compare;
      const text = (value: unknown): string => `${value as string}`.toWellFormed();
      this.#bound = (left, right) => compare(text(left), text(right));
      Object.defineProperty(this.#bound, 'name', { value: '' });
    }
    return this.#bound;
  }

  resolvedOptions(): Options {
    return { ...this.#resolved };
  }
}
named(Collator, 'Collator');

const constructor = callable(Collator);
export { constructor as Collator };

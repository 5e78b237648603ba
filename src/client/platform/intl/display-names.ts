/** Intl.DisplayNames (ECMA-402, section 12), of languages, regions, scripts and currencies. */
import { canonical, canonicalList, choice, intl, named, object, type Options, resolve, supported } from './options.ts';

const forms: Record<string, RegExp> = {
  region: /^([a-z]{2}|\d{3})$/i,
  script: /^[a-z]{4}$/i,
  currency: /^[a-z]{3}$/i,
  language: /^[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z\d]{5,8}|\d[a-z\d]{3}))*$/i,
};

function code(type: string, value: unknown): string {
  const text = `${value as string}`;
  if (!forms[type]!.test(text)) throw new RangeError(`${JSON.stringify(text)} is no ${type}`);
  if (type === 'language') return canonical(text);
  return type === 'script' ? text[0]!.toUpperCase() + text.slice(1).toLowerCase() : text.toUpperCase();
}

export class DisplayNames {
  #tag: string;
  #resolved: Options;

  constructor(locales: unknown, given: unknown) {
    const requested = canonicalList(locales);
    if (given === undefined) throw new TypeError('the options say which names');
    const options = object(given);
    choice(options, 'localeMatcher', ['lookup', 'best fit'], 'best fit');
    const style = choice(options, 'style', ['narrow', 'short', 'long'], 'long');
    const type = choice(options, 'type', ['language', 'region', 'script', 'currency', 'calendar', 'dateTimeField'], undefined);
    if (type === undefined) throw new TypeError('the options say which names');
    if (!(type in forms)) throw new RangeError(`there are no names of the type ${type}`);
    const fallback = choice(options, 'fallback', ['code', 'none'], 'code');
    const { locale, tag } = resolve(requested, {});
    const languageDisplay = choice(options, 'languageDisplay', ['dialect', 'standard'], 'dialect');
    this.#tag = tag;
    this.#resolved = { locale, style, type, fallback };
    if (type === 'language') this.#resolved['languageDisplay'] = languageDisplay;
  }

  static supportedLocalesOf(locales: unknown, options?: unknown): string[] {
    return supported(locales, options);
  }

  of(value: unknown): string | undefined {
    const known = code(this.#resolved['type'] as string, value);
    const name = intl.displayName(this.#tag, this.#resolved, known);
    return name ?? (this.#resolved['fallback'] === 'code' ? known : undefined);
  }

  resolvedOptions(): Options {
    return { ...this.#resolved };
  }
}
named(DisplayNames, 'DisplayNames');

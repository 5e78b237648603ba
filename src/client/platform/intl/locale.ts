/** Intl.Locale (ECMA-402, section 15). */
import { canonical, choice, coerced, flag, intl, keyword, named, type Options, split, tags } from './options.ts';

const subtag = (options: Options, name: string, form: RegExp): string | undefined => {
  const value = choice(options, name, [], undefined);
  if (value !== undefined && !form.test(value)) throw new RangeError(`${JSON.stringify(value)} is no ${name}`);
  return value;
};

/** The tag with some subtags exchanged. */
function changed(tag: string, options: Options): string {
  const language = subtag(options, 'language', /^([a-z]{2,3}|[a-z]{5,8})$/i);
  const script = subtag(options, 'script', /^[a-z]{4}$/i);
  const region = subtag(options, 'region', /^([a-z]{2}|\d{3})$/i);
  if (language === undefined && script === undefined && region === undefined) return tag;
  const parts = intl.localeParts(tag);
  const base = [language ?? parts.language, script ?? parts.script, region ?? parts.region, parts.variants];
  return base.filter(Boolean).join('-') + tag.slice(parts.baseName.length);
}

/** The tag with these keywords of the Unicode extension in place of its own. */
function keyed(tag: string, added: Record<string, string | undefined>): string {
  const { keywords } = split(tag);
  let isChanged = false;
  for (const [key, value] of Object.entries(added)) {
    if (value === undefined) continue;
    keywords.set(key, value === 'true' ? '' : value);
    isChanged = true;
  }
  if (!isChanged) return tag;
  const extension = [...keywords].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => (value === '' ? `-${key}` : `-${key}-${value}`));
  const [visible, hidden] = /^(.*?)(-x-.*)?$/.exec(tag)!.slice(1) as [string, string?];
  const without = visible.replace(/-u(-[a-z\d]{2,8})+/, '');
  return `${without}-u${extension.join('')}${hidden ?? ''}`;
}

export class Locale {
  #tag: string;

  constructor(tag: unknown, given?: unknown) {
    if (typeof tag !== 'string' && (typeof tag !== 'object' || tag === null)) throw new TypeError('a locale is a string or an object');
    const text = (typeof tag === 'object' && tags.get(tag)) || `${tag as string}`;
    const options = coerced(given);
    const based = changed(canonical(text), options);
    const ca = keyword(options, 'calendar');
    const co = keyword(options, 'collation');
    const hc = choice(options, 'hourCycle', ['h11', 'h12', 'h23', 'h24'], undefined);
    const kf = choice(options, 'caseFirst', ['upper', 'lower', 'false'], undefined);
    const numeric = flag(options, 'numeric', undefined);
    const nu = keyword(options, 'numberingSystem');
    const kn = numeric === undefined ? undefined : String(numeric);
    this.#tag = canonical(keyed(canonical(based), { ca, co, hc, kf, kn, nu }));
    tags.set(this, this.#tag);
  }

  #keyword(key: string): string | undefined {
    return split(this.#tag).keywords.get(key);
  }

  maximize(): Locale {
    return new Locale(intl.likelyLocale(this.#tag, true));
  }
  minimize(): Locale {
    return new Locale(intl.likelyLocale(this.#tag, false));
  }
  toString(): string {
    return this.#tag;
  }
  get baseName(): string {
    return intl.localeParts(this.#tag).baseName;
  }
  get calendar(): string | undefined {
    return this.#keyword('ca');
  }
  get caseFirst(): string | undefined {
    return this.#keyword('kf');
  }
  get collation(): string | undefined {
    return this.#keyword('co');
  }
  get hourCycle(): string | undefined {
    return this.#keyword('hc');
  }
  get language(): string {
    return intl.localeParts(this.#tag).language;
  }
  get numberingSystem(): string | undefined {
    return this.#keyword('nu');
  }
  get numeric(): boolean {
    const value = this.#keyword('kn');
    return value === '' || value === 'true';
  }
  get region(): string | undefined {
    return intl.localeParts(this.#tag).region ?? undefined;
  }
  get script(): string | undefined {
    return intl.localeParts(this.#tag).script ?? undefined;
  }
}
named(Locale, 'Locale');
Object.defineProperty(Locale, 'length', { value: 1, configurable: true });

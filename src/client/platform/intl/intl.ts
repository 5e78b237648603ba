/** The object `Intl` (ECMA-402, section 8), and what other objects have of it (section 20). */
import { calendars, collations, currencies, units, zeros } from './available.ts';
import { Collator } from './collator.ts';
import { DateTimeFormat, Format } from './date-time-format.ts';
import { DisplayNames } from './display-names.ts';
import { DurationFormat } from './duration-format.ts';
import { ListFormat } from './list-format.ts';
import { Locale } from './locale.ts';
import { NumberFormat } from './number-format.ts';
import { canonicalList, defaultLocale, intl } from './options.ts';
import { PluralRules } from './plural-rules.ts';
import { RelativeTimeFormat } from './relative-time-format.ts';
import { Segmenter } from './segmenter.ts';

const functions = {
  getCanonicalLocales(locales?: unknown): string[] {
    return canonicalList(locales);
  },
  supportedValuesOf(key: unknown): string[] {
    const values: Record<string, () => string[]> = {
      calendar: () => [...calendars],
      collation: () => [...collations],
      currency: () => [...currencies],
      numberingSystem: () => Object.keys(zeros),
      timeZone: () => intl.zones(),
      unit: () => [...units],
    };
    const name = `${key as string}`;
    if (!Object.hasOwn(values, name)) throw new RangeError(`there are no values of ${JSON.stringify(name)}`);
    return values[name]!();
  },
};
const constructors = {
  Collator,
  DateTimeFormat,
  DisplayNames,
  DurationFormat,
  ListFormat,
  Locale,
  NumberFormat,
  PluralRules,
  RelativeTimeFormat,
  Segmenter,
};

const Intl = {};
for (const [name, value] of Object.entries({ ...functions, ...constructors })) {
  Object.defineProperty(Intl, name, { value, writable: true, configurable: true });
}
Object.defineProperty(Intl, Symbol.toStringTag, { value: 'Intl', configurable: true });
export { Intl };

/** Formatters that were made without options: programs sort by `localeCompare`, and print numbers, by the thousand. */
function kept<T>(make: (locales: unknown, options: unknown) => T): (locales: unknown, options: unknown) => T {
  const made = new Map<string | undefined, T>();
  return (locales, options) => {
    if (options !== undefined || (locales !== undefined && typeof locales !== 'string')) return make(locales, options);
    let one = made.get(locales);
    if (one === undefined) {
      one = make(locales, options);
      if (made.size >= 16) made.clear();
      made.set(locales, one);
    }
    return one;
  };
}

const number = kept((locales, options) => new NumberFormat(locales, options as object).format);
const order = kept((locales, options) => new Collator(locales, options as object).compare);

/** A date's text, by what must be in it and what is where the options name nothing. */
function date(needs: 'date' | 'time' | 'any', defaults: 'date' | 'time' | 'all'): (receiver: unknown, args: unknown[]) => string {
  const format = kept((locales, options) => new Format(locales, options, needs, defaults).format);
  return (receiver, [locales, options]) => {
    const time = Date.prototype.getTime.call(receiver as Date);
    return Number.isNaN(time) ? 'Invalid Date' : format(locales, options)(time);
  };
}

function cased(receiver: unknown, locales: unknown, isUpper: boolean): string {
  if (receiver === undefined || receiver === null) throw new TypeError('undefined and null are no strings');
  const text = `${receiver as string}`;
  const tag = canonicalList(locales)[0] ?? defaultLocale;
  // Only these languages have a case of their own.
  if (!/^(az|lt|tr|el)\b/.test(tag) || !text.isWellFormed()) return isUpper ? text.toUpperCase() : text.toLowerCase();
  return intl.cased(tag, text, isUpper);
}

function elements(array: ArrayLike<{ toLocaleString(...args: unknown[]): string } | null | undefined>, args: unknown[]): string {
  const texts = [];
  for (let index = 0; index < array.length; index++) texts.push(`${array[index]?.toLocaleString(args[0], args[1]) ?? ''}`);
  return texts.join(',');
}

const length = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')!.get!;

/** The methods of the prototypes, by the names of their constructors: functions of the receiver and the arguments. */
export const methods: Record<string, Record<string, (receiver: unknown, args: unknown[]) => unknown>> = {
  Number: {
    toLocaleString: (receiver, [locales, options]) => number(locales, options)(Number.prototype.valueOf.call(receiver)),
  },
  BigInt: {
    toLocaleString: (receiver, [locales, options]) => number(locales, options)(BigInt.prototype.valueOf.call(receiver)),
  },
  Date: {
    toLocaleString: date('any', 'all'),
    toLocaleDateString: date('date', 'date'),
    toLocaleTimeString: date('time', 'time'),
  },
  String: {
    localeCompare(receiver, [that, locales, options]) {
      if (receiver === undefined || receiver === null) throw new TypeError('undefined and null are no strings');
      const [left, right] = [`${receiver as string}`, `${that as string}`];
      return order(locales, options)(left, right);
    },
    toLocaleUpperCase: (receiver, [locales]) => cased(receiver, locales, true),
    toLocaleLowerCase: (receiver, [locales]) => cased(receiver, locales, false),
  },
  Array: {
    toLocaleString: (receiver, args) => elements(Object(receiver) as [], args),
  },
  TypedArray: {
    toLocaleString(receiver, args) {
      // What is none has no length.
      length.call(receiver);
      return elements(receiver as [], args);
    },
  },
};

/** Expectations are those of Node 20, where both have the same data. */
import { equal, fails, same, test } from './check.ts';

const moment = Date.UTC(2026, 0, 9, 15, 4, 5, 678);
const date = (locale: string, options: object) => new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options }).format(moment);
const number = (locale: string, options: object, value: number | bigint | string) => new Intl.NumberFormat(locale, options as Intl.NumberFormatOptions).format(value as number);

test('numbers are written as a language writes them', () => {
  equal(number('de', {}, -1234567.891), '-1.234.567,891');
  equal(number('hi', {}, 1234567), '12,34,567');
  equal(number('ar-EG', {}, 1234.5), '١٬٢٣٤٫٥');
  equal(number('en', {}, 1e21), '1,000,000,000,000,000,000,000');
  equal(number('en', {}, 12345678901234567890n), '12,345,678,901,234,567,890');
  equal(number('en', {}, '12345678901234567890.5'), '12,345,678,901,234,567,890.5');
  equal(number('ru', {}, NaN), 'не\u00a0число');
  equal(number('en', { maximumFractionDigits: 1, roundingMode: 'halfEven' }, 1.25), '1.2');
  equal(number('en', { maximumSignificantDigits: 3, signDisplay: 'always' }, 123456), '+123,000');
  equal(number('fr', { style: 'percent', minimumFractionDigits: 1 }, 0.256), '25,6\u00a0%');
});

test('currencies, units and compact numbers', () => {
  equal(number('en-US', { style: 'currency', currency: 'USD', currencySign: 'accounting' }, -5), '($5.00)');
  equal(number('de', { style: 'currency', currency: 'EUR' }, 1234.5), '1.234,50\u00a0€');
  equal(number('ja', { style: 'currency', currency: 'JPY' }, 1234.5), '￥1,235');
  equal(number('en', { style: 'currency', currency: 'EUR', currencyDisplay: 'name', maximumFractionDigits: 0 }, 1), '1 euro');
  equal(number('en', { style: 'unit', unit: 'kilometer', unitDisplay: 'long' }, 5.5), '5.5 kilometers');
  equal(number('ar', { style: 'unit', unit: 'day', unitDisplay: 'long' }, 1), 'يوم');
  equal(number('en', { notation: 'compact' }, 1234567), '1.2M');
  equal(number('de', { notation: 'compact', compactDisplay: 'long' }, 15300), '15 Tausend');
  equal(number('en', { notation: 'engineering' }, 123456), '123.456E3');
  const parts = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' }).formatToParts(-1234.5);
  equal(parts.map(({ type, value }) => `${type}=${value}`).join('|'), 'minusSign=-|currency=€|integer=1|group=,|integer=234|decimal=.|fraction=50');
});

interface Durations {
  format(duration: object): string;
  formatToParts(duration: object): { type: string; value: string; unit?: string }[];
  resolvedOptions(): Record<string, unknown>;
}
const { DurationFormat } = Intl as unknown as { DurationFormat: new (locale: string, options?: object) => Durations };
const duration = (locale: string, options: object, value: object) => new DurationFormat(locale, options).format(value);

/** ECMA-402, section 13; texts as Chromium has them. */
test('durations are written as a language writes them', async () => {
  const some = { years: 1, months: 2, hours: 3, seconds: 0 };
  equal(duration('en', { style: 'long' }, some), '1 year, 2 months, 3 hours');
  equal(duration('de', { style: 'long' }, some), '1 Jahr, 2 Monate und 3 Stunden');
  equal(duration('en', { style: 'narrow' }, some), '1y 2m 3h');
  equal(duration('en', {}, { hours: 1, minutes: 46, seconds: 40 }), '1 hr, 46 min, 40 sec');
  equal(duration('en', { style: 'digital' }, { hours: 1, minutes: 2, seconds: 3, milliseconds: 40 }), '1:02:03.04');
  equal(duration('fi', { style: 'digital' }, { hours: 1, minutes: 2 }), '1.02.00');
  equal(duration('en', { style: 'digital', fractionalDigits: 2 }, { days: 2, minutes: 5, milliseconds: 999 }), '2 days, 0:05:00.99');
  equal(duration('en', { minutes: 'numeric', hoursDisplay: 'always' }, { minutes: 5, seconds: 7 }), '0 hr, 5:07');
  equal(duration('en', { style: 'long' }, { hours: -1, minutes: -30 }), '-1 hour, 30 minutes');
  equal(duration('en', { style: 'digital' }, { hours: 0, minutes: -30, seconds: -1 }), '-0:30:01');
  equal(duration('en', { seconds: 'long', milliseconds: 'numeric' }, { seconds: 1, nanoseconds: 1 }), '1.000000001 seconds');
  const parts = new DurationFormat('en', { style: 'digital' }).formatToParts({ hours: 7, minutes: 8 });
  equal(parts.map(({ type, value, unit }) => `${type}=${value}/${unit ?? ''}`).join(' '), 'integer=7/hour literal=:/ integer=08/minute literal=:/ integer=00/second');
  const options = new DurationFormat('en', { style: 'digital' }).resolvedOptions();
  same([options['hours'], options['minutes'], options['milliseconds'], options['millisecondsDisplay']], ['numeric', '2-digit', 'numeric', 'auto']);
  await fails('RangeError', () => new DurationFormat('en', { hours: 'numeric', minutes: 'long' }));
  await fails('RangeError', () => duration('en', {}, { hours: 1, minutes: -1 }));
  await fails('RangeError', () => duration('en', {}, { hours: 1.5 }));
  await fails('TypeError', () => duration('en', {}, {}));
});

test('dates are written as a language writes them', () => {
  equal(date('en-US', { dateStyle: 'full' }), 'Friday, January 9, 2026');
  equal(date('de', { dateStyle: 'long', timeStyle: 'short' }), '9. Januar 2026 um 15:04');
  equal(date('en-US', { timeStyle: 'medium' }), '3:04:05 PM');
  equal(date('de', {}), '9.1.2026');
  equal(date('ja', {}), '2026/1/9');
  equal(date('en-GB', { year: '2-digit', month: 'numeric', day: 'numeric' }), '09/01/26');
  equal(date('de', { year: 'numeric', month: 'short', day: 'numeric' }), '9. Jan. 2026');
  equal(date('pt-BR', { year: 'numeric', month: 'long' }), 'janeiro de 2026');
  equal(date('en', { month: 'narrow' }), 'J');
  equal(date('en', { minute: 'numeric', second: 'numeric' }), '04:05');
  equal(date('en', { hour: 'numeric', minute: '2-digit', hour12: false }), '15:04');
  equal(date('th', { year: 'numeric' }), 'พ.ศ. 2569');
  equal(new Date(moment).toLocaleDateString('fr', { timeZone: 'UTC' }), '09/01/2026');
  equal(new Date(NaN).toLocaleString(), 'Invalid Date');
});

test('every day that there is can be written', () => {
  for (const calendar of Intl.supportedValuesOf('calendar')) {
    for (const time of [-8.64e15, -1, 0, 8.64e15]) {
      equal(typeof new Intl.DateTimeFormat(`en-u-ca-${calendar}`, { dateStyle: 'full', timeStyle: 'full', timeZone: 'Europe/Paris' }).format(time), 'string', calendar);
    }
  }
});

test('time zones have their rules and names', async () => {
  const inZone = (timeZone: string, time: number) => new Intl.DateTimeFormat('en', { timeZone, dateStyle: 'short', timeStyle: 'full' }).format(time);
  equal(inZone('America/New_York', Date.UTC(2026, 2, 8, 6, 59)), '3/8/26, 1:59:00 AM Eastern Standard Time');
  equal(inZone('America/New_York', Date.UTC(2026, 2, 8, 7)), '3/8/26, 3:00:00 AM Eastern Daylight Time');
  equal(inZone('Asia/Kolkata', moment), '1/9/26, 8:34:05 PM India Standard Time');
  equal(new Intl.DateTimeFormat('en', { timeZone: 'europe/berlin' }).resolvedOptions().timeZone, 'Europe/Berlin');
  equal(new Intl.DateTimeFormat('en', { timeZone: 'gmt' }).resolvedOptions().timeZone, 'UTC');
  equal(Intl.supportedValuesOf('timeZone').includes('Asia/Tokyo'), true);
  await fails('RangeError', () => new Intl.DateTimeFormat('en', { timeZone: 'Mars/Olympus' }));
});

test('parts and ranges of dates', () => {
  const parts = new Intl.DateTimeFormat('de', { dateStyle: 'long', timeZone: 'UTC' }).formatToParts(moment);
  equal(parts.map(({ type, value }) => `${type}=${value}`).join('|'), 'day=9|literal=. |month=Januar|literal= |year=2026');
  const range = (locale: string, options: object, later: number) => new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options }).formatRange(moment, moment + later);
  const day = 86_400_000;
  equal(range('en', { dateStyle: 'medium' }, 3 * day), 'Jan 9\u2009–\u200912, 2026');
  equal(range('en', { dateStyle: 'medium' }, 40 * day), 'Jan 9\u2009–\u2009Feb 18, 2026');
  equal(range('en', {}, 3 * day), '1/9/2026\u2009–\u20091/12/2026');
  equal(range('fr', { dateStyle: 'long' }, 3 * day), '9–12 janvier 2026');
  equal(range('en', { hour: 'numeric', minute: 'numeric' }, day / 12), '3:04\u2009–\u20095:04\u202fPM');
  equal(range('en', { hour: 'numeric', minute: 'numeric' }, day), '1/9/2026, 3:04\u202fPM\u2009–\u20091/10/2026, 3:04\u202fPM');
  equal(range('en', { dateStyle: 'medium' }, 1), 'Jan 9, 2026');
});

test('plurals, relative times and lists', () => {
  equal(new Intl.PluralRules('ru').select(3), 'few');
  equal(new Intl.PluralRules('en', { type: 'ordinal' }).select(22), 'two');
  equal(new Intl.PluralRules('ar').selectRange(1, 2), 'other');
  equal(new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(-1, 'day'), 'yesterday');
  equal(new Intl.RelativeTimeFormat('de', { style: 'short' }).format(2, 'weeks'), 'in 2 Wochen');
  equal(new Intl.ListFormat('en').format(['A', 'B', 'C']), 'A, B, and C');
  equal(new Intl.ListFormat('fr', { type: 'disjunction' }).format(['A', 'B']), 'A ou B');
});

test('texts are ordered, cut and named by language', () => {
  equal(['z', 'ä', 'a', 'Z'].sort(new Intl.Collator('de').compare).join(''), 'aäzZ');
  equal(['z', 'ä', 'a'].sort(new Intl.Collator('sv').compare).join(''), 'azä');
  equal(['10', '2'].sort(new Intl.Collator('en', { numeric: true }).compare).join(), '2,10');
  equal(new Intl.Collator('en', { sensitivity: 'base' }).compare('a', 'Á'), 0);
  equal('a'.localeCompare('b'), -1);
  const segments = (granularity: 'grapheme' | 'word' | 'sentence', text: string) => [...new Intl.Segmenter('en', { granularity }).segment(text)];
  same(segments('grapheme', '👨‍👩‍👧e\u0301').map(({ segment }) => segment), ['👨‍👩‍👧', 'e\u0301']);
  same(segments('word', 'Hi, you').filter(({ isWordLike }) => isWordLike).map(({ index }) => index), [0, 4]);
  equal(new Intl.DisplayNames('de', { type: 'region' }).of('FR'), 'Frankreich');
  equal(new Intl.DisplayNames('en', { type: 'language' }).of('fr-CA'), 'Canadian French');
  equal(new Intl.DisplayNames('en', { type: 'currency' }).of('JPY'), 'Japanese Yen');
  equal('istanbul'.toLocaleUpperCase('tr'), 'İSTANBUL');
  equal('e\u0301'.normalize('NFC'), 'é');
});

test('locales are canonical, and have likely parts', async () => {
  same(Intl.getCanonicalLocales(['EN-us', 'iw', 'zh-hans-cn']), ['en-US', 'he', 'zh-Hans-CN']);
  await fails('RangeError', () => Intl.getCanonicalLocales('en_US'));
  equal(new Intl.Locale('zh-TW').maximize().toString(), 'zh-Hant-TW');
  equal(new Intl.Locale('en-Latn-US').minimize().baseName, 'en');
  const locale = new Intl.Locale('en-u-ca-buddhist', { region: 'GB', numeric: true });
  same([locale.toString(), locale.calendar, locale.region, locale.numeric], ['en-GB-u-ca-buddhist-kn', 'buddhist', 'GB', true]);
  same(Intl.NumberFormat.supportedLocalesOf(['de', 'xx', 'en-GB']), ['de', 'en-GB']);
});

test('the language itself writes by locales', () => {
  equal((1234.5).toLocaleString('de'), '1.234,5');
  equal(12345n.toLocaleString('en'), '12,345');
  equal([1234.5, null, new Date(0)].toLocaleString('en', { timeZone: 'UTC' }), '1,234.5,,1/1/1970, 12:00:00 AM');
  equal(new Float64Array([0.5, 1000]).toLocaleString('de'), '0,5,1.000');
  same([Number.prototype.toLocaleString.length, String.prototype.localeCompare.length], [0, 1]);
  equal(new Date(moment).toLocaleString('en-US', { timeZone: 'UTC' }), '1/9/2026, 3:04:05 PM');
});

test('what the options say is checked, and told again', async () => {
  await fails('TypeError', () => new Intl.NumberFormat('en', { style: 'currency' }));
  await fails('RangeError', () => new Intl.NumberFormat('en', { maximumFractionDigits: 101 }));
  await fails('TypeError', () => new Intl.DateTimeFormat('en', { dateStyle: 'full', year: 'numeric' }));
  await fails('RangeError', () => new Intl.DateTimeFormat('en').format(NaN));
  await fails('RangeError', () => new Intl.RelativeTimeFormat('en').format(1, 'eon' as 'day'));
  await fails('TypeError', () => (Intl.PluralRules as unknown as () => void)());
  equal(Object.prototype.toString.call(new Intl.NumberFormat()), '[object Intl.NumberFormat]');
  const { hourCycle, hour, locale } = new Intl.DateTimeFormat('en-GB', { hour: 'numeric' }).resolvedOptions() as unknown as Record<string, string>;
  same([hourCycle, hour, locale], ['h23', '2-digit', 'en-GB']);
});

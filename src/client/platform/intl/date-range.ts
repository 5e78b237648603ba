/** Ranges of dates (ECMA-402, section 11.5.7): what both ends share is written once, where that leaves no doubt. */

export interface Part {
  type: string;
  value: string;
}

export interface RangePart extends Part {
  source: 'startRange' | 'endRange' | 'shared';
}

const timeTypes = ['hour', 'minute', 'second', 'fractionalSecond', 'dayPeriod', 'timeZoneName'];
const yearTypes = ['literal', 'year', 'relatedYear', 'yearName', 'era'];

const value = (parts: readonly Part[], type: string) => parts.find((part) => part.type === type)?.value;
const isSame = (left: Part | undefined, right: Part | undefined) => left !== undefined && left.type === right?.type && left.value === right.value;

/** How many parts at the start of both are shared, and may be. */
function shared(from: readonly Part[], to: readonly Part[], may: (part: Part) => boolean): number {
  let count = 0;
  while (count < from.length && isSame(from[count], to[count]) && may(from[count]!)) count += 1;
  return count;
}

/** How many parts are shared at the start and at the end. */
function common(from: readonly Part[], to: readonly Part[]): [start: number, end: number] {
  const [back, forth] = [from.toReversed(), to.toReversed()];
  const firstTime = from.findIndex((part) => timeTypes.includes(part.type));
  if (firstTime >= 0) {
    const dates = from.slice(0, firstTime);
    const isOneDay = dates.every((part, index) => isSame(part, to[index])) && timeTypes.includes(to[firstTime]?.type ?? '');
    if (!isOneDay) return [0, 0];
    return [firstTime, shared(back, forth, (part) => ['literal', 'dayPeriod', 'timeZoneName'].includes(part.type))];
  }
  // In digits, each end is written out: a day would be taken for a month.
  const month = value(from, 'month');
  if (month === undefined || /^\p{Nd}*$/u.test(month)) return [0, 0];
  const isWithin = isSame({ type: 'month', value: month }, to.find((part) => part.type === 'month'));
  const isOneYear = yearTypes.slice(1).every((type) => value(from, type) === value(to, type));
  if (!isOneYear) return [0, 0];
  const may = isWithin && value(from, 'weekday') === undefined ? () => true : (part: Part) => yearTypes.includes(part.type);
  return [shared(from, to, may), shared(back, forth, may)];
}

/** What stands between the ends: a dash, with thin spaces or none. */
function dash(locale: string, from: readonly Part[]): string {
  const language = /^[a-z]+/.exec(locale)![0];
  if (language === 'ja') return '～';
  if (language === 'ko') return ' ~ ';
  if (language === 'zh' || language === 'ar') return ' – ';
  const isBrief = from.length === 1 || from.every((part) => timeTypes.includes(part.type) || part.value === ':');
  const isTight = isBrief && (from[0]?.type === 'day' ? !['en', 'pt'].includes(language) : ['de', 'es'].includes(language));
  return isTight ? '–' : '\u2009–\u2009';
}

/** The parts of a range whose ends, which differ, have these parts. */
export function range(locale: string, from: readonly Part[], to: readonly Part[]): RangePart[] {
  const [start, end] = common(from, to);
  const own = (parts: readonly Part[]) => parts.slice(start, parts.length - end);
  const sourced = (parts: readonly Part[], source: RangePart['source']) => parts.map((part) => ({ ...part, source }));
  return [
    ...sourced(from.slice(0, start), 'shared'),
    ...sourced(own(from), 'startRange'),
    { type: 'literal', value: dash(locale, own(from)), source: 'shared' },
    ...sourced(own(to), 'endRange'),
    ...sourced(from.slice(from.length - end), 'shared'),
  ];
}

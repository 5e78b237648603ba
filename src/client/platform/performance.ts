/** `performance`: the clock (High Resolution Time) and the user's marks and measures (User Timing). */
import { structuredClone } from './clone.ts';
import { EventTarget } from './event.ts';
import { host } from './host.ts';
import { defineInterface, dictionary, domString, illegal, isObject, need } from './idl.ts';

let making = false;
const made = <T>(make: () => T): T => {
  making = true;
  try {
    return make();
  } finally {
    making = false;
  }
};

export class PerformanceEntry {
  #entry: { name: string; type: string; start: number; duration: number };
  constructor(name: string, type: string, start: number, duration: number) {
    if (!making) illegal();
    this.#entry = { name, type, start, duration };
  }
  get name(): string {
    return this.#entry.name;
  }
  get entryType(): string {
    return this.#entry.type;
  }
  get startTime(): number {
    return this.#entry.start;
  }
  get duration(): number {
    return this.#entry.duration;
  }
  toJSON(): object {
    const { name, type, start, duration } = this.#entry;
    return { name, entryType: type, startTime: start, duration };
  }
}
Object.defineProperty(PerformanceEntry, 'length', { value: 0, configurable: true });
defineInterface(PerformanceEntry);

/** A time as the options of `mark` and `measure` give it. */
function finite(value: unknown, what: string): number {
  const number = Number(value as number);
  if (!Number.isFinite(number)) throw new TypeError(`${what} is not a finite number`);
  return number;
}

export class PerformanceMark extends PerformanceEntry {
  #detail: unknown;
  constructor(markName: string, markOptions: unknown = undefined) {
    need(arguments, 1, 'PerformanceMark');
    const name = domString(markName);
    const o = dictionary(markOptions, 'the options');
    const { detail } = o;
    const start = o['startTime'] === undefined ? host.now() : finite(o['startTime'], 'startTime');
    if (start < 0) throw new TypeError('startTime is negative');
    making = true;
    super(name, 'mark', start, 0);
    making = false;
    this.#detail = detail === undefined || detail === null ? null : structuredClone(detail);
  }
  get detail(): unknown {
    return this.#detail;
  }
  override toJSON(): object {
    return { ...super.toJSON(), detail: this.#detail };
  }
}
defineInterface(PerformanceMark);

export class PerformanceMeasure extends PerformanceEntry {
  #detail: unknown;
  constructor(name: string, start: number, duration: number, detail: unknown) {
    super(name, 'measure', start, duration);
    this.#detail = detail;
  }
  get detail(): unknown {
    return this.#detail;
  }
  override toJSON(): object {
    return { ...super.toJSON(), detail: this.#detail };
  }
}
Object.defineProperty(PerformanceMeasure, 'length', { value: 0, configurable: true });
defineInterface(PerformanceMeasure);

export class Performance extends EventTarget {
  #entries: PerformanceEntry[] = [];
  constructor() {
    if (!making) illegal();
    super();
  }
  get timeOrigin(): number {
    this.#entries;
    return host.timeOrigin;
  }
  now(): number {
    this.#entries;
    return host.now();
  }
  toJSON(): object {
    this.#entries;
    return { timeOrigin: host.timeOrigin };
  }
  getEntries(): PerformanceEntry[] {
    // Sorted by start, in the order of creation where that is equal.
    return [...this.#entries].sort((a, b) => a.startTime - b.startTime);
  }
  getEntriesByType(type: string): PerformanceEntry[] {
    need(arguments, 1, 'Performance.getEntriesByType');
    const wanted = domString(type);
    return this.getEntries().filter((entry) => entry.entryType === wanted);
  }
  getEntriesByName(name: string, type: string | undefined = undefined): PerformanceEntry[] {
    need(arguments, 1, 'Performance.getEntriesByName');
    const wanted = domString(name);
    const kind = type === undefined ? undefined : domString(type);
    return this.getEntries().filter((entry) => entry.name === wanted && (kind === undefined || entry.entryType === kind));
  }
  #clear(type: string, name: unknown): void {
    const wanted = name === undefined ? undefined : domString(name);
    this.#entries = this.#entries.filter((entry) => entry.entryType !== type || (wanted !== undefined && entry.name !== wanted));
  }
  mark(markName: string, markOptions: unknown = undefined): PerformanceMark {
    this.#entries;
    need(arguments, 1, 'Performance.mark');
    const mark = new PerformanceMark(markName, markOptions);
    this.#entries.push(mark);
    return mark;
  }
  clearMarks(markName: string | undefined = undefined): void {
    this.#clear('mark', markName);
  }
  measure(measureName: string, startOrOptions: unknown = undefined, endMark: string | undefined = undefined): PerformanceMeasure {
    this.#entries;
    need(arguments, 1, 'Performance.measure');
    const name = domString(measureName);
    const o = isObject(startOrOptions) ? (startOrOptions as Record<string, unknown>) : undefined;
    const [detail, duration, end, start] = [o?.['detail'], o?.['duration'], o?.['end'], o ? o['start'] : (startOrOptions ?? undefined)];
    if (o && [start, end, duration, detail].some((member) => member !== undefined)) {
      if (endMark !== undefined) throw new TypeError('an end is given twice');
      if (start === undefined && end === undefined) throw new TypeError('neither start nor end is given');
      if (start !== undefined && end !== undefined && duration !== undefined) throw new TypeError('start, end and duration are given');
    }
    const span = duration === undefined ? undefined : this.#time(finite(duration, 'duration'));
    let to: number;
    if (endMark !== undefined) to = this.#time(domString(endMark));
    else if (end !== undefined) to = this.#time(end);
    else if (start !== undefined && span !== undefined) to = this.#time(start) + span;
    else to = host.now();
    let from: number;
    if (start !== undefined) from = this.#time(start);
    else if (span !== undefined) from = to - span;
    else from = 0;
    const copied = detail === undefined || detail === null ? null : structuredClone(detail);
    const measure = made(() => new PerformanceMeasure(name, from, to - from, copied));
    this.#entries.push(measure);
    return measure;
  }
  clearMeasures(measureName: string | undefined = undefined): void {
    this.#clear('measure', measureName);
  }
  /** "Convert a mark to a timestamp". */
  #time(mark: unknown): number {
    if (typeof mark === 'number') {
      const time = finite(mark, 'the time');
      if (time < 0) throw new TypeError('the time is negative');
      return time;
    }
    const name = domString(mark);
    const found = this.#entries.findLast((entry) => entry.entryType === 'mark' && entry.name === name);
    if (!found) throw new DOMException(`there is no mark ${JSON.stringify(name)}`, 'SyntaxError');
    return found.startTime;
  }
}
defineInterface(Performance);

export const performance = made(() => new Performance());

/** Intl.Segmenter (ECMA-402, section 19). */
import { canonicalList, choice, intl, named, object, type Options, resolve, supported } from './options.ts';

interface Segment {
  segment: string;
  index: number;
  input: string;
  isWordLike?: boolean;
}

const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;

class Segments {
  #input: string;
  #granularity: string;
  /** Where the segments end; those of words are negative. */
  #ends: number[];

  constructor(input: string, granularity: string) {
    this.#input = input;
    this.#granularity = granularity;
    this.#ends = intl.segments(granularity, input.toWellFormed());
  }

  #segment(at: number): Segment {
    const index = at === 0 ? 0 : Math.abs(this.#ends[at - 1]!);
    const end = this.#ends[at]!;
    const segment: Segment = { segment: this.#input.slice(index, Math.abs(end)), index, input: this.#input };
    if (this.#granularity === 'word') segment.isWordLike = end < 0;
    return segment;
  }

  containing(index?: unknown): Segment | undefined {
    const number = Math.trunc(Number(index)) || 0;
    if (number < 0 || number >= this.#input.length) return undefined;
    return this.#segment(this.#ends.findIndex((end) => Math.abs(end) > number));
  }

  [Symbol.iterator](): SegmentIterator {
    return new SegmentIterator((at) => (at < this.#ends.length ? this.#segment(at) : undefined));
  }
}
delete (Segments.prototype as { constructor?: unknown }).constructor;

class SegmentIterator {
  #at = 0;
  #segment: (at: number) => Segment | undefined;
  constructor(segment: (at: number) => Segment | undefined) {
    this.#segment = segment;
  }
  next(): { value: Segment | undefined; done: boolean } {
    const value = this.#segment(this.#at);
    if (value !== undefined) this.#at += 1;
    return { value, done: value === undefined };
  }
  declare [Symbol.iterator]: () => SegmentIterator;
}
delete (SegmentIterator.prototype as { constructor?: unknown }).constructor;
Object.setPrototypeOf(SegmentIterator.prototype, IteratorPrototype);
Object.defineProperty(SegmentIterator.prototype, Symbol.toStringTag, { value: 'Segmenter String Iterator', configurable: true });

export class Segmenter {
  #locale: string;
  #granularity: string;

  constructor(locales?: unknown, given?: unknown) {
    const requested = canonicalList(locales);
    const options = object(given);
    choice(options, 'localeMatcher', ['lookup', 'best fit'], 'best fit');
    this.#locale = resolve(requested, {}).locale;
    this.#granularity = choice(options, 'granularity', ['grapheme', 'word', 'sentence'], 'grapheme');
  }

  static supportedLocalesOf(locales: unknown, options?: unknown): string[] {
    return supported(locales, options);
  }

  segment(input: unknown): Segments {
    return new Segments(`${input as string}`, this.#granularity);
  }

  resolvedOptions(): Options {
    return { locale: this.#locale, granularity: this.#granularity };
  }
}
named(Segmenter, 'Segmenter');
Object.defineProperty(Segmenter, 'length', { value: 0, configurable: true });

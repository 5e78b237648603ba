/** SetNumberFormatDigitOptions, and numbers as the natives take them. */
import { choice, type Options, within } from './options.ts';

export interface Digits {
  minimumIntegerDigits: number;
  minimumFractionDigits?: number;
  maximumFractionDigits?: number;
  minimumSignificantDigits?: number;
  maximumSignificantDigits?: number;
  roundingIncrement: number;
  roundingMode: string;
  roundingPriority: string;
  trailingZeroDisplay: string;
}

const increments = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000];
const modes = ['ceil', 'floor', 'expand', 'trunc', 'halfCeil', 'halfFloor', 'halfExpand', 'halfTrunc', 'halfEven'];

export function digitOptions(options: Options, leastFraction: number, mostFraction: number, isCompact: boolean): Digits {
  const minimumIntegerDigits = within(options['minimumIntegerDigits'], 1, 21, 1, 'minimumIntegerDigits');
  let least: unknown = options['minimumFractionDigits'];
  let most: unknown = options['maximumFractionDigits'];
  let leastSignificant: unknown = options['minimumSignificantDigits'];
  let mostSignificant: unknown = options['maximumSignificantDigits'];
  const roundingIncrement = within(options['roundingIncrement'], 1, 5000, 1, 'roundingIncrement');
  if (!increments.includes(roundingIncrement)) throw new RangeError('roundingIncrement is out of range');
  const roundingMode = choice(options, 'roundingMode', modes, 'halfExpand');
  const priority = choice(options, 'roundingPriority', ['auto', 'morePrecision', 'lessPrecision'], 'auto');
  const trailingZeroDisplay = choice(options, 'trailingZeroDisplay', ['auto', 'stripIfInteger'], 'auto');
  const digits: Digits = { minimumIntegerDigits, roundingIncrement, roundingMode, roundingPriority: priority, trailingZeroDisplay };
  if (roundingIncrement !== 1) mostFraction = leastFraction;
  const saysSignificant = leastSignificant !== undefined || mostSignificant !== undefined;
  const saysFraction = least !== undefined || most !== undefined;
  let needsSignificant = true;
  let needsFraction = true;
  if (priority === 'auto') {
    needsSignificant = saysSignificant;
    if (needsSignificant || (!saysFraction && isCompact)) needsFraction = false;
  }
  if (needsSignificant) {
    if (saysSignificant) {
      leastSignificant = within(leastSignificant, 1, 21, 1, 'minimumSignificantDigits');
      mostSignificant = within(mostSignificant, leastSignificant as number, 21, 21, 'maximumSignificantDigits');
    } else {
      leastSignificant = 1;
      mostSignificant = 21;
    }
    digits.minimumSignificantDigits = leastSignificant as number;
    digits.maximumSignificantDigits = mostSignificant as number;
  }
  if (needsFraction) {
    if (saysFraction) {
      const low = within(least, 0, 100, undefined, 'minimumFractionDigits');
      const high = within(most, 0, 100, undefined, 'maximumFractionDigits');
      least = low ?? Math.min(leastFraction, high!);
      most = high ?? Math.max(mostFraction, low!);
      if ((least as number) > (most as number)) throw new RangeError('maximumFractionDigits is below minimumFractionDigits');
    } else {
      least = leastFraction;
      most = mostFraction;
    }
    digits.minimumFractionDigits = least as number;
    digits.maximumFractionDigits = most as number;
  }
  if (!needsSignificant && !needsFraction) {
    Object.assign(digits, {
      minimumFractionDigits: 0,
      maximumFractionDigits: 0,
      minimumSignificantDigits: 1,
      maximumSignificantDigits: 2,
      roundingPriority: 'morePrecision',
    });
  }
  if (roundingIncrement !== 1) {
    if (priority !== 'auto' || needsSignificant) throw new TypeError('roundingIncrement goes with fraction digits only');
    if (digits.maximumFractionDigits !== digits.minimumFractionDigits) throw new RangeError('roundingIncrement wants as many fraction digits at most as at least');
  }
  return digits;
}

/** The digits as `resolvedOptions` lists them. */
export function resolvedDigits(digits: Digits): Options {
  const resolved: Options = {};
  for (const name of ['minimumIntegerDigits', 'minimumFractionDigits', 'maximumFractionDigits', 'minimumSignificantDigits', 'maximumSignificantDigits'] as const) {
    if (digits[name] !== undefined) resolved[name] = digits[name];
  }
  return resolved;
}

/** ToIntlMathematicalValue, as text: decimal digits, `NaN`, `Infinity`. */
export function numeral(value: unknown): string {
  const primitive: unknown = typeof value === 'object' && value !== null ? toNumber(value) : value;
  if (typeof primitive === 'bigint') return primitive.toString();
  if (typeof primitive === 'string') {
    const text = primitive.trim();
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text)) return plain(text);
    return numeral(Number(text));
  }
  const number = Number(primitive);
  return Object.is(number, -0) ? '-0' : String(number).replace('e+', 'e');
}

/** `.5`, `5.` and `+5` as the natives read them. */
function plain(text: string): string {
  return text.replace(/^\+/, '').replace(/e\+/i, 'e').replace(/^(-?)\./, '$10.').replace(/\.(?=e|$)/i, '');
}

function toNumber(value: object): unknown {
  const convert = (value as { [Symbol.toPrimitive]?: unknown })[Symbol.toPrimitive];
  if (typeof convert === 'function') return Reflect.apply(convert, value, ['number']);
  for (const name of ['valueOf', 'toString'] as const) {
    const method: unknown = value[name];
    if (typeof method !== 'function') continue;
    const primitive: unknown = Reflect.apply(method, value, []);
    if (typeof primitive !== 'object' || primitive === null) return primitive;
  }
  throw new TypeError('the value is no number');
}

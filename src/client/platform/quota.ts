/** QuotaExceededError (Web IDL, section 2.8.2). */
import { defineInterface, dictionary } from './idl.ts';

function limit(value: unknown, what: string): number | null {
  if (value === undefined) return null;
  const number = Number(value as number);
  if (!Number.isFinite(number)) throw new TypeError(`${what} is not a finite number`);
  if (number < 0) throw new RangeError(`${what} is negative`);
  return number;
}

export class QuotaExceededError extends DOMException {
  #quota: number | null;
  #requested: number | null;
  constructor(message = '', options: unknown = undefined) {
    super(message, 'QuotaExceededError');
    const o = dictionary(options, 'the options');
    this.#quota = limit(o['quota'], 'quota');
    this.#requested = limit(o['requested'], 'requested');
    if (this.#quota !== null && this.#requested !== null && this.#requested < this.#quota) throw new RangeError('requested is less than quota');
  }
  get quota(): number | null {
    return this.#quota;
  }
  get requested(): number | null {
    return this.#requested;
  }
}
defineInterface(QuotaExceededError);

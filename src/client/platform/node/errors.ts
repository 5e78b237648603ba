/** Errors with the codes and in the words of Node, which packages test for. */
import { host } from '../host.ts';

function received(value: unknown): string {
  if (value === undefined || value === null) return `Received ${value}`;
  if (typeof value === 'function') return `Received function ${value.name}`;
  if (typeof value === 'object') {
    const { name } = (value.constructor ?? {}) as { name?: string };
    return name ? `Received an instance of ${name}` : 'Received an object';
  }
  const text = typeof value === 'string' ? `'${value.length > 25 ? `${value.slice(0, 25)}...` : value}'` : `${String(value)}${typeof value === 'bigint' ? 'n' : ''}`;
  return `Received type ${typeof value} (${text})`;
}

function coded<T extends Error>(error: T, code: string): T {
  return Object.assign(error, { code });
}

/** `expected` continues "must be": `of type string`, `an instance of Buffer`. */
export function invalidType(name: string, expected: string, value: unknown): TypeError {
  return coded(new TypeError(`The "${name}" ${name.includes('.') ? 'property' : 'argument'} must be ${expected}. ${received(value)}`), 'ERR_INVALID_ARG_TYPE');
}

/** `problem` goes on after the name. */
export function invalidValue(of: 'argument' | 'property', name: string, problem: string, value: unknown): TypeError {
  return coded(new TypeError(`The ${of} '${name}' ${problem}. Received ${host.inspect(value)}`), 'ERR_INVALID_ARG_VALUE');
}

export function invalidFunction(name: string, value: unknown): TypeError {
  return invalidType(name, 'of type function', value);
}

export function outOfRange(name: string, range: string, value: unknown): RangeError {
  let text = `${String(value)}${typeof value === 'bigint' ? 'n' : ''}`;
  // Long integers are shown in groups.
  if ((typeof value === 'bigint' || Number.isInteger(value)) && Math.abs(Number(value)) > 2 ** 32) text = text.replace(/\d(?=(\d{3})+(n?)$)/g, '$&_');
  return coded(new RangeError(`The value of "${name}" is out of range. It must be ${range}. Received ${text}`), 'ERR_OUT_OF_RANGE');
}

export function withCode(error: Error, code: string): Error {
  return coded(error, code);
}

/** Checks an offset or length argument: an integer from 0 to the limit; `fallback` when it is not given. */
export function offsetIn(name: string, value: unknown, fallback: number, limit: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < 0 || value > limit) throw outOfRange(name, `>= 0 && <= ${limit}`, value);
  return value;
}

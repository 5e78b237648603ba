/** `node:assert`. */
import { isDeepEqual } from './equality.ts';

export interface AssertionErrorOptions {
  message?: string | undefined;
  actual?: unknown;
  expected?: unknown;
  operator?: string;
  stackStartFn?: unknown;
}

export class AssertionError extends Error {
  code = 'ERR_ASSERTION';
  generatedMessage: boolean;
  actual: unknown;
  expected: unknown;
  operator: string | undefined;
  constructor(options: AssertionErrorOptions) {
    super(options.message ?? `${show(options.actual)} ${options.operator ?? 'is not'} ${show(options.expected)}`);
    this.name = 'AssertionError';
    this.generatedMessage = options.message === undefined;
    this.actual = options.actual;
    this.expected = options.expected;
    this.operator = options.operator;
  }
}

function show(value: unknown): string {
  if (typeof value === 'function') return value.name || 'a function';
  if (typeof value === 'string') return JSON.stringify(value);
  try {
    return (typeof value === 'object' && value !== null && JSON.stringify(value)) || String(value);
  } catch {
    return String(value);
  }
}

type Message = string | Error | undefined;

function fails(actual: unknown, expected: unknown, message: Message, operator: string, text?: string): never {
  if (message instanceof Error) throw message;
  throw new AssertionError({ message: message ?? text, actual, expected, operator });
}

export function ok(value: unknown, message?: Message): asserts value {
  if (!value) fails(value, true, message, '==', 'The expression evaluated to a falsy value');
}
export function fail(message: Message = 'Failed'): never {
  return fails(undefined, undefined, message, 'fail');
}
export function equal(actual: unknown, expected: unknown, message?: Message): void {
  // Loosely, with NaN equal to itself.
  if (!(actual == expected || (actual !== actual && expected !== expected))) fails(actual, expected, message, '==');
}
export function notEqual(actual: unknown, expected: unknown, message?: Message): void {
  if (actual == expected || (actual !== actual && expected !== expected)) fails(actual, expected, message, '!=');
}
export function strictEqual(actual: unknown, expected: unknown, message?: Message): void {
  if (!Object.is(actual, expected)) fails(actual, expected, message, 'strictEqual');
}
export function notStrictEqual(actual: unknown, expected: unknown, message?: Message): void {
  if (Object.is(actual, expected)) fails(actual, expected, message, 'notStrictEqual');
}
export function deepEqual(actual: unknown, expected: unknown, message?: Message): void {
  if (!isDeepEqual(actual, expected, false)) fails(actual, expected, message, 'deepEqual');
}
export function notDeepEqual(actual: unknown, expected: unknown, message?: Message): void {
  if (isDeepEqual(actual, expected, false)) fails(actual, expected, message, 'notDeepEqual');
}
export function deepStrictEqual(actual: unknown, expected: unknown, message?: Message): void {
  if (!isDeepEqual(actual, expected, true)) fails(actual, expected, message, 'deepStrictEqual');
}
export function notDeepStrictEqual(actual: unknown, expected: unknown, message?: Message): void {
  if (isDeepEqual(actual, expected, true)) fails(actual, expected, message, 'notDeepStrictEqual');
}
export function match(text: string, pattern: RegExp, message?: Message): void {
  if (typeof text !== 'string' || !pattern.test(text)) fails(text, pattern, message, 'match');
}
export function doesNotMatch(text: string, pattern: RegExp, message?: Message): void {
  if (typeof text === 'string' && pattern.test(text)) fails(text, pattern, message, 'doesNotMatch');
}
export function ifError(value: unknown): void {
  if (value !== null && value !== undefined) throw value instanceof Error ? value : new AssertionError({ message: `ifError got unwanted exception: ${show(value)}`, actual: value });
}

/** Whether what was thrown is as it was expected: by class, pattern, properties, or a function's word. */
function check(error: unknown, expected: unknown, message: Message): void {
  if (expected === undefined) return;
  if (expected instanceof RegExp) {
    if (!expected.test(String(error))) fails(error, expected, message, 'throws');
    return;
  }
  if (typeof expected === 'function') {
    if (expected.prototype !== undefined && error instanceof (expected as unknown as new () => object)) return;
    const isClass = expected === Error || Object.prototype.isPrototypeOf.call(Error, expected);
    if (isClass || (expected as (error: unknown) => unknown).call({}, error) !== true) {
      if (isClass && !(message instanceof Error)) throw error;
      fails(error, expected, message, 'throws');
    }
    return;
  }
  for (const key of [...Object.keys(expected as object), ...(expected instanceof Error ? ['name', 'message'] : [])]) {
    const wanted = (expected as Record<string, unknown>)[key];
    const found = (error as Record<string, unknown> | undefined)?.[key];
    const same = wanted instanceof RegExp && typeof found === 'string' ? wanted.test(found) : isDeepEqual(found, wanted, true);
    if (!same) fails(error, expected, message, 'throws', `the property ${key} is ${show(found)}, not ${show(wanted)}`);
  }
}

export function throws(run: () => unknown, expected?: unknown, message?: Message): void {
  if (typeof expected === 'string') [expected, message] = [undefined, expected];
  let thrown: { error: unknown } | undefined;
  try {
    run();
  } catch (error) {
    thrown = { error };
  }
  if (!thrown) fails(undefined, expected, message, 'throws', 'Missing expected exception.');
  else check(thrown.error, expected, message);
}
export function doesNotThrow(run: () => unknown, message?: Message): void {
  try {
    run();
  } catch (error) {
    fails(error, undefined, message, 'doesNotThrow', `Got unwanted exception: ${show(error)}`);
  }
}
export async function rejects(promise: PromiseLike<unknown> | (() => PromiseLike<unknown>), expected?: unknown, message?: Message): Promise<void> {
  let thrown: { error: unknown } | undefined;
  try {
    await (typeof promise === 'function' ? promise() : promise);
  } catch (error) {
    thrown = { error };
  }
  if (!thrown) fails(undefined, expected, message, 'rejects', 'Missing expected rejection.');
  else check(thrown.error, expected, message);
}
export async function doesNotReject(promise: PromiseLike<unknown> | (() => PromiseLike<unknown>), message?: Message): Promise<void> {
  try {
    await (typeof promise === 'function' ? promise() : promise);
  } catch (error) {
    fails(error, undefined, message, 'doesNotReject', `Got unwanted rejection: ${show(error)}`);
  }
}

const functions = {
  AssertionError,
  ok,
  fail,
  match,
  doesNotMatch,
  ifError,
  throws,
  doesNotThrow,
  rejects,
  doesNotReject,
  strictEqual,
  notStrictEqual,
  deepStrictEqual,
  notDeepStrictEqual,
};
/** `assert.strict`: the loose names mean the strict functions. */
export const strict = Object.assign((value: unknown, message?: Message) => ok(value, message), functions, {
  equal: strictEqual,
  notEqual: notStrictEqual,
  deepEqual: deepStrictEqual,
  notDeepEqual: notDeepStrictEqual,
});
Object.assign(strict, { strict });
const assert = Object.assign((value: unknown, message?: Message) => ok(value, message), functions, { equal, notEqual, deepEqual, notDeepEqual, strict });
export default assert;

/** Deep equality as `assert.deepEqual`, `assert.deepStrictEqual` and `util.isDeepStrictEqual` have it. */

import { answers } from '../idl.ts';

const tagOf = (value: object) => Object.prototype.toString.call(value);

/** Pairs that are being compared: a cycle is equal to a cycle of the same form. */
type Pairs = [object, object][];

export function isDeepEqual(a: unknown, b: unknown, strict: boolean): boolean {
  return equal(a, b, strict, []);
}

function equal(a: unknown, b: unknown, strict: boolean, pairs: Pairs): boolean {
  if (strict ? Object.is(a, b) : a == b || (a !== a && b !== b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (tagOf(a) !== tagOf(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  if (pairs.some(([x, y]) => x === a && y === b)) return true;
  pairs.push([a, b]);
  const same = content(a, b, strict, pairs) && properties(a, b, strict, pairs);
  pairs.pop();
  return same;
}

/** What is not in properties. */
function content(a: object, b: object, strict: boolean, pairs: Pairs): boolean {
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof RegExp) return String(a) === String(b) && a.lastIndex === (b as RegExp).lastIndex;
  if (a instanceof Error) return a.name === (b as Error).name && a.message === (b as Error).message;
  for (const c of [Number, String, Boolean, BigInt, Symbol]) {
    const valueOf = c.prototype.valueOf as (this: object) => unknown;
    if (answers(valueOf, a)) return answers(valueOf, b) && Object.is(valueOf.call(a), valueOf.call(b));
  }
  if (a instanceof Set && b instanceof Set) return a.size === b.size && matched([...a], [...b], strict, pairs);
  if (a instanceof Map && b instanceof Map) {
    if (a.size !== b.size) return false;
    return matched([...a], [...b], strict, pairs);
  }
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) return bytes(a.buffer, a.byteOffset, a.byteLength, b.buffer, b.byteOffset, b.byteLength);
  if (a instanceof ArrayBuffer && b instanceof ArrayBuffer) return bytes(a, 0, a.byteLength, b, 0, b.byteLength);
  return true;
}

function bytes(a: ArrayBufferLike, aStart: number, aLength: number, b: ArrayBufferLike, bStart: number, bLength: number): boolean {
  if (aLength !== bLength) return false;
  const [left, right] = [new Uint8Array(a, aStart, aLength), new Uint8Array(b, bStart, bLength)];
  return left.every((byte, i) => byte === right[i]);
}

/** Whether each item has a partner, in whatever order; first those that are the same value. */
function matched(a: unknown[], b: unknown[], strict: boolean, pairs: Pairs): boolean {
  const left = [...b];
  return a.every((item) => {
    const at = left.findIndex((other) => equal(item, other, strict, pairs));
    if (at < 0) return false;
    left.splice(at, 1);
    return true;
  });
}

function properties(a: object, b: object, strict: boolean, pairs: Pairs): boolean {
  // The elements of views were compared as bytes.
  const keysOf = (value: object) =>
    [
      ...Object.keys(value).filter((key) => !ArrayBuffer.isView(value) || !/^\d+$/.test(key)),
      ...(strict ? Object.getOwnPropertySymbols(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key)) : []),
    ] as string[];
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  const keys = keysOf(a);
  if (keys.length !== keysOf(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], strict, pairs));
}

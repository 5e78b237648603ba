/** Web IDL for classes written in ECMAScript: conversions of arguments, and the shape that bindings give an interface. */

/** Any class. */
export type Class = abstract new (...args: never[]) => object;

/** The prototype that all iterators of the language have. */
const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

/** Throws unless at least `count` arguments were given. */
export function need(args: ArrayLike<unknown>, count: number, where: string): void {
  if (args.length < count) {
    throw new TypeError(`${where}: ${count} argument${count > 1 ? 's' : ''} required, but only ${args.length} present`);
  }
}

/** The error of a private constructor. */
export function illegal(): never {
  throw new TypeError('Illegal constructor');
}

/** DOMString. Symbols throw. */
export function domString(value: unknown): string {
  return `${value as string}`;
}

/** USVString: lone surrogates become U+FFFD. */
export function usvString(value: unknown): string {
  return `${value as string}`.toWellFormed();
}

/** ByteString: code units up to 255. */
export function byteString(value: unknown): string {
  const text = `${value as string}`;
  const wide = text.search(/[^\0-\xff]/);
  if (wide >= 0) throw new TypeError(`the character at ${wide} of ${JSON.stringify(text)} is no byte`);
  return text;
}

/** An integer of a number of bits, wrapped around as ECMAScript's ToInt32 and its like do. */
export function integer(value: unknown, bits: number, signed: boolean): number {
  const number = Math.trunc(Number(value as number));
  if (!Number.isFinite(number)) return 0;
  const modulus = 2 ** bits;
  let wrapped = number % modulus;
  if (wrapped < 0) wrapped += modulus;
  if (signed && wrapped >= modulus / 2) wrapped -= modulus;
  return wrapped + 0;
}

/** `[EnforceRange] unsigned long long`. */
export function enforceRange(value: unknown, what: string): number {
  const number = Math.trunc(Number(value as number));
  if (!(number >= 0 && number <= Number.MAX_SAFE_INTEGER)) throw new TypeError(`${what} is out of range`);
  return number + 0;
}

/** `[Clamp] long long`. */
export function clampedInteger(value: unknown): number {
  const number = Number(value as number);
  if (Number.isNaN(number)) return 0;
  const clamped = Math.min(Math.max(number, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  const floor = Math.floor(clamped);
  const rest = clamped - floor;
  return (rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1) + 0;
}

/** Whether the value is an object in the sense of the language. */
export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** A dictionary argument: undefined and null are the empty one. */
export function dictionary(value: unknown, what: string): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new TypeError(`${what} is not an object`);
  return value as Record<string, unknown>;
}

/** One of an enumeration's values. */
export function oneOf<T extends string>(value: unknown, choices: readonly T[], what: string): T {
  const text = domString(value);
  if (!choices.includes(text as T)) throw new TypeError(`${what} can't be ${JSON.stringify(text)}`);
  return text as T;
}

/** A callback function. */
export function callable(value: unknown, what: string): (...args: unknown[]) => unknown {
  if (typeof value !== 'function') throw new TypeError(`${what} is not a function`);
  return value as (...args: unknown[]) => unknown;
}

/** Whether the value is a buffer source. */
export function isBufferSource(value: unknown): value is BufferSource {
  return ArrayBuffer.isView(value) || isArrayBuffer(value);
}

const byteLengthOf = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength')!.get!;
const sharedLengthOf =
  typeof SharedArrayBuffer === 'function' ? Object.getOwnPropertyDescriptor(SharedArrayBuffer.prototype, 'byteLength')!.get! : undefined;

/** Whether the value is an ArrayBuffer, whatever its prototype says. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return typeof value === 'object' && value !== null && answers(byteLengthOf, value);
}

/** Whether the value is a SharedArrayBuffer, whatever its prototype says. */
export function isSharedArrayBuffer(value: unknown): value is SharedArrayBuffer {
  return typeof value === 'object' && value !== null && sharedLengthOf !== undefined && answers(sharedLengthOf, value);
}

/** Whether a built-in method accepts the value as its receiver. */
export function answers(method: (...args: never[]) => unknown, value: unknown): boolean {
  try {
    method.call(value);
    return true;
  } catch {
    return false;
  }
}

/** The bytes a buffer source spans, not copied. A view that lies outside of its buffer spans none. */
export function bytesOf(source: BufferSource, allowShared = false): Uint8Array {
  if (!ArrayBuffer.isView(source)) return new Uint8Array(source);
  if (!allowShared && isSharedArrayBuffer(source.buffer)) throw new TypeError('the view is of shared memory');
  return new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength);
}

/** A copy of the bytes a buffer source spans. */
export function copyOf(source: BufferSource | Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytesOf(source as BufferSource));
}

const prototypes = new WeakSet<object>();

/** Whether the value inherits from an interface of the platform. */
export function isPlatformObject(value: object): boolean {
  for (let proto = Object.getPrototypeOf(value); proto; proto = Object.getPrototypeOf(proto)) if (prototypes.has(proto)) return true;
  return false;
}

/** A sequence: the iterator is asked for once, and each item is converted as it comes. */
export function sequence<T>(value: unknown, what: string, convert: (item: unknown) => T): T[] {
  if (!isObject(value)) throw new TypeError(`${what}: not a sequence`);
  const method = (value as Partial<Iterable<unknown>>)[Symbol.iterator];
  if (typeof method !== 'function') throw new TypeError(`${what}: not a sequence`);
  return sequenceBy(value, method, convert);
}

/** A sequence whose iterator method is known. */
export function sequenceBy<T>(value: object, method: () => Iterator<unknown>, convert: (item: unknown) => T): T[] {
  const items: T[] = [];
  for (const item of { [Symbol.iterator]: () => Reflect.apply(method, value, []) }) items.push(convert(item));
  return items;
}

/**
 * Gives a class the shape of a Web IDL interface: members enumerable, the class's name as string tag. `constants` stand on the class and on
 * its prototype.
 */
export function defineInterface(c: Class, constants: Record<string, number> = {}, tag = c.name): void {
  prototypes.add(c.prototype);
  for (const owner of [c.prototype, c] as object[]) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (name === 'constructor' || name === 'prototype' || name === 'name' || name === 'length') continue;
      Object.defineProperty(owner, name, { ...property, enumerable: true });
    }
    for (const [name, value] of Object.entries(constants)) {
      Object.defineProperty(owner, name, { value, enumerable: true, configurable: false, writable: false });
    }
  }
  Object.defineProperty(c.prototype, Symbol.toStringTag, { value: tag, configurable: true });
}

/** The pair iteration of an interface: `entries`, `keys`, `values`, `forEach` and `Symbol.iterator` over what `pairs` gives, live. */
export function definePairs<T extends object>(c: Class & { prototype: T }, pairs: (self: T) => readonly (readonly [string, unknown])[]): void {
  const state = new WeakMap<object, { of: T; kind: 'entries' | 'keys' | 'values'; at: number }>();
  const proto = Object.create(IteratorPrototype);
  const { next } = {
    next(this: object): IteratorResult<unknown> {
      const it = state.get(this);
      if (!it) throw new TypeError(`not an iterator of ${c.name}`);
      const pair = pairs(it.of)[it.at];
      if (!pair) return { value: undefined, done: true };
      it.at++;
      return { value: it.kind === 'entries' ? [pair[0], pair[1]] : pair[it.kind === 'keys' ? 0 : 1], done: false };
    },
  };
  Object.defineProperty(proto, 'next', { value: next, enumerable: true, configurable: true, writable: true });
  Object.defineProperty(proto, Symbol.toStringTag, { value: `${c.name} Iterator`, configurable: true });
  const iterate = (of: T, kind: 'entries' | 'keys' | 'values'): object => {
    pairs(of); // checks the receiver
    const it = Object.create(proto);
    state.set(it, { of, kind, at: 0 });
    return it;
  };
  const methods = {
    entries(this: T) {
      return iterate(this, 'entries');
    },
    keys(this: T) {
      return iterate(this, 'keys');
    },
    values(this: T) {
      return iterate(this, 'values');
    },
    forEach(this: T, callback: unknown, thisArg: unknown = undefined) {
      pairs(this);
      need(arguments, 1, `${c.name}.forEach`);
      const call = callable(callback, 'the callback');
      for (let i = 0, pair; (pair = pairs(this)[i]); i++) call.call(thisArg, pair[1], pair[0], this);
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(c.prototype, name, { value, enumerable: true, configurable: true, writable: true });
  }
  Object.defineProperty(c.prototype, Symbol.iterator, { value: methods.entries, enumerable: false, configurable: true, writable: true });
}

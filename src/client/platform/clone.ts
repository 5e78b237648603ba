/** Structured clone (HTML, "Safe passing of structured data"): values are serialized into thunks, which make the copies. */
import { host } from './host.ts';
import { answers, dictionary, isArrayBuffer, isObject, isPlatformObject, isSharedArrayBuffer, need, sequence } from './idl.ts';

/** Makes the copy, or gives the one it has made. */
type Thunk = () => unknown;

/** A class of the platform whose objects can be copied or transferred. */
export interface PlatformType {
  is(value: object): boolean;
  /** The way to a copy; absent when the type can't be copied. */
  serialize?(value: object): () => object;
  /** Takes the content out of an object, and gives the way to its successor. `DataCloneError` when it can't be. */
  transfer?(value: object): () => object;
}

const platformTypes: PlatformType[] = [];

/** Makes a type known: its module does so when it is evaluated, before which there can be no object of it. */
export function registerPlatformType(type: PlatformType): void {
  platformTypes.push(type);
}

function refuse(what: string): never {
  throw new DOMException(`${what} could not be cloned`, 'DataCloneError');
}

const getterOf = (c: { prototype: object } | undefined, name: PropertyKey) =>
  c && Object.getOwnPropertyDescriptor(c.prototype, name)?.get;
const mapSize = getterOf(Map, 'size')!;
const setSize = getterOf(Set, 'size')!;
const regexpSource = getterOf(RegExp, 'source')!;
const viewTag = getterOf(Object.getPrototypeOf(Uint8Array) as { prototype: object }, Symbol.toStringTag)!;
const viewOffset = getterOf(DataView, 'byteOffset')!;
const exceptionCode = getterOf(globalThis.DOMException as unknown as { prototype: object }, 'code');
const errors: Record<string, ErrorConstructor> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** Methods that only objects with internal slots which have no copy answer to. */
const exotic: ((...args: never[]) => unknown)[] = [WeakMap.prototype.has, WeakSet.prototype.has];
if (typeof WeakRef === 'function') exotic.push(WeakRef.prototype.deref);

class Serializer {
  #memory = new Map<object, Thunk>();

  /** Objects that are transferred are there before anything is serialized. */
  remember(value: object, thunk: Thunk): void {
    this.#memory.set(value, thunk);
  }

  serialize(value: unknown): Thunk {
    if (typeof value === 'symbol') refuse('a symbol');
    if (!isObject(value)) return () => value;
    const known = this.#memory.get(value);
    if (known) return known;
    if (typeof value === 'function') refuse('a function');
    if (host.isProxy(value)) refuse('a proxy');
    const proto = Object.getPrototypeOf(value);
    if (Array.isArray(value)) return this.#properties(value, () => new Array(value.length));
    if (proto !== Object.prototype && proto !== null) {
      const special = this.#special(value);
      if (special) return special;
    } else if (Object.prototype.toString.call(value) !== '[object Object]') {
      // Something built-in, with its prototype changed.
      const special = this.#special(value);
      if (special) return special;
    }
    return this.#properties(value, () => ({}));
  }

  /** Remembers how a copy is begun, and later what else belongs to it. */
  #keep(value: object, begin: () => object, rest?: () => (copy: object) => void): Thunk {
    let copy: object | undefined;
    let fill: ((copy: object) => void) | undefined;
    const thunk = () => {
      if (copy === undefined) {
        copy = begin();
        fill?.(copy);
      }
      return copy;
    };
    this.#memory.set(value, thunk);
    fill = rest?.();
    return thunk;
  }

  #properties(value: object, begin: () => object): Thunk {
    return this.#keep(value, begin, () => {
      const entries: [string, Thunk][] = [];
      for (const key of Object.keys(value)) {
        if (Object.hasOwn(value, key)) entries.push([key, this.serialize((value as Record<string, unknown>)[key])]);
      }
      return (copy) => {
        for (const [key, thunk] of entries) {
          Object.defineProperty(copy, key, { value: thunk(), writable: true, enumerable: true, configurable: true });
        }
      };
    });
  }

  /** Everything that is not an ordinary object or an array; undefined for those. */
  #special(value: object): Thunk | undefined {
    return this.#primitive(value) ?? this.#binary(value) ?? this.#collection(value) ?? this.#error(value) ?? this.#platform(value);
  }

  #primitive(value: object): Thunk | undefined {
    for (const c of [Boolean, Number, String] as const) {
      const valueOf = c.prototype.valueOf as (this: object) => unknown;
      if (answers(valueOf, value)) {
        const inner: unknown = valueOf.call(value);
        return this.#keep(value, () => Object(inner) as object);
      }
    }
    if (answers(BigInt.prototype.valueOf, value)) {
      const inner = BigInt.prototype.valueOf.call(value);
      return this.#keep(value, () => Object(inner) as object);
    }
    if (answers(Symbol.prototype.valueOf, value)) refuse('a symbol');
    if (answers(Date.prototype.getTime, value)) {
      const time = Date.prototype.getTime.call(value);
      return this.#keep(value, () => new Date(time));
    }
    // The prototype's `source` is "(?:)" for %RegExp.prototype% too, which is an ordinary object.
    if (value !== RegExp.prototype && answers(regexpSource, value)) {
      const source = regexpSource.call(value) as string;
      const flags = (value as RegExp).flags;
      return this.#keep(value, () => new RegExp(source, flags));
    }
    return undefined;
  }

  #binary(value: object): Thunk | undefined {
    if (isArrayBuffer(value)) {
      if (value.detached) refuse('a detached ArrayBuffer');
      const bytes = new Uint8Array(value).slice();
      const { resizable, maxByteLength } = value as ArrayBuffer & { resizable?: boolean; maxByteLength?: number };
      return this.#keep(value, () => (resizable ? resizableCopy(bytes, maxByteLength!) : bytes.buffer));
    }
    if (isSharedArrayBuffer(value)) refuse('a SharedArrayBuffer');
    if (!ArrayBuffer.isView(value)) return undefined;
    const buffer = this.serialize(value.buffer);
    const tag = viewTag.call(value) as string | undefined;
    // A view that its buffer has shrunk under has no elements to ask for.
    if (!answers(tag === undefined ? viewOffset : Uint8Array.prototype.keys, value)) refuse('a view outside of its buffer');
    const { byteOffset } = value;
    const length = tag === undefined ? value.byteLength : (value as Uint8Array).length;
    const c = tag === undefined ? (DataView as unknown as Uint8ArrayConstructor) : (globalThis as unknown as Record<string, Uint8ArrayConstructor>)[tag]!;
    return this.#keep(value, () => new c(buffer() as ArrayBuffer, byteOffset, length));
  }

  #collection(value: object): Thunk | undefined {
    if (answers(mapSize, value)) {
      return this.#keep(
        value,
        () => new Map(),
        () => {
          const copied: [unknown, unknown][] = [];
          Map.prototype.forEach.call(value, (v, k) => copied.push([k, v]));
          const entries = copied.map(([k, v]) => [this.serialize(k), this.serialize(v)] as const);
          return (copy) => entries.forEach(([k, v]) => (copy as Map<unknown, unknown>).set(k(), v()));
        },
      );
    }
    if (answers(setSize, value)) {
      return this.#keep(
        value,
        () => new Set(),
        () => {
          const copied: unknown[] = [];
          Set.prototype.forEach.call(value, (v) => copied.push(v));
          const entries = copied.map((v) => this.serialize(v));
          return (copy) => entries.forEach((v) => (copy as Set<unknown>).add(v()));
        },
      );
    }
    return undefined;
  }

  #error(value: object): Thunk | undefined {
    if (exceptionCode && answers(exceptionCode, value)) {
      const { message, name, stack } = value as DOMException;
      return this.#keep(value, () => withStack(new DOMException(message, name), stack));
    }
    if (!isError(value)) return undefined;
    const c = errors[`${(value as Error).name}`] ?? Error;
    const own = Object.getOwnPropertyDescriptor(value, 'message');
    const message = own && 'value' in own ? `${own.value as string}` : undefined;
    const { stack } = value as Error;
    const cause = Object.getOwnPropertyDescriptor(value, 'cause');
    return this.#keep(
      value,
      () => withStack(message === undefined ? new c() : new c(message), stack),
      () => {
        if (!cause || !('value' in cause)) return () => undefined;
        const copied = this.serialize(cause.value);
        return (error) => Object.defineProperty(error, 'cause', { value: copied(), writable: true, enumerable: false, configurable: true });
      },
    );
  }

  #platform(value: object): Thunk | undefined {
    const type = platformTypes.find((t) => t.is(value));
    if (type) {
      if (!type.serialize) refuse(`a ${value.constructor?.name ?? 'platform object'}`);
      return this.#keep(value, type.serialize(value));
    }
    // What else has internal slots shows itself by its own tag or by answering its methods.
    if (isPlatformObject(value) || value instanceof Promise || exotic.some((method) => answers(method, value))) refuse('the object');
    return undefined;
  }
}

function isError(value: object): boolean {
  const own = (Error as unknown as { isError?: (value: unknown) => boolean }).isError;
  // `Object.prototype.toString` sees the slot too, unless a tag hides it.
  return own ? own(value) : Object.prototype.toString.call(value) === '[object Error]' && value instanceof Error;
}

function withStack<T extends object>(error: T, stack: unknown): T {
  if (typeof stack === 'string') Object.defineProperty(error, 'stack', { value: stack, writable: true, enumerable: false, configurable: true });
  return error;
}

function resizableCopy(bytes: Uint8Array, maxByteLength: number): ArrayBuffer {
  const buffer = new (ArrayBuffer as new (length: number, options: object) => ArrayBuffer)(bytes.length, { maxByteLength });
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

/** A message under way: what makes the value, and the successors of what was transferred. */
export interface Serialized {
  value: Thunk;
  transferred: Thunk[];
}

/** "StructuredSerializeWithTransfer". Nothing is transferred when it throws before the last step. */
export function serializeWithTransfer(value: unknown, transfer: readonly object[]): Serialized {
  const serializer = new Serializer();
  const successors = new Map<object, { make: (() => object) | undefined; made: object | undefined }>();
  for (const object of transfer) {
    if (successors.has(object)) throw new DOMException('an object is transferred twice', 'DataCloneError');
    const type = platformTypes.find((t) => t.is(object));
    if (!isArrayBuffer(object) && !type?.transfer) throw new DOMException('a value can\'t be transferred', 'DataCloneError');
    const successor: { make: (() => object) | undefined; made: object | undefined } = { make: undefined, made: undefined };
    successors.set(object, successor);
    serializer.remember(object, () => (successor.made ??= successor.make!()));
  }
  const thunk = serializer.serialize(value);
  for (const [object, successor] of successors) {
    if (isArrayBuffer(object)) {
      if (object.detached) refuse('a detached ArrayBuffer');
      let moved: ArrayBuffer;
      try {
        moved = object.transfer();
      } catch {
        return refuse('an ArrayBuffer that can not be detached');
      }
      successor.make = () => moved;
    } else successor.make = platformTypes.find((t) => t.is(object))!.transfer!(object);
  }
  return { value: thunk, transferred: [...successors.values()].map((s) => () => (s.made ??= s.make!())) };
}

/** The `transfer` list of an options argument. */
export function transferOf(value: unknown): object[] {
  if (value === undefined) return [];
  return sequence(value, 'the list of transfers', (item) => {
    if (!isObject(item)) throw new TypeError('a value to be transferred is not an object');
    return item;
  });
}

export function structuredClone(value: unknown, options: unknown = undefined): unknown {
  need(arguments, 1, 'structuredClone');
  const transfer = transferOf(dictionary(options, 'the options')['transfer']);
  const message = serializeWithTransfer(value, transfer);
  for (const make of message.transferred) make();
  return message.value();
}

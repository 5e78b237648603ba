/** `node:util`, the part of it that packages use. */
import { TextDecoder, TextEncoder } from '../encoding.ts';
import { host } from '../host.ts';
import { answers, isArrayBuffer, isSharedArrayBuffer } from '../idl.ts';
import { isDeepEqual } from './equality.ts';
import { invalidFunction, invalidType } from './errors.ts';
import { parseArgs } from './parse-args.ts';
import { colors, styleText } from './style-text.ts';

type Function = (...args: never[]) => unknown;

const customPromisify: unique symbol = Symbol.for('nodejs.util.promisify.custom') as never;

export const promisify = Object.assign(
  (original: Function): Function => {
    if (typeof original !== 'function') throw invalidFunction('original', original);
    const custom = (original as unknown as Record<symbol, unknown>)[customPromisify];
    if (custom !== undefined) {
      if (typeof custom !== 'function') throw invalidFunction('util.promisify.custom', custom);
      return Object.defineProperty(custom, customPromisify, { value: custom, configurable: true }) as Function;
    }
    const promisified = function (this: unknown, ...args: unknown[]) {
      return new Promise((resolve, reject) => {
        Reflect.apply(original, this, [...args, (error: unknown, value: unknown) => (error ? reject(error) : resolve(value))]);
      });
    };
    Object.setPrototypeOf(promisified, Object.getPrototypeOf(original));
    Object.defineProperty(promisified, customPromisify, { value: promisified, configurable: true });
    return Object.defineProperties(promisified, Object.getOwnPropertyDescriptors(original));
  },
  { custom: customPromisify },
);

export function callbackify(original: (...args: unknown[]) => Promise<unknown>): Function {
  if (typeof original !== 'function') throw invalidFunction('original', original);
  const callbackified = function (this: unknown, ...args: unknown[]) {
    const callback = args.pop();
    if (typeof callback !== 'function') throw invalidFunction('last argument', callback);
    Reflect.apply(original, this, args).then(
      (value: unknown) => queueMicrotask(() => callback(null, value)),
      (reason: unknown) =>
        queueMicrotask(() => {
          const error = Object.assign(new Error('Promise was rejected with a falsy value'), { reason, code: 'ERR_FALSY_VALUE_REJECTION' });
          callback(reason || error);
        }),
    );
  };
  Object.defineProperty(callbackified, 'name', { value: `${original.name}Callbackified`, configurable: true });
  return callbackified;
}

export function inherits(constructor: Function, superConstructor: Function): void {
  if (typeof constructor !== 'function') throw invalidFunction('ctor', constructor);
  if (typeof superConstructor !== 'function') throw invalidFunction('superCtor', superConstructor);
  Object.defineProperty(constructor, 'super_', { value: superConstructor, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, superConstructor.prototype);
}

export function deprecate<T extends Function>(run: T, message: string, code?: string): T {
  let warned = false;
  return function (this: unknown, ...args: never[]) {
    if (!warned) {
      warned = true;
      console.warn(`${code ? `[${code}] ` : ''}DeprecationWarning: ${message}`);
    }
    return new.target ? Reflect.construct(run, args, new.target) : Reflect.apply(run, this, args);
  } as unknown as T;
}

export function format(...values: unknown[]): string {
  return host.format(...values);
}
export const inspect = Object.assign(host.inspect, { custom: Symbol.for('nodejs.util.inspect.custom'), colors });
export function isDeepStrictEqual(a: unknown, b: unknown): boolean {
  return isDeepEqual(a, b, true);
}
export function stripVTControlCharacters(text: string): string {
  if (typeof text !== 'string') throw invalidType('str', 'of type string', text);
  // Commands of the system with their end, links among them; or one of another kind, with its numbers.
  // eslint-disable-next-line no-control-regex -- these are what is to go
  return text.replace(/[\u001b\u009b][[\]()#;?]*(?:(?:(?:;[-a-zA-Z\d/#&.:=?%@~_]+)*|[a-zA-Z\d]+(?:;[-a-zA-Z\d/#&.:=?%@~_]*)*)(?:\u0007|\u001b\\|\u009c)|(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~])/g, '');
}
export function toUSVString(text: unknown): string {
  return `${text as string}`.toWellFormed();
}

/** Prints when `NODE_DEBUG` names the section. */
export function debuglog(section: string): ((...values: unknown[]) => void) & { enabled: boolean } {
  const names = `${(globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['NODE_DEBUG'] ?? ''}`;
  const enabled = names.split(',').some((name) => name.trim().toLowerCase() === section.toLowerCase());
  const log = (...values: unknown[]) => {
    if (enabled) console.error(`${section.toUpperCase()}: ${host.format(...values)}`);
  };
  return Object.assign(log, { enabled });
}

const getter = (prototype: object, name: PropertyKey) => Object.getOwnPropertyDescriptor(prototype, name)!.get!;
const tagOf = (value: unknown) => Object.prototype.toString.call(value);
const viewTag = getter(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
const isObject = (value: unknown) => typeof value === 'object' && value !== null;
const is = (method: (...args: never[]) => unknown) => (value: unknown) => isObject(value) && answers(method, value);
const view = (name: string) => (value: unknown) => viewTag.call(value) === name;
const isBoxed = (value: unknown) =>
  isObject(value) && [Number, String, Boolean, BigInt, Symbol].some((c) => answers(c.prototype.valueOf as () => unknown, value));

/** `util.types`. */
export const types = {
  isAnyArrayBuffer: (value: unknown) => isArrayBuffer(value) || isSharedArrayBuffer(value),
  isArrayBuffer,
  isSharedArrayBuffer,
  isArrayBufferView: (value: unknown) => ArrayBuffer.isView(value),
  isTypedArray: (value: unknown) => viewTag.call(value) !== undefined,
  isDataView: is(getter(DataView.prototype, 'byteLength')),
  isDate: is(Date.prototype.getTime),
  isMap: is(getter(Map.prototype, 'size')),
  isSet: is(getter(Set.prototype, 'size')),
  isWeakMap: is(WeakMap.prototype.has),
  isWeakSet: is(WeakSet.prototype.has),
  isRegExp: (value: unknown) => value !== RegExp.prototype && is(getter(RegExp.prototype, 'source'))(value),
  isPromise: (value: unknown) => isObject(value) && value instanceof Promise,
  isNativeError: (value: unknown) => tagOf(value) === '[object Error]' && value instanceof Error,
  isBoxedPrimitive: isBoxed,
  isNumberObject: is(Number.prototype.valueOf),
  isStringObject: is(String.prototype.valueOf),
  isBooleanObject: is(Boolean.prototype.valueOf),
  isBigIntObject: is(BigInt.prototype.valueOf),
  isSymbolObject: is(Symbol.prototype.valueOf),
  isAsyncFunction: (value: unknown) => typeof value === 'function' && /^\[object Async(Generator)?Function\]$/.test(tagOf(value)),
  isGeneratorFunction: (value: unknown) => typeof value === 'function' && /^\[object (Async)?GeneratorFunction\]$/.test(tagOf(value)),
  isGeneratorObject: (value: unknown) => isObject(value) && tagOf(value) === '[object Generator]',
  isProxy: (value: unknown) => host.isProxy(value),
  isArgumentsObject: (value: unknown) => isObject(value) && tagOf(value) === '[object Arguments]',
  ...Object.fromEntries(
    ['Uint8', 'Uint8Clamped', 'Uint16', 'Uint32', 'Int8', 'Int16', 'Int32', 'Float32', 'Float64', 'BigInt64', 'BigUint64'].map((name) => [
      `is${name}Array`,
      view(`${name}Array`),
    ]),
  ),
};

export { parseArgs, styleText, TextDecoder, TextEncoder };
export default {
  promisify,
  callbackify,
  inherits,
  deprecate,
  format,
  inspect,
  isDeepStrictEqual,
  parseArgs,
  styleText,
  stripVTControlCharacters,
  toUSVString,
  debuglog,
  debug: debuglog,
  types,
  isArray: Array.isArray,
  TextDecoder,
  TextEncoder,
};

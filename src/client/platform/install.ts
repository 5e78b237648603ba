/** Puts the platform on a global object: each name is a getter that evaluates its module at first use, and then makes way for the value. */
import { type Host, provide } from './host.ts';
import { report } from './report.ts';

/** Evaluates a module of this folder (`url` is `./url.ts`), or finds it evaluated, and gives what it exports. */
export type Load = (module: string) => Record<string, unknown>;

/** The interfaces of each module. Not enumerable, as everywhere. */
const interfaces: Record<string, string[]> = {
  event: ['Event', 'CustomEvent', 'ErrorEvent', 'PromiseRejectionEvent', 'EventTarget'],
  abort: ['AbortController', 'AbortSignal'],
  message: ['MessageEvent', 'MessageChannel', 'MessagePort'],
  encoding: ['TextEncoder', 'TextDecoder', 'TextEncoderStream', 'TextDecoderStream'],
  compression: ['CompressionStream', 'DecompressionStream'],
  'intl/intl': ['Intl'],
  url: ['URL'],
  'url-search-params': ['URLSearchParams'],
  blob: ['Blob', 'File'],
  'form-data': ['FormData'],
  headers: ['Headers'],
  request: ['Request'],
  response: ['Response'],
  crypto: ['Crypto'],
  'crypto/key': ['CryptoKey'],
  'crypto/subtle': ['SubtleCrypto'],
  quota: ['QuotaExceededError'],
  performance: ['Performance', 'PerformanceEntry', 'PerformanceMark', 'PerformanceMeasure'],
  navigator: ['Navigator'],
  'streams/strategies': ['ByteLengthQueuingStrategy', 'CountQueuingStrategy'],
  'streams/readable': ['ReadableStream'],
  'streams/readers': ['ReadableStreamDefaultReader', 'ReadableStreamBYOBReader'],
  'streams/readable-default': ['ReadableStreamDefaultController'],
  'streams/readable-byte-interface': ['ReadableByteStreamController', 'ReadableStreamBYOBRequest'],
  'streams/writable': ['WritableStream', 'WritableStreamDefaultWriter', 'WritableStreamDefaultController'],
  'streams/transform': ['TransformStream', 'TransformStreamDefaultController'],
};

/** Functions and attributes of the global object: enumerable. */
const operations: Record<string, string[]> = {
  clone: ['structuredClone'],
  crypto: ['crypto'],
  performance: ['performance'],
  navigator: ['navigator'],
  'node/buffer': ['Buffer'],
  'global-events': ['addEventListener', 'removeEventListener', 'dispatchEvent', 'reportError'],
};

/** The methods of the language's own prototypes that `Intl` is behind. */
const localized: [prototype: object, of: string, methods: string[]][] = [
  [Number.prototype, 'Number', ['toLocaleString']],
  [BigInt.prototype, 'BigInt', ['toLocaleString']],
  [Date.prototype, 'Date', ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']],
  [String.prototype, 'String', ['localeCompare', 'toLocaleUpperCase', 'toLocaleLowerCase']],
  [Array.prototype, 'Array', ['toLocaleString']],
  [Object.getPrototypeOf(Uint8Array.prototype) as object, 'TypedArray', ['toLocaleString']],
];

type Method = (receiver: unknown, args: unknown[]) => unknown;

function localize(load: Load): void {
  const call = (of: string, name: string, receiver: unknown, args: unknown[]) =>
    (load('intl/intl')['methods'] as Record<string, Record<string, Method>>)[of]![name]!(receiver, args);
  for (const [prototype, of, names] of localized) {
    for (const name of names) {
      // Methods, for they are no constructors; with as many arguments as ECMA-262 gives them.
      const { [name]: value } =
        name === 'localeCompare'
          ? { [name](this: unknown, that: unknown, ...rest: unknown[]) { return call(of, name, this, [that, ...rest]); } }
          : { [name](this: unknown, ...args: unknown[]) { return call(of, name, this, args); } };
      Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
    }
  }
}

/** What the host reports to. */
export interface Platform {
  /** A rejection without a handler; true when the program took care of it, else it is an uncaught error. */
  unhandledRejection(promise: Promise<unknown>, reason: unknown): boolean;
  /** That one has got a handler after all. */
  rejectionHandled(promise: Promise<unknown>, reason: unknown): void;
  /** An exception that reached the event loop. */
  uncaught(error: unknown): void;
}

/** Defines everything on the global object; evaluates nothing of it. */
export function install(global: object, natives: Host, load: Load): Platform {
  provide(natives);
  let listening = false;
  const lazy = (name: string, module: string, enumerable: boolean) => {
    Object.defineProperty(global, name, {
      get: () => {
        if (module === 'global-events') listening = true;
        const value = load(module)[name];
        Object.defineProperty(global, name, { value, writable: true, configurable: true, enumerable });
        return value;
      },
      set: (value: unknown) => Object.defineProperty(global, name, { value, writable: true, configurable: true, enumerable }),
      configurable: true,
      enumerable,
    });
  };
  for (const [module, names] of Object.entries(interfaces)) for (const name of names) lazy(name, module, false);
  for (const [module, names] of Object.entries(operations)) for (const name of names) lazy(name, module, true);
  localize(load);
  if (natives.fetch) lazy('fetch', 'fetch', true);
  Object.defineProperty(global, 'self', { value: global, writable: true, configurable: true, enumerable: true });
  for (const name of ['onerror', 'onunhandledrejection', 'onrejectionhandled']) {
    const property = () => {
      listening = true;
      return Object.getOwnPropertyDescriptor(load('global-events')['handlers'] as object, name)!;
    };
    Object.defineProperty(global, name, {
      get: () => (listening ? (property().get!.call(global) as unknown) : null),
      set: (value: unknown) => property().set!.call(global, value),
      configurable: true,
      enumerable: true,
    });
  }
  const events = () => load('global-events') as Record<string, (...args: unknown[]) => unknown>;
  return {
    unhandledRejection: (promise, reason) => listening && (events()['unhandledRejection']!(promise, reason) as boolean),
    rejectionHandled: (promise, reason) => void (listening && events()['rejectionHandled']!(promise, reason)),
    uncaught: report,
  };
}

// What is shown of objects, most of them the web platform's, whose properties are all getters of their prototypes.

/** By the name of the interface: the attributes that are shown. */
const attributes: Record<string, readonly string[]> = {
  URL: ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'searchParams', 'hash'],
  // Not the bodies, whose streams would be made by that.
  Request: ['method', 'url', 'headers', 'bodyUsed', 'mode', 'credentials', 'cache', 'redirect', 'referrer', 'integrity', 'keepalive', 'signal'],
  Response: ['status', 'statusText', 'headers', 'bodyUsed', 'ok', 'redirected', 'type', 'url'],
  DataView: ['byteLength', 'byteOffset', 'buffer'],
  Blob: ['size', 'type'],
  File: ['size', 'type', 'name', 'lastModified'],
  AbortController: ['signal'],
  AbortSignal: ['aborted'],
  ReadableStream: ['locked'],
  WritableStream: ['locked'],
  TransformStream: ['readable', 'writable'],
  CustomEvent: ['type', 'defaultPrevented', 'cancelable', 'timeStamp', 'detail'],
  Event: ['type', 'defaultPrevented', 'cancelable', 'timeStamp'],
  MessageEvent: ['type', 'data', 'timeStamp'],
  ErrorEvent: ['type', 'message', 'error'],
  CryptoKey: ['type', 'extractable', 'algorithm', 'usages'],
};

/** Those that hold pairs, and whether these are shown like properties. */
const pairs: Record<string, boolean> = { Headers: true, FormData: true, URLSearchParams: false };

export interface Shown {
  readonly entries: readonly (readonly [key: string, value: unknown])[];
  /** Whether they stand as properties do, and not as the entries of a map. */
  readonly areProperties: boolean;
}

/** What there is to show of an object with this tag; `undefined`: it is none of the platform's. */
export function shownOf(value: object, tag: string): Shown | undefined {
  const names = Object.hasOwn(attributes, tag) ? attributes[tag]! : undefined;
  if (names === undefined && !Object.hasOwn(pairs, tag)) return undefined;
  const type = (globalThis as unknown as Record<string, unknown>)[tag];
  if (typeof type !== 'function' || !(value instanceof type) || value === type.prototype) return undefined;
  if (names === undefined) return { entries: [...(value as Iterable<[string, unknown]>)], areProperties: pairs[tag]! };
  const object = value as Record<string, unknown>;
  return { entries: names.filter((name) => name in object).map((name) => [name, object[name]]), areProperties: true };
}

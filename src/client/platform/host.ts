/**
 * What the platform needs from the process around the engine: everything else under this folder is plain ECMAScript.
 * The Rust side implements `Host`; the modules reach it through `host`, which `install` sets before any of them runs.
 *
 * The engine itself gives `DOMException`, `atob` and `btoa` (QuickJS-ng 0.16), which are left as they are; the console, the timers and
 * `process` are those of `../server`.
 */

/** The parts of a parsed URL, each as the getter of the same name in the URL standard gives it. */
export interface UrlParts {
  href: string;
  origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
}

/** The settable parts: the setters of the URL standard, except `href` (which is a parse) and `search` parameters. */
export type UrlPart =
  | 'protocol' | 'username' | 'password' | 'host' | 'hostname' | 'port' | 'pathname' | 'search' | 'hash';

/** Turns bytes into text, piece by piece. `last` ends the stream: what is incomplete then is malformed. */
export type HostDecoder = (bytes: Uint8Array, last: boolean) => string;

/** One HTTP exchange as the host sees it. Never follows a redirect, keeps no cookies, has no cache. */
export interface HostRequest {
  /** In the case it is to be sent in. */
  method: string;
  /** `http:` or `https:`, without fragment. */
  url: string;
  /** Names in lower case, in the order they are to be sent; values are byte strings (each code unit below 256). */
  headers: [string, string][];
  /** Bytes of known length, pieces, or nothing. */
  body: Uint8Array | HostBody | undefined;
}

/** A body that is sent in pieces, each asked for when there is room for it. */
export interface HostBody {
  /** The next piece; undefined at the end. Where it rejects, the exchange is aborted. */
  next(): Promise<Uint8Array | undefined>;
  /** No more is wanted. */
  cancel(reason: unknown): void;
}

/** The answer to a `HostRequest`: its head, and the body as it comes. */
export interface HostResponse {
  status: number;
  statusText: string;
  /** As received, in order, a name as often as it came; values are byte strings. */
  headers: [string, string][];
  /** The next piece of the body, content codings (gzip, br, deflate) undone, and not among the headers; undefined at the end; rejects when the connection breaks. */
  read(): Promise<Uint8Array | undefined>;
}

/** A running exchange. `abort` ends it at once, and closes the connection; `response` and `read` then reject (with anything). */
export interface HostExchange {
  response: Promise<HostResponse>;
  abort(reason?: unknown): void;
}

/**
 * Feeds a stream of bytes through a compressor or decompressor; `take` is called with each piece that comes of them, none of which is
 * empty. An error in compressed data is thrown as a `TypeError`: bytes after its end, and after `last` an end that is not there.
 */
export type HostCodec = (bytes: Uint8Array, last: boolean, take: (piece: Uint8Array) => void) => void;

/** Functions that format numbers: decimal digits as ECMAScript writes them, to parts (what, text, what, text …). */
export type HostNumber = (number: string) => string[];

export interface HostPlural {
  categories: string[];
  /** The category of a number; with another one, of the range of both. */
  select(number: string, end?: string): string;
}

/** A formatter of dates, which are milliseconds since 1970. */
export interface HostDate {
  calendar: string;
  /** As CLDR writes patterns. */
  pattern: string;
  format(date: number): string[];
}

export type HostCollator = (left: string, right: string) => -1 | 0 | 1;

/** The locale data. Tags are canonical, options those that ECMA-402 resolves, strings well formed; what there are no data for is a `RangeError`. */
export interface HostIntl {
  canonicalLocale(tag: string): string | undefined;
  localeParts(tag: string): { baseName: string; language: string; script?: string; region?: string; variants: string };
  likelyLocale(tag: string, full: boolean): string;
  number(tag: string, options: object): HostNumber;
  plural(tag: string, options: object): HostPlural;
  /** `options`: a `skeleton`, or `dateStyle` and `timeStyle`; and a `timeZone`. */
  date(tag: string, options: object): HostDate;
  /** The narrow names of the months, or of the days of a week from Sunday on; undefined where there are none. */
  narrowNames(tag: string, of: 'month' | 'weekday'): string[] | undefined;
  /** The name of a time zone as the database spells it. */
  zone(name: string): string | undefined;
  zones(): string[];
  /** The zone of the environment: UTC in hooks. */
  defaultZone(): string;
  /** The language that the environment asks for, as a canonical tag; undefined in hooks, and where it asks for none. */
  defaultLocale(): string | undefined;
  list(tag: string, type: string, style: string, items: string[]): string[];
  relativeTime(tag: string, unit: string, style: string, numeric: boolean): HostNumber;
  displayName(tag: string, options: object, code: string): string | undefined;
  collator(tag: string, sensitivity: string, ignorePunctuation: boolean | undefined): HostCollator;
  /** Where the segments of a text end, in code units; negative, where they are words. */
  segments(granularity: string, text: string): number[];
  cased(tag: string, text: string, upper: boolean): string;
}

/**
 * What `crypto.subtle` needs. Hashes and curves are named as the Web Cryptography API does it. What can't be done, or is not what it
 * should be, is undefined.
 */
export interface HostSubtle {
  hmac(hash: string, key: Uint8Array, data: Uint8Array): Uint8Array;
  pbkdf2(hash: string, password: Uint8Array, salt: Uint8Array, iterations: number, length: number): Uint8Array;
  scrypt(password: Uint8Array, salt: Uint8Array, logN: number, r: number, p: number, length: number): Uint8Array | undefined;
  hkdf(hash: string, secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array | undefined;
  /** The tag, of `tagLength` bytes, stands behind the data. */
  aesGcm(
    key: Uint8Array,
    iv: Uint8Array,
    additional: Uint8Array,
    tagLength: number,
    data: Uint8Array,
    encrypts: boolean,
  ): Uint8Array | undefined;
  aesCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array, encrypts: boolean): Uint8Array | undefined;
  /** The last `bits` bits of the block `counter` count. */
  aesCtr(key: Uint8Array, counter: Uint8Array, bits: number, data: Uint8Array): Uint8Array | undefined;
  aesKw(key: Uint8Array, data: Uint8Array, wraps: boolean): Uint8Array | undefined;
  /** The point that belongs to a private number, uncompressed. */
  ecPublic(curve: string, d: Uint8Array): Uint8Array | undefined;
  /** A point in whatever form, uncompressed. */
  ecPoint(curve: string, point: Uint8Array): Uint8Array | undefined;
  ecdh(curve: string, d: Uint8Array, point: Uint8Array): Uint8Array | undefined;
  /** Of a digest that has at least half as many bytes as the curve's numbers. */
  ecdsaSign(curve: string, d: Uint8Array, digest: Uint8Array): Uint8Array | undefined;
  ecdsaVerify(curve: string, point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean;
  ed25519Public(d: Uint8Array): Uint8Array | undefined;
  ed25519Sign(d: Uint8Array, data: Uint8Array): Uint8Array | undefined;
  ed25519Verify(x: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean;
  x25519(d: Uint8Array, x: Uint8Array): Uint8Array | undefined;
  /** Whether these are the numbers `n`, `e`, `d`, `p`, `q`, `dp`, `dq` and `qi` of a private key, of at most 4096 bits. */
  rsaHolds(key: Uint8Array[]): boolean;
  /** By RSASSA-PKCS1-v1_5, or RSA-PSS with a salt as long as the digest; SHA-1 is no hash for it. */
  rsaSign(key: Uint8Array[], isPss: boolean, hash: string, data: Uint8Array): Uint8Array | undefined;
  /** The key is `n` and `e`, of 2048 to 8192 bits. */
  rsaVerify(key: Uint8Array[], isPss: boolean, hash: string, data: Uint8Array, signature: Uint8Array): boolean;
}

/** The natives. All are synchronous and throw nothing unless said. */
export interface Host {
  /** Milliseconds since `timeOrigin`, monotonic, with fractions as fine as the host allows. */
  now(): number;
  /** Milliseconds since 1970 of the moment that `now` counts from. */
  timeOrigin: number;
  /**
   * Asks to be called back once, not before `delay` milliseconds (0 or more, may be fractional) have passed, as a task of its own:
   * the engine's job queue is run dry before and after. A new call replaces the wish that is still open; a negative delay withdraws it.
   * While a wish that is counted is open the program is not at its end.
   */
  wake(delay: number, callback: () => void, isCounted: boolean): void;
  /** Asks the context of a hook, as `native.ask` does. Where no hook runs, the code is `ENOSYS`. */
  ask(question: string, path: string): readonly [code: string | null, answer: unknown];
  /**
   * From now on, functions are told of promises: of each that is made, and by `then` of which other one; that is fulfilled; whose thenable's
   * `then` is about to be called; and that a job has ended, or a task begins. What they throw is lost.
   */
  watchPromises(
    made: (promise: Promise<unknown>, parent: Promise<unknown> | undefined) => void,
    fulfilled: (promise: Promise<unknown>) => void,
    adopts: (promise: Promise<unknown>) => void,
    proceed: () => void,
  ): void;
  /**
   * `then` of a promise that is pending, whatever class it is of; nobody is told of the promise that comes of it. Of others, whether it is
   * rejected; of other objects, undefined.
   */
  react(promise: object, fulfilled: () => void, rejected: () => void): boolean | undefined;
  /** An exception that nobody caught, of whatever type: `hookfs run` prints it and ends with status 1. */
  uncaught(error: unknown): void;
  /** So many bytes from a cryptographically strong source (in a hook: as of the computation). */
  random(count: number): Uint8Array;
  /** The digest by MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512 or SHA-512/256 (spelled so). */
  digest(algorithm: string, bytes: Uint8Array): Uint8Array;
  /** Whether a value is a proxy. */
  isProxy(value: unknown): boolean;
  /** What `crypto.subtle` needs. */
  subtle(): HostSubtle;
  /** The UTF-8 bytes of a well-formed string, as a new array over the whole of a buffer of its own. */
  encodeUtf8(text: string): Uint8Array;
  /** The name, in lower case, that the Encoding standard gives a label (already trimmed, lower case); undefined for unknown labels and `replacement`. */
  encodingName(label: string): string | undefined;
  /**
   * A decoder by the Encoding standard for a name from `encodingName`. `fatal`: malformed input throws a `TypeError`, else it becomes
   * U+FFFD. `keepBom`: a byte order mark at the start is given as U+FEFF, else swallowed. After `last`, and after an error, it begins anew.
   */
  decoder(name: string, fatal: boolean, keepBom: boolean): HostDecoder;
  /** Parses by the URL standard, on top of a base when one is given (a serialized URL); undefined on failure. Strings are well formed. */
  parseUrl(input: string, base: string | undefined): UrlParts | undefined;
  /** What the setter of that part in the URL standard makes of a serialized URL; the same parts where it has no effect. */
  setUrlPart(href: string, part: UrlPart, value: string): UrlParts;
  /** Domain names as in the URL standard; the empty string on failure. */
  domainToAscii(domain: string): string;
  domainToUnicode(domain: string): string;
  /** Begins an exchange. Absent where the program has no network (hooks): then there is no `fetch` either. */
  fetch?(request: HostRequest): HostExchange;
  /** Compression by `gzip`, `deflate` (zlib) or `deflate-raw`. */
  compressor(format: string): HostCodec;
  decompressor(format: string): HostCodec;
  /** What `Intl` needs. */
  intl(): HostIntl;
  /** What the console makes of values: `util.inspect` and `util.format`. */
  inspect(value: unknown, options?: object): string;
  format(...values: unknown[]): string;
  /** Evaluates a module of this folder that is not needed before it is used (`crypto/subtle`), or finds it evaluated. */
  load(module: string): unknown;
  /** For `navigator.userAgent`. */
  userAgent: string;
}

/** The host of this context. */
export let host: Host;

/** Sets the host: once, before another module of the platform is evaluated. */
export function provide(natives: Host): void {
  host = natives;
}

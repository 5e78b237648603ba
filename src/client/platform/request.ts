/** Request (Fetch standard, 5.4). What only browsers act upon (mode, credentials, cache …) is checked and kept. */
import { AbortSignal, anyOf, isAbortSignal } from './abort.ts';
import { Body, type BodyOwner, defineBody, extractBody } from './body.ts';
import { createHeaders, fillHeaders, type Guard, HeaderList, type Headers, listOf } from './headers.ts';
import { host, type UrlParts } from './host.ts';
import { byteString, defineInterface, dictionary, domString, isObject, need, oneOf, usvString } from './idl.ts';

const token = /^[!#$%&'*+\-.^_`|~\w]+$/;
const referrerPolicies = [
  '',
  'no-referrer',
  'no-referrer-when-downgrade',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
] as const;

interface State extends BodyOwner {
  method: string;
  url: UrlParts;
  headers: Headers;
  signal: AbortSignal;
  referrer: string;
  referrerPolicy: string;
  mode: string;
  credentials: string;
  cache: string;
  redirect: string;
  integrity: string;
  keepalive: boolean;
}

let stateOf: (request: Request) => State;
/** Whether the value is a Request. */
export let isRequest: (value: unknown) => value is Request;

/** Relative URLs are resolved against a `location` that the program has given itself; there is none of its own. */
export function parseRelative(url: string): UrlParts | undefined {
  const { location } = globalThis as { location?: { href: string } };
  return host.parseUrl(url, location && `${location.href}`);
}

/** The method, spelled as the standard wants it. */
function methodOf(value: unknown): string {
  const method = byteString(value);
  if (!token.test(method)) throw new TypeError(`not a method: ${JSON.stringify(method)}`);
  const upper = method.toUpperCase();
  if (['CONNECT', 'TRACE', 'TRACK'].includes(upper)) throw new TypeError(`the method ${upper} is forbidden`);
  return ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'].includes(upper) ? upper : method;
}

function referrerOf(value: unknown): string {
  const text = usvString(value);
  if (text === '') return 'no-referrer';
  const parts = parseRelative(text);
  if (!parts) throw new TypeError(`the referrer is not a URL: ${text}`);
  if (parts.protocol === 'about:' && parts.pathname === 'client') return 'client';
  const { location } = globalThis as { location?: { origin: string } };
  return !location || parts.origin !== location.origin ? 'client' : parts.href;
}

/** The members of a RequestInit, read in the order of their names. */
function readInit(init: unknown) {
  const o = dictionary(init, 'the options');
  const enumeration = <T extends string>(name: string, choices: readonly T[]) => {
    const value = o[name];
    return value === undefined ? undefined : oneOf(value, choices, name);
  };
  const body = o['body'];
  const cache = enumeration('cache', ['default', 'force-cache', 'no-cache', 'no-store', 'only-if-cached', 'reload']);
  const credentials = enumeration('credentials', ['include', 'omit', 'same-origin']);
  const duplex = enumeration('duplex', ['half']);
  const headers = o['headers'];
  const integrity = o['integrity'] === undefined ? undefined : domString(o['integrity']);
  const keepalive = o['keepalive'];
  const method = o['method'];
  const mode = enumeration('mode', ['cors', 'navigate', 'no-cors', 'same-origin']);
  const priority = enumeration('priority', ['auto', 'high', 'low']);
  const redirect = enumeration('redirect', ['error', 'follow', 'manual']);
  const { referrer } = o;
  const referrerPolicy = enumeration('referrerPolicy', referrerPolicies);
  const { signal } = o;
  const window = o['window'];
  if (signal !== undefined && signal !== null && !isAbortSignal(signal)) throw new TypeError('the member signal is not an AbortSignal');
  return { body, cache, credentials, duplex, headers, integrity, keepalive, method, mode, priority, redirect, referrer, referrerPolicy, signal, window };
}

let wrapping: State | undefined;

export class Request {
  #s: State;

  static {
    stateOf = (request) => request.#s;
    isRequest = (value): value is Request => isObject(value) && #s in value;
  }

  constructor(input: unknown, init: unknown = undefined) {
    if (wrapping) {
      this.#s = wrapping;
      wrapping = undefined;
      return;
    }
    need(arguments, 1, 'Request');
    this.#s = isRequest(input) ? fromRequest(stateOf(input), init) : fromUrl(usvString(input), init);
  }

  get method(): string {
    return this.#s.method;
  }
  get url(): string {
    return this.#s.url.href;
  }
  get headers(): Headers {
    return this.#s.headers;
  }
  get destination(): string {
    this.#s;
    return '';
  }
  get referrer(): string {
    const { referrer } = this.#s;
    return referrer === 'no-referrer' ? '' : referrer === 'client' ? 'about:client' : referrer;
  }
  get referrerPolicy(): string {
    return this.#s.referrerPolicy;
  }
  get mode(): string {
    return this.#s.mode;
  }
  get credentials(): string {
    return this.#s.credentials;
  }
  get cache(): string {
    return this.#s.cache;
  }
  get redirect(): string {
    return this.#s.redirect;
  }
  get integrity(): string {
    return this.#s.integrity;
  }
  get keepalive(): boolean {
    return this.#s.keepalive;
  }
  get isReloadNavigation(): boolean {
    this.#s;
    return false;
  }
  get isHistoryNavigation(): boolean {
    this.#s;
    return false;
  }
  get signal(): AbortSignal {
    return this.#s.signal;
  }
  get duplex(): string {
    this.#s;
    return 'half';
  }
  clone(): Request {
    const state = this.#s;
    if (state.body?.unusable) throw new TypeError('the body is locked or was read already');
    const headers = createHeaders(listOf(state.headers).copy(), state.mode === 'no-cors' ? 'request-no-cors' : 'request');
    wrapping = owned({ ...plainOf(state), headers, body: state.body?.clone(), signal: anyOf([state.signal]) });
    return new Request(undefined);
  }
}
defineBody(Request.prototype, (self) => (isRequest(self) ? stateOf(self) : undefined));
defineInterface(Request);

/** Ties `type()` to the state's own headers. */
function owned(state: Omit<State, 'type'>): State {
  return { ...state, type: () => listOf(state.headers).get('content-type') };
}

/** What a request is of which nothing else is said. */
const UNSAID = {
  referrer: 'client',
  referrerPolicy: '',
  mode: 'cors',
  credentials: 'same-origin',
  cache: 'default',
  redirect: 'follow',
  integrity: '',
  keepalive: false,
};

function fromUrl(text: string, init: unknown): State {
  const url = parseRelative(text);
  if (!url) throw new TypeError(`not a URL: ${text}`);
  if (url.username !== '' || url.password !== '') throw new TypeError(`the URL has credentials: ${text}`);
  const fresh = {
    method: 'GET',
    url,
    ...UNSAID,
  };
  return build(fresh, undefined, new HeaderList(), undefined, init);
}

function fromRequest(state: State, init: unknown): State {
  return build(plainOf(state), state, listOf(state.headers), state.signal, init);
}

type Plain = Omit<State, 'headers' | 'signal' | 'body' | 'type'>;

function plainOf({ method, url, referrer, referrerPolicy, mode, credentials, cache, redirect, integrity, keepalive }: State): Plain {
  return { method, url, referrer, referrerPolicy, mode, credentials, cache, redirect, integrity, keepalive };
}

/** The steps of the constructor that follow the input. */
function build(plain: Plain, from: State | undefined, oldHeaders: HeaderList, oldSignal: AbortSignal | undefined, init: unknown): State {
  const o = readInit(init);
  if (o.window !== undefined && o.window !== null) throw new TypeError('the member window can only be null');
  if (init !== undefined && init !== null && Object.values(o).some((value) => value !== undefined)) {
    if (plain.mode === 'navigate') plain.mode = 'same-origin';
    plain.referrer = 'client';
    plain.referrerPolicy = '';
  }
  if (o.referrer !== undefined) plain.referrer = referrerOf(o.referrer);
  if (o.referrerPolicy !== undefined) plain.referrerPolicy = o.referrerPolicy;
  if (o.mode === 'navigate') throw new TypeError('the mode navigate is not for programs');
  if (o.mode !== undefined) plain.mode = o.mode;
  if (o.credentials !== undefined) plain.credentials = o.credentials;
  if (o.cache !== undefined) plain.cache = o.cache;
  if (plain.cache === 'only-if-cached' && plain.mode !== 'same-origin') throw new TypeError('only-if-cached needs the mode same-origin');
  if (o.redirect !== undefined) plain.redirect = o.redirect;
  if (o.integrity !== undefined) plain.integrity = o.integrity;
  if (o.keepalive !== undefined) plain.keepalive = !!o.keepalive;
  if (o.method !== undefined) plain.method = methodOf(o.method);
  const ownSignal = o.signal === undefined ? oldSignal : (o.signal as AbortSignal | null);
  const signal = anyOf(ownSignal ? [ownSignal] : []);
  let guard: Guard = 'request';
  if (plain.mode === 'no-cors') {
    if (!['GET', 'HEAD', 'POST'].includes(plain.method)) throw new TypeError(`the method ${plain.method} needs the mode cors`);
    guard = 'request-no-cors';
  }
  const headers = createHeaders(oldHeaders.copy(), guard);
  if (o.headers !== undefined) {
    listOf(headers).clear();
    fillHeaders(headers, o.headers);
  } else if (guard === 'request-no-cors') {
    const copied = listOf(headers).copy();
    listOf(headers).clear();
    for (const { name, value } of copied.entries) headers.append(name, value);
  }
  const hasBody = o.body !== undefined && o.body !== null;
  if ((hasBody || from?.body) && (plain.method === 'GET' || plain.method === 'HEAD')) {
    throw new TypeError(`a ${plain.method} request has no body`);
  }
  let body: Body | undefined;
  if (hasBody) {
    const extracted = extractBody(o.body);
    body = extracted.body;
    if (extracted.type !== undefined && !listOf(headers).has('content-type')) headers.append('Content-Type', extracted.type);
    if (!body.bytes && o.duplex === undefined) throw new TypeError('a stream as body needs duplex: "half"');
    if (!body.bytes && plain.mode !== 'same-origin' && plain.mode !== 'cors') throw new TypeError('a stream as body needs the mode cors');
  } else if (from?.body) {
    if (from.body.unusable) throw new TypeError('the body is locked or was read already');
    body = from.body.take();
  }
  return owned({ ...plain, headers, signal, body });
}

/** What `fetch` reads of a request. */
export function requestState(request: Request): State {
  return stateOf(request);
}

/** The state of a request that has come to a handler: most handlers ask for little of it, and what nobody asks for is not made. */
class Come implements State {
  declare readonly referrer: string;
  declare readonly referrerPolicy: string;
  declare readonly mode: string;
  declare readonly credentials: string;
  declare readonly cache: string;
  declare readonly redirect: string;
  declare readonly integrity: string;
  declare readonly keepalive: boolean;
  declare readonly method: string;
  declare readonly body: Body | undefined;
  declare readonly given: Given;
  declare parts: UrlParts | undefined;
  declare list: Headers | undefined;
  declare own: AbortSignal | undefined;

  constructor(method: string, body: Body | undefined, given: Given) {
    this.method = method;
    this.body = body;
    this.given = given;
  }

  get url(): UrlParts {
    if (this.parts !== undefined) return this.parts;
    const { url } = this.given;
    const parts = host.parseUrl(url, undefined);
    if (parts === undefined) throw new TypeError(`the URL of the request is none: ${url}`);
    return (this.parts = parts);
  }
  get headers(): Headers {
    if (this.list !== undefined) return this.list;
    const list = new HeaderList();
    for (const [name, value] of this.given.headers) list.append(name, value);
    return (this.list = createHeaders(list, 'immutable'));
  }
  get signal(): AbortSignal {
    return (this.own ??= this.given.signal());
  }
  type(): string | null {
    return listOf(this.headers).get('content-type');
  }
}
Object.assign(Come.prototype, UNSAID);

interface Given {
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  signal(): AbortSignal;
}

/** A request that the platform hands to a handler. */
export function createRequest(method: string, body: Body | undefined, given: Given): Request {
  wrapping = new Come(method, body, given);
  return new Request(undefined);
}

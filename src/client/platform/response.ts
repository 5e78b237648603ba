/** Response (Fetch standard, 5.5). */
import { Body, type BodyOwner, defineBody, extractBody } from './body.ts';
import { createHeaders, fillHeaders, type Guard, HeaderList, type Headers, listOf } from './headers.ts';
import { host } from './host.ts';
import { byteString, defineInterface, dictionary, integer, isObject, need, usvString } from './idl.ts';
import { parseRelative } from './request.ts';

interface State extends BodyOwner {
  kind: string;
  url: string;
  redirected: boolean;
  status: number;
  statusText: string;
  headers: Headers;
}

let stateOf: (response: Response) => State;
/** Whether the value is a Response. */
export let isResponse: (value: unknown) => value is Response;
let wrapping: State | undefined;

function create(state: Omit<State, 'type'>): Response {
  wrapping = { ...state, type: () => listOf(state.headers).get('content-type') };
  return new Response();
}

const nullBodyStatus = [101, 103, 204, 205, 304];

interface Init {
  status: number;
  statusText: string;
  headers: unknown;
}

function readInit(value: unknown): Init {
  if (value === undefined) return { status: 200, statusText: '', headers: undefined };
  const o = dictionary(value, 'the options');
  const { headers } = o;
  const status = o['status'] === undefined ? 200 : integer(o['status'], 16, false);
  const statusText = o['statusText'] === undefined ? '' : byteString(o['statusText']);
  if (status < 200 || status > 599) throw new RangeError(`the status ${status} is not within 200 to 599`);
  if (statusText !== '' && !/^[\t\x20-\x7e\x80-\xff]*$/.test(statusText)) throw new TypeError('the status text is not a reason phrase');
  return { status, statusText, headers };
}

/** "Initialize a response". */
function build(init: Init, content: { body: Body; type: string | undefined } | undefined): State {
  const headers = createHeaders(new HeaderList(), 'response');
  if (init.headers !== undefined) fillHeaders(headers, init.headers);
  if (content) {
    if (nullBodyStatus.includes(init.status)) throw new TypeError(`a response of status ${init.status} has no body`);
    if (content.type !== undefined && !listOf(headers).has('content-type')) listOf(headers).append('Content-Type', content.type);
  }
  return {
    kind: 'default',
    url: '',
    redirected: false,
    status: init.status,
    statusText: init.statusText,
    headers,
    body: content?.body,
    type: () => listOf(headers).get('content-type'),
  };
}

export class Response {
  #s: State;

  static {
    stateOf = (response) => response.#s;
    isResponse = (value): value is Response => isObject(value) && #s in value;
  }

  constructor(body: unknown = null, init: unknown = undefined) {
    if (wrapping) {
      this.#s = wrapping;
      wrapping = undefined;
      return;
    }
    const options = readInit(init);
    this.#s = build(options, body === null || body === undefined ? undefined : extractBody(body));
  }

  static error(): Response {
    return create({
      kind: 'error',
      url: '',
      redirected: false,
      status: 0,
      statusText: '',
      headers: createHeaders(new HeaderList(), 'immutable'),
      body: undefined,
    });
  }
  static redirect(url: string, status: number = 302): Response {
    need(arguments, 1, 'Response.redirect');
    const parts = parseRelative(usvString(url));
    if (!parts) throw new TypeError(`not a URL: ${url}`);
    const code = integer(status, 16, false);
    if (![301, 302, 303, 307, 308].includes(code)) throw new RangeError(`the status ${code} is not of a redirect`);
    const list = new HeaderList();
    list.append('Location', parts.href);
    const headers = createHeaders(list, 'immutable');
    return create({ kind: 'default', url: '', redirected: false, status: code, statusText: '', headers, body: undefined });
  }
  static json(data: unknown, init: unknown = undefined): Response {
    need(arguments, 1, 'Response.json');
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError('the data have no form in JSON');
    wrapping = build(readInit(init), { body: new Body(host.encodeUtf8(text.toWellFormed())), type: 'application/json' });
    return new Response();
  }

  get type(): string {
    return this.#s.kind;
  }
  get url(): string {
    return this.#s.url;
  }
  get redirected(): boolean {
    return this.#s.redirected;
  }
  get status(): number {
    return this.#s.status;
  }
  get ok(): boolean {
    return this.#s.status >= 200 && this.#s.status <= 299;
  }
  get statusText(): string {
    return this.#s.statusText;
  }
  get headers(): Headers {
    return this.#s.headers;
  }
  clone(): Response {
    const state = this.#s;
    if (state.body?.unusable) throw new TypeError('the body is locked or was read already');
    const guard: Guard = state.kind === 'default' ? 'response' : 'immutable';
    return create({ ...state, headers: createHeaders(listOf(state.headers).copy(), guard), body: state.body?.clone() });
  }
}
defineBody(Response.prototype, (self) => (isResponse(self) ? stateOf(self) : undefined));
defineInterface(Response);

/** A response from the network. */
export function createResponse(kind: string, url: string, redirected: boolean, status: number, statusText: string, list: HeaderList, body: Body | undefined): Response {
  return create({ kind, url, redirected, status, statusText, headers: createHeaders(list, 'immutable'), body });
}

/** What a server sends of a response. */
export function responseState(response: Response): State {
  return stateOf(response);
}

// Requests that a program answers: `export default { fetch(request) }`. `src/script/live` is the other side.

import type { Namespace } from '../module';
import { wait } from '../module';
import type { HostBody } from '../platform/host.ts';
import { Exchange } from './exchange';
import { inspect, told as textOf } from './inspect';
import { native, type Headers, type Sent } from './native';
import { load } from './platform';

/** What a handler gives is not what it should be. */
class Wrong {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

interface List {
  readonly entries: readonly { readonly name: string; readonly value: string }[];
}

interface Content {
  readonly unusable: boolean;
}

interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: object;
  readonly body: Content | undefined;
}

/** What of the platform is needed here. */
interface Platform {
  createRequest(method: string, body: Content | undefined, given: { url: string; headers: Headers; signal(): AbortSignal }): Request;
  listOf(headers: object): List;
  incoming(read: () => Promise<Uint8Array | undefined>, cancel: () => void): Content;
  Body: new (bytes: Uint8Array) => Content;
  sendable(body: Content): Uint8Array | HostBody;
  AbortController: typeof AbortController;
  isResponse(value: unknown): value is object;
  responseState(response: unknown): Answer;
}

let platform: Platform | undefined;

function loaded(): Platform {
  return (platform ??= Object.assign({}, ...['request', 'headers', 'body', 'abort', 'response'].map(load)) as Platform);
}

/** How the program's modules come, and are told apart from errors of other kinds. */
export interface Program {
  import(): Promise<Namespace>;
  /** The module, where that is what `import` would give; `undefined`: it is to be waited for. */
  evaluated(): Namespace | undefined;
  isFault(error: unknown): error is Error;
}

/** Answers a request. `before` is waited for. */
export function handle(
  program: Program,
  before: Promise<unknown> | undefined,
  id: number,
  [method, url, headers, body]: [method: string, url: string, headers: Headers, body: Sent],
): void {
  const exchange = new Exchange(id);
  exchange.describe = textOf;
  const failed = (error: unknown) => refuse(program, exchange, error);
  const begin = () => {
    const request = requestOf(exchange, method, url, headers, body);
    const reply = (module: unknown) => call(module as Namespace, request, (value) => answer(exchange, value, failed), failed);
    const module = program.evaluated();
    if (module === undefined) wait(program.import(), reply, failed);
    else reply(module);
  };
  const start = () => {
    try {
      begin();
    } catch (error) {
      failed(error);
    }
  };
  if (before === undefined) start();
  else wait(before, start, start);
}

function requestOf(exchange: Exchange, method: string, url: string, headers: Headers, body: Sent): Request {
  const { createRequest, Body, incoming, AbortController } = loaded();
  let controller: AbortController | undefined;
  let isGone = false;
  const abort = () => controller?.abort(new DOMException('The client has gone', 'AbortError'));
  exchange.onAbort = () => {
    isGone = true;
    abort();
  };
  const signal = () => {
    controller = new AbortController();
    if (isGone) abort();
    return controller.signal;
  };
  let content: Content | undefined;
  if (body === true) {
    content = incoming(
      () => exchange.read(),
      () => native.post('cancel', exchange.id),
    );
  } else if (body !== undefined) content = new Body(body);
  return createRequest(method, content, { url, headers, signal });
}

/** Calls the handler. A Response is waited for no longer than any value that is there: not at all. */
function call(module: Namespace, request: Request, done: (value: unknown) => void, failed: (error: unknown) => void): void {
  let value: unknown;
  try {
    const handler = module['default'] as { fetch?: unknown } | undefined | null;
    const { fetch } = handler ?? {};
    if (typeof fetch !== 'function') {
      throw new Wrong('default' in module ? "the server's default export has no `fetch`" : 'the server has no default export');
    }
    value = Reflect.apply(fetch, handler, [request]);
    if (!loaded().isResponse(value) || 'then' in value) return wait(value, done, failed);
  } catch (error) {
    return failed(error);
  }
  done(value);
}

function answer(exchange: Exchange, value: unknown, failed: (error: unknown) => void): void {
  try {
    const { isResponse, responseState, listOf, sendable } = loaded();
    if (!isResponse(value)) throw new Wrong(`the server's \`fetch\` gives ${inspect(value, { depth: 0 }).slice(0, 200)}, and not a Response`);
    const { status, statusText, headers, body } = responseState(value);
    if (status === 0) throw new Wrong("the server's `fetch` gives `Response.error()`, which nobody can send");
    if (body?.unusable) throw new Wrong("the body of the Response that the server's `fetch` gives was read already");
    const pairs = listOf(headers).entries.map(({ name, value }) => [name, value] as [string, string]);
    const sent = exchange.enclose(body && sendable(body));
    exchange.onSent = () => exchange.close(new Error('the request was answered: no more of its body is read'));
    native.post('response', exchange.id, status, statusText, pairs, sent);
    if (sent !== true) exchange.onSent();
  } catch (error) {
    failed(error);
  }
}

function refuse(program: Program, exchange: Exchange, error: unknown): void {
  let [code, text] = ['memory', 'out of memory'];
  try {
    [code, text] = told(program, error);
  } catch {
    error = undefined;
  }
  native.post('failed', exchange.id, code, text.toWellFormed());
  exchange.close(error);
  // What a program has filled its memory with stays: it begins anew.
  if (code === 'memory') native.exit(1);
}

/** `instanceof`, of a value that may be a proxy which throws when it is asked. */
export function isOf<T>(value: unknown, type: new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/** Whether there was no memory left, and hardly is any now. Where not even an error could be made, it is `null`. */
export function isOutOfMemory(error: unknown): boolean {
  return (error === null || (isOf(error, Error) && error.message === 'out of memory')) && native.isFull();
}

function told(program: Program, error: unknown): [code: string, text: string] {
  if (isOf(error, Wrong)) return ['wrong', error.text];
  if (program.isFault(error)) return ['fault', error.message];
  if (isOutOfMemory(error)) return ['memory', error === null ? 'out of memory' : textOf(error)];
  return ['threw', textOf(error)];
}

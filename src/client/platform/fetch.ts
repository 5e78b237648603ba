/** `fetch` (Fetch standard, 5.6) over the host's exchanges; there only where the host has a network. */
import { forget, whenAborted } from './abort.ts';
import { blobOf } from './blob-url.ts';
import { Body, incoming, sendable } from './body.ts';
import { bytesOfBlob } from './blob.ts';
import { HeaderList, listOf } from './headers.ts';
import { host, type HostExchange, type HostRequest, type HostResponse } from './host.ts';
import { need } from './idl.ts';
import { dataUrl } from './data-url.ts';
import { Request, requestState } from './request.ts';
import { createResponse, type Response } from './response.ts';
import { deferred, react, rejected } from './streams/promises.ts';
import type { ByteController } from './streams/readable-byte.ts';
import { readableState } from './streams/readable.ts';

const redirects = [301, 302, 303, 307, 308];
/** Headers that say something of a body that is not sent again. */
const bodyHeaders = ['content-encoding', 'content-language', 'content-location', 'content-type'];

/** Nobody can read the rest of a body whose stream is gone. */
const unread = new FinalizationRegistry<HostExchange>((exchange) => exchange.abort());

/** One call: the exchange that runs, and how it ends early. */
class Call {
  exchange: HostExchange | undefined;
  aborted: { reason: unknown } | undefined;
  /** Rejects when the call is aborted. */
  readonly ended = deferred<never>();
  onAbort: (() => void) | undefined;

  abort(reason: unknown): void {
    this.aborted = { reason };
    this.exchange?.abort(reason);
    this.onAbort?.();
    this.ended.promise.catch(() => undefined);
    this.ended.reject(reason);
  }

  /** The host's promise, or the reason of the abort when that comes first. Network errors are a `TypeError`. */
  async until<T>(promise: Promise<T>): Promise<T> {
    try {
      return await Promise.race([promise, this.ended.promise]);
    } catch (error) {
      if (this.aborted) throw this.aborted.reason;
      throw error instanceof TypeError ? error : new TypeError(`fetch failed: ${message(error)}`, { cause: error });
    }
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : `${error as string}`;
}

function streamBody(call: Call, response: HostResponse, done: () => void): Body {
  const read = () =>
    react(
      call.until(response.read()),
      (bytes) => {
        if (bytes === undefined) done();
        return bytes;
      },
      (error) => {
        done();
        throw error;
      },
    );
  const body = incoming(read, () => {
    done();
    call.exchange?.abort();
  });
  const { stream } = body;
  unread.register(stream, call.exchange!);
  const { controller } = readableState(stream)!;
  call.onAbort = () => (controller as ByteController).error(call.aborted!.reason);
  return body;
}

async function exchange(call: Call, request: Request, done: () => void): Promise<Response> {
  const state = requestState(request);
  let { url, method } = state;
  const list = listOf(state.headers).copy();
  let body = state.body;
  const resend = body?.bytes;
  for (let count = 0; ; count++) {
    if (url.protocol === 'data:' || url.protocol === 'blob:') return local(url.href, method);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(`fetch failed: the scheme of ${url.href} is not known`);
    const wire: HostRequest = { method, url: url.href.split('#', 1)[0]!, headers: wireHeaders(list), body: body && sendable(body) };
    call.exchange = host.fetch!(wire);
    const response = await call.until(call.exchange.response);
    const headers = new HeaderList();
    for (const [name, value] of response.headers) headers.append(name, value);
    const location = redirects.includes(response.status) ? headers.get('location') : null;
    if (location === null || state.redirect === 'manual') return answer(call, response, headers, url.href, method, count > 0, done);
    call.exchange.abort();
    if (state.redirect === 'error') throw new TypeError(`fetch failed: ${url.href} redirects`);
    if (count === 20) throw new TypeError(`fetch failed: more than 20 redirects from ${state.url.href}`);
    const next = host.parseUrl(location, url.href);
    if (!next || !/^https?:$/.test(next.protocol)) throw new TypeError(`fetch failed: ${url.href} redirects to ${location}`);
    if (response.status !== 303 && body && !resend) throw new TypeError(`fetch failed: ${url.href} redirects, and the body can't be sent again`);
    if ((response.status === 303 && method !== 'GET' && method !== 'HEAD') || (response.status < 303 && method === 'POST')) {
      method = 'GET';
      body = undefined;
      for (const key of bodyHeaders) list.delete(key);
    } else if (body) body = new Body(resend!);
    if (next.origin !== url.origin) for (const key of ['authorization', 'cookie', 'proxy-authorization']) list.delete(key);
    if (next.hash === '' && url.hash !== '') url = host.setUrlPart(next.href, 'hash', url.hash);
    else url = next;
  }
}

function wireHeaders(list: HeaderList): [string, string][] {
  const wire = list.entries.map((entry): [string, string] => [entry.key, entry.value]);
  if (!list.has('accept')) wire.push(['accept', '*/*']);
  if (!list.has('user-agent')) wire.push(['user-agent', host.userAgent]);
  return wire;
}

function answer(call: Call, response: HostResponse, headers: HeaderList, url: string, method: string, redirected: boolean, done: () => void): Response {
  const bare = method === 'HEAD' || [101, 103, 204, 205, 304].includes(response.status);
  if (bare) done();
  const body = bare ? undefined : streamBody(call, response, done);
  return createResponse('basic', url.split('#', 1)[0]!, redirected, response.status, response.statusText, headers, body);
}

/** `data:` and `blob:` URLs, which need no network. */
function local(url: string, method: string): Response {
  const headers = new HeaderList();
  if (url.startsWith('data:')) {
    const data = dataUrl(url);
    if (!data) throw new TypeError('fetch failed: the data URL is malformed');
    headers.append('Content-Type', data.type);
    return createResponse('basic', url.split('#', 1)[0]!, false, 200, 'OK', headers, method === 'HEAD' ? undefined : new Body(data.bytes));
  }
  const blob = blobOf(url);
  if (!blob || method !== 'GET') throw new TypeError(`fetch failed: there is no ${url}`);
  headers.append('Content-Length', `${blob.size}`);
  headers.append('Content-Type', blob.type);
  return createResponse('basic', url.split('#', 1)[0]!, false, 200, 'OK', headers, new Body(bytesOfBlob(blob as never)));
}

export function fetch(input: unknown, init: unknown = undefined): Promise<Response> {
  let request: Request;
  try {
    need(arguments, 1, 'fetch');
    request = new Request(input, init);
  } catch (error) {
    return rejected(error);
  }
  const { signal, body } = requestState(request);
  const call = new Call();
  const abort = () => {
    const { reason } = signal;
    if (body && !body.locked) void body.stream.cancel(reason).catch(() => undefined);
    call.abort(reason);
  };
  if (whenAborted(signal, abort)) {
    abort();
    return rejected(signal.reason);
  }
  const done = () => forget(signal, abort);
  return react(exchange(call, request, done), undefined, (error) => {
    done();
    throw error;
  });
}

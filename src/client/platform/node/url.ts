/** `node:url`: the WHATWG classes, and the functions for files. The legacy `url.parse` is provided on top of them. */
import { host } from '../host.ts';
import { URL } from '../url.ts';
import { URLSearchParams } from '../url-search-params.ts';
import querystring from './querystring.ts';

export { URL, URLSearchParams };

const invalid = (message: string, code: string) => Object.assign(new TypeError(message), { code });

export function fileURLToPath(url: string | URL): string {
  const parsed = typeof url === 'string' ? new URL(url) : url;
  // `import.meta.url` names a module of the tree, whose paths `node:fs` takes.
  if (parsed.protocol !== 'file:' && parsed.protocol !== 'hookfs:') throw invalid('The URL must be of scheme file', 'ERR_INVALID_URL_SCHEME');
  if (parsed.hostname !== '') throw invalid('File URL host must be "localhost" or empty', 'ERR_INVALID_FILE_URL_HOST');
  if (/%2f/i.test(parsed.pathname)) throw invalid('File URL path must not include encoded / characters', 'ERR_INVALID_FILE_URL_PATH');
  return decodeURIComponent(parsed.pathname);
}

export function pathToFileURL(path: string): URL {
  const absolute = path.startsWith('/') ? path : `${(globalThis as { process?: { cwd(): string } }).process?.cwd() ?? ''}/${path}`;
  const url = new URL('file:///');
  // The pathname's setter leaves these as they are.
  url.pathname = absolute.replace(/[%\\\n\r\t?#]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  return url;
}

export function urlToHttpOptions(url: URL): Record<string, unknown> {
  const { protocol, hostname, hash, search, pathname, href, port, username, password } = url;
  return {
    protocol,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    hash,
    search,
    pathname,
    path: `${pathname}${search}`,
    href,
    ...(port !== '' && { port: Number(port) }),
    ...((username !== '' || password !== '') && { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }),
  };
}

export function domainToASCII(domain: string): string {
  return host.domainToAscii(domain);
}
export function domainToUnicode(domain: string): string {
  return host.domainToUnicode(domain);
}

/** What `url.parse` gives. */
export class Url {
  protocol: string | null = null;
  slashes: boolean | null = null;
  auth: string | null = null;
  host: string | null = null;
  port: string | null = null;
  hostname: string | null = null;
  hash: string | null = null;
  search: string | null = null;
  query: string | Record<string, unknown> | null = null;
  pathname: string | null = null;
  path: string | null = null;
  href = '';
  format(): string {
    return format(this);
  }
}

const slashed = /^(https?|ftp|gopher|file|wss?):?$/;

/** The legacy parser: takes relative URLs apart too, and decodes nothing. */
export function parse(text: string, parseQuery = false, slashesDenoteHost = false): Url {
  const url = new Url();
  const [, before, hash] = /^([^#]*)(#.*)?$/s.exec(text.trim())!;
  const [, main, search] = /^([^?]*)(\?.*)?$/s.exec(before!)!;
  let rest = main!.replaceAll('\\', '/');
  url.hash = hash ?? null;
  url.search = search ?? null;
  url.query = search?.slice(1) ?? null;
  if (parseQuery) {
    url.search ??= '';
    url.query = querystring.parse(url.search.slice(1));
  }
  const scheme = /^[a-z0-9.+-]+:/i.exec(rest);
  if (scheme) {
    url.protocol = scheme[0].toLowerCase();
    rest = rest.slice(scheme[0].length);
  }
  if (rest.startsWith('//') && (scheme || slashesDenoteHost) && url.protocol !== 'javascript:') {
    url.slashes = true;
    const [, authority, path] = /^\/\/([^/]*)(.*)$/s.exec(rest)!;
    rest = path!;
    const at = authority!.lastIndexOf('@');
    if (at >= 0) url.auth = decodeURIComponent(authority!.slice(0, at));
    const [, hostname, port] = /^(.*?)(?::(\d*))?$/.exec(authority!.slice(at + 1))!;
    url.port = port || null;
    url.host = hostname!.toLowerCase() + (port ? `:${port}` : '');
    url.hostname = hostname!.toLowerCase().replace(/^\[(.*)\]$/, '$1');
    if (slashed.test(url.protocol ?? 'http:') && rest === '') rest = '/';
  }
  url.pathname = rest === '' ? null : rest;
  if (url.pathname !== null || url.search) url.path = `${url.pathname ?? ''}${url.search ?? ''}`;
  url.href = format(url);
  return url;
}

interface Parts {
  protocol?: string | null;
  slashes?: boolean | null;
  auth?: string | null;
  host?: string | null;
  hostname?: string | null;
  port?: string | number | null;
  pathname?: string | null;
  search?: string | null;
  query?: unknown;
  hash?: string | null;
}

export function format(input: string | URL | Parts): string {
  if (typeof input === 'string') return parse(input).format();
  if (input instanceof URL) return input.href;
  const { auth, hash } = input;
  const protocol = input.protocol ? (input.protocol.endsWith(':') ? input.protocol : `${input.protocol}:`) : '';
  let hostname = input.host ?? '';
  if (!hostname && input.hostname) {
    hostname = input.hostname.includes(':') ? `[${input.hostname}]` : input.hostname;
    if (input.port) hostname += `:${input.port}`;
  }
  if (auth && hostname) hostname = `${encodeURIComponent(auth).replace('%3A', ':')}@${hostname}`;
  let pathname = (input.pathname ?? '').replace(/[?#]/g, encodeURIComponent);
  const query = typeof input.query === 'object' && input.query !== null ? querystring.stringify(input.query) : '';
  let search = input.search ?? (query === '' ? '' : `?${query}`);
  if (search !== '' && !search.startsWith('?')) search = `?${search}`;
  const authority = input.slashes || (hostname !== '' && (protocol === '' || slashed.test(protocol)));
  if (authority && pathname !== '' && !pathname.startsWith('/')) pathname = `/${pathname}`;
  const fragment = hash ? (hash.startsWith('#') ? hash : `#${hash}`) : '';
  return `${protocol}${authority ? `//${hostname}` : hostname}${pathname}${search.replaceAll('#', '%23')}${fragment}`;
}

/** The legacy resolution, by the rules of the standard on a base of its own when the first URL is relative. */
export function resolve(from: string, to: string): string {
  const base = new URL(from, 'resolve://');
  const url = new URL(to, base.href);
  if (url.protocol !== 'resolve:') return url.href;
  return `${url.pathname}${url.search}${url.hash}`;
}

export default { URL, URLSearchParams, Url, parse, format, resolve, fileURLToPath, pathToFileURL, urlToHttpOptions, domainToASCII, domainToUnicode };

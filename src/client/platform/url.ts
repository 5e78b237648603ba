/** URL (URL standard, section 6.1). Parsing and the setters' algorithms are the host's. */
import { host, type UrlPart, type UrlParts } from './host.ts';
import { defineInterface, need, usvString } from './idl.ts';
import { createBlobUrl, revokeBlobUrl } from './blob-url.ts';
import { onChange, parseForm, searchPairs, serializeForm, setSearchPairs, URLSearchParams } from './url-search-params.ts';

function parse(url: unknown, base: unknown): UrlParts | undefined {
  const text = usvString(url);
  const baseText = base === undefined ? undefined : usvString(base);
  if (baseText === undefined) return host.parseUrl(text, undefined);
  const baseParts = host.parseUrl(baseText, undefined);
  return baseParts && host.parseUrl(text, baseParts.href);
}

let wrapping: UrlParts | undefined;

export class URL {
  #parts: UrlParts;
  #params: URLSearchParams | undefined;

  constructor(url: string, base: string | undefined = undefined) {
    if (wrapping) {
      this.#parts = wrapping;
      wrapping = undefined;
      return;
    }
    need(arguments, 1, 'URL');
    const parts = parse(url, base);
    if (!parts) throw new TypeError(`not a URL: ${usvString(url)}`);
    this.#parts = parts;
  }

  static parse(url: string, base: string | undefined = undefined): URL | null {
    need(arguments, 1, 'URL.parse');
    wrapping = parse(url, base);
    return wrapping ? new URL('') : null;
  }
  static canParse(url: string, base: string | undefined = undefined): boolean {
    need(arguments, 1, 'URL.canParse');
    return parse(url, base) !== undefined;
  }
  static createObjectURL(blob: Blob): string {
    need(arguments, 1, 'URL.createObjectURL');
    return createBlobUrl(blob);
  }
  static revokeObjectURL(url: string): void {
    need(arguments, 1, 'URL.revokeObjectURL');
    revokeBlobUrl(usvString(url));
  }

  #set(part: UrlPart, value: string): void {
    this.#parts = host.setUrlPart(this.#parts.href, part, usvString(value));
  }
  #refresh(): void {
    if (this.#params) setSearchPairs(this.#params, parseForm(this.#parts.search.slice(1)));
  }

  get href(): string {
    return this.#parts.href;
  }
  set href(value: string) {
    const parts = host.parseUrl(usvString(value), undefined);
    if (!parts) throw new TypeError(`not a URL: ${value}`);
    this.#parts = parts;
    this.#refresh();
  }
  get origin(): string {
    return this.#parts.origin;
  }
  get protocol(): string {
    return this.#parts.protocol;
  }
  set protocol(value: string) {
    this.#set('protocol', value);
  }
  get username(): string {
    return this.#parts.username;
  }
  set username(value: string) {
    this.#set('username', value);
  }
  get password(): string {
    return this.#parts.password;
  }
  set password(value: string) {
    this.#set('password', value);
  }
  get host(): string {
    return this.#parts.host;
  }
  set host(value: string) {
    this.#set('host', value);
  }
  get hostname(): string {
    return this.#parts.hostname;
  }
  set hostname(value: string) {
    this.#set('hostname', value);
  }
  get port(): string {
    return this.#parts.port;
  }
  set port(value: string) {
    this.#set('port', value);
  }
  get pathname(): string {
    return this.#parts.pathname;
  }
  set pathname(value: string) {
    this.#set('pathname', value);
  }
  get search(): string {
    return this.#parts.search;
  }
  set search(value: string) {
    this.#set('search', value);
    this.#refresh();
  }
  get searchParams(): URLSearchParams {
    this.#parts;
    if (!this.#params) {
      const params = (this.#params = new URLSearchParams());
      this.#refresh();
      onChange(params, () => {
        this.#parts = host.setUrlPart(this.#parts.href, 'search', serializeForm(searchPairs(params)));
      });
    }
    return this.#params;
  }
  get hash(): string {
    return this.#parts.hash;
  }
  set hash(value: string) {
    this.#set('hash', value);
  }
  toString(): string {
    return this.#parts.href;
  }
  toJSON(): string {
    return this.#parts.href;
  }
}
defineInterface(URL);

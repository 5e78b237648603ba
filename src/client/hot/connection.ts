// The connection to the server: found by `<meta name="hookfs-hot" content="URL TOKEN">`, and kept.

import type { Message } from './message';

/** What a page says when it has the connection: what it has. */
export interface Hello {
  readonly page: string;
  /** The version of the page's own text. */
  readonly text: string | undefined;
  readonly entries: readonly string[];
  readonly modules: Readonly<Record<string, string>>;
  /** The names of the versions of its style sheets. */
  readonly styles: Readonly<Record<string, string>>;
  /** The names of the versions of files that it names by their URL. */
  readonly bundles: Readonly<Record<string, string>>;
}

export interface Listener {
  hello(): Hello;
  receive(message: Message): void;
  opened(socket: WebSocket): void;
  closed(socket: WebSocket): void;
  /** What the server gives in the page's place now is another server's page, which does not hear this one. */
  outdated(): void;
}

/** How long it waits before it tries again, in milliseconds: doubled each time, up to the second. */
const PATIENCE = [125, 4000] as const;

/** After so many attempts in vain the page says so, once. */
const ATTEMPTS = 6;

/** After so many it is asked, each time, whether another server is there. */
const ASKING = 3;

/** Where a page notes for which server it was loaded anew. */
const OUTDATED = 'hookfs:server';

/** The code of a close that says that there are too many pages (RFC 6455, 7.4.1, and IANA's registry: try again later). */
const AGAIN = 1013;

/** The most messages that wait for a connection; older ones are dropped. */
const WAITING = 256;

export class Connection {
  /** Where the server is, once the page has said so. */
  #url: string | undefined;
  readonly #listener: Listener;
  readonly #waiting: string[] = [];
  #socket: WebSocket | undefined;
  #isOpen = false;
  /** The one that was open and is closed: lost, unless the page goes. */
  #closed: WebSocket | undefined;
  #patience: number = PATIENCE[0];
  #attempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  // A program may replace them.
  readonly #setTimeout = globalThis.setTimeout.bind(globalThis);
  readonly #clearTimeout = globalThis.clearTimeout.bind(globalThis);
  readonly #WebSocket = globalThis.WebSocket;
  readonly #fetch = globalThis.fetch.bind(globalThis);

  constructor(listener: Listener) {
    this.#listener = listener;
    const now = () => this.#now();
    const leave = () => this.#leave();
    // What the page says of it may stand at its end.
    document.addEventListener('DOMContentLoaded', now);
    document.addEventListener('visibilitychange', () => isHidden() || now());
    window.addEventListener('online', now);
    // A page that was put aside and is shown again.
    window.addEventListener('pageshow', now);
    // One that stood still hears nothing (Page Lifecycle, https://wicg.github.io/page-lifecycle/).
    document.addEventListener('resume', now);
    // What is closed because the page goes is no loss.
    document.addEventListener('freeze', leave);
    window.addEventListener('pagehide', leave);
    this.#open();
  }

  /** What the page has is more than it was. */
  hello(): void {
    if (this.#isOpen) this.#say({ type: 'hello', ...this.#listener.hello() });
  }

  send(event: string, data: unknown): void {
    const text = JSON.stringify({ type: 'send', event, data });
    if (this.#isOpen) return this.#socket!.send(text);
    this.#waiting.push(text);
    if (this.#waiting.length <= WAITING) return;
    this.#waiting.shift();
    console.warn(`[hookfs] there is no connection, and ${WAITING} messages wait for it: the first is dropped`);
  }

  #say(message: object): void {
    this.#socket!.send(JSON.stringify(message));
  }

  #open(): void {
    if (this.#closed !== undefined) this.#listener.closed(this.#closed);
    this.#closed = undefined;
    // Who renders the page anew may take away what says it.
    const url = (this.#url ??= address(document));
    if (url === undefined) return;
    let socket: WebSocket;
    try {
      socket = new this.#WebSocket(url, 'hookfs-hot');
    } catch (error) {
      console.warn('[hookfs] this page may not have a connection to the server, and is not hot:', error);
      return;
    }
    this.#socket = socket;
    const isCurrent = () => this.#socket === socket;
    socket.addEventListener('open', () => {
      if (!isCurrent()) return;
      this.#isOpen = true;
      this.#patience = PATIENCE[0];
      this.#attempts = 0;
      this.hello();
      for (const text of this.#waiting.splice(0)) socket.send(text);
      this.#listener.opened(socket);
    });
    socket.addEventListener('message', ({ data }) => {
      if (isCurrent()) this.#listener.receive(JSON.parse(data as string) as Message);
    });
    socket.addEventListener('close', ({ code }) => {
      if (!isCurrent()) return;
      this.#socket = undefined;
      // Firefox closes the sockets of a page that goes before the page hears that it does.
      if (this.#isOpen) this.#closed = socket;
      this.#isOpen = false;
      if (++this.#attempts === ATTEMPTS) console.info('[hookfs] the server does not answer; if it does, load the page anew');
      if (this.#attempts % ASKING === 0) void this.#ask();
      // It has made room for pages that are looked at.
      if (code !== AGAIN || !isHidden()) this.#later();
    });
  }

  /** Tries again, later each time; a page that nobody sees does so once, and then waits until it is seen. */
  #later(): void {
    if (isHidden() && this.#attempts > 1) return;
    this.#timer = this.#setTimeout(() => this.#open(), this.#patience);
    this.#patience = Math.min(this.#patience * 2, PATIENCE[1]);
  }

  /** The state of a server may be gone, and with it the token that the page has: the page that it gives now has another. */
  async #ask(): Promise<void> {
    try {
      const response = await this.#fetch(location.href, { cache: 'no-store', headers: { accept: 'text/html' } });
      if (!response.ok) return;
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      const url = address(page);
      if (url === undefined || url === this.#url || this.#isOpen) return;
      // Once: what loads the page may give an old one for ever (a service worker that keeps it).
      if (sessionStorage.getItem(OUTDATED) === url) return;
      sessionStorage.setItem(OUTDATED, url);
      this.#listener.outdated();
    } catch {
      // Nobody is there, or a policy of the page forbids to ask, or to note.
    }
  }

  #now(): void {
    if (this.#socket !== undefined) return;
    this.#clearTimeout(this.#timer);
    this.#patience = PATIENCE[0];
    this.#open();
  }

  #leave(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#closed = undefined;
    this.#isOpen = false;
    this.#clearTimeout(this.#timer);
    socket?.close();
  }
}

function isHidden(): boolean {
  return document.visibilityState === 'hidden';
}

/** Whether the page says where the server is, or may do so yet. */
export function mayConnect(): boolean {
  return document.readyState === 'loading' || address(document) !== undefined;
}

/** Where the server is; `undefined`: the page does not say. */
function address(page: Document): string | undefined {
  const meta = page.querySelector<HTMLMetaElement>('meta[name="hookfs-hot"]');
  const [place, token] = meta?.content.split(' ') ?? [];
  if (place === undefined || token === undefined) return undefined;
  const url = new URL(place, document.baseURI);
  url.protocol = url.protocol.replace('http', 'ws');
  // It is heard at every address of the machine: the page knows one that leads there.
  if (url.hostname === '0.0.0.0') url.hostname = location.hostname;
  url.searchParams.set('token', token);
  return url.href;
}

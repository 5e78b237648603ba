// As much of a browser as the runtime of a hot page asks for.

export const said = [];
export const heard = () => said.splice(0).join('; ');
export const sockets = [];
const listeners = new Map();

const target = {
  addEventListener(event, listener) {
    listeners.set(event, [...(listeners.get(event) ?? []), listener]);
  },
};
/** Something happens to the window or the document. */
export const happen = (event, data) => (listeners.get(event) ?? []).forEach((listener) => listener(data));

globalThis.fetch = () => Promise.reject(new TypeError('nobody is there'));

class Socket {
  listeners = {};
  constructor(url, protocol) {
    said.push(`socket ${url} ${protocol}`);
    sockets.push(this);
  }
  addEventListener(event, listener) {
    this.listeners[event] = listener;
  }
  /** Something happens to it. */
  happen(event, data) {
    this.listeners[event]({ data });
  }
  receive(message) {
    this.happen('message', JSON.stringify(message));
  }
  send(text) {
    said.push(text);
  }
  close() {
    said.push('closed');
  }
}

const styles = [];
export const style = (id) => {
  const one = { dataset: { hookfs: id }, textContent: '', remove: () => void styles.splice(styles.indexOf(one), 1) };
  styles.push(one);
  return one;
};
const links = [];
export const link = (href) => {
  const one = {
    href,
    listeners: {},
    cloneNode: () => link(one.href),
    removeAttribute: () => undefined,
    addEventListener: (event, listener) => (one.listeners[event] = listener),
    after: () => undefined,
    remove: () => void (links.includes(one) && links.splice(links.indexOf(one), 1)),
  };
  links.push(one);
  return one;
};
export const shownLinks = () => links.map(({ href }) => href).join();
export const shownStyles = () => styles.map(({ dataset }) => dataset.hookfs).join();
export const newest = () => links.at(-1);

const kept = new Map();
for (const level of ['error', 'info', 'debug', 'warn']) {
  console[level] = (...words) => said.push(`${level} ${words.map((word) => word?.message ?? word).join(' ')}`);
}
Object.assign(globalThis, {
  window: Object.assign(globalThis, target),
  document: Object.assign(
    {
      baseURI: 'http://localhost/index.html',
      visibilityState: 'visible',
      querySelector: (selector) => ({ content: selector.includes('hookfs-hot') ? (globalThis.hotPlace ?? '/~hot TOKEN') : (globalThis.pageText ?? 'p1') }),
      querySelectorAll: (selector) => (selector.startsWith('link') ? [...links] : [...styles]),
    },
    target,
  ),
  WebSocket: Socket,
  location: { hostname: 'localhost', pathname: '/', reload: () => said.push('reload') },
  sessionStorage: {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  },
});
export const pause = (time = 0) => new Promise((done) => setTimeout(done, time));
/** Waits until something was said. */
export async function until(text) {
  while (!said.some((one) => one.includes(text))) await pause(5);
}

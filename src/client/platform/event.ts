/** Events and their targets (DOM standard, section 2). There is no tree here: an event's path is its target. */
import { host } from './host.ts';
import { defineInterface, dictionary, domString, integer, isObject, need } from './idl.ts';
import { report } from './report.ts';

interface Listener {
  type: string;
  callback: unknown;
  capture: boolean;
  once: boolean;
  passive: boolean;
  removed: boolean;
}

/** What the targets of this module may do with an event. */
interface EventState {
  type: string;
  bubbles: boolean;
  cancelable: boolean;
  composed: boolean;
  target: EventTarget | null;
  current: EventTarget | null;
  phase: number;
  stop: boolean;
  stopImmediate: boolean;
  canceled: boolean;
  passive: boolean;
  dispatching: boolean;
  initialized: boolean;
  trusted: boolean;
  time: number;
}

let stateOf: (event: Event) => EventState;
const isTrusted = Object.getOwnPropertyDescriptor(
  {
    get isTrusted() {
      return stateOf(this as unknown as Event).trusted;
    },
  },
  'isTrusted',
)!.get!;

export class Event {
  #s: EventState;

  static {
    stateOf = (event) => event.#s;
  }

  constructor(type: string, init: EventInit | undefined = undefined) {
    need(arguments, 1, 'Event');
    const name = domString(type);
    const options = dictionary(init, 'the options');
    this.#s = {
      type: name,
      bubbles: !!options['bubbles'],
      cancelable: !!options['cancelable'],
      composed: !!options['composed'],
      target: null,
      current: null,
      phase: 0,
      stop: false,
      stopImmediate: false,
      canceled: false,
      passive: false,
      dispatching: false,
      initialized: true,
      trusted: false,
      time: host.now(),
    };
    Object.defineProperty(this, 'isTrusted', { get: isTrusted, enumerable: true, configurable: false });
  }

  get type() {
    return this.#s.type;
  }
  get target() {
    return this.#s.target;
  }
  get srcElement() {
    return this.#s.target;
  }
  get currentTarget() {
    return this.#s.current;
  }
  composedPath(): EventTarget[] {
    return this.#s.current ? [this.#s.current] : [];
  }
  get eventPhase() {
    return this.#s.phase;
  }
  stopPropagation(): void {
    this.#s.stop = true;
  }
  get cancelBubble() {
    return this.#s.stop;
  }
  set cancelBubble(value) {
    if (value) this.#s.stop = true;
  }
  stopImmediatePropagation(): void {
    this.#s.stop = this.#s.stopImmediate = true;
  }
  get bubbles() {
    return this.#s.bubbles;
  }
  get cancelable() {
    return this.#s.cancelable;
  }
  get returnValue() {
    return !this.#s.canceled;
  }
  set returnValue(value) {
    if (!value) this.preventDefault();
  }
  preventDefault(): void {
    if (this.#s.cancelable && !this.#s.passive) this.#s.canceled = true;
  }
  get defaultPrevented() {
    return this.#s.canceled;
  }
  get composed() {
    return this.#s.composed;
  }
  get timeStamp() {
    return this.#s.time;
  }
  initEvent(type: string, bubbles = false, cancelable = false): void {
    need(arguments, 1, 'Event.initEvent');
    const name = domString(type);
    if (this.#s.dispatching) return;
    Object.assign(this.#s, {
      type: name,
      bubbles: !!bubbles,
      cancelable: !!cancelable,
      initialized: true,
      stop: false,
      stopImmediate: false,
      canceled: false,
      trusted: false,
      target: null,
    });
  }
}
defineInterface(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });

export class CustomEvent extends Event {
  #detail: unknown;
  constructor(type: string, init: CustomEventInit | undefined = undefined) {
    super(type, init);
    const detail = dictionary(init, 'the options')['detail'];
    this.#detail = detail === undefined ? null : detail;
  }
  get detail() {
    return this.#detail;
  }
  initCustomEvent(type: string, bubbles = false, cancelable = false, detail: unknown = null): void {
    this.#detail;
    need(arguments, 1, 'CustomEvent.initCustomEvent');
    if (stateOf(this).dispatching) return;
    this.initEvent(type, bubbles, cancelable);
    this.#detail = detail;
  }
}
defineInterface(CustomEvent);

export class ErrorEvent extends Event {
  #init: { message: string; filename: string; lineno: number; colno: number; error: unknown };
  constructor(type: string, init: ErrorEventInit | undefined = undefined) {
    super(type, init);
    const o = dictionary(init, 'the options');
    this.#init = {
      message: o['message'] === undefined ? '' : domString(o['message']),
      filename: o['filename'] === undefined ? '' : domString(o['filename']).toWellFormed(),
      lineno: integer(o['lineno'] ?? 0, 32, false),
      colno: integer(o['colno'] ?? 0, 32, false),
      error: o['error'],
    };
  }
  get message() {
    return this.#init.message;
  }
  get filename() {
    return this.#init.filename;
  }
  get lineno() {
    return this.#init.lineno;
  }
  get colno() {
    return this.#init.colno;
  }
  get error() {
    return this.#init.error;
  }
}
defineInterface(ErrorEvent);

export class PromiseRejectionEvent extends Event {
  #promise: object;
  #reason: unknown;
  constructor(type: string, init: PromiseRejectionEventInit) {
    need(arguments, 2, 'PromiseRejectionEvent');
    super(type, init);
    const o = dictionary(init, 'the options');
    if (!isObject(o['promise'])) throw new TypeError('the member promise is required');
    this.#promise = o['promise'];
    this.#reason = o['reason'];
  }
  get promise() {
    return this.#promise;
  }
  get reason() {
    return this.#reason;
  }
}
defineInterface(PromiseRejectionEvent);

/** Marks an event as made by the platform. */
export function trusted<T extends Event>(event: T): T {
  stateOf(event).trusted = true;
  return event;
}

/** The listeners of a target, and who is told when they change. */
type Listeners = Listener[] & { changed?: () => void };

let listenersOf: (target: EventTarget) => Listeners;
let isTarget: (value: object) => boolean;
/** `abort.ts` teaches this how to listen to a signal without an event. */
let onAbort: ((signal: unknown, run: () => void) => boolean) | undefined;

export function provideAbort(listen: (signal: unknown, run: () => void) => boolean): void {
  onAbort = listen;
}

/** The target of a call: methods taken off the global object, and called without a receiver, mean that object. */
function receiver(self: EventTarget | undefined | null): EventTarget {
  const target = self ?? (globalThis as unknown as EventTarget);
  if (!isTarget(target)) throw new TypeError('not an EventTarget');
  return target;
}

const globalListeners: Listeners = [];

export class EventTarget {
  #listeners: Listeners = [];

  static {
    isTarget = (value) => #listeners in value || value === globalThis;
    listenersOf = (target) => (#listeners in target ? target.#listeners : globalListeners);
  }

  addEventListener(type: string, callback: unknown, options: unknown = undefined): void {
    const self = receiver(this);
    need(arguments, 2, 'EventTarget.addEventListener');
    const listeners = listenersOf(self);
    const name = domString(type);
    if (callback !== null && callback !== undefined && !isObject(callback)) throw new TypeError('the callback is not an object');
    const o = isObject(options) ? (options as Record<string, unknown>) : undefined;
    const capture = o ? !!o['capture'] : !!options;
    const once = !!o?.['once'];
    const passive = !!o?.['passive'];
    const signal = o?.['signal'];
    let listener: Listener;
    if (signal !== undefined) {
      // True when the signal is aborted already: then nothing is added.
      if (!onAbort || !isObject(signal)) throw new TypeError('the member signal is not an AbortSignal');
      if (onAbort(signal, () => listener && drop(listeners, listener))) return;
    }
    if (callback === null || callback === undefined) return;
    if (listeners.some((l) => l.type === name && l.callback === callback && l.capture === capture)) return;
    listener = { type: name, callback, capture, once, passive, removed: false };
    listeners.push(listener);
    listeners.changed?.();
  }

  removeEventListener(type: string, callback: unknown, options: unknown = undefined): void {
    const self = receiver(this);
    need(arguments, 2, 'EventTarget.removeEventListener');
    const listeners = listenersOf(self);
    const name = domString(type);
    if (callback !== null && callback !== undefined && !isObject(callback)) throw new TypeError('the callback is not an object');
    const capture = isObject(options) ? !!(options as Record<string, unknown>)['capture'] : !!options;
    const found = listeners.find((l) => l.type === name && l.callback === callback && l.capture === capture);
    if (found) drop(listeners, found);
  }

  dispatchEvent(event: Event): boolean {
    const self = receiver(this);
    need(arguments, 1, 'EventTarget.dispatchEvent');
    if (!(event instanceof Event)) throw new TypeError('not an Event');
    const state = stateOf(event);
    if (state.dispatching || !state.initialized) throw new DOMException('the event is being dispatched', 'InvalidStateError');
    state.trusted = false;
    return dispatch(self, event);
  }
}
defineInterface(EventTarget);

function drop(listeners: Listeners, listener: Listener): void {
  listener.removed = true;
  const at = listeners.indexOf(listener);
  if (at >= 0) listeners.splice(at, 1);
  listeners.changed?.();
}

/** Calls a function whenever a listener is added to a target, or removed. */
export function whenListened(target: EventTarget, changed: () => void): void {
  listenersOf(target).changed = changed;
}

/** Dispatches an event made by the platform or, through `dispatchEvent`, by the program. False when it was canceled. */
export function dispatch(target: EventTarget, event: Event): boolean {
  const state = stateOf(event);
  state.dispatching = true;
  state.target = state.current = target;
  state.phase = 2;
  if (!state.stop) {
    invoke(target, event, state, true);
    if (!state.stop) invoke(target, event, state, false);
  }
  state.phase = 0;
  state.current = null;
  state.dispatching = state.stop = state.stopImmediate = false;
  return !state.canceled;
}

function invoke(target: EventTarget, event: Event, state: EventState, capture: boolean): void {
  const listeners = listenersOf(target);
  for (const listener of [...listeners]) {
    if (listener.removed || listener.type !== state.type || listener.capture !== capture) continue;
    if (listener.once) drop(listeners, listener);
    state.passive = listener.passive;
    try {
      const { callback } = listener;
      if (typeof callback === 'function') Reflect.apply(callback, target, [event]);
      else {
        const handle = (callback as { handleEvent: unknown }).handleEvent;
        if (typeof handle !== 'function') throw new TypeError('handleEvent is not a function');
        Reflect.apply(handle, callback, [event]);
      }
    } catch (error) {
      report(error);
    }
    state.passive = false;
    if (state.stopImmediate) return;
  }
}

/** Whether somebody listens to events of that type. */
export function listensTo(target: EventTarget, type: string): boolean {
  return listenersOf(target).some((l) => l.type === type);
}

/**
 * Event handler attributes (`onmessage` for `message`): a listener that is added at the first function set, and keeps its place.
 * `changed` is told of each value.
 */
export function defineHandlers(proto: object, types: string[], changed?: (target: EventTarget, type: string) => void): void {
  for (const type of types) {
    const handlers = new WeakMap<object, { value: unknown }>();
    const { get, set } = Object.getOwnPropertyDescriptor(
      {
        get ['on' + type](): unknown {
          return handlers.get(receiver(this as unknown as EventTarget))?.value ?? null;
        },
        set ['on' + type](value: unknown) {
          const self = receiver(this as unknown as EventTarget);
          let handler = handlers.get(self);
          const next = isObject(value) ? value : null;
          if (!handler && next) {
            handlers.set(self, (handler = { value: next }));
            EventTarget.prototype.addEventListener.call(self, type, (event: Event) => call(self, handler!.value, event));
          } else if (handler) handler.value = next;
          changed?.(self, type);
        },
      },
      'on' + type,
    )!;
    Object.defineProperty(proto, 'on' + type, { get, set, enumerable: true, configurable: true });
  }
}

function call(self: EventTarget, value: unknown, event: Event): void {
  if (typeof value !== 'function') return;
  // The global object's onerror is given the parts, and cancels by true (HTML, "the event handler processing algorithm").
  if (event instanceof ErrorEvent && event.type === 'error' && (self as unknown) === globalThis) {
    const result = value.call(self, event.message, event.filename, event.lineno, event.colno, event.error);
    if (result === true) event.preventDefault();
  } else if (value.call(self, event) === false) event.preventDefault();
}

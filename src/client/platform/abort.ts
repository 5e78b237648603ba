/** AbortController and AbortSignal (DOM standard, section 3). */
import { defineHandlers, dispatch, Event, EventTarget, listensTo, provideAbort, trusted, whenListened } from './event.ts';
import { defineInterface, enforceRange, illegal, isObject, need } from './idl.ts';
import { queueTimer } from './tasks.ts';

const secret = Symbol('AbortSignal');

interface SignalState {
  aborted: boolean;
  reason: unknown;
  /** Run, in order, before the event; dropped afterwards. */
  algorithms: Set<() => void>;
  dependent: boolean;
  /** The signals that abort this one, none of which depends on others itself. */
  sources: Set<AbortSignal>;
  /** Who is aborted with this one. Weak, for a signal that lives as long as the program may get any number of them. */
  dependents: Set<WeakRef<AbortSignal>>;
  /** So many of them are looked through for those that are gone. */
  sweep: number;
  /** Those of them that must stay, because somebody waits for them ("Garbage collection" in the standard). */
  held: Set<AbortSignal>;
}

let stateOf: (signal: AbortSignal) => SignalState;
let isSignal: (value: unknown) => value is AbortSignal;
/** Makes a signal: its constructor is not the program's to call. */
const create = (): AbortSignal => new (AbortSignal as unknown as new (key: symbol) => AbortSignal)(secret);

export class AbortSignal extends EventTarget {
  #s: SignalState = {
    aborted: false,
    reason: undefined,
    algorithms: new Set(),
    dependent: false,
    sources: new Set(),
    dependents: new Set(),
    sweep: 32,
    held: new Set(),
  };

  static {
    stateOf = (signal) => signal.#s;
    isSignal = (value): value is AbortSignal => isObject(value) && #s in value;
  }

  constructor() {
    // eslint-disable-next-line prefer-rest-params -- the interface has no parameter
    if (arguments[0] !== secret) illegal();
    super();
  }

  static abort(reason: unknown = undefined): AbortSignal {
    const signal = create();
    signal.#s.aborted = true;
    signal.#s.reason = reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason;
    return signal;
  }

  static timeout(milliseconds: number): AbortSignal {
    need(arguments, 1, 'AbortSignal.timeout');
    const delay = enforceRange(milliseconds, 'the delay');
    const signal = create();
    // As in Node, a program does not go on for it.
    queueTimer(delay, () => abort(signal, new DOMException('The operation timed out', 'TimeoutError')), false);
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    need(arguments, 1, 'AbortSignal.any');
    const list = [...signals];
    if (!list.every(isSignal)) throw new TypeError('not an AbortSignal');
    return anyOf(list);
  }

  get aborted(): boolean {
    return this.#s.aborted;
  }
  get reason(): unknown {
    return this.#s.reason;
  }
  throwIfAborted(): void {
    if (this.#s.aborted) throw this.#s.reason;
  }
}
defineInterface(AbortSignal);
defineHandlers(AbortSignal.prototype, ['abort']);

/** A signal that is aborted when one of the others is. */
export function anyOf(signals: AbortSignal[]): AbortSignal {
  const result = create();
  const state = stateOf(result);
  const first = signals.find((s) => s.aborted);
  if (first) {
    state.aborted = true;
    state.reason = stateOf(first).reason;
    return result;
  }
  state.dependent = true;
  const weak = new WeakRef(result);
  for (const signal of signals) {
    const own = stateOf(signal);
    for (const source of own.dependent ? own.sources : [signal]) {
      state.sources.add(source);
      depend(stateOf(source), weak);
    }
  }
  whenListened(result, () => {
    const signal = weak.deref();
    if (signal !== undefined) hold(signal);
  });
  return result;
}

function depend(source: SignalState, dependent: WeakRef<AbortSignal>): void {
  const { dependents } = source;
  if (dependents.size >= source.sweep) {
    for (const known of dependents) if (known.deref() === undefined) dependents.delete(known);
    source.sweep = Math.max(32, 2 * dependents.size);
  }
  dependents.add(dependent);
}

/** A dependent signal for which somebody waits stays as long as one of its sources does. */
function hold(signal: AbortSignal): void {
  const { aborted, algorithms, sources } = stateOf(signal);
  const isAwaited = !aborted && (algorithms.size > 0 || listensTo(signal, 'abort'));
  for (const source of sources) {
    if (isAwaited) stateOf(source).held.add(signal);
    else stateOf(source).held.delete(signal);
  }
}

/** "Signal abort": marks the signal and all that depend on it, then runs their algorithms and events. */
export function abort(signal: AbortSignal, reason: unknown = new DOMException('This operation was aborted', 'AbortError')): void {
  const state = stateOf(signal);
  if (state.aborted) return;
  state.aborted = true;
  state.reason = reason;
  const others: AbortSignal[] = [];
  for (const weak of state.dependents) {
    const dependent = weak.deref();
    if (dependent === undefined) continue;
    const own = stateOf(dependent);
    if (own.aborted) continue;
    own.aborted = true;
    own.reason = reason;
    others.push(dependent);
    hold(dependent);
  }
  state.dependents.clear();
  for (const each of [signal, ...others]) {
    const own = stateOf(each);
    for (const run of own.algorithms) run();
    own.algorithms.clear();
    dispatch(each, trusted(new Event('abort')));
  }
}

/** Runs a function when the signal is aborted; gives whether it is already, and then does not. `forget` undoes it. */
export function whenAborted(signal: AbortSignal, run: () => void): boolean {
  const state = stateOf(signal);
  if (!state.aborted) state.algorithms.add(run);
  hold(signal);
  return state.aborted;
}

/** Undoes `whenAborted`. */
export function forget(signal: AbortSignal, run: () => void): void {
  stateOf(signal).algorithms.delete(run);
  hold(signal);
}

export { isSignal as isAbortSignal };

provideAbort((signal, run) => {
  if (!isSignal(signal)) throw new TypeError('the member signal is not an AbortSignal');
  return whenAborted(signal, run);
});

export class AbortController {
  #signal = create();
  get signal(): AbortSignal {
    return this.#signal;
  }
  abort(reason: unknown = undefined): void {
    abort(this.#signal, reason);
  }
}
defineInterface(AbortController);

/** The global object as an event target, and the events of errors that nobody caught (HTML, "Runtime script errors"). */
import { defineHandlers, dispatch, ErrorEvent, EventTarget, listensTo, PromiseRejectionEvent, trusted } from './event.ts';
import { interceptErrors, report } from './report.ts';

const target = globalThis as unknown as EventTarget;

export const { addEventListener, removeEventListener, dispatchEvent } = EventTarget.prototype;

export function reportError(error: unknown): void {
  if (arguments.length < 1) throw new TypeError('reportError: 1 argument required, but only 0 present');
  report(error);
}

let reporting = false;

interceptErrors((error) => {
  // An error within a listener for errors goes straight to the host.
  if (reporting || !listensTo(target, 'error')) return false;
  reporting = true;
  try {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const event = new ErrorEvent('error', { message: text, error, cancelable: true });
    return !dispatch(target, trusted(event));
  } finally {
    reporting = false;
  }
});

/** The handler attributes, for `install` to put on the global object. */
export const handlers: object = {};
defineHandlers(handlers, ['error', 'unhandledrejection', 'rejectionhandled']);

/** A promise was rejected, and has no handler at the end of the task: true when a listener took care of it. */
export function unhandledRejection(promise: Promise<unknown>, reason: unknown): boolean {
  if (!listensTo(target, 'unhandledrejection')) return false;
  return !dispatch(target, trusted(new PromiseRejectionEvent('unhandledrejection', { promise, reason, cancelable: true })));
}

/** A promise of which `unhandledRejection` was told has got a handler. */
export function rejectionHandled(promise: Promise<unknown>, reason: unknown): void {
  if (listensTo(target, 'rejectionhandled')) dispatch(target, trusted(new PromiseRejectionEvent('rejectionhandled', { promise, reason })));
}

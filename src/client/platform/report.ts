/** Errors that nobody caught: the `error` and `unhandledrejection` events of the global object, and the host's last word. */
import { host } from './host.ts';

/** Set by `global-events.ts` once the program has shown interest in the global object's events. Gives whether the error was handled there. */
let listener: ((error: unknown) => boolean) | undefined;

/** Names who sees errors before the host. */
export function interceptErrors(see: (error: unknown) => boolean): void {
  listener = see;
}

/** "Report an exception" of the HTML standard. */
export function report(error: unknown): void {
  if (!listener?.(error)) host.uncaught(error);
}

/** `pipeTo` (Streams standard, 4.9.1, "ReadableStreamPipeTo"). */
import { forget, whenAborted } from '../abort.ts';
import { deferred, handled, react, resolved, upon } from './promises.ts';
import { type ReadableState, ReaderState } from './readable-state.ts';
import { type WritableState, WriterState } from './writable-state.ts';

export function pipe(
  source: ReadableState,
  dest: WritableState,
  preventClose: boolean,
  preventAbort: boolean,
  preventCancel: boolean,
  signal: AbortSignal | undefined,
): Promise<undefined> {
  const reader = new ReaderState(source, 'default');
  const writer = new WriterState(dest);
  const done = deferred();
  source.disturbed = true;
  let shuttingDown = false;
  /** The last write: a shutdown waits until all that was read is written. */
  let written: Promise<unknown> = resolved(undefined);

  const finalize = (error?: { reason: unknown }) => {
    writer.release();
    reader.release();
    if (signal) forget(signal as never, onAbort);
    if (error) done.reject(error.reason);
    else done.resolve();
  };
  const flushed = async (): Promise<void> => {
    // Reads that were under way may add a write while one is awaited.
    for (let last; last !== written; ) {
      last = written;
      await react(last, undefined, () => undefined);
    }
  };
  const shutdown = (action: (() => Promise<unknown>) | undefined, error?: { reason: unknown }) => {
    if (shuttingDown) return;
    shuttingDown = true;
    const act = () => {
      if (!action) return finalize(error);
      upon(
        action(),
        () => finalize(error),
        (reason) => finalize({ reason }),
      );
    };
    if (dest.state === 'writable' && !dest.closing) upon(flushed(), act);
    else act();
  };
  const onAbort = () => {
    const reason = signal!.reason;
    const actions: (() => Promise<unknown>)[] = [];
    if (!preventAbort) actions.push(() => (dest.state === 'writable' ? dest.abort(reason) : resolved(undefined)));
    if (!preventCancel) actions.push(() => (source.state === 'readable' ? source.cancel(reason) : resolved(undefined)));
    shutdown(() => all(actions.map((action) => action())), { reason });
  };
  if (signal && whenAborted(signal as never, onAbort)) {
    onAbort();
    return done.promise as unknown as Promise<undefined>;
  }

  const sourceErrored = () =>
    preventAbort ? shutdown(undefined, { reason: source.stored }) : shutdown(() => dest.abort(source.stored), { reason: source.stored });
  const destErrored = () =>
    preventCancel ? shutdown(undefined, { reason: dest.stored }) : shutdown(() => source.cancel(dest.stored), { reason: dest.stored });
  const sourceClosed = () => (preventClose ? shutdown(undefined) : shutdown(() => writer.closePropagating()));

  if (source.state === 'errored') sourceErrored();
  else upon(reader.closed.promise, undefined, sourceErrored);
  if (dest.state === 'errored') destErrored();
  else upon(writer.closed.promise, undefined, destErrored);
  if (source.state === 'closed') sourceClosed();
  else upon(reader.closed.promise, sourceClosed);
  if (dest.closing || dest.state === 'closed') {
    const reason = new TypeError('the destination is closed');
    if (preventCancel) shutdown(undefined, { reason });
    else shutdown(() => source.cancel(reason), { reason });
  }

  /** One chunk; the promise is for whether there is no more. */
  const step = (): Promise<boolean> => {
    if (shuttingDown) return resolved(true);
    return react(writer.ready.promise, () => {
      const result = deferred<boolean>();
      source.read({
        chunk: (chunk) => {
          // In a microtask of its own, so that a chunk read synchronously is not written within the source's enqueue.
          written = react(resolved(undefined), () => writer.write(chunk));
          handled(written);
          result.resolve(false);
        },
        close: () => result.resolve(true),
        error: result.reject,
      });
      return result.promise;
    });
  };
  const loop = () => upon(step(), (end) => void (end || loop()));
  loop();
  return done.promise as unknown as Promise<undefined>;
}

/** "Wait for all", with a promise for the end of it. */
function all(promises: Promise<unknown>[]): Promise<unknown> {
  const done = deferred();
  let left = promises.length;
  if (left === 0) done.resolve();
  for (const promise of promises) upon(promise, () => void (--left === 0 && done.resolve()), done.reject);
  return done.promise;
}

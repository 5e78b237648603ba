/** Two streams from one (Streams standard, 4.9.1, "ReadableStreamTee"). */
import { structuredClone } from '../clone.ts';
import { deferred, handled, resolved, upon } from './promises.ts';
import { cloneBytes } from './pull-into.ts';
import { ByteController } from './readable-byte.ts';
import type { DefaultController } from './readable-default.ts';
import { createByteReadable, createReadable } from './readable.ts';
import { type ReadableState, ReaderState } from './readable-state.ts';
import { readInto } from './readers.ts';

/** Runs as a microtask, in which the queue of the stream that is teed is consistent. */
function later(run: () => void): void {
  upon(resolved(undefined), run);
}

/** The cancellation of both branches, as one of the stream; each branch's cancel promise is that one. */
function cancellation(stream: ReadableState) {
  const reasons: unknown[] = [undefined, undefined];
  const canceled = [false, false];
  const done = deferred<unknown>();
  const cancel = (branch: 0 | 1) => (reason: unknown) => {
    canceled[branch] = true;
    reasons[branch] = reason;
    if (canceled[1 - branch]) done.resolve(stream.cancel([reasons[0], reasons[1]]));
    return done.promise;
  };
  return { canceled, done, cancel };
}

/** `clones`: the second branch gets copies of the chunks, as the clone of a body does. */
export function tee(stream: ReadableState, clones = false): [ReadableState, ReadableState] {
  return stream.controller instanceof ByteController ? teeBytes(stream) : teeDefault(stream, clones);
}

function teeDefault(stream: ReadableState, clones: boolean): [ReadableState, ReadableState] {
  const reader = new ReaderState(stream, 'default');
  const { canceled, done, cancel } = cancellation(stream);
  let reading = false;
  let again = false;
  const controllers = () => branches.map((branch) => branch.controller as DefaultController);
  const pull = (): Promise<unknown> => {
    if (reading) {
      again = true;
      return resolved(undefined);
    }
    reading = true;
    stream.read({
      chunk: (value) =>
        later(() => {
          again = false;
          let second = value;
          if (clones && !canceled[1]) {
            try {
              second = structuredClone(value);
            } catch (error) {
              for (const controller of controllers()) controller.error(error);
              done.resolve(stream.cancel(error));
              return;
            }
          }
          controllers().forEach((controller, i) => {
            if (!canceled[i]) controller.enqueue(i === 0 ? value : second);
          });
          reading = false;
          if (again) pull();
        }),
      close: () => {
        reading = false;
        controllers().forEach((controller, i) => {
          if (!canceled[i]) controller.close();
        });
        if (!canceled[0] || !canceled[1]) done.resolve(undefined);
      },
      error: () => {
        reading = false;
      },
    });
    return resolved(undefined);
  };
  const branches: [ReadableState, ReadableState] = [
    createReadable({ pull, cancel: cancel(0) }),
    createReadable({ pull, cancel: cancel(1) }),
  ];
  upon(reader.closed.promise, undefined, (reason) => {
    for (const controller of controllers()) controller.error(reason);
    if (!canceled[0] || !canceled[1]) done.resolve(undefined);
  });
  return branches;
}

function teeBytes(stream: ReadableState): [ReadableState, ReadableState] {
  let reader = new ReaderState(stream, 'default');
  const { canceled, done, cancel } = cancellation(stream);
  let reading = false;
  const again = [false, false];
  const controllerOf = (branch: number) => branches[branch]!.controller as ByteController;

  /** When the reader that is in use breaks, both branches do. */
  const forward = (of: ReaderState) =>
    upon(of.closed.promise, undefined, (reason) => {
      if (of !== reader) return;
      controllerOf(0).error(reason);
      controllerOf(1).error(reason);
      if (!canceled[0] || !canceled[1]) done.resolve(undefined);
    });
  const use = (kind: 'default' | 'byob') => {
    if (kind === 'byob' ? reader.readIntos : reader.reads) return;
    reader.release();
    handled(reader.closed.promise);
    reader = new ReaderState(stream, kind);
    forward(reader);
  };
  /** A failed copy ends both branches, and the stream. */
  const broken = (error: unknown) => {
    controllerOf(0).error(error);
    controllerOf(1).error(error);
    done.resolve(stream.cancel(error));
  };
  const carryOn = () => {
    reading = false;
    if (again[0]) pull(0);
    else if (again[1]) pull(1);
  };

  const pullDefault = () => {
    use('default');
    stream.read({
      chunk: (value) =>
        later(() => {
          again[0] = again[1] = false;
          const chunk = value as Uint8Array;
          let second = chunk;
          if (!canceled[0] && !canceled[1]) {
            try {
              second = cloneBytes(chunk);
            } catch (error) {
              broken(error);
              return;
            }
          }
          if (!canceled[0]) controllerOf(0).enqueue(chunk);
          if (!canceled[1]) controllerOf(1).enqueue(second);
          carryOn();
        }),
      close: () => {
        reading = false;
        for (const i of [0, 1]) if (!canceled[i]) controllerOf(i).close();
        for (const i of [0, 1]) if (controllerOf(i).pendings.length > 0) controllerOf(i).respond(0);
        if (!canceled[0] || !canceled[1]) done.resolve(undefined);
      },
      error: () => {
        reading = false;
      },
    });
  };

  const pullInto = (view: ArrayBufferView, branch: 0 | 1) => {
    use('byob');
    const other = (1 - branch) as 0 | 1;
    readInto(stream, view, 1, {
      chunk: (chunk) =>
        later(() => {
          again[0] = again[1] = false;
          if (!canceled[other]) {
            let copy;
            try {
              copy = cloneBytes(chunk);
            } catch (error) {
              broken(error);
              return;
            }
            if (!canceled[branch]) controllerOf(branch).respondWithView(chunk);
            controllerOf(other).enqueue(copy);
          } else if (!canceled[branch]) controllerOf(branch).respondWithView(chunk);
          carryOn();
        }),
      close: (chunk) => {
        reading = false;
        if (!canceled[branch]) controllerOf(branch).close();
        if (!canceled[other]) controllerOf(other).close();
        if (chunk) {
          if (!canceled[branch]) controllerOf(branch).respondWithView(chunk);
          if (!canceled[other] && controllerOf(other).pendings.length > 0) controllerOf(other).respond(0);
        }
        if (!canceled[branch] || !canceled[other]) done.resolve(undefined);
      },
      error: () => {
        reading = false;
      },
    });
  };

  const pull = (branch: 0 | 1): Promise<unknown> => {
    if (reading) {
      again[branch] = true;
      return resolved(undefined);
    }
    reading = true;
    const request = controllerOf(branch).request as { view: ArrayBufferView } | null;
    if (request) pullInto(request.view, branch);
    else pullDefault();
    return resolved(undefined);
  };

  const branches: ReadableState[] = [];
  branches.push(createByteReadable({ pull: () => pull(0), cancel: cancel(0) }));
  branches.push(createByteReadable({ pull: () => pull(1), cancel: cancel(1) }));
  forward(reader);
  return branches as [ReadableState, ReadableState];
}

/** TransformStream (Streams standard, section 6). */
import { callable, defineInterface, dictionary, illegal, isObject } from '../idl.ts';
import { type Deferred, bare, deferred, invoke, react, rejected, resolved, upon } from './promises.ts';
import type { DefaultController } from './readable-default.ts';
import { createReadable } from './readable.ts';
import type { ReadableState } from './readable-state.ts';
import { markOf, strategyOf } from './strategies.ts';
import { createWritable } from './writable.ts';
import type { WritableState } from './writable-state.ts';

/** What a transform calls: a transformer with its receiver bound, or the platform's own. */
export interface Transformer {
  transform?: ((chunk: unknown) => Promise<unknown>) | undefined;
  flush?: (() => Promise<unknown>) | undefined;
  cancel?: ((reason: unknown) => Promise<unknown>) | undefined;
}

type Size = ((chunk: unknown) => unknown) | undefined;

export class TransformState {
  readable: ReadableState;
  writable: WritableState;
  #transformer: Transformer;
  #backpressure = true;
  #change: Deferred = deferred();
  /** Set once a close, an abort or a cancel has begun: the others then wait for it. */
  #finish: Deferred | undefined;

  constructor(transformer: Transformer, start: Promise<unknown>, writableMark = 1, writableSize?: Size, readableMark = 0, readableSize?: Size) {
    this.#transformer = bare(transformer);
    this.writable = createWritable(
      {
        start: () => start,
        write: (chunk) => this.#write(chunk),
        abort: (reason) => this.#abort(reason),
        close: () => this.#close(),
      },
      writableMark,
      writableSize,
    );
    this.readable = createReadable(
      { start: () => start, pull: () => this.#pull(), cancel: (reason) => this.#cancel(reason) },
      readableMark,
      readableSize,
    );
  }

  get #controller(): DefaultController {
    return this.readable.controller as DefaultController;
  }

  get desiredSize(): number | null {
    return this.#controller.desiredSize;
  }

  enqueue(chunk: unknown): void {
    const controller = this.#controller;
    if (!controller.canEnqueue) throw new TypeError('the readable side takes no more');
    try {
      controller.enqueue(chunk);
    } catch (error) {
      this.#errorWritable(error);
      throw this.readable.stored;
    }
    const backpressure = controller.backpressure;
    if (backpressure !== this.#backpressure) this.#setBackpressure(true);
  }

  error(reason: unknown): void {
    this.#controller.error(reason);
    this.#errorWritable(reason);
  }

  terminate(): void {
    this.#controller.close();
    this.#errorWritable(new TypeError('the transform stream was terminated'));
  }

  #errorWritable(reason: unknown): void {
    this.#transformer = bare({});
    this.writable.controller.errorIfNeeded(reason);
    this.#unblock();
  }

  #unblock(): void {
    if (this.#backpressure) this.#setBackpressure(false);
  }

  #setBackpressure(backpressure: boolean): void {
    this.#change.resolve();
    this.#change = deferred();
    this.#backpressure = backpressure;
  }

  #transform(chunk: unknown): Promise<unknown> {
    let result;
    const { transform } = this.#transformer;
    if (transform) result = transform(chunk);
    else {
      try {
        this.enqueue(chunk);
        result = resolved(undefined);
      } catch (error) {
        result = rejected(error);
      }
    }
    return react(result, undefined, (reason) => {
      this.error(reason);
      throw reason;
    });
  }

  #write(chunk: unknown): Promise<unknown> {
    if (!this.#backpressure) return this.#transform(chunk);
    return react(this.#change.promise, () => {
      if (this.writable.state === 'erroring') throw this.writable.stored;
      return this.#transform(chunk);
    });
  }

  #abort(reason: unknown): Promise<unknown> {
    if (this.#finish) return this.#finish.promise;
    const finish = (this.#finish = deferred());
    const canceled = this.#transformer.cancel?.(reason) ?? resolved(undefined);
    this.#transformer = bare({});
    upon(
      canceled,
      () => {
        if (this.readable.state === 'errored') finish.reject(this.readable.stored);
        else {
          this.#controller.error(reason);
          finish.resolve();
        }
      },
      (error) => {
        this.#controller.error(error);
        finish.reject(error);
      },
    );
    return finish.promise;
  }

  #close(): Promise<unknown> {
    if (this.#finish) return this.#finish.promise;
    const finish = (this.#finish = deferred());
    const flushed = this.#transformer.flush?.() ?? resolved(undefined);
    this.#transformer = bare({});
    upon(
      flushed,
      () => {
        if (this.readable.state === 'errored') finish.reject(this.readable.stored);
        else {
          this.#controller.close();
          finish.resolve();
        }
      },
      (error) => {
        this.#controller.error(error);
        finish.reject(error);
      },
    );
    return finish.promise;
  }

  #pull(): Promise<unknown> {
    this.#setBackpressure(false);
    return this.#change.promise;
  }

  #cancel(reason: unknown): Promise<unknown> {
    if (this.#finish) return this.#finish.promise;
    const finish = (this.#finish = deferred());
    const canceled = this.#transformer.cancel?.(reason) ?? resolved(undefined);
    this.#transformer = bare({});
    upon(
      canceled,
      () => {
        if (this.writable.state === 'errored') finish.reject(this.writable.stored);
        else {
          this.writable.controller.errorIfNeeded(reason);
          this.#unblock();
          finish.resolve();
        }
      },
      (error) => {
        this.writable.controller.errorIfNeeded(error);
        this.#unblock();
        finish.reject(error);
      },
    );
    return finish.promise;
  }
}

/** A transform of the platform's own: functions that may throw, and that enqueue. */
export function createTransform(transform: (chunk: unknown, to: TransformState) => void, flush: (to: TransformState) => void): TransformState {
  const attempt = (run: () => void): Promise<unknown> => {
    try {
      run();
      return resolved(undefined);
    } catch (error) {
      return rejected(error);
    }
  };
  const state: TransformState = new TransformState(
    { transform: (chunk) => attempt(() => transform(chunk, state)), flush: () => attempt(() => flush(state)) },
    resolved(undefined),
  );
  return state;
}

let pending: TransformState | undefined;

export class TransformStreamDefaultController {
  #s: TransformState;
  constructor() {
    if (!pending) illegal();
    this.#s = pending;
    pending = undefined;
  }
  get desiredSize(): number | null {
    return this.#s.desiredSize;
  }
  enqueue(chunk: unknown = undefined): void {
    this.#s.enqueue(chunk);
  }
  error(reason: unknown = undefined): void {
    this.#s.error(reason);
  }
  terminate(): void {
    this.#s.terminate();
  }
}
defineInterface(TransformStreamDefaultController);

class TransformStreamClass {
  #s: TransformState;

  constructor(transformer: unknown = undefined, writableStrategy: unknown = undefined, readableStrategy: unknown = undefined) {
    if (transformer === null || (transformer !== undefined && !isObject(transformer))) {
      throw new TypeError('the transformer is not an object');
    }
    const writable = strategyOf(writableStrategy);
    const readable = strategyOf(readableStrategy);
    const o = dictionary(transformer, 'the transformer');
    const method = (name: string) => {
      const value = o[name];
      return value === undefined ? undefined : callable(value, name);
    };
    const cancel = method('cancel');
    const flush = method('flush');
    if (o['readableType'] !== undefined) throw new RangeError('the member readableType is reserved');
    const start = method('start');
    const transform = method('transform');
    if (o['writableType'] !== undefined) throw new RangeError('the member writableType is reserved');
    const readableMark = markOf(readable, 0);
    const writableMark = markOf(writable, 1);
    const started = deferred<unknown>();
    let controller: object;
    this.#s = new TransformState(
      {
        transform: transform && ((chunk) => invoke(transform, transformer, [chunk, controller])),
        flush: flush && (() => invoke(flush, transformer, [controller])),
        cancel: cancel && ((reason) => invoke(cancel, transformer, [reason])),
      },
      started.promise,
      writableMark,
      writable.size,
      readableMark,
      readable.size,
    );
    pending = this.#s;
    controller = new TransformStreamDefaultController();
    started.resolve(start && Reflect.apply(start, transformer, [controller]));
  }

  get readable(): object {
    return this.#s.readable.self;
  }
  get writable(): object {
    return this.#s.writable.self;
  }
}
Object.defineProperty(TransformStreamClass, 'name', { value: 'TransformStream', configurable: true });
defineInterface(TransformStreamClass, {}, 'TransformStream');

export const TransformStream = TransformStreamClass as unknown as typeof globalThis.TransformStream;

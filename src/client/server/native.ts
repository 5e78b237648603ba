// What the process around the engine does. `src/script` is the other side.

import type { Host } from '../platform/host.ts';

/** Names and values. */
export type Headers = [name: string, value: string][];
/** The body that goes with a head: nothing, all of it, or pieces to come. */
export type Sent = undefined | Uint8Array | true;

/** How a program was started. */
export interface Start {
  readonly arguments: readonly string[];
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly directory: string;
  /** The number of the process. */
  readonly pid: number;
  /** When, in milliseconds since 1970. */
  readonly time: number;
}

/** A module's own id and definition; what reading that has thrown; or what is wrong, as text. */
export type Answer = readonly [kind: 'module' | 'threw' | 'fault' | 'missing' | 'failed', id: string, value: unknown];

export interface Native {
  /** Modules by their ids. */
  load(ids: readonly string[]): Answer[];
  /** A module under `../platform`, by its name there: what its text gives. */
  platform(name: string): unknown;
  /** What of the platform's host is the process's. */
  readonly natives: Omit<Host, 'now' | 'timeOrigin' | 'wake' | 'ask' | 'uncaught' | 'inspect' | 'format' | 'load'>;
  write(isError: boolean, text: string): void;
  writeBytes(isError: boolean, bytes: Uint8Array): void;
  /** A stack with the places in the sources. */
  placed(stack: string): string;
  /** Milliseconds since the start. */
  now(): number;
  /** Ends the program; never returns. */
  exit(code: number): never;
  /** Asks what a hook's context is asked: an error's code or null, and the answer or the error's message. */
  ask(question: string, path: string): readonly [code: string | null, answer: unknown];
  /** A line of a hook for the log. */
  log(level: 'debug' | 'info' | 'warn' | 'error', text: string): void;
  /** What has come of a hook. */
  give(kind: 'bytes' | 'status' | 'paths' | 'wrong' | 'threw' | 'memory' | 'fault' | 'exited' | 'pending', value?: unknown, more?: string): void;
  /** Whether there are others to send messages to. */
  readonly hasNetwork: boolean;
  /** Sends a message about an exchange; `./exchange.ts` and `./live.ts` say which there are. */
  post(kind: string, exchange: number, ...rest: unknown[]): void;
  /** Whether the program holds so much memory that there may be none left. */
  isFull(): boolean;
  /** Whether it has ever held so much. */
  wasFull(): boolean;
  /** A promise's state, and what it was settled with. */
  promise(promise: Promise<unknown>): readonly ['pending' | 'fulfilled' | 'rejected', unknown];
}

export const native = (import.meta as unknown as { native: Native }).native;

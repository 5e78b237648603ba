// Stacks of errors as other engines tell them: first the name and the message, then the frames, with places in the sources. What the
// engine keeps are the frames alone, in what was compiled.

import { native } from './native';

const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
const { get: ownGet } = getOwnPropertyDescriptor(Error.prototype, 'stack')!;
const ownCapture = Error.captureStackTrace;
const errorText = Error.prototype.toString;

/** What was captured for objects that need not be errors. */
const captured = new WeakMap<object, string>();
const { get: find, set: keep } = captured;

/** The first line of what is told of an error. */
export function headOf(error: unknown): string {
  try {
    return apply(errorText, error, []) as string;
  } catch {
    return 'Error';
  }
}

/** Whether this is what the engine keeps, and not what `Error.prepareStackTrace` has made of it. */
const areFrames = (stack: unknown): stack is string => typeof stack === 'string' && (stack === '' || stack.startsWith('    at '));

/** Frames without those of the error's own constructors, which come first: what threw it is what is looked for. */
function withoutConstructors(error: unknown, stack: string): string {
  if (!(error instanceof Error) || apply(find, captured, [error]) !== undefined) return stack;
  const names = new Set<string>();
  for (let type: unknown = error.constructor; typeof type === 'function' && type !== Error; type = getPrototypeOf(type)) names.add(type.name);
  const lines = stack.split('\n');
  const first = lines.findIndex((line) => !names.has(/^ {4}at (?:new )?([^ ]+) \(/.exec(line)?.[1] ?? ''));
  return first < 0 ? stack : lines.slice(first).join('\n');
}

function engineStackOf(error: unknown): unknown {
  const known = typeof error === 'object' && error !== null ? apply(find, captured, [error]) : undefined;
  return known ?? apply(ownGet!, error, []);
}

function get(this: unknown): unknown {
  const stack = engineStackOf(this);
  if (!areFrames(stack)) return stack;
  const frames = native.placed(withoutConstructors(this, stack)).trimEnd();
  return frames === '' ? headOf(this) : `${headOf(this)}\n${frames}`;
}

/** What a program sets it to, it is: an own property, as everywhere. */
function set(this: unknown, value: unknown): void {
  if ((typeof this !== 'object' && typeof this !== 'function') || this === null) return;
  defineProperty(this, 'stack', { value, writable: true, enumerable: false, configurable: true });
}

/** The stack that is shown, where it is a text. */
export function stackOf(error: Error): string | undefined {
  const { stack } = error;
  return typeof stack === 'string' ? stack : undefined;
}

/** The frames alone. */
export function framesOf(error: Error): string {
  const stack = stackOf(error) ?? '';
  const head = headOf(error);
  return stack.startsWith(head) ? stack.slice(head.length).replace(/^\n/, '') : stack;
}

/** From now on errors tell their stacks so. */
export function install(): void {
  defineProperty(Error.prototype, 'stack', { get, set, enumerable: false, configurable: true });
  const captureStackTrace = (object: object, above: unknown = captureStackTrace): void => {
    ownCapture(object, above as Function);
    const stack = getOwnPropertyDescriptor(object, 'stack')?.value as unknown;
    if (!areFrames(stack)) return;
    apply(keep, captured, [object, stack]);
    defineProperty(object, 'stack', { get, set, enumerable: false, configurable: true });
  };
  defineProperty(Error, 'captureStackTrace', { value: captureStackTrace, writable: true, enumerable: false, configurable: true });
}

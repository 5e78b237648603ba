// Whatever was thrown, as text: its accessors may throw, and give anything.

import type { Problem } from './problem';

/** The most letters of a message, and the most lines of a stack. */
const LONGEST = 20_000;
const DEEPEST = 100;
/** The most errors that are told as causes of one. */
const CAUSES = 5;

/** What an error says of itself. */
interface Said {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly causes: readonly unknown[];
}

export function problemOf(thrown: unknown): Problem {
  const { name, message, stack, causes } = read(thrown);
  const [first = '', ...rest] = message.split('\n');
  const texts = [rest.join('\n')];
  const stacks = [stack];
  const seen = new Set<unknown>([thrown]);
  const pending = [...causes];
  while (pending.length > 0 && seen.size <= CAUSES) {
    const cause = pending.shift();
    if (seen.has(cause)) continue;
    seen.add(cause);
    const said = read(cause);
    const told = `caused by ${said.name === '' ? '' : `${said.name}: `}${said.message}`;
    texts.push(told);
    if (said.stack !== '') stacks.push(`${told.split('\n', 1)[0]}\n${said.stack}`);
    pending.push(...said.causes);
  }
  const problem: Problem = {
    kind: 'runtime',
    title: first === '' ? 'an error without a message' : first,
    text: texts.filter((text) => text !== '').join('\n'),
    stack: stacks.filter((text) => text !== '').join('\n'),
  };
  return name === '' ? problem : { ...problem, code: name };
}

function read(thrown: unknown): Said {
  if ((typeof thrown !== 'object' || thrown === null) && typeof thrown !== 'function') {
    return { name: '', message: `thrown: ${written(thrown)}`, stack: '', causes: [] };
  }
  const take = (key: string): unknown => {
    try {
      return (thrown as Record<string, unknown>)[key];
    } catch {
      return undefined;
    }
  };
  const name = take('name');
  const message = take('message');
  const stack = take('stack');
  const causes = [take('cause'), ...listed(take('errors'))];
  return {
    name: typeof name === 'string' ? cut(name).split('\n', 1)[0]! : '',
    message: typeof message === 'string' ? cut(message) : `thrown: ${written(thrown)}`,
    stack: typeof stack === 'string' ? stack.slice(0, LONGEST).split('\n', DEEPEST).join('\n') : '',
    causes: causes.filter((cause) => cause !== undefined && cause !== null),
  };
}

/** The errors of an `AggregateError`. */
function listed(errors: unknown): unknown[] {
  try {
    return Array.isArray(errors) ? Array.prototype.slice.call(errors, 0, CAUSES) : [];
  } catch {
    return [];
  }
}

/** A value that is no error. */
function written(value: unknown): string {
  try {
    if (typeof value === 'string') return cut(JSON.stringify(value));
    if (typeof value === 'object' && value !== null) {
      const text = JSON.stringify(value) as string | undefined;
      if (text !== undefined && text !== '{}') return cut(text);
    }
    return cut(String(value));
  } catch {
    return 'a value that has no text';
  }
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

// Hooks: a module whose default export gives a file. `src/script/hook.rs` is the other side.

import type { Namespace } from '../module';
import { console } from './console';
import { inspect } from './inspect';
import { native } from './native';
import { process } from './process';
import { framesOf } from './stack';

type Question = 'bytes' | 'text' | 'kind' | 'list' | 'glob';

// A hook may change what its globals have; what it gives is not to be another thing for that.
const { apply } = Reflect;
const { parse, stringify } = JSON;
const { isView } = ArrayBuffer;
const Bytes = Uint8Array;
const Buffer = ArrayBuffer;
const { toWellFormed } = String.prototype;
const errorText = Error.prototype.toString;

const whole = (text: string) => apply(toWellFormed, text, []) as string;

/** What a hook gives is not what it should be. */
class Wrong {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function ask(question: Question, path: unknown): unknown {
  if (typeof path !== 'string') throw new TypeError(`a path is a string, and this one is ${described(path)}`);
  const [code, answer] = native.ask(question, whole(path));
  if (code === null) return answer;
  const error: Error & { code?: string } = new Error(answer as string);
  error.code = code;
  throw error;
}

/** What a hook is called with: data, and what it may ask for. Answers come at once; to await them does no harm. */
function contextOf(data: string): object {
  return {
    ...(parse(data) as object),
    read: (path: unknown) => ask('bytes', path),
    readText: (path: unknown) => ask('text', path),
    json(path: unknown) {
      const text = ask('text', path) as string;
      try {
        return parse(text) as unknown;
      } catch (error) {
        throw new SyntaxError(`\`${path as string}\` is not valid JSON: ${(error as Error).message}`);
      }
    },
    exists: (path: unknown) => ask('kind', path) !== '',
    list: (path: unknown) => ask('list', path),
    glob: (pattern: unknown) => ask('glob', pattern),
  };
}

/** A value in a sentence. */
function described(value: unknown): string {
  if (value === undefined) return 'nothing (`undefined`)';
  if (value === null) return '`null`';
  if (typeof value === 'object' || typeof value === 'function') return `\`${inspect(value, { depth: 0 }).slice(0, 200)}\``;
  return `the ${typeof value} \`${inspect(value).slice(0, 200)}\``;
}

function isResponse(value: unknown): value is Response {
  const constructor = (globalThis as { Response?: unknown }).Response;
  return typeof constructor === 'function' && value instanceof constructor;
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (isView(value)) return new Bytes(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  return value instanceof Buffer ? new Bytes(value) : undefined;
}

async function giveFile(value: unknown): Promise<void> {
  if (typeof value === 'string') return native.give('bytes', whole(value));
  const bytes = bytesOf(value);
  if (bytes !== undefined) return native.give('bytes', bytes);
  if (!isResponse(value)) throw new Wrong(`the hook gives ${described(value)}, and not a string, bytes or a Response`);
  if (value.status >= 400) return native.give('status', `${value.status} ${value.statusText}`, whole(await value.text()));
  if (value.status >= 300 && value.status < 400) throw new Wrong(`the hook gives a Response with the status ${value.status}, and a file leads nowhere else`);
  if (value.status < 200) throw new Wrong('the hook gives a Response that is an error');
  const headers: [string, string][] = [];
  value.headers.forEach((text, name) => {
    // What every text is without a word of its own says nothing of this file: its name does.
    if (name !== 'content-type' || text !== 'text/plain;charset=UTF-8') headers[headers.length] = [name, text];
  });
  native.give('bytes', new Bytes(await value.arrayBuffer()), whole(stringify({ status: value.status, headers })));
}

/** Calls an export of a hook's module, and gives what comes of it. */
export async function call(module: Namespace, name: string, data: string): Promise<void> {
  if (!(name in module)) throw new Wrong(name === 'default' ? 'the hook has no default export' : `the hook exports no \`${name}\``);
  const exported = module[name];
  const value = await (typeof exported === 'function' ? (exported as Function)(contextOf(data)) : exported);
  if (name === 'default') return giveFile(value);
  if (!Array.isArray(value)) throw new Wrong(`\`${name}\` gives ${described(value)}, and not a list`);
  native.give(name as 'paths', whole(stringify(value)));
}

/** Tells of an error that nobody has caught. */
export function tell(error: unknown): void {
  if (error instanceof Wrong) return native.give('wrong', whole(error.text));
  // Where there is no memory for an error, the engine throws this.
  if (error === null && native.wasFull()) return native.give('memory');
  if (!(error instanceof Error)) return native.give('threw', whole(`uncaught ${inspect(error)}`), '');
  native.give('threw', whole(apply(errorText, error, []) as string), framesOf(error));
}

/** Turns the program into a hook: what it prints goes to the log, and it has no process to end. */
export function prepare(): void {
  let level: 'debug' | 'info' | 'warn' | 'error' | undefined;
  const write = (isError: boolean, text: string) => native.log(level ?? (isError ? 'error' : 'info'), text);
  Reflect.set(native, 'write', write);
  Reflect.set(native, 'writeBytes', (isError: boolean, bytes: Uint8Array) => write(isError, new TextDecoder().decode(bytes)));
  for (const name of ['debug', 'warn'] as const) {
    const print = console[name];
    console[name] = (...values: unknown[]) => {
      level = name;
      try {
        print(...values);
      } finally {
        level = undefined;
      }
    };
  }
  process.exit = () => {
    native.give('exited');
    return native.exit(1);
  };
}

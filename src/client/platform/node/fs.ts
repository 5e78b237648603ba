/**
 * `node:fs` as far as hooks may read: each call asks their context (`../../server/hook.ts`), so that the graph knows of it.
 * Paths are those of `import.meta` and `__dirname`: `/` is the root of the sources, `/~root` that of the workspace. Nothing is
 * ever written. Times are those of 1970: when a file was saved is nothing that an output may depend on.
 */
import { host } from '../host.ts';
import { Buffer } from './buffer.ts';
import { invalidType } from './errors.ts';

type Encoding = string | { encoding?: string | null; withFileTypes?: boolean } | null | undefined;
type Question = 'bytes' | 'kind' | 'list';
type Done = (error: unknown, value?: unknown) => void;

const WORDS: Record<string, string> = {
  ENOENT: 'no such file or directory',
  EISDIR: 'illegal operation on a directory',
  ENOTDIR: 'not a directory',
  EACCES: 'permission denied',
  EROFS: 'read-only file system',
  ELOOP: 'too many symbolic links encountered',
};

function fail(code: string, call: string, path: string, said?: string): Error {
  const error = new Error(`${code}: ${WORDS[code] ?? said ?? 'it cannot be read'}, ${call} '${path}'`);
  return Object.assign(error, { code, syscall: call, path });
}

function pathOf(path: unknown): string {
  // `new URL('./a.txt', import.meta.url)` is that of an output.
  if (typeof path === 'object' && path !== null && 'pathname' in path) return `/~@${decodeURIComponent((path as URL).pathname)}`;
  if (path instanceof Uint8Array) return Buffer.from(path).toString();
  if (typeof path !== 'string') throw invalidType('path', 'of type string or an instance of Buffer or URL', path);
  const here = (globalThis as unknown as { process: { cwd(): string } }).process.cwd();
  return path.startsWith('/') ? path : `${here.replace(/\/$/, '')}/${path}`;
}

function ask(question: Question, call: string, path: string): unknown {
  const [code, answer] = host.ask(question, path);
  if (code !== null) throw fail(code, call, path, answer as string);
  return answer;
}

const encodingOf = (options: Encoding) => (typeof options === 'string' ? options : options?.encoding) ?? undefined;

export function readFileSync(path: unknown, options?: Encoding): Buffer | string {
  const bytes = Buffer.from(ask('bytes', 'open', pathOf(path)) as Uint8Array);
  const encoding = encodingOf(options);
  return encoding === undefined || encoding === 'buffer' ? bytes : bytes.toString(encoding);
}

export class Stats {
  readonly #path: string;
  readonly #kind: string;
  readonly mtimeMs = 0;
  readonly ctimeMs = 0;
  readonly atimeMs = 0;
  readonly birthtimeMs = 0;
  readonly mtime = new Date(0);
  readonly ctime = new Date(0);
  readonly atime = new Date(0);
  readonly birthtime = new Date(0);

  constructor(path: string, kind: string) {
    this.#path = path;
    this.#kind = kind;
  }
  get mode(): number {
    return this.isDirectory() ? 0o040555 : 0o100444;
  }
  get size(): number {
    return this.isFile() ? (ask('bytes', 'stat', this.#path) as Uint8Array).length : 0;
  }
  isFile(): boolean {
    return this.#kind === 'file';
  }
  isDirectory(): boolean {
    return this.#kind === 'dir';
  }
  isSymbolicLink(): boolean {
    return false;
  }
  isFIFO(): boolean {
    return false;
  }
  isSocket(): boolean {
    return false;
  }
  isBlockDevice(): boolean {
    return false;
  }
  isCharacterDevice(): boolean {
    return false;
  }
}

export function statSync(path: unknown, options?: { throwIfNoEntry?: boolean }): Stats | undefined {
  const text = pathOf(path);
  const kind = ask('kind', 'stat', text) as string;
  if (kind !== '') return new Stats(text, kind);
  if (options?.throwIfNoEntry === false) return undefined;
  throw fail('ENOENT', 'stat', text);
}
export const lstatSync = statSync;

export function existsSync(path: unknown): boolean {
  try {
    return ask('kind', 'access', pathOf(path)) !== '';
  } catch {
    return false;
  }
}

export function accessSync(path: unknown, mode = 0): void {
  const text = pathOf(path);
  if (ask('kind', 'access', text) === '') throw fail('ENOENT', 'access', text);
  if ((mode & constants.W_OK) !== 0) throw fail('EROFS', 'access', text);
}

export function readdirSync(path: unknown, options?: Encoding): unknown[] {
  const entries = ask('list', 'scandir', pathOf(path)) as { name: string; kind: string }[];
  if (typeof options !== 'object' || !options?.withFileTypes) return entries.map(({ name }) => name);
  const folder = pathOf(path).replace(/\/$/, '');
  return entries.map(({ name, kind }) => Object.assign(new Stats(`${folder}/${name}`, kind), { name, parentPath: folder, isSymbolicLink: () => kind === 'symlink' }));
}

export function realpathSync(path: unknown): string {
  accessSync(path);
  return pathOf(path);
}
Object.assign(realpathSync, { native: realpathSync });

export const constants = { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2 };

/** What would change something. */
function refusing(name: string) {
  return (path: unknown): never => {
    throw fail('EROFS', name, typeof path === 'string' ? path : '');
  };
}
export const writeFileSync = refusing('open');
export const appendFileSync = refusing('open');
export const mkdirSync = refusing('mkdir');
export const rmSync = refusing('rm');
export const unlinkSync = refusing('unlink');
export const renameSync = refusing('rename');
export const copyFileSync = refusing('copyfile');

type Sync = (path: unknown, ...rest: never[]) => unknown;

/** The form with a promise. */
const promised = (sync: Sync) => async (...values: Parameters<Sync>) => sync(...values);

/** The form with a callback, which is the last value. */
function called(sync: Sync) {
  return (...values: unknown[]): void => {
    const done = values.pop();
    if (typeof done !== 'function') throw invalidType('cb', 'of type function', done);
    promised(sync)(...(values as Parameters<Sync>)).then(
      (value) => queueMicrotask(() => (done as Done)(null, value)),
      (error: unknown) => queueMicrotask(() => (done as Done)(error)),
    );
  };
}

export const readFile = called(readFileSync as Sync);
export const stat = called(statSync as Sync);
export const lstat = stat;
export const access = called(accessSync as Sync);
export const readdir = called(readdirSync as Sync);
export const realpath = called(realpathSync as Sync);
export const writeFile = called(writeFileSync);
export const mkdir = called(mkdirSync);
export const exists = (path: unknown, done: (is: boolean) => void): void => queueMicrotask(() => done(existsSync(path)));

export const promises = {
  readFile: promised(readFileSync as Sync),
  stat: promised(statSync as Sync),
  lstat: promised(statSync as Sync),
  access: promised(accessSync as Sync),
  readdir: promised(readdirSync as Sync),
  realpath: promised(realpathSync as Sync),
  writeFile: promised(writeFileSync),
  mkdir: promised(mkdirSync),
  rm: promised(rmSync),
  unlink: promised(unlinkSync),
  constants,
};

export default {
  readFileSync, statSync, lstatSync, existsSync, accessSync, readdirSync, realpathSync, constants, Stats, promises,
  writeFileSync, appendFileSync, mkdirSync, rmSync, unlinkSync, renameSync, copyFileSync,
  readFile, stat, lstat, access, readdir, realpath, writeFile, mkdir, exists,
};

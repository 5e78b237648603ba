/** `node:path`, by POSIX. `path.win32` is not provided. */
import { invalidType } from './errors.ts';

const check = (path: unknown, name = 'path'): string => {
  if (typeof path === 'string') return path;
  throw invalidType(name, 'of type string', path);
};

/** Resolves `.` and `..`; those that lead above stay where the path is relative. */
function segments(path: string, absolute: boolean): string[] {
  const result: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') result.push(part);
    else if (result.length > 0 && result.at(-1) !== '..') result.pop();
    else if (!absolute) result.push('..');
  }
  return result;
}

export const sep = '/';
export const delimiter = ':';

export function isAbsolute(path: string): boolean {
  return check(path).startsWith('/');
}

export function normalize(path: string): string {
  if (check(path) === '') return '.';
  const absolute = path.startsWith('/');
  const text = segments(path, absolute).join('/');
  const end = path.endsWith('/') ? '/' : '';
  if (absolute) return text === '' ? '/' : `/${text}${end}`;
  return text === '' ? `.${end}` : text + end;
}

export function join(...paths: string[]): string {
  const text = paths.filter((path) => check(path) !== '').join('/');
  return text === '' ? '.' : normalize(text);
}

export function resolve(...paths: string[]): string {
  let text = '';
  for (let i = paths.length - 1; i >= 0 && !text.startsWith('/'); i--) {
    if (check(paths[i], `paths[${i}]`) !== '') text = text === '' ? paths[i]! : `${paths[i]}/${text}`;
  }
  if (!text.startsWith('/')) text = `${currentDirectory()}/${text}`;
  return `/${segments(text, true).join('/')}`;
}

function currentDirectory(): string {
  const { process } = globalThis as { process?: { cwd(): string } };
  return process ? process.cwd() : '/';
}

export function relative(from: string, to: string): string {
  check(from, 'from');
  check(to, 'to');
  if (from === to) return '';
  const a = segments(resolve(from), true);
  const b = segments(resolve(to), true);
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same++;
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/');
}

/** The path without the slashes at its end. */
const trimmed = (path: string) => path.replace(/\/+$/, '');

export function dirname(path: string): string {
  if (check(path) === '') return '.';
  const text = trimmed(path);
  const at = text.lastIndexOf('/');
  if (at < 0) return text === '' ? '/' : '.';
  if (at === 1 && text.startsWith('//')) return '//';
  return text.slice(0, at) || '/';
}

export function basename(path: string, suffix?: string): string {
  const text = trimmed(check(path));
  const name = text.slice(text.lastIndexOf('/') + 1);
  if (suffix === undefined) return name;
  if (check(suffix, 'suffix') === path) return '';
  return name !== suffix && name.endsWith(suffix) ? name.slice(0, name.length - suffix.length) : name;
}

export function extname(path: string): string {
  const name = basename(path);
  const at = name.lastIndexOf('.');
  return at <= 0 || name === '..' ? '' : name.slice(at);
}

export interface ParsedPath {
  root: string;
  dir: string;
  base: string;
  ext: string;
  name: string;
}

export function parse(path: string): ParsedPath {
  const root = check(path).startsWith('/') ? '/' : '';
  const base = basename(path);
  const ext = extname(path);
  const text = trimmed(path);
  const at = text.lastIndexOf('/');
  const dir = at < 0 ? (text === '' ? root : '') : at === 0 ? '/' : text.slice(0, at);
  return { root, dir, base, ext, name: ext === '' ? base : base.slice(0, -ext.length) };
}

export function format(path: Partial<ParsedPath>): string {
  if (typeof path !== 'object' || path === null) {
    throw invalidType('pathObject', 'of type object', path);
  }
  const ext = path.ext ? (path.ext.startsWith('.') ? path.ext : `.${path.ext}`) : '';
  const base = path.base || `${path.name ?? ''}${ext}`;
  const dir = path.dir || path.root;
  if (!dir) return base;
  return dir === path.root ? dir + base : `${dir}/${base}`;
}

export function toNamespacedPath(path: string): string {
  return path;
}

export const posix = { sep, delimiter, isAbsolute, normalize, join, resolve, relative, dirname, basename, extname, parse, format, toNamespacedPath };
Object.defineProperty(posix, 'posix', { value: posix, enumerable: true, writable: true, configurable: true });
export default posix;

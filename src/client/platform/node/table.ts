/** The built-in modules of Node that this runtime has: the name in an import, and the module under this folder. */
const provided: Record<string, string> = {
  assert: 'assert',
  'assert/strict': 'assert-strict',
  async_hooks: 'async_hooks',
  buffer: 'buffer',
  crypto: 'crypto',
  events: 'events',
  fs: 'fs',
  'fs/promises': 'fs-promises',
  path: 'path',
  'path/posix': 'path',
  process: 'process',
  querystring: 'querystring',
  string_decoder: 'string_decoder',
  timers: 'timers',
  'timers/promises': 'timers-promises',
  url: 'url',
  util: 'util',
};

/** The module for a specifier, `node:` before it or not, as `node/path`; undefined: there is none, and its use throws. */
export function builtin(specifier: string): string | undefined {
  const name = specifier.startsWith('node:') ? specifier.slice('node:'.length) : specifier;
  return Object.hasOwn(provided, name) ? `node/${provided[name]}` : undefined;
}

/** Their names, without `node:`. */
export const builtinNames: readonly string[] = Object.keys(provided);

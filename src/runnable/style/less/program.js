// Less as the project has it, on the tree. Before this stands `core`, its module without a platform. Paths are those of the
// workspace; `imports` says what the names in a folder lead to.

const TYPES = {
  svg: 'image/svg+xml', png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp', avif: 'image/avif',
  woff: 'font/woff', woff2: 'font/woff2', ttf: 'font/ttf', otf: 'font/otf', css: 'text/css', html: 'text/html', txt: 'text/plain',
};
const environment = {
  encodeBase64: (value) => Buffer.from(value).toString('base64'),
  mimeLookup: (name) => TYPES[/\.(\w+)$/.exec(name)?.[1].toLowerCase()] ?? 'application/octet-stream',
  charsetLookup: (type) => (/^text\/|svg/.test(type) ? 'UTF-8' : undefined),
};

// To place its errors, Less has one thrown by a function of no name and reads the stack, which it knows of V8 alone.
const Plain = Function;
globalThis.Function = function (...parts) {
  if (parts.at(-1) !== 'throw new Error()') return Plain(...parts);
  return () => {
    throw { stack: '<anonymous>:1:1' };
  };
};
Function.prototype = Plain.prototype;

/** A path, `.` and `..` taken out. */
function normal(path) {
  const parts = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export default async ({ props: { css, from, source, imports } }) => {
  const place = (path) => (source === '' ? path : path.startsWith(`${source}/`) ? path.slice(source.length) : `/~root${path}`);
  const less = given(core)(environment, []);
  // Its errors are given stacks that are none, and by the standard to come `Error.prototype` refuses that.
  if (less.LessError) Object.defineProperty(less.LessError.prototype, 'stack', { value: undefined, writable: true, configurable: true });
  less.PluginLoader = class {
    loadPlugin(name) {
      return Promise.reject({ type: 'File', message: `plugins of Less are not run, and \`${name}\` is one` });
    }
    loadPluginSync(name) {
      return { error: { type: 'File', message: `plugins of Less are not run, and \`${name}\` is one` } };
    }
  };
  // Names that are put together stand in no table.
  const candidates = (name, folder, extension) => {
    const known = imports[normal(folder)]?.[name];
    if (known !== undefined) return [known];
    const plain = name.replace(/^~/, '');
    const names = extension && !/\.[a-z]+$/i.test(plain) ? [plain + extension, plain] : [plain];
    const folders = [folder];
    if (!/^[./]/.test(plain)) for (let up = normal(folder); ; up = normal(`${up}/..`)) {
      folders.push(`${up}/node_modules`);
      if (up === '/') break;
    }
    return folders.flatMap((folder) => names.map((name) => normal(name.startsWith('/') ? `${source}${name}` : `${folder}/${name}`)));
  };
  const load = (name, folder, options) => {
    for (const filename of candidates(name, folder, options?.ext)) {
      try {
        return { filename, contents: fs.readFileSync(place(filename), options?.rawBuffer ? undefined : 'utf8') };
      } catch (error) {
        if (error.code !== 'ENOENT' && error.code !== 'EISDIR' && error.code !== 'EACCES') throw error;
      }
    }
    return undefined;
  };
  const missing = (name) => ({ type: 'File', message: `cannot resolve \`${name}\`` });
  class Files extends less.AbstractFileManager {
    supports(name) {
      return !/^([a-z]+:)?\/\//i.test(name);
    }
    supportsSync(name) {
      return this.supports(name);
    }
    loadFile(name, folder, options) {
      const found = load(name, folder, options);
      return found ? Promise.resolve(found) : Promise.reject(missing(name));
    }
    loadFileSync(name, folder, options) {
      return load(name, folder, options) ?? { error: missing(name) };
    }
  }
  less.environment.addFileManager(new Files());
  less.logger?.addListener?.({ warn: (text) => console.warn(text), error() {}, info() {}, debug() {} });
  try {
    const { css: given } = await less.render(css, { filename: from, rewriteUrls: 'all', javascriptEnabled: true });
    return JSON.stringify({ css: given });
  } catch (error) {
    const { message, filename, line, column } = error ?? {};
    return JSON.stringify({ error: { message: String(message ?? error), filename, line, column } });
  }
};

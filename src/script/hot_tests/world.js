// A page without a browser: modules that say when they run, and what tests ask of them.

import { Registry } from './client/registry.ts';
import { plainOf } from './client/specifier.ts';
import { Contexts } from './client/hot/contexts.ts';
import { Styles } from './client/hot/styles.ts';
import { Updates } from './client/hot/updates.ts';

/** All that was said, in its order. */
export const said = [];
export const say = (...words) => void said.push(words.join(' '));
/** What was said since it was last asked. */
export const heard = () => said.splice(0).join('; ');

/**
 * `imports`: names of modules; one with `*` is imported as a namespace, with `!` for its effects alone; others for `value`, or
 * the names after a colon. `later` has `import()`s; `named`: the names that stand in those of `run`, which are computed
 * otherwise. `run` is what it does.
 */
function define(id, { imports = [], exports, stars = [], async = false, run, later = [], named, fault, indirect = [] } = {}, hash) {
  const parts = imports.map((text) => /^([^*!:]+)([*!]?)(?::(.*))?$/.exec(text));
  const values = exports ?? { value: () => id.slice(1) + hash };
  const names = Object.keys(values);
  const all = [...parts.map(([, name]) => name), ...stars];
  const used = parts.flatMap(([, , kind, names = 'value'], at) => (kind === '' ? names.split(',').flatMap((name) => [at, name]) : []));
  const definition = {
    requests: all.map((name) => `./${name}`),
    imports: used,
    exports: names,
    indirect,
    stars: stars.map((_, at) => parts.length + at),
    dynamic: named?.map((name) => `./${name}`) ?? null,
    async,
    run: function* (context, ...slots) {
      const wholes = new Map(parts.map(([, name, kind], at) => [name, kind === '*' ? context.namespace(at) : undefined]));
      const state = {};
      yield names.map((name) => () => (typeof values[name] === 'function' ? values[name](state) : values[name]));
      if (fault !== undefined) throw new SyntaxError(fault);
      say(id.slice(1) + hash);
      for (const name of later) context.import(`./${name}`).catch((error) => say(`${id.slice(1)} import: ${error.message}`));
      const read = (name, export_ = 'value') => wholes.get(name)?.[export_] ?? slots[all.indexOf(name)][export_];
      const given = run?.({ hot: context.meta.hot, read, import: (name) => context.import(`./${name}`), state, version: hash, context });
      if (given instanceof Promise) yield given;
    },
  };
  return fault === undefined ? definition : { ...definition, fault };
}

/** A page of these modules, with the entries started. `react` is what takes care of components. */
export async function open(sources, entries = ['main'], react) {
  const pieces = new Map();
  const hashes = new WeakMap();
  const put = (id, hash, definition) => {
    pieces.set(id, definition);
    hashes.set(definition, hash);
  };
  const versions = {};
  for (const [name, source] of Object.entries(sources)) put(`/${name}`, (versions[name] = 1), define(`/${name}`, source, 1));
  let updates;
  const contexts = new Contexts({
    resolve: (specifier) => specifier.replace('./', '/'),
    invalidate: (id, message) => updates.invalidate(id, message),
    send: (event, data) => say('send', event, JSON.stringify(data)),
    fail: (id, error) => say(`${id} fails: ${error.message}`),
  });
  const registry = new Registry({
    base: 'test://',
    load(id) {
      const definition = pieces.get(plainOf(id));
      if (definition === undefined) throw new TypeError(`no module ${id}`);
      return { id, definition };
    },
    meta: (_, module) => ({ hot: contexts.of(module) }),
    components: react,
  });
  const modules = {
    registry,
    isEntry: (id) => entries.includes(id.slice(1)),
    definitionOf: (id) => pieces.get(plainOf(id)),
    isFaulty: (id) => pieces.get(plainOf(id))?.fault !== undefined,
    hashOf: (module) => hashes.get(module.definition),
    define: put,
    forget: (id) => pieces.delete(id),
    read: ({ id, source, hash }) => define(id, source, hash),
  };
  const page = {
    compiled: () => undefined,
    reload: (reason) => say(`reload: ${reason}`),
    fail: (text, error) => say(`${text}: ${error.message}`),
    note: (text) => say(`(${text})`),
    begin: () => react?.hold(),
    end() {
      react?.release();
      say('end');
    },
    name: () => undefined,
    restyle: (sheets) => Promise.resolve(say(`sheets ${Object.keys(sheets)}`)),
  };
  const styles = new Styles((id) => say(`${id} is removed`));
  updates = new Updates(modules, contexts, react === undefined ? [styles] : [react, styles], page);
  const started = entries.map((name) => registry.import(`/${name}`).catch((error) => say(`${name}: ${error.message}`)));
  const all = Promise.all(started);
  const world = {
    registry,
    contexts,
    updates,
    modules,
    pieces,
    started: all,
    import: (name) => registry.import(`/${name}`),
    /** Modules are others now. */
    edit(changed, rest = {}) {
      const changes = Object.entries(changed).map(([name, source]) => {
        const hash = source.hash ?? (versions[name] = (versions[name] ?? 0) + 1);
        const id = `/${name}`;
        return source.fault === undefined ? { id, hash, source } : { id, hash, source, fault: { fault: source.fault } };
      });
      return updates.apply({ time: 7, changes, ...rest });
    },
  };
  await all;
  return world;
}

/** Modules that say all that happens to them: `self` accepts itself, `deps` are accepted from others. */
export const module = (imports, { self, deps = [], run, ...rest } = {}) => ({
  imports,
  ...rest,
  run(given) {
    const { hot, version } = given;
    const me = rest.name;
    if (self) hot.accept((updated) => say(`${me}${version} gets ${updated?.value}`));
    for (const dep of deps) hot.accept(`./${dep}`, (updated) => say(`${me}${version} gets ${dep} ${updated?.value}`));
    hot.dispose(() => say(`${me}${version} ends`));
    hot.prune(() => say(`${me}${version} goes`));
    return run?.(given);
  },
});

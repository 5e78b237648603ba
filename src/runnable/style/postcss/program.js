// What a configuration of PostCSS lists, and what its plugins make of a sheet. Before this stand `config`, `modules` (those
// that the configuration names), `postcss`, `browserslist` and `tailwind` (of version 3), or undefined.

/** The configuration, and its plugins: what is named, and what is there already. */
async function listed(mode) {
  let loaded = given(config);
  if (typeof loaded === 'function') loaded = await loaded({ env: mode, mode, cwd: process.cwd(), options: {} });
  const all = [];
  const named = (name, options) => {
    if (options !== false) all.push({ name, options });
  };
  const add = (entry) => {
    if (!entry) return;
    if (typeof entry === 'string') return named(entry);
    if (!Array.isArray(entry)) return void all.push({ name: (entry.postcss === true ? entry() : entry).postcssPlugin ?? '', plugin: entry });
    const [plugin, options] = entry;
    if (typeof plugin === 'string') named(plugin, options);
    else add(typeof plugin === 'function' ? plugin(options) : plugin);
  };
  const plugins = loaded?.plugins ?? [];
  if (Array.isArray(plugins)) plugins.forEach(add);
  else Object.entries(plugins).forEach(([name, options]) => named(name, options));
  return { all, loaded };
}

const SYNTAXES = ['parser', 'syntax', 'stringifier'];

async function plan({ mode }) {
  const { all, loaded } = await listed(mode);
  const plugins = all.map(({ name, plugin }) => ({ name, is_named: !plugin }));
  return { plugins, syntaxes: SYNTAXES.map((key) => loaded?.[key]).filter((name) => typeof name === 'string') };
}

let resolved;
/** What the configuration of Tailwind 3 comes to: once, as an engine has one. */
const theme = () => (resolved ??= given(tailwind.resolve)(given(tailwind.config) ?? { content: [] }));
const contentOf = (resolved) => resolved.content?.files ?? [];

/** Where Tailwind 3 looks for classes. */
async function content() {
  return { patterns: contentOf(theme()).filter((file) => typeof file === 'string') };
}

/**
 * Contexts of Tailwind 3, by what of a sheet is in them. Most of a run is to make one, and the rules of each class: they
 * serve the next run. A sheet that has neither layers nor a place for classes gives one nothing; all such sheets share one.
 */
const contexts = new Map();
const MOST_CONTEXTS = 4;
/** More classes than those of the content at any one time are forgotten when they are this many. */
const MOST_CLASSES = 20_000;

/** Remembers a context, as the last to go. Before 3.2 one has its variants in the order in which it has met them. */
function keep(text, context) {
  if (!context.candidateRuleCache || context.classCache.size > MOST_CLASSES) return;
  contexts.set(text, context);
  if (contexts.size > MOST_CONTEXTS) contexts.delete(contexts.keys().next().value);
}

/** The rules of a context are those that its content asks for, and none that content from before did. */
function renew(context, content) {
  context.changedContent = content;
  context.ruleCache.clear();
  context.stylesheetCache = null;
  // Before 3.4 `[mask-type:alpha]` stands where it was met.
  for (const cache of [context.candidateRuleCache, context.classCache]) {
    for (const candidate of cache?.keys() ?? []) if (candidate.includes('[')) cache.delete(candidate);
  }
}

/** Has a class that is asked for again add its rules, as one does that is asked for the first time. */
function remembering(context) {
  const { candidateRuleCache: cache, ruleCache } = context;
  if (!cache) return context;
  cache.get = (candidate) => {
    const rules = Map.prototype.get.call(cache, candidate);
    for (const rule of rules ?? []) ruleCache.add(rule);
    return rules;
  };
  return context;
}

/** Tailwind 3, which reads the words that it is given in place of files. */
const classic = (words) => ({
  postcssPlugin: 'tailwindcss',
  plugins: [
    async (root, result) => {
      const features = given(tailwind.features);
      const texts = contentOf(theme()).filter((file) => typeof file.raw === 'string');
      const content = [{ content: words, extension: 'html' }, ...texts.map(({ raw, extension = 'html' }) => ({ content: raw, extension }))];
      const text = root.toString();
      const own = /@(tailwind|layer)\b/.test(text) ? text : '';
      let context = contexts.get(own);
      // Whatever throws leaves it half done.
      contexts.delete(own);
      const create = ({ createContext }) => () => (context ??= remembering(createContext(theme(), [])));
      if (!own && !context) await features(create)(given(postcss).root(), result);
      const within = (tools) => () => {
        create(tools)();
        renew(context, content);
        return context;
      };
      const ended = await features(within)(root, result);
      keep(own, context);
      return ended;
    },
  ],
});

const isEmpty = (options) => options === undefined || options === null || options === true || Object.keys(options).length === 0;

const builtIn = browserslist && [...given(browserslist).defaults];

/** What browsers can do, browserslist knows by files that it finds as it runs, in Node alone. Without it more are prefixed for. */
const ABILITY = /(^\s*|\s*(,|\b(and|or)\b)\s*)(not\s+)?((fully|partially)\s+)?supports\s+[\w-]+/gi;

/** Has `queries` count where a plugin has none of its own. They may name the defaults, and so are answered before. */
function target(queries) {
  const list = given(browserslist);
  list.defaults.splice(0, Infinity, ...builtIn);
  const known = queries.map((query) => query.replace(ABILITY, '').replace(/^\s*(,|\b(and|or)\b)\s*/i, ''));
  const asked = known.filter((query) => query.trim() !== '');
  list.defaults.splice(0, Infinity, ...list(asked.length > 0 ? asked : undefined));
}

/** Plugins by what they were made for: as in other tools, they serve one sheet after the other. */
const made = new Map();

/** The plugins in their order, and the options of PostCSS. */
async function making({ mode, done, queries }) {
  const { all, loaded } = await listed(mode);
  if (queries && browserslist) target(queries);
  const plugins = [];
  for (const { name, options, plugin } of all) {
    if (done.includes(name)) continue;
    if (name === 'tailwindcss') {
      if (tailwind) plugins.push(classic);
      continue;
    }
    if (plugin) {
      plugins.push(plugin);
      continue;
    }
    const create = given(modules[name]);
    if (typeof create !== 'function') throw new Error(`\`${name}\` is no plugin of PostCSS`);
    plugins.push(isEmpty(options) ? create() : create(options));
  }
  const options = { map: false };
  for (const key of SYNTAXES) {
    const syntax = loaded?.[key];
    if (syntax) options[key] = typeof syntax === 'string' ? given(modules[syntax]) : syntax;
  }
  return { plugins, options };
}

async function run({ css, from, words, ...others }) {
  const key = JSON.stringify(others);
  try {
    const { plugins, options } = made.get(key) ?? (await making(others));
    made.delete(key);
    const all = plugins.map((plugin) => (plugin === classic ? classic(words) : plugin));
    const result = await given(postcss)(all).process(css, { ...options, from, to: from });
    for (const warning of result.warnings()) console.warn(String(warning));
    made.set(key, { plugins, options });
    return { css: result.css };
  } catch (error) {
    const { plugin, reason, message, line } = error ?? {};
    return { error: { plugin, message: String(reason ?? message ?? error), line } };
  }
}

const actions = { plan, content, run };
export default async ({ props }) => JSON.stringify(await actions[props.action](props));

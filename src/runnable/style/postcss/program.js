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

const theme = () => given(tailwind.resolve)(given(tailwind.config) ?? { content: [] });
const contentOf = (resolved) => resolved.content?.files ?? [];

/** Where Tailwind 3 looks for classes. */
async function content() {
  return { patterns: contentOf(theme()).filter((file) => typeof file === 'string') };
}

/** Tailwind 3, which reads the words that it is given in place of files. */
const classic = (words) => ({
  postcssPlugin: 'tailwindcss',
  plugins: [
    (root, result) => {
      const resolved = theme();
      const texts = contentOf(resolved).filter((file) => typeof file.raw === 'string');
      const all = [{ content: words, extension: 'html' }, ...texts.map(({ raw, extension = 'html' }) => ({ content: raw, extension }))];
      return given(tailwind.features)(({ createContext }) => () => createContext(resolved, all))(root, result);
    },
  ],
});

const isEmpty = (options) => options === undefined || options === null || options === true || Object.keys(options).length === 0;

async function run({ css, from, mode, done, words, queries }) {
  try {
    const { all, loaded } = await listed(mode);
    if (queries && browserslist) given(browserslist).defaults.splice(0, Infinity, ...queries);
    const plugins = [];
    for (const { name, options, plugin } of all) {
      if (done.includes(name)) continue;
      if (name === 'tailwindcss') {
        if (tailwind) plugins.push(classic(words));
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
    const options = { from, to: from, map: false };
    for (const key of SYNTAXES) {
      const syntax = loaded?.[key];
      if (syntax) options[key] = typeof syntax === 'string' ? given(modules[syntax]) : syntax;
    }
    const result = await given(postcss)(plugins).process(css, options);
    for (const warning of result.warnings()) console.warn(String(warning));
    return { css: result.css };
  } catch (error) {
    const { plugin, reason, message, line } = error ?? {};
    return { error: { plugin, message: String(reason ?? message ?? error), line } };
  }
}

const actions = { plan, content, run };
export default async ({ props }) => JSON.stringify(await actions[props.action](props));

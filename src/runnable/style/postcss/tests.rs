use std::sync::Arc;

use crate::base::{Computation, Key};
use crate::compute::Computations;
use crate::runnable::hook::tests::workers;
use crate::runnable::scene::{Scene, path, tree};
use crate::worker::{Launch, Workers};

/// What PostCSS looks like from outside: plugins are functions of the whole text.
const POSTCSS: &str = "module.exports = (plugins) => ({ process: async (css, { from, parser }) => {
  const all = plugins.flatMap((plugin) => plugin.plugins ?? [plugin]);
  if (parser) css = parser(css);
  for (const plugin of all) css = (await (plugin.text ?? plugin)(css, from)) ?? css;
  return { css, warnings: () => [] };
} });";

/// A plugin that adds a line, and throws as PostCSS does.
const PLUGIN: &str = "module.exports = (options) => ({ postcssPlugin: 'add', text: (css, from) => {
  const line = css.split('\\n').findIndex((line) => line.includes('@wrong')) + 1;
  if (line) throw Object.assign(new Error('x'), { reason: 'Unknown rule', plugin: 'add', line });
  return css.replaceAll('@brand', options?.brand ?? 'none') + `/* ${from} */\\n`;
} });
module.exports.postcss = true;";

const FILES: [(&str, &str); 5] = [
    ("package.json", "{}"),
    (
        "node_modules/postcss/package.json",
        r#"{ "main": "index.js" }"#,
    ),
    ("node_modules/postcss/index.js", POSTCSS),
    ("node_modules/add/package.json", r#"{ "main": "index.js" }"#),
    ("node_modules/add/index.js", PLUGIN),
];

fn scene(files: &[(&str, &str)]) -> Scene {
    Scene::with(tree(&[&FILES, files].concat()), "src", workers())
}

fn style_of(scene: &Scene, file: &str) -> String {
    let key = Key::new(Computation::new("style"), path(file));
    match scene.runnable.run(&key, scene) {
        Ok(output) => String::from_utf8(output.parts[0].1.to_vec()).unwrap(),
        Err(failure) => failure.to_string(),
    }
}

fn style(files: &[(&str, &str)], file: &str) -> String {
    style_of(&scene(files), file)
}

const BY_NAME: &str =
    "module.exports = { plugins: { 'postcss-import': {}, add: { brand: 'red' }, gone: false } };";

#[test]
fn the_plugins_of_the_configuration_are_run_on_what_imports_make_of_a_sheet() {
    let files = [
        ("postcss.config.js", BY_NAME),
        (
            "src/a.css",
            "@import './ui/b.css';\n.a { background: url(./a.png); color: @brand }\n",
        ),
        ("src/ui/b.css", ".b { background: url(../a.png) }\n"),
        ("src/a.png", "a"),
    ];
    insta::assert_snapshot!(style(&files, "src/a.css"), @r##"
    .b { background: url("./a.v17762fddd969a453.png") }

    .a { background: url("./a.v17762fddd969a453.png"); color: red }
    /* /a.css */
    "##);
}

#[test]
fn a_configuration_is_written_in_any_of_the_ways() {
    let of = |name: &str, text: &str| {
        style(
            &[(name, text), ("src/a.css", ".a { color: @brand }\n")],
            "src/a.css",
        )
    };
    let expected = ".a { color: red }\n/* /a.css */\n";
    for (name, text) in [
        (
            "package.json",
            r#"{ "postcss": { "plugins": { "add": { "brand": "red" } } } }"#,
        ),
        (
            ".postcssrc",
            r#"{ "plugins": [["add", { "brand": "red" }]] }"#,
        ),
        (
            "postcss.config.json",
            r#"{ "plugins": [["add", { "brand": "red" }]] }"#,
        ),
        (
            "postcss.config.mjs",
            "import add from 'add';\nexport default { plugins: [add({ brand: 'red' }), false] };",
        ),
        (
            "postcss.config.cjs",
            "module.exports = ({ env }) => ({ plugins: [require('add')({ brand: env === 'development' && 'red' })] });",
        ),
        (
            "postcss.config.ts",
            "const config: { plugins: unknown } = { plugins: [['add', { brand: 'red' }]] };\nexport default config;",
        ),
        (
            "postcss.config.js",
            "import add from 'add';\nmodule.exports = { plugins: [add({ brand: 'red' })] };",
        ),
    ] {
        assert_eq!(of(name, text), expected, "{name}");
    }
    // The nearest package that has one.
    let files = [
        ("postcss.config.js", BY_NAME),
        ("src/package.json", "{}"),
        ("src/ui/package.json", "{}"),
        (
            "src/postcss.config.js",
            "module.exports = { plugins: { add: { brand: 'blue' } } };",
        ),
        ("src/ui/a.css", "@brand"),
    ];
    assert!(style(&files, "src/ui/a.css").contains("blue"));
}

#[test]
fn configurations_read_what_lies_beside_them() {
    let config = "import { readFileSync } from 'node:fs'; import { dirname, join } from 'path'; import { fileURLToPath } from 'url';
        const here = dirname(fileURLToPath(import.meta.url));
        const places = [here, import.meta.dirname, process.cwd(), '.'];
        const read = () => places.map((place) => readFileSync(join(place, 'mixins/a.txt'), 'utf8')).join(' ');
        export default { plugins: [{ text: () => `${read()} ${import.meta.filename}` }] };";
    let files = [
        ("postcss.config.mjs", config),
        ("mixins/a.txt", "mixed"),
        ("src/a.css", ".a {}\n"),
    ];
    let text = style(&files, "src/a.css");
    assert_eq!(text, "mixed mixed mixed mixed /~root/postcss.config.mjs\n");
}

#[test]
fn an_engine_serves_sheets_as_long_as_what_it_was_told_is_so() {
    let config = "const { readFileSync } = require('fs');
        const brand = readFileSync('brand.txt', 'utf8');
        let count = 0;
        module.exports = { plugins: [{ text: () => `${brand} ${count += 1}\\n` }] };";
    // No hook is run by these: it would take the engine's memory.
    let own = Launch::of_test("runnable::hook::tests::entry");
    let files = [
        ("postcss.config.js", config),
        ("brand.txt", "red"),
        ("src/a.css", ".a {}\n"),
        ("src/b.css", ".b {}\n"),
    ];
    let tree = tree(&[&FILES, &files[..]].concat());
    let scene = Scene::with(tree, "src", Arc::new(Workers::new(own)));
    // How often it is used again depends on how many workers there are; each counts from one.
    let count = |text: String, brand: &str| -> u32 {
        let rest = text.strip_prefix(brand).unwrap_or_else(|| panic!("{text}"));
        rest.trim().parse().unwrap()
    };
    let mut most = 0;
    for _ in 0..8 {
        most = most.max(count(style_of(&scene, "src/a.css"), "red"));
        most = most.max(count(style_of(&scene, "src/b.css"), "red"));
    }
    assert!(most > 1, "{most}");
    scene.tree.write("brand.txt", "blue");
    assert_eq!(count(style_of(&scene, "src/a.css"), "blue"), 1);
    scene
        .tree
        .write("postcss.config.js", config.replace("${brand}", "green"));
    assert_eq!(count(style_of(&scene, "src/a.css"), "green"), 1);
}

#[test]
fn a_configuration_above_the_source_imports_what_lies_beside_it() {
    let files = [
        (
            "postcss.config.mjs",
            "import { text } from './tools/text.mjs';
             export default { plugins: [{ text: () => text }] };",
        ),
        (
            "tools/text.mjs",
            "import other from './other.cjs';\nexport const text = `${other.name}\\n`;",
        ),
        ("tools/other.cjs", "exports.name = 'beside';"),
        ("src/a.css", ""),
        ("src/b.ts", "import '../tools/text.mjs';"),
    ];
    let scene = scene(&files);
    assert_eq!(style_of(&scene, "src/a.css"), "beside\n");
    // It is there for tools alone.
    let key = Key::new(crate::runnable::MODULE, path("src/b.ts"));
    let refused = scene.runnable.run(&key, &scene).unwrap_err().to_string();
    assert!(
        refused.contains("lies outside the source folder"),
        "{refused}"
    );
}

/// What browserslist looks like from outside.
const BROWSERS: &str = "const list = (queries = list.defaults) => queries.flatMap((query) => {
  if (/supports/.test(query)) throw new Error('not in browsers');
  return query === 'defaults' ? list() : [query];
});
list.defaults = ['new 1'];
module.exports = list;";

#[test]
fn browsers_of_the_project_are_the_defaults_and_may_name_them() {
    let files = [
        (
            "package.json",
            r#"{ "browserslist": ["defaults and fully supports es6-module", "supports css-grid", "old 2"] }"#,
        ),
        (
            "node_modules/browserslist/package.json",
            r#"{ "main": "index.js" }"#,
        ),
        ("node_modules/browserslist/index.js", BROWSERS),
        (
            "postcss.config.js",
            "const list = require('browserslist');
             module.exports = { plugins: [{ text: () => list().join() }] };",
        ),
        ("src/a.css", ""),
    ];
    assert_eq!(style(&files, "src/a.css"), "new 1,old 2\n");
}

#[test]
fn tools_read_what_lies_in_the_store_of_a_package_manager() {
    let all = [
        (
            "postcss.config.js",
            "const text = require('fs').readFileSync('node_modules/.pnpm/p@1/node_modules/p/a.css', 'utf8');
             module.exports = { plugins: [{ text: () => text }] };",
        ),
        ("node_modules/.pnpm/p@1/node_modules/p/a.css", ".p {}\n"),
        ("node_modules/.pnpm/p@1/node_modules/p/package.json", "{}"),
        ("a.css", ""),
    ];
    let tree = tree(&[&FILES, &all[..]].concat());
    let scene = Scene::with(tree, "", workers());
    assert_eq!(style_of(&scene, "a.css"), ".p {}\n");
}

#[test]
fn css_modules_are_scoped_after_it() {
    let files = [
        (
            "postcss.config.js",
            "module.exports = { plugins: [{ text: (css) => css.replace('@card;', '.card { color: red }') }] };",
        ),
        (
            "src/a.module.css",
            ".a { composes: card from './b.module.css' }\n",
        ),
        ("src/b.module.css", "@card;\n"),
    ];
    insta::assert_snapshot!(style(&files, "src/a.module.css"), @r"
    ._card_d22db456 { color: red }
    ._a_8f563b76 { }
    ");
}

#[test]
fn sheets_of_packages_are_finished_and_nothing_runs_for_what_is_done_here() {
    let package = [
        ("postcss.config.js", BY_NAME),
        ("node_modules/ui/a.css", "@brand;\n"),
    ];
    assert_eq!(style(&package, "node_modules/ui/a.css"), "@brand;\n");
    // Without PostCSS a run of it would be an error.
    let done = [
        ("package.json", "{}"),
        (
            "postcss.config.js",
            "module.exports = { plugins: { '@tailwindcss/postcss': {}, cssnano: {} } };",
        ),
        ("src/a.css", ".a {}\n"),
    ];
    let done = Scene::with(tree(&done), "src", workers());
    assert_eq!(style_of(&done, "src/a.css"), ".a {}\n");
}

#[test]
fn what_goes_wrong_is_told_at_its_place() {
    let fails = |config: (&str, &str), css: &str| style(&[config, ("src/a.css", css)], "src/a.css");
    let by_name = ("postcss.config.js", BY_NAME);
    insta::assert_snapshot!(fails(by_name, ".a {}\n  @wrong;\n"), @r"
    error[style]: in add: Unknown rule in `/a.css:2:3`
      1 | .a {}
      2 |   @wrong;
        |   ^
    ");
    let gone = "module.exports = {\n  plugins: { 'postcss-gone': {} },\n};";
    insta::assert_snapshot!(fails(("postcss.config.js", gone), ""), @r"
    error[unresolved-import]: cannot resolve `postcss-gone` from `/~root/postcss.config.js`
      hint: run `npm install postcss-gone`
    ");
    let throws = "const a = 1;\nthrow new Error('no configuration');";
    insta::assert_snapshot!(fails(("postcss.config.js", throws), ""), @r"
    error[hook]: Error: no configuration in `/~root/postcss.config.js:2:11`
      1 | const a = 1;
      2 | throw new Error('no configuration');
        |           ^
    ");
    insta::assert_snapshot!(fails((".postcssrc", "plugins:\n  add: {}\n"), ""), @r"
    error[style]: this configuration of PostCSS is no JSON: expected value at line 1 column 1 in `/~root/.postcssrc`
      hint: of YAML nothing is read: write it as JSON, or as `postcss.config.js`
    ");
    insta::assert_snapshot!(fails((".postcssrc.cjs", ""), ""), @r"
    error[unsupported]: a configuration of PostCSS in a hidden module is not run in `/~root/.postcssrc.cjs`
      hint: rename it to `postcss.config.cjs`
    ");
}

/// What Tailwind 3 looks like from outside.
const CLASSIC: [(&str, &str); 3] = [
    ("node_modules/tailwindcss/package.json", r#"{ "version": "3.4.0" }"#),
    (
        "node_modules/tailwindcss/resolveConfig.js",
        "module.exports = (config) => ({ ...config, content: { files: config.content } });",
    ),
    (
        "node_modules/tailwindcss/lib/processTailwindFeatures.js",
        "exports.__esModule = true;
         let made = 0;
         const createContext = (config) => ({
           config, number: (made += 1), ruleCache: new Set(), classCache: new Map(), candidateRuleCache: new Map(), stylesheetCache: null,
         });
         const add = (context, word) => {
           const { candidateRuleCache: cache, classCache, ruleCache } = context;
           if (cache.has(word)) return void cache.get(word);
           const rule = `.${word} {}`;
           cache.set(word, new Set([rule]));
           classCache.set(word, rule);
           ruleCache.add(rule);
         };
         exports.default = (setup) => async (root) => {
           const context = setup({ createContext })(root);
           for (const word of context.changedContent.flatMap(({ content }) => content.split('\\n'))) add(context, word);
           context.stylesheetCache ??= [...context.ruleCache].join('\\n');
           const { stylesheetCache: rules, config, number } = context;
           return String(root).replace('@tailwind utilities;', rules).replace('NAME', config.name).replace('NUMBER', number);
         };",
    ),
];

#[test]
fn tailwind_3_is_given_the_words_of_the_files_that_its_configuration_names() {
    let config = "const { join } = require('path');\nmodule.exports = { name: 'mine', \
        content: ['./src/**/*.tsx', join(__dirname, 'other/*.md'), { raw: 'raw' }, '!./src/gone/**'] };";
    let files = [
        ("src/index.css", "@tailwind utilities;\n.a { b: NAME }\n"),
        ("src/plain.css", ".a { b: NAME }\n"),
        ("src/page.tsx", "'p-4'"),
        ("src/gone/page.tsx", "'gone'"),
        ("src/a.md", "unasked"),
        ("other/a.md", "other"),
        ("tailwind.config.js", config),
    ];
    let all = [&CLASSIC[..], &files].concat();
    let alone = style(&all, "src/index.css");
    insta::assert_snapshot!(alone, @r"
    .other {}
    .p-4 {}
    .raw {}
    .a { b: mine }
    ");
    let listed = [
        &all[..],
        &[(
            "postcss.config.js",
            "module.exports = { plugins: { tailwindcss: {}, 'postcss-import': {} } };",
        )],
    ]
    .concat();
    assert_eq!(style(&listed, "src/index.css"), alone);
    // What it does nothing to is not given to it.
    assert_eq!(style(&listed, "src/plain.css"), ".a { b: NAME }\n");
    let chosen = [
        &all[..],
        &[
            (
                "src/b.css",
                "@config './b.config.ts';\n@tailwind utilities;\n.a { b: NAME }\n",
            ),
            (
                "src/b.config.ts",
                "export default { name: 'chosen', content: [] };",
            ),
        ],
    ]
    .concat();
    let chosen = style(&chosen, "src/b.css");
    assert!(chosen.contains("b: chosen"), "{chosen}");
}

#[test]
fn a_context_of_tailwind_3_serves_again_and_forgets_what_nobody_asks_for() {
    let own = Launch::of_test("runnable::hook::tests::entry");
    let files = [
        ("src/index.css", "@tailwind utilities;\n/* NUMBER */\n"),
        ("src/page.tsx", "'p-1 p-2'"),
        (
            "tailwind.config.js",
            "module.exports = { content: ['./src/*.tsx'] };",
        ),
    ];
    let tree = tree(&[&FILES[..], &CLASSIC, &files].concat());
    let scene = Scene::with(tree, "src", Arc::new(Workers::new(own)));
    for round in 0..8 {
        scene
            .tree
            .write("src/page.tsx", format!("'p-{round}9 z-2'"));
        let text = style_of(&scene, "src/index.css");
        // Each engine makes one.
        assert_eq!(text, format!(".p-{round}9 {{}}\n.z-2 {{}}\n/* 1 */\n"));
    }
}

use super::*;
use crate::base::{Computation, Key};
use crate::compute::Computations;
use crate::runnable::hook::tests::workers;
use crate::runnable::scene::{Scene, path, tree};

/// What Tailwind's package looks like from outside: classes become empty rules, and it tells what it was given.
const PACKAGE: &str = r#"
export const compile = async (css, { base, loadModule, loadStylesheet }) => {
  for (let match; (match = /@(plugin|config|reference) ['"]([^'"]+)['"]/.exec(css)); ) {
    const [, rule, name] = match;
    const found = rule === 'reference' ? await loadStylesheet(name, base) : await loadModule(name, base, rule);
    css = css.replace(`'${name}'`, rule === 'reference' ? `{ ${found.content.trim()} }` : found.module.name);
  }
  if (css.includes('@apply none')) throw new Error('Cannot apply unknown utility class `none`');
  const rules = (words) => words.map((word) => `.${word} {}`).join('\n');
  return { build: (words) => css.replace('@tailwind utilities;', () => rules(words)) };
};
"#;

const FILES: [(&str, &str); 3] = [
    (
        "node_modules/tailwindcss/package.json",
        r#"{ "version": "4.1.0", "exports": { ".": { "style": "./index.css", "import": "./lib.mjs" } } }"#,
    ),
    ("node_modules/tailwindcss/lib.mjs", PACKAGE),
    (
        "node_modules/tailwindcss/index.css",
        "@tailwind utilities;\n",
    ),
];

fn scene(files: &[(&str, &str)]) -> Scene {
    Scene::with(tree(&[&FILES, files].concat()), "src", workers())
}

fn style(files: &[(&str, &str)], file: &str) -> String {
    let key = Key::new(Computation::new("style"), path(file));
    let scene = scene(files);
    match scene.runnable.run(&key, &scene) {
        Ok(output) => String::from_utf8(output.parts[0].1.to_vec()).unwrap(),
        Err(failure) => failure.to_string(),
    }
}

#[test]
fn rules_are_found_and_words_are_not() {
    assert_eq!(rule(".a { @apply p-4 }"), Some("@apply"));
    assert_eq!(rule("/* @apply */ .a { content: '@tailwind' }"), None);
    assert_eq!(
        rule("@media print { @tailwind utilities; }"),
        Some("@tailwind")
    );
    assert!(is_package("tailwindcss/utilities") && !is_package("tailwind"));
}

#[test]
fn statements_are_read_with_what_they_name() {
    use Statement::*;
    let source = |pattern: &str, is_out| Source {
        pattern: pattern.into(),
        is_out,
    };
    let text = "@import 'tailwindcss' source('../app');\n@import \"b\" source(none);\n@plugin \"x\" { a: b }\n@config './c.js';\n\
         @source '../ui/**/*.tsx';\n@source not './gone'; @source inline('p-4'); /* @source 'd' */ @reference 'e.css';\n.a { source: b }";
    let expected = [
        Base(Some("../app".into())),
        Base(None),
        Module("x".into(), false),
        Module("./c.js".into(), true),
        source("../ui/**/*.tsx", false),
        source("./gone", true),
        Reference("e.css".into()),
    ];
    assert_eq!(statements(text), expected);
}

#[test]
fn a_sheet_has_the_classes_of_the_files_of_its_tree() {
    let files = [
        (
            "src/index.css",
            "@import 'tailwindcss';\n.own { background: url(./a.png) }\n",
        ),
        ("src/a.png", "a"),
        (
            "src/page.tsx",
            "export const a = <a className='p-4 md:flex' />;",
        ),
        ("src/notes.md", "mt-9"),
        ("src/build/out.js", "'built'"),
        ("src/lib/build.ts", "'kept'"),
        ("src/package-lock.json", "\"locked\""),
        ("src/node_modules/b/c.js", "'packaged'"),
        ("src/.hidden/c.js", "'hidden'"),
        ("index.html", "<body class='paged'>"),
        ("venv/c.py", "'python'"),
        (".gitignore", "# none\n/src/build\n*.gen.ts\n/dist/\n"),
        ("dist/a.js", "'dist'"),
        ("src/a.gen.ts", "'generated'"),
        ("src/lib/.gitignore", "*.out.ts\n!b.gen.ts\nmade/*\n"),
        ("src/lib/a.out.ts", "'nested'"),
        ("src/lib/b.gen.ts", "'again'"),
        ("src/lib/made/a.ts", "'made'"),
        ("src/a.out.ts", "'beside'"),
    ];
    insta::assert_snapshot!(style(&files, "src/index.css"), @r###"
    .a {}
    .again {}
    .beside {}
    .body {}
    .class {}
    .const {}
    .export {}
    .kept {}
    .md:flex {}
    .mt-9 {}
    .p-4 {}
    .paged {}

    .own { background: url("./a.v17762fddd969a453.png") }
    "###);
}

#[test]
fn sources_plugins_and_references_are_found_from_the_file_that_names_them() {
    let files = [
        (
            "src/ui/index.css",
            "@import 'tailwindcss' source(none);\n@plugin 'typography';\n@config '../tw.config.js';\n@source '../../other';\n\
             @source '../*.md';\n@source not '../../other/sub/**';\n@source './one.vue';\n",
        ),
        (
            "src/b.module.css",
            "@reference './ui/theme.css';\n.b { @apply p-1 }\n",
        ),
        (
            "src/ui/theme.css",
            "@plugin 'typography';\n@theme { --a: b }\n",
        ),
        ("src/page.tsx", "'none'"),
        ("src/a.md", "said"),
        ("src/ui/one.vue", "<p class=\"viewed\">"),
        ("other/c.js", "'other'"),
        ("other/sub/c.js", "'out'"),
        (
            "src/tw.config.js",
            "module.exports = { name: 'configured' };",
        ),
        (
            "node_modules/typography/package.json",
            r#"{ "main": "a.js" }"#,
        ),
        ("node_modules/typography/a.js", "exports.name = 'plugged';"),
    ];
    insta::assert_snapshot!(style(&files, "src/ui/index.css"), @r###"
    @media source(none) {
    .class {}
    .other {}
    .p {}
    .said {}
    .viewed {}
    }

    @plugin plugged;
    @config configured;
    @source '../../other';
    @source '../*.md';
    @source not '../../other/sub/**';
    @source './one.vue';
    "###);
    let module = style(&files, "src/b.module.css");
    assert!(
        module.starts_with("@reference { @plugin plugged;\n@theme { --a: b } };")
            && module.contains("._b_"),
        "{module}"
    );
}

#[test]
fn what_tailwind_refuses_is_told_at_its_place() {
    let files = [(
        "src/a.css",
        "@import 'tailwindcss';\n\n.a { @apply none; }\n",
    )];
    insta::assert_snapshot!(style(&files, "src/a.css"), @r###"
    error[style]: in Tailwind: Cannot apply unknown utility class `none` in `/a.css:3:13`
      2 | 
      3 | .a { @apply none; }
        |             ^
    "###);
    let files = [("src/a.css", "@import 'tailwindcss';\n@plugin 'gone';\n")];
    insta::assert_snapshot!(style(&files, "src/a.css"), @r###"
    error[unresolved-import]: cannot resolve `gone` from `/a.css:2:10`
      1 | @import 'tailwindcss';
      2 | @plugin 'gone';
        |          ^^^^
      hint: run `npm install gone`
    "###);
}

#[test]
fn no_other_version_is_asked() {
    let files = [
        (
            "node_modules/tailwindcss/package.json",
            r#"{ "version": "3.4.0", "main": "lib.mjs" }"#,
        ),
        ("src/a.css", "@tailwind utilities;\n"),
    ];
    let css = style(&files, "src/a.css");
    assert!(
        css.starts_with("/* `/src/a.css` has `@tailwind`")
            || css.starts_with("/* `/a.css` has `@tailwind`"),
        "{css}"
    );
    assert!(css.ends_with("@tailwind utilities;\n"), "{css}");
}

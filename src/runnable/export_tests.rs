use super::scene::{Scene, tree};

fn code(files: &[(&str, &str)]) -> String {
    Scene::new(tree(files), "").code("a.tsx")
}

#[test]
fn what_is_not_exported_is_an_error_at_its_name() {
    let y = (
        "y.ts",
        "export const button = 1;\nexport function form() {}\nconst local = 1;\n",
    );
    insta::assert_snapshot!(code(&[
        ("a.tsx", "import {\n  buton,\n  form,\n} from './y';\nexport { local as x } from './y';\nconsole.log(buton, form);\n"),
        y
    ]), @r"
    error[missing-export]: cannot import `buton` from `./y` in `/a.tsx:2:3`
      1 | import {
      2 |   buton,
        |   ^^^^^
      3 |   form,
      hint: did you mean `button`?
    error[missing-export]: cannot import `local` from `./y` in `/a.tsx:5:10`
      4 | } from './y';
      5 | export { local as x } from './y';
        |          ^^^^^
      6 | console.log(buton, form);
      hint: `/y.ts` declares `local` and does not export it
    ");
    insta::assert_snapshot!(code(&[
        ("a.tsx", "import y, { other } from './y';\nconsole.log(y, other);\n"),
        y
    ]), @r"
    error[missing-export]: cannot import the default export of `./y` in `/a.tsx:1:8`
      1 | import y, { other } from './y';
        |        ^
      2 | console.log(y, other);
      hint: `/y.ts` exports `button`, `form`
    error[missing-export]: cannot import `other` from `./y` in `/a.tsx:1:13`
      1 | import y, { other } from './y';
        |             ^^^^^
      2 | console.log(y, other);
      hint: `/y.ts` exports `button`, `form`
    ");
    insta::assert_snapshot!(code(&[
        ("a.tsx", "\u{feff}import form, { Other } from './y'; import Only from './z'; import { Button } from './w'; console.log(form, Only, Button, Other);"),
        y,
        ("z.ts", "export const only = 1;"),
        ("w.ts", "export default 1;"),
    ]), @r"
    error[missing-export]: cannot import the default export of `./y` in `/a.tsx:1:8`
      1 | import form, { Other } from './y'; import Only from './z'; import { Button } from './w'; console.log(form, Only, Button,
        |        ^^^^
      hint: did you mean `import { form } from './y'`?
    error[missing-export]: cannot import `Other` from `./y` in `/a.tsx:1:16`
      1 | import form, { Other } from './y'; import Only from './z'; import { Button } from './w'; console.log(form, Only, Button,
        |                ^^^^^
      hint: `/y.ts` exports `button`, `form`
    error[missing-export]: cannot import the default export of `./z` in `/a.tsx:1:43`
      1 | import form, { Other } from './y'; import Only from './z'; import { Button } from './w'; console.log(form, Only, Button,
        |                                           ^^^^
      hint: did you mean `import { only } from './z'`?
    error[missing-export]: cannot import `Button` from `./w` in `/a.tsx:1:69`
      1 | import form, { Other } from './y'; import Only from './z'; import { Button } from './w'; console.log(form, Only, Button,
        |                                                                     ^^^^^^
      hint: it has a default export: `import Button from './w'`
    ");
}

#[test]
fn assets_and_queries_have_a_default_export_alone() {
    insta::assert_snapshot!(code(&[
        ("a.tsx", "import logo, { Component } from './logo.svg'; import text, { more } from './y.ts?raw'; import { red } from './a.css'; import { blue } from './a.module.css'; export default [logo, Component, text, more, red, blue];"),
        ("a.css", ".red { color: red }"),
        ("a.module.css", ".blue { color: blue }"),
        ("logo.svg", "<svg/>"),
        ("y.ts", "export const more = 1;"),
    ]), @r"
    error[missing-export]: cannot import `Component` from `./logo.svg` in `/a.tsx:1:16`
      1 | import logo, { Component } from './logo.svg'; import text, { more } from './y.ts?raw'; import { red } from './a.css'; im
        |                ^^^^^^^^^
      hint: it has a default export: `import Component from './logo.svg'`
    error[missing-export]: cannot import `more` from `./y.ts?raw` in `/a.tsx:1:62`
      1 | import logo, { Component } from './logo.svg'; import text, { more } from './y.ts?raw'; import { red } from './a.css'; im
        |                                                              ^^^^
      hint: it has a default export: `import more from './y.ts?raw'`
    error[missing-export]: cannot import `red` from `./a.css` in `/a.tsx:1:97`
      1 | ogo.svg'; import text, { more } from './y.ts?raw'; import { red } from './a.css'; import { blue } from './a.module.css';
        |                                                             ^^^
      hint: it has a default export: `import red from './a.css'`
    ");
}

#[test]
fn names_come_through_chains_and_circles() {
    let files = [
        (
            "a.tsx",
            "import { one, two, three, four, five, ns } from './barrel'; import { self } from './a'; export const self = 1; console.log(one, two, three, four, five, ns.missing, self);",
        ),
        (
            "barrel/index.ts",
            "export * from '../b';\nexport * from './c';\nexport { four } from './d';\nexport * as ns from './d';\nexport const { five } = { five: 1 };\n",
        ),
        (
            "b.ts",
            "export * from './barrel';\nexport const one = 1, two = 2;\n",
        ),
        (
            "barrel/c.ts",
            "/* x */ export let three = 3;\nexport default 1;",
        ),
        ("barrel/d.ts", "export const four = 4;"),
    ];
    let out = code(&files);
    assert!(!out.contains("error["), "{out}");
    let mut files = files.to_vec();
    files[0].1 = "import barrel from './barrel'; import { fuor } from './barrel'; console.log(barrel, fuor);";
    insta::assert_snapshot!(code(&files), @r"
    error[missing-export]: cannot import the default export of `./barrel` in `/a.tsx:1:8`
      1 | import barrel from './barrel'; import { fuor } from './barrel'; console.log(barrel, fuor);
        |        ^^^^^^
      hint: `/barrel/index.ts` exports `five`, `four`, `ns`, `one`, `three`, and 1 more
    error[missing-export]: cannot import `fuor` from `./barrel` in `/a.tsx:1:41`
      1 | import barrel from './barrel'; import { fuor } from './barrel'; console.log(barrel, fuor);
        |                                         ^^^^
      hint: did you mean `four`?
    ");
}

#[test]
fn what_is_not_known_is_left_to_the_browser() {
    for (name, text) in [
        ("y.cjs", "module.exports = f()"),
        ("y.ts", "module.exports = f()"),
        ("y.ts", "export = { x: 1 };"),
        ("y.ts", "export * from 'package';"),
        ("y.ts", "export * from './absent';"),
        ("y.ts", "export * from './broken';"),
        ("y.ts", "export const = 1;"),
        ("y.ts", "export * from './data.json';"),
    ] {
        let importer = format!("import {{ x }} from './{name}'; console.log(x);");
        let out = code(&[
            ("a.tsx", &importer),
            (name, text),
            ("node_modules/package/index.js", "export const a = 1;"),
            ("broken.ts", "let = ="),
            ("data.json", "{}"),
        ]);
        assert!(!out.contains("error["), "{text}\n{out}");
    }
    // A package's own imports throw where they are evaluated, as they always did.
    let scene = Scene::new(
        tree(&[
            ("node_modules/p/a.js", "import { x } from '../../y'; x();"),
            ("y.ts", "export const a = 1;"),
        ]),
        "",
    );
    assert!(!scene.code("node_modules/p/a.js").contains("error["));
}

#[test]
fn what_a_package_does_not_export_is_an_error_where_its_text_tells() {
    let package = [
        ("node_modules/p/package.json", r#"{ "type": "module" }"#),
        (
            "node_modules/p/index.js",
            "export * from './b.js';\nexport * from 'q';\nexport { c as d } from './c.js';\nexport const button = 1;\n",
        ),
        (
            "node_modules/p/b.js",
            "export * from './index.js';\nexport const b = 1; export default 2;",
        ),
        ("node_modules/q/index.mjs", "export const q = 1;"),
        ("node_modules/open/index.mjs", "export * from 'common';"),
        ("node_modules/common/index.js", "module.exports = f();"),
        ("node_modules/mixed/index.js", "export const a = 1;"),
    ];
    let code = |text| {
        let mut files = package.to_vec();
        files.push(("a.tsx", text));
        code(&files)
    };
    let known = code(
        "import { b, q, d, button } from 'p'; import { x } from 'open'; import y, { z } from 'common'; console.log(b, q, d, button, x, y, z);",
    );
    assert!(!known.contains("error["), "{known}");
    insta::assert_snapshot!(code("import p, { buton } from 'p';\nimport { a, z } from 'mixed';\nconsole.log(p, buton, a, z);\n"), @r"
    error[missing-export]: cannot import the default export of `p` in `/a.tsx:1:8`
      1 | import p, { buton } from 'p';
        |        ^
      2 | import { a, z } from 'mixed';
      3 | console.log(p, buton, a, z);
      hint: `/node_modules/p/index.js` exports `b`, `button`, `d`, `q`
    error[missing-export]: cannot import `buton` from `p` in `/a.tsx:1:13`
      1 | import p, { buton } from 'p';
        |             ^^^^^
      2 | import { a, z } from 'mixed';
      3 | console.log(p, buton, a, z);
      hint: did you mean `button`?
    error[missing-export]: cannot import `z` from `mixed` in `/a.tsx:2:13`
      1 | import p, { buton } from 'p';
      2 | import { a, z } from 'mixed';
        |             ^
      3 | console.log(p, buton, a, z);
      hint: did you mean `a`?
    ");
    // TypeScript may pass on a type, of which the text of the package does not tell.
    insta::assert_snapshot!(code("import { T, b } from 'p';\nexport { U } from 'p';\nexport { T, b };\n"), @r#"
    var T;
    var __absent_1;
    import { b } from "./node_modules/p/index.js";
    export { __absent_1 as U };
    export { } from "./node_modules/p/index.js";
    export { T, b };
    //# sourceMappingURL=a.tsx.js.map
    "#);
}

#[test]
fn what_plugins_make_is_told() {
    insta::assert_snapshot!(code(&[
        ("a.tsx", "import Logo from './logo.svg?solid';\nimport url from './logo.svg?v=1';\nimport picture from './p.png?w=300&as=picture';\nconsole.log(<Logo/>, url, picture);\n"),
        ("node_modules/react/jsx-dev-runtime.js", "export const jsxDEV = 1, Fragment = 2;"),
        ("logo.svg", "<svg/>"),
        ("p.png", ""),
    ]), @r"
    error[unsupported]: `?solid` is for a plugin that makes a component of an SVG in `/a.tsx:1:18`
      1 | import Logo from './logo.svg?solid';
        |                  ^^^^^^^^^^^^^^^^^^
      2 | import url from './logo.svg?v=1';
      3 | import picture from './p.png?w=300&as=picture';
      hint: no plugin runs here: `?react` gives a component of React, `?raw` the text, no query the URL
    error[unsupported]: `?as` is for a plugin that makes images (vite-imagetools) in `/a.tsx:3:21`
      2 | import url from './logo.svg?v=1';
      3 | import picture from './p.png?w=300&as=picture';
        |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^
      4 | console.log(<Logo/>, url, picture);
      hint: no plugin runs here: import the image itself for its URL, or have a hook make the module
    ");
    insta::assert_snapshot!(code(&[("a.tsx", "const all = require.context('./x', true, /\\.js$/);\nexport default all;\n")]), @r"
    error[unsupported]: `require.context` is webpack's in `/a.tsx:1:13`
      1 | const all = require.context('./x', true, /\.js$/);
        |             ^^^^^^^^^^^^^^^
      2 | export default all;
      hint: `import.meta.glob('./folder/*.js', { eager: true })` gives an object of the modules by their paths
    ");
    let asks = "export const all = typeof require === 'undefined' ? [] : require.context('./x');";
    assert!(!code(&[("a.tsx", asks)]).contains("error["));
}

#[test]
fn types_imported_without_the_word_are_no_errors() {
    let files = [
        (
            "a.tsx",
            "import { A, type B, value, C, D, E } from './t';\nimport F from './f';\nexport { A, C as G, F } from './g';\nexport { F as H };\nexport const used = [value, D, E];\nexport type X = A | B | C;\n",
        ),
        (
            "t.ts",
            "export interface A {}\nexport type B = 1;\nexport declare const C: number;\nexport const value = 1;\ninterface D {}\nexport { D };\nexport type * from './u';\n",
        ),
        ("u.ts", "export class E {}\n"),
        ("f.ts", "interface F {}\nexport default F;\n"),
        (
            "g.ts",
            "export type { A, C } from './t';\nexport { default as F } from './f';\n",
        ),
    ];
    insta::assert_snapshot!(code(&files), @r#"
    var D;
    var E;
    var F;
    var __absent_1;
    var __absent_2;
    import { value } from "./t.ts.js";
    import "./f.ts.js";
    export { __absent_1 as A, __absent_2 as G };
    export { F } from "./g.ts.js";
    export { F as H };
    export const used = [
        value,
        D,
        E
    ];
    //# sourceMappingURL=a.tsx.js.map
    "#);
    // What is neither a type nor a value is one all the same.
    let mut files = files.to_vec();
    files[0].1 = "export { Z } from './t';";
    insta::assert_snapshot!(code(&files), @r"
    error[missing-export]: cannot import `Z` from `./t` in `/a.tsx:1:10`
      1 | export { Z } from './t';
        |          ^
      hint: `/t.ts` exports `value`
    ");
}

#[test]
fn with_every_import_kept_types_are_no_errors_either() {
    let out = code(&[
        (
            "tsconfig.json",
            r#"{ "compilerOptions": { "verbatimModuleSyntax": true } }"#,
        ),
        (
            "a.tsx",
            "import { T, v } from './t'; export const a: T = v;",
        ),
        ("t.ts", "export type T = number; export const v = 1;"),
    ]);
    insta::assert_snapshot!(out, @r#"
    var T;
    import { v } from "./t.ts.js";
    export const a = v;
    //# sourceMappingURL=a.tsx.js.map
    "#);
}

#[test]
fn importers_depend_on_names_alone() {
    let asked = |text: &str| {
        let files = [
            ("a.tsx", "import { y } from './y'; console.log(y);"),
            ("y.ts", text),
        ];
        let scene = Scene::new(tree(&files), "");
        scene.code("a.tsx");
        (scene.asked.take(), scene.seen.take())
    };
    let before = asked("export const y = 1;\n");
    assert_eq!(asked("export const y = f(2);\nfunction f() {}\n"), before);
    assert_eq!(asked("export const x = 1;\nexport const y = 1;\n"), before);
    assert_ne!(asked("export const x = 1;\n"), before);
}

//! What modules make of where their specifiers lead.

use super::*;

#[test]
fn an_import_that_leads_nowhere_is_said_at_its_place() {
    let scene = Scene::new(
        tree(&[
            (
                "ui/form.tsx",
                "import a from './a';\nimport { Button } from './botton';\nexport default [a, Button];\n",
            ),
            ("ui/a.ts", "export default 1"),
            ("ui/button.tsx", ""),
        ]),
        "",
    );
    insta::assert_snapshot!(scene.code("ui/form.tsx"), @r"
    error[unresolved-import]: cannot resolve `./botton` from `/ui/form.tsx:2:24`
      1 | import a from './a';
      2 | import { Button } from './botton';
        |                        ^^^^^^^^^^
      3 | export default [a, Button];
      hint: did you mean `./button`?
    ");
}

#[test]
fn a_package_that_is_nearly_named_is_what_was_meant() {
    let files = [
        (
            "a.ts",
            "import 'raect';\nimport '@mui/materal/Box';\nimport 'vue';\n",
        ),
        ("node_modules/react/package.json", "{}"),
        ("node_modules/@mui/material/package.json", "{}"),
    ];
    insta::assert_snapshot!(Scene::new(tree(&files), "").code("a.ts"), @r"
    error[unresolved-import]: cannot resolve `raect` from `/a.ts:1:8`
      1 | import 'raect';
        |        ^^^^^^^
      2 | import '@mui/materal/Box';
      3 | import 'vue';
      hint: did you mean `react`? Otherwise run `npm install raect`
    error[unresolved-import]: cannot resolve `@mui/materal/Box` from `/a.ts:2:8`
      1 | import 'raect';
      2 | import '@mui/materal/Box';
        |        ^^^^^^^^^^^^^^^^^^
      3 | import 'vue';
      hint: did you mean `@mui/material/Box`? Otherwise run `npm install @mui/materal`
    error[unresolved-import]: cannot resolve `vue` from `/a.ts:3:8`
      2 | import '@mui/materal/Box';
      3 | import 'vue';
        |        ^^^^^
      hint: run `npm install vue`
    ");
}

#[test]
fn jsx_without_its_runtime_says_what_to_install() {
    let scene = Scene::new(tree(&[("a.tsx", "export const a = <p/>;\n")]), "");
    let text = scene.code("a.tsx");
    assert!(
        text.contains("cannot resolve `react/jsx-dev-runtime`"),
        "{text}"
    );
    assert!(
        text.contains(
            "hint: JSX needs it: run `npm install react`; or set `jsxImportSource` in tsconfig.json"
        ),
        "{text}"
    );
}

#[test]
fn jsx_beside_a_react_that_is_too_old_for_its_runtime_says_how_to_compile_it() {
    let files = [
        ("a.tsx", "export const a = <p/>;\n"),
        (
            "node_modules/react/package.json",
            r#"{ "version": "16.9.0" }"#,
        ),
        (
            "node_modules/react/index.js",
            "exports.createElement = 1;\n",
        ),
    ];
    let text = Scene::new(tree(&files), "").code("a.tsx");
    assert!(
        text.contains(
            "hint: JSX needs it: React before 16.14 has no `jsx-dev-runtime`: set `\"jsx\": \"react\"` in tsconfig.json; or set `jsxImportSource` in tsconfig.json"
        ),
        "{text}"
    );
}

#[test]
fn jsx_that_a_library_compiles_by_itself_is_said_to_be_none_of_ours() {
    let solid = "export const createSignal = () => 0, Fragment = 1;\n";
    let preact = "export const jsx = 1, jsxDEV = 2, Fragment = 3; export * from './more.js';\n";
    let package = |name: &str| {
        format!(
            r#"{{ "name": "{name}", "type": "module", "exports": {{ "./*": "./{name}.js" }} }}"#
        )
    };
    let (solid_package, preact_package) = (package("solid-js"), package("preact"));
    let config = |source: &str| {
        format!(
            r#"{{ "compilerOptions": {{ "jsx": "preserve", "jsxImportSource": "{source}" }} }}"#
        )
    };
    let (in_solid, in_preact) = (config("solid-js"), config("preact"));
    let files = [
        ("solid/tsconfig.json", in_solid.as_str()),
        (
            "solid/a.tsx",
            "const b = 1;\nexport const a = <p>{b}</p>;\n",
        ),
        (
            "solid/react.tsx",
            "/** @jsxImportSource preact */\nexport const a = <p/>;\n",
        ),
        ("solid/none.tsx", "export const a = 1;\n"),
        ("preact/tsconfig.json", &in_preact),
        ("preact/a.tsx", "export const a = <p/>;\n"),
        (
            "react/tsconfig.json",
            r#"{ "compilerOptions": { "jsx": "preserve" } }"#,
        ),
        ("react/a.tsx", "export const a = <p/>;\n"),
        (
            "own/tsconfig.json",
            r##"{ "compilerOptions": { "jsx": "react-jsx", "jsxImportSource": "#jsx" } }"##,
        ),
        ("own/a.tsx", "export const a = <p/>;\n"),
        ("own/run.ts", "export const jsx = 1;\n"),
        (
            "package.json",
            r##"{ "imports": { "#jsx/*": "./own/run.ts" } }"##,
        ),
        ("node_modules/solid-js/package.json", &solid_package),
        ("node_modules/solid-js/solid-js.js", solid),
        ("node_modules/preact/package.json", &preact_package),
        ("node_modules/preact/preact.js", preact),
        ("node_modules/preact/more.js", "export {};\n"),
        ("node_modules/react/package.json", "{}"),
        (
            "node_modules/react/jsx-dev-runtime.js",
            "exports.jsxDEV = 1;\n",
        ),
    ];
    let scene = Scene::new(tree(&files), "");
    insta::assert_snapshot!(scene.code("solid/a.tsx"), @r"
    error[missing-export]: cannot compile JSX: `solid-js/jsx-dev-runtime` exports no `jsxDEV` in `/solid/a.tsx:1:1`
      1 | const b = 1;
        | ^
      2 | export const a = <p>{b}</p>;
      hint: JSX becomes calls of that. A library with a compiler of its own for JSX, as Solid has, has to be built with that; for others set `jsxImportSource` in tsconfig.json
    ");
    for (file, name) in [
        ("solid/react.tsx", "jsxDEV"),
        ("preact/a.tsx", "jsxDEV"),
        ("react/a.tsx", "jsxDEV"),
        ("solid/none.tsx", "a = 1"),
    ] {
        let code = scene.code(file);
        assert!(code.contains(name) && !code.contains("error["), "{code}");
    }
    let code = scene.code("own/a.tsx");
    assert!(
        code.contains("`#jsx/jsx-dev-runtime` exports no `jsxDEV`"),
        "{code}"
    );
    assert!(scene.is_as_asked());
}

#[test]
fn specifiers_in_outputs_are_relative_urls() {
    let mut files = project();
    files.push(("src/use.tsx", "import './a'; import './ui'; import 'plain'; import '@app/lib'; import './logo.svg?raw'; import './data.json'; import './odd?name.ts'; import './b c#d.ts'; import('./nowhere'); import 'https://x/y.js';\n"));
    files.push(("src/b c#d.ts", ""));
    files.push((
        "packages/lib/src/use.ts",
        "import 'deep'; import './index';",
    ));
    let scene = Scene::new(tree(&files), "src");
    let code = scene.code("src/use.tsx");
    for wanted in [
        "./a.ts.js",
        "./ui/index.tsx.js",
        "./~root/node_modules/plain/lib/main.js",
        "./~root/packages/lib/src/index.ts.js",
        "./logo.svg.raw.js",
        "./data.json.js",
        "./odd%3Fname.ts.js",
        "./b%20c%23d.ts.js",
        "https://x/y.js",
        "cannot resolve `./nowhere` from /use.tsx:1:",
    ] {
        assert!(code.contains(wanted), "{wanted} in {code}");
    }
    let links = scene.module("src/use.tsx").unwrap().links;
    let links: Vec<String> = links.iter().map(ToString::to_string).collect();
    assert_eq!(
        links[..3],
        [
            "module:/src/a.ts",
            "module:/src/ui/index.tsx",
            "module:/node_modules/plain/lib/main.js"
        ]
    );
    assert!(links.contains(&"raw:/src/logo.svg".to_owned()), "{links:?}");
    let code = scene.code("packages/lib/src/use.ts");
    assert!(
        code.contains("../../../node_modules/.pnpm/deep@1/node_modules/deep/index.js"),
        "{code}"
    );
}

#[test]
fn files_outside_that_are_in_no_package_are_refused() {
    let scene = Scene::new(
        tree(&[
            ("package.json", "{}"),
            ("src/a.ts", "import '../secret.json'"),
            ("secret.json", "{}"),
        ]),
        "src",
    );
    let text = scene.code("src/a.ts");
    assert!(text.contains("lies outside the source folder"), "{text}");
}

#[test]
fn what_has_no_output_for_its_name_is_said_to_have_none() {
    let scene = Scene::new(
        tree(&[
            (
                "src/a.ts",
                "import './.git/x'; import './.b'; import './.own/.c'; import './.own/x';",
            ),
            ("src/.git/x.ts", ""),
            ("src/.own/.c.ts", ""),
            ("src/.own/x.ts", ""),
            ("src/.b.ts", ""),
        ]),
        "src",
    );
    let text = scene.code("src/a.ts");
    for file in [".git/x.ts", ".b.ts", ".own/.c.ts"] {
        let hint = format!(
            "`/src/{file}` has no output, for its name or that of a folder begins with a dot"
        );
        assert!(text.contains(&hint), "{text}");
    }
    assert!(
        !text.contains("outside") && !text.contains("x.ts`, "),
        "{text}"
    );
}

#[test]
fn environment_is_defined() {
    let scene = Scene::new(
        tree(&[(
            "a.ts",
            "export const a = [process.env.NODE_ENV, import.meta.env.MODE, import.meta.env.PROD, import.meta.hot];\n",
        )]),
        "",
    );
    let code = scene.code("a.ts");
    assert!(
        code.contains("\"development\"") && code.contains("false") && !code.contains("process"),
        "{code}"
    );
}

#[test]
fn the_whole_environment_has_what_is_defined() {
    let mut scene = Scene::new(
        tree(&[
            (".env", "VITE_A=file\nVITE_B=file\n"),
            (
                "a.ts",
                "export default import.meta.env; export const b = import.meta.env.VITE_B;\n",
            ),
        ]),
        "",
    );
    let flag = ("import.meta.env.VITE_B".to_owned(), "\"flag\"".to_owned());
    scene.runnable.options.defines = vec![flag];
    let code = scene.code("a.ts").replace(['(', ')'], "");
    let whole = code.split_once("\"VITE_A\": \"file\"");
    let is_defined = whole.is_some_and(|(_, rest)| rest.contains("\"VITE_B\": \"flag\""));
    assert!(is_defined && code.contains("b = \"flag\""), "{code}");
}

#[test]
fn types_that_are_imported_for_themselves_are_no_module() {
    let scene = Scene::new(
        tree(&[
            ("types.d.ts", "declare const t: 1"),
            ("bare.ts", "import './types.d.ts';\nexport const a = 1;"),
            (
                "named.ts",
                "import { t } from './types.d.ts';\nexport const a = t;",
            ),
        ]),
        "",
    );
    let code = scene.code("bare.ts");
    assert!(code.contains("a = 1") && !code.contains("import"), "{code}");
    assert!(scene.code("named.ts").contains("holds types alone"));
}

#[test]
fn links_tell_what_is_evaluated_when() {
    let files = [
        (
            "src/main.ts",
            "import './a'; import('./a'); import('./b'); import.meta.glob('./d*.ts'); new URL('./c.png', import.meta.url);",
        ),
        ("src/a.ts", "export {};"),
        ("src/b.ts", "export {};"),
        ("src/c.png", ""),
        ("src/d.ts", "export {};"),
    ];
    let scene = Scene::new(tree(&files), "src");
    let links: Vec<String> = scene
        .module("src/main.ts")
        .unwrap()
        .links
        .iter()
        .map(|link| format!("{:?} {link}", link.kind))
        .collect();
    assert_eq!(
        links,
        [
            "Import module:/src/a.ts",
            "Dynamic module:/src/b.ts",
            "Dynamic module:/src/d.ts",
            "Url copy:/src/c.png",
        ]
    );
}

#[test]
fn what_gives_old_browsers_preloading_is_nothing_here() {
    let text = "import 'vite/modulepreload-polyfill';\nexport const a = 1;\n";
    let scene = Scene::new(tree(&[("a.ts", text)]), "");
    assert!(scene.code("a.ts").starts_with("export const a = 1;\n//#"));
}

use super::scene::{Scene, path, tree};
use crate::resolver::Target;

/// One project with everything that resolution knows.
fn project() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "package.json",
            r##"{ "name": "app", "workspaces": ["packages/*"], "exports": { "./self": "./src/a.ts" }, "imports": { "#a": "./src/a.ts", "#ui/*": "./src/ui/*.tsx", "#dep": "plain" } }"##,
        ),
        (
            "tsconfig.json",
            "{ // comment\n \"extends\": [\"./base.json\", \"@config/strict\"], \"compilerOptions\": { \"paths\": { \"@/*\": [\"./src/*\"], \"exact\": [\"./src/a\"], } } }",
        ),
        ("base.json", r#"{ "compilerOptions": { "target": "es5" } }"#),
        ("node_modules/@config/strict/package.json", "{}"),
        (
            "node_modules/@config/strict/tsconfig.json",
            r#"{ "compilerOptions": { "jsxImportSource": "preact" } }"#,
        ),
        ("src/main.tsx", ""),
        ("src/a.ts", ""),
        ("src/both.ts", ""),
        ("src/both.js", ""),
        ("src/only.tsx", ""),
        ("src/m.mts", ""),
        ("src/data.json", "{}"),
        ("src/types.d.ts", ""),
        ("src/odd?name.ts", ""),
        ("src/logo.svg", ""),
        ("src/public/pic.png", ""),
        ("src/ui/index.tsx", ""),
        ("src/ui/button.tsx", ""),
        ("src/folder.ts", ""),
        ("src/folder/index.ts", ""),
        ("src/linked", "-> ui"),
        ("src/out", "-> ../../outside"),
        ("src/loop", "-> loop"),
        (
            "packages/lib/package.json",
            r#"{ "name": "@app/lib", "exports": { ".": { "types": "./x.d.ts", "import": "./src/index.js" } } }"#,
        ),
        ("packages/lib/src/index.ts", ""),
        ("node_modules/@app/lib", "-> ../../packages/lib"),
        (
            "node_modules/plain/package.json",
            r#"{ "main": "lib/main" }"#,
        ),
        ("node_modules/plain/lib/main.js", ""),
        ("node_modules/plain/lib/other.js", ""),
        ("node_modules/plain/lib/other.ts", ""),
        ("node_modules/noindex/package.json", "{}"),
        (
            "node_modules/modern/package.json",
            r#"{ "module": "es.js", "main": "cjs.js" }"#,
        ),
        ("node_modules/modern/es.js", ""),
        ("node_modules/modern/cjs.js", ""),
        (
            "node_modules/conditional/package.json",
            r#"{ "exports": { ".": { "node": "./n.js", "browser": { "production": "./p.js", "development": "./d.js" } }, "./feature/*": "./f/*.js", "./hidden": null } }"#,
        ),
        ("node_modules/conditional/d.js", ""),
        ("node_modules/conditional/p.js", ""),
        ("node_modules/conditional/f/x.js", ""),
        ("node_modules/conditional/hidden.js", ""),
        (
            "node_modules/mapped/package.json",
            r#"{ "main": "node.js", "browser": { "./node.js": "./web.js", "fs": false, "util": "./util.js", "./gone.js": false } }"#,
        ),
        ("node_modules/mapped/node.js", ""),
        ("node_modules/mapped/web.js", ""),
        ("node_modules/mapped/util.js", ""),
        ("node_modules/mapped/gone.js", ""),
        ("node_modules/events/package.json", "{}"),
        ("node_modules/events/index.js", ""),
        (
            "node_modules/.pnpm/deep@1/node_modules/deep/package.json",
            r#"{ "name": "deep" }"#,
        ),
        ("node_modules/.pnpm/deep@1/node_modules/deep/index.js", ""),
        (
            "node_modules/.pnpm/deep@1/node_modules/dep",
            "-> ../../dep@2/node_modules/dep",
        ),
        ("node_modules/.pnpm/dep@2/node_modules/dep/index.mjs", ""),
        ("node_modules/deep", "-> .pnpm/deep@1/node_modules/deep"),
    ]
}

fn resolve(scene: &Scene, from: &str, specifier: &str) -> String {
    let resolver = &scene.runnable.resolver;
    let from = path(from);
    let config = resolver.config(scene, &from).unwrap();
    match resolver
        .importer(scene, &from)
        .resolve(specifier, &config)
        .unwrap()
    {
        Ok(Target::File(path, None)) => path.to_string(),
        Ok(Target::File(path, Some(query))) => format!("{path} ?{query}"),
        Ok(other) => format!("{other:?}"),
        Err(unresolved) => format!("no: {}", unresolved.hint.unwrap_or_default()),
    }
}

#[test]
fn specifiers_lead_where_bundlers_take_them() {
    let scene = Scene::new(tree(&project()), "src");
    let main = "src/main.tsx";
    let deep = "node_modules/.pnpm/deep@1/node_modules/deep/index.js";
    let mapped = "node_modules/mapped/web.js";
    for (from, specifier, want) in [
        (main, "./a", "/src/a.ts"),
        (main, "./a.ts", "/src/a.ts"),
        (main, "./a.js", "/src/a.ts"),
        (main, "./only.js", "/src/only.tsx"),
        (main, "./only.jsx", "/src/only.tsx"),
        (main, "./m.mjs", "/src/m.mts"),
        (main, "./both", "/src/both.ts"),
        (main, "./both.js", "/src/both.js"),
        (main, "./data", "/src/data.json"),
        (main, "./ui", "/src/ui/index.tsx"),
        (main, "./ui/", "/src/ui/index.tsx"),
        (main, "./folder", "/src/folder.ts"),
        (main, "./folder/", "/src/folder/index.ts"),
        ("src/ui/button.tsx", ".", "/src/ui/index.tsx"),
        (
            "src/ui/button.tsx",
            "..",
            "no: the directory has no `index` file",
        ),
        ("src/ui/button.tsx", "../a", "/src/a.ts"),
        (main, "./linked/button", "/src/ui/button.tsx"),
        (main, "./logo.svg?raw", "/src/logo.svg ?raw"),
        (main, "./odd?name.ts", "/src/odd?name.ts"),
        (main, "/a", "/src/a.ts"),
        (main, "/pic.png", "/src/public/pic.png"),
        (main, "@/ui/button", "/src/ui/button.tsx"),
        (main, "exact", "/src/a.ts"),
        (main, "#a", "/src/a.ts"),
        (main, "#ui/button", "/src/ui/button.tsx"),
        (main, "#dep", "/node_modules/plain/lib/main.js"),
        (main, "app/self", "/src/a.ts"),
        (main, "plain", "/node_modules/plain/lib/main.js"),
        (main, "plain/lib/other", "/node_modules/plain/lib/other.js"),
        (main, "modern", "/node_modules/modern/es.js"),
        (main, "conditional", "/node_modules/conditional/d.js"),
        (
            main,
            "conditional/feature/x",
            "/node_modules/conditional/f/x.js",
        ),
        (
            main,
            "conditional/hidden",
            "no: the package `conditional` is installed, but has no `hidden` to import",
        ),
        (main, "@app/lib", "/packages/lib/src/index.ts"),
        (
            main,
            "deep",
            "/node_modules/.pnpm/deep@1/node_modules/deep/index.js",
        ),
        (
            deep,
            "dep",
            "/node_modules/.pnpm/dep@2/node_modules/dep/index.mjs",
        ),
        (main, "mapped", "/node_modules/mapped/web.js"),
        (mapped, "fs", "Empty"),
        (mapped, "util", "/node_modules/mapped/util.js"),
        (mapped, "./gone", "Empty"),
        (main, "fs", "Builtin(\"fs\")"),
        (main, "node:path", "Builtin(\"path\")"),
        (main, "fs/promises", "Builtin(\"fs/promises\")"),
        (main, "events", "/node_modules/events/index.js"),
        (main, "https://esm.sh/x", "Url"),
        (main, "data:text/javascript,1", "Url"),
        (main, "./out/x", "no: there is no directory `./out`"),
        (main, "./loop", "no: "),
        (main, "./bth", "no: did you mean `./both`?"),
        (main, "./UI", "no: did you mean `./ui`?"),
        (
            main,
            "./types",
            "no: `types.d.ts` holds types alone: import it with `import type`",
        ),
        (main, "absent", "no: run `npm install absent`"),
        (main, "@x/absent/y", "no: run `npm install @x/absent`"),
        (
            main,
            "virtual:pwa",
            "no: names like this come from a plugin of a bundler, which hookfs does not run: write the module to a file, and name that in `paths` of tsconfig.json",
        ),
        (
            main,
            "~/a",
            "no: `~/` looks like an alias: hookfs reads aliases from `paths` in tsconfig.json",
        ),
        (main, "data", "no: did you mean `./data`?"),
        (
            main,
            "noindex",
            "no: the package `noindex` is installed, but its entry for browsers does not exist",
        ),
        (
            main,
            "../../../etc/passwd",
            "no: there is no directory `../../../etc`",
        ),
    ] {
        assert_eq!(
            resolve(&scene, from, specifier),
            want,
            "{specifier} from {from}"
        );
    }
}

#[test]
fn configurations_extend_and_refer() {
    let scene = Scene::new(tree(&project()), "src");
    let config = scene
        .runnable
        .resolver
        .config(&scene, &path("src/main.tsx"))
        .unwrap();
    assert_eq!(config.jsx_import_source.as_deref(), Some("preact"));
    assert!(!config.defines_class_fields());
    let vite = Scene::new(
        tree(&[
            (
                "tsconfig.json",
                r#"{ "files": [], "references": [{ "path": "./tsconfig.app.json" }, { "path": "./tsconfig.node.json" }] }"#,
            ),
            (
                "tsconfig.app.json",
                r#"{ "include": ["src"], "compilerOptions": { "jsx": "react", "paths": { "~/*": ["./src/*"] } } }"#,
            ),
            (
                "tsconfig.node.json",
                r#"{ "include": ["vite.config.ts"], "compilerOptions": { "jsx": "preserve" } }"#,
            ),
            ("src/a.ts", ""),
        ]),
        "src",
    );
    let jsx = |file: &str| {
        vite.runnable
            .resolver
            .config(&vite, &path(file))
            .unwrap()
            .jsx
    };
    assert_eq!(jsx("src/a.ts").as_deref(), Some("react"));
    assert_eq!(jsx("vite.config.ts").as_deref(), Some("preserve"));
    assert_eq!(jsx("other.ts"), None);
    assert_eq!(resolve(&vite, "src/b.ts", "~/a"), "/src/a.ts");
}

#[test]
fn a_wrong_configuration_is_said_where_it_is() {
    let scene = Scene::new(
        tree(&[("tsconfig.json", "{\n  \"extends\": ./x\n}"), ("a.ts", "")]),
        "",
    );
    insta::assert_snapshot!(scene.code("a.ts"), @r#"
    error[invalid-tsconfig]: not valid JSON: expected value in `/tsconfig.json:2:14`
      1 | {
      2 |   "extends": ./x
        |              ^
      3 | }
    "#);
    let scene = Scene::new(
        tree(&[
            ("tsconfig.json", r#"{ "extends": "./tsconfig" }"#),
            ("a.ts", ""),
        ]),
        "",
    );
    insta::assert_snapshot!(scene.code("a.ts"), @"error[invalid-tsconfig]: extends itself in `/tsconfig.json`");
}

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
fn jsx_without_its_runtime_says_what_to_install() {
    let scene = Scene::new(tree(&[("a.tsx", "export const a = <p/>;\n")]), "");
    let text = scene.code("a.tsx");
    assert!(
        text.contains("cannot resolve `react/jsx-dev-runtime`"),
        "{text}"
    );
    assert!(
        text.contains(
            "hint: JSX needs it: install `react`, or set `jsxImportSource` in tsconfig.json"
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
fn a_package_of_style_sheets_alone_is_found_by_code_too() {
    let files = [
        (
            "node_modules/animate/package.json",
            r#"{ "name": "animate", "type": "module", "main": "./dist/a.css",
                "exports": { ".": { "style": "./dist/a.css" }, "./prefix": { "style": "./dist/b.css" }, "./js": { "style": "./c.js" } } }"#,
        ),
        ("node_modules/animate/dist/a.css", ".a { color: red }"),
        ("node_modules/animate/dist/b.css", ".b { color: red }"),
        ("node_modules/animate/c.js", ""),
        (
            "node_modules/both/package.json",
            r#"{ "exports": { ".": { "style": "./a.css", "default": "./a.js" } } }"#,
        ),
        ("node_modules/both/a.css", ""),
        ("node_modules/both/a.js", ""),
        ("node_modules/old/package.json", r#"{ "style": "old.css" }"#),
        ("node_modules/old/old.css", ""),
        (
            "node_modules/sheet/package.json",
            r#"{ "main": "sheet.css", "style": "other.css" }"#,
        ),
        ("node_modules/sheet/sheet.css", ""),
        ("node_modules/sheet/other.css", ""),
        (
            "main.ts",
            "import 'animate';\nimport text from 'animate/prefix?raw';\nimport url from 'animate?url';\nconsole.log(text, url);\n",
        ),
    ];
    let scene = Scene::new(tree(&files), "");
    for (specifier, want) in [
        ("animate", "/node_modules/animate/dist/a.css"),
        ("animate/prefix", "/node_modules/animate/dist/b.css"),
        ("animate?raw", "/node_modules/animate/dist/a.css ?raw"),
        (
            "animate/prefix?url",
            "/node_modules/animate/dist/b.css ?url",
        ),
        ("both", "/node_modules/both/a.js"),
        ("old", "/node_modules/old/old.css"),
        ("sheet", "/node_modules/sheet/sheet.css"),
    ] {
        assert_eq!(resolve(&scene, "main.ts", specifier), want, "{specifier}");
    }
    for specifier in ["animate/js", "animate/dist/a.css", "animate/none"] {
        let found = resolve(&scene, "main.ts", specifier);
        assert!(found.starts_with("no: "), "{specifier}: {found}");
    }
    let links = scene.module("main.ts").unwrap().links;
    let links: Vec<String> = links.iter().map(ToString::to_string).collect();
    assert_eq!(
        links,
        [
            "style-module:/node_modules/animate/dist/a.css",
            "raw:/node_modules/animate/dist/b.css",
            "url:/node_modules/animate/dist/a.css"
        ]
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

/// The same questions to `oxc_resolver` on a real folder: an independent hand at the same algorithms.
#[test]
fn another_resolver_agrees() {
    use oxc_resolver::{AliasValue, ResolveOptions, Resolver, TsconfigDiscovery};
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for (name, content) in project() {
        let place = root.join(name);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        match content.strip_prefix("-> ") {
            Some(target) => std::os::unix::fs::symlink(target, place).unwrap(),
            None => std::fs::write(place, content).unwrap(),
        }
    }
    let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let other = Resolver::new(ResolveOptions {
        tsconfig: Some(TsconfigDiscovery::Auto),
        alias: vec![(
            "exact".to_owned(),
            vec![AliasValue::Path(root.join("src/a").display().to_string())],
        )],
        alias_fields: vec![texts(&["browser"])],
        condition_names: texts(&["browser", "import", "module", "development"]),
        extensions: texts(&crate::resolver::PROJECT_EXTENSIONS),
        extension_alias: vec![
            (".js".to_owned(), texts(&[".js", ".ts", ".tsx"])),
            (".jsx".to_owned(), texts(&[".jsx", ".tsx"])),
            (".mjs".to_owned(), texts(&[".mjs", ".mts"])),
        ],
        main_fields: texts(&["browser", "module", "main"]),
        node_path: false,
        ..ResolveOptions::default()
    });
    let scene = Scene::new(tree(&project()), "src");
    let deep = "node_modules/.pnpm/deep@1/node_modules/deep/index.js";
    for (from, specifiers) in [
        (
            "src/main.tsx",
            "./a ./a.ts ./a.js ./only.js ./only.jsx ./m.mjs ./both ./both.js ./data ./ui ./ui/ ./folder ./folder/ \
             ./linked/button @/ui/button #a #ui/button #dep app/self plain modern conditional conditional/feature/x \
             conditional/hidden @app/lib deep mapped events ./out/x ./loop ./bth ./UI ./types absent @x/absent/y \
             ../../../etc/none noindex plain/lib/main plain/none conditional/d.js ./nothing ..",
        ),
        ("src/ui/button.tsx", ". ../a ./index ../ui"),
        (
            "packages/lib/src/index.ts",
            "deep plain @app/lib ../package.json",
        ),
        (deep, "dep deep plain ./index ./index.js"),
        ("node_modules/mapped/web.js", "fs util ./gone ./node"),
    ] {
        for specifier in specifiers.split_whitespace() {
            let theirs = match other.resolve_file(root.join(from), specifier) {
                Ok(found) => format!("/{}", found.path().strip_prefix(&root).unwrap().display()),
                Err(oxc_resolver::ResolveError::Ignored(_)) => "Empty".to_owned(),
                Err(_) => "no".to_owned(),
            };
            let mut ours = resolve(&scene, from, specifier);
            if ours.starts_with("no: ") {
                ours = "no".to_owned();
            }
            assert_eq!(ours, theirs, "{specifier} from {from}");
        }
    }
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

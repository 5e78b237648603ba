//! Where specifiers lead.

mod agreement;
mod configured;
mod modules;

use super::scene::{Scene, path, tree};
use crate::resolver::Target;

/// One project with everything that resolution knows.
fn project() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "package.json",
            r##"{ "name": "app", "workspaces": ["packages/*"], "exports": { "./self": "./src/a.ts" }, "imports": { "#a": "./src/a.ts", "#ui/*": "./src/ui/*.tsx", "#src/*": "./src/*", "#dep": "plain" } }"##,
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
        ("src/away.ts", "-> ../../a.ts"),
        ("src/loop", "-> loop"),
        ("node_modules/linked", "-> ../../lib"),
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
        (
            "node_modules/loose/package.json",
            r#"{ "exports": { "./dir/": "./lib/", "./mapped/*": { "import": "./lib/*" } } }"#,
        ),
        ("node_modules/loose/lib/a.js", ""),
        ("node_modules/loose/lib/deep/index.js", ""),
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
        (
            "node_modules/left/package.json",
            r#"{ "main": "./out/node", "browser": { "./ext.js": "./out/web.js", "./deep/index.js": "./out/web.js", "./out/node.js": "./out/web.js", "./server": false, "none": false } }"#,
        ),
        ("node_modules/left/out/web.js", ""),
        (
            "node_modules/webonly/package.json",
            r#"{ "browser": { "./index": "./web.js" } }"#,
        ),
        ("node_modules/webonly/web.js", ""),
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
fn a_module_whose_name_another_source_has_cannot_be_imported() {
    let scene = Scene::new(
        tree(&[
            ("src/x.ts", "export const x = 1;"),
            ("src/x.ts.js", "export const x = 2;"),
            ("src/a.css", ""),
            ("src/a.css.js", ""),
            ("src/all.ts", "export { x } from './x';"),
            ("package.json", r#"{ "sideEffects": false }"#),
            ("src/own.ts", "import './x.ts.js'; import './a.css.js';"),
            ("src/one.ts", "import { x } from './x';\nx;"),
            ("src/two.ts", "import './a.css';\nimport './x.ts';"),
            ("src/through.ts", "import { x } from './all';\nx;"),
            ("src/later.ts", "import('./x');"),
            ("src/many.ts", "import.meta.glob('./*.css');"),
        ]),
        "src",
    );
    let all = ["own", "one", "two", "through", "later", "many"]
        .map(|name| scene.code(&format!("src/{name}.ts")));
    insta::assert_snapshot!(all.join("\n"), @r#"
    import "./x.ts.js";
    import "./a.css.js";
    //# sourceMappingURL=own.ts.js.map

    error[unresolved-import]: cannot resolve `./x` from `/one.ts:1:19`
      1 | import { x } from './x';
        |                   ^^^^^
      2 | x;
      hint: the module of `/x.ts` and `/x.ts.js` would have one name: rename one of them
    error[unresolved-import]: cannot resolve `./a.css` from `/two.ts:1:8`
      1 | import './a.css';
        |        ^^^^^^^^^
      2 | import './x.ts';
      hint: the module of `/a.css` and `/a.css.js` would have one name: rename one of them
    error[unresolved-import]: cannot resolve `./x.ts` from `/two.ts:2:8`
      1 | import './a.css';
      2 | import './x.ts';
        |        ^^^^^^^^
      hint: the module of `/x.ts` and `/x.ts.js` would have one name: rename one of them
    error[unresolved-import]: cannot resolve `./all` from `/through.ts:1:19`
      1 | import { x } from './all';
        |                   ^^^^^^^
      2 | x;
      hint: the module of `/x.ts` and `/x.ts.js` would have one name: rename one of them
    (async ()=>{
        throw new Error("cannot resolve `./x` from /later.ts:1:8");
    })();
    //# sourceMappingURL=later.ts.js.map

    error[glob]: the module of `/a.css` and `/a.css.js` would have one name: rename one of them in `/many.ts:1:18`
      1 | import.meta.glob('./*.css');
        |                  ^^^^^^^^^
    "#);
}

#[test]
fn specifiers_lead_where_bundlers_take_them() {
    let scene = Scene::new(tree(&project()), "src");
    let main = "src/main.tsx";
    let deep = "node_modules/.pnpm/deep@1/node_modules/deep/index.js";
    let mapped = "node_modules/mapped/web.js";
    let left = "/node_modules/left/out/web.js";
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
            "no: `hidden.js` is there, but `exports` in the package.json of `conditional` does not name it: an entry of `paths` in tsconfig.json leads to it all the same: `\"conditional/hidden\": [\"./node_modules/conditional/hidden.js\"]`",
        ),
        (
            main,
            "conditional/hidden.js",
            "no: `hidden.js` is there, but `exports` in the package.json of `conditional` does not name it: an entry of `paths` in tsconfig.json leads to it all the same: `\"conditional/hidden.js\": [\"./node_modules/conditional/hidden.js\"]`",
        ),
        (
            main,
            "conditional/absent.js",
            "no: the package `conditional` is installed, but has no `absent.js` to import",
        ),
        (
            main,
            "conditional/feature/absent",
            "no: `exports` in the package.json of `conditional` leads to `./f/absent.js`, which is not there",
        ),
        (main, "loose/dir/a", "/node_modules/loose/lib/a.js"),
        (main, "loose/mapped/a", "/node_modules/loose/lib/a.js"),
        (
            main,
            "loose/mapped/deep",
            "/node_modules/loose/lib/deep/index.js",
        ),
        (main, "#src/a", "/src/a.ts"),
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
        (main, "left", left),
        (main, "left/ext", left),
        (main, "left/ext.js", left),
        (main, "left/deep", left),
        (&left[1..], "../ext", left),
        (&left[1..], "../server.js", "Empty"),
        (&left[1..], "../none", "no: "),
        (
            main,
            "left/none",
            "no: the package `left` is installed, but has no `none` to import",
        ),
        (main, "fs", "Builtin(\"fs\")"),
        (main, "node:path", "Builtin(\"path\")"),
        (main, "fs/promises", "Builtin(\"fs/promises\")"),
        (main, "events", "/node_modules/events/index.js"),
        (main, "https://esm.sh/x", "Url"),
        (main, "data:text/javascript,1", "Url"),
        (
            main,
            "./out/x",
            "no: `/src/out` is a link (`../../outside`) that leads out of the workspace root, and such links are not followed, but from `node_modules` to another, and from within it to a folder with a `package.json`: mount a folder that holds both, or name with `--allow DIR` the folder that it leads to",
        ),
        (
            main,
            "./away",
            "no: `/src/away.ts` is a link (`../../a.ts`) that leads out of the workspace root, and such links are not followed, but from `node_modules` to another, and from within it to a folder with a `package.json`: mount a folder that holds both, or name with `--allow DIR` the folder that it leads to",
        ),
        (main, "./loop", "no: "),
        (main, "./bth", "no: did you mean `./both`?"),
        (main, "./UI", "no: did you mean `./ui`?"),
        (
            main,
            "./types",
            "no: `types.d.ts` holds types alone: import it with `import type`",
        ),
        (main, "absent", "no: run `npm install absent`"),
        (
            main,
            "linked/x",
            "no: `/node_modules/linked` is a link (`../../lib`) that leads out of the workspace root, and such links are not followed, but from `node_modules` to another, and from within it to a folder with a `package.json`: mount a folder that holds both, or name with `--allow DIR` the folder that it leads to",
        ),
        (main, "@x/absent/y", "no: run `npm install @x/absent`"),
        (
            main,
            "virtual:pwa",
            "no: names like this come from a plugin of a bundler, which hookfs does not run: write the module to a file, or have a hook make it, and name that in `paths` of tsconfig.json",
        ),
        (
            main,
            "~icons/a/b",
            "no: names like this come from a plugin of a bundler, which hookfs does not run: write the module to a file, or have a hook make it, and name that in `paths` of tsconfig.json",
        ),
        (
            main,
            "!!raw-loader!./a.csv",
            "no: loaders of webpack do not run here: `import './a.csv?raw'` does the same",
        ),
        (
            main,
            "own-loader?x=1!./a.csv",
            "no: loaders of webpack do not run here: a hook can make the module",
        ),
        (
            main,
            "~/a",
            "no: `~/` looks like an alias: hookfs reads aliases from `paths` in tsconfig.json",
        ),
        (main, "data", "no: did you mean `./data`?"),
        (main, "webonly", "/node_modules/webonly/web.js"),
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

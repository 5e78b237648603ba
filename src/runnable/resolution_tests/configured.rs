//! What `tsconfig.json` says of resolution beside `paths`, and who is said to install what is missing.

use super::{resolve, tree};
use crate::runnable::scene::Scene;

#[test]
fn custom_conditions_hold_for_the_files_of_the_configuration() {
    let exports = r##"{ "name": "@app/lib", "exports": { ".": { "@app/source": "./src/index.ts", "default": "./dist/index.js" }, "./a.css": { "@app/source": "./src/a.css", "default": "./dist/a.css" } },
        "imports": { "#a": { "@app/source": "./src/a.ts", "default": "./dist/a.js" } } }"##;
    let files = [
        (
            "base.json",
            r#"{ "compilerOptions": { "customConditions": ["@app/source"] } }"#,
        ),
        ("app/tsconfig.json", r#"{ "extends": "../base.json" }"#),
        ("app/main.ts", ""),
        ("plain/main.ts", ""),
        ("node_modules/other/index.js", ""),
        ("node_modules/@app/lib", "-> ../../lib"),
        ("lib/tsconfig.json", r#"{ "extends": "../base.json" }"#),
        ("lib/package.json", exports),
        ("lib/src/index.ts", ""),
        ("lib/src/a.ts", ""),
        ("lib/src/a.css", ""),
        ("lib/dist/index.js", ""),
        ("lib/dist/a.js", ""),
        ("lib/dist/a.css", ""),
    ];
    let scene = Scene::new(tree(&files), "");
    for (from, specifier, want) in [
        ("app/main.ts", "@app/lib", "/lib/src/index.ts"),
        ("app/main.ts", "@app/lib/a.css", "/lib/src/a.css"),
        ("lib/src/index.ts", "#a", "/lib/src/a.ts"),
        ("lib/src/index.ts", "@app/lib", "/lib/src/index.ts"),
        ("plain/main.ts", "@app/lib", "/lib/dist/index.js"),
        (
            "node_modules/other/index.js",
            "@app/lib",
            "/lib/dist/index.js",
        ),
    ] {
        let found = resolve(&scene, from, specifier);
        assert_eq!(found, want, "{specifier} from {from}");
    }
    assert!(scene.is_as_asked());
}

#[test]
fn suffixes_stand_before_endings() {
    let files = [
        (
            "tsconfig.json",
            r#"{ "compilerOptions": { "moduleSuffixes": [".web", ""] } }"#,
        ),
        ("main.ts", ""),
        ("a.ts", ""),
        ("a.web.ts", ""),
        ("b.ts", ""),
        ("b.web.tsx", ""),
        ("c/index.ts", ""),
        ("c/index.web.ts", ""),
        ("node_modules/p/index.js", ""),
        ("node_modules/p/index.web.js", ""),
    ];
    let scene = Scene::new(tree(&files), "");
    for (specifier, want) in [
        ("./a", "/a.web.ts"),
        ("./a.js", "/a.web.ts"),
        ("./a.ts", "/a.ts"),
        // Endings come first, as with TypeScript.
        ("./b", "/b.ts"),
        ("./c", "/c/index.web.ts"),
        ("p", "/node_modules/p/index.js"),
    ] {
        assert_eq!(resolve(&scene, "main.ts", specifier), want, "{specifier}");
    }
    assert!(scene.is_as_asked());
}

#[test]
fn root_directories_count_as_one() {
    let files = [
        (
            "tsconfig.json",
            r#"{ "compilerOptions": { "rootDirs": ["src", "./generated", "src/more"] } }"#,
        ),
        ("src/views/main.ts", ""),
        ("src/views/own.ts", ""),
        ("generated/views/template.ts", ""),
        ("generated/views/own.ts", ""),
        ("generated/deep/index.ts", ""),
        ("src/more/x.ts", ""),
        ("src/more/y.ts", ""),
    ];
    let scene = Scene::new(tree(&files), "");
    for (from, specifier, want) in [
        (
            "src/views/main.ts",
            "./template",
            "/generated/views/template.ts",
        ),
        (
            "src/views/main.ts",
            "./template.js?raw",
            "/generated/views/template.ts ?raw",
        ),
        ("src/views/main.ts", "./own", "/src/views/own.ts"),
        ("src/views/main.ts", "../deep", "/generated/deep/index.ts"),
        (
            "generated/views/template.ts",
            "./main",
            "/src/views/main.ts",
        ),
        (
            "src/more/x.ts",
            "./views/template",
            "/generated/views/template.ts",
        ),
        ("src/views/main.ts", "../y", "/src/more/y.ts"),
        (
            "src/views/main.ts",
            "../../../x",
            "no: there is no directory `../../..`",
        ),
    ] {
        let found = resolve(&scene, from, specifier);
        assert_eq!(found, want, "{specifier} from {from}");
    }
    assert!(scene.is_as_asked());
}

#[test]
fn what_is_missing_is_installed_by_what_installed_the_rest() {
    for (file, want) in [
        ("package-lock.json", "no: run `npm install react`"),
        ("pnpm-lock.yaml", "no: run `pnpm add react`"),
        ("yarn.lock", "no: run `yarn add react`"),
        ("bun.lock", "no: run `bun add react`"),
    ] {
        let scene = Scene::new(tree(&[(file, ""), ("src/a.ts", "")]), "src");
        assert_eq!(resolve(&scene, "src/a.ts", "react/x"), want);
    }
    let files = [
        (".pnp.cjs", ""),
        ("yarn.lock", ""),
        ("src/a.tsx", "import 'react-dom';\nexport const a = <p/>;\n"),
    ];
    let scene = Scene::new(tree(&files), "src");
    insta::assert_snapshot!(scene.code("src/a.tsx"), @"
    error[unresolved-import]: cannot resolve `react/jsx-dev-runtime` from `/a.tsx:1:1`
      1 | import 'react-dom';
        | ^
      2 | export const a = <p/>;
      hint: JSX needs it: Yarn's Plug'n'Play keeps packages in archives, where hookfs does not look: write `nodeLinker: node-modules` into .yarnrc.yml, and run `yarn install`; or set `jsxImportSource` in tsconfig.json
    error[unresolved-import]: cannot resolve `react-dom` from `/a.tsx:1:8`
      1 | import 'react-dom';
        |        ^^^^^^^^^^^
      2 | export const a = <p/>;
      hint: Yarn's Plug'n'Play keeps packages in archives, where hookfs does not look: write `nodeLinker: node-modules` into .yarnrc.yml, and run `yarn install`
    ");
}

#[test]
fn a_script_of_a_hook_is_said_to_be_no_module() {
    let files = [
        ("a.gen.js.hook.ts", ""),
        ("b.ts", ""),
        ("c.js.hook.tsx", ""),
    ];
    let scene = Scene::new(tree(&files), "");
    for (specifier, hook) in [
        ("./a.gen.js", "a.gen.js.hook.ts"),
        ("./c.js", "c.js.hook.tsx"),
    ] {
        let want = format!(
            "no: what `{hook}` makes stands as it is and is no module: let the hook make an `.mjs` or a `.ts`"
        );
        assert_eq!(resolve(&scene, "b.ts", specifier), want);
    }
}

//! What `tsconfig.json` says of resolution beside `paths`, and who is said to install what is missing.

use super::*;

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
    // In packages those of who uses them.
    let of_template = (
        "app/tsconfig.json",
        r#"{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }"#,
    );
    let files: Vec<_> = files
        .into_iter()
        .filter(|(name, _)| *name != "app/tsconfig.json")
        .chain([
            of_template,
            ("app/tsconfig.app.json", r#"{ "extends": "../base.json" }"#),
            ("app/node_modules/inner/index.js", ""),
        ])
        .collect();
    for (source, from, want) in [
        ("app", "node_modules/other/index.js", "/lib/src/index.ts"),
        ("", "node_modules/other/index.js", "/lib/dist/index.js"),
        ("", "app/node_modules/inner/index.js", "/lib/src/index.ts"),
    ] {
        let scene = Scene::new(tree(&files), source);
        assert_eq!(resolve(&scene, from, "@app/lib"), want, "from {from}");
        assert!(scene.is_as_asked());
    }
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
fn a_leading_slash_means_the_application_of_the_importer_too() {
    let files = [
        ("package.json", "{}"),
        ("top.ts", ""),
        ("public/top.svg", ""),
        ("apps/web/package.json", "{}"),
        ("apps/web/src/main.ts", ""),
        ("apps/web/src/b.ts", ""),
        ("apps/web/public/vite.svg", ""),
    ];
    for (source, specifier, want) in [
        ("", "/top", "/top.ts"),
        ("", "/top.svg", "/public/top.svg"),
        ("", "/src/b", "/apps/web/src/b.ts"),
        ("", "/vite.svg", "/apps/web/public/vite.svg"),
        ("apps", "/src/b", "/apps/web/src/b.ts"),
        ("apps/web/src", "/b", "/apps/web/src/b.ts"),
        ("apps/web/src", "/top.svg", "/public/top.svg"),
    ] {
        let scene = Scene::new(tree(&files), source);
        let found = resolve(&scene, "apps/web/src/main.ts", specifier);
        assert_eq!(found, want, "{specifier} in {source}");
        assert!(scene.is_as_asked());
    }
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

/// What Vite 8.4 makes of each.
#[test]
fn class_fields_are_assigned_by_a_configuration_that_does_not_name_a_new_target() {
    let base = (
        "base.json",
        r#"{ "compilerOptions": { "target": "ES2022" } }"#,
    );
    for (name, text, defines) in [
        ("other.json", "{}", true),
        ("jsconfig.json", "{}", true),
        ("tsconfig.json", "{}", false),
        (
            "tsconfig.json",
            r#"{ "compilerOptions": { "target": "ESNext" } }"#,
            true,
        ),
        (
            "tsconfig.json",
            r#"{ "compilerOptions": { "target": "ES2021" } }"#,
            false,
        ),
        (
            "tsconfig.json",
            r#"{ "extends": "./base.json", "compilerOptions": { "strict": true } }"#,
            true,
        ),
        (
            "tsconfig.json",
            r#"{ "extends": "./jsconfig.json" }"#,
            false,
        ),
        (
            "tsconfig.json",
            r#"{ "compilerOptions": { "useDefineForClassFields": true } }"#,
            true,
        ),
        (
            "tsconfig.json",
            r#"{ "files": [], "references": [{ "path": "./app.json" }] }"#,
            false,
        ),
    ] {
        let app = ("app.json", r#"{ "include": ["src"] }"#);
        let other = ("jsconfig.json", "{}");
        let files = [base, app, other, (name, text), ("src/a.ts", "")];
        let scene = Scene::new(tree(&files), "src");
        let config = scene.runnable.resolver.config(&scene, &path("src/a.ts"));
        assert_eq!(
            config.unwrap().defines_class_fields(),
            defines,
            "{name}: {text}"
        );
    }
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

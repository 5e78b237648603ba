//! `import.meta.glob`, and `import()` with holes.

use super::scene::{Scene, tree};

/// The keys of all that a module's globs give.
fn keys(code: &str) -> Vec<&str> {
    let lines = code.lines();
    let pairs = lines.filter_map(|line| line.trim().split_once("\": ()=>import("));
    pairs.map(|(key, _)| key.trim_start_matches('"')).collect()
}

#[test]
fn globs_are_what_vite_gives() {
    let scene = Scene::new(
        tree(&[
            ("package.json", "{}"),
            (
                "tsconfig.json",
                r#"{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }"#,
            ),
            (
                "src/main.ts",
                "export const a = import.meta.glob('./pages/*.tsx');\n\
                export const b = import.meta.glob(['./pages/**/*.{ts,tsx}', '!**/*.test.tsx'], { eager: true, import: 'default' });\n\
                export const c = import.meta.glob('../data/*.svg', { query: '?raw', import: 'default' });\n\
                export const d = import.meta.glob<string>('/src/pages/*.tsx', { eager: true });\n\
                export const e = import.meta.glob('@/pages/deep/*');\n\
                export const f = import.meta.glob('./none/*');\n\
                export const g = import.meta.glob('./*.ts');\n",
            ),
            ("src/pages/a.tsx", ""),
            ("src/pages/b.tsx", ""),
            ("src/pages/b.test.tsx", ""),
            ("src/pages/.hidden.tsx", ""),
            ("src/pages/types.d.ts", ""),
            ("src/pages/deep/c.ts", ""),
            ("src/pages/node_modules/x.ts", ""),
            ("data/x.svg", ""),
            (
                "bad.ts",
                "const p = './*.ts';\nexport default import.meta.glob(p);\n",
            ),
        ]),
        "",
    );
    insta::assert_snapshot!(scene.code("src/main.ts"), @r###"
    import { "default" as __glob_2_0 } from "./pages/a.tsx.js";
    import { "default" as __glob_2_1 } from "./pages/b.tsx.js";
    import { "default" as __glob_2_2 } from "./pages/deep/c.ts.js";
    import * as __glob_4_0 from "./pages/a.tsx.js";
    import * as __glob_4_1 from "./pages/b.test.tsx.js";
    import * as __glob_4_2 from "./pages/b.tsx.js";
    export const a = ({
        "./pages/a.tsx": ()=>import("./pages/a.tsx.js"),
        "./pages/b.test.tsx": ()=>import("./pages/b.test.tsx.js"),
        "./pages/b.tsx": ()=>import("./pages/b.tsx.js")
    });
    export const b = ({
        "./pages/a.tsx": __glob_2_0,
        "./pages/b.tsx": __glob_2_1,
        "./pages/deep/c.ts": __glob_2_2
    });
    export const c = ({
        "../data/x.svg": ()=>import("../data/x.svg.raw.js").then((module)=>module["default"])
    });
    export const d = ({
        "/src/pages/a.tsx": __glob_4_0,
        "/src/pages/b.test.tsx": __glob_4_1,
        "/src/pages/b.tsx": __glob_4_2
    });
    export const e = ({
        "/src/pages/deep/c.ts": ()=>import("./pages/deep/c.ts.js")
    });
    export const f = ({});
    export const g = ({});
    //# sourceMappingURL=main.ts.js.map
    "###);
    insta::assert_snapshot!(scene.code("bad.ts"), @r###"
    error[glob]: `import.meta.glob` takes literals alone, for it is answered when the file is compiled in `/bad.ts:2:33`
      1 | const p = './*.ts';
      2 | export default import.meta.glob(p);
        |                                 ^
    "###);
}

#[test]
fn imports_with_holes_find_their_files() {
    let scene = Scene::new(
        tree(&[
            (
                "a.ts",
                "export const f = (v: string) => [import(`./x/${v}.ts`), import('./x/' + v), import(`./x/${v}.js`), import('./x/'.concat(v, 'e').concat('.ts')), import(`./img/${v}.svg?raw`), import(v), import(`${v}/a.js`), import('./x/'.concat(...v)), import(String.raw`./x/${v}e.ts`), import(String.raw`./x/one.ts`), import(`https://x/${v}.js`)];\n",
            ),
            ("x/one.ts", ""),
            ("x/two.tsx", ""),
            ("x/three/index.ts", ""),
            ("img/i.svg", ""),
        ]),
        "",
    );
    insta::assert_snapshot!(scene.code("a.ts"), @r###"
    export const f = (v)=>[
            ((modules, name)=>Object.hasOwn(modules, name) ? modules[name]() : Promise.reject(new Error(`no module ${name} to import`)))(({
                "./x/one.ts": ()=>import("./x/one.ts.js"),
                "./x/one.js": ()=>import("./x/one.ts.js")
            }), `./x/${v}.ts`),
            ((modules, name)=>Object.hasOwn(modules, name) ? modules[name]() : Promise.reject(new Error(`no module ${name} to import`)))(({
                "./x/one.ts": ()=>import("./x/one.ts.js"),
                "./x/one": ()=>import("./x/one.ts.js"),
                "./x/three/index.ts": ()=>import("./x/three/index.ts.js"),
                "./x/three/index": ()=>import("./x/three/index.ts.js"),
                "./x/three": ()=>import("./x/three/index.ts.js"),
                "./x/two.tsx": ()=>import("./x/two.tsx.js"),
                "./x/two": ()=>import("./x/two.tsx.js")
            }), './x/' + v),
            ((modules, name)=>Object.hasOwn(modules, name) ? modules[name]() : Promise.reject(new Error(`no module ${name} to import`)))(({
                "./x/one.ts": ()=>import("./x/one.ts.js"),
                "./x/one.js": ()=>import("./x/one.ts.js"),
                "./x/two.tsx": ()=>import("./x/two.tsx.js"),
                "./x/two.js": ()=>import("./x/two.tsx.js"),
                "./x/two.jsx": ()=>import("./x/two.tsx.js")
            }), `./x/${v}.js`),
            ((modules, name)=>Object.hasOwn(modules, name) ? modules[name]() : Promise.reject(new Error(`no module ${name} to import`)))(({
                "./x/one.ts": ()=>import("./x/one.ts.js"),
                "./x/one.js": ()=>import("./x/one.ts.js")
            }), './x/'.concat(v, 'e').concat('.ts')),
            ((modules, name)=>Object.hasOwn(modules, name) ? modules[name]() : Promise.reject(new Error(`no module ${name} to import`)))(({
                "./img/i.svg?raw": ()=>import("./img/i.svg.raw.js")
            }), `./img/${v}.svg?raw`),
            import(v),
            import(`${v}/a.js`),
            import('./x/'.concat(...v)),
            ((modules, name)=>Object.hasOwn(modules, name) ? modules[name]() : Promise.reject(new Error(`no module ${name} to import`)))(({
                "./x/one.ts": ()=>import("./x/one.ts.js"),
                "./x/one.js": ()=>import("./x/one.ts.js")
            }), String.raw`./x/${v}e.ts`),
            import("./x/one.ts.js"),
            import(`https://x/${v}.js`)
        ];
    //# sourceMappingURL=a.ts.js.map
    "###);
}

#[test]
fn holes_are_found_by_the_names_that_are_written() {
    let scene = Scene::new(
        tree(&[
            (
                "nested/main.ts",
                "export const f = (v: string) => [import(`../nested/${v}.ts`), import(`./../nested/${v}`), import(`#alias/${v}.ts`), import(`#icons/${v}.svg`), import(`#old/${v}.ts`), import(`#out/${v}.ts`), import(`../(group)/+x/${v}.ts`)];\n\
                 export default [import.meta.glob(['#alias/*', '!#alias/*.svg']), import.meta.glob('../@(group|none)/**')];\n",
            ),
            ("nested/own.ts", ""),
            ("(group)/+x/a.ts", ""),
            ("group/b.ts", ""),
            ("lib/one.ts", ""),
            ("lib/sub/two.ts", ""),
            ("lib/icon-a.svg", ""),
            ("lib/plain.svg", ""),
            (
                "package.json",
                r##"{ "imports": { "#alias/*": { "browser": "./lib/*" }, "#icons/*.svg": "./lib/icon-*.svg", "#old/": "./lib/", "#out/*": "./../*" } }"##,
            ),
        ]),
        "",
    );
    let code = scene.code("nested/main.ts");
    assert_eq!(
        keys(&code),
        [
            "../nested/own.ts",
            "../nested/own.js",
            "./../nested/own.ts",
            "./../nested/own",
            "#alias/one.ts",
            "#alias/one.js",
            "#icons/a.svg",
            "#old/one.ts",
            "#old/one.js",
            "../(group)/+x/a.ts",
            "../(group)/+x/a.js",
            "/lib/one.ts",
            "../group/b.ts",
        ],
        "{code}"
    );
}

#[test]
fn a_file_that_appears_or_goes_is_seen() {
    let files = tree(&[
        (
            "a.ts",
            "export default [import.meta.glob('./x/**/*.ts'), (v: string) => import(`./y/${v}.ts`)];\n",
        ),
        ("x/one.ts", ""),
    ]);
    for (name, makes) in [
        ("x/two.ts", true),
        ("x/deep/three.ts", true),
        ("y/one.ts", true),
        ("x/one.ts", false),
        ("y/one.ts", false),
    ] {
        let before = Scene::new(files.clone(), "");
        let code = before.code("a.ts");
        match makes {
            true => files.write(name, ""),
            false => files.remove(name),
        }
        assert!(!before.is_as_asked(), "{name} was not asked for");
        assert_ne!(Scene::new(files.clone(), "").code("a.ts"), code, "{name}");
    }
}

#[test]
fn names_may_have_brackets_of_their_own() {
    let scene = Scene::new(
        tree(&[
            (
                "package.json",
                r##"{ "imports": { "#(i)[i]/*": "./by/(i)/*", "#x{x}/*.ts": "./by/x{x}-*.ts" } }"##,
            ),
            (
                "tsconfig.json",
                r#"{ "compilerOptions": { "paths": {
                    "@(p)_mod/*": ["./by/(p)/*"], "@[b]/*": ["./by/[b]/*"], "@{c}x/*": ["./by/{c}/*"], "@/*": ["./by/*"]
                } } }"#,
            ),
            (
                "a.ts",
                "export default [
                    import.meta.glob('@(p)_mod/**/*.ts'), import.meta.glob('@[b]/*'), import.meta.glob(['@{c}x/**', '!@{c}x/not.ts']),
                    import.meta.glob('#(i)[i]/*.ts'), import.meta.glob('#x{x}/*.ts'), import.meta.glob('@/(p|q)/[z]*/../*'),
                    import.meta.glob('@/@(q|r)/*'),
                    (v: string) => import(`@(p)_mod/${v}.ts`), (v: string) => import(`#(i)[i]/${v}/own.ts`),
                    (v: string) => import(`#(i)[i]/(deep)/[x]/${v}.ts`),
                ];",
            ),
            ("by/(p)/one.ts", ""),
            ("by/(p)/deep/two.ts", ""),
            ("by/[b]/three.ts", ""),
            ("by/b/wrong.ts", ""),
            ("by/{c}/four.ts", ""),
            ("by/{c}/not.ts", ""),
            ("by/(i)/five.ts", ""),
            ("by/(i)/six/own.ts", ""),
            ("by/(i)/(deep)/[x]/seven.ts", ""),
            ("by/(i)/(deep)/x/wrong.ts", ""),
            ("by/x{x}-y.ts", ""),
            ("by/q/eight.ts", ""),
        ]),
        "",
    );
    let code = scene.code("a.ts");
    assert_eq!(
        keys(&code),
        [
            "/by/(p)/deep/two.ts",
            "/by/(p)/one.ts",
            "/by/[b]/three.ts",
            "/by/{c}/four.ts",
            "/by/(i)/five.ts",
            "/by/x{x}-y.ts",
            "/by/q/eight.ts",
            "@(p)_mod/one.ts",
            "@(p)_mod/one.js",
            "#(i)[i]/six/own.ts",
            "#(i)[i]/six/own.js",
            "#(i)[i]/(deep)/[x]/seven.ts",
            "#(i)[i]/(deep)/[x]/seven.js",
        ],
        "{code}"
    );
}

#[test]
fn letters_match_in_either_case_where_that_is_asked() {
    let scene = Scene::new(
        tree(&[
            (
                "a.ts",
                "export default [
                    import.meta.glob('./dir/module*.[jt]s'),
                    import.meta.glob(['./dir/module*.[jt]s', '!./DIR/MODULE-no.*', '!**/Ä.ts'], { caseSensitive: false }),
                    import.meta.glob('./dir/**/EXACT.ts', { caseSensitive: false }),
                    import.meta.glob('./dir/**/EXACT.ts', { caseSensitive: true }),
                    import.meta.glob('../dir/module-A*', { base: './dir', caseSensitive: false }),
                    import.meta.glob('/dir/m*.ts', { base: './dir/Deep' }),
                ];",
            ),
            ("dir/Module-a.js", ""),
            ("dir/MODULE-B.TS", ""),
            ("dir/module-No.ts", ""),
            ("dir/Deep/exact.ts", ""),
        ]),
        "",
    );
    let code = scene.code("a.ts");
    assert_eq!(
        keys(&code),
        [
            "./dir/module-No.ts",
            "./dir/MODULE-B.TS",
            "./dir/Module-a.js",
            "./dir/Deep/exact.ts",
            "./Module-a.js",
            "../module-No.ts",
        ],
        "{code}"
    );
}

#[test]
fn options_that_are_not_known_are_errors() {
    for (call, at, message) in [
        (
            "'./*.ts', { eager: true, sort: true }",
            "1:58",
            "`import.meta.glob` has no option `sort`\n  hint: its options are `eager`, `import`, `query`, `base`, `caseSensitive`, `exhaustive`",
        ),
        (
            "'./*.ts', { eager: 1 }",
            "1:52",
            "`eager` takes `true` or `false`",
        ),
        ("'./*.ts', { import: 1 }", "1:53", "`import` takes a text"),
        (
            "'./*.ts', { base: 'x' }",
            "1:51",
            "`x` is no base of `import.meta.glob`\n  hint: a base begins with `./`, `../` or `/`",
        ),
        (
            "'./*.ts', { as: 'raw', query: '?url' }",
            "1:45",
            "`as` and `query` cannot be used together\n  hint: `as: 'raw'` is an older spelling: remove it",
        ),
        (
            "'./*.ts', { as: 'url', import: 'x' }",
            "1:45",
            "`as: 'url'` has no export `x`\n  hint: `import` can be `default` or `*`",
        ),
        (
            "'./*.ts', { ...more }",
            "1:45",
            "`import.meta.glob` takes literals alone, for it is answered when the file is compiled",
        ),
        ("", "1:16", "`import.meta.glob` needs a pattern"),
    ] {
        let text = format!("export default import.meta.glob({call});\n");
        let scene = Scene::new(tree(&[("a.ts", &*text)]), "");
        let said = scene.code("a.ts");
        let (first, hint) = message.split_once('\n').unwrap_or((message, ""));
        let begin = format!("error[glob]: {first} in `/a.ts:{at}`\n");
        assert!(
            said.starts_with(&begin) && said.contains(hint),
            "{call}: {said}"
        );
    }
}

#[test]
fn keys_are_from_where_the_page_is() {
    for (page, key) in [
        ("src/index.html", "/a/one.ts"),
        ("index.html", "/src/a/one.ts"),
    ] {
        let scene = Scene::new(
            tree(&[
                (
                    "package.json",
                    r##"{ "imports": { "#a/*": "./src/a/*" } }"##,
                ),
                (page, ""),
                ("src/b.ts", "export default import.meta.glob('#a/*');"),
                ("src/a/one.ts", ""),
            ]),
            "src",
        );
        let code = scene.code("src/b.ts");
        assert_eq!(keys(&code), [key], "{code}");
    }
}

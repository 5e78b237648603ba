use super::scene::{Scene, hidden, path, tree};
use crate::base::{Computation, Key};
use crate::compute::Computations;

/// The code of a node, and what it refers to.
fn output(scene: &Scene, computation: &'static str, file: &str) -> String {
    let key = Key::new(Computation::new(computation), path(file));
    match scene.runnable.run(&key, scene) {
        Ok(output) => {
            let code = String::from_utf8(output.parts[0].1.to_vec()).unwrap();
            let links: Vec<String> = output.links.iter().map(ToString::to_string).collect();
            hidden(&format!("{code}-> {}", links.join(" ")))
        }
        Err(failure) => failure.to_string(),
    }
}

#[test]
fn assets_have_the_modules_that_imports_expect() {
    let scene = Scene::new(
        tree(&[
            ("a b#.svg", "<svg/>"),
            ("a.txt", "it's\n`text`"),
            ("a.wasm", "\0asm"),
            ("w.ts", "postMessage(1);"),
            ("w.js", ""),
            ("a.css", ""),
            ("notes.md", "# hi"),
        ]),
        "",
    );
    insta::assert_snapshot!(output(&scene, "asset", "a b#.svg"), @r#"
    export default new URL("./a%20b%23.v#.svg", import.meta.url).href;
    -> copy:/a b#.svg
    "#);
    insta::assert_snapshot!(output(&scene, "raw", "a.txt"), @r#"
    export default "it's\n`text`";
    ->
    "#);
    insta::assert_snapshot!(output(&scene, "inline", "a.txt"), @r#"
    export default "data:text/plain;base64,aXQncwpgdGV4dGA=";
    ->
    "#);
    insta::assert_snapshot!(output(&scene, "url", "w.ts"), @r#"
    export default new URL("./w.ts.in-worker.v#.js", import.meta.url).href;
    -> in-worker:/w.ts
    "#);
    insta::assert_snapshot!(output(&scene, "worker", "w.js"), @r#"
    const url = new URL("./w.js.in-worker.v#.js", import.meta.url).href;
    export default function WorkerWrapper(options) {
      return new Worker(url, { type: "module", name: options?.name });
    }
    -> in-worker:/w.js
    "#);
    insta::assert_snapshot!(output(&scene, "worker-inline", "w.ts"), @r#"
    const url = new URL("./w.ts.in-worker.v#.js", import.meta.url).href;
    export default function WorkerWrapper(options) {
      const blob = new Blob([`import ${JSON.stringify(url)};`], { type: "text/javascript" });
      return new Worker(URL.createObjectURL(blob), { type: "module", name: options?.name });
    }
    -> in-worker:/w.ts
    "#);
    assert!(output(&scene, "sharedworker", "w.ts").contains("new SharedWorker(url"));
    insta::assert_snapshot!(output(&scene, "init", "a.wasm"), @r#"
    const url = new URL("./a.v#.wasm", import.meta.url).href;
    export default async function init(imports = {}) {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`cannot load ${url}: status ${response.status}`);
      const type = response.headers.get("Content-Type") || "";
      const result = type.startsWith("application/wasm")
        ? await WebAssembly.instantiateStreaming(response, imports)
        : await WebAssembly.instantiate(await response.arrayBuffer(), imports);
      return result.instance;
    }
    -> copy:/a.wasm
    "#);
    insta::assert_snapshot!(output(&scene, "asset", "notes.md"), @r"
    error[unsupported]: no loader knows such a file in `/notes.md`
      hint: import it with `?raw` for its text, or with `?url` for its URL
    ");
    insta::assert_snapshot!(output(&scene, "worker", "a.txt"), @"error[unsupported]: `?worker` is for modules alone in `/a.txt`");
    insta::assert_snapshot!(output(&scene, "init", "a.txt"), @"error[unsupported]: `?init` is for WebAssembly alone (`.wasm`) in `/a.txt`");
    assert_eq!(
        output(&scene, "raw", "gone.svg"),
        "no such file `/gone.svg`"
    );
}

#[test]
fn imports_name_the_modules_of_assets() {
    let scene = Scene::new(
        tree(&[
            (
                "src/a.ts",
                "import l from './l.svg'; import r from './l.svg?raw'; import W from './w?worker&inline'; import p from '/p.png'; import m from '../m/x.svg?url'; console.log(l, r, W, p, m);\n",
            ),
            ("src/l.svg", ""),
            ("src/w.ts", ""),
            ("src/public/p.png", ""),
            ("package.json", r#"{ "workspaces": ["m"] }"#),
            ("m/package.json", "{}"),
            ("m/x.svg", ""),
        ]),
        "src",
    );
    insta::assert_snapshot!(scene.code("src/a.ts"), @r#"
    import l from "./l.svg.js";
    import r from "./l.svg.raw.js";
    import W from "./w.ts.worker-inline.js";
    import p from "./public/p.png.js";
    import m from "./~root/m/x.svg.url.js";
    console.log(l, r, W, p, m);
    //# sourceMappingURL=a.ts.js.map
    "#);
}

#[test]
fn urls_lead_to_outputs() {
    let scene = Scene::new(
        tree(&[
            (
                "ui/a.ts",
                "const u = import.meta.url;\nexport const all = [\n\
                new URL('./w.ts', import.meta.url), new Worker(new URL('./w', import.meta.url), { type: 'module' }),\n\
                new URL('../logo.svg?x#y', import.meta.url), new URL(`./a%20b.png`, import.meta.url), new URL('logo.svg', import.meta.url),\n\
                new URL('/logo.svg', import.meta.url), new URL('@/logo.svg', import.meta.url), new URL('./s.scss', import.meta.url),\n\
                new URL('.', import.meta.url), new URL('./dir', import.meta.url), new URL('./', import.meta.url), new URL('api/x', import.meta.url),\n\
                new URL('https://x.org/a', import.meta.url), new URL('data:x', import.meta.url), new URL('./x', u), new URL('./d.json', import.meta.url)];\n",
            ),
            ("ui/w.ts", ""),
            ("ui/a b.png", ""),
            ("ui/s.scss", ""),
            ("ui/d.json", ""),
            ("ui/dir/index.ts", ""),
            ("logo.svg", ""),
            (
                "tsconfig.json",
                r#"{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }"#,
            ),
            (
                "bad.ts",
                "export default new URL('./gone.png', import.meta.url);\n",
            ),
            (
                "node_modules/p/index.js",
                "export default new URL('./gone.png', import.meta.url);\n",
            ),
        ]),
        "",
    );
    insta::assert_snapshot!(output(&scene, "module", "ui/a.ts"), @r#"
    const u = import.meta.url;
    export const all = [
        new URL("./w.ts.in-worker.v#.js", import.meta.url),
        new Worker(new URL("./w.ts.in-worker.v#.js", import.meta.url), {
            type: 'module'
        }),
        new URL("../logo.v#.svg?x#y", import.meta.url),
        new URL("./a%20b.v#.png", import.meta.url),
        new URL('logo.svg', import.meta.url),
        new URL("../logo.v#.svg", import.meta.url),
        new URL("../logo.v#.svg", import.meta.url),
        new URL("./s.v#.scss", import.meta.url),
        new URL('.', import.meta.url),
        new URL('./dir', import.meta.url),
        new URL('./', import.meta.url),
        new URL('api/x', import.meta.url),
        new URL('https://x.org/a', import.meta.url),
        new URL('data:x', import.meta.url),
        new URL('./x', u),
        new URL("./d.v#.json", import.meta.url)
    ];
    //# sourceMappingURL=a.ts.js.map
    -> in-worker:/ui/w.ts copy:/logo.svg copy:/ui/a b.png style:/ui/s.scss copy:/ui/d.json
    "#);
    insta::assert_snapshot!(scene.code("bad.ts"), @r###"
    error[unresolved-import]: cannot resolve `./gone.png` from `/bad.ts:1:24`
      1 | export default new URL('./gone.png', import.meta.url);
        |                        ^^^^^^^^^^^^
    "###);
    assert!(
        scene
            .code("node_modules/p/index.js")
            .contains("'./gone.png'")
    );
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
                "export const f = (v: string) => [import(`./x/${v}.ts`), import('./x/' + v), import(`./x/${v}.js`), import(`./img/${v}.svg?raw`), import(v), import(`${v}/a.js`), import(`https://x/${v}.js`)];\n",
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
                "./img/i.svg?raw": ()=>import("./img/i.svg.raw.js")
            }), `./img/${v}.svg?raw`),
            import(v),
            import(`${v}/a.js`),
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
    let keys: Vec<&str> = code
        .lines()
        .filter_map(|line| line.trim().split_once(": ()=>import("))
        .map(|(key, _)| key)
        .collect();
    assert_eq!(
        keys,
        [
            r#""../nested/own.ts""#,
            r#""../nested/own.js""#,
            r#""./../nested/own.ts""#,
            r#""./../nested/own""#,
            r##""#alias/one.ts""##,
            r##""#alias/one.js""##,
            r##""#icons/a.svg""##,
            r##""#old/one.ts""##,
            r##""#old/one.js""##,
            r#""../(group)/+x/a.ts""#,
            r#""../(group)/+x/a.js""#,
            r#""/lib/one.ts""#,
            r#""../group/b.ts""#,
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

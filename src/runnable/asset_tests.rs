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
fn import_attributes_say_what_a_file_is_taken_for() {
    let scene = Scene::new(
        tree(&[
            ("a.css", "a { background: url(b.svg) }"),
            ("b.svg", "<svg/>"),
            ("c.txt", "c"),
            ("d.json", "{}"),
            (
                "a.ts",
                "import sheet from './a.css' with { type: 'css' }; import css from './a.css'; import text from './a.css' with { type: 'text' };\n\
                 import bytes from './c.txt' with { type: 'bytes' }; import json from './d.json' with { type: 'json' };\n\
                 export { default as t } from './c.txt' with { type: 'text' };\n\
                 export const all = [sheet, css, text, bytes, json, import('./a.css', { with: { type: 'css' } })];",
            ),
            (
                "b.ts",
                "import { c } from './c.txt' with { type: 'text' }; export default c;",
            ),
        ]),
        "",
    );
    insta::assert_snapshot!(scene.code("a.ts"), @r#"
    import sheet from "./a.css.constructed.js";
    import css from "./a.css.js";
    import text from "./a.css.raw.js";
    import bytes from "./c.txt.bytes.js";
    import json from "./d.json.js";
    export { default as t } from "./c.txt.raw.js";
    export const all = [
        sheet,
        css,
        text,
        bytes,
        json,
        import("./a.css.constructed.js")
    ];
    //# sourceMappingURL=a.ts.js.map
    "#);
    insta::assert_snapshot!(scene.code("b.ts"), @r#"
    error[missing-export]: cannot import `c` from `./c.txt` in `/b.ts:1:10`
      1 | import { c } from './c.txt' with { type: 'text' }; export default c;
        |          ^
      hint: it has a default export: `import c from './c.txt'`
    "#);
    insta::assert_snapshot!(output(&scene, "constructed", "a.css"), @r#"
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("a { background: url(\"" + new URL("./b.v#.svg", import.meta.url).href + "\") }\n");
    export default sheet;
    -> copy:/b.svg
    "#);
    insta::assert_snapshot!(output(&scene, "bytes", "c.txt"), @r#"
    const { buffer } = Uint8Array.from(atob("Yw=="), (byte) => byte.charCodeAt(0));
    export default new Uint8Array(buffer.transferToImmutable?.() ?? buffer);
    ->
    "#);
    // An image is no style sheet.
    assert!(output(&scene, "constructed", "b.svg").starts_with("error[unsupported]"));
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
            ("a.css", "a{}"),
            ("notes.md", "# hi"),
            ("Foo.vue", "<template/>"),
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
    // Of code and of style sheets too, as Vite has it: the file as it is.
    insta::assert_snapshot!(output(&scene, "url-inline", "w.ts"), @r#"
    export default "data:application/octet-stream;base64,cG9zdE1lc3NhZ2UoMSk7";
    ->
    "#);
    insta::assert_snapshot!(output(&scene, "url-inline", "a.css"), @r#"
    export default "data:text/css;base64,YXt9";
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
      hint: import it with `?raw` for its text, or with `?url` for its URL; or a hook, `notes.md.mjs.hook.ts`, can make the module that is imported from `./notes.md.mjs`
    ");
    insta::assert_snapshot!(output(&scene, "asset", "Foo.vue"), @r"
    error[unsupported]: `.vue` files need their own compiler, which does not run here in `/Foo.vue`
      hint: a hook, `Foo.vue.mjs.hook.ts`, can make the module that is imported from `./Foo.vue.mjs`, by that compiler
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
fn what_is_inlined_is_said_by_the_query() {
    let scene = Scene::new(
        tree(&[
            (
                "a.ts",
                "import a from './l.svg?url&inline'; import b from './l.svg?no-inline'; import c from './l.svg?url&no-inline';\n\
                 import d from '/d.json?inline&url'; import e from './w?worker&url&inline'; import f from './a.css?url&inline';\n\
                 console.log(a, b, c, d, e, f);\n",
            ),
            ("l.svg", ""),
            ("w.ts", ""),
            ("a.css", ""),
            ("public/d.json", ""),
        ]),
        "",
    );
    insta::assert_snapshot!(scene.code("a.ts"), @r#"
    import a from "./l.svg.url-inline.js";
    import b from "./l.svg.js";
    import c from "./l.svg.url.js";
    import d from "./public/d.json.url-inline.js";
    import e from "./w.ts.url.js";
    import f from "./a.css.url-inline.js";
    console.log(a, b, c, d, e, f);
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

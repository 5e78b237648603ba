//! WebAssembly as modules.

use super::MODULE;
use super::hashed::IN_WORKER;
use super::scene::{Scene, hidden, path, tree};
use crate::base::{Computation, Key, Part};
use crate::compute::Context;

/// `add` of two numbers.
const ADD: &str = "\0asm\u{1}\0\0\0\u{1}\u{7}\u{1}\u{60}\u{2}\u{7f}\u{7f}\u{1}\u{7f}\u{3}\u{2}\u{1}\0\u{7}\u{7}\u{1}\u{3}add\0\0\u{a}\u{9}\u{1}\u{7}\0 \0 \u{1}\u{6a}\u{b}";
/// A global that is the default export, of `log` of `./b` and of itself.
const GLOBAL: &str = "\0asm\u{1}\0\0\0\u{1}\u{4}\u{1}\u{60}\0\0\u{2}\u{b}\u{1}\u{3}./b\u{3}log\0\0\u{6}\u{6}\u{1}\u{7f}\0A\u{2a}\u{b}\u{7}\u{b}\u{1}\u{7}default\u{3}\0";

fn node(scene: &Scene, computation: &Computation, file: &str) -> String {
    let key = Key::new(computation.clone(), path(file));
    let text = scene.fetch(&key, Part::MAIN);
    match text {
        Ok(text) => hidden(&String::from_utf8_lossy(&text)),
        Err(failure) => failure.to_string(),
    }
}

#[test]
fn what_it_exports_is_imported_by_name() {
    let scene = Scene::new(
        tree(&[
            (
                "a.ts",
                "import { add } from './add.wasm'; import * as all from './add.wasm'; import url from './add.wasm'; import './add.wasm';\n\
                 import g from './g.wasm'; import broken from './broken.wasm'; export { add as sum } from './add.wasm';\n\
                 export { default as again } from './add.wasm'; export { answer } from './passed';\n\
                 console.log(add, all, url, g, broken, import('./add.wasm'), import.meta.glob('./a*.wasm'), import.meta.glob('./a*.wasm', { import: 'default' }));\n",
            ),
            (
                "passed.ts",
                "export { default as answer } from './g.wasm'; export * from './add.wasm';",
            ),
            ("package.json", r#"{ "sideEffects": false }"#),
            ("b.js", "export const log = 1;"),
            ("add.wasm", ADD),
            ("g.wasm", GLOBAL),
            ("broken.wasm", ""),
        ]),
        "",
    );
    insta::assert_snapshot!(scene.code("a.ts"), @r#"
    import { add } from "./add.wasm.js";
    import * as all from "./add.wasm.js";
    import url from "./add.wasm.url.js";
    import "./add.wasm.js";
    import g from "./g.wasm.js";
    import broken from "./broken.wasm.url.js";
    export { add as sum } from "./add.wasm.js";
    export { default as again } from "./add.wasm.url.js";
    export { default as answer } from "./g.wasm.js";
    console.log(add, all, url, g, broken, import("./add.wasm.js"), ({
        "./add.wasm": ()=>import("./add.wasm.js")
    }), ({
        "./add.wasm": ()=>import("./add.wasm.url.js").then((module)=>module["default"])
    }));
    //# sourceMappingURL=a.ts.js.map
    "#);
    insta::assert_snapshot!(node(&scene, &MODULE, "add.wasm"), @r#"
    const url = new URL("./add.v#.wasm", import.meta.url).href;
    if (!globalThis.WebAssembly) throw new Error(`there is no WebAssembly here to run ${url}`);
    const response = await fetch(url);
    if (!response.ok) throw new Error(`cannot load ${url}: status ${response.status}`);
    const options = {
        builtins: [
            "js-string"
        ],
        importedStringConstants: "wasm:js/string-constants"
    };
    const type = response.headers.get("Content-Type") || "";
    const imports = {};
    const { instance: { exports } } = type.startsWith("application/wasm") ? await WebAssembly.instantiateStreaming(response, imports, options) : await WebAssembly.instantiate(await response.arrayBuffer(), imports, options);
    const export0 = exports["add"];
    export { export0 as "add" };
    "#);
    insta::assert_snapshot!(node(&scene, &MODULE, "g.wasm"), @r#"
    import { "log" as import0 } from "./b.js";
    import * as self from "./g.wasm.js";
    const url = new URL("./g.v#.wasm", import.meta.url).href;
    if (!globalThis.WebAssembly) throw new Error(`there is no WebAssembly here to run ${url}`);
    const response = await fetch(url);
    if (!response.ok) throw new Error(`cannot load ${url}: status ${response.status}`);
    const options = {
        builtins: [
            "js-string"
        ],
        importedStringConstants: "wasm:js/string-constants"
    };
    const type = response.headers.get("Content-Type") || "";
    const imports = {
        ["./b"]: {
            ["log"]: import0
        }
    };
    const { instance: { exports } } = type.startsWith("application/wasm") ? await WebAssembly.instantiateStreaming(response, imports, options) : await WebAssembly.instantiate(await response.arrayBuffer(), imports, options);
    (globalThis[Symbol.for("hookfs.wasm")] ??= new WeakMap()).set(self, exports);
    let export0;
    try {
        export0 = exports["default"].value;
    } catch  {}
    export { export0 as "default" };
    "#);
    // Workers know the versions of what is imported.
    let in_worker = node(&scene, &IN_WORKER, "g.wasm");
    assert!(
        in_worker.contains(r#"from "./b.js.in-worker.v#.js""#),
        "{in_worker}"
    );
    let form = node(&scene, &Computation::new("run"), "g.wasm");
    assert!(form.contains("./b.js"), "{form}");
}

#[test]
fn its_source_is_imported_by_the_phase() {
    let scene = Scene::new(
        tree(&[
            (
                "a.ts",
                "import source code from './add.wasm';\nconsole.log(code, import.source('./add.wasm'), import.source(code));\n",
            ),
            ("b.ts", "import source b from './a';\nconsole.log(b);\n"),
            ("add.wasm", ADD),
        ]),
        "",
    );
    insta::assert_snapshot!(scene.code("a.ts"), @r#"
    import code from "./add.wasm.source.js";
    console.log(code, import("./add.wasm.source.js").then((module)=>module.default), import.source(code));
    //# sourceMappingURL=a.ts.js.map
    "#);
    insta::assert_snapshot!(node(&scene, &Computation::new("source"), "add.wasm"), @r#"
    const url = new URL("./add.v#.wasm", import.meta.url).href;
    if (!globalThis.WebAssembly) throw new Error(`there is no WebAssembly here to run ${url}`);
    const response = await fetch(url);
    if (!response.ok) throw new Error(`cannot load ${url}: status ${response.status}`);
    const options = { builtins: ["js-string"], importedStringConstants: "wasm:js/string-constants" };
    const type = response.headers.get("Content-Type") || "";
    export default type.startsWith("application/wasm")
      ? await WebAssembly.compileStreaming(response, options)
      : await WebAssembly.compile(await response.arrayBuffer(), options);
    "#);
    insta::assert_snapshot!(scene.code("b.ts"), @r#"
    error[unsupported]: `./a` is no WebAssembly, and has no source in `/b.ts:1:22`
      1 | import source b from './a';
        |                      ^^^^^
      2 | console.log(b);
      hint: `?raw` gives the text of a file
    "#);
    let form = node(&scene, &Computation::new("run"), "a.ts");
    assert!(form.contains("./add.wasm.source.js"), "{form}");
}

#[test]
fn what_it_does_not_export_and_what_it_asks_for_is_told() {
    let scene = Scene::new(
        tree(&[
            (
                "a.ts",
                "import url, { ad } from './add.wasm';\nimport './g.wasm';\nconsole.log(url, ad);\n",
            ),
            ("add.wasm", ADD),
            ("g.wasm", GLOBAL),
            ("text.wasm", "text"),
        ]),
        "",
    );
    insta::assert_snapshot!(scene.code("a.ts"), @r#"
    error[missing-export]: cannot import the default export of `./add.wasm` in `/a.ts:1:8`
      1 | import url, { ad } from './add.wasm';
        |        ^^^
      2 | import './g.wasm';
      3 | console.log(url, ad);
      hint: `import url from './add.wasm?url'` gives its URL
    error[missing-export]: cannot import `ad` from `./add.wasm` in `/a.ts:1:15`
      1 | import url, { ad } from './add.wasm';
        |               ^^
      2 | import './g.wasm';
      3 | console.log(url, ad);
      hint: did you mean `add`?
    "#);
    insta::assert_snapshot!(node(&scene, &MODULE, "g.wasm"), @r#"
    error[unresolved-import]: cannot resolve `./b` from `/g.wasm`
      hint: did you mean `./a`?
    "#);
    insta::assert_snapshot!(node(&scene, &MODULE, "text.wasm"), @r#"
    error[wasm]: no module of WebAssembly: it does not begin as WebAssembly does in `/text.wasm`
      hint: import it with `?url` for its URL
    "#);
}

use std::sync::Arc;

use super::scene::{Scene, path, tree};
use super::{FunctionView, RunnableView, WorkspaceView};
use crate::base::Part;
use crate::compute::{Computations, Context};
use crate::router::{File, Found, MountTable, View};

fn view(source: &str) -> FunctionView {
    let modules = MountTable::new()
        .with(path(""), Arc::new(RunnableView::new(path(source))))
        .with(path("~root"), Arc::new(WorkspaceView::new(path(source))));
    FunctionView::new(Arc::new(modules))
}

/// The text at a name below `/~@/~run/`.
fn text(scene: &Scene, source: &str, name: &str) -> String {
    match view(source).lookup(scene, &path(name)).unwrap() {
        Found::File(File::Node { key, part, .. }) => {
            let bytes = scene
                .fetch(&key, part)
                .unwrap_or_else(|failure| failure.to_string().into());
            String::from_utf8(bytes.to_vec()).unwrap()
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn every_kind_of_module_has_a_function_form() {
    let scene = Scene::new(
        tree(&[
            (
                "a.tsx",
                "import b from './b'; import { x } from './c'; import j from './j.json'; import './s.css'; import i from './i.svg'; import raw from './b.ts?raw'; export const all: unknown[] = [b, x, j, i, raw, <p/>, import('./b')];",
            ),
            ("b.ts", "export default 1"),
            ("c.js", "exports.x = require('./d')"),
            ("d.js", "module.exports = { __dirname }"),
            ("j.json", "{\"a\": 1}"),
            ("s.css", "a { color: red }"),
            ("i.svg", "<svg/>"),
            (
                "node_modules/react/package.json",
                "{\"name\": \"react\", \"type\": \"module\", \"exports\": {\"./jsx-dev-runtime\": \"./j.js\"}}",
            ),
            ("node_modules/react/j.js", "export const jsxDEV = () => 1"),
        ]),
        "",
    );
    let all = text(&scene, "", "a.tsx.js");
    let head = "({ requests: [\"./node_modules/react/j.js\",\"./b.ts.js\",\"./c.js\",\"./j.json.js\",\"./s.css.js\",\"./i.svg.js\",\"./b.ts.raw.js\"], ";
    assert!(all.starts_with(head), "{all}");
    for name in [
        "c.js",
        "c.js.commonjs.js",
        "d.js.commonjs.js",
        "j.json.js",
        "s.css.js",
        "i.svg.js",
        "b.ts.raw.js",
        "node_modules/react/j.js",
    ] {
        let text = text(&scene, "", name);
        assert!(text.starts_with("({ requests: ["), "{name}: {text}");
    }
    assert!(
        text(&scene, "", "d.js.commonjs.js")
            .contains("__commonjs_body(exports, require, module, __filename, __dirname)")
    );
    assert!(text(&scene, "", "a.tsx.js.map").starts_with("{\"version\":3,\"sources\":[\"a.tsx\"]"));
    for name in ["a.tsx", "i.svg", "j.json", "s.css", "none.ts.js"] {
        assert_eq!(text(&scene, "", name), "Absent", "{name}");
    }
}

#[test]
fn an_error_is_the_module_s_own() {
    let scene = Scene::new(tree(&[("a.ts", "import './none'")]), "");
    assert!(text(&scene, "", "a.ts.js").contains("error[unresolved-import]"));
}

#[test]
fn the_environment_of_a_process_is_left_to_it() {
    let scene = Scene::new(
        tree(&[(
            "a.ts",
            "export const a = [process.env.NODE_ENV, process.env.HOME, import.meta.env.DEV];",
        )]),
        "",
    );
    let text = text(&scene, "", "a.ts.js");
    assert!(
        text.contains("\"development\"") && text.contains("process.env.HOME"),
        "{text}"
    );
}

#[test]
fn links_lead_to_function_forms() {
    let scene = Scene::new(
        tree(&[
            (
                "src/a.ts",
                "import './b'; new URL('./i.svg', import.meta.url)",
            ),
            ("src/b.ts", "export {}"),
            ("src/i.svg", "<svg/>"),
        ]),
        "src",
    );
    let Found::File(File::Node { key, .. }) = view("src").lookup(&scene, &path("a.ts.js")).unwrap()
    else {
        panic!("no node");
    };
    let output = scene.runnable.run(&key, &scene).unwrap();
    let links: Vec<String> = output.links.iter().map(ToString::to_string).collect();
    assert_eq!(links, ["run:/src/b.ts", "copy:/src/i.svg"]);
    let names: Vec<String> = output
        .links
        .iter()
        .map(|link| scene.runnable.layout.output_of(&link.key).to_string())
        .collect();
    assert_eq!(names, ["/~run/b.ts.js", "/i.svg"]);
    assert!(output.parts.iter().any(|(part, _)| *part == Part::MAP));
}

#[test]
fn the_listing_has_what_can_be_looked_up() {
    let scene = Scene::new(
        tree(&[
            ("a.ts", ""),
            ("b.js", ""),
            ("c.json", "1"),
            ("i.svg", ""),
            ("d/e.tsx", ""),
            ("p.html", ""),
        ]),
        "",
    );
    let listed = view("").list(&scene, &path("")).unwrap();
    let names: Vec<String> = listed
        .iter()
        .map(|entry| String::from_utf8_lossy(&entry.name).into_owned())
        .collect();
    assert_eq!(
        names,
        [
            "a.ts.js",
            "a.ts.js.map",
            "b.js",
            "b.js.map",
            "c.json.js",
            "d",
            "i.svg.js"
        ]
    );
}

#[test]
fn modules_of_node_are_the_runtimes_where_it_has_them() {
    let scene = Scene::new(
        tree(&[
            (
                "a.ts",
                "import { join } from 'path'; import os from 'node:os'; export const x = [join, () => os]",
            ),
            ("b.cjs", "module.exports = require('events')"),
        ]),
        "",
    );
    let module = text(&scene, "", "a.ts.js");
    assert!(
        module.starts_with("({ requests: [\"node:path\"], "),
        "{module}"
    );
    let lacking = "`os` is a module of Node.js and is not provided (imported by /a.ts)";
    assert!(module.contains(lacking), "{module}");
    let common = text(&scene, "", "b.cjs.commonjs.js");
    assert!(
        common.starts_with("({ requests: [\"node:events\"], "),
        "{common}"
    );
}

#[test]
fn programs_get_what_packages_have_for_engines_without_a_page() {
    let package = |exports: &str| format!("{{\"name\": \"p\", \"exports\": {exports}}}");
    let server = package(
        "{ \"node\": \"./n.js\", \"worker\": \"./w.js\", \"browser\": \"./b.js\", \"default\": \"./d.js\" }",
    );
    let scene = Scene::new(
        tree(&[
            (
                "a.ts",
                "import p from 'p'; import q from 'q'; import r from 'r'; console.log(p, q, r);",
            ),
            ("node_modules/p/package.json", &server),
            (
                "node_modules/q/package.json",
                &package("{ \"browser\": \"./b.js\", \"worker\": \"./w.js\" }"),
            ),
            (
                "node_modules/r/package.json",
                &package("{ \"node\": \"./n.js\", \"browser\": \"./b.js\" }"),
            ),
            ("node_modules/p/w.js", "export default 1"),
            ("node_modules/p/b.js", "export default 1"),
            ("node_modules/q/b.js", "export default 1"),
            ("node_modules/r/b.js", "export default 1"),
        ]),
        "",
    );
    let requests = |first: &str| {
        format!("\"./node_modules/p/{first}\",\"./node_modules/q/b.js\",\"./node_modules/r/b.js\"")
    };
    let run = text(&scene, "", "a.ts.js");
    assert!(run.contains(&requests("w.js")), "{run}");
    let plain = scene.code("a.ts");
    assert!(plain.contains("./node_modules/p/b.js"), "{plain}");
}

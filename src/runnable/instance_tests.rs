//! Instances of one module: what is imported with queries that mean nothing here.

use crate::base::{Computation, Key, Part};
use crate::compute::{Computations, LinkKind};
use crate::runnable::kind::PAGE;
use crate::runnable::scene::{Scene, hidden, path, tree};

const MAIN: &str = "import './a?1'; import './a?2'; import './a'; import './a?1'; export * from './a?x=\u{e9} \"/..';
import './a?'; import text from './a?raw&1'; import './style.css?1'; import image from './i.svg?1'; import data from './d.json?1';
import common from './c.cjs?1'; import { pure } from './pure'; import { pure as own } from './pure?1';
import('./a?3#4'); import.meta.glob('./glob/*.ts', { query: '?5' }); import(`./glob/${image}.ts?6`);
console.log(text, image, data, common, pure, own, import.meta.resolve('./a.ts?7'), new URL('./a.ts?8', import.meta.url));";

fn scene() -> Scene {
    let files = [
        ("main.ts", MAIN),
        ("a.ts", "export const a = 1;"),
        ("style.css", ""),
        ("i.svg", "<svg/>"),
        ("d.json", "{}"),
        (
            "c.cjs",
            "exports.c = require('./a?1'); require('./d.json?1');",
        ),
        ("glob/g.ts", ""),
        ("package.json", r#"{ "sideEffects": ["main.ts", "a.ts"] }"#),
        ("pure.ts", "export { a as pure } from './a?9';"),
        (
            "index.html",
            "<script type=module src=main.ts?0></script><script type=module>import './a?10'; import('./a?11');</script>",
        ),
    ];
    Scene::new(tree(&files), "")
}

/// The names of outputs in what a computation gives, hashes as `#`, in their order.
fn names(scene: &Scene, computation: &'static str, file: &str) -> String {
    let key = Key::new(Computation::new(computation), path(file));
    let output = scene.runnable.run(&key, scene).unwrap();
    let main = output.parts.iter().find(|(part, _)| *part == Part::MAIN);
    let text = hidden(std::str::from_utf8(&main.unwrap().1).unwrap());
    let code = text.lines().filter(|line| !line.starts_with("//#"));
    let code = code.collect::<Vec<_>>().join("\n").replace('\'', "\"");
    let quoted = code.split('"').skip(1).step_by(2);
    let names: Vec<&str> = quoted.filter(|text| text.starts_with("./")).collect();
    names.join(" ")
}

#[test]
fn the_query_stays_in_the_url() {
    let scene = scene();
    let all = [
        ("module", "main.ts"),
        ("in-worker", "main.ts"),
        ("run", "main.ts"),
        ("piece module", "main.ts"),
        // Node knows no queries here.
        ("commonjs", "c.cjs"),
    ];
    let told = all
        .map(|(computation, file)| format!("{computation}: {}", names(&scene, computation, file)));
    insta::assert_snapshot!(told.join("\n"), @r##"
    module: ./a.ts.js?1 ./a.ts.js?2 ./a.ts.js ./a.ts.js?1 ./a.ts.js?x=%C3%A9%20%22/.. ./a.ts.js ./a.ts.raw.js ./style.css.js ./i.svg.js ./d.json.js?1 ./c.cjs.js?1 ./pure.ts.js ./pure.ts.js?1 ./a.ts.js?3#4 ./glob/g.ts ./glob/g.ts.js?5 ./glob/g.ts?6 ./glob/g.ts.js?6 ./glob/g.js?6 ./glob/g.ts.js?6 ./a.ts.js?7 ./a.ts.in-worker.v#.js?8
    in-worker: ./a.ts.in-worker.v#.js?1 ./a.ts.in-worker.v#.js?2 ./a.ts.in-worker.v#.js ./a.ts.in-worker.v#.js?1 ./a.ts.in-worker.v#.js?x=%C3%A9%20%22/.. ./a.ts.in-worker.v#.js ./a.ts.raw.v#.js ./style.css.v#.js ./i.svg.v#.js ./d.json.v#.js?1 ./c.cjs.in-worker.v#.js?1 ./pure.ts.in-worker.v#.js ./pure.ts.in-worker.v#.js?1 ./a.ts.in-worker.v#.js?3#4 ./glob/g.ts ./glob/g.ts.in-worker.v#.js?5 ./glob/g.ts?6 ./glob/g.ts.in-worker.v#.js?6 ./glob/g.js?6 ./glob/g.ts.in-worker.v#.js?6 ./a.ts.in-worker.v#.js?7 ./a.ts.in-worker.v#.js?8
    run: ./a.ts.js?1 ./a.ts.js?2 ./a.ts.js ./a.ts.js?x=%C3%A9%20%22/.. ./a.ts.raw.js ./style.css.js ./i.svg.js ./d.json.js?1 ./c.cjs.js?1 ./pure.ts.js ./pure.ts.js?1 ./a.ts.js?3#4 ./glob/g.ts.js?5 ./glob/g.ts.js?6 ./a.ts.js?3#4 ./glob/g.ts ./glob/g.ts.js?5 ./glob/g.ts?6 ./glob/g.ts.js?6 ./glob/g.js?6 ./glob/g.ts.js?6 ./a.ts.js?7 ./a.ts.in-worker.v#.js?8
    piece module: ./a.ts.js?1 ./a.ts.js?2 ./a.ts.js ./a.ts.js?x=%C3%A9%20%22/.. ./a.ts.raw.js ./style.css.js ./i.svg.js ./d.json.js?1 ./c.cjs.js?1 ./pure.ts.js ./pure.ts.js?1 ./a.ts.js?3#4 ./glob/g.ts.js?5 ./glob/g.ts.js?6 ./a.ts.js?3#4 ./glob/g.ts ./glob/g.ts.js?5 ./glob/g.ts?6 ./glob/g.ts.js?6 ./glob/g.js?6 ./glob/g.ts.js?6 ./a.ts.js?7 ./a.ts.in-worker.v#.js?8
    commonjs: ./a.ts.commonjs.js ./d.json.js
    "##);
}

#[test]
fn links_tell_it_and_all_lead_to_one_node() {
    let output = scene().module("main.ts").unwrap();
    let of_code = output
        .links
        .iter()
        .filter(|link| link.key.path == path("a.ts"));
    let told: Vec<String> = of_code
        .map(|link| {
            let suffix = link.suffix.as_deref().unwrap_or_default();
            format!("{} {suffix} {:?}", link.key.computation.name(), link.kind)
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r##"
    module ?1 Import
    module ?2 Import
    module  Import
    module ?x=%C3%A9%20%22/.. Import
    raw  Import
    module ?3#4 Dynamic
    module ?7 Dynamic
    in-worker  Url
    "##);
    let is_url = |kind| kind == LinkKind::Url;
    assert!(
        output
            .links
            .iter()
            .all(|link| !is_url(link.kind) || link.suffix.is_none())
    );
}

#[test]
fn a_page_knows_the_version_of_each() {
    let scene = scene();
    let output = scene
        .runnable
        .run(&Key::new(PAGE, path("index.html")), &scene)
        .unwrap();
    let text = hidden(std::str::from_utf8(&output.parts[0].1).unwrap());
    let lines = text.lines().filter(|line| line.contains("a.ts"));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r##"
    "./a.ts.js?10":"./a.ts.v#.js?10",
    "./a.ts.js?1":"./a.ts.v#.js?1",
    "./a.ts.js?2":"./a.ts.v#.js?2",
    "./a.ts.js":"./a.ts.v#.js",
    "./a.ts.js?x=%C3%A9%20%22/..":"./a.ts.v#.js?x=%C3%A9%20%22/..",
    "./a.ts.raw.js":"./a.ts.raw.v#.js",
    "./a.ts.commonjs.js":"./a.ts.commonjs.v#.js",
    "./a.ts.js?9":"./a.ts.v#.js?9",
    "./a.ts.js?11":"./a.ts.v#.js?11",
    "./a.ts.js?3#4":"./a.ts.v#.js?3#4",
    "./a.ts.js?7":"./a.ts.v#.js?7"
    <link rel="modulepreload" href="./a.ts.v#.js?10">
    <link rel="modulepreload" href="./a.ts.v#.js?1">
    <link rel="modulepreload" href="./a.ts.v#.js?2">
    <link rel="modulepreload" href="./a.ts.v#.js">
    <link rel="modulepreload" href="./a.ts.v#.js?x=%C3%A9%20%22/..">
    <link rel="modulepreload" href="./a.ts.raw.v#.js">
    <link rel="modulepreload" href="./a.ts.commonjs.v#.js">
    <link rel="modulepreload" href="./a.ts.v#.js?9">
    import "./a.ts.js?10";
    import("./a.ts.js?11");
    "##);
}

#[test]
fn what_is_accepted_is_an_instance() {
    let files = [
        (
            "main.ts",
            "import './a?1'; import.meta.hot?.accept(['./a?1', './a', './a?raw'], () => {});",
        ),
        ("a.ts", ""),
    ];
    let scene = Scene::new(tree(&files), "");
    let named = names(&scene, "hot piece module", "main.ts");
    assert_eq!(named, "./a.ts.js?1 ./a.ts.js?1 ./a.ts.js ./a.ts.raw.js");
}

#[test]
fn a_query_that_is_made_at_run_time_goes_with_what_the_rest_means() {
    let text = "export const f = (v: string) => [import(`./a?${v}`), import('./a.js?' + v), import(`./glob/${v}.ts?${v}`), import(`/none?${v}`), import(`./main.ts?${v}`)];";
    let files = [("main.ts", text), ("a.ts", ""), ("glob/g.ts", "")];
    insta::assert_snapshot!(Scene::new(tree(&files), "").code("main.ts"), @r##"
    export const f = (v)=>[
            ((modules, name)=>{
                const [path] = name.split('?', 1);
                return import(Object.hasOwn(modules, path) ? modules[path]() + name.slice(path.length) : name);
            })(({
                "./a.ts": ()=>import.meta.resolve("./a.ts.js"),
                "./a": ()=>import.meta.resolve("./a.ts.js")
            }), `./a?${v}`),
            ((modules, name)=>{
                const [path] = name.split('?', 1);
                return import(Object.hasOwn(modules, path) ? modules[path]() + name.slice(path.length) : name);
            })(({
                "./a.ts": ()=>import.meta.resolve("./a.ts.js"),
                "./a.js": ()=>import.meta.resolve("./a.ts.js")
            }), './a.js?' + v),
            ((modules, name)=>{
                const [path] = name.split('?', 1);
                return import(Object.hasOwn(modules, path) ? modules[path]() + name.slice(path.length) : name);
            })(({
                "./glob/g.ts": ()=>import.meta.resolve("./glob/g.ts.js"),
                "./glob/g.js": ()=>import.meta.resolve("./glob/g.ts.js")
            }), `./glob/${v}.ts?${v}`),
            import(`/none?${v}`),
            ((modules, name)=>{
                const [path] = name.split('?', 1);
                return import(Object.hasOwn(modules, path) ? modules[path]() + name.slice(path.length) : name);
            })(({
                "./main.ts": ()=>import.meta.resolve("./main.ts.js"),
                "./main.js": ()=>import.meta.resolve("./main.ts.js")
            }), `./main.ts?${v}`)
        ];
    //# sourceMappingURL=main.ts.js.map
    "##);
}

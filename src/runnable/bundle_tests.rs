use std::sync::Arc;

use super::bundle::Variant;
use super::scene::{Scene, assembled, hidden, path, tree};
use super::{BundleView, Layout, RunnableView, WorkspaceView};
use crate::base::{Key, Part};
use crate::compute::{Computations, Context};
use crate::router::{File, Found, MountTable, View};

fn view(source: &str) -> BundleView {
    let modules = MountTable::new()
        .with(path(""), Arc::new(RunnableView::new(path(source))))
        .with(path("~root"), Arc::new(WorkspaceView::new(path(source))));
    BundleView::new(Variant::Plain, Arc::new(modules))
}

fn key(scene: &Scene, source: &str, name: &str) -> Option<Key> {
    match view(source).lookup(scene, &path(name)).unwrap() {
        Found::File(File::Node { key, .. }) => Some(key),
        _ => None,
    }
}

/// The text at a name below `/~@/~bundle/`.
fn text(scene: &Scene, source: &str, name: &str) -> String {
    match key(scene, source, name) {
        Some(key) => hidden(&assembled(scene, &key, Part::MAIN)),
        None => "absent".to_owned(),
    }
}

const FILES: [(&str, &str); 7] = [
    (
        "src/main.ts",
        "import { a } from './ui/a'; import './s.css';\nexport const later = () => import('./later');\nnew Worker(new URL('./w.ts', import.meta.url), { type: 'module' });\nexport { a };",
    ),
    (
        "src/ui/a.ts",
        "import icon from '../i.svg'; export const a: string = icon; export const again = () => import('../main');",
    ),
    (
        "src/later.ts",
        "import { a } from './ui/a'; export default a;",
    ),
    ("src/w.ts", "postMessage(1);"),
    ("src/s.css", "a { color: red }"),
    ("src/i.svg", "<svg/>"),
    ("src/broken.ts", "import './none'; export const x = 1;"),
];

#[test]
fn a_bundle_has_all_that_is_imported_at_once_and_names_the_rest() {
    let scene = Scene::new(tree(&FILES), "src");
    let main = text(&scene, "src", "main.ts.js");
    let head = "await CLIENT.add(import.meta.url, \"../\", {\"/later.ts.js\":\"~bundle/later.ts.v#.js\",\"/~bundle/w.ts.js\":\"~bundle/w.ts.v#.js\"}, [\n";
    assert!(main.starts_with(head), "{main}");
    let end = "], [\"/main.ts.js\"]);\n//# sourceMappingURL=main.ts.js.map\n";
    assert!(main.ends_with(end), "{main}");
    for id in ["/main.ts.js", "/ui/a.ts.js", "/s.css.js", "/i.svg.js"] {
        assert_eq!(
            main.matches(&format!("[\"{id}\",\"")).count(),
            1,
            "{id}: {main}"
        );
    }
    assert!(!main.contains("[\"/later.ts.js\",\""), "{main}");
    let worker = "new URL($_.meta.resolve(\"./~bundle/w.ts.js\"),$_.meta.url)";
    assert!(main.contains(worker), "{main}");
    assert!(main.contains("$_.import(\"./later.ts.js\")"), "{main}");
    assert_eq!(main.matches("sourceMappingURL").count(), 1);
    let later = text(&scene, "src", "later.ts.js");
    // What it imports leads back to the first.
    assert!(
        later.contains("{\"/main.ts.js\":\"~bundle/main.ts.v#.js\"}"),
        "{later}"
    );
    assert!(text(&scene, "src", "ui/a.ts.js").contains("import.meta.url, \"../../\", {"));
}

#[test]
fn what_has_no_module_has_no_bundle() {
    let scene = Scene::new(tree(&FILES), "src");
    for name in ["main.ts", "i.svg", "none.ts.js", "s.css", "main.ts.js.js"] {
        assert_eq!(text(&scene, "src", name), "absent", "{name}");
    }
    for name in ["s.css.js", "i.svg.js", "w.ts.raw.js", "w.ts.worker.js"] {
        assert!(
            text(&scene, "src", name).contains(&format!("[\"/{name}\"]")),
            "{name}"
        );
    }
    let listed = view("src").list(&scene, &path("")).unwrap();
    let names: Vec<String> = listed
        .iter()
        .map(|entry| String::from_utf8_lossy(&entry.name).into_owned())
        .collect();
    let code = ["broken", "later", "main", "w"].map(|name| format!("{name}.ts.js"));
    for name in code {
        assert!(
            names.contains(&name) && names.contains(&format!("{name}.map")),
            "{names:?}"
        );
    }
}

#[test]
fn a_module_with_errors_has_a_place_that_throws_them() {
    let mut files = FILES.to_vec();
    files.push((
        "src/all.ts",
        "import { x } from './broken'; console.log(x);",
    ));
    let scene = Scene::new(tree(&files), "src");
    let all = text(&scene, "src", "all.ts.js");
    let fault =
        "{\"fault\":\"error[unresolved-import]: cannot resolve `./none` from `/broken.ts:1:8`";
    assert!(all.contains(fault), "{all}");
    assert!(all.contains("imported by /all.ts"), "{all}");
    assert!(text(&scene, "src", "broken.ts.js").contains(fault));
    let key = key(&scene, "src", "all.ts.js").unwrap();
    let faults = super::faults_of(&key).unwrap();
    let failure = scene.fetch(&faults, Part::MAIN).unwrap_err().to_string();
    assert!(failure.contains("cannot resolve `./none`"), "{failure}");
}

#[test]
fn a_page_s_bundle_starts_what_the_page_starts() {
    let page = "<script type=module src=b.ts></script><script type=module src=a.ts></script>";
    let files = [
        ("p/index.html", page),
        ("p/a.ts", "import './b'"),
        ("p/b.ts", ""),
    ];
    let scene = Scene::new(tree(&files), "");
    let text = text(&scene, "", "p/index.html.js");
    assert!(
        text.contains("], [\"/p/b.ts.js\",\"/p/a.ts.js\"]);\n"),
        "{text}"
    );
    let key = key(&scene, "", "p/index.html.js").unwrap();
    let place = Layout::new(path("")).output_of(&key);
    assert_eq!(place, path("~bundle/p/index.html.js"));
}

#[test]
fn what_a_page_starts_first_is_another_version_of_its_bundle() {
    let reach = |page: &str| {
        let files = [
            ("index.html", page),
            ("a.ts", "import './b'"),
            ("b.ts", "import './a'"),
        ];
        let scene = Scene::new(tree(&files), "");
        let key = key(&scene, "", "index.html.js").unwrap();
        scene
            .fetch(&super::bundle::reach_of(&key).unwrap(), Part::MAIN)
            .unwrap()
    };
    let [a, b] = ["a", "b"].map(|name| format!("<script type=module src={name}.ts></script>"));
    // The pieces are the same ones each time.
    assert_ne!(reach(&a), reach(&b));
    assert_ne!(reach(&format!("{a}{b}")), reach(&format!("{b}{a}")));
    assert_eq!(reach(&format!("{a}<p>{b}")), reach(&format!("{a}{b}")));
}

#[test]
fn workers_have_bundles_and_urls_lead_to_what_runs_in_any_world() {
    let files = [
        (
            "a/main.ts",
            "import W from '../b/w.ts?worker'; import url from '../b/w.ts?url'; import I from '../b/w?worker&inline'; console.log(W, url, I);",
        ),
        (
            "b/w.ts",
            "import './w'; new Worker(new URL(import.meta.url))",
        ),
    ];
    let scene = Scene::new(tree(&files), "");
    let main = text(&scene, "", "a/main.ts.js");
    let resolved = "$_.meta.resolve(\"../~bundle/b/w.ts.js\")";
    assert_eq!(main.matches(resolved).count(), 2, "{main}");
    let url = "new URL(\"./w.ts.in-worker.v#.js\", $_.meta.url).href";
    assert_eq!(main.matches(url).count(), 1, "{main}");
    assert!(
        main.contains("{\"/~bundle/b/w.ts.js\":\"~bundle/b/w.ts.v#.js\"}"),
        "{main}"
    );
    let key = key(&scene, "", "a/main.ts.js").unwrap();
    let links = scene.runnable.run(&key, &scene).unwrap().links;
    let names: Vec<String> = links
        .iter()
        .map(|link| scene.runnable.layout.output_of(&link.key).to_string())
        .collect();
    assert_eq!(names, ["/~bundle/b/w.ts.js", "/b/w.ts.in-worker.js"]);
}

#[test]
fn what_may_be_no_module_gets_no_bundle() {
    let files = [
        (
            "src/main.ts",
            "const url = new URL('./a.js', import.meta.url); new Worker(url);\n\
             new Worker(new URL('./b.js', import.meta.url)); new SharedWorker(new URL('./c.js', import.meta.url), { name: 'c' });\n\
             navigator.serviceWorker.register(new URL('./d.js', import.meta.url), { type: 'module' });\n\
             new SharedWorker(new URL('./e.ts', import.meta.url), { name: 'e', 'type': `module` });\n",
        ),
        ("src/a.js", "self.a = 1"),
        ("src/b.js", "importScripts('./lib.js')"),
        ("src/c.js", "self.c = 1"),
        ("src/d.js", "import './e'"),
        ("src/e.ts", "self.e = 1"),
    ];
    let scene = Scene::new(tree(&files), "src");
    let main = text(&scene, "src", "main.ts.js");
    for name in ["a", "b", "c", "d"] {
        let url = format!("new URL(\"./{name}.js.in-worker.v#.js\",$_.meta.url)");
        assert_eq!(main.matches(&url).count(), 1, "{main}");
    }
    let bundle = "new URL($_.meta.resolve(\"./~bundle/e.ts.js\"),$_.meta.url)";
    assert_eq!(main.matches(bundle).count(), 1, "{main}");
    assert_eq!(main.matches("~bundle/").count(), 3, "{main}");
}

#[test]
fn the_map_has_each_piece_where_it_stands() {
    let scene = Scene::new(tree(&FILES), "src");
    let main = text(&scene, "src", "main.ts.js");
    let map = text(&scene, "src", "main.ts.js.map");
    let map: serde_json::Value = serde_json::from_str(&map).unwrap();
    let runtime = crate::script::browser().unwrap().matches('\n').count();
    let lines: Vec<&str> = main.lines().collect();
    let mut sources = Vec::new();
    for section in map["sections"].as_array().unwrap() {
        let line = section["offset"]["line"].as_u64().unwrap() as usize - runtime;
        assert!(lines[line].starts_with("({ requests: "), "{}", lines[line]);
        for source in section["map"]["sources"].as_array().unwrap() {
            let root = section["map"]["sourceRoot"].as_str().unwrap();
            sources.push(format!("{root}{}", source.as_str().unwrap()));
        }
    }
    sources.sort();
    assert_eq!(sources, ["../main.ts", "../ui/a.ts"]);
    assert_eq!(map["sections"].as_array().unwrap().len(), 4);
}

#[test]
fn browsers_have_no_process_and_no_modules_of_node() {
    let files = [(
        "a.ts",
        "import { join } from 'node:path'; export const x = [() => join, process.env.NODE_ENV, import.meta.env.DEV];",
    )];
    let scene = Scene::new(tree(&files), "");
    let text = text(&scene, "", "a.ts.js");
    assert!(text.contains("does not exist in browsers"), "{text}");
    assert!(text.contains("\"development\""), "{text}");
}

#[test]
fn a_page_that_loads_a_bundle_names_its_version_and_tells_what_is_wrong_in_it() {
    let mut files = FILES.to_vec();
    files.push((
        "src/index.html",
        "<script type=module src='~bundle/main.ts.js'></script><script type=module src='/~bundle/broken.ts.js'></script>",
    ));
    let scene = Scene::new(tree(&files), "src");
    let page = Key::new(super::kind::PAGE, path("src/index.html"));
    let output = scene.runnable.run(&page, &scene).unwrap();
    let text = hidden(&String::from_utf8_lossy(&output.parts[0].1));
    assert!(text.contains("src='./~bundle/main.ts.v#.js'"), "{text}");
    assert!(text.contains("src='./~bundle/broken.ts.v#.js'"), "{text}");
    assert!(text.contains("cannot resolve `./none`"), "{text}");
    let names: Vec<String> = output
        .links
        .iter()
        .map(|link| scene.runnable.layout.output_of(&link.key).to_string())
        .collect();
    assert_eq!(names, ["/~bundle/main.ts.js", "/~bundle/broken.ts.js"]);
}

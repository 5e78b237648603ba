use crate::base::{Computation, ContentHash, Key, Part, ShortHash};
use crate::compute::Computations;
use crate::runnable::scene::{Scene, path, tree};

fn code(scene: &Scene, computation: &'static str, file: &str) -> String {
    let key = Key::new(Computation::new(computation), path(file));
    match scene.runnable.run(&key, scene) {
        Ok(output) => {
            let main = output.parts.iter().find(|(part, _)| *part == Part::MAIN);
            let text = std::str::from_utf8(&main.unwrap().1).unwrap().to_owned();
            text.lines()
                .filter(|line| !line.starts_with("//#"))
                .collect::<Vec<_>>()
                .join("\n")
        }
        Err(failure) => failure.to_string(),
    }
}

/// The hash with which `name` stands in a text.
fn hash(text: &str, name: &str) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap();
    let (before, after) = (format!("{stem}.v"), format!(".{extension}"));
    let mut hashes = text
        .split(&before)
        .skip(1)
        .filter_map(|rest| rest.split_once(&after));
    let found = hashes.find(|(hash, _)| hash.len() == ShortHash::DIGITS);
    found
        .unwrap_or_else(|| panic!("{name} in {text}"))
        .0
        .to_owned()
}

fn files() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "main.ts",
            "import Wrapper from './w?worker';\nexport const start = () => new Worker(new URL('./w.ts', import.meta.url), { type: 'module' });\nexport { Wrapper };",
        ),
        (
            "w.ts",
            "import { start } from './main';\nimport { dep } from './dep';\nimport p from 'p';\nimport data from './d.json';\nimport('./late');\nconsole.log(start, dep, p, data);",
        ),
        ("dep.ts", "import './w'; export const dep = 1;"),
        ("late.ts", "export {};"),
        ("d.json", "{}"),
        ("node_modules/p/package.json", r#"{ "main": "i.js" }"#),
        ("node_modules/p/i.js", "module.exports = require('./y');"),
        ("node_modules/p/y.js", "exports.y = 1;"),
    ]
}

#[test]
fn modules_of_workers_name_each_other_with_hashes() {
    let scene = Scene::new(tree(&files()), "");
    let main = code(&scene, "module", "main.ts");
    let worker = hash(&main, "./w.ts.in-worker.js");
    assert!(main.contains(r#"from "./w.ts.worker.js""#), "{main}");
    let wrapper = code(&scene, "worker", "w.ts");
    assert_eq!(hash(&wrapper, "./w.ts.in-worker.js"), worker);
    let w = code(&scene, "in-worker", "w.ts");
    for name in [
        "./main.ts.in-worker.js",
        "./dep.ts.in-worker.js",
        "./node_modules/p/i.js.in-worker.js",
        "./d.json.js",
        "./late.ts.in-worker.js",
    ] {
        hash(&w, name);
    }
    // From wherever it is imported, a module has one URL.
    assert_eq!(
        hash(&code(&scene, "in-worker", "dep.ts"), "./w.ts.in-worker.js"),
        worker
    );
    assert_eq!(
        hash(&code(&scene, "in-worker", "main.ts"), "./w.ts.in-worker.js"),
        worker
    );
    let facade = code(&scene, "in-worker", "node_modules/p/i.js");
    hash(&facade, "./i.js.commonjs-in-worker.js");
    let body = code(&scene, "commonjs-in-worker", "node_modules/p/i.js");
    hash(&body, "./y.js.commonjs-in-worker.js");
}

#[test]
fn the_hash_of_a_worker_is_that_of_all_it_leads_to() {
    let before = Scene::new(tree(&files()), "");
    let worker = |scene: &Scene| hash(&code(scene, "module", "main.ts"), "./w.ts.in-worker.js");
    for (file, text) in [
        ("late.ts", "export const x = 1;"),
        ("d.json", "[]"),
        ("node_modules/p/y.js", "exports.z = 1;"),
        ("dep.ts", "let x = ;"),
    ] {
        let after = Scene::new(tree(&files()), "");
        after.tree.write(file, text);
        assert_ne!(worker(&before), worker(&after), "{file}");
    }
    let after = Scene::new(tree(&files()), "");
    after.tree.write("unrelated.ts", "export {};");
    assert_eq!(worker(&before), worker(&after));
}

#[test]
fn a_worker_says_by_which_hash_it_is_named() {
    let scene = Scene::new(tree(&files()), "");
    let main = code(&scene, "module", "main.ts");
    let wanted = hash(&main, "./w.ts.in-worker.js");
    let facade = code(&scene, "in-worker", "node_modules/p/i.js");
    let body = hash(&facade, "./i.js.commonjs-in-worker.js");
    for (computation, file, wanted) in [
        ("in-worker", "w.ts", wanted),
        ("commonjs-in-worker", "node_modules/p/i.js", body),
    ] {
        let key = Key::new(Computation::new(computation), path(file));
        let output = scene.runnable.run(&key, &scene).unwrap();
        let name = output.parts.iter().find(|(part, _)| *part == Part::NAME);
        let name = ContentHash::of(&name.unwrap().1).short().to_string();
        assert_eq!(name, wanted);
    }
}

#[test]
fn what_is_imported_by_its_url_is_no_worker() {
    let files = [
        (
            "a.ts",
            "import(new URL('./b.ts', import.meta.url).href); new URL('./b.ts', import.meta.url); new URL('./i.png?x#y', import.meta.url); new URL('./p.html', import.meta.url);",
        ),
        ("b.ts", "export {};"),
        ("i.png", "i"),
        ("p.html", "<script type=module src=a.ts></script>"),
    ];
    let scene = Scene::new(tree(&files), "");
    let text = code(&scene, "module", "a.ts");
    assert!(
        text.contains(r#"import(new URL("./b.ts.js", import.meta.url).href)"#),
        "{text}"
    );
    hash(&text, "./b.ts.in-worker.js");
    hash(&text, "./i.png");
    assert!(text.contains(".png?x#y\""), "{text}");
    assert!(text.contains(r#"new URL("./p.html", import"#), "{text}");
}

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use crate::base::{Computation, ContentHash, Key, Part, ShortHash, SourcePath};
use crate::compute::{Computations, Context, Failure, Output};
use crate::runnable::hashed::IN_WORKER;
use crate::runnable::kind::Query;
use crate::runnable::reach;
use crate::runnable::scene::{Scene, path, tree};
use crate::source::{Entry, InputError, ListedEntry};

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

/// Answers from memory what was run once, and counts the questions.
struct Counting {
    scene: Scene,
    ran: RefCell<BTreeMap<Key, Result<Output, Failure>>>,
    questions: Cell<usize>,
}

impl Counting {
    fn of(files: &[(&str, &str)]) -> Self {
        Self {
            scene: Scene::new(tree(files), ""),
            ran: RefCell::default(),
            questions: Cell::new(0),
        }
    }

    fn output(&self, key: &Key) -> Result<Output, Failure> {
        if let Some(known) = self.ran.borrow().get(key) {
            return known.clone();
        }
        let output = self.scene.runnable.run(key, self);
        self.ran.borrow_mut().insert(key.clone(), output.clone());
        output
    }

    fn count(&self) {
        self.questions.set(self.questions.get() + 1);
    }
}

impl Context for Counting {
    fn content(&self, path: &SourcePath) -> Result<Bytes, InputError> {
        self.count();
        self.scene.content(path)
    }

    fn glance(&self, path: &SourcePath, aspect: &str) -> Result<Bytes, InputError> {
        self.count();
        self.scene.glance(path, aspect)
    }

    fn entry(&self, path: &SourcePath) -> Result<Entry, InputError> {
        self.count();
        self.scene.entry(path)
    }

    fn list(&self, path: &SourcePath) -> Result<Arc<[ListedEntry]>, InputError> {
        self.count();
        self.scene.list(path)
    }

    fn fetch(&self, key: &Key, part: Part) -> Result<Bytes, Failure> {
        self.count();
        let output = self.output(key)?;
        if part == Part::LINKS {
            return Ok(postcard::to_allocvec(&output.links).unwrap().into());
        }
        let found = output.parts.iter().find(|(given, _)| *given == part);
        Ok(found.map(|(_, bytes)| bytes.clone()).unwrap_or_default())
    }

    fn measure(&self, key: &Key, part: Part) -> Result<(ContentHash, u64), Failure> {
        let bytes = self.fetch(key, part)?;
        Ok((ContentHash::of(&bytes), bytes.len() as u64))
    }
}

/// A chain of modules that a worker loads, of which every third imports the one before it too.
fn chain(length: usize) -> Vec<(String, String)> {
    let module = |at: usize| {
        let mut text = format!("export const x{at} = {at};\n");
        if at + 1 < length {
            text += &format!("import './m{}';\n", at + 1);
        }
        if at % 3 == 1 {
            text += &format!("import './m{}';\n", at - 1);
        }
        (format!("m{at}.ts"), text)
    };
    (0..length).map(module).collect()
}

#[test]
fn a_common_js_file_that_is_named_by_its_url_runs_by_itself() {
    let tree = tree(&[
        (
            "main.ts",
            "import url from 'p/alone.js?url'; new Worker(url); new Worker(new URL('p/alone.js', import.meta.url)); export { default as more } from 'p/more.js?worker';",
        ),
        ("node_modules/p/package.json", "{}"),
        (
            "node_modules/p/alone.js",
            "var api = 1; typeof exports == 'object' && typeof module == 'object' ? module.exports = api : 0;",
        ),
        (
            "node_modules/p/more.js",
            "exports.more = require('./alone');",
        ),
    ]);
    let scene = Scene::new(tree, "");
    let alone = "alone.js.script-in-worker.js";
    let wanted = hash(
        &code(&scene, "module", "main.ts"),
        &format!("./node_modules/p/{alone}"),
    );
    let url = Key::new(
        Query::of("url").unwrap().module(),
        path("node_modules/p/alone.js"),
    );
    let url = scene.fetch(&url, Part::MAIN).unwrap();
    let url = std::str::from_utf8(&url).unwrap();
    assert_eq!(hash(url, &format!("./{alone}")), wanted);
    // A script can be that.
    let script = code(&scene, "script-in-worker", "node_modules/p/alone.js");
    assert!(
        script.starts_with("\"use strict\";\n__commonjs();\nfunction __commonjs()"),
        "{script}"
    );
    assert!(!script.contains("import") && !script.contains("export {"));
    // What it requires is imported, so that it is a module at least.
    let more = code(&scene, "script-in-worker", "node_modules/p/more.js");
    hash(&more, "./alone.js.commonjs-in-worker.js");
    assert!(
        more.contains("__commonjs();") && !more.contains("export {"),
        "{more}"
    );
    // A module is imported by others, too.
    let worker = code(&scene, "script-in-worker", "main.ts");
    assert_eq!(worker, code(&scene, "in-worker", "main.ts"));
}

#[test]
fn the_hashes_of_a_worker_take_time_by_its_size() {
    let questions = |length: usize| {
        let files = chain(length);
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let counting = Counting::of(&files);
        for at in 0..length {
            let key = Key::new(IN_WORKER, path(&format!("m{at}.ts")));
            counting.output(&key).unwrap();
        }
        counting.questions.get()
    };
    let (some, more) = (questions(40), questions(160));
    assert!(
        more < 6 * some,
        "{some} questions, and {more} of four times as many"
    );
}

#[test]
fn whose_table_gives_a_hash_makes_no_difference() {
    let files = chain(9);
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let hashes = |order: &mut dyn Iterator<Item = usize>| {
        let counting = Counting::of(&files);
        let mut hashes = BTreeMap::new();
        for at in order {
            let key = reach::of_worker(&IN_WORKER, &path(&format!("m{at}.ts")));
            hashes.insert(at, counting.hash(&key, Part::MAIN).unwrap());
        }
        hashes
    };
    let down = hashes(&mut (0..9));
    assert_eq!(down, hashes(&mut (0..9).rev()));
    // Those of one circle have one hash.
    assert_eq!(down[&0], down[&1]);
    assert_eq!(down[&3], down[&4]);
    assert_eq!(
        down.values()
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        6
    );
}

//! Random edits of an application in an open page, against a page that loads the same sources from scratch.
//!
//! `HOOKFS_TEST_SEQUENCES=200` gives the long run; `HOOKFS_TEST_SEED` another one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::hot_app::App;
use crate::page::Page;
use crate::support::{DEADLINE, Random, Served, Tree};
use crate::{Chromium, turn};

/// What the page shows, without the state of its components.
const SHOWN: &str = "(() => {
  const style = (element, name) => element && getComputedStyle(element).getPropertyValue(name);
  const root = document.getElementById('root');
  if (!root?.firstChild) return null;
  return [
    root.innerHTML.replace(/ data-count=\"\\d+\"/g, ''),
    style(document.body, '--style'),
    style(root.querySelector('button'), '--names'),
  ].join('\\n');
})()";

/// The state of all components, by name; the mark that is gone once the page is loaded anew.
const STATE: &str = "JSON.stringify([
  globalThis.mark,
  [...document.querySelectorAll('section')].map(({ dataset, firstChild }) => [dataset.name, firstChild.dataset.count]),
])";

#[test]
fn any_edits_lead_where_loading_from_scratch_leads_and_state_is_kept() {
    let _turn = turn();
    let tree = Tree::new(
        "//- /index.html
<!doctype html><html lang='en'><link rel='icon' href='data:,'><body><div id='root'></div>
<script type='module' src='/src/main.tsx'></script>
//- /package.json
{ \"type\": \"module\" }
//- /tsconfig.json
{ \"compilerOptions\": { \"jsx\": \"react-jsx\" } }
",
    );
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/summit/node_modules");
    for package in ["react", "react-dom", "scheduler"] {
        tree.copy(&packages.join(package), &format!("node_modules/{package}"));
    }
    let mut random = Random(number("HOOKFS_TEST_SEED", 20_261_126) | 1);
    let mut sequence = Sequence::new(&tree, &mut random, false);
    let source = tree.project();
    let arguments = [source.to_str().unwrap(), "--port", "0"];
    let served = Served::start(&source, &tree.folder().join("state"), &arguments);
    let home = format!("http://127.0.0.1:{}/", served.port());
    let (mut browser, mut other) = (Chromium::start(), Chromium::start());
    let (mut page, mut fresh) = (browser.page(), other.page());
    // Errors come and go with the sources.
    page.expect_faults();
    fresh.expect_faults();
    page.open(&home);
    page.wait(SHOWN);
    for round in 0..number("HOOKFS_TEST_SEQUENCES", 16) {
        let is_gentle = random.below(2) == 0;
        sequence.begin(&mut random, is_gentle);
        agree(
            &mut page,
            &mut fresh,
            &home,
            &format!("{round}: {:?}", sequence.log),
        );
        let state = prepare(&mut page, &mut random);
        for _ in 0..=random.below(5) {
            sequence.step(&mut random);
            std::thread::sleep(Duration::from_millis(random.below(50)));
        }
        let what = format!("{round}: {:?}", sequence.log);
        agree(&mut page, &mut fresh, &home, &what);
        if is_gentle {
            assert_eq!(page.value(STATE), state, "state is lost in {what}");
        }
    }
}

/// Waits until the open page shows what one that is loaded now shows.
#[track_caller]
fn agree(page: &mut Page<'_>, fresh: &mut Page<'_>, home: &str, what: &str) {
    fresh.open(home);
    let wanted = fresh.wait(SHOWN);
    let start = Instant::now();
    loop {
        let shown = page.evaluate(SHOWN);
        if shown.as_ref() == Ok(&wanted) {
            return;
        }
        if start.elapsed() > DEADLINE {
            panic!("the page shows\n{shown:?}\nand not\n{wanted}\nin {what}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Gives the components state; says which.
fn prepare(page: &mut Page<'_>, random: &mut Random) -> Value {
    page.value(&format!("globalThis.mark = {}", random.below(1_000_000)));
    let count = page.value("document.querySelectorAll('button').length");
    for button in 0..count.as_u64().unwrap_or(0) {
        let clicks = random.below(4);
        page.value(&format!("for (let i = 0; i < {clicks}; i++) document.querySelectorAll('button')[{button}].click()"));
    }
    // A click is rendered before the next task.
    page.value("new Promise((done) => setTimeout(done)).then(() => null)");
    page.value(STATE)
}

/// An application and what was done to it.
struct Sequence<'a> {
    tree: &'a Tree,
    app: App,
    written: BTreeMap<String, String>,
    log: Vec<String>,
}

impl<'a> Sequence<'a> {
    fn new(tree: &'a Tree, random: &mut Random, is_gentle: bool) -> Self {
        let app = App::new(random, is_gentle);
        let written = app.files();
        for (name, text) in &written {
            tree.write(&format!("src/{name}"), text);
        }
        Self {
            tree,
            app,
            written,
            log: Vec::new(),
        }
    }

    /// Another application in the place of the last one.
    fn begin(&mut self, random: &mut Random, is_gentle: bool) {
        self.app = App::new(random, is_gentle);
        self.log.clear();
        self.save(random);
    }

    /// One edit, or an error that is mended at once.
    fn step(&mut self, random: &mut Random) {
        let what = self.app.edit(random);
        self.log.push(what);
        let names: Vec<String> = self.written.keys().cloned().collect();
        let name = &names[random.below(names.len() as u64) as usize];
        if name.ends_with(".tsx") && random.below(4) == 0 {
            let good = self.written[name].clone();
            self.log.push(format!("an error in {name}"));
            self.put(name, &good.replace("import", "import {"), random);
            std::thread::sleep(Duration::from_millis(random.below(50)));
            self.put(name, &good, random);
        }
        self.save(random);
    }

    /// Brings what differs to the files.
    fn save(&mut self, random: &mut Random) {
        let files = self.app.files();
        for (name, text) in &files {
            if self.written.get(name) != Some(text) {
                self.put(name, text, random);
            }
        }
        for name in self.written.keys() {
            if !files.contains_key(name) {
                fs::remove_file(self.tree.path(&format!("src/{name}"))).unwrap();
            }
        }
        self.written = files;
    }

    /// Saves a file in one of the ways in which editors do.
    fn put(&self, name: &str, text: &str, random: &mut Random) {
        let path = self.tree.path(&format!("src/{name}"));
        match random.below(4) {
            0 => {
                let next = path.with_extension("next");
                fs::write(&next, text).unwrap();
                fs::rename(&next, &path).unwrap();
            }
            1 => {
                let half = text.len() / 2;
                let mut file = File::create(&path).unwrap();
                file.write_all(&text.as_bytes()[..half]).unwrap();
                std::thread::sleep(Duration::from_millis(random.below(10)));
                file.write_all(&text.as_bytes()[half..]).unwrap();
            }
            2 if path.exists() => {
                fs::remove_file(&path).unwrap();
                fs::write(&path, text).unwrap();
            }
            _ => fs::write(&path, text).unwrap(),
        }
    }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => match text.parse() {
            Ok(number) => number,
            Err(_) => panic!("{variable} is no number: {text}"),
        },
        Err(_) => otherwise,
    }
}

#[test]
fn the_application_of_the_model_has_what_its_edits_say() {
    let mut random = Random(7);
    let mut app = App::new(&mut random, false);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..500 {
        let before = app.files();
        app.edit(&mut random);
        let files = app.files();
        assert!(files.contains_key("root.tsx"));
        seen.extend(
            files
                .iter()
                .filter(|(name, text)| before.get(*name) != Some(*text))
                .map(|(name, _)| name.clone()),
        );
    }
    for name in [
        "theme.ts",
        "use0.ts",
        "frame.tsx",
        "parts/index.ts",
        "circle-b.ts",
        "style.css",
        "names.module.css",
        "data.json",
        "root.tsx",
    ] {
        assert!(seen.contains(name), "{name} is never edited");
    }
}

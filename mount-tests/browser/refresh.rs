//! The scenes of Fast Refresh (`refresh/README.md`): what a page shows after edits of its components, with each React.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::page::Page;
use crate::support::{Served, Tree};
use crate::{Chromium, turn};

/// What a scene that has no `main.tsx` has.
const MAIN: &str = "\
import { createRoot } from 'react-dom/client';
import App from './App';
createRoot(document.getElementById('root')).render(<App />);
";

const INDEX: &str = "<!doctype html><html lang='en'><link rel='icon' href='data:,'><body><div id='root'></div><script type='module' src='./main.tsx'></script>";

/// What the page notes for the test: what is logged, and each update that it has heard of.
const NOTES: &str = "
window.logs = [];
window.log = (...words) => logs.push(words.join(' '));
window.heard = 0;
window.WebSocket = class extends WebSocket {
  constructor(...all) {
    super(...all);
    this.addEventListener('message', ({ data }) => { if (JSON.parse(data).type !== 'ready') window.heard++; });
  }
};
";

#[derive(Debug)]
enum Step {
    /// Files that change at once, with their new text or with what is replaced in them.
    Edit(Vec<(String, Change)>),
    Load,
    Click(String),
    Eval(String),
    Shows(String),
    Logs(Vec<String>),
    Reloads,
}

#[derive(Debug)]
enum Change {
    Text(String),
    Replace(Vec<(String, String)>),
}

struct Scene {
    title: String,
    steps: Vec<Step>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mount-tests/browser/refresh")
}

/// The scenes of a file.
fn scenes(name: &str) -> Vec<Scene> {
    let text = fs::read_to_string(folder().join(name)).expect("the scenes");
    let scenes = text.split("\n=== ").enumerate().map(|(at, text)| {
        let text = if at == 0 {
            text.strip_prefix("=== ").expect("a scene")
        } else {
            text
        };
        let (title, rest) = text.split_once('\n').expect("a scene's steps");
        let mut steps = Vec::new();
        for text in rest.split("--- ").skip(1) {
            let (head, body) = text.split_once('\n').unwrap_or((text, ""));
            add(&mut steps, head.trim(), body);
        }
        let title = title.to_owned();
        Scene { title, steps }
    });
    scenes.collect()
}

/// A step, or what belongs to the one before it.
fn add(steps: &mut Vec<Step>, head: &str, body: &str) {
    let (word, rest) = head.split_once(' ').unwrap_or((head, ""));
    let replaced = || {
        let lines = body.lines().filter(|line| !line.is_empty());
        // What is put in the place of it may be nothing.
        let pairs = lines.map(|line| line.rsplit_once(" ->").expect("OLD -> NEW"));
        Change::Replace(
            pairs
                .map(|(old, new)| {
                    (
                        old.to_owned(),
                        new.strip_prefix(' ').unwrap_or(new).to_owned(),
                    )
                })
                .collect(),
        )
    };
    let step = match word {
        "write" => Step::Edit(vec![(rest.to_owned(), Change::Text(body.to_owned()))]),
        "replace" => Step::Edit(vec![(rest.to_owned(), replaced())]),
        "also" => {
            let (kind, name) = rest.split_once(' ').expect("what is done, too");
            let change = match kind {
                "write" => Change::Text(body.to_owned()),
                _ => replaced(),
            };
            let Some(Step::Edit(changes)) = steps.last_mut() else {
                panic!("no edit before `{head}`");
            };
            changes.push((name.to_owned(), change));
            return;
        }
        "load" => Step::Load,
        "click" => Step::Click(rest.to_owned()),
        "eval" => Step::Eval(rest.to_owned()),
        "shows" => Step::Shows(body.trim().to_owned()),
        "logs" => Step::Logs(body.trim().lines().map(str::to_owned).collect()),
        "reloads" => Step::Reloads,
        _ => panic!("no such step: {head}"),
    };
    steps.push(step);
}

/// A project with React, served.
struct Stage {
    tree: Tree,
    served: Served,
}

impl Stage {
    /// With the packages `react` and `react-dom` that these folders have, and what they import.
    fn new(packages: &[(&str, PathBuf)]) -> Self {
        let tree = Tree::new("");
        for (name, from) in packages {
            assert!(
                from.is_dir(),
                "{} is not there: run scripts/setup --tests",
                from.display()
            );
            tree.copy(from, &format!("node_modules/{name}"));
        }
        tree.write("package.json", "{}");
        tree.write("src/index.html", INDEX);
        let source = tree.path("src");
        let arguments = [source.to_str().expect("a path"), "--port", "0"];
        let served = Served::start(&source, &tree.folder().join("state"), &arguments);
        Self { tree, served }
    }

    fn play(&self, page: &mut Page<'_>, main: &str, scene: &Scene) {
        page.open("about:blank");
        for entry in fs::read_dir(self.tree.path("src")).expect("the sources") {
            let path = entry.expect("a source").path();
            if path.file_name() != Some("index.html".as_ref()) {
                fs::remove_file(&path).expect("a source that goes");
            }
        }
        self.tree.write("src/main.tsx", main);
        let mut is_loaded = false;
        for (at, step) in scene.steps.iter().enumerate() {
            let is_logged = scene.steps[at..]
                .iter()
                .take(3)
                .any(|step| matches!(step, Step::Logs(_)));
            match step {
                Step::Edit(changes) => {
                    let before = is_loaded.then(|| page.value(HEARD));
                    for (name, change) in changes {
                        self.change(name, change);
                    }
                    // Of what the page has not loaded yet it hears nothing.
                    let bundle = self.served.get("/~hot/index.html.js").text();
                    let is_there = |(name, _): &(String, Change)| {
                        bundle.contains(&format!("[\"/{name}.js\","))
                    };
                    if let Some(before) = before.filter(|_| changes.iter().any(is_there)) {
                        page.wait(&format!("{HEARD} !== {before}"));
                    }
                }
                Step::Load => {
                    page.open(&format!("http://127.0.0.1:{}/", self.served.port()));
                    page.value("window.isOld = true");
                    is_loaded = true;
                }
                Step::Click(selector) => page.click(selector),
                Step::Eval(code) => _ = page.value(&format!("void (() => {{ {code} }})()")),
                Step::Shows(html) => {
                    // React hides by `!important` where the DOM has that.
                    let root =
                        "document.getElementById('root').innerHTML.replace(' !important', '')";
                    page.wait_equal(root, &json!(html));
                    // What comes after it does not take it away again.
                    page.value(
                        "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))",
                    );
                    page.wait_equal(root, &json!(html));
                    if !is_logged {
                        assert_eq!(page.value("logs.splice(0)"), json!([]), "{}", scene.title);
                    }
                }
                Step::Logs(lines) => page.wait_equal(
                    &format!("logs.length < {} ? logs : logs.splice(0)", lines.len()),
                    &json!(lines),
                ),
                Step::Reloads => {
                    _ = page.wait("!window.isOld && document.readyState === 'complete'")
                }
            }
        }
    }

    fn change(&self, name: &str, change: &Change) {
        let name = format!("src/{name}");
        match change {
            Change::Text(text) => self.tree.write(&name, text),
            Change::Replace(pairs) => {
                let mut text = fs::read_to_string(self.tree.path(&name)).expect("the file's text");
                for (old, new) in pairs {
                    assert!(text.contains(old), "{name} has no `{old}`:\n{text}");
                    text = text.replacen(old, new, 1);
                }
                self.tree.write(&name, text);
            }
        }
    }
}

/// The page, and the updates that it has heard of.
const HEARD: &str = "`${performance.timeOrigin} ${heard}`";

/// Plays all scenes.
fn play(packages: &[(&str, PathBuf)], main: &str) {
    let _turn = turn();
    let stage = Stage::new(packages);
    let mut files: Vec<_> = fs::read_dir(folder())
        .expect("the scenes' folder")
        .map(|entry| {
            entry
                .expect("a file")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter(|name| name.ends_with(".txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    for name in files {
        let scenes = scenes(&name);
        assert!(!scenes.is_empty(), "{name}");
        let mut chromium = Chromium::start();
        let mut page = chromium.page();
        page.call(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": NOTES }),
        );
        if ["errors.txt", "hooks.txt"].contains(&name.as_str()) {
            page.expect_faults();
        }
        for scene in scenes {
            println!("{name}: {}", scene.title);
            stage.play(&mut page, main, &scene);
        }
    }
}

/// A package that `scripts/setup` installs for the tests.
fn installed(name: &str) -> PathBuf {
    crate::target().join("npm/node_modules").join(name)
}

fn of_example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/summit/node_modules")
        .join(name)
}

#[test]
fn with_react_19() {
    play(
        &["react", "react-dom", "scheduler"].map(|name| (name, of_example(name))),
        MAIN,
    );
}

#[test]
fn with_react_18() {
    let names = [
        "react",
        "react-dom",
        "scheduler",
        "loose-envify",
        "js-tokens",
    ];
    play(&names.map(|name| (name, installed(name))), MAIN);
}

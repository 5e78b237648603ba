//! The scenes of Fast Refresh (`refresh/*.txt`) in open pages, with React 17, 18 and 19. All scenes of a page are frames of it,
//! and go on together, step by step: each is an application of its own.

mod script;

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::page::Page;
use crate::support::{DEADLINE, Served, Tree};
use crate::{Chromium, turn};
use script::{Action, Scene, Step};

/// In which errors of components are what it is about.
const FAULTY: [&str; 3] = ["errors.txt", "hooks.txt", "roots.txt"];

/// The page around the scenes.
const AROUND: &str = "<!doctype html><html lang='en'><link rel='icon' href='data:,'><body><script>
  const windowOf = (name) => document.getElementById(name).contentWindow;
  globalThis.show = (names) => {
    for (const name of names) {
      const frame = document.body.appendChild(document.createElement('iframe'));
      Object.assign(frame, { id: name, src: `${name}/index.html` });
    }
  };
  globalThis.look = (names) => names.map((name) => {
    const { document, logs, mark = false, probe } = windowOf(name);
    // React hides by `!important` where the DOM has that.
    const shown = document.getElementById('root')?.innerHTML.replaceAll(' !important', '');
    return [shown ?? null, logs ?? null, mark, probe ?? null];
  });
  globalThis.mark = (names) => { for (const name of names) windowOf(name).mark = true; };
  globalThis.act = (name, verb, what) => {
    const { document, eval: run } = windowOf(name);
    verb === 'click' ? document.querySelector(what).click() : run(what);
  };
</script>";

/// The page of a scene.
const PAGE: &str = "<!doctype html><html lang='en'><link rel='icon' href='data:,'><body>
<script>globalThis.logs = []; globalThis.log = (text) => void logs.push(String(text));</script>
<div id='root'></div><script type='module' src='./main.tsx'></script><script type='module' src='./probe.js'></script>";

/// What a scene has that says nothing else of its entry.
const MAIN: &str = "import { createRoot } from 'react-dom/client';
import App from './App';
createRoot(document.getElementById('root')).render(<App />);
";

/// A scene that is played.
struct Played {
    scene: Scene,
    /// Its folder.
    name: String,
    /// How many of its edits have been made.
    edits: usize,
    /// All that it should have logged since it was loaded.
    logs: Vec<String>,
}

/// `react-dom/client`, for React 17, which has none. That of later ones reports what is thrown at the first rendering.
const CLIENT_17: &str = "import { render, unmountComponentAtNode } from 'react-dom';
export const createRoot = (container) => ({
  render: (element) => {
    try {
      render(element, container);
    } catch (error) {
      reportError(error);
    }
  },
  unmount: () => void unmountComponentAtNode(container),
});
";

/// What React 17 does not have.
const NEWER_THAN_17: [&str; 2] = ["useId", "useSyncExternalStore"];

#[test]
fn with_react_17() {
    play("packages/react-17", |tree, scenes| {
        tree.write("node_modules/react-dom/client.js", CLIENT_17);
        scenes.retain(|scene| {
            let mut texts = scene.files.values();
            !texts.any(|text| NEWER_THAN_17.iter().any(|name| text.contains(name)))
        });
        // What is hidden while something is suspended is rendered all the same.
        let is_suspended = |scene: &&mut Scene| scene.title.contains("is suspended");
        let suspended = scenes.iter_mut().find(is_suspended).expect("the scene");
        let hidden = |step: &&mut Step| {
            let shows = step.shows.as_deref();
            matches!(step.action, Action::Edit(_))
                && shows.is_some_and(|text| text.contains("none"))
        };
        let hidden = suspended.steps.iter_mut().filter(hidden);
        hidden.for_each(|step| step.shows = None);
    });
}

#[test]
fn with_react_18() {
    play("npm", |_, _| {});
}

#[test]
fn with_react_19() {
    play("packages/npm", |_, _| {});
}

/// Plays all scenes with the packages that `scripts/setup` has installed in this folder of `target`, once `prepare` has had its
/// say.
fn play(packages: &str, prepare: impl FnOnce(&Tree, &mut Vec<Scene>)) {
    let _turn = turn();
    let packages = crate::target().join(packages).join("node_modules");
    let tree = Tree::new("");
    let mut wanted = vec!["react", "react-dom", "scheduler"];
    // What React 17 needs besides.
    wanted.extend(
        ["object-assign"]
            .iter()
            .filter(|name| packages.join(name).is_dir()),
    );
    for package in wanted {
        let package = packages.join(package);
        assert!(
            package.is_dir(),
            "{} is not there: run scripts/setup --tests",
            package.display()
        );
        let name = package.file_name().unwrap_or_default().to_string_lossy();
        tree.copy(&package, &format!("node_modules/{name}"));
    }
    tree.write(
        "tsconfig.json",
        r#"{ "compilerOptions": { "jsx": "react-jsx" } }"#,
    );
    tree.write("index.html", AROUND);
    let mut quiet = Vec::new();
    let mut faulty = Vec::new();
    let mut all = scenes();
    prepare(&tree, &mut all);
    for scene in all {
        let name = format!("s{}", quiet.len() + faulty.len());
        tree.write(&format!("{name}/index.html"), PAGE);
        tree.write(&format!("{name}/main.tsx"), MAIN);
        for (file, text) in &scene.files {
            tree.write(&format!("{name}/{file}"), text);
        }
        let list = match FAULTY.contains(&&*scene.file) {
            true => &mut faulty,
            false => &mut quiet,
        };
        list.push(Played {
            scene,
            name,
            edits: 0,
            logs: Vec::new(),
        });
        write_probe(&tree, list.last_mut());
    }
    let source = tree.project();
    let arguments = [source.to_str().unwrap_or_default(), "--port", "0"];
    let served = Served::start(&source, &tree.folder().join("state"), &arguments);
    let home = format!("http://127.0.0.1:{}/", served.port());
    let mut chromium = Chromium::start();
    for (mut scenes, has_faults) in [(quiet, false), (faulty, true)] {
        let mut page = chromium.page();
        if has_faults {
            page.expect_faults();
        }
        page.open(&home);
        page.wait("typeof show === 'function'");
        let names: Vec<&str> = scenes.iter().map(|played| &*played.name).collect();
        page.value(&format!("show({})", json!(names)));
        let steps = scenes.iter().map(|played| played.scene.steps.len()).max();
        for step in 0..steps.unwrap_or_default() {
            advance(&mut page, &tree, &mut scenes, step);
        }
    }
}

fn scenes() -> Vec<Scene> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mount-tests/browser/refresh");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the scenes")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .collect();
    files.sort();
    let scenes: Vec<Scene> = files.iter().flat_map(|path| script::read(path)).collect();
    assert!(scenes.len() >= 69, "{}", scenes.len());
    scenes
}

/// A module that takes its edits upon itself: it is written after each edit, so that the page tells when it has that.
fn write_probe(tree: &Tree, played: Option<&mut Played>) {
    if let Some(played) = played {
        let text = format!(
            "globalThis.probe = {};\nimport.meta.hot?.accept();\n",
            played.edits
        );
        tree.write(&format!("{}/probe.js", played.name), text);
    }
}

/// Takes the step of this number in all scenes that have one, and waits until all show what they should.
fn advance(page: &mut Page<'_>, tree: &Tree, scenes: &mut [Played], number: usize) {
    let mut waiting = Vec::new();
    for (at, played) in scenes.iter_mut().enumerate() {
        let Some(step) = played.scene.steps.get(number).cloned() else {
            continue;
        };
        match &step.action {
            Action::Load => {}
            Action::Edit(files) => {
                for (file, text) in files {
                    tree.write(&format!("{}/{file}", played.name), text);
                }
                played.edits += 1;
                write_probe(tree, Some(played));
            }
            Action::Click(what) => act(page, played, "click", what),
            Action::Run(code) => act(page, played, "eval", code),
        }
        if step.reloads {
            played.logs.clear();
        }
        played.logs.extend(step.logs.iter().cloned());
        waiting.push((at, step));
    }
    let start = Instant::now();
    while !waiting.is_empty() {
        let names: Vec<&str> = waiting.iter().map(|(at, _)| &*scenes[*at].name).collect();
        let seen = page.value(&format!("look({})", json!(names)));
        let mut left = Vec::new();
        for ((at, step), seen) in waiting
            .into_iter()
            .zip(seen.as_array().into_iter().flatten())
        {
            if let Err(why) = scenes[at].is_shown(&step, seen) {
                left.push((at, step, why));
            }
        }
        page.check();
        if start.elapsed() > DEADLINE {
            let told: Vec<String> = left
                .iter()
                .map(|(at, step, why)| scenes[*at].told(number, step, why))
                .collect();
            panic!(
                "{} scenes do not show what they should:\n{}",
                told.len(),
                told.join("\n")
            );
        }
        waiting = left.into_iter().map(|(at, step, _)| (at, step)).collect();
        if !waiting.is_empty() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    let names: Vec<&str> = scenes.iter().map(|played| &*played.name).collect();
    page.value(&format!("mark({})", json!(names)));
}

fn act(page: &mut Page<'_>, played: &Played, verb: &str, what: &str) {
    page.value(&format!(
        "act({}, {}, {})",
        json!(played.name),
        json!(verb),
        json!(what)
    ));
}

impl Played {
    /// Whether what is seen is what a step should show; otherwise what is not.
    fn is_shown(&self, step: &Step, seen: &Value) -> Result<(), String> {
        let is_loaded_anew = step.reloads || matches!(step.action, Action::Load);
        let expected = [
            (
                "shows",
                step.shows
                    .as_ref()
                    .map_or(seen[0].clone(), |text| json!(text)),
            ),
            ("has logged", json!(self.logs)),
            ("is the page that it was", json!(!is_loaded_anew)),
            ("has edits", json!(self.edits)),
        ];
        for (at, (what, expected)) in expected.into_iter().enumerate() {
            if seen[at] != expected {
                return Err(format!("{what} {} and not {expected}", seen[at]));
            }
        }
        Ok(())
    }

    fn told(&self, number: usize, step: &Step, why: &str) -> String {
        let Scene { file, title, .. } = &self.scene;
        format!("{file}: {title}, step {number}, {:?}: {why}", step.action)
    }
}

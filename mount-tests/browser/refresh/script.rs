//! What a file of scenes says (`refresh/README.md`).

use std::collections::BTreeMap;
use std::path::Path;

/// A page, and what happens in it.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The name of the file that it stands in.
    pub file: String,
    pub title: String,
    /// What the page is made of.
    pub files: BTreeMap<String, String>,
    /// The first is that it is loaded.
    pub steps: Vec<Step>,
}

/// What happens, and what is seen then.
#[derive(Clone, Debug)]
pub struct Step {
    pub action: Action,
    /// The page's root; `None`: it may show this or that.
    pub shows: Option<String>,
    pub logs: Vec<String>,
    /// It loads the page anew.
    pub reloads: bool,
}

#[derive(Clone, Debug)]
pub enum Action {
    Load,
    /// These files are saved, one right after the other.
    Edit(Vec<(String, String)>),
    /// A click on what this selector finds.
    Click(String),
    /// This code runs.
    Run(String),
}

/// Reads a file.
///
/// # Panics
/// Where it says something that no scene says.
pub fn read(path: &Path) -> Vec<Scene> {
    let text = std::fs::read_to_string(path).expect("a file of scenes");
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let mut scenes = Vec::new();
    for part in format!("\n{text}").split("\n=== ").skip(1) {
        let (title, lines) = part.split_once('\n').expect("a title and its scene");
        scenes.push(scene(&file, title, lines));
    }
    scenes
}

fn scene(file: &str, title: &str, text: &str) -> Scene {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut first = BTreeMap::new();
    let mut steps: Vec<Step> = Vec::new();
    for part in format!("\n{text}").split("\n--- ").skip(1) {
        let (head, body) = part.split_once('\n').unwrap_or((part, ""));
        let body = body.trim_end_matches('\n');
        let (is_more, head) = match head.strip_prefix("also ") {
            Some(head) => (true, head),
            None => (false, head),
        };
        let (verb, what) = head.split_once(' ').unwrap_or((head, ""));
        let action = match verb {
            "write" | "replace" => {
                let text = match verb {
                    "write" => format!("{body}\n"),
                    _ => replaced(&files[what], body),
                };
                files.insert(what.to_owned(), text.clone());
                if steps.is_empty() {
                    continue;
                }
                Action::Edit(vec![(what.to_owned(), text)])
            }
            "load" => {
                first.clone_from(&files);
                Action::Load
            }
            "click" => Action::Click(what.to_owned()),
            "eval" => Action::Run(what.to_owned()),
            said => {
                let step = steps.last_mut().expect("a step");
                match said {
                    "shows" => step.shows = Some(body.to_owned()),
                    "logs" => step.logs.extend(body.lines().map(str::to_owned)),
                    "reloads" => step.reloads = true,
                    other => panic!("{file}: {title}: what is `{other}`?"),
                }
                continue;
            }
        };
        match (steps.last_mut(), action) {
            (
                Some(Step {
                    action: Action::Edit(before),
                    ..
                }),
                Action::Edit(more),
            ) if is_more => {
                before.extend(more);
            }
            (_, action) => steps.push(Step {
                action,
                shows: None,
                logs: Vec::new(),
                reloads: false,
            }),
        }
    }
    Scene {
        file: file.to_owned(),
        title: title.to_owned(),
        files: first,
        steps,
    }
}

/// Each line says `OLD -> NEW`.
fn replaced(text: &str, lines: &str) -> String {
    lines.lines().fold(text.to_owned(), |text, line| {
        let (old, new) = line.split_once(" ->").expect("what is replaced by what");
        let new = new.strip_prefix(' ').unwrap_or(new);
        assert!(text.contains(old), "no `{old}` in:\n{text}");
        text.replacen(old, new, 1)
    })
}

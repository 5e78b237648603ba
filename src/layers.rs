//! The direction of imports, held by a test: every `crate::x` of every file against the table.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may know whom. A layer always knows itself.
const LAYERS: [(&str, &[&str]); 17] = [
    ("base", &[]),
    ("compiler", &["base"]),
    ("source", &["base"]),
    ("worker", &[]),
    ("store", &["base"]),
    ("compute", &["base", "source"]),
    ("resolver", &["base", "source", "compute"]),
    ("graph", &["base", "source", "store", "compute"]),
    ("router", &["base", "source", "store", "compute", "graph"]),
    ("script", &["base", "compiler", "worker"]),
    (
        "runnable",
        &[
            "base", "source", "compute", "resolver", "compiler", "router", "worker", "script",
        ],
    ),
    ("hot", &["base", "source", "compute", "graph", "runnable"]),
    (
        "fs",
        &["base", "source", "store", "compute", "graph", "router"],
    ),
    ("fuse", &["base", "fs"]),
    ("http", &["base"]),
    (
        "app",
        &[
            "base", "source", "store", "compute", "graph", "router", "runnable", "fs", "fuse",
            "hot", "http", "worker", "script",
        ],
    ),
    ("cli", &["base", "fuse", "app"]),
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The first segments of all paths from the crate's root, in groups as well: `use crate::{a, b::c}`.
fn mentioned(text: &str) -> BTreeSet<String> {
    let name = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    };
    let mut names = BTreeSet::new();
    for part in text.split("crate::").skip(1) {
        match part.strip_prefix('{') {
            None => _ = names.insert(name(part)),
            Some(group) => {
                let mut depth = 1;
                let mut item = String::new();
                for c in group.chars() {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    if depth == 0 || (depth == 1 && c == ',') {
                        names.insert(name(item.trim()));
                        item.clear();
                    } else {
                        item.push(c);
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
        }
    }
    names.remove("");
    names
}

/// A file's text without its comments, in which any layer may be named.
fn code(text: &str) -> String {
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn imports_run_downwards_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut folders = BTreeSet::new();
    for entry in fs::read_dir(&root).unwrap() {
        let path = entry.unwrap().path();
        // `client` is the runtime's TypeScript, a text to `script`.
        if path.is_dir() && !path.ends_with("client") {
            folders.insert(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    let layers: BTreeSet<String> = LAYERS
        .iter()
        .map(|(layer, _)| (*layer).to_owned())
        .collect();
    assert_eq!(folders, layers, "the table names every layer and no other");
    for (layer, below) in LAYERS {
        let mut found = Vec::new();
        files(&root.join(layer), &mut found);
        assert!(!found.is_empty());
        for file in found {
            for name in mentioned(&code(&fs::read_to_string(&file).unwrap())) {
                if layers.contains(&name) && name != layer && !below.contains(&name.as_str()) {
                    wrong.push(format!(
                        "{} imports {name}",
                        file.strip_prefix(&root).unwrap().display()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_are_seen_in_every_form() {
    let text = "use crate::base::Key;\nuse crate::{graph::{a, b}, store};\nlet x = crate::fs::types::ROOT;";
    let names: Vec<String> = mentioned(text).into_iter().collect();
    assert_eq!(names, ["base", "fs", "graph", "store"]);
}

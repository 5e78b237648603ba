//! What ECMA-262 says of modules, held against modules in function form.
//!
//! The cases in `cases/` are ours. The public suite test262 (<https://github.com/tc39/test262>) is run where
//! `TEST262` names its folder:
//!
//! ```text
//! TEST262=/path/to/test262 cargo test --test conformance -- --ignored --nocapture
//! ```
//!
//! It prints each failure; `expected.txt` lists those that are known, each with its reason, and the test fails where
//! another one fails, or one of them no longer does.

mod case;
mod program;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use case::Case;

/// The folders of the suite that are about modules.
const FOLDERS: [&str; 5] = [
    "test/language/module-code",
    "test/language/import",
    "test/language/export",
    "test/language/expressions/dynamic-import",
    "test/language/expressions/import.meta",
];

/// Compiling needs it.
const STACK: usize = hookfs::compiler::STACK;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files(&path, found);
        } else if name.ends_with(".js") && !name.contains("_FIXTURE") {
            found.push(path);
        }
    }
}

/// Runs all cases of folders below `root`; gives the reason of each that fails, by its name.
fn run_all(root: &Path, folders: &[&str], harness: &Path) -> (usize, BTreeMap<String, String>) {
    let mut found = Vec::new();
    for folder in folders {
        files(&root.join(folder), &mut found);
    }
    let next = std::sync::atomic::AtomicUsize::new(0);
    let failures = std::sync::Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let work = || {
                loop {
                    let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(path) = found.get(index) else { break };
                    let text = std::fs::read_to_string(path).unwrap();
                    let name = path
                        .strip_prefix(root)
                        .unwrap()
                        .to_string_lossy()
                        .into_owned();
                    let case = Case::parse(&text);
                    if let Err(reason) = program::run(root, &name, &case, harness) {
                        failures.lock().unwrap().insert(name, reason);
                    }
                }
            };
            std::thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, work)
                .unwrap();
        }
    });
    (found.len(), failures.into_inner().unwrap())
}

#[test]
fn our_cases_hold() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("mount-tests/conformance");
    let (count, failures) = run_all(&root, &["cases"], &root.join("harness"));
    assert!(count > 20, "{count} cases");
    let told: Vec<String> = failures
        .iter()
        .map(|(name, reason)| format!("{name}: {reason}"))
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
#[ignore = "the suite is not in the repository: TEST262 names its folder"]
fn test262_holds() {
    let root =
        PathBuf::from(std::env::var_os("TEST262").expect("TEST262 names the suite's folder"));
    let (count, failures) = run_all(&root, &FOLDERS, &root.join("harness"));
    let expected = include_str!("expected.txt");
    let known: BTreeMap<&str, &str> = expected
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .collect();
    let mut wrong = Vec::new();
    for (name, reason) in &failures {
        match known.get(name.as_str()) {
            Some(why) => println!("known   {name}: {why}"),
            None => {
                println!("FAILED  {name}: {}", reason.replace('\n', " | "));
                wrong.push(name.clone());
            }
        }
    }
    let mended: Vec<_> = known
        .keys()
        .filter(|name| !failures.contains_key(**name))
        .collect();
    println!(
        "{count} cases, {} failures, {} of them known",
        failures.len(),
        failures.len() - wrong.len()
    );
    assert!(
        wrong.is_empty() && mended.is_empty(),
        "new: {wrong:#?}\nno longer: {mended:#?}"
    );
}

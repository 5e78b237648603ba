//! `graph.json` and `graph-changes.json`: all files of the graph, and those of them that have changed lately. Who has read the
//! first goes on with the second: an edit changes few of thousands.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::engine::Engine;
use super::insight::{FileRow, Files, files};
use crate::base::ContentHash;

/// The most files that are told as changed.
const MOST: usize = 200;

/// How many changes are told: who asks about every second lacks one or two.
const LATELY: u64 = 16;

/// What was told of the files.
pub(super) struct Differences {
    /// Another one in every life of the daemon.
    epoch: u64,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    /// What there was at first is no change.
    is_begun: bool,
    /// How often something had changed.
    at: u64,
    /// The changes up to this one are forgotten.
    forgotten: u64,
    /// The hash of what was told of each file; `None`: it is gone. With when that changed.
    files: HashMap<String, (Option<ContentHash>, u64)>,
}

impl Differences {
    /// Nothing is told yet.
    pub(super) fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let epoch = since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0));
        Self {
            epoch,
            told: Mutex::default(),
        }
    }

    /// The content of `graph.json`: the files of which something is in memory; `imports` are places in this list.
    pub(super) fn whole(&self, engine: &Engine) -> Value {
        let files = files(engine);
        let at = self.take(&files).at;
        let rows = files.rows.iter().map(|row| {
            let mut told = files.told(engine, row);
            told.insert("imports".to_owned(), json!(row.imports));
            Value::Object(told)
        });
        let rows: Vec<Value> = rows.collect();
        json!({ "epoch": self.epoch, "at": at, "files": rows })
    }

    /// The content of `graph-changes.json`: what whoever knows all up to `from` lacks to know all up to `at`. `imports` are
    /// paths.
    pub(super) fn lately(&self, engine: &Engine) -> Value {
        let all = files(engine);
        let told = self.take(&all);
        let mut from = told.forgotten.max(told.at.saturating_sub(LATELY));
        let mut changed: Vec<(u64, &String)> = told
            .files
            .iter()
            .map(|(path, (_, at))| (*at, path))
            .filter(|(at, _)| *at > from)
            .collect();
        changed.sort_unstable_by(|one, other| other.cmp(one));
        if let Some((at, _)) = changed.get(MOST) {
            from = *at;
        }
        changed.retain(|(at, _)| *at > from);
        let wanted: HashSet<&str> = changed.iter().map(|(_, path)| &***path).collect();
        let rows = all.rows.iter().filter(|row| wanted.contains(&*row.path));
        let rows: HashMap<&str, &FileRow> = rows.map(|row| (&*row.path, row)).collect();
        let (mut files, mut gone) = (Vec::new(), Vec::new());
        for (_, path) in changed {
            let Some(row) = rows.get(&**path) else {
                gone.push(path);
                continue;
            };
            let mut told = all.told(engine, row);
            told.insert("imports".to_owned(), json!(all.imports(row)));
            files.push(Value::Object(told));
        }
        json!({ "epoch": self.epoch, "from": from, "at": told.at, "files": files, "gone": gone })
    }

    /// Notes how the files are now.
    fn take(&self, files: &Files) -> MutexGuard<'_, Told> {
        let hash = |row| files.hash(row);
        let hashes: Vec<(&str, ContentHash)> = files
            .rows
            .iter()
            .map(|row| (&*row.path, hash(row)))
            .collect();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.take(&hashes);
        told
    }
}

impl Told {
    fn take(&mut self, hashes: &[(&str, ContentHash)]) {
        let next = self.at + 1;
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        let mut there = 0;
        for (path, hash) in hashes {
            match self.files.get_mut(*path) {
                Some((known, _)) if *known == Some(*hash) => {}
                Some(known) => *known = (Some(*hash), next),
                None => _ = self.files.insert((*path).to_owned(), (Some(*hash), next)),
            }
            there += 1;
        }
        if self.files.len() > there {
            let now: HashSet<&str> = hashes.iter().map(|(path, _)| *path).collect();
            for (path, known) in &mut self.files {
                if known.0.is_some() && !now.contains(&**path) {
                    *known = (None, next);
                }
            }
        }
        if self.files.values().any(|(_, at)| *at == next) {
            self.at = next;
        }
        if is_first {
            self.forgotten = self.at;
        }
        // What is gone is not remembered for ever.
        if self.files.len() > 2 * there + MOST {
            self.files.retain(|_, (hash, _)| hash.is_some());
            self.forgotten = self.at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed_is_counted_and_what_is_gone_is_forgotten_some_day() {
        let hash = |text: &str| ContentHash::of(text.as_bytes());
        let mut told = Told::default();
        told.take(&[("a", hash("1")), ("b", hash("1"))]);
        assert_eq!((told.at, told.forgotten), (1, 1));
        told.take(&[("a", hash("1")), ("b", hash("1"))]);
        assert_eq!(told.at, 1);
        told.take(&[("a", hash("2"))]);
        assert_eq!(told.at, 2);
        assert_eq!(told.files["a"], (Some(hash("2")), 2));
        assert_eq!(told.files["b"], (None, 2));
        told.take(&[("a", hash("2"))]);
        assert_eq!((told.at, told.forgotten), (2, 1));
        told.take(&[("a", hash("2")), ("b", hash("1"))]);
        assert_eq!(told.files["b"], (Some(hash("1")), 3));
        let many: Vec<String> = (0..MOST + 3).map(|at| format!("m{at}")).collect();
        let hashes: Vec<(&str, ContentHash)> =
            many.iter().map(|path| (&**path, hash(path))).collect();
        told.take(&hashes);
        told.take(&[("a", hash("2"))]);
        assert_eq!((told.at, told.forgotten, told.files.len()), (5, 5, 1));
    }
}

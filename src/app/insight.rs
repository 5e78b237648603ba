//! What the page of `/~@/~hookfs/` is made of: all files of the graph as they stand, and the latest changes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::engine::Engine;
use crate::base::{ContentHash, Key, QuickMap, SourcePath};
use crate::graph::{Glimpse, RecentChange, RunOutcome, Standing};
use crate::router::{node_name, shown_name};
use crate::runnable::gives_file;

/// The content of `recent.json`: the latest changes, the last one first, with what was computed after each.
pub(super) fn recent(engine: &Engine) -> Value {
    let source = &engine.place().prefix;
    let totals = engine.graph().stats();
    let changes = engine.graph().recent();
    let changes = changes.iter().rev().map(|change| told(source, change));
    json!({
        "totals": {
            "computed": totals.computed,
            "verified": totals.verified,
            "hits": totals.hits,
            "failed": totals.failed,
            "nodes": totals.nodes,
        },
        "changes": changes.collect::<Vec<_>>(),
    })
}

fn told(source: &SourcePath, change: &RecentChange) -> Value {
    let names = change.sources.iter().map(|path| shown_name(source, path));
    let runs = change.runs.iter().map(|run| {
        json!({
            "file": shown_name(source, &run.key.path),
            "computation": run.key.computation.name(),
            "outcome": match run.outcome {
                RunOutcome::Changed => "changed",
                RunOutcome::Same => "same",
                RunOutcome::Failed => "failed",
            },
            "took_micros": micros(run.took),
        })
    });
    let [changed, same, failed] = change.counts;
    json!({
        "number": change.number,
        "time": millis(change.time),
        "sources": names.collect::<Vec<_>>(),
        "more_sources": change.more_sources,
        "runs": runs.collect::<Vec<_>>(),
        "changed": changed,
        "same": same,
        "failed": failed,
        "took_micros": micros(change.took),
        "verified": change.verified,
    })
}

/// Whether a node is one that files are made of.
pub(super) fn is_told(key: &Key) -> bool {
    gives_file(&key.computation) && !key.path.is_root()
}

/// The files of which something is in memory, as they stand at a moment.
pub(super) struct Files {
    survey: Vec<Glimpse>,
    pub(super) rows: Vec<FileRow>,
}

/// One file.
#[derive(Default)]
pub(super) struct FileRow {
    /// As its user knows it.
    pub(super) path: String,
    /// What it imports: places in the list that it is in.
    pub(super) imports: Vec<usize>,
    /// All that is computed of it: places in the survey.
    nodes: Vec<usize>,
}

/// The files of which something is in memory.
pub(super) fn files(engine: &Engine) -> Files {
    let survey = engine.graph().survey(is_told);
    let source = &engine.place().prefix;
    let mut places: QuickMap<SourcePath, usize> = QuickMap::default();
    let mut rows: Vec<FileRow> = Vec::new();
    let mut place = |path: &SourcePath, rows: &mut Vec<FileRow>| {
        if let Some(at) = places.get(path) {
            return *at;
        }
        places.insert(path.clone(), rows.len());
        rows.push(FileRow {
            path: shown_name(source, path),
            ..FileRow::default()
        });
        rows.len() - 1
    };
    for (number, node) in survey.iter().enumerate() {
        let at = place(&node.key.path, &mut rows);
        rows[at].nodes.push(number);
        for link in node.links.iter().filter(|link| !link.path.is_root()) {
            let imported = place(&link.path, &mut rows);
            if imported != at {
                rows[at].imports.push(imported);
            }
        }
    }
    for row in &mut rows {
        row.imports.sort_unstable();
        row.imports.dedup();
    }
    Files { survey, rows }
}

impl Files {
    fn nodes<'a>(&'a self, row: &'a FileRow) -> impl Iterator<Item = &'a Glimpse> {
        row.nodes.iter().map(|at| &self.survey[*at])
    }

    /// What a file imports, by their paths.
    pub(super) fn imports(&self, row: &FileRow) -> Vec<&str> {
        let path = |at: &usize| &*self.rows[*at].path;
        row.imports.iter().map(path).collect()
    }

    /// Another one where something else is told of a file. Much less work than telling it.
    pub(super) fn hash(&self, row: &FileRow) -> ContentHash {
        let mut bytes = Vec::new();
        let mut add = |part: &[u8]| {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        };
        for node in self.nodes(row) {
            add(node.key.computation.name().as_bytes());
            add(word(node.standing).as_bytes());
            add(&node.took_micros.to_le_bytes());
            add(&node.computed.to_le_bytes());
        }
        for path in self.imports(row) {
            add(path.as_bytes());
        }
        ContentHash::of(&bytes)
    }

    /// What is told of a file, but for what it imports.
    pub(super) fn told(&self, engine: &Engine, row: &FileRow) -> Map<String, Value> {
        // What is wrong anywhere is told first.
        let standing = self.nodes(row).map(|node| node.standing).max();
        let known = || {
            let nodes = self.nodes(row);
            nodes.filter(|node| node.standing != Standing::Unknown)
        };
        let nodes: Vec<Value> = known().map(|node| told_of_node(engine, node)).collect();
        let told = [
            ("path", json!(row.path)),
            ("state", json!(standing.map_or("unknown", word))),
            (
                "took_micros",
                json!(known().map(|node| node.took_micros).sum::<u64>()),
            ),
            (
                "computed",
                json!(known().map(|node| node.computed).max().unwrap_or_default()),
            ),
            ("nodes", json!(nodes)),
        ];
        let told = told.into_iter();
        told.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn told_of_node(engine: &Engine, node: &Glimpse) -> Value {
    json!({
        "computation": node.key.computation.name(),
        "output": engine.layout.output_of(&node.key).to_string(),
        "report": format!("nodes/{}", node_name(&node.key)),
        "state": word(node.standing),
        "took_micros": node.took_micros,
    })
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Unknown => "unknown",
        Standing::Fresh => "fresh",
        Standing::Stale => "stale",
        Standing::Failed => "failed",
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

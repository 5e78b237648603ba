//! What the page of `/~@/~hookfs/` is made of: all files of the graph as they stand, and the latest changes.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::engine::Engine;
use crate::base::{Key, SourcePath};
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

/// One file, with all that is computed of it.
#[derive(Default)]
struct Entry {
    nodes: Vec<Value>,
    standing: Option<Standing>,
    took_micros: u64,
    computed: u64,
    imports: Vec<usize>,
}

/// A file of which something is in memory.
pub(super) struct FileRow {
    /// As its user knows it.
    pub(super) path: String,
    /// What it imports: places in the list that it is in.
    pub(super) imports: Vec<usize>,
    /// All else that is told of it.
    pub(super) told: Map<String, Value>,
}

/// The files of which something is in memory.
pub(super) fn files(engine: &Engine) -> Vec<FileRow> {
    let survey = engine.graph().survey(is_told);
    let mut places: HashMap<SourcePath, usize> = HashMap::new();
    let mut paths: Vec<SourcePath> = Vec::new();
    let mut place = |path: &SourcePath| {
        *places.entry(path.clone()).or_insert_with(|| {
            paths.push(path.clone());
            paths.len() - 1
        })
    };
    let mut entries: Vec<Entry> = Vec::new();
    for node in &survey {
        let at = place(&node.key.path);
        let links = node.links.iter().filter(|link| !link.path.is_root());
        let links: Vec<usize> = links.map(|link| place(&link.path)).collect();
        let most = links.iter().copied().fold(at, usize::max);
        if entries.len() <= most {
            entries.resize_with(most + 1, Entry::default);
        }
        let entry = &mut entries[at];
        entry.take(engine, node);
        entry
            .imports
            .extend(links.iter().filter(|link| **link != at));
    }
    let source = &engine.place().prefix;
    let rows = paths.iter().zip(entries).map(|(path, mut entry)| {
        entry.imports.sort_unstable();
        entry.imports.dedup();
        let path = shown_name(source, path);
        let told = [
            ("path", json!(path)),
            ("state", json!(entry.standing.map_or("unknown", word))),
            ("took_micros", json!(entry.took_micros)),
            ("computed", json!(entry.computed)),
            ("nodes", json!(entry.nodes)),
        ];
        FileRow {
            path,
            imports: entry.imports,
            told: told
                .map(|(name, value)| (name.to_owned(), value))
                .into_iter()
                .collect(),
        }
    });
    rows.collect()
}

impl Entry {
    fn take(&mut self, engine: &Engine, node: &Glimpse) {
        // What is wrong anywhere is told first.
        self.standing = self.standing.max(Some(node.standing));
        if node.standing == Standing::Unknown {
            return;
        }
        self.took_micros += node.took_micros;
        self.computed = self.computed.max(node.computed);
        self.nodes.push(json!({
            "computation": node.key.computation.name(),
            "output": engine.layout.output_of(&node.key).to_string(),
            "report": format!("nodes/{}", node_name(&node.key)),
            "state": word(node.standing),
            "took_micros": node.took_micros,
        }));
    }
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

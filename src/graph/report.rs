//! What the graph knows, told without computing anything.

use serde::Serialize;

use super::memo::{Dependency, InputKind, Outcome, Value};
use super::persist::StoredFailure;
use super::standing::Moved;
use super::state::{Node, State};
use super::{Engine, Fetched};
use crate::base::{ContentHash, Diagnostic, Key, Part};
use crate::compute::Failure;
use crate::source::InputError;
use std::sync::Arc;

/// One dependency of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DependencyReport {
    /// `content`, `entry`, `listing`, `glance` or `node`.
    pub kind: &'static str,
    /// The path, or the node.
    pub name: String,
    /// What the last run saw: a hash, `absent`, `file`, `directory`, …
    pub seen: String,
}

/// One part of a node's output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartReport {
    /// The part's number: 0 is the main one.
    pub part: u8,
    /// The content's blake3.
    pub hash: String,
    /// Its size in bytes.
    pub size: u64,
    /// When the content last changed, in seconds since 1970; `None` where only the store would know.
    pub modified: Option<u64>,
}

/// What is known of one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeReport {
    /// The node's name.
    pub key: String,
    /// The file that it is a copy of, where it is no node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<String>,
    /// The main part's blake3, if the last run succeeded.
    pub hash: Option<String>,
    /// The main part's size in bytes.
    pub size: Option<u64>,
    /// Whether it is known to be that of its sources.
    pub fresh: bool,
    /// Why it is not.
    pub reason: Option<String>,
    /// When its last run ended, in seconds since 1970.
    pub computed: Option<u64>,
    /// How long the run took, in microseconds.
    pub took_micros: Option<u64>,
    /// All parts.
    pub parts: Vec<PartReport>,
    /// What the last run asked, in its order.
    pub dependencies: Vec<DependencyReport>,
    /// The nodes that depend on it, of those in memory: that name it, or from another file its own file, among their
    /// dependencies.
    pub dependents: Vec<String>,
    /// The nodes that its output refers to.
    pub links: Vec<String>,
    /// The nodes whose output refers to it, of those in memory.
    pub importers: Vec<String>,
    /// The last error, rendered.
    pub error: Option<String>,
    /// The last error's diagnostics, if the sources are at fault.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why nothing is known to be fresh for longer than the moment.
const UNWATCHED: &str = "sources cannot be watched: verified at each read";

fn describe(dependency: &Dependency, value: &Value) -> DependencyReport {
    let (kind, name) = match dependency {
        Dependency::Input(InputKind::Content, path) => ("content", path.to_string()),
        Dependency::Input(InputKind::Entry, path) => ("entry", path.to_string()),
        Dependency::Input(InputKind::Listing, path) => ("listing", path.to_string()),
        Dependency::Input(InputKind::Glance, path) => ("glance", path.to_string()),
        Dependency::Aspect(path, aspect) => ("glance", format!("{path} {aspect}")),
        Dependency::Node(key, _) => ("node", key.to_string()),
    };
    let seen = match value {
        Value::Absent => "absent".into(),
        Value::File => "file".into(),
        Value::Directory => "directory".into(),
        Value::Special => "special".into(),
        Value::Link(_) => "link".into(),
        Value::Hash(hash) => hash.to_hex(),
        Value::Failed(_) => "failed".into(),
        Value::NoPart => "no such part".into(),
    };
    DependencyReport { kind, name, seen }
}

impl NodeReport {
    fn empty(key: &Key) -> Self {
        Self {
            key: key.to_string(),
            copy: None,
            hash: None,
            size: None,
            fresh: false,
            reason: Some("never computed".into()),
            computed: None,
            took_micros: None,
            parts: Vec::new(),
            dependencies: Vec::new(),
            dependents: Vec::new(),
            links: Vec::new(),
            importers: Vec::new(),
            error: None,
            diagnostics: Vec::new(),
        }
    }

    fn failed(&mut self, failure: &Failure) {
        self.error = Some(failure.to_string());
        if let Failure::Diagnostics(diagnostics)
        | Failure::Limit(diagnostics)
        | Failure::Cycle(diagnostics, _) = failure
        {
            self.diagnostics = diagnostics.to_vec();
        }
    }

    fn part(&mut self, part: u8, hash: &ContentHash, size: u64, modified: Option<u64>) {
        let hash = hash.to_hex();
        if part == 0 {
            self.hash = Some(hash.clone());
            self.size = Some(size);
        }
        self.parts.push(PartReport {
            part,
            hash,
            size,
            modified,
        });
    }

    fn outcome(&mut self, outcome: &Outcome) {
        for version in &outcome.parts {
            self.part(
                version.part.0,
                &version.hash,
                version.len,
                Some(version.modified),
            );
        }
        if let Some(failure) = &outcome.failure {
            self.failed(failure);
        }
    }
}

impl State {
    /// See [`NodeReport::dependents`].
    fn dependents_of(&self, key: &Key) -> Vec<String> {
        let own = self.keys.get(key).and_then(|id| self.nodes.get(*id));
        let own = own.into_iter().flat_map(|node| node.dependents.iter());
        let kinds = [InputKind::Content, InputKind::Entry, InputKind::Glance];
        let inputs = kinds
            .iter()
            .filter_map(|kind| self.find_input(*kind, &key.path));
        let inputs = inputs.filter_map(|id| self.inputs.get(id));
        let of_file = inputs.flat_map(|input| input.dependents.iter());
        let of_file = of_file.filter_map(|id| self.nodes.get(*id));
        // What else is made of the same file stands beside it.
        let of_file = of_file.filter(|node| node.key.path != key.path);
        let all = own.filter_map(|id| self.nodes.get(*id)).chain(of_file);
        let mut names: Vec<String> = all.map(|node| node.key.to_string()).collect();
        names.sort();
        names.dedup();
        names
    }
}

impl Engine {
    /// What is known of a node: from memory, else from the store.
    pub(super) fn report(&self, key: &Key) -> NodeReport {
        self.observe();
        self.report_from_memory(key).unwrap_or_else(|mut report| {
            self.report_from_store(key, &mut report);
            *report
        })
    }

    /// See [`super::Graph::report_of_copy`].
    pub(super) fn report_of_copy(&self, copy: &Key) -> Result<NodeReport, InputError> {
        let path = &copy.path;
        let Fetched { hash, len, .. } = self.version(path)?;
        let mut report = NodeReport::empty(copy);
        report.copy = Some(path.to_string());
        report.fresh = true;
        report.reason = None;
        report.part(Part::MAIN.0, &hash, len, None);
        let content = Dependency::Input(InputKind::Content, path.clone());
        report.dependencies = vec![describe(&content, &Value::Hash(hash))];
        report.dependents = self.state().dependents_of(copy);
        Ok(report)
    }

    /// `Err` with what is known where the node has no memo in memory.
    fn report_from_memory(&self, key: &Key) -> Result<NodeReport, Box<NodeReport>> {
        let mut report = NodeReport::empty(key);
        let state = self.state();
        report.dependents = state.dependents_of(key);
        let Some(node) = state.keys.get(key).and_then(|id| state.nodes.get(*id)) else {
            return Err(report.into());
        };
        let name = |id: &u32| state.nodes.get(*id).map(|node| node.key.to_string());
        report.importers = node.importers.iter().filter_map(name).collect();
        report.importers.sort();
        let trouble = node
            .trouble
            .as_ref()
            .and_then(|outcome| outcome.failure.as_ref());
        if let Some(failure) = trouble {
            report.failed(failure);
        }
        let Some(memo) = &node.memo else {
            return Err(report.into());
        };
        report.outcome(&memo.outcome);
        if let Some(failure) = trouble {
            report.failed(failure);
        }
        report.fresh = node.fresh && state.is_exact();
        report.reason = match (&node.because, node.fresh) {
            (_, true) if state.is_exact() => None,
            (_, true) => Some(UNWATCHED.into()),
            (Some(path), false) => Some(format!("`{path}` may have changed")),
            (None, false) => Some("to be verified".into()),
        };
        report.computed = Some(node.computed);
        report.took_micros = u64::try_from(node.took.as_micros()).ok();
        report.links = node.links.iter().filter_map(name).collect();
        report.dependencies = memo
            .edges
            .iter()
            .filter_map(|(edge, value)| Some(describe(&state.dependency(*edge)?, value)))
            .collect();
        Ok(report)
    }

    /// What the store has of a node that is not in memory, compared with the sources as they are now.
    fn report_from_store(&self, key: &Key, report: &mut NodeReport) {
        let stored = self.load(key);
        if stored.records.is_empty() {
            return;
        }
        let standing = self.standing(key, &stored);
        let exact = self.state().is_exact();
        report.fresh = standing.is_ok() && exact;
        report.reason = match &standing {
            Ok(_) if exact => None,
            Ok(_) => Some(UNWATCHED.into()),
            Err(Moved::Changed(path)) => Some(format!("`{path}` has changed")),
            Err(Moved::Unknown) => Some("to be verified".into()),
        };
        let record = &stored.records[standing.unwrap_or(0)];
        for (part, hash, len) in &record.parts {
            let version = stored
                .versions
                .iter()
                .find(|version| version.part == *part && version.hash == *hash);
            report.part(part.0, hash, *len, version.map(|version| version.modified));
        }
        if let Some(failure) = record.failure.clone() {
            report.failed(&<Failure as From<StoredFailure>>::from(failure));
        }
        report.computed = Some(record.computed);
        report.took_micros = Some(record.took_micros);
        report.links = record.links.iter().map(ToString::to_string).collect();
        let saw = record.saw().unwrap_or_default();
        let described = saw
            .iter()
            .map(|seen| describe(&seen.dependency, &seen.value));
        report.dependencies = described.collect();
    }

    /// The nodes that the sources are at fault for now, of those that were at their last run and are in memory, in the
    /// order of their keys. One whose sources may have changed since is verified, and run where they have: what was
    /// mended or deleted is no failure any more. One that a limit ended is told as it was, and not run for this; nor is one
    /// that waits for itself, until something has changed.
    pub(super) fn failures(&self) -> Vec<(Key, Arc<[Diagnostic]>)> {
        self.observe();
        let mut failures = Vec::new();
        let failed: Vec<Key> = {
            let state = self.state();
            let mut failed = Vec::new();
            let is_past = |node: &Node| node.touched <= state.moved || !state.is_exact();
            for (_, node) in state.nodes.iter() {
                let trouble = node.trouble.as_ref().map(|outcome| &outcome.failure);
                let outcome = node.memo.as_ref().map(|memo| &memo.outcome.failure);
                match (trouble, outcome) {
                    (Some(Some(Failure::Limit(diagnostics))), _)
                    | (None, Some(Some(Failure::Limit(diagnostics)))) => {
                        failures.push((node.key.clone(), diagnostics.clone()));
                    }
                    (Some(Some(Failure::Cycle(..) | Failure::Diagnostics(_))), _)
                        if is_past(node) =>
                    {
                        failed.push(node.key.clone());
                    }
                    (
                        Some(Some(
                            Failure::Cycle(diagnostics, _) | Failure::Diagnostics(diagnostics),
                        )),
                        _,
                    ) => {
                        failures.push((node.key.clone(), diagnostics.clone()));
                    }
                    (_, Some(Some(Failure::Diagnostics(_)))) => failed.push(node.key.clone()),
                    _ => {}
                }
            }
            failed
        };
        for key in failed {
            if let Err(Failure::Diagnostics(diagnostics) | Failure::Cycle(diagnostics, _)) =
                self.fetch(&key, Part::MAIN)
            {
                failures.push((key, diagnostics));
            }
        }
        failures.sort_by(|a, b| a.0.cmp(&b.0));
        failures
    }

    /// The nodes in memory whose output refers to this one, in the order of their keys.
    pub(super) fn importers(&self, key: &Key) -> Vec<Key> {
        let state = self.state();
        let Some(node) = state.keys.get(key).and_then(|id| state.nodes.get(*id)) else {
            return Vec::new();
        };
        let mut keys: Vec<Key> = node
            .importers
            .iter()
            .filter_map(|id| Some(state.nodes.get(*id)?.key.clone()))
            .collect();
        keys.sort();
        keys
    }
}

//! `/~@/~graph`: for each output, what the graph knows of it. Reading it computes nothing.

use std::sync::Arc;

use bytes::Bytes;

use super::nodes_view::Nodes;
use super::{File, Found, Listed, ListedKind, Live, Quotes, View, explained, importer_chain};
use crate::base::{Computation, Diagnostic, Key, SourcePath};
use crate::compute::{Context, Failure};
use crate::graph::{Graph, NodeReport};

/// What names a report of its own: added to the output's name.
const SUFFIX: &[u8] = b".json";

/// Who can tell about nodes without computing them; the graph can.
pub trait Reports: Send + Sync {
    /// The report on a node as JSON.
    ///
    /// # Errors
    /// [`Failure::Internal`] where it cannot be written down.
    fn report(&self, key: &Key) -> Result<Bytes, Failure>;

    /// The same of a file that is given as it is.
    ///
    /// # Errors
    /// As [`Reports::report`]; where it cannot be read.
    fn report_of_copy(&self, path: &SourcePath) -> Result<Bytes, Failure> {
        self.report(&copy(path))
    }
}

/// The name of a file that is given as it is, among nodes.
pub fn copy(path: &SourcePath) -> Key {
    Key::new(Computation::new("copy"), path.clone())
}

fn json(report: &NodeReport) -> Result<Bytes, Failure> {
    let mut text = serde_json::to_vec_pretty(report)
        .map_err(|cause| Failure::Internal(format!("cannot write a report down: {cause}")))?;
    text.push(b'\n');
    Ok(Bytes::from(text))
}

/// What a graph knows of a node, its errors as users are shown them. SRC is `source`.
pub fn report(graph: &Graph, source: &SourcePath, key: &Key) -> NodeReport {
    let mut report = graph.report(key);
    if !report.diagnostics.is_empty() {
        let chain = importer_chain(|key| graph.importers(key), source, key);
        report.diagnostics = explained(&report.diagnostics, &chain);
        report.error = Some(Diagnostic::render_all(&report.diagnostics));
    }
    report
}

/// A graph, and where in its tree SRC is.
pub struct GraphReports {
    /// What knows the nodes.
    pub graph: Arc<Graph>,
    /// SRC.
    pub source: SourcePath,
}

impl Reports for GraphReports {
    fn report(&self, key: &Key) -> Result<Bytes, Failure> {
        json(&report(&self.graph, &self.source, key))
    }

    fn report_of_copy(&self, path: &SourcePath) -> Result<Bytes, Failure> {
        json(&self.graph.report_of_copy(&copy(path))?)
    }
}

impl Nodes for Graph {
    fn find(&self, test: &dyn Fn(&Key) -> bool) -> Option<Key> {
        Self::find(self, test)
    }
}

/// The mirror of another view in which `NAME.json` is the report on the output `NAME`. Links are left out: what they
/// lead to has its report under its own name.
pub struct GraphView {
    outputs: Arc<dyn View>,
    reports: Arc<dyn Reports>,
}

impl GraphView {
    /// The reports on what `outputs` has.
    pub fn new(outputs: Arc<dyn View>, reports: Arc<dyn Reports>) -> Self {
        Self { outputs, reports }
    }

    fn report_at(
        &self,
        context: &dyn Context,
        path: &SourcePath,
    ) -> Result<Option<Found>, Failure> {
        let output = path.as_bytes().strip_suffix(SUFFIX);
        let output = output.filter(|output| !output.is_empty() && !output.ends_with(b"/"));
        let Some(Ok(output)) = output.map(SourcePath::parse) else {
            return Ok(None);
        };
        let file = match self.outputs.lookup(context, &output)? {
            // Of one version nothing is known that is not known of the node.
            Found::File(File::Version(version)) => version.file.clone(),
            Found::File(file @ (File::Node { .. } | File::Copy(_))) => file,
            _ => return Ok(None),
        };
        Ok(Some(Found::File(File::Text(Arc::new(NodeFile {
            identity: format!("~graph{path}"),
            file,
            reports: self.reports.clone(),
        })))))
    }
}

impl View for GraphView {
    fn lookup(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        // The report first: to say that no output has its own name, the hooks of its folder would have to be known.
        if let Some(report) = self.report_at(context, path)? {
            return Ok(report);
        }
        match self.outputs.lookup(context, path)? {
            found @ Found::Directory { .. } => Ok(found),
            _ => Ok(Found::Absent),
        }
    }

    fn list(&self, context: &dyn Context, path: &SourcePath) -> Result<Vec<Listed>, Failure> {
        let mut listed = self.outputs.list(context, path)?;
        listed.retain(|entry| entry.kind != ListedKind::Link);
        for entry in &mut listed {
            if entry.kind == ListedKind::File {
                entry.name.extend_from_slice(SUFFIX);
            }
        }
        listed.retain(|entry| entry.name.len() <= 255);
        listed.sort();
        listed.dedup_by(|a, b| a.name == b.name);
        Ok(listed)
    }
}

/// The report on a node or a copy.
pub(super) struct NodeFile {
    pub(super) identity: String,
    pub(super) file: File,
    pub(super) reports: Arc<dyn Reports>,
}

impl Live for NodeFile {
    fn text(&self) -> Result<Bytes, Failure> {
        match &self.file {
            File::Node { key, .. } => self.reports.report(key),
            File::Copy(path) => self.reports.report_of_copy(path),
            File::Version(_) | File::Text(_) => Err(Failure::Internal(
                "a report is about a node or a copy".into(),
            )),
        }
    }

    fn quotes(&self) -> Quotes<'_> {
        match &self.file {
            File::Node { key, .. } => Quotes::Node(key),
            File::Copy(path) => Quotes::File(path),
            File::Version(_) | File::Text(_) => Quotes::Any,
        }
    }

    fn identity(&self) -> &str {
        &self.identity
    }
}

impl std::fmt::Debug for NodeFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NodeFile({})", self.identity)
    }
}

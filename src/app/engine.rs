//! Everything behind `/~@/` for one source and one set of options, without the kernel.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use super::config::{Options, Place};
use super::control::Answering;
use super::error::{Error, Result};
use super::files::write_blob;
use super::insight;
use super::service::{CacheSize, Described, Item, Named, Service};
use super::status::control_view;
use crate::base::{Diagnostic, Key, Part, SourcePath};
use crate::compute::Failure;
use crate::graph::{Graph, GraphConfig};
use crate::hot::{Ear, GraphPages, Outlet, Sessions};
use crate::router::{
    self, File, Found, GraphReports, GraphView, ListedKind, MountTable, NodesView, View, explained,
    importer_chain,
};
use crate::runnable::{Hot, Layout, Runnable, hot_outputs, outputs};
use crate::source::DiskTree;
use crate::store::Store;
use crate::worker::Workers;

/// A source's outputs.
pub struct Engine {
    pub(super) place: Place,
    pub(super) layout: Layout,
    pub(super) graph: Arc<Graph>,
    store: Arc<dyn Store>,
    pub(super) tree: Arc<DiskTree>,
    pub(super) outputs: Arc<MountTable>,
    /// All that a server gives.
    pub(super) served: MountTable,
    /// Where its pages hear of changes, where they do.
    socket: Option<String>,
    /// The pages that are open.
    pages: Sessions<GraphPages>,
}

impl Engine {
    /// Starts one over a store. Computes nothing, and reads nothing of the tree but its root.
    ///
    /// # Errors
    /// Where the tree can't be opened.
    pub fn start(
        place: &Place,
        options: &Options,
        store: Arc<dyn Store>,
        workers: Arc<Workers>,
        ahead: bool,
    ) -> Result<Arc<Self>> {
        let tree = DiskTree::open_with(&place.workspace, options.allowed());
        let tree = tree.map_err(Error::io("open", &place.workspace))?;
        match inside(&place.workspace, &place.state) {
            Some(state) => tree.ignore(&state),
            // A link may lead to a folder that holds it.
            None if !options.allowed.is_empty() => tree.stay_off_mount(&place.state),
            None => {}
        }
        let tree = Arc::new(tree);
        let source = place.prefix.clone();
        let mut settings = crate::runnable::Options::new(source.clone());
        settings.production = options.production;
        settings.defines.clone_from(&options.defines);
        settings.base.clone_from(&options.base);
        settings.hot = options.hot.as_ref().map(|hot| hot.slot(place));
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let config = GraphConfig { threads, ahead };
        let computations = Arc::new(Runnable::new(settings, workers));
        let graph = Graph::new(config, tree.clone(), store.clone(), computations);
        let layout = Layout::new(source.clone());
        let pages = GraphPages::new(graph.clone(), Hot::new(source.clone()));
        let pages = Sessions::new(pages);
        let is_hot = options.hot.is_some();
        let outputs = Arc::new(table(&source, is_hot));
        Ok(Arc::new_cyclic(|me| Self {
            served: whole(
                &outputs,
                is_hot,
                &source,
                &graph,
                Arc::new(control_view(me, None)),
            ),
            outputs,
            socket: options.hot.as_ref().map(|hot| hot.socket.clone()),
            pages,
            place: place.clone(),
            layout,
            graph,
            store,
            tree,
        }))
    }

    /// The graph.
    pub fn graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    /// Tells where our own mount is: it is never touched. The device is known once it is mounted.
    pub fn stay_off(&self, point: &Path, device: Option<u64>) {
        self.tree.stay_off_mount(point);
        if let Some(device) = device {
            self.tree.stay_off(device);
        }
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// A page has come, to which the outlet leads.
    ///
    /// # Errors
    /// Where no thread is left for it.
    pub fn page(&self, outlet: Box<dyn Outlet>) -> Result<Ear<GraphPages>> {
        let page = self.pages.connect(outlet);
        page.map_err(Error::io("start a thread for", Path::new("a page")))
    }

    /// Where pages hear of changes, and how many do; `None`: they do not.
    pub(super) fn hot(&self) -> Option<(&str, usize)> {
        Some((self.socket.as_deref()?, self.pages.count()))
    }

    /// The whole mount table: the outputs, `~graph`, and `control` at `~hookfs`.
    pub fn table(&self, control: Arc<dyn View>) -> MountTable {
        let source = &self.place.prefix;
        whole(
            &self.outputs,
            self.socket.is_some(),
            source,
            &self.graph,
            control,
        )
    }

    /// Diagnostics with the chain of importers.
    pub(super) fn explain(&self, key: &Key, failure: Failure) -> Error {
        match failure {
            Failure::Diagnostics(diagnostics)
            | Failure::Limit(diagnostics)
            | Failure::Cycle(diagnostics, _) => {
                let chain =
                    importer_chain(|key| self.graph.importers(key), &self.place.prefix, key);
                Error::Diagnostics(explained(&diagnostics, &chain))
            }
            other => other.into(),
        }
    }

    /// What a path leads to, with each folder above it looked at and links followed.
    pub(super) fn find(&self, path: &SourcePath) -> Result<Found> {
        Ok(self.outputs.find(&self.graph.look(), path)?)
    }
}

/// The outputs with what describes them.
fn whole(
    outputs: &Arc<MountTable>,
    is_hot: bool,
    source: &SourcePath,
    graph: &Arc<Graph>,
    control: Arc<dyn View>,
) -> MountTable {
    let told = Arc::new(GraphReports {
        graph: graph.clone(),
        source: source.clone(),
    });
    let reports = GraphView::new(outputs.clone(), told.clone());
    let nodes = NodesView::new(graph.clone(), told, insight::is_told);
    let root = SourcePath::root();
    table(source, is_hot)
        .with(root.child("~graph"), Arc::new(reports))
        .with(root.child("~hookfs").child("nodes"), Arc::new(nodes))
        .with(root.child("~hookfs"), control)
}

fn table(source: &SourcePath, is_hot: bool) -> MountTable {
    match is_hot {
        true => hot_outputs(source),
        false => outputs(source),
    }
}

impl Answering for Engine {
    fn page(&self, outlet: Box<dyn Outlet>) -> Result<Ear<GraphPages>> {
        Self::page(self, outlet)
    }
}

/// The path in the workspace of a folder that lies in it.
fn inside(workspace: &Path, folder: &Path) -> Option<SourcePath> {
    let rest = folder.strip_prefix(workspace).ok()?;
    SourcePath::parse(rest.as_os_str().as_encoded_bytes()).ok()
}

fn named(described: Option<Described>) -> Named {
    described.map_or(Named::Absent, Named::File)
}

impl Service for Engine {
    fn describe(&self, path: &SourcePath) -> Result<Named> {
        let look = self.graph.look();
        // Here a link is told as one; only those above the name are followed.
        Ok(match self.outputs.lookup(&look, path)? {
            Found::Absent => match self.find(path)? {
                Found::File(file) => named(self.describe_file(&file)?),
                Found::Directory { .. } => Named::Folder,
                Found::Link(_) | Found::Absent => Named::Absent,
            },
            Found::Directory { .. } => Named::Folder,
            Found::Link(target) => Named::Link(target),
            Found::File(file) => named(self.describe_file(&file)?),
        })
    }

    fn list(&self, path: &SourcePath) -> Result<Vec<Item>> {
        let listed = self.outputs.list(&self.graph.look(), path)?;
        let items = listed.into_iter().map(|entry| Item {
            folder: entry.kind == ListedKind::Directory,
            name: entry.name,
        });
        Ok(items.collect())
    }

    fn entries(&self) -> Result<Vec<SourcePath>> {
        Ok(self.outputs.entries(&self.graph.look())?)
    }

    fn read(&self, path: &SourcePath, sink: &mut dyn Write) -> Result<()> {
        // Of what describes the outputs there is no more than its text.
        match self.served.find(&self.graph.look(), path)? {
            Found::File(file) => self.write_file(path, &file, sink),
            Found::Directory { .. } => Err(Error::Usage {
                message: format!("`{path}` is a folder"),
                hint: None,
            }),
            Found::Link(_) | Found::Absent => Err(Error::NoFile(path.to_string())),
        }
    }

    fn bytecode(&self, of: Option<&SourcePath>) -> Result<Option<Vec<u8>>> {
        let key = match of {
            None => crate::runnable::bytecode_of_runtime(),
            Some(path) => match self.find(path)? {
                Found::File(File::Node { key, part, .. }) if part == Part::MAIN => {
                    crate::runnable::bytecode_of(key)
                }
                _ => return Ok(None),
            },
        };
        if !self.graph.report(&key).fresh {
            self.graph.compute_ahead(&key);
            return Ok(None);
        }
        let blob = self.version_of(&key, Part::MAIN)?;
        let mut bytes = Vec::new();
        let written = write_blob(&blob, &mut bytes);
        written.map_err(Error::io("read", Path::new("bytecode")))?;
        // What is no script has none.
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    fn revision(&self) -> Result<Option<u64>> {
        Ok(self.graph.revision())
    }

    fn report(&self, path: &SourcePath) -> Result<serde_json::Value> {
        let internal = |cause: serde_json::Error| Error::Internal(cause.to_string());
        let found = match self.find(path)? {
            Found::File(File::Version(version)) => Found::File(version.file.clone()),
            found => found,
        };
        match found {
            Found::File(File::Node { key, .. }) => {
                let report = router::report(&self.graph, &self.place.prefix, &key);
                serde_json::to_value(report).map_err(internal)
            }
            Found::File(File::Copy(source)) => {
                let report = self.graph.report_of_copy(&router::copy(&source));
                serde_json::to_value(report.map_err(Failure::from)?).map_err(internal)
            }
            _ => Err(Error::NoFile(path.to_string())),
        }
    }

    fn problems(&self) -> Result<Vec<Diagnostic>> {
        Ok(super::status::problems(self))
    }

    fn status(&self) -> Result<serde_json::Value> {
        Ok(super::status::status(self, None))
    }

    fn cache(&self) -> Result<CacheSize> {
        let stats = self.store.stats();
        Ok(CacheSize {
            records: stats.records,
            blobs: stats.blobs,
            blob_bytes: stats.blob_bytes,
            disk_bytes: stats.disk_bytes,
        })
    }

    fn prune(&self, bytes: u64) -> Result<u64> {
        Ok(self.store.prune(bytes)?)
    }

    fn clear(&self) -> Result<u64> {
        Ok(self.store.clear()?)
    }
}

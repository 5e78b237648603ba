//! Everything behind `/~@/` for one source and one set of options, without the kernel.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::config::{Options, Place};
use super::error::{Error, Result};
use super::service::{CacheSize, Described, Item, Named, Reference, Service};
use crate::base::{ContentHash, Diagnostic, Key, Part, ShortHash, SourcePath};
use crate::compute::{Context, Failure, Link, LinkKind};
use crate::fs::computed::{Outputs, Then};
use crate::graph::{Fetched, Graph, GraphConfig, Kept};
use crate::router::{
    File, Found, GraphView, ListedKind, MountTable, Reports, Version, View, explained,
    importer_chain,
};
use crate::runnable::{FunctionView, Layout, Runnable, RunnableView, WorkspaceView, faults_of};
use crate::source::DiskTree;
use crate::source::InputError;
use crate::store::{Blob, Store};
use crate::worker::Workers;

/// A source's outputs.
pub struct Engine {
    place: Place,
    layout: Layout,
    graph: Arc<Graph>,
    store: Arc<dyn Store>,
    tree: Arc<DiskTree>,
    outputs: Arc<MountTable>,
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
    ) -> Result<Self> {
        let tree = DiskTree::open(&place.workspace).map_err(Error::io("open", &place.workspace))?;
        if let Some(state) = inside(&place.workspace, &place.state) {
            tree.ignore(&state);
        }
        let tree = Arc::new(tree);
        let source = place.prefix.clone();
        let mut settings = crate::runnable::Options::new(source.clone());
        settings.production = options.production;
        settings.defines.clone_from(&options.defines);
        settings.base.clone_from(&options.base);
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let config = GraphConfig { threads, ahead };
        let computations = Arc::new(Runnable::new(settings, workers));
        let graph = Graph::new(config, tree.clone(), store.clone(), computations);
        let layout = Layout::new(source.clone());
        Ok(Self {
            outputs: Arc::new(outputs(&source)),
            place: place.clone(),
            layout,
            graph,
            store,
            tree,
        })
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

    /// The whole mount table: the outputs, `~graph`, and `control` at `~hookfs`.
    pub fn table(&self, control: Arc<dyn View>) -> MountTable {
        let reports = Arc::new(GraphOutputs(self.graph.clone()));
        outputs(&self.place.prefix)
            .with(
                SourcePath::root().child("~graph"),
                Arc::new(GraphView::new(self.outputs.clone(), reports)),
            )
            .with(SourcePath::root().child("~hookfs"), control)
    }

    /// Diagnostics with the chain of importers.
    fn explain(&self, key: &Key, failure: Failure) -> Error {
        match failure {
            Failure::Diagnostics(diagnostics) | Failure::Limit(diagnostics) => {
                let chain =
                    importer_chain(|key| self.graph.importers(key), &self.place.prefix, key);
                Error::Diagnostics(explained(&diagnostics, &chain))
            }
            other => other.into(),
        }
    }

    /// What a path leads to, with each folder above it looked at and links followed.
    fn find(&self, path: &SourcePath) -> Result<Found> {
        const LIMIT: usize = 40;
        let look = self.graph.look();
        let mut path = path.clone();
        for _ in 0..LIMIT {
            match self.step(&look, &path)? {
                Step::Found(found) => return Ok(found),
                Step::Elsewhere(next) => path = next,
            }
        }
        Err(Error::NoFile(path.to_string()))
    }

    /// One name after the other, up to the first link.
    fn step(&self, look: &dyn Context, path: &SourcePath) -> Result<Step> {
        let mut here = SourcePath::root();
        let mut found = Found::Directory { source: None };
        for name in path.components() {
            if !matches!(found, Found::Directory { .. }) {
                return Ok(Step::Found(Found::Absent));
            }
            let parent = here.clone();
            here = here.child(name);
            found = self.outputs.lookup(look, &here)?;
            if let Found::Link(target) = &found {
                let rest = path.below(&here).unwrap_or_default();
                let next = parent.join(target).and_then(|place| place.join(rest));
                return Ok(match next {
                    Ok(next) if !target.starts_with(b"/") => Step::Elsewhere(next),
                    _ => Step::Found(Found::Absent),
                });
            }
        }
        Ok(Step::Found(found))
    }

    fn permissions(&self, source: &SourcePath) -> u32 {
        use crate::source::Tree;
        const DEFAULT: u32 = 0o644;
        match self.tree.entry(source) {
            Ok((_, Some(stamp))) => stamp.mode & 0o777,
            _ => DEFAULT,
        }
    }

    /// `None`: it is a version that is gone.
    fn describe_file(&self, file: &File) -> Result<Option<Described>> {
        Ok(Some(match file {
            File::Node { key, part, .. } => {
                let fetched = self
                    .graph
                    .fetch(key, *part)
                    .map_err(|failure| self.explain(key, failure))?;
                let links = match *part {
                    Part::MAIN => self
                        .graph
                        .links(key)
                        .map_err(|failure| self.explain(key, failure))?,
                    _ => Vec::new(),
                };
                let in_package = key.path.components().any(|name| name == b"node_modules");
                let reference = |link: &Link| Reference {
                    path: self.layout.output_of(&link.key),
                    is_optional: in_package && link.kind != LinkKind::Import,
                };
                Described {
                    hash: Some(fetched.hash),
                    name: self.name_of(key, *part),
                    permissions: self.permissions(&key.path),
                    links: links.iter().map(reference).collect(),
                    faults: self.faults(key),
                }
            }
            File::Copy(path) => {
                let fetched = self.graph.version(path).map_err(Failure::from)?;
                Described {
                    hash: Some(fetched.hash),
                    name: None,
                    permissions: self.permissions(path),
                    links: Vec::new(),
                    faults: Vec::new(),
                }
            }
            File::Text(_) => Described {
                hash: None,
                name: None,
                permissions: 0o444,
                links: Vec::new(),
                faults: Vec::new(),
            },
            File::Version(version) => match self.hash_of(version)? {
                Some(hash) => Described {
                    hash: Some(hash),
                    name: None,
                    permissions: self.permissions(&version.node.path),
                    links: Vec::new(),
                    faults: Vec::new(),
                },
                None => return Ok(None),
            },
        }))
    }

    /// What names the present version of a part, where that is not its hash.
    fn name_of(&self, key: &Key, part: Part) -> Option<ShortHash> {
        let named = (part == Part::MAIN).then(|| self.graph.fetch(key, Part::NAME))?;
        Some(named.ok()?.hash.short())
    }

    /// The hash of a version's bytes; `None`: it is gone, or never was.
    fn hash_of(&self, version: &Version) -> Result<Option<ContentHash>> {
        Ok(match &version.file {
            File::Node { key, part, .. } => {
                let kept = self.graph.kept(key, *part, version.hash);
                let kept = kept.map_err(|failure| self.explain(key, failure))?;
                kept.map(|kept| kept.hash)
            }
            File::Copy(path) => {
                let bytes = self.graph.look().content(path).map_err(Failure::from)?;
                Some(ContentHash::of(&bytes)).filter(|hash| hash.short() == version.hash)
            }
            File::Version(_) | File::Text(_) => None,
        })
    }

    /// What is wrong with an output that is there all the same.
    fn faults(&self, key: &Key) -> Vec<Diagnostic> {
        let failure = faults_of(key).and_then(|faults| self.graph.fetch(&faults, Part::MAIN).err());
        match failure {
            Some(Failure::Diagnostics(diagnostics)) => diagnostics.to_vec(),
            _ => Vec::new(),
        }
    }

    fn write_file(&self, path: &SourcePath, file: &File, sink: &mut dyn Write) -> Result<()> {
        let failed = |cause| Error::io("copy", Path::new("the output"))(cause);
        match file {
            File::Node { key, part, .. } => {
                let blob = self.version_of(key, *part)?;
                write_blob(&blob, sink).map_err(failed)
            }
            File::Copy(path) => {
                let bytes = self.graph.look().content(path).map_err(Failure::from)?;
                sink.write_all(&bytes).map_err(failed)
            }
            File::Text(live) => sink.write_all(&live.text()?).map_err(failed),
            File::Version(version) => {
                let gone = || Error::NoFile(path.to_string());
                let hash = self.hash_of(version)?.ok_or_else(gone)?;
                match &version.file {
                    File::Node { key, part, .. } => {
                        let blob = self.graph.blob(key, *part, &hash).map_err(|_| gone())?;
                        write_blob(&blob, sink).map_err(failed)
                    }
                    // Another one than that which was looked at is none of this name.
                    File::Copy(source) => {
                        let bytes = self.graph.look().content(source).map_err(Failure::from)?;
                        match ContentHash::of(&bytes) == hash {
                            true => sink.write_all(&bytes).map_err(failed),
                            false => Err(gone()),
                        }
                    }
                    File::Version(_) | File::Text(_) => Err(gone()),
                }
            }
        }
    }

    /// The bytes as they are now. A version that an edit has overtaken between the two questions is asked for again.
    fn version_of(&self, key: &Key, part: Part) -> Result<Blob> {
        const TRIES: usize = 20;
        let explain = |failure| self.explain(key, failure);
        let mut last = None;
        for _ in 0..TRIES {
            let fetched = self.graph.fetch(key, part).map_err(explain)?;
            match self.graph.blob(key, part, &fetched.hash) {
                Ok(blob) => return Ok(blob),
                Err(failure) => last = Some(failure),
            }
        }
        Err(explain(last.unwrap_or_else(|| {
            Failure::Internal("no version held still".into())
        })))
    }
}

/// The path in the workspace of a folder that lies in it.
fn inside(workspace: &Path, folder: &Path) -> Option<SourcePath> {
    let rest = folder.strip_prefix(workspace).ok()?;
    SourcePath::parse(rest.as_os_str().as_encoded_bytes()).ok()
}

enum Step {
    Found(Found),
    Elsewhere(SourcePath),
}

fn outputs(source: &SourcePath) -> MountTable {
    let modules = || {
        MountTable::new()
            .with(
                SourcePath::root(),
                Arc::new(RunnableView::new(source.clone())),
            )
            .with(
                SourcePath::root().child("~root"),
                Arc::new(WorkspaceView::new(source.clone())),
            )
    };
    modules().with(
        SourcePath::root().child("~run"),
        Arc::new(FunctionView::new(Arc::new(modules()))),
    )
}

fn write_blob(blob: &Blob, sink: &mut dyn Write) -> std::io::Result<()> {
    const STEP: usize = 1 << 20;
    let mut offset = 0;
    while offset < blob.len() {
        let bytes = blob.read_at(offset, STEP)?;
        if bytes.is_empty() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        sink.write_all(&bytes)?;
        offset += bytes.len() as u64;
    }
    Ok(())
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
        match self.find(path)? {
            Found::File(file) => self.write_file(path, &file, sink),
            Found::Directory { .. } => Err(Error::Usage {
                message: format!("`{path}` is a folder"),
                hint: None,
            }),
            Found::Link(_) | Found::Absent => Err(Error::NoFile(path.to_string())),
        }
    }

    fn report(&self, path: &SourcePath) -> Result<serde_json::Value> {
        let internal = |cause: serde_json::Error| Error::Internal(cause.to_string());
        let found = match self.find(path)? {
            Found::File(File::Version(version)) => Found::File(version.file.clone()),
            found => found,
        };
        match found {
            Found::File(File::Node { key, .. }) => {
                serde_json::to_value(self.graph.report(&key)).map_err(internal)
            }
            Found::File(File::Copy(source)) => Ok(
                serde_json::json!({ "key": format!("copy:{source}"), "copy": source.to_string(), "fresh": true }),
            ),
            _ => Err(Error::NoFile(path.to_string())),
        }
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

/// The graph, as the file system and `~graph` ask it.
#[derive(Clone)]
pub(super) struct GraphOutputs(pub(super) Arc<Graph>);

impl Outputs for GraphOutputs {
    fn fetch(&self, key: &Key, part: Part) -> std::result::Result<Fetched, Failure> {
        self.0.fetch(key, part)
    }

    fn fetch_later(&self, key: &Key, part: Part, then: Then) {
        self.0.fetch_later(key, part, then);
    }

    fn try_fetch(&self, key: &Key, part: Part) -> Option<std::result::Result<Fetched, Failure>> {
        self.0.try_fetch(key, part)
    }

    fn kept(
        &self,
        key: &Key,
        part: Part,
        hash: ShortHash,
    ) -> std::result::Result<Option<Kept>, Failure> {
        self.0.kept(key, part, hash)
    }

    fn try_kept(&self, key: &Key, part: Part, hash: ShortHash) -> Option<Kept> {
        self.0.try_kept(key, part, hash)
    }

    fn blob(
        &self,
        key: &Key,
        part: Part,
        hash: &ContentHash,
    ) -> std::result::Result<Blob, Failure> {
        self.0.blob(key, part, hash)
    }

    fn try_blob(&self, hash: &ContentHash) -> Option<Blob> {
        self.0.try_blob(hash)
    }

    fn version(&self, path: &SourcePath) -> std::result::Result<Fetched, InputError> {
        self.0.version(path)
    }

    fn moving_content(&self, hash: &ContentHash) -> Option<Bytes> {
        self.0.moving_content(hash)
    }

    fn look(&self) -> Box<dyn Context + '_> {
        Box::new(self.0.look())
    }

    fn importers(&self, key: &Key) -> Vec<Key> {
        self.0.importers(key)
    }
}

impl Reports for GraphOutputs {
    fn report(&self, key: &Key) -> std::result::Result<Bytes, Failure> {
        let mut text = serde_json::to_vec_pretty(&self.0.report(key))
            .map_err(|cause| Failure::Internal(cause.to_string()))?;
        text.push(b'\n');
        Ok(Bytes::from(text))
    }
}

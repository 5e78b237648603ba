//! Memo, dependencies, freshness: each node computed once, and never given stale.
//!
//! A node is asked for by [`Graph::fetch`]. First the tree's queue of changes is read dry and applied (`observe`): each
//! marks the inputs that it reaches, and the nodes that depend on them, as to be verified. A node that is not marked is
//! answered from memory (`fetch`). One that is has its dependencies compared, in their order, with what its records saw
//! (`verify`); only where none holds is it run (`execute`), under a claim that no other thread shares (`claim`). What it
//! asked is written down (`record`) and kept if the inputs held still (`install`, and `persist` once its reader has it: `finish`).
//!
//! What vouches for an input in memory is the event that did *not* come. Where a directory cannot be watched, everything
//! that a fetch depends on is looked at again, at each fetch ([`Graph::mode`]).

mod assemble;
mod blobs;
mod claim;
mod doubt;
mod events;
mod evict;
mod execute;
mod fetch;
mod finish;
mod input;
mod inputs;
mod install;
mod kept;
mod known;
mod look;
mod memo;
mod observe;
mod passing;
mod paths;
mod persist;
mod pool;
mod prepare;
mod recent;
mod record;
mod report;
mod slab;
mod sources;
mod standing;
mod state;
mod stats;
mod survey;
#[cfg(test)]
mod tests;
mod unsettled;
mod verify;
mod version;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use crossbeam_channel::Receiver;

use crate::base::{ContentHash, Diagnostic, Key, Part, ShortHash, SourcePath};
use crate::compute::{Computations, Failure, Link, Slot};
use crate::source::{Change, InputError, Tree, Watching};
use crate::store::{Blob, Store};

pub use events::Event;
use evict::Limits;
pub use fetch::Fetched;
pub use kept::Kept;
pub use known::Known;
pub use look::Look;
pub use recent::{RecentChange, RecentRun, RunOutcome};
pub use report::{DependencyReport, NodeReport, PartReport};
pub use sources::Sources;
use stats::Counts;
pub use stats::GraphStats;
pub use survey::{Glimpse, Standing};
pub use unsettled::Rest;

/// The graph's settings.
#[derive(Clone, Debug)]
pub struct GraphConfig {
    /// Threads that run computations; at least one.
    pub threads: usize,
    /// Whether links of computed nodes are computed ahead on idle cores.
    pub ahead: bool,
}

/// How long the end of a graph waits for computations that are under way.
const PATIENCE: Duration = Duration::from_secs(3);

/// What all threads of a graph share.
struct Engine {
    tree: Arc<dyn Tree>,
    store: Arc<dyn Store>,
    computations: Arc<dyn Computations>,
    /// The computations' identity: records of another one are never found.
    identity: String,
    ahead: bool,
    /// Held while the tree's queue is drained *and applied*; taken before `state`.
    queue: Mutex<Vec<Change>>,
    state: Mutex<state::State>,
    versions: Mutex<HashMap<SourcePath, memo::Version>>,
    recent: blobs::Recent,
    assembled: assemble::Assembled,
    /// Contents of plain files that were changed while they were looked at.
    moving: blobs::Recent,
    unsaved: finish::Unsaved,
    events: events::Events,
    pool: pool::Pool,
    /// How many want to hear of changes at once.
    hurried: AtomicUsize,
    counts: Counts,
    /// Itself, for threads that are started later.
    me: Weak<Engine>,
}

impl Engine {
    fn state(&self) -> MutexGuard<'_, state::State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn versions(&self) -> MutexGuard<'_, HashMap<SourcePath, memo::Version>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fetch(&self, key: &Key, part: Part) -> Result<Fetched, Failure> {
        if let Some(answer) = self.try_fetch(key, part) {
            return answer;
        }
        self.check_own_source(&key.path);
        let fetched = self.on_pool(key, None).part(key, part)?;
        Ok(self.filled(key, part, fetched))
    }

    /// The bytes as the store has them: of a part that is put together its recipe.
    fn stored(&self, key: &Key, part: Part, hash: &ContentHash) -> Result<Blob, Failure> {
        if let Some(blob) = self.find_blob(hash) {
            return Ok(blob);
        }
        let outcome = self.on_pool(key, Some(*hash));
        if let Some(blob) = self.find_blob(hash) {
            return Ok(blob);
        }
        let now = outcome.part(key, part)?;
        Err(Failure::Internal(format!(
            "the version {hash} of `{key}` is gone, it is {} now",
            now.hash
        )))
    }
}

/// See [`Graph::hurry`].
pub struct Hurry(Arc<Engine>);

impl Drop for Hurry {
    fn drop(&mut self) {
        self.0.hurried.fetch_sub(1, Relaxed);
    }
}

/// The memo graph. See the module.
pub struct Graph {
    engine: Arc<Engine>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Graph {
    /// A graph over a tree, which keeps what it computes in a store. Starts its threads; computes nothing.
    pub fn new(
        config: GraphConfig,
        tree: Arc<dyn Tree>,
        store: Arc<dyn Store>,
        computations: Arc<dyn Computations>,
    ) -> Arc<Self> {
        Self::with_limits(config, Limits::default(), tree, store, computations)
    }

    fn with_limits(
        config: GraphConfig,
        limits: Limits,
        tree: Arc<dyn Tree>,
        store: Arc<dyn Store>,
        computations: Arc<dyn Computations>,
    ) -> Arc<Self> {
        let engine = Arc::new_cyclic(|me| Engine {
            tree,
            store,
            identity: computations.identity(),
            computations,
            ahead: config.ahead,
            queue: Mutex::default(),
            state: Mutex::new(state::State::new(limits)),
            versions: Mutex::default(),
            recent: blobs::Recent::default(),
            assembled: assemble::Assembled::default(),
            moving: blobs::Recent::default(),
            unsaved: finish::Unsaved::default(),
            events: events::Events::default(),
            pool: pool::Pool::default(),
            hurried: AtomicUsize::new(0),
            counts: Counts::default(),
            me: me.clone(),
        });
        let threads = Mutex::new(pool::start(&engine, config.threads));
        Arc::new(Self { engine, threads })
    }

    /// A part of a node, as its sources are now: from memory, verified, or computed. Blocks until it is.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn fetch(&self, key: &Key, part: Part) -> Result<Fetched, Failure> {
        self.engine.fetch(key, part)
    }

    /// As [`Graph::fetch`] after [`Graph::try_fetch`] gave nothing, without waiting: `then` gets the answer on a thread
    /// of the graph, which it must not hold up. It is dropped where the graph ends before.
    pub fn fetch_later(
        &self,
        key: &Key,
        part: Part,
        then: impl FnOnce(Result<Fetched, Failure>) + Send + 'static,
    ) {
        self.engine.check_own_source(&key.path);
        let (asked, engine) = (key.clone(), self.engine.clone());
        let reply = move |outcome: Arc<memo::Outcome>| {
            let fetched = outcome.part(&asked, part);
            then(fetched.map(|fetched| engine.filled(&asked, part, fetched)));
        };
        self.engine.resolve_later(key, None, Box::new(reply));
    }

    /// Has a node computed where a core is idle, and no reader waits. Of no effect on a graph that computes nothing ahead.
    pub fn compute_ahead(&self, key: &Key) {
        self.engine.queue_ahead([key], 1);
    }

    /// As [`Graph::fetch`] where memory alone can answer; `None` where something must be read or run.
    pub fn try_fetch(&self, key: &Key, part: Part) -> Option<Result<Fetched, Failure>> {
        self.engine.try_fetch(key, part)
    }

    /// The version of a part that has this hash in its name ([`Part::NAME`]), whatever the sources give now: the memo's,
    /// or that of a record whose bytes are still there. Runs the node where neither is it. `None`: it is gone, or never
    /// was.
    ///
    /// # Errors
    /// [`Failure`] of the node as it is now, where no record is that version.
    pub fn kept(&self, key: &Key, part: Part, hash: ShortHash) -> Result<Option<Kept>, Failure> {
        self.engine.kept(key, part, hash)
    }

    /// As [`Graph::kept`] where memory alone can answer; `None` where it takes more.
    pub fn try_kept(&self, key: &Key, part: Part, hash: ShortHash) -> Option<Kept> {
        self.engine.try_kept(key, part, hash)
    }

    /// The bytes of one version of a part. Runs the node again if the store has lost them.
    ///
    /// # Errors
    /// [`Failure`], where the version is gone and its sources give another one now.
    pub fn blob(&self, key: &Key, part: Part, hash: &ContentHash) -> Result<Blob, Failure> {
        self.engine.blob(key, part, hash)
    }

    /// As [`Graph::blob`], of what was computed last: `None` where it is no longer in memory.
    pub fn try_blob(&self, key: &Key, part: Part, hash: &ContentHash) -> Option<Blob> {
        self.engine.try_blob(key, part, hash)
    }

    /// Whether a part is put together of others when it is read: its hash is not that of its bytes.
    pub fn is_assembled(&self, key: &Key, part: Part) -> bool {
        self.engine.computations.is_assembled(key, part)
    }

    /// What is in the slot of a part, which its hash does not tell.
    pub fn slot(&self, key: &Key, part: Part) -> Option<&Slot> {
        self.engine.computations.slot(key, part)
    }

    /// The identity of a plain source file's content, and since when it is that: the content's hash, for files over
    /// 8 MiB the hash of their metadata.
    ///
    /// # Errors
    /// [`InputError`]; absent is what is not a regular file.
    pub fn version(&self, path: &SourcePath) -> Result<Fetched, InputError> {
        self.engine.version(path)
    }

    /// The content that [`Graph::version`] told of, where the file was changed so shortly before that it may be another
    /// by now. Of the files of up to 8 MiB the latest such contents are kept.
    pub fn moving_content(&self, hash: &ContentHash) -> Option<Bytes> {
        self.engine.moving.get(hash)
    }

    /// A context that records nothing, as of now.
    pub fn look(&self) -> Look {
        Look::new(self.engine.clone())
    }

    /// A number that is another one when an answer that a fetch gave may be another one now: as long as it stays, every
    /// node that was fetched is as it was. `None` where no events vouch for that.
    pub fn revision(&self) -> Option<u64> {
        self.engine.observe();
        let state = self.engine.state();
        state.is_exact().then_some(state.revision)
    }

    /// The files that have content in one version of a part, or in what the node gave last; `None`: nobody knows any more.
    pub fn sources(&self, key: &Key, part: Part, hash: Option<&ContentHash>) -> Option<Sources> {
        self.engine.sources(key, part, hash)
    }

    /// The nodes that a node's output refers to, in the order of their mention.
    ///
    /// # Errors
    /// [`Failure`] of the node.
    pub fn links(&self, key: &Key) -> Result<Vec<Link>, Failure> {
        let fetched = self.fetch(key, Part::LINKS)?;
        let broken = |error: &dyn std::fmt::Display| {
            Failure::Internal(format!("the links of `{key}`: {error}"))
        };
        let bytes = self
            .blob(key, Part::LINKS, &fetched.hash)?
            .read_all()
            .map_err(|error| broken(&error))?;
        postcard::from_bytes(&bytes).map_err(|error| broken(&error))
    }

    /// The nodes in memory whose output refers to this one, in the order of their keys.
    pub fn importers(&self, key: &Key) -> Vec<Key> {
        self.engine.importers(key)
    }

    /// What is known of a node. Computes nothing.
    pub fn report(&self, key: &Key) -> NodeReport {
        self.engine.report(key)
    }

    /// What is known of a file that is given as it is: it is no node, and its content all that it depends on. `copy` names
    /// the node that it would be.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn report_of_copy(&self, copy: &Key) -> Result<NodeReport, InputError> {
        self.engine.report_of_copy(copy)
    }

    /// What memory knows of the main outputs of nodes, in their order. Computes nothing.
    pub fn known(&self, keys: &[&Key]) -> Vec<Known> {
        self.engine.known(keys)
    }

    /// Whether a node that is stale would, as far as its last run tells, first have one of these brought up to date. Computes
    /// nothing.
    pub fn waits_for(&self, key: &Key, wanted: impl Fn(&Key) -> bool) -> bool {
        self.engine.waits_for(key, &wanted)
    }

    /// All nodes in memory that are wanted, as they stand. Computes nothing.
    pub fn survey(&self, wanted: impl Fn(&Key) -> bool) -> Vec<Glimpse> {
        self.engine.survey(&wanted)
    }

    /// A node in memory that passes a test, which is to be a quick one. Computes nothing.
    pub fn find(&self, test: impl Fn(&Key) -> bool) -> Option<Key> {
        let state = self.engine.state();
        let mut keys = state.nodes.iter().map(|(_, node)| &node.key);
        keys.find(|key| test(key)).cloned()
    }

    /// The latest changes of sources with what was computed after each, the last one last. Computes nothing.
    pub fn recent(&self) -> Vec<RecentChange> {
        self.engine.observe();
        self.engine.events.recent()
    }

    /// The nodes that the sources are at fault for now, of those in memory whose last run said so, in the order of their
    /// keys. Verifies them, and runs those whose sources have changed; runs no other.
    pub fn failures(&self) -> Vec<(Key, Arc<[Diagnostic]>)> {
        self.engine.failures()
    }

    /// What happens from now on. One who does not keep up loses events and then gets an empty list of changes.
    pub fn subscribe(&self) -> Receiver<Event> {
        self.engine.events.subscribe(false)
    }

    /// The changes of sources from now on, and no other events.
    pub fn changes(&self) -> Receiver<Event> {
        self.engine.events.subscribe(true)
    }

    /// Has changes told without delay for as long as what is given lives.
    pub fn hurry(&self) -> Hurry {
        self.engine.hurried.fetch_add(1, Relaxed);
        Hurry(self.engine.clone())
    }

    /// Counters.
    pub fn stats(&self) -> GraphStats {
        let counts = &self.engine.counts;
        let state = self.engine.state();
        let has_failed = |node: &state::Node| match (&node.trouble, &node.memo) {
            (Some(outcome), _) => outcome.failure.is_some(),
            (None, Some(memo)) => memo.outcome.failure.is_some(),
            (None, None) => false,
        };
        let (mut failed, mut nodes) = (0, 0);
        for (_, node) in state.nodes.iter() {
            failed += u64::from(has_failed(node));
            nodes += u64::from(node.memo.is_some() || node.trouble.is_some());
        }
        GraphStats {
            computed: counts.computed.load(Relaxed),
            runs: counts.runs.load(Relaxed),
            verified: counts.verified.load(Relaxed),
            hits: counts.hits.load(Relaxed),
            failed,
            nodes,
            pending: self.engine.pool.pending() as u64,
        }
    }

    /// Whether events vouch for the sources, or every fetch looks at them again.
    pub fn mode(&self) -> Watching {
        match self.engine.state().unwatched.first_key_value() {
            None => Watching::Exact,
            Some((directory, reason)) => Watching::Impossible(format!("`{directory}`: {reason}")),
        }
    }

    /// Ends the threads, within seconds, and has the store write what it was given. A fetch that needs a run fails from
    /// now on. Doing it again does nothing.
    pub fn shutdown(&self) {
        self.engine.pool.stop();
        self.engine.tree.end_waiting();
        let mut threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        if threads.is_empty() {
            return;
        }
        threads.append(&mut self.engine.pool.take_spares());
        pool::join(threads, PATIENCE);
        self.engine.store.flush();
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        self.shutdown();
    }
}

//! A tree in memory, for tests: it reports exactly what a real one would, so a watch that somebody forgot shows as a
//! stale answer, and it fails on demand.

mod state;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use super::{Change, Entry, InputError, ListedEntry, Stamp, Tree, Watching};
use crate::base::SourcePath;
use state::{Content, Node, State};

/// How often the tree was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls of [`Tree::read`].
    pub reads: u64,
    /// Calls of [`Tree::entry`].
    pub entries: u64,
    /// Calls of [`Tree::list`].
    pub lists: u64,
    /// Calls of [`Tree::watch`].
    pub watches: u64,
    /// Calls of [`Tree::drain`].
    pub drains: u64,
}

#[derive(Default)]
struct Counters {
    reads: AtomicU64,
    entries: AtomicU64,
    lists: AtomicU64,
    watches: AtomicU64,
    drains: AtomicU64,
}

struct Shared {
    state: Mutex<State>,
    queued: Condvar,
    counters: Counters,
}

/// The tree. A clone is another handle to the same tree. The verbs panic on what a test got wrong.
///
/// Its clock starts in 2020 and goes on by one millisecond with each change, so that stamps tell states apart and none
/// is too recent to be trusted; see [`MemoryTree::set_clock`].
#[derive(Clone)]
pub struct MemoryTree(Arc<Shared>);

fn parse(path: impl AsRef<[u8]>) -> SourcePath {
    SourcePath::parse(path).expect("a test's path is one")
}

impl Default for MemoryTree {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryTree {
    /// An empty tree.
    pub fn new() -> Self {
        let clock = 1_577_836_800_000_000_000;
        let root = Node {
            content: Content::Directory,
            inode: 1,
            permissions: 0o755,
            modified: clock,
            changed: clock,
        };
        let state = State {
            nodes: BTreeMap::from([(SourcePath::root(), root)]),
            watched: BTreeSet::new(),
            queue: Vec::new(),
            faults: HashMap::new(),
            impossible: None,
            next_inode: 2,
            clock,
            clock_stands: false,
            on_read: None,
        };
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            queued: Condvar::new(),
            counters: Counters::default(),
        }))
    }

    /// A tree of these files.
    pub fn of<P: AsRef<[u8]>, C: AsRef<[u8]>>(files: impl IntoIterator<Item = (P, C)>) -> Self {
        let tree = Self::new();
        for (path, content) in files {
            tree.write(path, content);
        }
        tree
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, verb: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        if !state.clock_stands {
            state.clock += 1_000_000;
        }
        let result = verb(&mut state);
        drop(state);
        self.0.queued.notify_all();
        result
    }

    /// Writes a file as an editor does that truncates it (same inode) and makes the directories above it.
    pub fn write(&self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) {
        let (path, content) = (parse(path), Bytes::copy_from_slice(content.as_ref()));
        self.change(|state| {
            state.make_parents(&path);
            let modified = state.clock;
            match state.nodes.get_mut(&path) {
                Some(node) => {
                    assert!(
                        matches!(node.content, Content::File(_)),
                        "{path} is no file"
                    );
                    node.content = Content::File(content);
                    (node.modified, node.changed) = (modified, modified);
                    state.report(Change::Content {
                        path: path.clone(),
                        closed: false,
                    });
                }
                None => state.create(&path, Content::File(content), 0o644),
            }
            state.report(Change::Content { path, closed: true });
        });
    }

    /// Changes a file's content and nothing else, neither stamps nor events: a store through a shared mapping.
    pub fn store(&self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) {
        let (path, content) = (parse(path), Bytes::copy_from_slice(content.as_ref()));
        let mut state = self.state();
        state.node_mut(&path).content = Content::File(content);
    }

    /// Changes a file through a hard link outside the tree: its stamps change, no event comes.
    pub fn write_unseen(&self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) {
        let (path, content) = (parse(path), Bytes::copy_from_slice(content.as_ref()));
        self.change(|state| {
            let clock = state.clock;
            let node = state.node_mut(&path);
            node.content = Content::File(content);
            (node.modified, node.changed) = (clock, clock);
        });
    }

    /// A writer closes the file (or unmaps it) and changes nothing with that.
    pub fn close(&self, path: impl AsRef<[u8]>) {
        let path = parse(path);
        self.change(|state| state.report(Change::Content { path, closed: true }));
    }

    /// Sets the times of a file to now (utimensat(2)); its content stays.
    pub fn touch(&self, path: impl AsRef<[u8]>) {
        let path = parse(path);
        self.change(|state| {
            let clock = state.clock;
            let node = state.node_mut(&path);
            (node.modified, node.changed) = (clock, clock);
            state.report(Change::Attributes(path));
        });
    }

    /// Sets the permission bits.
    pub fn chmod(&self, path: impl AsRef<[u8]>, permissions: u32) {
        let path = parse(path);
        self.change(|state| {
            let clock = state.clock;
            let node = state.node_mut(&path);
            (node.permissions, node.changed) = (permissions, clock);
            state.report(Change::Attributes(path));
        });
    }

    /// Makes a directory and those above it.
    pub fn mkdir(&self, path: impl AsRef<[u8]>) {
        let path = parse(path);
        self.change(|state| state.make_directory(&path));
    }

    /// Makes a symbolic link; what has the name goes first.
    pub fn symlink(&self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) {
        let (path, target) = (parse(path), target.as_ref().to_vec());
        self.change(|state| {
            state.make_parents(&path);
            state.remove(&path);
            state.create(&path, Content::Link(target), 0o777);
        });
    }

    /// Makes a FIFO.
    pub fn mkfifo(&self, path: impl AsRef<[u8]>) {
        let path = parse(path);
        self.change(|state| {
            state.make_parents(&path);
            state.create(&path, Content::Special, 0o644);
        });
    }

    /// Removes a name and all below it.
    pub fn remove(&self, path: impl AsRef<[u8]>) {
        let path = parse(path);
        self.change(|state| assert!(state.remove(&path), "{path} is not there"));
    }

    /// Renames a file or a directory, over what is there, as rename(2) does.
    pub fn rename(&self, from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) {
        let (from, to) = (parse(from), parse(to));
        self.change(|state| {
            assert!(
                !to.starts_with(&from),
                "a directory cannot move into itself"
            );
            state.make_parents(&to);
            state.forget_below(&to);
            state.nodes.retain(|path, _| !path.starts_with(&to));
            let moved: Vec<SourcePath> = state
                .nodes
                .keys()
                .filter(|path| path.starts_with(&from))
                .cloned()
                .collect();
            assert!(!moved.is_empty(), "{from} is not there");
            for path in moved {
                let rest = path.below(&from).unwrap_or_default().to_vec();
                if let (Some(node), Ok(target)) = (state.nodes.remove(&path), to.join(rest)) {
                    state.nodes.insert(target, node);
                }
            }
            let clock = state.clock;
            state.node_mut(&to).changed = clock;
            state.report(Change::Name(from.clone()));
            state.forget_below(&from);
            state.report(Change::Name(to));
        });
    }

    /// The event queue overflows: what is in it is lost, and no watch can be trusted any more.
    pub fn overflow(&self) {
        self.change(|state| {
            state.queue = vec![Change::Everything];
            state.watched.clear();
        });
    }

    /// From now on nothing can be watched, and no change is reported.
    pub fn refuse_watches(&self, reason: &str) {
        self.change(|state| {
            state.impossible = Some(reason.to_owned());
            state.watched.clear();
            state.queue = vec![Change::Everything];
        });
    }

    /// Reads and listings of `path` fail with `errno` until [`MemoryTree::heal`].
    pub fn fail(&self, path: impl AsRef<[u8]>, errno: i32) {
        self.state().faults.insert(parse(path), errno);
    }

    /// Ends [`MemoryTree::fail`].
    pub fn heal(&self, path: impl AsRef<[u8]>) {
        self.state().faults.remove(&parse(path));
    }

    /// Has `hook` called in each read, between the moment its content is taken and its return, without a lock: a test
    /// can change the tree in it, or wait.
    pub fn on_read(&self, hook: impl Fn(&MemoryTree, &SourcePath) + Send + Sync + 'static) {
        self.state().on_read = Some(Arc::new(hook));
    }

    /// Ends [`MemoryTree::on_read`].
    pub fn no_hook(&self) {
        self.state().on_read = None;
    }

    /// Stops the clock at `nanoseconds` since 1970: later changes all get this time.
    pub fn set_clock(&self, nanoseconds: i128) {
        let mut state = self.state();
        (state.clock, state.clock_stands) = (nanoseconds, true);
    }

    /// How often the tree was asked.
    pub fn counts(&self) -> Counts {
        let counters = &self.0.counters;
        Counts {
            reads: counters.reads.load(Relaxed),
            entries: counters.entries.load(Relaxed),
            lists: counters.lists.load(Relaxed),
            watches: counters.watches.load(Relaxed),
            drains: counters.drains.load(Relaxed),
        }
    }

    /// The directories that are watched.
    pub fn watched(&self) -> Vec<SourcePath> {
        self.state().watched.iter().cloned().collect()
    }
}

impl Tree for MemoryTree {
    fn read(&self, path: &SourcePath) -> Result<(Bytes, Stamp), InputError> {
        self.0.counters.reads.fetch_add(1, Relaxed);
        let (result, hook) = {
            let state = self.state();
            state.fault(path)?;
            let result = match state.nodes.get(path) {
                Some(node) => match &node.content {
                    Content::File(bytes) => Ok((bytes.clone(), node.stamp())),
                    _ => Err(InputError::Absent(path.clone())),
                },
                None => Err(InputError::Absent(path.clone())),
            };
            (result, state.on_read.clone())
        };
        if let Some(hook) = hook {
            hook(self, path);
        }
        result
    }

    fn entry(&self, path: &SourcePath) -> Result<(Entry, Option<Stamp>), InputError> {
        self.0.counters.entries.fetch_add(1, Relaxed);
        let state = self.state();
        Ok(match state.nodes.get(path) {
            Some(node) => (node.entry(), Some(node.stamp())),
            None => (Entry::Absent, None),
        })
    }

    fn list(&self, path: &SourcePath) -> Result<Vec<ListedEntry>, InputError> {
        self.0.counters.lists.fetch_add(1, Relaxed);
        let state = self.state();
        state.fault(path)?;
        match state.nodes.get(path) {
            Some(Node {
                content: Content::Directory,
                ..
            }) => {}
            _ => return Err(InputError::Absent(path.clone())),
        }
        let mut entries: Vec<ListedEntry> = state
            .nodes
            .iter()
            .filter(|(child, _)| child.parent().as_ref() == Some(path))
            .map(|(child, node)| ListedEntry {
                name: child.name().to_vec(),
                kind: node.kind(),
            })
            .collect();
        entries.sort();
        Ok(entries)
    }

    fn is_watched(&self, directory: &SourcePath) -> bool {
        let state = self.state();
        state.impossible.is_none() && state.watched.contains(directory)
    }

    fn watch(&self, directory: &SourcePath) -> Watching {
        self.0.counters.watches.fetch_add(1, Relaxed);
        let mut state = self.state();
        if let Some(reason) = &state.impossible {
            return Watching::Impossible(reason.clone());
        }
        for path in directory.ancestors() {
            if let Some(Node {
                content: Content::Directory,
                ..
            }) = state.nodes.get(&path)
            {
                state.watched.insert(path);
            }
        }
        Watching::Exact
    }

    fn drain(&self, changes: &mut Vec<Change>) {
        self.0.counters.drains.fetch_add(1, Relaxed);
        changes.append(&mut self.state().queue);
    }

    fn wait(&self, timeout: Duration) {
        let state = self.state();
        drop(
            self.0
                .queued
                .wait_timeout_while(state, timeout, |state| state.queue.is_empty())
                .unwrap_or_else(PoisonError::into_inner),
        );
    }
}

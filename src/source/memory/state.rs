//! What a tree in memory holds, and how its changes are told.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::MemoryTree;
use crate::base::SourcePath;
use crate::source::{Change, Entry, EntryKind, InputError, Stamp};

#[derive(Clone)]
pub(super) enum Content {
    File(Bytes),
    Directory,
    Link(Vec<u8>),
    Special,
}

#[derive(Clone)]
pub(super) struct Node {
    pub(super) content: Content,
    pub(super) inode: u64,
    pub(super) permissions: u32,
    pub(super) modified: i128,
    pub(super) changed: i128,
}

impl Node {
    pub(super) fn entry(&self) -> Entry {
        match &self.content {
            Content::File(_) => Entry::File,
            Content::Directory => Entry::Directory,
            Content::Link(target) => Entry::Link(target.clone()),
            Content::Special => Entry::Special,
        }
    }

    pub(super) fn kind(&self) -> EntryKind {
        match self.content {
            Content::File(_) => EntryKind::File,
            Content::Directory => EntryKind::Directory,
            Content::Link(_) => EntryKind::Link,
            Content::Special => EntryKind::Special,
        }
    }

    pub(super) fn stamp(&self) -> Stamp {
        let (kind, size) = match &self.content {
            Content::File(bytes) => (libc::S_IFREG, bytes.len()),
            Content::Directory => (libc::S_IFDIR, 4096),
            Content::Link(target) => (libc::S_IFLNK, target.len()),
            Content::Special => (libc::S_IFIFO, 0),
        };
        Stamp {
            device: 1,
            inode: self.inode,
            size: size as u64,
            mode: kind | self.permissions,
            modified: self.modified,
            changed: self.changed,
        }
    }
}

pub(super) type ReadHook = Arc<dyn Fn(&MemoryTree, &SourcePath) + Send + Sync>;

pub(super) struct State {
    pub(super) nodes: BTreeMap<SourcePath, Node>,
    pub(super) watched: BTreeSet<SourcePath>,
    pub(super) queue: Vec<Change>,
    pub(super) faults: HashMap<SourcePath, i32>,
    pub(super) impossible: Option<String>,
    pub(super) next_inode: u64,
    pub(super) clock: i128,
    pub(super) clock_stands: bool,
    pub(super) on_read: Option<ReadHook>,
}

impl State {
    pub(super) fn node_mut(&mut self, path: &SourcePath) -> &mut Node {
        self.nodes
            .get_mut(path)
            .unwrap_or_else(|| panic!("{path} is not there"))
    }

    /// Queues the change if its directory is watched, as inotify does.
    pub(super) fn report(&mut self, change: Change) {
        let (Change::Name(path)
        | Change::Begun(path)
        | Change::Gone(path)
        | Change::Content { path, .. }
        | Change::Attributes(path)) = &change
        else {
            return self.queue.push(change);
        };
        let seen = match path.parent() {
            Some(parent) => self.watched.contains(&parent),
            None => !self.watched.is_empty(),
        };
        if seen && self.queue.last() != Some(&change) {
            self.queue.push(change);
        }
    }

    pub(super) fn create(&mut self, path: &SourcePath, content: Content, permissions: u32) {
        assert!(!self.nodes.contains_key(path), "{path} is there already");
        let node = Node {
            content,
            inode: self.next_inode,
            permissions,
            modified: self.clock,
            changed: self.clock,
        };
        self.next_inode += 1;
        self.nodes.insert(path.clone(), node);
        self.report(Change::Name(path.clone()));
    }

    pub(super) fn make_directory(&mut self, path: &SourcePath) {
        match self.nodes.get(path) {
            Some(node) => assert!(
                matches!(node.content, Content::Directory),
                "{path} is no directory"
            ),
            None => {
                self.make_parents(path);
                self.create(path, Content::Directory, 0o755);
            }
        }
    }

    pub(super) fn make_parents(&mut self, path: &SourcePath) {
        if let Some(parent) = path.parent() {
            self.make_directory(&parent);
        }
    }

    /// Removes bottom up, as `rm -r`; whether anything was there.
    pub(super) fn remove(&mut self, path: &SourcePath) -> bool {
        let gone: Vec<SourcePath> = self
            .nodes
            .keys()
            .filter(|other| other.starts_with(path))
            .cloned()
            .collect();
        for path in gone.iter().rev() {
            self.nodes.remove(path);
            self.report(Change::Name(path.clone()));
            self.watched.remove(path);
        }
        !gone.is_empty()
    }

    pub(super) fn forget_below(&mut self, path: &SourcePath) {
        self.watched.retain(|watched| !watched.starts_with(path));
    }

    pub(super) fn fault(&self, path: &SourcePath) -> Result<(), InputError> {
        match self.faults.get(path) {
            Some(errno) => Err(InputError::Io {
                path: path.clone(),
                cause: Arc::new(io::Error::from_raw_os_error(*errno)),
            }),
            None => Ok(()),
        }
    }
}

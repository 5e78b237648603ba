//! The source tree as computations see it: content, names, listings, and what changed.
//!
//! Paths are literal: no operation follows a symbolic link in any component (`compute::links` resolves links, one
//! recorded step at a time), none crosses to the outside, none opens anything but regular files and directories.

mod disk;
#[cfg(test)]
pub mod memory;
mod poll;
mod watch;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::base::{ContentHash, SourcePath};

pub use disk::{DiskTree, Elsewhere, Held, linked_place};

/// What a name stands for, links not followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Entry {
    /// No such name (or a component above it is missing or no directory).
    Absent,
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link with its target: as stored, but an absolute target that lies in the tree is given relative to
    /// the link's directory, so that an absolute one always leads out.
    Link(Vec<u8>),
    /// A FIFO, a socket or a device: never opened.
    Special,
}

/// The kind of a directory's entry, without a link's target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A FIFO, a socket or a device.
    Special,
}

/// One name of a directory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ListedEntry {
    /// One component.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: EntryKind,
}

/// The metadata that tell one state of a file from another: if all are as before *and* none is recent, so is the
/// content, but for stores through a mapping (see the reliability notes in the README's limits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Device.
    pub device: u64,
    /// Inode number.
    pub inode: u64,
    /// Size in bytes.
    pub size: u64,
    /// Type and permission bits.
    pub mode: u32,
    /// Last change of content, nanoseconds since 1970.
    pub modified: i128,
    /// Last change of the inode, nanoseconds since 1970.
    pub changed: i128,
}

/// Why an input could not be read. Never memoized, but for [`InputError::Absent`], which is a fact about the tree.
#[derive(Debug, Clone, Error)]
pub enum InputError {
    /// No such file or directory, or not of the kind asked for.
    #[error("no such file `{0}`")]
    Absent(SourcePath),
    /// Anything else that the system says: EACCES, EIO, EMFILE …
    #[error("cannot read `{path}`: {cause}")]
    Io {
        /// Which.
        path: SourcePath,
        /// What the system said.
        cause: Arc<io::Error>,
    },
}

/// One thing that happened to the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A file's content may differ. `closed`: a writer has closed it, so compare the content whatever the metadata say.
    Content {
        /// Which file.
        path: SourcePath,
        /// Whether the event was the close of a writer.
        closed: bool,
    },
    /// The name came, went, or stands for something else now; so may everything below it.
    Name(SourcePath),
    /// After [`Change::Name`]: it came by being made, not by being moved here, so that its content is still to come.
    Begun(SourcePath),
    /// After [`Change::Name`]: it was a file, or the like, and went.
    Gone(SourcePath),
    /// Owner, permissions, link count or extended attributes.
    Attributes(SourcePath),
    /// Events were lost or watching became impossible: anything may have changed.
    Everything,
}

/// Files up to this size, in bytes, are held in memory to be hashed: they are likely to be wanted next.
pub const HELD: u64 = 4 << 20;

/// What is known of a content without holding it.
#[derive(Clone, Debug)]
pub struct Digest {
    /// The content's hash.
    pub hash: ContentHash,
    /// The stamp of exactly that content.
    pub stamp: Stamp,
    /// The content, where it was held to be hashed.
    pub bytes: Option<Bytes>,
}

/// How far the tree's events can be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watching {
    /// Every change to a watched directory's entries is reported before the change returns to its writer.
    Exact,
    /// Some directory could not be watched; everything must be verified at each fetch. With the reason.
    Impossible(String),
}

/// A tree of sources: the real one (`disk`), or one in memory for tests.
pub trait Tree: Send + Sync {
    /// The content of a regular file, with the stamp of exactly that content (taken before and after the read; read
    /// again while the two differ).
    ///
    /// # Errors
    /// [`InputError`].
    fn read(&self, path: &SourcePath) -> Result<(Bytes, Stamp), InputError>;

    /// The hash of that content, and the content itself where it is small enough to be held for who asks for it next.
    ///
    /// # Errors
    /// [`InputError`].
    fn digest(&self, path: &SourcePath) -> Result<Digest, InputError> {
        let (bytes, stamp) = self.read(path)?;
        Ok(Digest {
            hash: ContentHash::of(&bytes),
            stamp,
            bytes: Some(bytes),
        })
    }

    /// What the name stands for, and its stamp unless it is absent.
    ///
    /// # Errors
    /// [`InputError::Io`]; an absent name is no error.
    fn entry(&self, path: &SourcePath) -> Result<(Entry, Option<Stamp>), InputError>;

    /// The directory's entries, sorted by name.
    ///
    /// # Errors
    /// [`InputError`].
    fn list(&self, path: &SourcePath) -> Result<Vec<ListedEntry>, InputError>;

    /// Has events reported for the entries of `directory` and, where they are not yet, for those of its ancestors up
    /// to the parent of the workspace root. Called *before* what is in it is read. Cheap when it is watched already.
    /// Where the directory is absent, its nearest existing ancestor is watched, which reports when it comes.
    fn watch(&self, directory: &SourcePath) -> Watching;

    /// Whether events are reported for the entries of `directory` now.
    fn is_watched(&self, directory: &SourcePath) -> bool;

    /// Reads the queue of events dry and appends them. Every change that had returned to its writer before the call,
    /// in a watched directory, is among them (or among those of an earlier call). Must not block.
    fn drain(&self, changes: &mut Vec<Change>);

    /// Waits until there may be something to drain, at most for `timeout`; for the thread that feeds `events`.
    fn wait(&self, timeout: std::time::Duration);

    /// Ends the waiting, for good: nobody is to be told any more. A tree that can't do that has its thread wait until the
    /// time is over.
    fn end_waiting(&self) {}
}

//! The computed side: `/~@/`, read-only. No FUSE types.
//!
//! Each version of an output is an inode of its own, and a leaf's name is asked for at each use (entry life 0): there,
//! and only there, freshness is decided. What the kernel then knows of the version, attributes and pages, stays right
//! for ever. Directories are known by their path; an operation on one whose path is no directory any more gets ESTALE,
//! upon which the kernel walks the path anew (path_lookup(7) of the kernel's documentation: LOOKUP_REVAL).

mod attributes;
mod content;
mod directory;
mod failures;
mod inodes;
mod lookup;
mod open;
mod originals;
mod outputs;
mod readers;
mod recent;
#[cfg(test)]
pub(crate) mod tests;
mod versions;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::source::Handle;
use super::types::{Attr, COMPUTED, Errno, Ino, Result};
use crate::base::SourcePath;
use crate::router::View;

pub use content::Content;
pub use directory::Listing;
pub use lookup::{Looked, Pending};
pub use outputs::{Outputs, Then};
pub use versions::LONG_AGO;

/// How long the kernel may use what it was told of one version of a file: it never changes.
pub const LONG: Duration = Duration::from_secs(24 * 60 * 60);

/// How long the kernel may use a directory's name without asking. Any use of the directory itself is checked, so this
/// only spares the walk to a deep leaf.
pub const DIRECTORY_LIFE: Duration = Duration::from_millis(100);

/// The extended attribute that holds a file's hash, in hexadecimal digits.
pub const HASH_ATTRIBUTE: &[u8] = b"user.hookfs.hash";

/// The number of `/~@/` itself.
pub const COMPUTED_ROOT: Ino = COMPUTED;

/// What the computed side is made of.
pub struct ComputedConfig {
    /// The names below `/~@/`: the mount table.
    pub view: Arc<dyn View>,
    /// The graph.
    pub outputs: Arc<dyn Outputs>,
    /// The workspace root: absolute, links resolved.
    pub workspace: PathBuf,
    /// SRC in the workspace.
    pub source: SourcePath,
    /// The folders to which links may lead out of it: absolute, links resolved.
    pub allowed: Vec<PathBuf>,
    /// Whether other users may come.
    pub is_shared: bool,
}

/// What a name leads to, and for how long the kernel may rely on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// The attributes, the number among them.
    pub attr: Attr,
    /// Tells two files apart that had the same number one after the other.
    pub generation: u64,
    /// How long the name leads there.
    pub entry_life: Duration,
    /// How long the attributes hold.
    pub attr_life: Duration,
}

/// An open file.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its handle.
    pub handle: Handle,
    /// Its bytes.
    pub content: Arc<Content>,
    /// Whether it grows: never cached.
    pub stream: bool,
    /// Whether the number was never open before: the kernel has no page of it, and asks for none.
    pub is_first: bool,
}

/// Whether an operation may wait for a computation or a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It may: the caller is a thread of the pool.
    Yes,
    /// It may not: `None` is answered instead.
    No,
}

/// The outputs as a file system.
pub struct Computed {
    view: Arc<dyn View>,
    outputs: Arc<dyn Outputs>,
    originals: originals::Originals,
    source: SourcePath,
    inodes: inodes::Inodes,
    recent: recent::Recent,
    failures: failures::Failures,
    readers: readers::Readers,
    is_shared: bool,
    files: Mutex<HashMap<u64, (Ino, Arc<Content>)>>,
    directories: Mutex<HashMap<u64, Arc<Listing>>>,
    next_handle: AtomicU64,
    started: SystemTime,
}

impl Computed {
    /// A file system of what `config` names.
    pub fn new(config: ComputedConfig) -> Self {
        Self {
            view: config.view,
            outputs: config.outputs,
            originals: originals::Originals::new(
                config.workspace,
                config.allowed,
                config.is_shared,
            ),
            source: config.source,
            inodes: inodes::Inodes::default(),
            recent: recent::Recent::default(),
            failures: failures::Failures::default(),
            readers: readers::Readers::default(),
            is_shared: config.is_shared,
            files: Mutex::default(),
            directories: Mutex::default(),
            next_handle: AtomicU64::new(1),
            started: SystemTime::now(),
        }
    }

    /// Tells the device number of our own mount, which is never touched.
    pub fn stay_off(&self, device: u64) {
        self.originals.stay_off(device);
    }

    /// How many inodes the kernel knows.
    pub fn inode_count(&self) -> usize {
        self.inodes.len()
    }

    /// The kernel has forgotten `lookups` of what it was told of `ino`.
    pub fn forget(&self, ino: Ino, lookups: u64) {
        if ino != COMPUTED_ROOT {
            self.inodes.forget(ino, lookups);
        }
    }

    fn new_handle(&self) -> u64 {
        self.next_handle.fetch_add(1, Ordering::Relaxed)
    }

    /// The directory that `ino` is.
    fn directory(&self, ino: Ino) -> Result<SourcePath> {
        if ino == COMPUTED_ROOT {
            return Ok(SourcePath::root());
        }
        match self.inodes.get(ino) {
            Some((inodes::Object::Directory(path), _)) => Ok(path),
            Some(_) => Err(Errno(libc::ENOTDIR)),
            None => Err(Errno(libc::ESTALE)),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

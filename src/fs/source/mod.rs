//! The source side: SRC itself, read-write, as POSIX has it. No FUSE types; every method takes `&self`, may be called
//! from any thread, and says in its documentation whether it may block for long.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use super::types::{Attr, Errno, FileKind, Ino, Result};
use directory::OpenDirectory;
use inode::Inodes;
use lock::Locks;
use open::OpenFile;
use place::Root;
use reuse::Reuse;

pub use reuse::Backing;

mod attributes;
mod caller;
mod data;
mod directory;
mod inode;
mod lock;
mod lock_sides;
mod lock_table;
mod names;
mod open;
mod place;
mod reuse;
mod stat;

#[cfg(test)]
mod tests;

/// How the source side is served.
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceOptions {
    /// Every change is refused with EROFS.
    pub read_only: bool,
    /// The kernel checks permissions, so that other users may come. Without it, [`SourceFs::access`] is what answers.
    /// Either way, what is created takes the caller's ids, or is refused with EPERM where this process may not give them.
    pub default_permissions: bool,
    /// How many files and directories may be open at once, before the next is refused with EMFILE; `None`: three
    /// quarters of RLIMIT_NOFILE as it is now. The rest is the daemon's own: clients cannot starve it.
    pub descriptors: Option<usize>,
}

/// What a name leads to. Each one returned counts as one lookup, which the kernel gives back by `forget`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The file's attributes; `attr.ino` is its number.
    pub attr: Attr,
    /// Tells two files apart that had the same number one after the other.
    pub generation: u64,
}

/// An open file or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Handle(pub u64);

/// How the kernel is to serve an open file. Passthrough or not stays the same for an inode until its last handle is
/// released, because the kernel answers a mixture with EIO.
#[derive(Clone, Debug)]
pub enum OpenKind {
    /// Through the page cache. `keep`: the pages that the kernel has are still right; otherwise it must drop them.
    Cached {
        /// FOPEN_KEEP_CACHE.
        keep: bool,
    },
    /// Past the page cache (FOPEN_DIRECT_IO).
    Direct,
    /// By the kernel itself, from this file: one per inode (the same `Arc` while any handle is open).
    Passthrough(Arc<Backing>),
}

/// A time to be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetTime {
    /// The time of the change (UTIME_NOW).
    Now,
    /// This one.
    At(SystemTime),
}

/// What `setattr` changes; `None` leaves it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SetAttr {
    /// Permission bits (type bits are ignored).
    pub mode: Option<u32>,
    /// Owner.
    pub uid: Option<u32>,
    /// Group.
    pub gid: Option<u32>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Last access.
    pub atime: Option<SetTime>,
    /// Last change of content.
    pub mtime: Option<SetTime>,
}

/// What a write request says about itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct WriteFlags {
    /// The open flags as they are now (`fcntl(F_SETFL)` may have changed O_APPEND; O_DSYNC and O_SYNC are honoured).
    pub open_flags: i32,
    /// Written from the kernel's page cache (FUSE_WRITE_CACHE): the offset is meant, O_APPEND is not.
    pub from_cache: bool,
    /// Clear the set-id bits (FUSE_WRITE_KILL_SUIDGID).
    pub kill_privileges: bool,
}

/// One name of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirEntry<'a> {
    /// The number that `stat` will give.
    pub ino: Ino,
    /// Its type; `Regular` where the source's file system does not say and nobody can tell.
    pub kind: FileKind,
    /// One component, `.` and `..` included.
    pub name: &'a [u8],
    /// The offset at which to go on after this name. Stays right while the directory changes.
    pub next: u64,
}

/// The kind of a byte-range lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockKind {
    /// Shared (F_RDLCK).
    Read,
    /// Exclusive (F_WRLCK).
    Write,
    /// None (F_UNLCK).
    Unlock,
}

/// A byte-range lock, as fcntl(2) has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeLock {
    /// First byte.
    pub start: u64,
    /// Last byte, inclusive; `i64::MAX` (or more) is "to the end, however large".
    pub end: u64,
    /// Kind.
    pub kind: LockKind,
    /// Process that holds it; 0 where unknown.
    pub pid: u32,
}

/// What statvfs(3) tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FsStat {
    /// Blocks of `frsize`.
    pub blocks: u64,
    /// Free ones.
    pub bfree: u64,
    /// Free ones for ordinary users.
    pub bavail: u64,
    /// Inodes.
    pub files: u64,
    /// Free ones.
    pub ffree: u64,
    /// Preferred block size.
    pub bsize: u32,
    /// Longest name.
    pub namelen: u32,
    /// Block size of the counts.
    pub frsize: u32,
}

/// Called once with the outcome of a lock request, from any thread.
pub type LockReply = Box<dyn FnOnce(Result<()>) + Send>;

/// The source tree as a file system.
pub struct SourceFs {
    options: SourceOptions,
    root: Root,
    inodes: Inodes,
    files: RwLock<HashMap<u64, Arc<OpenFile>>>,
    directories: RwLock<HashMap<u64, Arc<OpenDirectory>>>,
    next_handle: AtomicU64,
    passthrough: AtomicBool,
    direct: AtomicBool,
    locks: Locks,
    reuse: Reuse,
    most_open: usize,
}

impl SourceFs {
    /// Serves the directory at `path` (absolute, links resolved). The path is followed when another directory takes
    /// its place.
    ///
    /// # Errors
    /// Where it is no directory that can be opened.
    pub fn new(path: &Path, options: SourceOptions) -> Result<Self> {
        let root = Root::open(path)?;
        let home = root.now()?.identity.device;
        let most_open = options.descriptors.unwrap_or_else(three_quarters);
        Ok(Self {
            options,
            root,
            inodes: Inodes::new(home),
            files: RwLock::default(),
            directories: RwLock::default(),
            next_handle: AtomicU64::new(1),
            passthrough: AtomicBool::new(false),
            direct: AtomicBool::new(false),
            locks: Locks::default(),
            reuse: Reuse::new(most_open),
            most_open,
        })
    }

    /// Refuses one more handle where they would take the descriptors that the daemon itself needs.
    fn room(&self) -> Result<()> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let files = files.len();
        let directories = self.directories.read();
        let directories = directories.unwrap_or_else(PoisonError::into_inner);
        if files + directories.len() >= self.most_open {
            return Err(Errno(libc::EMFILE));
        }
        Ok(())
    }

    /// Tells the device number of our own mount (`st_dev`) and its absolute path, before the first request is served:
    /// neither is ever touched.
    pub fn stay_off(&self, device: u64, mount_point: &Path) {
        self.root.stay_off(device, mount_point);
    }

    /// Whether [`OpenKind::Passthrough`] may be answered (not at first).
    pub fn set_passthrough(&self, on: bool) {
        self.passthrough.store(on, Ordering::Release);
    }

    /// Whether [`OpenKind::Direct`] may be answered (not at first): the kernel can map such files.
    pub fn set_direct(&self, on: bool) {
        self.direct.store(on, Ordering::Release);
    }

    /// Ends waiting lock requests, and later ones, with EINTR.
    pub fn shutdown(&self) {
        self.locks.shutdown();
    }
}

fn three_quarters() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let limit = limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    limit / 4 * 3
}

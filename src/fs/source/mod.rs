//! The source side: SRC itself, read-write, as POSIX has it. No FUSE types; every method takes `&self`, may be called
//! from any thread, and says in its documentation whether it may block for long.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::types::{Attr, Caller, Errno, FileKind, Ino, Result};

/// How the source side is served.
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceOptions {
    /// Every change is refused with EROFS.
    pub read_only: bool,
    /// The kernel checks permissions (and other users may come): what is created takes the caller's ids.
    pub default_permissions: bool,
    /// How many descriptors of directories may be held; `None`: a quarter of RLIMIT_NOFILE.
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

/// How the kernel is to serve an open file. It stays the same for an inode until its last handle is released, because
/// the kernel answers a mixture with EIO.
#[derive(Clone, Debug)]
pub enum OpenKind {
    /// Through the page cache. `keep`: the pages that the kernel has are still right; otherwise it must drop them.
    Cached {
        /// FOPEN_KEEP_CACHE.
        keep: bool,
    },
    /// Past the page cache (FOPEN_DIRECT_IO).
    Direct,
    /// By the kernel itself, from this descriptor: one per inode (the same `Arc` while any handle is open).
    Passthrough(Arc<OwnedFd>),
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
}

fn nothing<T>() -> Result<T> {
    Err(Errno(libc::ENOSYS))
}

#[allow(unused_variables, clippy::too_many_arguments, clippy::unused_self)]
impl SourceFs {
    /// Serves the directory at `path` (absolute, links resolved). The path is followed when another directory takes its place.
    /// # Errors
    /// Where it is no directory that can be opened.
    pub fn new(path: &Path, options: SourceOptions) -> Result<Self> {
        Ok(Self { options })
    }
    /// Tells the device number of our own mount and its absolute path, before the first request is served: neither is ever touched.
    pub fn stay_off(&self, device: u64, mount_point: &Path) {}
    /// Whether `OpenKind::Passthrough` may be answered (off at first).
    pub fn set_passthrough(&self, on: bool) {}
    /// Ends waiting lock requests with EINTR; later ones too.
    pub fn shutdown(&self) {}

    pub fn lookup(&self, parent: Ino, name: &[u8]) -> Result<Entry> {
        nothing()
    }
    pub fn forget(&self, ino: Ino, lookups: u64) {}
    /// The path relative to SRC (no leading slash; empty for the root) at which the inode is known, for invalidation.
    pub fn path_of(&self, ino: Ino) -> Option<Vec<u8>> {
        None
    }
    pub fn getattr(&self, ino: Ino, handle: Option<Handle>) -> Result<Attr> {
        nothing()
    }
    pub fn setattr(&self, ino: Ino, handle: Option<Handle>, set: &SetAttr) -> Result<Attr> {
        nothing()
    }
    pub fn readlink(&self, ino: Ino) -> Result<Vec<u8>> {
        nothing()
    }
    pub fn access(&self, ino: Ino, mask: i32) -> Result<()> {
        nothing()
    }
    pub fn statfs(&self, ino: Ino) -> Result<FsStat> {
        nothing()
    }

    /// `mode` with its type bits; `umask` is applied here (the kernel may have applied it already: FUSE_DONT_MASK is better, for default ACLs); `rdev` as FUSE has it.
    pub fn mknod(
        &self,
        caller: &Caller,
        parent: Ino,
        name: &[u8],
        mode: u32,
        umask: u32,
        rdev: u32,
    ) -> Result<Entry> {
        nothing()
    }
    pub fn mkdir(
        &self,
        caller: &Caller,
        parent: Ino,
        name: &[u8],
        mode: u32,
        umask: u32,
    ) -> Result<Entry> {
        nothing()
    }
    pub fn symlink(
        &self,
        caller: &Caller,
        parent: Ino,
        name: &[u8],
        target: &[u8],
    ) -> Result<Entry> {
        nothing()
    }
    pub fn link(&self, ino: Ino, parent: Ino, name: &[u8]) -> Result<Entry> {
        nothing()
    }
    pub fn unlink(&self, parent: Ino, name: &[u8]) -> Result<()> {
        nothing()
    }
    pub fn rmdir(&self, parent: Ino, name: &[u8]) -> Result<()> {
        nothing()
    }
    /// `flags`: RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT as renameat2(2) has them.
    pub fn rename(
        &self,
        caller: &Caller,
        parent: Ino,
        name: &[u8],
        new_parent: Ino,
        new_name: &[u8],
        flags: u32,
    ) -> Result<()> {
        nothing()
    }

    pub fn open(&self, ino: Ino, flags: i32) -> Result<(Handle, OpenKind)> {
        nothing()
    }
    pub fn create(
        &self,
        caller: &Caller,
        parent: Ino,
        name: &[u8],
        mode: u32,
        umask: u32,
        flags: i32,
    ) -> Result<(Entry, Handle, OpenKind)> {
        nothing()
    }
    /// Fills `buffer` as far as the file goes (fewer bytes only at its end).
    pub fn read(&self, handle: Handle, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        nothing()
    }
    pub fn write(
        &self,
        handle: Handle,
        offset: u64,
        data: &[u8],
        flags: WriteFlags,
    ) -> Result<usize> {
        nothing()
    }
    pub fn flush(&self, handle: Handle, lock_owner: u64) -> Result<()> {
        nothing()
    }
    pub fn release(&self, handle: Handle) {}
    pub fn fsync(&self, handle: Handle, datasync: bool) -> Result<()> {
        nothing()
    }
    pub fn fallocate(&self, handle: Handle, offset: u64, length: u64, mode: i32) -> Result<()> {
        nothing()
    }
    pub fn lseek(&self, handle: Handle, offset: i64, whence: i32) -> Result<i64> {
        nothing()
    }
    pub fn copy_file_range(
        &self,
        from: Handle,
        from_offset: u64,
        to: Handle,
        to_offset: u64,
        length: u64,
    ) -> Result<usize> {
        nothing()
    }

    pub fn opendir(&self, ino: Ino) -> Result<Handle> {
        nothing()
    }
    /// Gives entries from `offset` on to `add` until it says `true` (full: that entry was not taken) or the end.
    pub fn readdir(
        &self,
        handle: Handle,
        offset: u64,
        add: &mut dyn FnMut(DirEntry<'_>) -> bool,
    ) -> Result<()> {
        nothing()
    }
    /// As `readdir`, each with its entry, which counts as a lookup if taken (not for `.` and `..`, as FUSE has it).
    pub fn readdir_plus(
        &self,
        handle: Handle,
        offset: u64,
        add: &mut dyn FnMut(DirEntry<'_>, Entry) -> bool,
    ) -> Result<()> {
        nothing()
    }
    pub fn releasedir(&self, handle: Handle) {}
    pub fn fsyncdir(&self, handle: Handle, datasync: bool) -> Result<()> {
        nothing()
    }

    pub fn setxattr(&self, ino: Ino, name: &[u8], value: &[u8], flags: i32) -> Result<()> {
        nothing()
    }
    /// The whole value (the face answers sizes and ERANGE).
    pub fn getxattr(&self, ino: Ino, name: &[u8]) -> Result<Vec<u8>> {
        nothing()
    }
    /// The names, each ended by NUL.
    pub fn listxattr(&self, ino: Ino) -> Result<Vec<u8>> {
        nothing()
    }
    pub fn removexattr(&self, ino: Ino, name: &[u8]) -> Result<()> {
        nothing()
    }

    /// The first lock that conflicts, or `Unlock` for none.
    pub fn getlk(&self, handle: Handle, owner: u64, lock: RangeLock) -> Result<RangeLock> {
        nothing()
    }
    /// Never blocks: a waiting request (`sleep`) is answered later by a thread of ours. `thread`: the caller's (a signal to it ends the wait with EINTR).
    pub fn setlk(
        &self,
        handle: Handle,
        owner: u64,
        lock: RangeLock,
        sleep: bool,
        thread: u32,
        reply: LockReply,
    ) {
        reply(nothing())
    }
    /// flock(2) on the source file: LOCK_SH, LOCK_EX, LOCK_UN, without LOCK_NB also waiting as `setlk`.
    pub fn flock(&self, handle: Handle, operation: i32, thread: u32, reply: LockReply) {
        reply(nothing())
    }
}

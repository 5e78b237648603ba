//! Opening, and which way the kernel serves what is open.

use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

use rustix::fs::{Mode, OFlags, openat};

use super::super::types::{Caller, Errno, FileKind, Ino, Result};
use super::caller::as_caller;
use super::inode::Inode;
use super::names::{component, reopen};
use super::reuse::Backing;
use super::stat::Stat;
use super::{Entry, Handle, OpenKind, SourceFs};

/// Up to this size in bytes a file that is only read is read past the page cache, where the kernel does not read it by
/// itself. It asks for the attributes before it answers a read from its pages, so that costs no more; and it is one
/// request fewer where the pages are not there.
const DIRECT_UP_TO: u64 = 128 << 10;

/// How all the open handles of an inode are served. Reading past the page cache goes with `Cached`.
#[derive(Clone)]
pub(super) enum Serving {
    Cached,
    Passthrough(Arc<Backing>),
}

/// An open regular file.
pub(super) struct OpenFile {
    pub(super) inode: Arc<Inode>,
    pub(super) file: Arc<OwnedFd>,
    pub(super) flags: i32,
}

impl SourceFs {
    /// Opens a regular file; `flags` as open(2) has them.
    ///
    /// # Errors
    /// As open(2); EROFS; ESTALE where no name leads to it any more.
    pub fn open(&self, ino: Ino, flags: i32) -> Result<(Handle, OpenKind)> {
        let inode = self.inode(ino)?;
        match inode.identity.kind {
            FileKind::Regular => {}
            FileKind::Directory => return Err(Errno(libc::EISDIR)),
            FileKind::Symlink => return Err(Errno(libc::ELOOP)),
            // The kernel opens these itself; we never do.
            _ => return Err(Errno(libc::ENXIO)),
        }
        if writes(flags) || flags & libc::O_TRUNC != 0 {
            self.writable()?;
        }
        self.room()?;
        let is_plain = ours(flags) == ours(libc::O_RDONLY) && flags & libc::O_TRUNC == 0;
        if is_plain && let Some((backing, stat)) = self.still_open(&inode) {
            return Ok(self.opened(inode, backing, flags, &stat));
        }
        let wanted = ours(flags);
        let (file, stat) = match self.by_name(&inode, wanted) {
            Err(Errno(libc::ESTALE)) => {
                let held = inode.held().ok_or(Errno(libc::ESTALE))?;
                let file = reopen(&*held, wanted)?;
                let stat = self.stat(&file)?;
                (file, stat)
            }
            other => other?,
        };
        let stat = if flags & libc::O_TRUNC != 0 {
            rustix::fs::ftruncate(&file, 0)?;
            self.stat(&file)?
        } else {
            stat
        };
        let backing = Arc::new(Backing::new(file));
        if is_plain {
            self.keep_open(&inode, &backing, &stat);
        }
        Ok(self.opened(inode, backing, flags, &stat))
    }

    /// Makes a regular file and opens it; `umask` as for [`SourceFs::mknod`].
    ///
    /// # Errors
    /// As open(2); EROFS. A file of that name made meanwhile is EEXIST with O_EXCL, else ESTALE: the kernel looks it up
    /// and checks its permissions.
    pub fn create(
        &self,
        caller: &Caller,
        parent: Ino,
        name: &[u8],
        mode: u32,
        umask: u32,
        flags: i32,
    ) -> Result<(Entry, Handle, OpenKind)> {
        self.writable()?;
        self.room()?;
        let name = component(name)?;
        let directory = self.directory(parent)?;
        let wanted = ours(flags) | OFlags::CREATE | OFlags::EXCL;
        let file = as_caller(caller, umask, || {
            let mode = Mode::from_raw_mode(mode & 0o7777);
            Ok(openat(&directory, name, wanted, mode)?)
        })
        .map_err(|error| match error {
            Errno(libc::EEXIST) if flags & libc::O_EXCL == 0 => Errno(libc::ESTALE),
            other => other,
        })?;
        let stat = self.stat(&file)?;
        let (inode, entry) = self.entry_of(&stat, parent, name);
        let (handle, kind) = self.opened(inode, Arc::new(Backing::new(file)), flags, &stat);
        Ok((entry, handle, kind))
    }

    fn opened(
        &self,
        inode: Arc<Inode>,
        backing: Arc<Backing>,
        flags: i32,
        stat: &Stat,
    ) -> (Handle, OpenKind) {
        let file = Arc::clone(&backing.file);
        let number = self.next_handle.fetch_add(1, Ordering::Relaxed);
        let kind = {
            let mut state = inode.state();
            state.open.push((number, Arc::clone(&file)));
            let pass = self.passthrough.load(Ordering::Acquire);
            let serving = state.serving.get_or_insert_with(|| match pass {
                true => Serving::Passthrough(backing),
                false => Serving::Cached,
            });
            match serving {
                Serving::Passthrough(backing) => OpenKind::Passthrough(Arc::clone(backing)),
                Serving::Cached if self.is_read_directly(flags, stat) => OpenKind::Direct,
                Serving::Cached => {
                    let stamp = stat.settled_stamp(SystemTime::now());
                    let keep = stamp.is_some() && stamp == state.cached;
                    state.cached = stamp;
                    OpenKind::Cached { keep }
                }
            }
        };
        let open = OpenFile { inode, file, flags };
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        files.insert(number, Arc::new(open));
        (Handle(number), kind)
    }

    fn is_read_directly(&self, flags: i32, stat: &Stat) -> bool {
        self.direct.load(Ordering::Acquire) && !writes(flags) && stat.size() <= DIRECT_UP_TO
    }

    pub(super) fn file(&self, handle: Handle) -> Result<Arc<OpenFile>> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        files.get(&handle.0).cloned().ok_or(Errno(libc::EBADF))
    }

    /// One descriptor of the handle was closed: reports what the source's file system has to say, and gives up the
    /// owner's byte-range locks (fcntl(2)). May block.
    ///
    /// # Errors
    /// As close(2).
    pub fn flush(&self, handle: Handle, lock_owner: u64) -> Result<()> {
        let open = self.file(handle)?;
        self.locks.leave(open.inode.ino, lock_owner);
        let copy = rustix::io::dup(&*open.file)?;
        // SAFETY: the descriptor is owned here and given up; close tells errors that dropping would swallow.
        let closed = unsafe { libc::close(std::os::fd::IntoRawFd::into_raw_fd(copy)) };
        if closed == 0 {
            Ok(())
        } else {
            Err(std::io::Error::last_os_error().into())
        }
    }

    /// The last descriptor of the handle was closed.
    pub fn release(&self, handle: Handle) {
        let open = {
            let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
            files.remove(&handle.0)
        };
        let Some(open) = open else { return };
        self.locks.released(handle);
        let mut state = open.inode.state();
        state.open.retain(|(number, _)| *number != handle.0);
        if state.open.is_empty() {
            state.serving = None;
        }
    }
}

fn writes(flags: i32) -> bool {
    flags & libc::O_ACCMODE != libc::O_RDONLY
}

/// What of a caller's flags our own descriptor takes. O_NONBLOCK: nothing that took the file's place may block us.
fn ours(flags: i32) -> OFlags {
    let kept = libc::O_ACCMODE | libc::O_APPEND | libc::O_DSYNC | libc::O_SYNC | libc::O_NOATIME;
    OFlags::from_bits_retain((flags & kept).cast_unsigned())
        | OFlags::NOFOLLOW
        | OFlags::NONBLOCK
        | OFlags::NOCTTY
        | OFlags::CLOEXEC
}

//! The source files behind the outputs: their owners and permissions, and the bytes of plain copies.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, Statx, StatxFlags};

use super::super::types::{Errno, Result};
use super::readers::{SEARCH, rights};
use crate::base::{ELSEWHERE, SourcePath};
use crate::source::{Elsewhere, linked_place};

/// What of a source file an output takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Original {
    /// Permission bits.
    pub perm: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Size in bytes.
    pub size: u64,
    /// Last change of content.
    pub modified: SystemTime,
    /// Whether it is in the tree by a link that leads out of it.
    pub is_elsewhere: bool,
}

/// The workspace root, read by name at each call, so that a tree that takes its place is seen.
pub struct Originals {
    root: PathBuf,
    /// The device of our own mount, never touched; 0 (no device) until it is known.
    own_device: AtomicU64,
    elsewhere: Elsewhere,
    /// Whether other users come.
    is_shared: bool,
}

impl Originals {
    /// The files below the directory `root`, from which links may lead to those that are `allowed` (all absolute, links
    /// resolved). `is_shared`: for other users too.
    pub fn new(root: PathBuf, allowed: Vec<PathBuf>, is_shared: bool) -> Self {
        Self {
            root,
            own_device: AtomicU64::new(0),
            elsewhere: Elsewhere::new(allowed),
            is_shared,
        }
    }

    /// Never touches this device: the daemon would wait for itself.
    pub fn stay_off(&self, device: u64) {
        self.own_device.store(device, Ordering::Relaxed);
    }

    /// What the file at `path` lends to its outputs.
    ///
    /// # Errors
    /// What the system says; ENOENT where the path leads onto our own mount.
    pub fn stat(&self, path: &SourcePath) -> Result<Original> {
        let (_, original, _) = self.find(path)?;
        Ok(original)
    }

    /// The regular file at `path`, open for reading.
    ///
    /// # Errors
    /// What the system says; ENOENT where it is no regular file.
    pub fn open(&self, path: &SourcePath) -> Result<(File, Original)> {
        // A FIFO or a device must not be opened, so what is there is looked at first and then opened itself.
        let (found, original, kind) = self.find(path)?;
        if kind != FileType::RegularFile {
            return Err(Errno(libc::ENOENT));
        }
        let itself = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&found));
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY;
        let file = rustix::fs::open(itself, flags, Mode::empty())?;
        Ok((File::from(file), original))
    }

    /// A descriptor of what is in the tree by this name, what it lends, and its kind. No link is followed, but for those that
    /// are what they lead to there.
    fn find(&self, path: &SourcePath) -> Result<(OwnedFd, Original, FileType)> {
        let linked = || linked_place(&self.root, path, &self.elsewhere);
        let is_linked = |error| match error {
            rustix::io::Errno::LOOP => true,
            // Where linked packages look last has a name in the tree alone.
            rustix::io::Errno::NOENT => memchr::memmem::find(path.as_bytes(), ELSEWHERE).is_some(),
            _ => false,
        };
        let place = match self.look(&self.root.join(path.as_path())) {
            Ok((_, stat)) if kind(&stat) == FileType::Symlink => {
                linked().ok_or(Errno(libc::ENOENT))?
            }
            Err(error) if is_linked(error) => linked().ok_or(error)?,
            found => {
                let (found, stat) = found?;
                return Ok((found, Original::of(&stat), kind(&stat)));
            }
        };
        let (found, stat) = self.look(&place)?;
        let mut original = Original::of(&stat);
        original.is_elsewhere = true;
        // It is seen by another way than its own: no folder on that stands between it and a reader here.
        let daemon = rustix::process::geteuid().as_raw();
        for folder in place.ancestors().skip(1).filter(|_| self.is_shared) {
            let (_, folder) = self.look(folder)?;
            original.perm &= rights(&original, &Original::of(&folder), SEARCH, daemon);
        }
        Ok((found, original, kind(&stat)))
    }

    /// What stands at a path on the way to which no links are.
    fn look(&self, whole: &Path) -> rustix::io::Result<(OwnedFd, Statx)> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        let found = rustix::fs::openat2(CWD, whole, flags, Mode::empty(), resolve)?;
        let own = self.own_device.load(Ordering::Relaxed);
        if own != 0 {
            // DONT_SYNC: answered from the kernel's memory, also by a file system that is our own.
            let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
            let stat = rustix::fs::statx(&found, c"", flags, StatxFlags::TYPE)?;
            if libc::makedev(stat.stx_dev_major, stat.stx_dev_minor) == own {
                return Err(rustix::io::Errno::NOENT);
            }
        }
        let stat = rustix::fs::statx(&found, c"", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS)?;
        Ok((found, stat))
    }
}

fn kind(stat: &Statx) -> FileType {
    FileType::from_raw_mode(u32::from(stat.stx_mode))
}

impl Original {
    fn of(stat: &Statx) -> Self {
        let modified = &stat.stx_mtime;
        let nanoseconds = Duration::from_nanos(u64::from(modified.tv_nsec));
        let whole = Duration::from_secs(modified.tv_sec.unsigned_abs());
        let seconds = match modified.tv_sec {
            0.. => UNIX_EPOCH.checked_add(whole),
            _ => UNIX_EPOCH.checked_sub(whole),
        };
        let time = seconds.and_then(|seconds| seconds.checked_add(nanoseconds));
        Self {
            perm: stat.stx_mode & 0o7777,
            uid: stat.stx_uid,
            gid: stat.stx_gid,
            size: stat.stx_size,
            modified: time.unwrap_or(UNIX_EPOCH),
            is_elsewhere: false,
        }
    }
}

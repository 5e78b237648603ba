//! From a number to a descriptor: walks that follow no link, stay on this side of our own mount, and end at the very
//! file that was meant or in ESTALE, upon which the kernel walks anew.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, fstatfs, openat, openat2};
use rustix::io::Errno as Sys;

use super::super::types::{Errno, Ino, ROOT, Result};
use super::SourceFs;
use super::inode::{Inode, Place};
use super::stat::{Identity, Stat};

/// Looks at a file without opening it.
pub(super) const LOOK: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// No single walk takes a longer path (PATH_MAX is 4096, with its NUL).
const LONGEST: usize = 4000;

/// Deeper than any tree that can be built; ends a walk up through directories moved into each other meanwhile.
const DEEPEST: usize = 100_000;

/// The directory SRC, by path.
pub(super) struct Root {
    path: PathBuf,
    held: RwLock<Arc<RootDirectory>>,
    /// Device of our own mount; 0 before it is known.
    pub(super) own: AtomicU64,
    /// Our mount lies over SRC or above it: its path leads to us, so the first descriptor stays.
    covered: AtomicBool,
    /// Directory and name of the mount point, for listings.
    pub(super) mount_point: OnceLock<(Identity, Box<[u8]>)>,
    /// openat2 is refused here (an old kernel, a filter): names are walked one by one.
    stepwise: AtomicBool,
}

/// The directory that SRC's path led to.
pub(super) struct RootDirectory {
    pub(super) fd: Arc<OwnedFd>,
    pub(super) identity: Identity,
    /// Attributes on this device are never cached by its file system.
    local: bool,
}

impl RootDirectory {
    fn open(path: &Path) -> Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = openat(CWD, path, flags, Mode::empty())?;
        let identity = Stat::of(&fd)?.identity();
        let local = matches!(
            u64::try_from(fstatfs(&fd)?.f_type).unwrap_or(0) & 0xffff_ffff,
            // ext4, XFS, btrfs, tmpfs, F2FS
            0xef53 | 0x5846_5342 | 0x9123_683e | 0x0102_1994 | 0xf2f5_2010
        );
        Ok(Self {
            fd: Arc::new(fd),
            identity,
            local,
        })
    }
}

impl Root {
    pub(super) fn open(path: &Path) -> Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            held: RwLock::new(Arc::new(RootDirectory::open(path)?)),
            own: AtomicU64::new(0),
            covered: AtomicBool::new(false),
            mount_point: OnceLock::new(),
            stepwise: AtomicBool::new(false),
        })
    }

    pub(super) fn stay_off(&self, device: u64, mount_point: &Path) {
        self.own.store(device, Ordering::Release);
        if self.path.starts_with(mount_point) {
            self.covered.store(true, Ordering::Release);
            return;
        }
        let (Some(parent), Some(name)) = (mount_point.parent(), mount_point.file_name()) else {
            return;
        };
        if let Ok(parent) = RootDirectory::open(parent) {
            let name = name.as_encoded_bytes().into();
            // Told once per mount; a second call changes nothing.
            let _ = self.mount_point.set((parent.identity, name));
        }
    }

    /// The directory that SRC's path leads to now.
    pub(super) fn now(&self) -> Result<Arc<RootDirectory>> {
        let held = {
            let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(&held)
        };
        if self.covered.load(Ordering::Acquire) {
            return Ok(held);
        }
        let path = self.path.as_os_str().as_encoded_bytes();
        let stat = Stat::at(CWD, path, AtFlags::STATX_DONT_SYNC)?;
        if stat.identity() == held.identity || self.is_own(stat.device()) {
            return Ok(held);
        }
        let opened = Arc::new(RootDirectory::open(&self.path)?);
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::clone(&opened);
        Ok(opened)
    }

    pub(super) fn is_own(&self, device: u64) -> bool {
        device == self.own.load(Ordering::Acquire)
    }

    /// Whether a device is SRC's own, with a file system that caches no attributes of others.
    pub(super) fn is_local(&self, device: u64) -> bool {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.local && held.identity.device == device
    }

    /// Opens the relative path `path` below a directory. No link is followed, and our own mount is ENOENT.
    fn walk(&self, from: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> Result<OwnedFd> {
        if path.len() > LONGEST || self.stepwise.load(Ordering::Relaxed) {
            return self.walk_stepwise(from, path, flags);
        }
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
        match openat2(from, path, flags, Mode::empty(), resolve) {
            Ok(fd) => Ok(fd),
            // EPERM may also be the file's own answer (O_NOATIME, immutable): only ENOSYS says that the call is missing.
            Err(Sys::NOSYS) => {
                self.stepwise.store(true, Ordering::Relaxed);
                self.walk_stepwise(from, path, flags)
            }
            Err(Sys::XDEV | Sys::AGAIN) => self.walk_stepwise(from, path, flags),
            Err(error) => Err(error.into()),
        }
    }

    fn walk_stepwise(&self, root: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> Result<OwnedFd> {
        let mut names = path.split(|&byte| byte == b'/').peekable();
        let mut at: Option<OwnedFd> = None;
        while let Some(name) = names.next() {
            let from = at.as_ref().map_or(root, AsFd::as_fd);
            // O_PATH touches neither a device nor another file system's daemon.
            let next = openat(from, name, LOOK, Mode::empty())?;
            if self.is_own(Stat::of(&next)?.device()) {
                return Err(Errno(libc::ENOENT));
            }
            if names.peek().is_none() && !flags.contains(OFlags::PATH) {
                return Ok(openat(from, name, flags, Mode::empty())?);
            }
            at = Some(next);
        }
        at.ok_or(Errno(libc::ENOENT))
    }
}

impl SourceFs {
    pub(super) fn inode(&self, ino: Ino) -> Result<Arc<Inode>> {
        self.inodes.get(ino).ok_or(Errno(libc::ESTALE))
    }

    /// The path of a place from SRC, as its directories are known.
    pub(super) fn path_to(&self, place: &Place) -> Option<Vec<u8>> {
        let mut names: Vec<Box<[u8]>> = vec![place.name.clone()];
        let mut parent = place.parent;
        while parent != ROOT {
            if names.len() > DEEPEST {
                return None;
            }
            let inode = self.inodes.get(parent)?;
            let state = inode.state();
            let above = state.places.last()?;
            names.push(above.name.clone());
            parent = above.parent;
        }
        names.reverse();
        Some(names.join(&b'/'))
    }

    /// The directory itself, where it is known to be: one that was moved or replaced behind the mount is ESTALE until
    /// the kernel has looked its name up again.
    pub(super) fn directory(&self, ino: Ino) -> Result<Arc<OwnedFd>> {
        if ino == ROOT {
            return Ok(Arc::clone(&self.root.now()?.fd));
        }
        let inode = self.inode(ino)?;
        if !inode.is_directory() {
            return Err(Errno(libc::ENOTDIR));
        }
        if let Some(removed) = inode.state().pinned.clone() {
            return Ok(removed);
        }
        if let Some(directory) = self.just_found(&inode) {
            return Ok(directory);
        }
        let directory = Arc::new(self.by_name(&inode, LOOK)?.0);
        self.keep_directory(&inode, &directory);
        Ok(directory)
    }

    /// A descriptor that is the file (O_PATH, or that of a handle), for operations on the inode.
    pub(super) fn reach(&self, ino: Ino) -> Result<Arc<OwnedFd>> {
        if ino == ROOT {
            return self.directory(ino);
        }
        let inode = self.inode(ino)?;
        match inode.held() {
            Some(held) => Ok(held),
            None => Ok(Arc::new(self.by_name(&inode, LOOK)?.0)),
        }
    }

    /// Opens a file by a name that still leads to it.
    pub(super) fn by_name(&self, inode: &Inode, flags: OFlags) -> Result<(OwnedFd, Stat)> {
        let places = inode.state().places.clone();
        for place in places.iter().rev() {
            let Some((from, path)) = self.way_to(place)? else {
                continue;
            };
            let fd = match self.root.walk(from.as_fd(), &path, flags) {
                Ok(fd) => fd,
                Err(error) if gone(error) == Errno(libc::ESTALE) => continue,
                // Nothing was learnt about the name.
                Err(error) if is_shortage(error) => return Err(error),
                // The name may lead to something else by now, whose answer this is.
                Err(error) => {
                    let found = self.root.walk(from.as_fd(), &path, LOOK).and_then(Stat::of);
                    match found {
                        Ok(stat) if stat.identity() == inode.identity => return Err(error),
                        _ => continue,
                    }
                }
            };
            let stat = self.stat(&fd)?;
            if stat.identity() == inode.identity {
                return Ok((fd, stat));
            }
        }
        Err(Errno(libc::ESTALE))
    }

    /// From where, and along which path, a place is reached.
    fn way_to(&self, place: &Place) -> Result<Option<(Arc<OwnedFd>, Vec<u8>)>> {
        if place.parent != ROOT
            && let Some(parent) = self.inodes.get(place.parent)
            && let Some(directory) = self.just_found(&parent)
        {
            return Ok(Some((directory, place.name.to_vec())));
        }
        let root = self.root.now().map_err(gone)?;
        let path = self.path_to(place);
        Ok(path.map(|path| (Arc::clone(&root.fd), path)))
    }

    /// Attributes of an open file, as true as its file system can tell.
    pub(super) fn stat(&self, fd: impl AsFd) -> Result<Stat> {
        let stat = Stat::of(&fd)?;
        self.believed(stat, || Stat::of_synced(&fd))
    }

    /// Attributes of a name; our own mount is ENOENT and is not asked.
    pub(super) fn stat_named(&self, directory: impl AsFd, name: &[u8]) -> Result<Stat> {
        let stat = Stat::named(&directory, name)?;
        self.believed(stat, || {
            Stat::at(&directory, name, AtFlags::SYMLINK_NOFOLLOW)
        })
    }

    fn believed(&self, stat: Stat, ask: impl FnOnce() -> Result<Stat>) -> Result<Stat> {
        if self.root.is_own(stat.device()) {
            return Err(Errno(libc::ENOENT));
        }
        match self.root.is_local(stat.device()) {
            true => Ok(stat),
            false => ask(),
        }
    }
}

/// The name led elsewhere or nowhere: the kernel must look again.
fn gone(error: Errno) -> Errno {
    match error.0 {
        libc::ENOENT | libc::ENOTDIR | libc::ELOOP => Errno(libc::ESTALE),
        _ => error,
    }
}

/// We lack something, whatever the name leads to.
fn is_shortage(error: Errno) -> bool {
    matches!(error.0, libc::EMFILE | libc::ENFILE | libc::ENOMEM)
}

/// A path that leads to the file of a descriptor, O_PATH included, whatever its names do (proc(5)).
pub(super) fn proc_path(fd: impl AsFd) -> String {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd())
}

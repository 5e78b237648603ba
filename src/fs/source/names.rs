//! Names: looking up, making, removing and moving them.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RenameFlags, linkat, mkdirat, mknodat, openat,
    renameat_with, symlinkat, unlinkat,
};

use super::super::types::{Caller, Errno, FileKind, Ino, Result};
use super::caller::as_caller;
use super::inode::{Inode, Place};
use super::place::{LOOK, proc_path};
use super::stat::{Stat, device_of, kind_of_mode};
use super::{Entry, SourceFs};

/// A larger file is let go with its last name and handle, so that its space is free at once; of a smaller one the
/// attributes can still be had through descriptors that are no handles (O_PATH).
const PINNED_UP_TO: u64 = 1 << 20;

impl SourceFs {
    /// Finds a name.
    ///
    /// # Errors
    /// ENOENT (also for our own mount point), ESTALE where the directory is no longer where it was.
    pub fn lookup(&self, parent: Ino, name: &[u8]) -> Result<Entry> {
        let directory = self.directory(parent)?;
        self.entry(parent, &directory, component(name)?)
    }

    /// Gives lookups back.
    pub fn forget(&self, ino: Ino, lookups: u64) {
        self.inodes.forget(ino, lookups);
    }

    /// The path from SRC (no leading slash, empty for the root) at which the inode was last found.
    pub fn path_of(&self, ino: Ino) -> Option<Vec<u8>> {
        if ino == super::super::types::ROOT {
            return Some(Vec::new());
        }
        let place = self.inodes.get(ino)?.state().places.last().cloned()?;
        self.path_to(&place)
    }

    /// Makes a regular file, FIFO, socket or device. `mode` has its type bits; `rdev` is FUSE's 32-bit form. `umask` is
    /// applied here, unless a default ACL takes its place (acl(5)): negotiate FUSE_DONT_MASK.
    ///
    /// # Errors
    /// As mknod(2); EROFS.
    pub fn mknod(
        &self,
        caller: &Caller,
        parent: Ino,
        name: &[u8],
        mode: u32,
        umask: u32,
        rdev: u32,
    ) -> Result<Entry> {
        self.make(parent, name, |directory, name| {
            let kind = match kind_of_mode(mode) {
                FileKind::Regular => FileType::RegularFile,
                FileKind::Fifo => FileType::Fifo,
                FileKind::Socket => FileType::Socket,
                FileKind::CharDevice => FileType::CharacterDevice,
                FileKind::BlockDevice => FileType::BlockDevice,
                FileKind::Directory | FileKind::Symlink => return Err(Errno(libc::EINVAL)),
            };
            as_caller(caller, umask, || {
                let mode = Mode::from_raw_mode(mode & 0o7777);
                Ok(mknodat(directory, name, kind, mode, device_of(rdev))?)
            })
        })
    }

    /// Makes a directory; `umask` as for [`SourceFs::mknod`].
    ///
    /// # Errors
    /// As mkdir(2); EROFS.
    pub fn mkdir(
        &self,
        caller: &Caller,
        parent: Ino,
        name: &[u8],
        mode: u32,
        umask: u32,
    ) -> Result<Entry> {
        self.make(parent, name, |directory, name| {
            as_caller(caller, umask, || {
                Ok(mkdirat(
                    directory,
                    name,
                    Mode::from_raw_mode(mode & 0o7777),
                )?)
            })
        })
    }

    /// Makes a symbolic link.
    ///
    /// # Errors
    /// As symlink(2); EROFS.
    pub fn symlink(
        &self,
        caller: &Caller,
        parent: Ino,
        name: &[u8],
        target: &[u8],
    ) -> Result<Entry> {
        self.make(parent, name, |directory, name| {
            as_caller(caller, 0, || Ok(symlinkat(target, directory, name)?))
        })
    }

    /// Gives a file another name.
    ///
    /// # Errors
    /// As link(2); EROFS.
    pub fn link(&self, ino: Ino, parent: Ino, name: &[u8]) -> Result<Entry> {
        self.writable()?;
        let file = self.reach(ino)?;
        self.make(parent, name, |directory, name| {
            let flags = AtFlags::SYMLINK_FOLLOW;
            Ok(linkat(CWD, proc_path(&file), directory, name, flags)?)
        })
    }

    fn make(
        &self,
        parent: Ino,
        name: &[u8],
        make: impl FnOnce(&OwnedFd, &[u8]) -> Result<()>,
    ) -> Result<Entry> {
        self.writable()?;
        let name = component(name)?;
        let directory = self.directory(parent)?;
        make(&directory, name)?;
        self.entry(parent, &directory, name)
    }

    pub(super) fn entry(&self, parent: Ino, directory: &OwnedFd, name: &[u8]) -> Result<Entry> {
        let stat = self.stat_named(directory, name)?;
        Ok(self.entry_of(&stat, parent, name).1)
    }

    pub(super) fn entry_of(&self, stat: &Stat, parent: Ino, name: &[u8]) -> (Arc<Inode>, Entry) {
        let inode = self.inodes.found(stat, parent, name);
        let entry = Entry {
            attr: stat.attr(inode.ino),
            generation: inode.identity.generation,
        };
        (inode, entry)
    }

    /// Removes a name of anything but a directory. Open handles go on working.
    ///
    /// # Errors
    /// As unlink(2); EROFS.
    pub fn unlink(&self, parent: Ino, name: &[u8]) -> Result<()> {
        self.remove(parent, name, AtFlags::empty())
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// As rmdir(2); EROFS.
    pub fn rmdir(&self, parent: Ino, name: &[u8]) -> Result<()> {
        self.remove(parent, name, AtFlags::REMOVEDIR)
    }

    fn remove(&self, parent: Ino, name: &[u8], flags: AtFlags) -> Result<()> {
        self.writable()?;
        let name = component(name)?;
        let directory = self.directory(parent)?;
        let leaving = self.leaving(&directory, name);
        unlinkat(&directory, name, flags)?;
        if let Some(leaving) = leaving {
            leaving.left(&Place::new(parent, name));
        }
        Ok(())
    }

    /// Renames. `flags`: RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT (renameat2(2)).
    ///
    /// # Errors
    /// As renameat2(2); EROFS.
    pub fn rename(
        &self,
        caller: &Caller,
        parent: Ino,
        name: &[u8],
        new_parent: Ino,
        new_name: &[u8],
        flags: u32,
    ) -> Result<()> {
        self.writable()?;
        let (name, new_name) = (component(name)?, component(new_name)?);
        let from = self.directory(parent)?;
        let to = self.directory(new_parent)?;
        let flags = RenameFlags::from_bits_retain(flags);
        let moved = self.leaving(&from, name);
        let replaced = self.leaving(&to, new_name);
        let rename = || Ok(renameat_with(&from, name, &to, new_name, flags)?);
        if flags.contains(RenameFlags::WHITEOUT) {
            as_caller(caller, 0, rename)?;
        } else {
            rename()?;
        }
        let (old, new) = (Place::new(parent, name), Place::new(new_parent, new_name));
        if let (Some(moved), Some(replaced)) = (&moved, &replaced)
            && moved.inode.ino == replaced.inode.ino
        {
            // Two names of one file: nothing happens (rename(2)).
            return Ok(());
        }
        if let Some(replaced) = replaced {
            if flags.contains(RenameFlags::EXCHANGE) {
                replaced.moved(&new, old.clone());
            } else {
                replaced.left(&new);
            }
        }
        if let Some(moved) = moved {
            moved.moved(&old, new);
        }
        Ok(())
    }

    /// What is known under a name that is about to go, held where this may be its last.
    fn leaving(&self, directory: &OwnedFd, name: &[u8]) -> Option<Leaving> {
        let stat = Stat::named(directory, name).ok()?;
        let inode = self.inodes.known_as(&stat.identity())?;
        let last = inode.is_directory() || stat.links() == 1;
        let small = inode.identity.kind != FileKind::Regular || stat.size() <= PINNED_UP_TO;
        let held = (last && small)
            .then(|| openat(directory, name, LOOK, Mode::empty()).ok())
            .flatten()
            .filter(|fd| Stat::of(fd).is_ok_and(|stat| stat.identity() == inode.identity));
        Some(Leaving { inode, held })
    }
}

/// A known file whose name is about to go.
struct Leaving {
    inode: Arc<Inode>,
    held: Option<OwnedFd>,
}

impl Leaving {
    fn left(self, place: &Place) {
        let mut state = self.inode.state();
        state.places.retain(|known| known != place);
        if let Some(held) = self.held {
            state.pinned = Some(Arc::new(held));
        }
        let kept = state.kept.take();
        drop(state);
        drop(kept);
    }

    fn moved(self, from: &Place, to: Place) {
        let mut state = self.inode.state();
        state.places.retain(|known| known != from && *known != to);
        state.places.push(to);
    }
}

/// One component, as the kernel gives it.
pub(super) fn component(name: &[u8]) -> Result<&[u8]> {
    let odd = matches!(name, b"" | b"." | b"..") || name.contains(&b'/') || name.contains(&0);
    if odd {
        return Err(Errno(libc::EINVAL));
    }
    Ok(name)
}

/// Opens the file of a descriptor once more, with other flags.
pub(super) fn reopen(fd: impl AsFd, flags: OFlags) -> Result<OwnedFd> {
    let flags = flags.difference(OFlags::NOFOLLOW);
    Ok(openat(CWD, proc_path(fd), flags, Mode::empty())?)
}

//! Attributes, plain and extended.

use std::sync::Arc;
use std::time::SystemTime;

use rustix::fs::{
    Access, AtFlags, CWD, Gid, Mode, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, Uid, XattrFlags,
    accessat, chmodat, chownat, fstatvfs, getxattr, listxattr, readlinkat, removexattr, setxattr,
    utimensat,
};

use super::super::types::{Attr, Errno, Ino, ROOT, Result};
use super::data::truncate;
use super::place::proc_path;
use super::stat::Stat;
use super::{FsStat, Handle, SetAttr, SetTime, SourceFs};

/// The largest list or value of extended attributes (XATTR_LIST_MAX, XATTR_SIZE_MAX; xattr(7)).
const XATTR_MAX: usize = 65_536;

impl SourceFs {
    /// Attributes, as the source's file system has them now. An inode with open handles needs none of its names.
    ///
    /// # Errors
    /// ESTALE where neither a name nor a handle leads to it.
    pub fn getattr(&self, ino: Ino, handle: Option<Handle>) -> Result<Attr> {
        if let Some(open) = handle.and_then(|handle| self.file(handle).ok()) {
            return Ok(self.stat(&*open.file)?.attr(ino));
        }
        if let Some(stat) = self.stat_in_place(ino) {
            return Ok(stat.attr(ino));
        }
        let file = self.reach(ino)?;
        Ok(self.stat(&*file)?.attr(ino))
    }

    /// The same without opening it, where its directory is at hand; `None` where that tells nothing.
    fn stat_in_place(&self, ino: Ino) -> Option<Stat> {
        let inode = self.inodes.get(ino)?;
        if inode.held().is_some() {
            return None;
        }
        let place = inode.state().places.last().cloned()?;
        let directory = match place.parent {
            ROOT => Arc::clone(&self.root.now().ok()?.fd),
            parent => self.just_found(&*self.inodes.get(parent)?)?,
        };
        let stat = self.stat_named(&*directory, &place.name).ok()?;
        (stat.identity() == inode.identity).then_some(stat)
    }

    /// Changes attributes and gives the new ones.
    ///
    /// # Errors
    /// As truncate(2), chown(2), chmod(2), utimensat(2); EROFS.
    pub fn setattr(&self, ino: Ino, handle: Option<Handle>, set: &SetAttr) -> Result<Attr> {
        self.writable()?;
        let open = handle.and_then(|handle| self.file(handle).ok());
        let reached;
        let file = if let Some(open) = &open {
            &*open.file
        } else {
            reached = self.reach(ino)?;
            &*reached
        };
        if let Some(size) = set.size {
            match &open {
                // A handle may still write what its names no longer allow (ftruncate(2)).
                Some(open) if open.flags & libc::O_ACCMODE != libc::O_RDONLY => {
                    rustix::fs::ftruncate(&*open.file, size)?;
                }
                _ => truncate(file, size)?,
            }
        }
        let nothing_else = set.mode.is_none() && set.atime.is_none() && set.mtime.is_none();
        if set.uid.is_some() || set.gid.is_some() || (nothing_else && set.size.is_none()) {
            // chown(-1, -1) changes the ctime alone (chown(2)).
            let (uid, gid) = (set.uid.map(Uid::from_raw), set.gid.map(Gid::from_raw));
            chownat(file, "", uid, gid, AtFlags::EMPTY_PATH)?;
        }
        if let Some(mode) = set.mode {
            let mode = Mode::from_raw_mode(mode & 0o7777);
            chmodat(CWD, proc_path(file), mode, AtFlags::empty())?;
        }
        if set.atime.is_some() || set.mtime.is_some() {
            let times = Timestamps {
                last_access: timespec(set.atime),
                last_modification: timespec(set.mtime),
            };
            utimensat(CWD, proc_path(file), &times, AtFlags::empty())?;
        }
        Ok(self.stat(file)?.attr(ino))
    }

    /// Where a symbolic link points.
    ///
    /// # Errors
    /// As readlink(2).
    pub fn readlink(&self, ino: Ino) -> Result<Vec<u8>> {
        let link = self.reach(ino)?;
        Ok(readlinkat(&*link, "", Vec::new())?.into_bytes())
    }

    /// access(2) as this process; `mask` of R_OK, W_OK, X_OK. Not asked under `default_permissions`.
    ///
    /// # Errors
    /// EACCES; EROFS.
    pub fn access(&self, ino: Ino, mask: i32) -> Result<()> {
        if mask & libc::W_OK != 0 {
            self.writable()?;
        }
        let file = self.reach(ino)?;
        let mask = Access::from_bits_truncate(mask.cast_unsigned());
        Ok(accessat(CWD, proc_path(&*file), mask, AtFlags::EACCESS)?)
    }

    /// The file system's room.
    ///
    /// # Errors
    /// As statvfs(3).
    pub fn statfs(&self, ino: Ino) -> Result<FsStat> {
        let file = self.reach(ino)?;
        let stat = fstatvfs(&*file)?;
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(FsStat {
            blocks: stat.f_blocks,
            bfree: stat.f_bfree,
            bavail: stat.f_bavail,
            files: stat.f_files,
            ffree: stat.f_ffree,
            bsize: small(stat.f_bsize),
            namelen: small(stat.f_namemax),
            frsize: small(stat.f_frsize),
        })
    }

    /// Sets an extended attribute; `flags`: XATTR_CREATE, XATTR_REPLACE.
    ///
    /// # Errors
    /// As setxattr(2); EROFS.
    pub fn setxattr(&self, ino: Ino, name: &[u8], value: &[u8], flags: i32) -> Result<()> {
        self.writable()?;
        let file = self.reach(ino)?;
        let flags = XattrFlags::from_bits_retain(flags.cast_unsigned());
        Ok(setxattr(proc_path(&*file), name, value, flags)?)
    }

    /// The whole value of an extended attribute: sizes and ERANGE are the face's.
    ///
    /// # Errors
    /// As getxattr(2).
    pub fn getxattr(&self, ino: Ino, name: &[u8]) -> Result<Vec<u8>> {
        let file = self.reach(ino)?;
        let mut value = vec![0; XATTR_MAX];
        let length = getxattr(proc_path(&*file), name, value.as_mut_slice())?;
        value.truncate(length);
        Ok(value)
    }

    /// The names of the extended attributes, each ended by NUL.
    ///
    /// # Errors
    /// As listxattr(2).
    pub fn listxattr(&self, ino: Ino) -> Result<Vec<u8>> {
        let file = self.reach(ino)?;
        let mut names = vec![0; XATTR_MAX];
        let length = listxattr(proc_path(&*file), names.as_mut_slice())?;
        names.truncate(length);
        Ok(names)
    }

    /// Removes an extended attribute.
    ///
    /// # Errors
    /// As removexattr(2); EROFS.
    pub fn removexattr(&self, ino: Ino, name: &[u8]) -> Result<()> {
        self.writable()?;
        let file = self.reach(ino)?;
        Ok(removexattr(proc_path(&*file), name)?)
    }

    pub(super) fn writable(&self) -> Result<()> {
        if self.options.read_only {
            return Err(Errno(libc::EROFS));
        }
        Ok(())
    }
}

fn timespec(time: Option<SetTime>) -> Timespec {
    let (tv_sec, tv_nsec) = match time {
        None => (0, UTIME_OMIT),
        Some(SetTime::Now) => (0, UTIME_NOW),
        Some(SetTime::At(time)) => since_epoch(time),
    };
    Timespec { tv_sec, tv_nsec }
}

/// Seconds rounded down, and nanoseconds from there, also before 1970.
fn since_epoch(time: SystemTime) -> (i64, i64) {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => (
            i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
            i64::from(after.subsec_nanos()),
        ),
        Err(before) => {
            let before = before.duration();
            let seconds = i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
            match before.subsec_nanos() {
                0 => (-seconds, 0),
                nanos => (-seconds - 1, 1_000_000_000 - i64::from(nanos)),
            }
        }
    }
}

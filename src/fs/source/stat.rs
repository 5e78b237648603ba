//! What the kernel tells of a file, and what makes it the same file again.

use std::os::fd::AsFd;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Statx, StatxFlags, StatxTimestamp, statx};

use super::super::types::{Attr, FileKind, Ino, Result};

/// A file's attributes together with its identity.
#[derive(Clone, Copy)]
pub(super) struct Stat {
    raw: Statx,
}

/// What stays the same as long as a file is the same file: a number that was freed and used again comes with another
/// time of birth (where the file system has none, with the same identity: device and number alone decide).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) number: u64,
    pub(super) generation: u64,
    pub(super) kind: FileKind,
}

/// What changes whenever the content does, as far as metadata can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    mtime: (i64, u32),
    ctime: (i64, u32),
}

/// What decides who may open a file; a change of an access control list shows in the ctime (acl(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    mode: u16,
    owner: (u32, u32),
    ctime: (i64, u32),
}

/// After the first store to a shared mapping, later ones change no time until the page was written back, which takes
/// dirty_expire_centisecs (30 s) and a turn of the flusher (5 s). A stamp is believed once that time has passed.
const SETTLED: Duration = Duration::from_secs(40);

impl Stat {
    /// Of an open file, O_PATH included. Never asks a FUSE daemon (ourselves, if it came to that).
    pub(super) fn of(file: impl AsFd) -> Result<Self> {
        Self::at(file, b"", AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC)
    }

    /// Of an open file, as its server has it now: for file systems that keep attributes of their own.
    pub(super) fn of_synced(file: impl AsFd) -> Result<Self> {
        Self::at(file, b"", AtFlags::EMPTY_PATH)
    }

    /// Of a name in a directory, links not followed, without asking a server.
    pub(super) fn named(directory: impl AsFd, name: &[u8]) -> Result<Self> {
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::STATX_DONT_SYNC | AtFlags::NO_AUTOMOUNT;
        Self::at(directory, name, flags)
    }

    pub(super) fn at(directory: impl AsFd, name: &[u8], flags: AtFlags) -> Result<Self> {
        let wanted = StatxFlags::BASIC_STATS | StatxFlags::BTIME;
        Ok(Self {
            raw: statx(directory, name, flags, wanted)?,
        })
    }

    pub(super) fn identity(&self) -> Identity {
        Identity {
            device: self.device(),
            number: self.raw.stx_ino,
            generation: self.generation(),
            kind: self.kind(),
        }
    }

    pub(super) fn device(&self) -> u64 {
        libc::makedev(self.raw.stx_dev_major, self.raw.stx_dev_minor)
    }

    fn generation(&self) -> u64 {
        if self.raw.stx_mask & StatxFlags::BTIME.bits() == 0 {
            return 0;
        }
        let seconds = u64::from_ne_bytes(self.raw.stx_btime.tv_sec.to_ne_bytes());
        seconds
            .wrapping_mul(1_000_000_000)
            .wrapping_add(u64::from(self.raw.stx_btime.tv_nsec))
    }

    pub(super) fn kind(&self) -> FileKind {
        kind_of_mode(u32::from(self.raw.stx_mode))
    }

    pub(super) fn size(&self) -> u64 {
        self.raw.stx_size
    }

    pub(super) fn links(&self) -> u32 {
        self.raw.stx_nlink
    }

    pub(super) fn mode(&self) -> u32 {
        u32::from(self.raw.stx_mode)
    }

    /// The stamp, where it can be believed at `now`: no later change can leave it as it is.
    pub(super) fn settled_stamp(&self, now: SystemTime) -> Option<Stamp> {
        let last = time(self.raw.stx_ctime).max(time(self.raw.stx_mtime));
        let age = now.duration_since(last).ok()?;
        (age > SETTLED).then_some(Stamp {
            size: self.raw.stx_size,
            mtime: (self.raw.stx_mtime.tv_sec, self.raw.stx_mtime.tv_nsec),
            ctime: (self.raw.stx_ctime.tv_sec, self.raw.stx_ctime.tv_nsec),
        })
    }

    pub(super) fn access(&self) -> Access {
        Access {
            mode: self.raw.stx_mode,
            owner: (self.raw.stx_uid, self.raw.stx_gid),
            ctime: (self.raw.stx_ctime.tv_sec, self.raw.stx_ctime.tv_nsec),
        }
    }

    pub(super) fn attr(&self, ino: Ino) -> Attr {
        let raw = &self.raw;
        Attr {
            ino,
            size: raw.stx_size,
            blocks: raw.stx_blocks,
            atime: time(raw.stx_atime),
            mtime: time(raw.stx_mtime),
            ctime: time(raw.stx_ctime),
            kind: self.kind(),
            perm: raw.stx_mode & 0o7777,
            nlink: raw.stx_nlink,
            uid: raw.stx_uid,
            gid: raw.stx_gid,
            rdev: device_number(raw.stx_rdev_major, raw.stx_rdev_minor),
            blksize: raw.stx_blksize,
        }
    }
}

/// The kernel's 32-bit form of a device number, which FUSE carries (`new_encode_dev`).
fn device_number(major: u32, minor: u32) -> u32 {
    (minor & 0xff) | (major << 8) | ((minor & !0xff) << 12)
}

/// The C library's form of FUSE's 32-bit device number.
pub(super) fn device_of(rdev: u32) -> u64 {
    libc::makedev(
        (rdev & 0x000f_ff00) >> 8,
        (rdev & 0xff) | ((rdev >> 12) & 0x000f_ff00),
    )
}

fn time(stamp: StatxTimestamp) -> SystemTime {
    let whole = Duration::from_secs(stamp.tv_sec.unsigned_abs());
    let base = if stamp.tv_sec < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(whole)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(whole)
    };
    base.and_then(|base| base.checked_add(Duration::from_nanos(u64::from(stamp.tv_nsec))))
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The type that mode bits tell (inode(7)).
pub(super) fn kind_of_mode(mode: u32) -> FileKind {
    match mode & libc::S_IFMT {
        libc::S_IFDIR => FileKind::Directory,
        libc::S_IFLNK => FileKind::Symlink,
        libc::S_IFIFO => FileKind::Fifo,
        libc::S_IFSOCK => FileKind::Socket,
        libc::S_IFCHR => FileKind::CharDevice,
        libc::S_IFBLK => FileKind::BlockDevice,
        _ => FileKind::Regular,
    }
}

//! What both sides of the file system and its faces speak of. No FUSE types.

use std::io;
use std::time::SystemTime;

/// The number that the kernel knows a file by. Computed files have the top bit set, the root of the mount is 1.
pub type Ino = u64;

/// The root of the mount: the directory SRC.
pub const ROOT: Ino = 1;

/// The bit that tells computed inodes from source inodes.
pub const COMPUTED: Ino = 1 << 63;

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// Effective user.
    pub uid: u32,
    /// Effective group.
    pub gid: u32,
    /// Process (0 where the kernel does not say).
    pub pid: u32,
}

/// The type bits of a file's mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Regular file.
    Regular,
    /// Directory.
    Directory,
    /// Symbolic link.
    Symlink,
    /// FIFO.
    Fifo,
    /// Socket.
    Socket,
    /// Character device.
    CharDevice,
    /// Block device.
    BlockDevice,
}

/// A file's attributes, as stat(2) gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attr {
    /// The number that the kernel knows it by.
    pub ino: Ino,
    /// Size in bytes.
    pub size: u64,
    /// 512-byte blocks.
    pub blocks: u64,
    /// Last access.
    pub atime: SystemTime,
    /// Last change of content.
    pub mtime: SystemTime,
    /// Last change of the inode.
    pub ctime: SystemTime,
    /// Type.
    pub kind: FileKind,
    /// Permission bits, set-id and sticky bits included.
    pub perm: u16,
    /// Hard links.
    pub nlink: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Device number of a device.
    pub rdev: u32,
    /// Preferred I/O size.
    pub blksize: u32,
}

/// An operation's failure: the one number that the kernel can carry. Where more is known than the number (a
/// diagnostic), it was reported before this was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

impl Errno {
    /// What a system call said; EIO where it is no system error.
    pub fn of(error: &io::Error) -> Self {
        Self(error.raw_os_error().unwrap_or(libc::EIO))
    }
}

impl From<io::Error> for Errno {
    fn from(error: io::Error) -> Self {
        Self::of(&error)
    }
}

impl From<rustix::io::Errno> for Errno {
    fn from(error: rustix::io::Errno) -> Self {
        Self(error.raw_os_error())
    }
}

/// What every operation gives.
pub type Result<T> = std::result::Result<T, Errno>;

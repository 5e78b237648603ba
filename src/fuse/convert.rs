//! Between the file system's types and the protocol's.

use std::time::{Duration, SystemTime};

use fuser::{FileAttr, FileType, Generation, INodeNo, TimeOrNow};

use crate::fs::source::SetTime;
use crate::fs::types::{Attr, Caller, Errno, FileKind};

/// The number that goes to the kernel. ENOSYS would tell it never to ask again, for any file: EOPNOTSUPP says as much
/// for this one.
pub fn errno(error: Errno) -> fuser::Errno {
    match error.0 {
        libc::ENOSYS => fuser::Errno::from_i32(libc::EOPNOTSUPP),
        number => fuser::Errno::from_i32(number),
    }
}

pub fn attr(attr: &Attr) -> FileAttr {
    FileAttr {
        ino: INodeNo(attr.ino),
        size: attr.size,
        blocks: attr.blocks,
        atime: attr.atime,
        mtime: attr.mtime,
        ctime: attr.ctime,
        crtime: attr.ctime,
        kind: kind(attr.kind),
        perm: attr.perm,
        nlink: attr.nlink,
        uid: attr.uid,
        gid: attr.gid,
        rdev: attr.rdev,
        blksize: attr.blksize,
        flags: 0,
    }
}

pub fn kind(kind: FileKind) -> FileType {
    match kind {
        FileKind::Regular => FileType::RegularFile,
        FileKind::Directory => FileType::Directory,
        FileKind::Symlink => FileType::Symlink,
        FileKind::Fifo => FileType::NamedPipe,
        FileKind::Socket => FileType::Socket,
        FileKind::CharDevice => FileType::CharDevice,
        FileKind::BlockDevice => FileType::BlockDevice,
    }
}

pub fn generation(generation: u64) -> Generation {
    Generation(generation)
}

pub fn caller(request: &fuser::Request) -> Caller {
    Caller {
        uid: request.uid(),
        gid: request.gid(),
        pid: request.pid(),
    }
}

pub fn time(time: TimeOrNow) -> SetTime {
    match time {
        TimeOrNow::SpecificTime(time) => SetTime::At(forward(time)),
        TimeOrNow::Now => SetTime::Now,
    }
}

/// Before 1970 fuser counts the nanoseconds back from the second, and not forward.
fn forward(time: SystemTime) -> SystemTime {
    match SystemTime::UNIX_EPOCH.duration_since(time) {
        Ok(before) => {
            let nanos = Duration::from_nanos(before.subsec_nanos().into());
            time.checked_add(nanos * 2).unwrap_or(time)
        }
        Err(_) => time,
    }
}

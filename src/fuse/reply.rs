//! What outcomes are to the kernel.

use std::time::Duration;

use fuser::{ReplyAttr, ReplyData, ReplyEmpty, ReplyEntry, ReplyWrite, ReplyXattr};

use super::convert::{attr, errno, generation};
use crate::fs::computed::Named;
use crate::fs::source::{LockKind, RangeLock};
use crate::fs::types::{Attr, Errno, Result};

pub(super) fn empty(result: Result<()>, reply: ReplyEmpty) {
    match result {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(errno(error)),
    }
}

pub(super) fn entry(result: Result<Named>, reply: ReplyEntry) {
    match result {
        Ok(named) => reply.entry_with_ttls(
            &named.attr_life,
            &named.entry_life,
            &attr(&named.attr),
            generation(named.generation),
        ),
        Err(error) => reply.error(errno(error)),
    }
}

pub(super) fn attributes(result: Result<(Attr, Duration)>, reply: ReplyAttr) {
    match result {
        Ok((found, life)) => reply.attr(&life, &attr(&found)),
        Err(error) => reply.error(errno(error)),
    }
}

pub(super) fn data(result: Result<impl AsRef<[u8]>>, reply: ReplyData) {
    match result {
        Ok(bytes) => reply.data(bytes.as_ref()),
        Err(error) => reply.error(errno(error)),
    }
}

/// getxattr(2): a size of 0 asks for the size.
pub(super) fn xattr(result: Result<Vec<u8>>, size: u32, reply: ReplyXattr) {
    match result {
        Err(error) => reply.error(errno(error)),
        Ok(value) => match u32::try_from(value.len()) {
            Ok(len) if size == 0 => reply.size(len),
            Ok(len) if len <= size => reply.data(&value),
            _ => reply.error(errno(Errno(libc::ERANGE))),
        },
    }
}

pub(super) fn written(result: Result<usize>, reply: ReplyWrite) {
    match result {
        Ok(count) => match u32::try_from(count) {
            Ok(count) => reply.written(count),
            Err(_) => reply.error(errno(Errno(libc::EIO))),
        },
        Err(error) => reply.error(errno(error)),
    }
}

pub(super) fn range_lock(start: u64, end: u64, typ: i32, pid: u32) -> Result<RangeLock> {
    let kind = match typ {
        libc::F_RDLCK => LockKind::Read,
        libc::F_WRLCK => LockKind::Write,
        libc::F_UNLCK => LockKind::Unlock,
        _ => return Err(Errno(libc::EINVAL)),
    };
    Ok(RangeLock {
        start,
        end,
        kind,
        pid,
    })
}

pub(super) fn lock_type(kind: LockKind) -> i32 {
    match kind {
        LockKind::Read => libc::F_RDLCK,
        LockKind::Write => libc::F_WRLCK,
        LockKind::Unlock => libc::F_UNLCK,
    }
}

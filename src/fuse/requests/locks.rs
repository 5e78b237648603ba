//! Locks on parts of files.

use fuser::{LockOwner, ReplyEmpty, ReplyLock};

use super::File;
use crate::fs::is_computed;
use crate::fs::source::{LockKind, RangeLock};
use crate::fs::types::Result;
use crate::fuse::adapter::Adapter;
use crate::fuse::convert::errno;
use crate::fuse::reply::{empty, lock_type};

impl Adapter {
    pub(in crate::fuse) fn lock_in_the_way(
        &self,
        file: File,
        owner: LockOwner,
        asked: Result<RangeLock>,
        reply: ReplyLock,
    ) {
        tracing::trace!(ino = file.ino.0, "getlk");
        let found = asked.and_then(|asked| match is_computed(file.ino.0) {
            true => Ok(RangeLock {
                kind: LockKind::Unlock,
                ..asked
            }),
            false => self.fs().source().getlk(file.handle, owner.0, asked),
        });
        match found {
            Ok(lock) => reply.locked(lock.start, lock.end, lock_type(lock.kind), lock.pid),
            Err(error) => reply.error(errno(error)),
        }
    }

    pub(in crate::fuse) fn lock(
        &self,
        file: File,
        (owner, pid): (LockOwner, u32),
        lock: Result<RangeLock>,
        sleep: bool,
        reply: ReplyEmpty,
    ) {
        tracing::trace!(ino = file.ino.0, sleep, "setlk");
        let lock = match lock {
            Ok(lock) => lock,
            Err(error) => return reply.error(errno(error)),
        };
        if is_computed(file.ino.0) {
            // Nobody writes an output, so its readers exclude nobody (and only they may lock it: fcntl(2), EBADF).
            return reply.ok();
        }
        let answer = Box::new(move |locked| empty(locked, reply));
        let source = self.fs().source();
        source.setlk(file.handle, owner.0, lock, sleep, pid, answer);
    }
}

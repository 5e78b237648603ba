//! Files that are open: their content.

use std::time::Duration;

use fuser::{
    FileHandle, INodeNo, LockOwner, OpenFlags, ReplyCreate, ReplyData, ReplyEmpty, ReplyLseek,
    ReplyOpen, ReplyWrite, Request,
};

use super::{At, File};
use crate::fs::computed::Wait;
use crate::fs::is_computed;
use crate::fs::source::{OpenKind, WriteFlags};
use crate::fs::types::Errno;
use crate::fuse::adapter::Adapter;
use crate::fuse::convert::{attr, caller, errno, generation};
use crate::fuse::opening::Shared;
use crate::fuse::passthrough::registered;
use crate::fuse::reply::{data, empty, written};

/// FUSE_WRITE_CACHE and FUSE_WRITE_KILL_SUIDGID of linux/fuse.h.
const WRITE_CACHE: u32 = 1 << 0;
const WRITE_KILL_SUIDGID: u32 = 1 << 2;

impl Adapter {
    pub(in crate::fuse) fn open_file(
        &self,
        request: &Request,
        ino: INodeNo,
        flags: OpenFlags,
        reply: ReplyOpen,
    ) {
        tracing::trace!(ino = ino.0, flags = flags.0, "open");
        if !is_computed(ino.0) {
            return match self.fs().source().open(ino.0, flags.0) {
                Ok(opened) => self.shared.reply_source_open(flags.0, opened, reply),
                Err(error) => reply.error(errno(error)),
            };
        }
        match self.fs().computed().open(ino.0, flags.0, Wait::No) {
            Some(opened) => self.shared.reply_computed_open(ino, opened, reply),
            None => {
                let waiter = self.waiters.add(request.pid(), reply, |reply| {
                    reply.error(errno(Errno(libc::EINTR)));
                });
                self.later(ino, move |shared| {
                    if waiter.is_gone() {
                        return;
                    }
                    let opened = shared.fs.computed().open(ino.0, flags.0, Wait::Yes);
                    let opened = opened.unwrap_or(Err(Errno(libc::EIO)));
                    match (waiter.take(), opened) {
                        (Some(reply), opened) => shared.reply_computed_open(ino, opened, reply),
                        (None, Ok(opened)) => shared.fs.release(ino.0, opened.handle),
                        (None, Err(_)) => {}
                    }
                });
            }
        }
    }

    pub(in crate::fuse) fn create_file(
        &self,
        request: &Request,
        at: At<'_>,
        (mode, umask): (u32, u32),
        flags: i32,
        reply: ReplyCreate,
    ) {
        tracing::trace!(parent = at.parent, name = ?at.shown(), flags, "create");
        let source = self.fs().writable_name(at.parent, at.name);
        let who = caller(request);
        let made =
            source.and_then(|source| source.create(&who, at.parent, at.name, mode, umask, flags));
        let (made, handle, open) = match made {
            Ok(made) => made,
            Err(error) => return reply.error(errno(error)),
        };
        // Nobody has a lock on a file that was not there.
        let told = Shared::source_flags(flags, &open, false);
        let (fh, found) = (FileHandle(handle.0), attr(&made.attr));
        let generation = generation(made.generation);
        if let OpenKind::Passthrough(backing) = &open
            && let Some(id) = registered(backing, |file| reply.open_backing(file))
        {
            let life = Duration::ZERO;
            return reply.created_passthrough(&life, &found, generation, fh, told, id);
        }
        reply.created(&Duration::ZERO, &found, generation, fh, told);
    }

    pub(in crate::fuse) fn read_content(
        &self,
        file: File,
        offset: u64,
        size: u32,
        reply: ReplyData,
    ) {
        let File { ino, handle } = file;
        tracing::trace!(ino = ino.0, offset, size, "read");
        if !is_computed(ino.0) {
            if let Some(read) = self.shared.read_source_now(handle, offset, size) {
                return data(read, reply);
            }
            return self.later(ino, move |shared| {
                data(shared.read_source(handle, offset, size), reply);
            });
        }
        let content = match self.fs().computed().opened_content(handle) {
            Ok(content) => content,
            Err(error) => return reply.error(errno(error)),
        };
        match content.read_now(offset, size as usize) {
            Some(read) => data(read, reply),
            None => self.later(ino, move |_| {
                data(content.read(offset, size as usize), reply)
            }),
        }
    }

    pub(in crate::fuse) fn write_content(
        &self,
        file: File,
        offset: u64,
        bytes: &[u8],
        (write_flags, flags): (fuser::WriteFlags, OpenFlags),
        reply: ReplyWrite,
    ) {
        let File { ino, handle } = file;
        tracing::trace!(ino = ino.0, offset, len = bytes.len(), "write");
        let told = WriteFlags {
            open_flags: flags.0,
            from_cache: write_flags.bits() & WRITE_CACHE != 0,
            kill_privileges: write_flags.bits() & WRITE_KILL_SUIDGID != 0,
        };
        // Written to the disk before it is answered.
        if flags.0 & (libc::O_SYNC | libc::O_DSYNC | libc::O_DIRECT) != 0 {
            let bytes = bytes.to_vec();
            return self.later(ino, move |shared| {
                let source = shared.fs.writable(ino.0);
                written(
                    source.and_then(|source| source.write(handle, offset, &bytes, told)),
                    reply,
                );
            });
        }
        let source = self.fs().writable(ino.0);
        written(
            source.and_then(|source| source.write(handle, offset, bytes, told)),
            reply,
        );
    }

    pub(in crate::fuse) fn flush_file(&self, file: File, owner: LockOwner, reply: ReplyEmpty) {
        tracing::trace!(ino = file.ino.0, "flush");
        match is_computed(file.ino.0) {
            true => reply.ok(),
            false => empty(self.fs().source().flush(file.handle, owner.0), reply),
        }
    }

    pub(in crate::fuse) fn close_file(&self, file: File, reply: ReplyEmpty) {
        tracing::trace!(ino = file.ino.0, "release");
        self.fs().release(file.ino.0, file.handle);
        reply.ok();
    }

    pub(in crate::fuse) fn sync_file(&self, file: File, data_only: bool, reply: ReplyEmpty) {
        tracing::trace!(ino = file.ino.0, "fsync");
        // An output has nothing to be written.
        match is_computed(file.ino.0) {
            true => reply.ok(),
            false => self.later_source(file.ino, reply, move |source| {
                source.fsync(file.handle, data_only)
            }),
        }
    }

    pub(in crate::fuse) fn allocate(
        &self,
        file: File,
        (offset, length): (u64, u64),
        mode: i32,
        reply: ReplyEmpty,
    ) {
        tracing::trace!(ino = file.ino.0, "fallocate");
        self.later_source(file.ino, reply, move |source| {
            source.fallocate(file.handle, offset, length, mode)
        });
    }

    pub(in crate::fuse) fn seek(&self, file: File, offset: i64, whence: i32, reply: ReplyLseek) {
        tracing::trace!(ino = file.ino.0, offset, whence, "lseek");
        match self.fs().lseek(file.ino.0, file.handle, offset, whence) {
            Ok(offset) => reply.offset(offset),
            Err(error) => reply.error(errno(error)),
        }
    }

    pub(in crate::fuse) fn copy_range(
        &self,
        (from, offset_from): (File, u64),
        (to, offset_to): (File, u64),
        len: u64,
        reply: ReplyWrite,
    ) {
        tracing::trace!(from = from.ino.0, to = to.ino.0, len, "copy_file_range");
        // The reply counts in 32 bits; copy_file_range(2) may copy less than was asked for.
        let len = len.min(1 << 30);
        self.later(to.ino, move |shared| {
            let source = shared.fs.writable(to.ino.0);
            let copied = source.and_then(|source| match is_computed(from.ino.0) {
                // The kernel then copies by itself.
                true => Err(Errno(libc::EXDEV)),
                false => {
                    source.copy_file_range(from.handle, offset_from, to.handle, offset_to, len)
                }
            });
            written(copied, reply);
        });
    }
}

//! Folders that are open: their names.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use fuser::{FileHandle, FopenFlags, INodeNo, ReplyDirectory, ReplyEmpty, ReplyOpen};

use super::File;
use crate::fs::is_computed;
use crate::fuse::adapter::Adapter;
use crate::fuse::convert::{errno, kind};

impl Adapter {
    pub(in crate::fuse) fn open_folder(&self, ino: INodeNo, reply: ReplyOpen) {
        tracing::trace!(ino = ino.0, "opendir");
        match self.fs().opendir(ino.0) {
            Ok(handle) => reply.opened(FileHandle(handle.0), FopenFlags::empty()),
            Err(error) => reply.error(errno(error)),
        }
    }

    pub(in crate::fuse) fn read_folder(&self, file: File, offset: u64, mut reply: ReplyDirectory) {
        let File { ino, handle } = file;
        tracing::trace!(ino = ino.0, offset, "readdir");
        self.later(ino, move |shared| {
            let read = shared.fs.readdir(ino.0, handle, offset, &mut |entry| {
                let name = OsStr::from_bytes(entry.name);
                reply.add(INodeNo(entry.ino), entry.next, kind(entry.kind), name)
            });
            match read {
                Ok(()) => reply.ok(),
                Err(error) => reply.error(errno(error)),
            }
        });
    }

    pub(in crate::fuse) fn close_folder(&self, file: File, reply: ReplyEmpty) {
        tracing::trace!(ino = file.ino.0, "releasedir");
        self.fs().releasedir(file.ino.0, file.handle);
        reply.ok();
    }

    pub(in crate::fuse) fn sync_folder(&self, file: File, data_only: bool, reply: ReplyEmpty) {
        tracing::trace!(ino = file.ino.0, "fsyncdir");
        match is_computed(file.ino.0) {
            true => reply.ok(),
            false => self.later_source(file.ino, reply, move |source| {
                source.fsyncdir(file.handle, data_only)
            }),
        }
    }
}

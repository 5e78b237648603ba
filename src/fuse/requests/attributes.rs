//! What files have besides their content.

use std::ffi::OsStr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fuser::{AccessFlags, INodeNo, KernelConfig, ReplyAttr, ReplyEmpty, ReplyStatfs, ReplyXattr};

use super::bytes;
use crate::fs::computed::Wait;
use crate::fs::is_computed;
use crate::fs::source::{Handle, SetAttr};
use crate::fs::types::{Errno, ROOT};
use crate::fuse::adapter::Adapter;
use crate::fuse::convert::errno;
use crate::fuse::opening::{Shared, negotiate};
use crate::fuse::reply::{attributes, empty, xattr};

impl Adapter {
    /// Agrees with the kernel on what it may do.
    pub(in crate::fuse) fn agree(&self, config: &mut KernelConfig) {
        let offered = negotiate(config);
        let passthrough = &self.shared.passthrough;
        passthrough.store(offered.passthrough, Ordering::Release);
        self.fs().source().set_direct(offered.mapped_direct);
    }

    pub(in crate::fuse) fn attributes(
        &self,
        ino: INodeNo,
        handle: Option<Handle>,
        reply: ReplyAttr,
    ) {
        tracing::trace!(ino = ino.0, "getattr");
        attributes(self.fs().getattr(ino.0, handle), reply);
    }

    pub(in crate::fuse) fn set_attributes(
        &self,
        ino: INodeNo,
        handle: Option<Handle>,
        set: SetAttr,
        reply: ReplyAttr,
    ) {
        tracing::trace!(ino = ino.0, "setattr");
        let cuts = set.size.is_some();
        let change = move |shared: &Shared| {
            let source = shared.fs.writable(ino.0)?;
            Ok((source.setattr(ino.0, handle, &set)?, Duration::ZERO))
        };
        // Cutting a large file takes long.
        match cuts {
            true => self.later(ino, move |shared| attributes(change(shared), reply)),
            false => attributes(change(&self.shared), reply),
        }
    }

    pub(in crate::fuse) fn permitted(&self, ino: INodeNo, mask: AccessFlags, reply: ReplyEmpty) {
        tracing::trace!(ino = ino.0, "access");
        empty(self.fs().access(ino.0, mask.bits()), reply);
    }

    pub(in crate::fuse) fn file_system(&self, ino: INodeNo, reply: ReplyStatfs) {
        tracing::trace!(ino = ino.0, "statfs");
        let asked = match is_computed(ino.0) {
            true => ROOT,
            false => ino.0,
        };
        match self.fs().source().statfs(asked) {
            Ok(stat) => reply.statfs(
                stat.blocks,
                stat.bfree,
                stat.bavail,
                stat.files,
                stat.ffree,
                stat.bsize,
                stat.namelen,
                stat.frsize,
            ),
            Err(error) => reply.error(errno(error)),
        }
    }

    pub(in crate::fuse) fn set_extended(
        &self,
        ino: INodeNo,
        name: &OsStr,
        value: &[u8],
        flags: i32,
        reply: ReplyEmpty,
    ) {
        tracing::trace!(ino = ino.0, ?name, "setxattr");
        let source = self.fs().writable(ino.0);
        let set = source.and_then(|source| source.setxattr(ino.0, bytes(name), value, flags));
        empty(set, reply);
    }

    pub(in crate::fuse) fn extended(
        &self,
        ino: INodeNo,
        name: &OsStr,
        size: u32,
        reply: ReplyXattr,
    ) {
        tracing::trace!(ino = ino.0, ?name, "getxattr");
        match self.fs().getxattr(ino.0, bytes(name), Wait::No) {
            Some(value) => xattr(value, size, reply),
            None => {
                let name = bytes(name).to_owned();
                self.later(ino, move |shared| {
                    let value = shared.fs.getxattr(ino.0, &name, Wait::Yes);
                    xattr(value.unwrap_or(Err(Errno(libc::EIO))), size, reply);
                });
            }
        }
    }

    pub(in crate::fuse) fn list_extended(&self, ino: INodeNo, size: u32, reply: ReplyXattr) {
        tracing::trace!(ino = ino.0, "listxattr");
        xattr(self.fs().listxattr(ino.0), size, reply);
    }

    pub(in crate::fuse) fn remove_extended(&self, ino: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        tracing::trace!(ino = ino.0, ?name, "removexattr");
        let source = self.fs().writable(ino.0);
        let removed = source.and_then(|source| source.removexattr(ino.0, bytes(name)));
        empty(removed, reply);
    }
}

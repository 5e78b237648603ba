//! Names: what they lead to, and how that is changed.

use fuser::{INodeNo, RenameFlags, ReplyData, ReplyEmpty, ReplyEntry, Request};

use super::At;
use crate::fs::computed::{Computed, Looked, Named};
use crate::fs::types::{Errno, Result};
use crate::fs::{is_computed, named};
use crate::fuse::adapter::Adapter;
use crate::fuse::convert::{caller, errno};
use crate::fuse::reply::{data, empty, entry};

impl Adapter {
    pub(in crate::fuse) fn look_up(&self, request: &Request, at: At<'_>, reply: ReplyEntry) {
        tracing::trace!(parent = at.parent, name = ?at.shown(), "lookup");
        let pending = match self.fs().lookup(at.parent, at.name) {
            Looked::Now(found) => return entry(found, reply),
            Looked::Later(pending) => pending,
        };
        let waiter = self.waiters.add(request.pid(), reply, |reply| {
            reply.error(errno(Errno(libc::EINTR)));
        });
        let answer = move |computed: &Computed, found: Result<Named>| match (waiter.take(), found) {
            (Some(reply), found) => entry(found, reply),
            // The kernel was not told of it.
            (None, Ok(named)) => computed.forget(named.attr.ino, 1),
            (None, Err(_)) => {}
        };
        let computed = self.fs().computed();
        if pending.is_computed() {
            let of_answer = computed.clone();
            return computed.finish_later(pending, move |found| answer(&of_answer, found));
        }
        self.later(INodeNo(at.parent), move |shared| {
            let computed = shared.fs.computed();
            answer(computed, computed.finish(pending));
        });
    }

    pub(in crate::fuse) fn read_link(&self, ino: INodeNo, reply: ReplyData) {
        tracing::trace!(ino = ino.0, "readlink");
        data(self.fs().readlink(ino.0), reply);
    }

    pub(in crate::fuse) fn make_node(
        &self,
        request: &Request,
        at: At<'_>,
        (mode, umask, device): (u32, u32, u32),
        reply: ReplyEntry,
    ) {
        tracing::trace!(parent = at.parent, name = ?at.shown(), "mknod");
        let source = self.fs().writable_name(at.parent, at.name);
        let who = caller(request);
        let made =
            source.and_then(|source| source.mknod(&who, at.parent, at.name, mode, umask, device));
        entry(made.map(named), reply);
    }

    pub(in crate::fuse) fn make_folder(
        &self,
        request: &Request,
        at: At<'_>,
        (mode, umask): (u32, u32),
        reply: ReplyEntry,
    ) {
        tracing::trace!(parent = at.parent, name = ?at.shown(), "mkdir");
        let source = self.fs().writable_name(at.parent, at.name);
        let who = caller(request);
        let made = source.and_then(|source| source.mkdir(&who, at.parent, at.name, mode, umask));
        entry(made.map(named), reply);
    }

    pub(in crate::fuse) fn remove_file(&self, at: At<'_>, reply: ReplyEmpty) {
        tracing::trace!(parent = at.parent, name = ?at.shown(), "unlink");
        let source = self.fs().writable_name(at.parent, at.name);
        let removed = source.and_then(|source| source.unlink(at.parent, at.name));
        empty(removed, reply);
    }

    pub(in crate::fuse) fn remove_folder(&self, at: At<'_>, reply: ReplyEmpty) {
        tracing::trace!(parent = at.parent, name = ?at.shown(), "rmdir");
        let source = self.fs().writable_name(at.parent, at.name);
        let removed = source.and_then(|source| source.rmdir(at.parent, at.name));
        empty(removed, reply);
    }

    pub(in crate::fuse) fn make_link(
        &self,
        request: &Request,
        at: At<'_>,
        target: &[u8],
        reply: ReplyEntry,
    ) {
        tracing::trace!(parent = at.parent, name = ?at.shown(), "symlink");
        let source = self.fs().writable_name(at.parent, at.name);
        let who = caller(request);
        let made = source.and_then(|source| source.symlink(&who, at.parent, at.name, target));
        entry(made.map(named), reply);
    }

    pub(in crate::fuse) fn move_name(
        &self,
        request: &Request,
        from: At<'_>,
        to: At<'_>,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        tracing::trace!(
            parent = from.parent,
            name = ?from.shown(),
            newparent = to.parent,
            newname = ?to.shown(),
            "rename"
        );
        let renamed = (|| {
            self.fs().writable_name(from.parent, from.name)?;
            let source = self.fs().writable_name(to.parent, to.name)?;
            let who = caller(request);
            source.rename(
                &who,
                from.parent,
                from.name,
                to.parent,
                to.name,
                flags.bits(),
            )
        })();
        empty(renamed, reply);
    }

    pub(in crate::fuse) fn add_name(&self, ino: INodeNo, at: At<'_>, reply: ReplyEntry) {
        tracing::trace!(ino = ino.0, newparent = at.parent, newname = ?at.shown(), "link");
        let source = self.fs().writable_name(at.parent, at.name);
        let made = source.and_then(|source| match is_computed(ino.0) {
            // link(2): not on the same file system, as it were.
            true => Err(Errno(libc::EXDEV)),
            false => source.link(ino.0, at.parent, at.name),
        });
        entry(made.map(named), reply);
    }
}

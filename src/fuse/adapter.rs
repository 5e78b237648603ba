//! The kernel's requests: each is one call and one reply. What may take long moves to a pool with its reply, so that
//! the threads that read requests are always there for the next one.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use fuser::{
    AccessFlags, BsdFileFlags, CopyFileRangeFlags, FileHandle, Filesystem, FopenFlags, INodeNo,
    IoctlFlags, KernelConfig, LockOwner, Notifier, OpenFlags, PollEvents, PollFlags, PollNotifier,
    RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry,
    ReplyIoctl, ReplyLock, ReplyLseek, ReplyOpen, ReplyPoll, ReplyStatfs, ReplyWrite, ReplyXattr,
    Request, TimeOrNow,
};

use super::convert::{attr, caller, errno, generation, kind, time};
use super::opening::{Shared, negotiate};
use super::passthrough::registered;
use super::pool::Pool;
use super::reply::{attributes, data, empty, entry, lock_type, range_lock, written, xattr};
use super::waiters::Waiters;
use crate::fs::computed::{Computed, Looked, Named, Wait};
use crate::fs::source::{Handle, LockKind, OpenKind, RangeLock, SetAttr, SourceFs, WriteFlags};
use crate::fs::types::{Errno, Result};
use crate::fs::{Fs, is_computed, named};

/// How many readers may wait for computations at a time, and how many source operations for a disk.
const COMPUTED_WAITERS: usize = 64;
const SOURCE_WAITERS: usize = 16;

/// FUSE_WRITE_CACHE and FUSE_WRITE_KILL_SUIDGID of linux/fuse.h.
const WRITE_CACHE: u32 = 1 << 0;
const WRITE_KILL_SUIDGID: u32 = 1 << 2;

/// What the kernel talks to.
pub struct Adapter {
    shared: Arc<Shared>,
    computed: Pool,
    source: Pool,
    waiters: Waiters,
}

impl Adapter {
    pub fn new(fs: Arc<Fs>) -> Self {
        Self {
            shared: Arc::new(Shared {
                fs,
                passthrough: Arc::default(),
                notifier: Arc::default(),
                handing: Mutex::default(),
            }),
            computed: Pool::new("computed", COMPUTED_WAITERS),
            source: Pool::new("source", SOURCE_WAITERS),
            waiters: Waiters::default(),
        }
    }

    /// Whether the kernel offers passthrough, known when it is mounted; and whether it is used, told before the first
    /// request.
    pub fn passthrough_flag(&self) -> Arc<AtomicBool> {
        self.shared.passthrough.clone()
    }

    /// Where the way to tell the kernel something is put, once there is one.
    pub fn notifier(&self) -> Arc<OnceLock<Notifier>> {
        self.shared.notifier.clone()
    }

    /// The threads on which requests take long, to ask them whether any is under way.
    pub fn pools(&self) -> [Pool; 2] {
        [self.computed.clone(), self.source.clone()]
    }

    fn fs(&self) -> &Fs {
        &self.shared.fs
    }

    /// Runs `job` on the pool of the side that `ino` belongs to.
    fn later(&self, ino: INodeNo, job: impl FnOnce(&Shared) + Send + 'static) {
        let shared = self.shared.clone();
        let pool = match is_computed(ino.0) {
            true => &self.computed,
            false => &self.source,
        };
        pool.run(move || job(&shared));
    }

    /// The same for what only sources have; EROFS for an output.
    fn later_source(
        &self,
        ino: INodeNo,
        reply: ReplyEmpty,
        job: impl FnOnce(&SourceFs) -> Result<()> + Send + 'static,
    ) {
        self.later(ino, move |shared| {
            empty(shared.fs.writable(ino.0).and_then(job), reply);
        });
    }
}

fn bytes(name: &OsStr) -> &[u8] {
    name.as_bytes()
}

impl Filesystem for Adapter {
    fn init(&mut self, _request: &Request, config: &mut KernelConfig) -> io::Result<()> {
        let offered = negotiate(config);
        let passthrough = &self.shared.passthrough;
        passthrough.store(offered.passthrough, Ordering::Release);
        self.fs().source().set_direct(offered.mapped_direct);
        Ok(())
    }

    fn lookup(&self, request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        tracing::trace!(parent = parent.0, ?name, "lookup");
        let pending = match self.fs().lookup(parent.0, bytes(name)) {
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
        self.later(parent, move |shared| {
            let computed = shared.fs.computed();
            answer(computed, computed.finish(pending));
        });
    }

    fn forget(&self, _request: &Request, ino: INodeNo, lookups: u64) {
        self.fs().forget(ino.0, lookups);
    }

    fn getattr(&self, _request: &Request, ino: INodeNo, fh: Option<FileHandle>, reply: ReplyAttr) {
        tracing::trace!(ino = ino.0, "getattr");
        let handle = fh.map(|fh| Handle(fh.0));
        attributes(self.fs().getattr(ino.0, handle), reply);
    }

    fn setattr(
        &self,
        _request: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        atime: Option<TimeOrNow>,
        mtime: Option<TimeOrNow>,
        _ctime: Option<SystemTime>,
        fh: Option<FileHandle>,
        _crtime: Option<SystemTime>,
        _chgtime: Option<SystemTime>,
        _bkuptime: Option<SystemTime>,
        _flags: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        tracing::trace!(ino = ino.0, "setattr");
        let set = SetAttr {
            mode,
            uid,
            gid,
            size,
            atime: atime.map(time),
            mtime: mtime.map(time),
        };
        let handle = fh.map(|fh| Handle(fh.0));
        let change = move |shared: &Shared| {
            let source = shared.fs.writable(ino.0)?;
            Ok((source.setattr(ino.0, handle, &set)?, Duration::ZERO))
        };
        // Cutting a large file takes long.
        match size {
            Some(_) => self.later(ino, move |shared| attributes(change(shared), reply)),
            None => attributes(change(&self.shared), reply),
        }
    }

    fn readlink(&self, _request: &Request, ino: INodeNo, reply: ReplyData) {
        tracing::trace!(ino = ino.0, "readlink");
        data(self.fs().readlink(ino.0), reply);
    }

    fn mknod(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        rdev: u32,
        reply: ReplyEntry,
    ) {
        tracing::trace!(parent = parent.0, ?name, "mknod");
        let name = bytes(name);
        let source = self.fs().writable_name(parent.0, name);
        let made = source
            .and_then(|source| source.mknod(&caller(request), parent.0, name, mode, umask, rdev));
        entry(made.map(named), reply);
    }

    fn mkdir(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        reply: ReplyEntry,
    ) {
        tracing::trace!(parent = parent.0, ?name, "mkdir");
        let name = bytes(name);
        let source = self.fs().writable_name(parent.0, name);
        let made =
            source.and_then(|source| source.mkdir(&caller(request), parent.0, name, mode, umask));
        entry(made.map(named), reply);
    }

    fn unlink(&self, _request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        tracing::trace!(parent = parent.0, ?name, "unlink");
        let name = bytes(name);
        let source = self.fs().writable_name(parent.0, name);
        empty(
            source.and_then(|source| source.unlink(parent.0, name)),
            reply,
        );
    }

    fn rmdir(&self, _request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        tracing::trace!(parent = parent.0, ?name, "rmdir");
        let name = bytes(name);
        let source = self.fs().writable_name(parent.0, name);
        empty(
            source.and_then(|source| source.rmdir(parent.0, name)),
            reply,
        );
    }

    fn symlink(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        target: &Path,
        reply: ReplyEntry,
    ) {
        tracing::trace!(parent = parent.0, ?name, "symlink");
        let (name, target) = (bytes(name), bytes(target.as_os_str()));
        let source = self.fs().writable_name(parent.0, name);
        let made =
            source.and_then(|source| source.symlink(&caller(request), parent.0, name, target));
        entry(made.map(named), reply);
    }

    fn rename(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        tracing::trace!(
            parent = parent.0,
            ?name,
            newparent = newparent.0,
            ?newname,
            "rename"
        );
        let (name, new_name) = (bytes(name), bytes(newname));
        let renamed = (|| {
            self.fs().writable_name(parent.0, name)?;
            let source = self.fs().writable_name(newparent.0, new_name)?;
            let who = caller(request);
            source.rename(&who, parent.0, name, newparent.0, new_name, flags.bits())
        })();
        empty(renamed, reply);
    }

    fn link(
        &self,
        _request: &Request,
        ino: INodeNo,
        newparent: INodeNo,
        newname: &OsStr,
        reply: ReplyEntry,
    ) {
        tracing::trace!(ino = ino.0, newparent = newparent.0, ?newname, "link");
        let name = bytes(newname);
        let source = self.fs().writable_name(newparent.0, name);
        let made = source.and_then(|source| match is_computed(ino.0) {
            // link(2): not on the same file system, as it were.
            true => Err(Errno(libc::EXDEV)),
            false => source.link(ino.0, newparent.0, name),
        });
        entry(made.map(named), reply);
    }

    fn open(&self, request: &Request, ino: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
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

    fn read(
        &self,
        _request: &Request,
        ino: INodeNo,
        fh: FileHandle,
        offset: u64,
        size: u32,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyData,
    ) {
        tracing::trace!(ino = ino.0, offset, size, "read");
        let handle = Handle(fh.0);
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

    fn write(
        &self,
        _request: &Request,
        ino: INodeNo,
        fh: FileHandle,
        offset: u64,
        bytes: &[u8],
        write_flags: fuser::WriteFlags,
        flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        tracing::trace!(ino = ino.0, offset, len = bytes.len(), "write");
        let handle = Handle(fh.0);
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

    fn flush(
        &self,
        _request: &Request,
        ino: INodeNo,
        fh: FileHandle,
        lock_owner: LockOwner,
        reply: ReplyEmpty,
    ) {
        tracing::trace!(ino = ino.0, "flush");
        match is_computed(ino.0) {
            true => reply.ok(),
            false => empty(self.fs().source().flush(Handle(fh.0), lock_owner.0), reply),
        }
    }

    fn release(
        &self,
        _request: &Request,
        ino: INodeNo,
        fh: FileHandle,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        _flush: bool,
        reply: ReplyEmpty,
    ) {
        tracing::trace!(ino = ino.0, "release");
        self.fs().release(ino.0, Handle(fh.0));
        reply.ok();
    }

    fn fsync(
        &self,
        _request: &Request,
        ino: INodeNo,
        fh: FileHandle,
        datasync: bool,
        reply: ReplyEmpty,
    ) {
        tracing::trace!(ino = ino.0, "fsync");
        // An output has nothing to be written.
        match is_computed(ino.0) {
            true => reply.ok(),
            false => self.later_source(ino, reply, move |source| {
                source.fsync(Handle(fh.0), datasync)
            }),
        }
    }

    fn opendir(&self, _request: &Request, ino: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        tracing::trace!(ino = ino.0, "opendir");
        match self.fs().opendir(ino.0) {
            Ok(handle) => reply.opened(FileHandle(handle.0), FopenFlags::empty()),
            Err(error) => reply.error(errno(error)),
        }
    }

    fn readdir(
        &self,
        _request: &Request,
        ino: INodeNo,
        fh: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        tracing::trace!(ino = ino.0, offset, "readdir");
        self.later(ino, move |shared| {
            let read = shared
                .fs
                .readdir(ino.0, Handle(fh.0), offset, &mut |entry| {
                    let name = OsStr::from_bytes(entry.name);
                    reply.add(INodeNo(entry.ino), entry.next, kind(entry.kind), name)
                });
            match read {
                Ok(()) => reply.ok(),
                Err(error) => reply.error(errno(error)),
            }
        });
    }

    fn releasedir(
        &self,
        _request: &Request,
        ino: INodeNo,
        fh: FileHandle,
        _flags: OpenFlags,
        reply: ReplyEmpty,
    ) {
        tracing::trace!(ino = ino.0, "releasedir");
        self.fs().releasedir(ino.0, Handle(fh.0));
        reply.ok();
    }

    fn fsyncdir(
        &self,
        _request: &Request,
        ino: INodeNo,
        fh: FileHandle,
        datasync: bool,
        reply: ReplyEmpty,
    ) {
        tracing::trace!(ino = ino.0, "fsyncdir");
        match is_computed(ino.0) {
            true => reply.ok(),
            false => {
                self.later_source(ino, reply, move |source| {
                    source.fsyncdir(Handle(fh.0), datasync)
                });
            }
        }
    }

    fn statfs(&self, _request: &Request, ino: INodeNo, reply: ReplyStatfs) {
        tracing::trace!(ino = ino.0, "statfs");
        let asked = match is_computed(ino.0) {
            true => crate::fs::types::ROOT,
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

    fn setxattr(
        &self,
        _request: &Request,
        ino: INodeNo,
        name: &OsStr,
        value: &[u8],
        flags: i32,
        _position: u32,
        reply: ReplyEmpty,
    ) {
        tracing::trace!(ino = ino.0, ?name, "setxattr");
        let source = self.fs().writable(ino.0);
        let set = source.and_then(|source| source.setxattr(ino.0, bytes(name), value, flags));
        empty(set, reply);
    }

    fn getxattr(
        &self,
        _request: &Request,
        ino: INodeNo,
        name: &OsStr,
        size: u32,
        reply: ReplyXattr,
    ) {
        tracing::trace!(ino = ino.0, ?name, "getxattr");
        xattr(self.fs().getxattr(ino.0, bytes(name)), size, reply);
    }

    fn listxattr(&self, _request: &Request, ino: INodeNo, size: u32, reply: ReplyXattr) {
        tracing::trace!(ino = ino.0, "listxattr");
        xattr(self.fs().listxattr(ino.0), size, reply);
    }

    fn removexattr(&self, _request: &Request, ino: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        tracing::trace!(ino = ino.0, ?name, "removexattr");
        let source = self.fs().writable(ino.0);
        empty(
            source.and_then(|source| source.removexattr(ino.0, bytes(name))),
            reply,
        );
    }

    fn access(&self, _request: &Request, ino: INodeNo, mask: AccessFlags, reply: ReplyEmpty) {
        tracing::trace!(ino = ino.0, "access");
        empty(self.fs().access(ino.0, mask.bits()), reply);
    }

    fn create(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        flags: i32,
        reply: ReplyCreate,
    ) {
        tracing::trace!(parent = parent.0, ?name, flags, "create");
        let name = bytes(name);
        let source = self.fs().writable_name(parent.0, name);
        let made = source
            .and_then(|source| source.create(&caller(request), parent.0, name, mode, umask, flags));
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

    fn getlk(
        &self,
        _request: &Request,
        ino: INodeNo,
        fh: FileHandle,
        lock_owner: LockOwner,
        start: u64,
        end: u64,
        typ: i32,
        pid: u32,
        reply: ReplyLock,
    ) {
        tracing::trace!(ino = ino.0, "getlk");
        let found = range_lock(start, end, typ, pid).and_then(|asked| match is_computed(ino.0) {
            true => Ok(RangeLock {
                kind: LockKind::Unlock,
                ..asked
            }),
            false => self.fs().source().getlk(Handle(fh.0), lock_owner.0, asked),
        });
        match found {
            Ok(lock) => reply.locked(lock.start, lock.end, lock_type(lock.kind), lock.pid),
            Err(error) => reply.error(errno(error)),
        }
    }

    fn setlk(
        &self,
        request: &Request,
        ino: INodeNo,
        fh: FileHandle,
        lock_owner: LockOwner,
        start: u64,
        end: u64,
        typ: i32,
        pid: u32,
        sleep: bool,
        reply: ReplyEmpty,
    ) {
        tracing::trace!(ino = ino.0, sleep, "setlk");
        let lock = match range_lock(start, end, typ, pid) {
            Ok(lock) => lock,
            Err(error) => return reply.error(errno(error)),
        };
        if is_computed(ino.0) {
            // Nobody writes an output, so its readers exclude nobody (and only they may lock it: fcntl(2), EBADF).
            return reply.ok();
        }
        let answer = Box::new(move |locked| empty(locked, reply));
        let source = self.fs().source();
        source.setlk(
            Handle(fh.0),
            lock_owner.0,
            lock,
            sleep,
            request.pid(),
            answer,
        );
    }

    fn ioctl(
        &self,
        _request: &Request,
        _ino: INodeNo,
        _fh: FileHandle,
        _flags: IoctlFlags,
        _cmd: u32,
        _in_data: &[u8],
        _out_size: u32,
        reply: ReplyIoctl,
    ) {
        // ioctl(2): the request does not apply to this kind of object.
        reply.error(errno(Errno(libc::ENOTTY)));
    }

    fn poll(
        &self,
        _request: &Request,
        _ino: INodeNo,
        _fh: FileHandle,
        _ph: PollNotifier,
        events: PollEvents,
        _flags: PollFlags,
        reply: ReplyPoll,
    ) {
        // Regular files are always ready (poll(2)).
        reply.poll(events);
    }

    fn fallocate(
        &self,
        _request: &Request,
        ino: INodeNo,
        fh: FileHandle,
        offset: u64,
        length: u64,
        mode: i32,
        reply: ReplyEmpty,
    ) {
        tracing::trace!(ino = ino.0, "fallocate");
        self.later_source(ino, reply, move |source| {
            source.fallocate(Handle(fh.0), offset, length, mode)
        });
    }

    fn lseek(
        &self,
        _request: &Request,
        ino: INodeNo,
        fh: FileHandle,
        offset: i64,
        whence: i32,
        reply: ReplyLseek,
    ) {
        tracing::trace!(ino = ino.0, offset, whence, "lseek");
        match self.fs().lseek(ino.0, Handle(fh.0), offset, whence) {
            Ok(offset) => reply.offset(offset),
            Err(error) => reply.error(errno(error)),
        }
    }

    fn copy_file_range(
        &self,
        _request: &Request,
        ino_in: INodeNo,
        fh_in: FileHandle,
        offset_in: u64,
        ino_out: INodeNo,
        fh_out: FileHandle,
        offset_out: u64,
        len: u64,
        _flags: CopyFileRangeFlags,
        reply: ReplyWrite,
    ) {
        tracing::trace!(from = ino_in.0, to = ino_out.0, len, "copy_file_range");
        // The reply counts in 32 bits; copy_file_range(2) may copy less than was asked for.
        let len = len.min(1 << 30);
        let (from, to) = (Handle(fh_in.0), Handle(fh_out.0));
        self.later(ino_out, move |shared| {
            let copied =
                shared
                    .fs
                    .writable(ino_out.0)
                    .and_then(|source| match is_computed(ino_in.0) {
                        // The kernel then copies by itself.
                        true => Err(Errno(libc::EXDEV)),
                        false => source.copy_file_range(from, offset_in, to, offset_out, len),
                    });
            written(copied, reply);
        });
    }
}

//! Byte-range locks. Each (inode, owner) has an open file description of its own on the source file, whose locks
//! (F_OFD_SETLK, fcntl(2)) exclude other clients of the mount as well as programs that lock the source itself. Who
//! waits takes no thread: one thread tries for all of them.

use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::fs::OFlags;

use super::super::types::{Errno, Ino, Result};
use super::lock_sides;
use super::lock_table::{Key, Owner, Table, Waiter, control, raw};
use super::names::reopen;
use super::{Handle, LockKind, LockReply, RangeLock, SourceFs};

/// How often a waiter is tried again: nobody tells when another program unlocks the source file.
const RETRY: Duration = Duration::from_millis(10);

/// All locks and all waiters.
#[derive(Default)]
pub(super) struct Locks {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<Table>,
    changed: Condvar,
}

impl SourceFs {
    /// The first lock that stands against `lock`, with kind `Unlock` where there is none.
    ///
    /// # Errors
    /// As fcntl(2), F_OFD_GETLK.
    pub fn getlk(&self, handle: Handle, owner: u64, lock: RangeLock) -> Result<RangeLock> {
        let key = (self.file(handle)?.inode.ino, owner);
        let file = {
            let table = self.locks.table();
            if let Some((_, held)) = table.against(key, &lock).next() {
                return Ok(held);
            }
            let own = table.owners.get(&key).map(|own| Arc::clone(&own.file));
            table.side_asked(key.0, &lock).or(own)
        };
        let file = match file {
            Some(file) => file,
            None => Arc::new(self.description(handle)?),
        };
        let mut asked = raw(&lock);
        control(&file, libc::F_OFD_GETLK, &mut asked)?;
        let start = u64::try_from(asked.l_start).unwrap_or(0);
        let end = match u64::try_from(asked.l_len) {
            Ok(length) if length > 0 => start + length - 1,
            _ => i64::MAX.cast_unsigned(),
        };
        let kind = match i32::from(asked.l_type) {
            libc::F_RDLCK => LockKind::Read,
            libc::F_WRLCK => LockKind::Write,
            _ => LockKind::Unlock,
        };
        Ok(RangeLock {
            start,
            end,
            kind,
            pid: u32::try_from(asked.l_pid).unwrap_or(0),
        })
    }

    /// Whether somebody has byte-range locks on the handle's file, through the mount.
    pub fn is_locked(&self, handle: Handle) -> bool {
        let Ok(open) = self.file(handle) else {
            return false;
        };
        let table = self.locks.table();
        table.owners_in(open.inode.ino).next().is_some()
    }

    /// Locks or unlocks a range. Never blocks: with `sleep`, a lock that is taken is answered when it becomes free, with
    /// EDEADLK where clients of the mount would wait in a circle, or with EINTR when a signal waits for `thread` (the
    /// caller's thread id) or the file system shuts down.
    pub fn setlk(
        &self,
        handle: Handle,
        owner: u64,
        lock: RangeLock,
        sleep: bool,
        thread: u32,
        reply: LockReply,
    ) {
        let key = match self.owner_of_lock(handle, owner, &lock) {
            Ok(Some(key)) => key,
            Ok(None) => return reply(Ok(())),
            Err(error) => return reply(Err(error)),
        };
        let taken = self.locks.table().take(key, lock);
        if lock.kind == LockKind::Unlock {
            self.locks.shared.changed.notify_all();
        }
        if taken != Err(Errno(libc::EAGAIN)) || !sleep {
            return reply(taken);
        }
        self.locks.wait(Waiter {
            key,
            lock,
            handle,
            thread,
            reply,
        });
    }

    /// The owner in the table, made where it is new; `None` where it has nothing that it could unlock.
    fn owner_of_lock(&self, handle: Handle, owner: u64, lock: &RangeLock) -> Result<Option<Key>> {
        let open = self.file(handle)?;
        let key = (open.inode.ino, owner);
        let access = open.flags & libc::O_ACCMODE;
        let allowed = match lock.kind {
            LockKind::Read => access != libc::O_WRONLY,
            LockKind::Write => access != libc::O_RDONLY,
            LockKind::Unlock => true,
        };
        if !allowed {
            return Err(Errno(libc::EBADF));
        }
        if self.locks.table().owners.contains_key(&key) {
            return Ok(Some(key));
        }
        if lock.kind == LockKind::Unlock {
            return Ok(None);
        }
        let file = Arc::new(self.description(handle)?);
        let side = lock_sides::description(&open);
        self.locks
            .table()
            .owners
            .entry(key)
            .or_insert_with(|| Owner {
                file,
                handle,
                side,
                held: Vec::new(),
            });
        Ok(Some(key))
    }

    /// A new open file description of a handle's file, that can hold locks of either kind where that is allowed.
    fn description(&self, handle: Handle) -> Result<OwnedFd> {
        let open = self.file(handle)?;
        let both = reopen(&*open.file, OFlags::RDWR | OFlags::CLOEXEC);
        both.or_else(|_| {
            let access = OFlags::from_bits_retain((open.flags & libc::O_ACCMODE).cast_unsigned());
            reopen(&*open.file, access | OFlags::CLOEXEC)
        })
    }
}

impl Locks {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.shared.table()
    }

    /// The owner closed a descriptor of the inode: all its locks go (fcntl(2)).
    pub(super) fn leave(&self, ino: Ino, owner: u64) {
        let left = {
            let mut table = self.table();
            let left = table.owners.remove(&(ino, owner));
            table.leave_sides();
            left
        };
        if left.is_some() {
            self.shared.changed.notify_all();
        }
    }

    /// A handle went, and with it all that was locked or is waited for through it.
    pub(super) fn released(&self, handle: Handle) {
        let gone: Vec<Waiter> = {
            let mut table = self.table();
            if table.owners.is_empty() && table.waiting.is_empty() {
                return;
            }
            table.owners.retain(|_, owner| owner.handle != handle);
            table.leave_sides();
            let waits = |waiter: &mut Waiter| waiter.handle == handle;
            table.waiting.extract_if(.., waits).collect()
        };
        for waiter in gone {
            (waiter.reply)(Err(Errno(libc::EBADF)));
        }
        self.shared.changed.notify_all();
    }

    pub(super) fn shutdown(&self) {
        let waiting = {
            let mut table = self.table();
            table.ended = true;
            std::mem::take(&mut table.waiting)
        };
        self.shared.changed.notify_all();
        for waiter in waiting {
            (waiter.reply)(Err(Errno(libc::EINTR)));
        }
    }

    fn wait(&self, waiter: Waiter) {
        let mut table = self.table();
        if table.ended {
            drop(table);
            return (waiter.reply)(Err(Errno(libc::EINTR)));
        }
        if table.would_deadlock(waiter.key, &waiter.lock) {
            drop(table);
            return (waiter.reply)(Err(Errno(libc::EDEADLK)));
        }
        if !table.running {
            let shared = Arc::clone(&self.shared);
            let name = "source-locks".to_owned();
            let started = std::thread::Builder::new()
                .name(name)
                .spawn(move || shared.serve());
            if started.is_err() {
                drop(table);
                return (waiter.reply)(Err(Errno(libc::ENOLCK)));
            }
            table.running = true;
        }
        table.waiting.push(waiter);
        drop(table);
        self.shared.changed.notify_all();
    }
}

impl Drop for Locks {
    fn drop(&mut self) {
        self.shutdown();
    }
}

impl Shared {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tries for those who wait, as long as there are any.
    fn serve(&self) {
        loop {
            let (answered, left) = {
                let mut table = self.table();
                let answered = table.retry();
                table.running = !table.waiting.is_empty();
                (answered, table.running)
            };
            for (reply, outcome) in answered {
                reply(outcome);
            }
            if !left {
                return;
            }
            let table = self.table();
            // An unlock through the mount wakes; one by another program is found in time.
            drop(self.changed.wait_timeout(table, RETRY));
        }
    }
}

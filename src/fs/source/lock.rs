//! Byte-range locks. Each (inode, owner) has an open file description of its own on the source file, whose locks
//! (F_OFD_SETLK, fcntl(2)) exclude other clients of the mount as well as programs that lock the source itself. Who
//! waits takes no thread: one thread tries for all of them.

use std::collections::HashMap;
use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::fs::OFlags;

use super::super::types::{Errno, Ino, Result};
use super::names::reopen;
use super::{Handle, LockKind, LockReply, RangeLock, SourceFs};

/// How often a waiter is tried again: nobody tells when another program unlocks the source file.
const RETRY: Duration = Duration::from_millis(10);

type Key = (Ino, u64);

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

#[derive(Default)]
struct Table {
    owners: HashMap<Key, Owner>,
    waiting: Vec<Waiter>,
    running: bool,
    ended: bool,
}

/// What one owner has locked in one inode.
struct Owner {
    file: Arc<OwnedFd>,
    /// The handle through which it first locked: with that, it goes at the latest (locks of an open file description
    /// are not given up by `flush`).
    handle: Handle,
    held: Vec<RangeLock>,
}

enum Wanted {
    Range(Key, RangeLock),
    Whole(i32),
}

struct Waiter {
    wanted: Wanted,
    handle: Handle,
    file: Arc<OwnedFd>,
    thread: u32,
    reply: LockReply,
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
            table.owners.get(&key).map(|own| Arc::clone(&own.file))
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
        let outcome = self.try_range(handle, owner, lock);
        let Err((Errno(libc::EAGAIN), Some((key, file)))) = outcome else {
            return reply(outcome.map_err(|(error, _)| error));
        };
        if !sleep {
            return reply(Err(Errno(libc::EAGAIN)));
        }
        self.locks.wait(Waiter {
            wanted: Wanted::Range(key, lock),
            handle,
            file,
            thread,
            reply,
        });
    }

    #[allow(clippy::type_complexity)]
    fn try_range(
        &self,
        handle: Handle,
        owner: u64,
        lock: RangeLock,
    ) -> std::result::Result<(), (Errno, Option<(Key, Arc<OwnedFd>)>)> {
        let open = self.file(handle).map_err(|error| (error, None))?;
        let key = (open.inode.ino, owner);
        let access = open.flags & libc::O_ACCMODE;
        let allowed = match lock.kind {
            LockKind::Read => access != libc::O_WRONLY,
            LockKind::Write => access != libc::O_RDONLY,
            LockKind::Unlock => true,
        };
        if !allowed {
            return Err((Errno(libc::EBADF), None));
        }
        if !self.locks.table().owners.contains_key(&key) {
            if lock.kind == LockKind::Unlock {
                return Ok(());
            }
            let file = self.description(handle).map_err(|error| (error, None))?;
            let file = Arc::new(file);
            let mut table = self.locks.table();
            table.owners.entry(key).or_insert_with(|| Owner {
                file,
                handle,
                held: Vec::new(),
            });
        }
        let taken = self.locks.table().take(key, lock);
        if lock.kind == LockKind::Unlock {
            self.locks.shared.changed.notify_all();
        }
        taken.map_err(|(error, file)| (error, file.map(|file| (key, file))))
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

    /// flock(2) on the source file: LOCK_SH, LOCK_EX or LOCK_UN; without LOCK_NB it waits as [`SourceFs::setlk`] does.
    pub fn flock(&self, handle: Handle, operation: i32, thread: u32, reply: LockReply) {
        let open = match self.file(handle) {
            Ok(open) => open,
            Err(error) => return reply(Err(error)),
        };
        let tried = whole(&open.file, operation);
        if tried != Err(Errno(libc::EAGAIN)) || operation & libc::LOCK_NB != 0 {
            return reply(tried);
        }
        self.locks.wait(Waiter {
            wanted: Wanted::Whole(operation),
            handle,
            file: Arc::clone(&open.file),
            thread,
            reply,
        });
    }
}

impl Locks {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.shared.table()
    }

    /// The owner closed a descriptor of the inode: all its locks go (fcntl(2)).
    pub(super) fn leave(&self, ino: Ino, owner: u64) {
        let left = self.table().owners.remove(&(ino, owner));
        if left.is_some() {
            self.shared.changed.notify_all();
        }
    }

    /// A handle went, and with it all that was locked or is waited for through it.
    pub(super) fn released(&self, handle: Handle) {
        let gone: Vec<Waiter> = {
            let mut table = self.table();
            table.owners.retain(|_, owner| owner.handle != handle);
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
        if let Wanted::Range(key, lock) = &waiter.wanted
            && table.would_deadlock(*key, lock)
        {
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

impl Table {
    fn retry(&mut self) -> Vec<(LockReply, Result<()>)> {
        let mut answered = Vec::new();
        for waiter in std::mem::take(&mut self.waiting) {
            let outcome = match &waiter.wanted {
                Wanted::Range(key, lock) => self.take(*key, *lock).map_err(|(error, _)| error),
                Wanted::Whole(operation) => whole(&waiter.file, *operation),
            };
            match outcome {
                Err(Errno(libc::EAGAIN)) if signalled(waiter.thread) => {
                    answered.push((waiter.reply, Err(Errno(libc::EINTR))));
                }
                Err(Errno(libc::EAGAIN)) => self.waiting.push(waiter),
                outcome => answered.push((waiter.reply, outcome)),
            }
        }
        answered
    }

    /// Sets the lock in the kernel, without waiting (it takes no disk), and notes it.
    #[allow(clippy::type_complexity)]
    fn take(
        &mut self,
        key: Key,
        lock: RangeLock,
    ) -> std::result::Result<(), (Errno, Option<Arc<OwnedFd>>)> {
        let Some(owner) = self.owners.get_mut(&key) else {
            // The owner closed the file while it waited.
            return Err((Errno(libc::EBADF), None));
        };
        let mut wanted = raw(&lock);
        if let Err(error) = control(&owner.file, libc::F_OFD_SETLK, &mut wanted) {
            let error = match error {
                Errno(libc::EACCES) => Errno(libc::EAGAIN),
                error => error,
            };
            return Err((error, Some(Arc::clone(&owner.file))));
        }
        note(&mut owner.held, lock);
        Ok(())
    }

    /// Locks of other clients that stand against `lock`, with their owners.
    fn against(&self, key: Key, lock: &RangeLock) -> impl Iterator<Item = (u64, RangeLock)> {
        let lock = *lock;
        self.owners
            .iter()
            .filter(move |(other, _)| other.0 == key.0 && other.1 != key.1)
            .flat_map(move |(other, owner)| {
                let meets = move |held: &&RangeLock| {
                    let exclusive = held.kind == LockKind::Write || lock.kind == LockKind::Write;
                    exclusive && held.start <= lock.end && lock.start <= held.end
                };
                owner.held.iter().filter(meets).map(|held| (other.1, *held))
            })
    }

    /// Whether those that `key`'s owner would wait for wait, at some remove, for it.
    fn would_deadlock(&self, key: Key, lock: &RangeLock) -> bool {
        let mut seen = Vec::new();
        let mut next: Vec<u64> = self.against(key, lock).map(|(owner, _)| owner).collect();
        while let Some(owner) = next.pop() {
            if owner == key.1 {
                return true;
            }
            if seen.contains(&owner) {
                continue;
            }
            seen.push(owner);
            for waiter in &self.waiting {
                if let Wanted::Range(waits, wanted) = &waiter.wanted
                    && waits.1 == owner
                {
                    next.extend(self.against(*waits, wanted).map(|(owner, _)| owner));
                }
            }
        }
        false
    }
}

/// The owner's new lock takes the place of its older ones in the same range.
fn note(held: &mut Vec<RangeLock>, lock: RangeLock) {
    let mut left = Vec::with_capacity(held.len() + 2);
    for old in held.drain(..) {
        if old.end < lock.start || lock.end < old.start {
            left.push(old);
            continue;
        }
        if old.start < lock.start {
            let end = lock.start - 1;
            left.push(RangeLock { end, ..old });
        }
        if old.end > lock.end {
            let start = lock.end + 1;
            left.push(RangeLock { start, ..old });
        }
    }
    if lock.kind != LockKind::Unlock {
        left.push(lock);
    }
    *held = left;
}

pub(super) fn raw(lock: &RangeLock) -> libc::flock {
    let kind = match lock.kind {
        LockKind::Read => libc::F_RDLCK,
        LockKind::Write => libc::F_WRLCK,
        LockKind::Unlock => libc::F_UNLCK,
    };
    let last = i64::MAX.cast_unsigned();
    let length = if lock.end >= last {
        0
    } else {
        (lock.end - lock.start.min(lock.end)) + 1
    };
    libc::flock {
        l_type: i16::try_from(kind).unwrap_or_default(),
        l_whence: i16::try_from(libc::SEEK_SET).unwrap_or_default(),
        l_start: i64::try_from(lock.start).unwrap_or(i64::MAX),
        l_len: i64::try_from(length).unwrap_or_default(),
        l_pid: 0,
    }
}

pub(super) fn control(file: &OwnedFd, command: i32, lock: &mut libc::flock) -> Result<()> {
    // SAFETY: these commands read and write one `flock`, which outlives the call.
    if unsafe { libc::fcntl(file.as_raw_fd(), command, &raw mut *lock) } < 0 {
        return Err(std::io::Error::last_os_error().into());
    }
    Ok(())
}

fn whole(file: &OwnedFd, operation: i32) -> Result<()> {
    // SAFETY: no memory effects.
    if unsafe { libc::flock(file.as_raw_fd(), operation | libc::LOCK_NB) } < 0 {
        return Err(std::io::Error::last_os_error().into());
    }
    Ok(())
}

/// Whether a signal waits for the thread that it would not ignore (proc_pid_status(5)): FUSE_INTERRUPT does not reach
/// us, and a killed process must not hang on a lock.
fn signalled(thread: u32) -> bool {
    if thread == 0 {
        return false;
    }
    let Ok(status) = fs::read_to_string(format!("/proc/{thread}/status")) else {
        // It is gone, or not in our process namespace.
        return !fs::exists(format!("/proc/{thread}")).unwrap_or(true);
    };
    let mask = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        line.and_then(|value| u64::from_str_radix(value.trim(), 16).ok())
            .unwrap_or(0)
    };
    let stops = [libc::SIGSTOP, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU];
    let stops = stops
        .iter()
        .fold(0, |mask, signal| mask | 1 << (signal - 1));
    let pending = mask("SigPnd:") | mask("ShdPnd:");
    pending & !mask("SigBlk:") & !mask("SigIgn:") & !stops != 0
}

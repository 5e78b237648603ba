//! What is locked, who waits, and for whom.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;

use super::super::types::{Errno, Ino, Result};
use super::{Handle, LockKind, LockReply, RangeLock};

pub(super) type Key = (Ino, u64);

#[derive(Default)]
pub(super) struct Table {
    /// Those of one inode stand together.
    pub(super) owners: BTreeMap<Key, Owner>,
    /// Descriptions that lock the source out (`lock_sides`); other clients' are of other owners.
    pub(super) sides: HashMap<Ino, Arc<OwnedFd>>,
    pub(super) waiting: Vec<Waiter>,
    pub(super) running: bool,
    pub(super) ended: bool,
}

/// What one owner has locked in one inode.
pub(super) struct Owner {
    pub(super) file: Arc<OwnedFd>,
    /// The handle through which it first locked: with that, it goes at the latest (locks of an open file description
    /// are not given up by `flush`).
    pub(super) handle: Handle,
    /// Another description, where this is an index that is not shared with the source.
    pub(super) side: Option<Arc<OwnedFd>>,
    pub(super) held: Vec<RangeLock>,
}

/// A lock that is waited for.
pub(super) struct Waiter {
    pub(super) key: Key,
    pub(super) lock: RangeLock,
    pub(super) handle: Handle,
    pub(super) thread: u32,
    pub(super) reply: LockReply,
}

impl Table {
    /// Who has locks in an inode.
    pub(super) fn owners_in(&self, ino: Ino) -> impl Iterator<Item = (&Key, &Owner)> {
        self.owners.range((ino, 0)..=(ino, u64::MAX))
    }

    pub(super) fn retry(&mut self) -> Vec<(LockReply, Result<()>)> {
        let mut answered = Vec::new();
        for waiter in std::mem::take(&mut self.waiting) {
            match self.take(waiter.key, waiter.lock) {
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
    ///
    /// # Errors
    /// EAGAIN where another stands against it; EBADF where the owner closed the file while it waited.
    pub(super) fn take(&mut self, key: Key, lock: RangeLock) -> Result<()> {
        let owner = self.owners.get(&key).ok_or(Errno(libc::EBADF))?;
        let file = Arc::clone(&owner.file);
        let taken = self.take_use(key, lock).unwrap_or_else(|| {
            control(&file, libc::F_OFD_SETLK, &mut raw(&lock))?;
            let owner = self.owners.get_mut(&key).ok_or(Errno(libc::EBADF))?;
            note(&mut owner.held, lock);
            Ok(())
        });
        if lock.kind == LockKind::Unlock {
            self.leave_sides();
        }
        // fcntl(2): either says that another holds it.
        match taken {
            Err(Errno(libc::EACCES)) => Err(Errno(libc::EAGAIN)),
            taken => taken,
        }
    }

    /// Locks of other clients that stand against `lock`, with their owners.
    pub(super) fn against(
        &self,
        key: Key,
        lock: &RangeLock,
    ) -> impl Iterator<Item = (u64, RangeLock)> {
        let lock = *lock;
        self.owners_in(key.0)
            .filter(move |(other, _)| other.1 != key.1)
            .flat_map(move |(other, owner)| {
                let meets = move |held: &&RangeLock| {
                    let exclusive = held.kind == LockKind::Write || lock.kind == LockKind::Write;
                    exclusive && held.start <= lock.end && lock.start <= held.end
                };
                owner.held.iter().filter(meets).map(|held| (other.1, *held))
            })
    }

    /// Whether those that `key`'s owner would wait for wait, at some remove, for it.
    pub(super) fn would_deadlock(&self, key: Key, lock: &RangeLock) -> bool {
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
                if waiter.key.1 == owner {
                    let others = self.against(waiter.key, &waiter.lock);
                    next.extend(others.map(|(owner, _)| owner));
                }
            }
        }
        false
    }
}

/// The owner's new lock takes the place of its older ones in the same range.
pub(super) fn note(held: &mut Vec<RangeLock>, lock: RangeLock) {
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

//! SQLite's write-ahead log keeps an index in a file beside the database (`NAME-shm`) that all its users map into
//! memory. Where the kernel serves the mount from pages of its own, those who map it through the mount and those who
//! map it at the source share nothing, and overwrite each other's transactions. So only one side at a time has it open:
//! whoever uses the index holds a shared lock on one byte of it, which is taken at the source exclusively, for all
//! clients of the mount together. SQLite takes a lock that it does not get for a database that is busy, and waits.
//!
//! The byte and the order of calls are those of `unixLockSharedMemory` in SQLite's `os_unix.c` (UNIX_SHM_DMS); the
//! file's format is documented at <https://sqlite.org/walformat.html>, section 2.

use std::collections::hash_map::Entry;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::fs::OFlags;

use super::super::types::{Errno, Ino, Result};
use super::inode::Inode;
use super::lock_table::{Key, Table, control, note, raw};
use super::names::reopen;
use super::open::{OpenFile, Serving};
use super::{LockKind, RangeLock};

/// How the index's name ends.
const INDEX: &[u8] = b"-shm";

/// The byte that every user of the index has locked.
const USER: u64 = 128;

/// Whether a file is an index that is not shared with those who map it at the source.
fn is_apart(inode: &Inode) -> bool {
    let state = inode.state();
    let named = state.places.last();
    matches!(state.serving, Some(Serving::Cached))
        && named.is_some_and(|place| place.name.ends_with(INDEX))
}

/// A description of an index's file that can lock the source out; `None` for other files, and where it may not be
/// written: its users then only read.
pub(super) fn description(open: &OpenFile) -> Option<Arc<OwnedFd>> {
    if !is_apart(&open.inode) {
        return None;
    }
    let file = reopen(&*open.file, OFlags::RDWR | OFlags::CLOEXEC).ok()?;
    Some(Arc::new(file))
}

/// Whether a lock is on the byte of the users.
fn is_use(lock: &RangeLock) -> bool {
    (lock.start, lock.end) == (USER, USER)
}

impl Table {
    /// Takes a user's lock on an index: against other clients of the mount as it is, against the source for all of
    /// them. `None`: it is none.
    pub(super) fn take_use(&mut self, key: Key, lock: RangeLock) -> Option<Result<()>> {
        let side = self.owners.get(&key)?.side.clone()?;
        if !is_use(&lock) || lock.kind == LockKind::Unlock {
            return None;
        }
        if self.against(key, &lock).next().is_some() {
            return Some(Err(Errno(libc::EAGAIN)));
        }
        if let Entry::Vacant(vacant) = self.sides.entry(key.0) {
            let mut whole = raw(&RangeLock {
                kind: LockKind::Write,
                ..lock
            });
            if let Err(error) = control(&side, libc::F_OFD_SETLK, &mut whole) {
                return Some(Err(error));
            }
            vacant.insert(side);
        }
        note(&mut self.owners.get_mut(&key)?.held, lock);
        Some(Ok(()))
    }

    /// The description that locks the source out, where that is what `lock` asks about: to it, it is no lock.
    pub(super) fn side_asked(&self, ino: Ino, lock: &RangeLock) -> Option<Arc<OwnedFd>> {
        let side = self.sides.get(&ino)?;
        is_use(lock).then(|| Arc::clone(side))
    }

    /// Lets the source in again where no client of the mount uses an index any more; called when one may have left.
    pub(super) fn leave_sides(&mut self) {
        let owners = &self.owners;
        let uses = |held: &RangeLock| held.start <= USER && USER <= held.end;
        self.sides.retain(|ino, _| {
            let mut users = owners.range((*ino, 0)..=(*ino, u64::MAX));
            users.any(|(_, owner)| owner.held.iter().any(uses))
        });
    }
}

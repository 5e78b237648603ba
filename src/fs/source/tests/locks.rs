use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::super::super::types::{Errno, Ino, ROOT, Result};
use super::super::{Handle, LockKind, RangeLock};
use super::{Tree, me, tree};

const PATIENCE: Duration = Duration::from_secs(60);

fn range(kind: LockKind, start: u64, end: u64) -> RangeLock {
    RangeLock {
        start,
        end,
        kind,
        pid: 77,
    }
}

impl Tree {
    fn lock(&self, file: Handle, owner: u64, lock: RangeLock, sleep: bool) -> Receiver<Result<()>> {
        let (send, answer) = channel();
        let reply = Box::new(move |outcome| send.send(outcome).unwrap_or(()));
        self.fs.setlk(file, owner, lock, sleep, 0, reply);
        answer
    }

    fn try_lock(&self, file: Handle, owner: u64, lock: RangeLock) -> Result<()> {
        self.lock(file, owner, lock, false)
            .recv_timeout(PATIENCE)
            .unwrap()
    }

    fn lockable(&self, name: &[u8]) -> (Ino, Handle) {
        let made = self.fs.create(&me(), ROOT, name, 0o600, 0, libc::O_RDWR);
        let (entry, handle, _) = made.unwrap();
        (entry.attr.ino, handle)
    }
}

#[test]
fn owners_exclude_each_other_by_range() {
    let tree = tree();
    let (_, file) = tree.lockable(b"f");
    let busy = Err(Errno(libc::EAGAIN));
    tree.try_lock(file, 1, range(LockKind::Write, 0, 9))
        .unwrap();
    assert_eq!(tree.try_lock(file, 2, range(LockKind::Read, 5, 20)), busy);
    assert_eq!(
        tree.try_lock(file, 2, range(LockKind::Read, 10, 20)),
        Ok(())
    );
    let asked = range(LockKind::Write, 0, u64::MAX);
    let found = tree.fs.getlk(file, 2, asked).unwrap();
    assert_eq!(found, range(LockKind::Write, 0, 9));
    // A hole in the middle.
    tree.try_lock(file, 1, range(LockKind::Unlock, 3, 5))
        .unwrap();
    assert_eq!(tree.try_lock(file, 2, range(LockKind::Write, 3, 5)), Ok(()));
    assert_eq!(tree.try_lock(file, 2, range(LockKind::Write, 6, 6)), busy);
    tree.fs.flush(file, 1).unwrap();
    assert_eq!(
        tree.try_lock(file, 2, range(LockKind::Write, 0, u64::MAX)),
        Ok(())
    );
    tree.fs.release(file);
    let (again, _) = tree.fs.open(tree.find("f").unwrap(), libc::O_RDWR).unwrap();
    assert_eq!(tree.try_lock(again, 3, asked), Ok(()));
}

#[test]
fn programs_on_the_source_are_excluded_too() {
    let tree = tree();
    let (_, file) = tree.lockable(b"f");
    let other = std::fs::File::options()
        .write(true)
        .open(tree.at("f"))
        .unwrap();
    let mut raw = super::super::lock_table::raw(&range(LockKind::Write, 0, 0));
    let fd = std::os::fd::OwnedFd::from(other);
    super::super::lock_table::control(&fd, libc::F_OFD_SETLK, &mut raw).unwrap();
    let wanted = range(LockKind::Write, 0, 5);
    assert_eq!(tree.try_lock(file, 1, wanted), Err(Errno(libc::EAGAIN)));
    assert_eq!(
        tree.fs.getlk(file, 1, wanted).unwrap().kind,
        LockKind::Write
    );
    let waiting = tree.lock(file, 1, wanted, true);
    drop(fd);
    assert_eq!(waiting.recv_timeout(PATIENCE), Ok(Ok(())));
    let whole = tree.fs.getlk(file, 2, wanted).unwrap();
    assert_eq!(whole, wanted);
}

#[test]
fn waiting_ends_with_the_lock_a_circle_or_the_end() {
    let tree = tree();
    let (_, a) = tree.lockable(b"a");
    let (_, b) = tree.lockable(b"b");
    let write = range(LockKind::Write, 0, 0);
    tree.try_lock(a, 1, write).unwrap();
    tree.try_lock(b, 2, write).unwrap();
    let first = tree.lock(b, 1, write, true);
    assert_eq!(first.try_recv().ok(), None);
    let circle = tree.lock(a, 2, write, true);
    assert_eq!(circle.recv_timeout(PATIENCE), Ok(Err(Errno(libc::EDEADLK))));
    tree.try_lock(b, 2, range(LockKind::Unlock, 0, 0)).unwrap();
    assert_eq!(first.recv_timeout(PATIENCE), Ok(Ok(())));
    let last = tree.lock(b, 3, write, true);
    tree.fs.shutdown();
    assert_eq!(last.recv_timeout(PATIENCE), Ok(Err(Errno(libc::EINTR))));
    let late = tree.lock(b, 3, write, true);
    assert_eq!(late.recv_timeout(PATIENCE), Ok(Err(Errno(libc::EINTR))));
}

/// What SQLite does with the index of its write-ahead log: not shared with the source, it is used by one side at a time.
#[test]
fn an_index_of_a_write_ahead_log_is_used_by_one_side() {
    let tree = tree();
    let (ino, first) = tree.lockable(b"db-shm");
    let (second, _) = tree.fs.open(ino, libc::O_RDWR).unwrap();
    let source = std::fs::File::options()
        .read(true)
        .write(true)
        .open(tree.at("db-shm"))
        .unwrap();
    let source = std::os::fd::OwnedFd::from(source);
    let at_source = |kind| {
        let mut raw = super::super::lock_table::raw(&range(kind, 128, 128));
        super::super::lock_table::control(&source, libc::F_OFD_SETLK, &mut raw)
    };
    let busy = Err(Errno(libc::EAGAIN));
    let user = range(LockKind::Read, 128, 128);
    let first_user = range(LockKind::Write, 128, 128);

    // Clients of the mount among themselves, as at the source: the first alone, then all.
    assert_eq!(
        tree.fs.getlk(first, 1, first_user).unwrap().kind,
        LockKind::Unlock
    );
    tree.try_lock(first, 1, first_user).unwrap();
    assert_eq!(tree.try_lock(second, 2, user), busy);
    tree.try_lock(first, 1, user).unwrap();
    assert_eq!(
        tree.fs.getlk(second, 2, first_user).unwrap().kind,
        LockKind::Read
    );
    assert_eq!(tree.try_lock(second, 2, first_user), busy);
    tree.try_lock(second, 2, user).unwrap();
    assert_eq!(
        tree.fs.getlk(second, 2, user).unwrap().kind,
        LockKind::Unlock
    );
    // The source is locked out until the last has left, and other bytes are as they are.
    assert_eq!(at_source(LockKind::Read), busy);
    let writer = range(LockKind::Write, 120, 120);
    tree.try_lock(first, 1, writer).unwrap();
    assert_eq!(tree.try_lock(second, 2, writer), busy);
    tree.fs.flush(first, 1).unwrap();
    assert_eq!(at_source(LockKind::Read), busy);
    tree.try_lock(second, 2, writer).unwrap();
    tree.try_lock(second, 2, range(LockKind::Unlock, 0, u64::MAX))
        .unwrap();
    // And the other way round.
    at_source(LockKind::Read).unwrap();
    assert_eq!(
        tree.fs.getlk(first, 1, first_user).unwrap().kind,
        LockKind::Read
    );
    assert_eq!(tree.try_lock(first, 1, user), busy);
    at_source(LockKind::Unlock).unwrap();
    tree.try_lock(first, 1, user).unwrap();
    tree.fs.release(first);
    at_source(LockKind::Write).unwrap();
}

//! The kernel asks twice for a name whose file has changed: first whether it still leads to the file that it knows, and
//! when it learns that it does not, where it leads to (fs/fuse/dir.c, `fuse_dentry_revalidate`, then `fuse_lookup`).
//! The first question is answered at once with ESTALE, while the new version is computed: so that the second, which waits
//! for it, is on its way meanwhile.
//!
//! The two questions look the same. Where the kernel has lost the name, the one that is refused is the second, and
//! ESTALE has it walk the path anew, once (fs/namei.c, `filename_lookup`, `do_filp_open`): who asked is not told. So no
//! thread may be refused twice in one walk.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::fs::computed::Named;
use crate::fs::types::{Errno, FileKind, Result};

/// How long a walk may take. One that takes longer, is refused, and finds its file changed once more, fails.
const WALK: Duration = Duration::from_secs(10);

/// The most threads that are in the middle of such a walk; others are not refused.
const MOST: usize = 1024;

/// The threads whose walk was refused, and when.
#[derive(Default)]
pub struct Refusals {
    walks: Mutex<HashMap<u32, Instant>>,
    /// How many there are: mostly none, and then nobody takes the lock.
    count: AtomicUsize,
}

impl Refusals {
    fn lock(&self) -> MutexGuard<'_, HashMap<u32, Instant>> {
        self.walks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether `thread`, which looks up a file that has changed, is to be refused: it was not yet in this walk.
    pub fn may_refuse(&self, thread: u32) -> bool {
        // 0: one that we cannot see (of another PID namespace).
        thread != 0 && self.begin(thread)
    }

    /// `thread` is refused, and walks anew. Gives whether it was not yet.
    pub fn begin(&self, thread: u32) -> bool {
        self.begin_at(thread, Instant::now())
    }

    /// What `thread` looks up now is where its walk ends.
    pub fn end(&self, thread: u32) {
        if self.count.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut walks = self.lock();
        walks.remove(&thread);
        self.count.store(walks.len(), Ordering::Release);
    }

    /// `thread` is told where a name leads. A file is where its walk ends.
    pub fn note(&self, thread: u32, found: &Result<Named>) {
        match found {
            Ok(named) if named.attr.kind == FileKind::Regular => self.end(thread),
            Err(Errno(libc::ESTALE)) => {
                self.begin(thread);
            }
            _ => {}
        }
    }

    fn begin_at(&self, thread: u32, now: Instant) -> bool {
        let mut walks = self.lock();
        let is_over = |since: &Instant| now.duration_since(*since) > WALK;
        if walks.get(&thread).is_some_and(|since| !is_over(since)) {
            return false;
        }
        if walks.len() >= MOST {
            walks.retain(|_, since| !is_over(since));
        }
        if walks.len() >= MOST {
            return false;
        }
        walks.insert(thread, now);
        self.count.store(walks.len(), Ordering::Release);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_refused_once_in_a_walk() {
        let refusals = Refusals::default();
        assert!(refusals.may_refuse(7));
        assert!(!refusals.may_refuse(7));
        assert!(refusals.may_refuse(8));
        refusals.end(7);
        assert!(refusals.may_refuse(7));
        for thread in [7, 8] {
            refusals.end(thread);
            assert!(refusals.may_refuse(thread), "none was left for a moment");
        }
        assert!(!refusals.may_refuse(0), "whoever cannot be told apart");
        // Refused for another reason.
        refusals.note(9, &Err(Errno(libc::ESTALE)));
        assert!(!refusals.may_refuse(9));
    }

    #[test]
    fn walks_that_never_ended_are_few_and_forgotten() {
        let refusals = Refusals::default();
        let start = Instant::now();
        for thread in 1..=u32::try_from(MOST).unwrap() {
            assert!(refusals.begin_at(thread, start));
        }
        assert!(!refusals.begin_at(100_000, start + WALK));
        assert!(!refusals.begin_at(1, start + WALK));
        let later = start + WALK + Duration::from_millis(1);
        assert!(refusals.begin_at(1, later));
        assert!(refusals.begin_at(100_000, later));
        assert_eq!(refusals.lock().len(), 2);
    }
}

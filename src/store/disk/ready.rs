//! A gate that opens once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// Closed until [`Ready::done`].
#[derive(Debug, Default)]
pub(super) struct Ready {
    /// What `open` says, without a lock.
    seen: AtomicBool,
    open: Mutex<bool>,
    opened: Condvar,
}

impl Ready {
    /// Lets everybody through, now and later.
    pub(super) fn done(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.seen.store(true, Ordering::Release);
        self.opened.notify_all();
    }

    /// Waits until then.
    pub(super) fn wait(&self) {
        if self.seen.load(Ordering::Acquire) {
            return;
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        while !*open {
            open = self
                .opened
                .wait(open)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

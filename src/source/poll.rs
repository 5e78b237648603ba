//! Hints where inotify is of no use: `notify` compares the directories in use once a second. Reads never rely on it;
//! hot updates do.

use std::collections::HashSet;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use notify::{Config, PollWatcher, RecursiveMode, Watcher as _};

use super::disk::mounts::Mounts;

/// How long a change may go unnoticed by hot updates.
const INTERVAL: Duration = Duration::from_secs(1);

/// A poller that starts with the first directory it gets.
pub(super) struct Poller {
    hint: Arc<Hint>,
    watcher: Mutex<Watched>,
}

#[derive(Default)]
struct Watched {
    poll: Option<PollWatcher>,
    directories: HashSet<PathBuf>,
    failed: bool,
}

struct Hint {
    changed: AtomicBool,
    /// An eventfd(2), to end a wait.
    wake: OwnedFd,
}

impl Hint {
    fn give(&self) {
        self.changed.store(true, Ordering::Release);
        self.wake();
    }

    fn wake(&self) {
        // It fails only where the counter is full, and then the wait ends as well.
        let _ = rustix::io::write(&self.wake, &1u64.to_ne_bytes());
    }
}

impl Poller {
    pub(super) fn new() -> std::io::Result<Self> {
        // SAFETY: takes no pointers.
        let wake = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if wake < 0 {
            return Err(std::io::Error::last_os_error());
        }
        // SAFETY: a new descriptor that nobody else owns.
        let wake = unsafe { OwnedFd::from_raw_fd(wake) };
        Ok(Self {
            hint: Arc::new(Hint {
                changed: AtomicBool::new(false),
                wake,
            }),
            watcher: Mutex::default(),
        })
    }

    /// Compares the absolute `directory` from now on. Not where something to stay off is mounted in it, since
    /// `notify` would look at that.
    pub(super) fn watch(&self, directory: PathBuf, mounts: &Mounts) {
        let mut watched = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.failed
            || watched.directories.contains(&directory)
            || mounts.cover(&directory)
            || !mounts.names_in(&directory).is_empty()
        {
            return;
        }
        if watched.poll.is_none() {
            let hint = self.hint.clone();
            let config = Config::default()
                .with_poll_interval(INTERVAL)
                .with_compare_contents(true)
                .with_follow_symlinks(false);
            match PollWatcher::new(move |_| hint.give(), config) {
                Ok(poll) => watched.poll = Some(poll),
                Err(error) => {
                    watched.failed = true;
                    tracing::warn!("cannot poll for changes, so nothing is hot: {error}");
                    return;
                }
            }
        }
        if let Some(poll) = &mut watched.poll {
            match poll.watch(&directory, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    watched.directories.insert(directory);
                }
                Err(error) => {
                    tracing::debug!("cannot poll `{}`: {error}", directory.display());
                }
            }
        }
    }

    /// Whether something changed since the last call.
    pub(super) fn take(&self) -> bool {
        let changed = self.hint.changed.load(Ordering::Acquire)
            && self.hint.changed.swap(false, Ordering::AcqRel);
        if changed {
            let mut count = [0; 8];
            // It fails only where the counter is at zero already.
            let _ = rustix::io::read(&self.hint.wake, &mut count);
        }
        changed
    }

    /// Has no wait last any longer.
    pub(super) fn end_waiting(&self) {
        self.hint.wake();
    }

    /// Waits for a hint, for `other` to become readable, or for an exceptional condition of `table`; gives whether there is one.
    pub(super) fn wait(
        &self,
        other: Option<RawFd>,
        table: Option<RawFd>,
        timeout: Duration,
    ) -> bool {
        let request = |fd, events| libc::pollfd {
            fd,
            events,
            revents: 0,
        };
        // poll(2) skips negative descriptors.
        let mut requests = [
            request(self.hint.wake.as_raw_fd(), libc::POLLIN),
            request(other.unwrap_or(-1), libc::POLLIN),
            request(table.unwrap_or(-1), libc::POLLPRI),
        ];
        let milliseconds = i32::try_from(timeout.as_millis().max(1)).unwrap_or(i32::MAX);
        // SAFETY: three valid pollfds, which outlive the call. An interrupted wait ends early, as it may.
        unsafe { libc::poll(requests.as_mut_ptr(), 3, milliseconds) };
        requests[2].revents != 0
    }
}

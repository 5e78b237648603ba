//! Clients that wait for a computation can be killed. The kernel lets a process that was killed go only when its
//! request is answered (fs/fuse/dev.c, `request_wait_answer`), and tells of the signal by a request that `fuser` does
//! not pass on. So while anybody waits, this looks at the waiting processes.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often waiting processes are looked at; nobody is, who waits for less.
const LOOK: Duration = Duration::from_millis(50);

/// Replies that are waited for, and the thread that looks after them, which comes with the first.
#[derive(Default)]
pub struct Waiters {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<(u32, Arc<dyn Abandon>)>,
    watched: bool,
}

trait Abandon: Send + Sync {
    /// Answers, unless it was answered.
    fn abandon(&self);
    /// Whether it was answered.
    fn is_done(&self) -> bool;
}

struct Slot<R> {
    reply: Mutex<Option<R>>,
    refuse: fn(R),
}

impl<R> Slot<R> {
    fn reply(&self) -> MutexGuard<'_, Option<R>> {
        self.reply.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Send> Abandon for Slot<R> {
    fn abandon(&self) {
        let reply = self.reply().take();
        if let Some(reply) = reply {
            (self.refuse)(reply);
        }
    }

    fn is_done(&self) -> bool {
        self.reply().is_none()
    }
}

/// A reply that somebody waits for. It goes with this value where it was not taken.
pub struct Waiter<R>(Arc<Slot<R>>);

impl<R> Waiter<R> {
    /// The reply, to be answered; `None` where its client is gone.
    pub fn take(self) -> Option<R> {
        self.0.reply().take()
    }

    /// Whether the answer would come too late.
    pub fn is_gone(&self) -> bool {
        self.0.reply().is_none()
    }
}

impl<R> Drop for Waiter<R> {
    fn drop(&mut self) {
        let reply = self.0.reply().take();
        drop(reply);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiters {
    /// The thread `client` waits for `reply`; when it is killed, `refuse` answers.
    pub fn add<R: Send + 'static>(&self, client: u32, reply: R, refuse: fn(R)) -> Waiter<R> {
        let slot = Arc::new(Slot {
            reply: Mutex::new(Some(reply)),
            refuse,
        });
        let mut state = self.shared.state();
        state.waiting.push((client, slot.clone()));
        if !state.watched {
            let shared = self.shared.clone();
            let thread = std::thread::Builder::new()
                .name("waiters".into())
                .spawn(move || watch(&shared));
            // Without it they wait for the answer, as they would anyway.
            state.watched = thread.is_ok();
        }
        drop(state);
        self.shared.arrived.notify_one();
        Waiter(slot)
    }
}

fn watch(shared: &Shared) {
    loop {
        let mut state = shared.state();
        state.waiting.retain(|(_, slot)| !slot.is_done());
        while state.waiting.is_empty() {
            state = shared
                .arrived
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        std::thread::sleep(LOOK);
        let mut state = shared.state();
        state.waiting.retain(|(_, slot)| !slot.is_done());
        let waiting = state.waiting.clone();
        drop(state);
        for (client, slot) in waiting {
            if is_killed(client) {
                slot.abandon();
            }
        }
    }
}

/// Whether SIGKILL is pending for a thread: every fatal signal becomes one (proc(5), `SigPnd`, `ShdPnd`).
fn is_killed(thread: u32) -> bool {
    // 0: a process that we cannot see (of another PID namespace).
    thread != 0
        && std::fs::read_to_string(format!("/proc/{thread}/status"))
            .is_ok_and(|status| has_pending_kill(&status))
}

fn has_pending_kill(status: &str) -> bool {
    const KILL: u64 = 1 << (libc::SIGKILL - 1);
    status.lines().any(|line| {
        line.strip_prefix("SigPnd:")
            .or_else(|| line.strip_prefix("ShdPnd:"))
            .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .is_some_and(|mask| mask & KILL != 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::{Sender, unbounded};

    /// A reply that tells how it ended.
    struct Reply(Sender<&'static str>);

    impl Drop for Reply {
        fn drop(&mut self) {
            let _ = self.0.send("dropped");
        }
    }

    fn refuse(reply: Reply) {
        let _ = reply.0.send("refused");
    }

    #[test]
    fn a_reply_is_answered_once() {
        let waiters = Waiters::default();
        let (told, ends) = unbounded();
        let waiter = waiters.add(std::process::id(), Reply(told.clone()), refuse);
        assert!(!waiter.is_gone());
        drop(waiter.take());
        assert_eq!(ends.recv(), Ok("dropped"));
        // One that is forgotten is dropped, which answers EIO.
        drop(waiters.add(std::process::id(), Reply(told.clone()), refuse));
        assert_eq!(ends.recv(), Ok("dropped"));
        let waiter = waiters.add(0, Reply(told), refuse);
        waiter.0.abandon();
        assert_eq!(ends.recv(), Ok("refused"));
        assert!(waiter.is_gone() && waiter.take().is_none());
    }

    #[test]
    fn a_pending_kill_is_seen() {
        let status = |own: &str, shared: &str| {
            has_pending_kill(&format!(
                "Name:\tcat\nSigPnd:\t{own}\nShdPnd:\t{shared}\nSigBlk:\t0000000000000100\n"
            ))
        };
        assert!(status("0000000000000100", "0000000000000000"));
        assert!(status("0000000000000000", "0000000000000102"));
        assert!(!status("0000000000000002", "0000000000004000"));
        assert!(!is_killed(std::process::id()));
    }
}

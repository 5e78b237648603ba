//! The threads that verify and compute: some for readers, some that work ahead on the cores that readers leave idle. Here is
//! what they take their work from.

mod threads;

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::memo::Outcome;
use super::prepare::Walk;
use crate::base::{ContentHash, Key, QuickSet};

pub(super) use threads::{STACK, join, start};

/// The most threads that serve readers in the place of those that wait for other processes, be it for their turn: as many
/// hooks that never end may be opened at a time and delay no other file. One that waits takes no more than its stack.
const SPARES: usize = 128;

/// What takes an outcome to whoever asked for it. Dropped without one where the graph ends before.
pub(super) type Reply = Box<dyn FnOnce(Arc<Outcome>) + Send>;

struct Job {
    key: Key,
    lost: Option<ContentHash>,
    /// All who asked before it was begun.
    replies: Vec<Reply>,
}

/// What a reader's thread does next.
enum Work {
    Job(Job),
    /// A node of a walk that a run shares.
    Part(Arc<Walk>, Key),
}

#[derive(Default)]
struct Queues {
    readers: VecDeque<Job>,
    /// Walks of runs under way; served where no reader waits.
    walks: Vec<Arc<Walk>>,
    ahead: VecDeque<(Key, u32)>,
    queued_ahead: QuickSet<Key>,
    /// Readers' jobs, and parts of walks, that run now.
    running: usize,
    /// Those of them that wait for another process, and take no processor.
    away: usize,
    /// Nodes that are computed ahead now.
    running_ahead: usize,
    /// How many may run and not be away.
    threads: usize,
    /// The threads that were started because others were away.
    spares: Vec<JoinHandle<()>>,
    stopped: bool,
}

impl Queues {
    /// Whether there is something to do ahead, and a core that no reader's job wants.
    fn has_room_ahead(&self) -> bool {
        let busy = self.running + self.running_ahead;
        self.readers.is_empty() && !self.ahead.is_empty() && busy < self.threads + self.away
    }
}

/// The two queues.
#[derive(Default)]
pub(super) struct Pool {
    queues: Mutex<Queues>,
    /// A reader's job came, or the end.
    reader: Condvar,
    /// There is something to do ahead and a core for it, or the end.
    idle: Condvar,
}

impl Pool {
    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has every thread end after the job that it is at; jobs that wait are dropped, which tells their readers.
    pub(super) fn stop(&self) {
        let mut queues = self.lock();
        queues.stopped = true;
        queues.readers.clear();
        queues.ahead.clear();
        self.reader.notify_all();
        self.idle.notify_all();
    }

    /// How much waits or runs, for readers and ahead of them. What a job leads to is queued before it is done.
    pub(super) fn pending(&self) -> usize {
        let queues = self.lock();
        let waiting = queues.readers.len() + queues.walks.len() + queues.ahead.len();
        waiting + queues.running + queues.running_ahead
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Queues a reader's job, or joins it to one for the same node that is not begun. Once the pool has stopped, `reply`
    /// goes unanswered.
    fn submit(&self, key: &Key, lost: Option<ContentHash>, reply: Reply) {
        let mut queues = self.lock();
        if queues.stopped {
            return;
        }
        let same = |job: &&mut Job| job.key == *key && job.lost == lost;
        if let Some(job) = queues.readers.iter_mut().find(same) {
            job.replies.push(reply);
            return;
        }
        queues.readers.push_back(Job {
            key: key.clone(),
            lost,
            replies: vec![reply],
        });
        // Whoever wakes finds the lock free.
        drop(queues);
        self.reader.notify_one();
    }

    /// Offers a walk to threads that have nothing else to do.
    pub(super) fn share(&self, walk: &Arc<Walk>) {
        self.lock().walks.push(walk.clone());
        self.reader.notify_all();
    }

    /// There is more to do in a walk that is shared.
    pub(super) fn offer(&self) {
        // Whoever found nothing has let go of the lock since, and waits.
        drop(self.lock());
        self.reader.notify_all();
    }

    /// The counterpart of [`Pool::share`].
    pub(super) fn unshare(&self, walk: &Arc<Walk>) {
        let mut queues = self.lock();
        queues.walks.retain(|other| !Arc::ptr_eq(other, walk));
    }

    fn next_reader(&self) -> Option<Work> {
        let mut queues = self.lock();
        loop {
            if queues.stopped {
                return None;
            }
            let is_free = queues.running < queues.threads + queues.away;
            if is_free && let Some(job) = queues.readers.pop_front() {
                queues.running += 1;
                return Some(Work::Job(job));
            }
            let mut walks = queues.walks.iter().filter(|_| is_free);
            let part = walks.find_map(|walk| Some(Work::Part(walk.clone(), walk.take()?)));
            if part.is_some() {
                queues.running += 1;
                return part;
            }
            queues = self
                .reader
                .wait(queues)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn reader_done(&self) {
        let mut queues = self.lock();
        queues.running -= 1;
        if queues.has_room_ahead() {
            self.idle.notify_one();
        }
    }

    /// Counts a reader's job as away until what is given is dropped, and tells whether a thread is wanted in its place.
    fn leave(&self) -> (Away<'_>, bool) {
        let mut queues = self.lock();
        queues.away += 1;
        let wanted = !queues.stopped && queues.spares.len() < SPARES.min(queues.away);
        self.reader.notify_one();
        (Away(self), wanted)
    }

    /// The threads that were started later, to be waited for.
    pub(super) fn take_spares(&self) -> Vec<JoinHandle<()>> {
        std::mem::take(&mut self.lock().spares)
    }

    fn ahead_done(&self) {
        self.lock().running_ahead -= 1;
    }

    fn next_ahead(&self) -> Option<(Key, u32)> {
        let mut queues = self.lock();
        loop {
            if queues.stopped {
                return None;
            }
            if queues.has_room_ahead()
                && let Some((key, distance)) = queues.ahead.pop_front()
            {
                queues.queued_ahead.remove(&key);
                queues.running_ahead += 1;
                return Some((key, distance));
            }
            queues = self
                .idle
                .wait(queues)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A reader's job that waits for another process.
struct Away<'a>(&'a Pool);

impl Drop for Away<'_> {
    fn drop(&mut self) {
        self.0.lock().away -= 1;
    }
}

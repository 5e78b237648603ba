//! What is left to do of a run whose outcome stands: what it refers to is computed ahead, and the store gets what it gave. A
//! reader who waits gets the outcome first; nobody sees the store without it meanwhile.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::Engine;
use super::execute::Draft;
use super::memo::{Outcome, Seen};
use super::persist::Stored;
use super::state::Operation;
use crate::base::{ContentHash, Key, QuickMap};
use crate::source::Stamp;

/// A run whose outcome stands in memory.
pub(super) struct Run {
    pub(super) key: Key,
    pub(super) operation: Operation,
    pub(super) draft: Draft,
    pub(super) blobs: Vec<Bytes>,
    pub(super) saw: Vec<Seen>,
    pub(super) outcome: Arc<Outcome>,
    pub(super) stamps: Vec<Option<Stamp>>,
    /// What the store had of the node before.
    pub(super) stored: Stored,
}

impl Run {
    fn bytes(&self) -> usize {
        self.blobs.iter().map(Bytes::len).sum()
    }
}

/// How many bytes may wait to be saved. What comes beyond is saved at once, by the thread that has it.
const PUT_OFF: usize = 64 << 20;

#[derive(Default)]
struct Runs {
    /// Those whose readers had no answer when they ended: what they refer to is not computed ahead yet.
    new: Vec<Arc<Run>>,
    waiting: VecDeque<Arc<Run>>,
    /// Those that a thread is at.
    saving: Vec<Arc<Run>>,
    /// What all of these gave, and how many of them gave it.
    blobs: QuickMap<ContentHash, (Bytes, usize)>,
    bytes: usize,
    /// How many runs of each node these are.
    keys: QuickMap<Key, usize>,
    /// How many threads wait for one to be saved.
    awaited: usize,
    stopped: bool,
}

impl Runs {
    fn add(&mut self, run: Run) {
        for ((_, hash, _), bytes) in run.draft.parts.iter().zip(&run.blobs) {
            let (_, count) = self.blobs.entry(*hash).or_insert((bytes.clone(), 0));
            *count += 1;
        }
        self.bytes += run.bytes();
        *self.keys.entry(run.key.clone()).or_default() += 1;
        let run = Arc::new(run);
        self.new.push(run.clone());
        self.waiting.push_back(run);
    }

    /// The first that waits, of this node where one is given, and is not behind another run of its node: what is saved last
    /// is what the store has.
    fn take(&mut self, key: Option<&Key>) -> Option<Arc<Run>> {
        let saving = &self.saving;
        let is_wanted = |run: &Arc<Run>| key.is_none_or(|key| run.key == *key);
        let is_free = |run: &Arc<Run>| saving.iter().all(|other| other.key != run.key);
        let mut waiting = self.waiting.iter();
        let at = waiting.position(|run| is_wanted(run) && is_free(run))?;
        let run = self.waiting.remove(at)?;
        self.saving.push(run.clone());
        Some(run)
    }

    /// One of those that were taken is saved.
    fn saved(&mut self, run: &Arc<Run>) {
        self.saving.retain(|other| !Arc::ptr_eq(other, run));
        self.bytes -= run.bytes();
        for (_, hash, _) in &run.draft.parts {
            if let Some((_, count)) = self.blobs.get_mut(hash) {
                *count -= 1;
                if *count == 0 {
                    self.blobs.remove(hash);
                }
            }
        }
        if let Some(count) = self.keys.get_mut(&run.key) {
            *count -= 1;
            if *count == 0 {
                self.keys.remove(&run.key);
            }
        }
    }
}

/// The runs that the store does not have yet. A thread of its own saves them, on what the others leave of the processors:
/// who waits for many nodes does not wait for the store to have them.
#[derive(Default)]
pub(super) struct Unsaved {
    runs: Mutex<Runs>,
    /// There is something to save, or the end.
    come: Condvar,
    saved: Condvar,
}

impl Unsaved {
    fn lock(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a run to be finished later; gives it back where it is to be finished at once.
    pub(super) fn put_off(&self, run: Run) -> Option<Run> {
        let mut runs = self.lock();
        if runs.stopped || runs.bytes + run.bytes() > PUT_OFF {
            return Some(run);
        }
        runs.add(run);
        None
    }

    /// The bytes behind a hash that a run gave.
    pub(super) fn blob(&self, hash: &ContentHash) -> Option<Bytes> {
        let runs = self.lock();
        runs.blobs.get(hash).map(|(bytes, _)| bytes.clone())
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        let runs = self.lock();
        runs.waiting.len() + runs.saving.len()
    }

    /// Has the thread that saves end once all is saved; what ends later is saved at once.
    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.come.notify_all();
    }

    /// A run to save, once there is one; `None` at the end.
    fn next(&self) -> Option<Arc<Run>> {
        let mut runs = self.lock();
        loop {
            if let Some(run) = runs.take(None) {
                return Some(run);
            }
            if runs.stopped {
                return None;
            }
            let come = self.come.wait(runs);
            runs = come.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// One that is being saved, until this goes.
struct Saving<'a>(&'a Unsaved, Arc<Run>);

impl Drop for Saving<'_> {
    fn drop(&mut self) {
        let mut runs = self.0.lock();
        runs.saved(&self.1);
        let is_awaited = runs.awaited > 0;
        drop(runs);
        if is_awaited {
            self.0.saved.notify_all();
        }
    }
}

impl Engine {
    /// Does for a run all that is left to do.
    pub(super) fn finish_run(&self, run: &Run) {
        self.save_run(run);
        self.look_ahead(&run.draft.links, &run.operation);
    }

    fn save_run(&self, run: &Run) {
        for ((_, hash, _), bytes) in run.draft.parts.iter().zip(&run.blobs) {
            self.store.put_blob(*hash, bytes.clone());
        }
        let mut stored = run.stored.clone();
        stored.insert(&run.draft, &run.saw, &run.outcome, run.stamps.clone());
        self.save(&run.key, &stored);
    }

    /// Has what was put off done: those who wait for it have their answers.
    pub(super) fn finish_runs(&self) {
        let new = std::mem::take(&mut self.unsaved.lock().new);
        if new.is_empty() {
            return;
        }
        self.unsaved.come.notify_one();
        for run in new {
            self.look_ahead(&run.draft.links, &run.operation);
        }
    }

    /// Saves what was put off, until the graph ends.
    pub(super) fn save_runs(&self) {
        while let Some(run) = self.unsaved.next() {
            self.save_one(run);
        }
    }

    fn save_one(&self, run: Arc<Run>) {
        let saving = Saving(&self.unsaved, run);
        // Its reader has the answer; what is lost is computed again after a restart.
        if catch_unwind(AssertUnwindSafe(|| self.save_run(&saving.1))).is_err() {
            tracing::error!("internal error: saving `{}` panicked", saving.1.key);
        }
    }

    /// Makes sure that the store has the last run of a node.
    pub(super) fn finish_runs_of(&self, key: &Key) {
        let mut runs = self.unsaved.lock();
        while runs.keys.contains_key(key) {
            if let Some(run) = runs.take(Some(key)) {
                drop(runs);
                self.save_one(run);
                runs = self.unsaved.lock();
                continue;
            }
            // Whoever is at it is in no computation, and waits for the store alone.
            runs.awaited += 1;
            let saved = self.unsaved.saved.wait(runs);
            runs = saved.unwrap_or_else(PoisonError::into_inner);
            runs.awaited -= 1;
        }
    }
}

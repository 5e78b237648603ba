//! What is left to do of a run whose outcome stands: the store gets what it gave, and what it refers to is computed
//! ahead. A reader who waits gets the outcome first; nobody sees the store without it meanwhile.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::Engine;
use super::execute::Draft;
use super::memo::{Outcome, Seen};
use super::persist::Stored;
use super::state::Operation;
use crate::base::{ContentHash, Key};
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

/// Runs that wait to be saved, besides those whose readers wait for nothing else: about as many as an edit has. Of thousands each
/// is saved by the thread that has it.
const PUT_OFF: usize = 8;

#[derive(Default)]
struct Runs {
    waiting: VecDeque<Arc<Run>>,
    /// Those that a thread is at.
    saving: Vec<Arc<Run>>,
    /// How many threads wait for one to be saved.
    awaited: usize,
}

impl Runs {
    /// The first that waits and is not behind another run of its node: what is saved last is what the store has.
    fn take(&mut self) -> Option<Arc<Run>> {
        let saving = &self.saving;
        let is_free = |run: &Arc<Run>| saving.iter().all(|other| other.key != run.key);
        let at = self.waiting.iter().position(is_free)?;
        let run = self.waiting.remove(at)?;
        self.saving.push(run.clone());
        Some(run)
    }

    fn has(&self, key: &Key) -> bool {
        let mut all = self.waiting.iter().chain(&self.saving);
        all.any(|run| run.key == *key)
    }
}

/// The runs that the store does not have yet. Each thread that has one saves it before it takes another node.
#[derive(Default)]
pub(super) struct Unsaved {
    runs: Mutex<Runs>,
    saved: Condvar,
}

impl Unsaved {
    fn lock(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a run that a reader waits for, to be finished once he has his answer; gives it back where it is to be finished at
    /// once.
    pub(super) fn put_off(&self, run: Run) -> Option<Run> {
        let mut runs = self.lock();
        let has_room = run.operation.ahead == 0 && runs.waiting.len() < PUT_OFF;
        if !run.operation.is_awaited() && !has_room {
            return Some(run);
        }
        runs.waiting.push_back(Arc::new(run));
        None
    }

    /// The bytes behind a hash that a run gave.
    pub(super) fn blob(&self, hash: &ContentHash) -> Option<Bytes> {
        let runs = self.lock();
        let mut all = runs.waiting.iter().chain(&runs.saving);
        all.find_map(|run| {
            let mut parts = run.draft.parts.iter().zip(&run.blobs);
            let found = parts.find(|((_, given, _), _)| given == hash);
            found.map(|(_, bytes)| bytes.clone())
        })
    }
}

/// One that is being saved, until this goes.
struct Saving<'a>(&'a Unsaved, Arc<Run>);

impl Drop for Saving<'_> {
    fn drop(&mut self) {
        let mut runs = self.0.lock();
        runs.saving.retain(|run| !Arc::ptr_eq(run, &self.1));
        let is_awaited = runs.awaited > 0;
        drop(runs);
        if is_awaited {
            self.0.saved.notify_all();
        }
    }
}

impl Engine {
    /// Does for a run what is left to do.
    pub(super) fn finish_run(&self, run: &Run) {
        for ((_, hash, _), bytes) in run.draft.parts.iter().zip(&run.blobs) {
            self.store.put_blob(*hash, bytes.clone());
        }
        let mut stored = run.stored.clone();
        stored.insert(&run.draft, &run.saw, &run.outcome, run.stamps.clone());
        self.save(&run.key, &stored);
        self.look_ahead(&run.draft.links, &run.operation);
    }

    /// The same for all that nobody is at.
    pub(super) fn finish_runs(&self) {
        loop {
            let Some(run) = self.unsaved.lock().take() else {
                return;
            };
            let saving = Saving(&self.unsaved, run);
            // Its reader has the answer; what is lost is computed again after a restart.
            if catch_unwind(AssertUnwindSafe(|| self.finish_run(&saving.1))).is_err() {
                tracing::error!("internal error: saving `{}` panicked", saving.1.key);
            }
        }
    }

    /// Makes sure that the store has the last run of a node.
    pub(super) fn finish_runs_of(&self, key: &Key) {
        if !self.unsaved.lock().has(key) {
            return;
        }
        self.finish_runs();
        let mut runs = self.unsaved.lock();
        runs.awaited += 1;
        while runs.has(key) {
            // Whoever is at it is in no computation, and waits for the store alone.
            let saved = self.unsaved.saved.wait(runs);
            runs = saved.unwrap_or_else(PoisonError::into_inner);
        }
        runs.awaited -= 1;
    }
}

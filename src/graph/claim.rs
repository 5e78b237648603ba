//! One run per node at a time: who comes second waits for the first; who would wait for itself is told so.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::Engine;
use super::memo::Outcome;
use super::state::{Operation, State};
use crate::base::Key;
use crate::compute::Failure;

/// What is to be done once a claim is settled, on the thread that settles it: no more than to hand something on.
pub(super) type Then = Box<dyn FnOnce() + Send>;

/// The right to compute a node, and the place where others wait for the outcome.
pub(super) struct Claim {
    pub(super) key: Key,
    /// The operation that holds it, by when it began.
    pub(super) holder: u64,
    /// When it was taken, on the graph's clock.
    pub(super) taken: u64,
    slot: Mutex<Slot>,
    ended: Condvar,
}

#[derive(Default)]
struct Slot {
    outcome: Option<Arc<Outcome>>,
    then: Vec<Then>,
    /// How many threads wait.
    waiting: usize,
}

impl Claim {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(&self, outcome: Arc<Outcome>) {
        let mut slot = self.slot();
        slot.outcome.get_or_insert(outcome);
        let then = std::mem::take(&mut slot.then);
        let is_awaited = slot.waiting > 0;
        drop(slot);
        // Mostly nobody does, and telling takes a system call.
        if is_awaited {
            self.ended.notify_all();
        }
        for then in then {
            then();
        }
    }

    /// Has `then` done once the claim is settled; at once where it is.
    pub(super) fn when_settled(&self, then: Then) {
        let mut slot = self.slot();
        if slot.outcome.is_none() {
            slot.then.push(then);
            return;
        }
        drop(slot);
        then();
    }

    /// Waits for the outcome. Ends, because a claim's guard settles it even when a computation panics, and because
    /// nobody waits who is waited for.
    pub(super) fn wait(&self) -> Arc<Outcome> {
        let mut slot = self.slot();
        slot.waiting += 1;
        loop {
            match &slot.outcome {
                Some(outcome) => return outcome.clone(),
                None => {
                    slot = self
                        .ended
                        .wait(slot)
                        .unwrap_or_else(PoisonError::into_inner)
                }
            }
        }
    }
}

/// What asking for a claim comes to.
pub(super) enum Claimed {
    /// It is the caller's.
    Mine(Arc<Claim>),
    /// Another has it. The caller is entered as waiting and must call [`State::stop_waiting`].
    Other(Arc<Claim>),
    /// The caller has it already, by way of these keys.
    Cycle(Vec<Key>),
}

impl State {
    /// Asks for the right to compute a node.
    pub(super) fn claim(&mut self, id: u32, key: &Key, operation: &Operation) -> Claimed {
        if let Some(claim) = self.claims.get(&id).cloned() {
            if let Some(keys) = self.cycle(&claim, operation.began) {
                return Claimed::Cycle(keys);
            }
            self.waits.insert(operation.began, claim.clone());
            return Claimed::Other(claim);
        }
        let claim = Arc::new(Claim {
            key: key.clone(),
            holder: operation.began,
            taken: self.tick(),
            slot: Mutex::default(),
            ended: Condvar::new(),
        });
        self.claims.insert(id, claim.clone());
        self.stacks
            .entry(operation.began)
            .or_default()
            .push(key.clone());
        Claimed::Mine(claim)
    }

    /// The counterpart of [`Claimed::Other`].
    pub(super) fn stop_waiting(&mut self, operation: &Operation) {
        self.waits.remove(&operation.began);
    }

    /// The keys from `claim` back to itself, if its holder waits, by whatever way, for the operation `me`.
    fn cycle(&self, claim: &Arc<Claim>, me: u64) -> Option<Vec<Key>> {
        let mut keys = Vec::new();
        let mut here = claim;
        loop {
            let stack = self.stacks.get(&here.holder)?;
            let from = stack.iter().position(|key| *key == here.key)?;
            keys.extend_from_slice(&stack[from..]);
            if here.holder == me {
                keys.push(claim.key.clone());
                return Some(keys);
            }
            here = self.waits.get(&here.holder)?;
        }
    }
}

/// Releases a claim when it goes, whatever happens meanwhile.
pub(super) struct Guard<'a> {
    engine: &'a Engine,
    id: u32,
    claim: Arc<Claim>,
}

impl<'a> Guard<'a> {
    pub(super) fn new(engine: &'a Engine, id: u32, claim: Arc<Claim>) -> Self {
        Self { engine, id, claim }
    }

    /// Gives the outcome to all who wait.
    pub(super) fn finish(self, outcome: &Arc<Outcome>) {
        self.release();
        self.claim.settle(outcome.clone());
    }

    fn release(&self) {
        let mut state = self.engine.state();
        if state
            .claims
            .get(&self.id)
            .is_some_and(|held| Arc::ptr_eq(held, &self.claim))
        {
            state.claims.remove(&self.id);
            if let Some(stack) = state.stacks.get_mut(&self.claim.holder) {
                stack.pop();
                if stack.is_empty() {
                    state.stacks.remove(&self.claim.holder);
                }
            }
        }
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if self.claim.slot().outcome.is_some() {
            return;
        }
        self.release();
        self.claim
            .settle(Outcome::transient(Failure::Internal(format!(
                "the computation of `{}` was abandoned",
                self.claim.key
            ))));
    }
}

//! Asking for a node: the hot path that only compares, and the way into verifying and running.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::SystemTime;

use super::Engine;
use super::claim::{Claimed, Guard};
use super::input::Detail;
use super::memo::Outcome;
use super::state::Operation;
use crate::base::{ContentHash, Key, Part};
use crate::compute::Failure;

/// Nodes that one thread's stack holds. A level takes a few KiB, in debug builds too; stacks have 64 MiB.
const LEVELS: usize = 256;

/// Levels after which a chain of nodes is refused rather than exhausting the address space with stacks.
const DEEPEST: usize = 100_000;

/// A fresh part of a node.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The content's hash.
    pub hash: ContentHash,
    /// Its size in bytes.
    pub len: u64,
    /// When the content last changed: whole seconds differ between successive versions.
    pub modified: SystemTime,
}

impl Engine {
    /// The hot path: a read of the queue, two look-ups, one comparison of metadata. `None` where more is needed.
    pub(super) fn try_fetch(&self, key: &Key, part: Part) -> Option<Result<Fetched, Failure>> {
        self.observe();
        let (answer, own) = {
            let mut state = self.state();
            if !state.is_exact() {
                return None;
            }
            let now = state.now();
            let id = *state.keys.get(key)?;
            let own = state.nodes.get(id)?.own.and_then(|own| {
                let input = state.inputs.get(own)?;
                match &input.detail {
                    Detail::Stamp(stamp, _) if input.valid => Some((own, **stamp)),
                    _ => None,
                }
            });
            let node = state.nodes.get_mut(id)?;
            node.touched = now;
            let answer = match &node.memo {
                Some(memo) if node.fresh => Some(memo.outcome.part(key, part)),
                _ => None,
            };
            (answer, own)
        };
        if let Some((id, stamp)) = own
            && !self.own_source_holds(&key.path, id, &stamp)
        {
            return None;
        }
        if answer.is_some() {
            self.counts.hits.fetch_add(1, Relaxed);
        }
        answer.map(|fetched| Ok(self.filled(key, part, fetched?)))
    }

    /// The node's outcome as of now. `lost`: the blob with this hash is gone from the store; run again unless somebody
    /// has done so meanwhile.
    pub(super) fn resolve(
        &self,
        key: &Key,
        operation: Operation,
        lost: Option<ContentHash>,
    ) -> Arc<Outcome> {
        loop {
            let (id, claimed) = {
                let mut state = self.state();
                let id = state.node(key);
                if let Some(node) = state.nodes.get_mut(id) {
                    node.touched = node.touched.max(operation.began);
                }
                if let Some(outcome) = state.fresh(id, &operation)
                    && lost.is_none_or(|hash| self.recent.holds(&hash))
                {
                    return outcome.clone();
                }
                if lost.is_none()
                    && let Some(outcome) = state.reassure(id, &operation)
                {
                    drop(state);
                    self.note_verified(key);
                    return outcome;
                }
                (id, state.claim(id, key, &operation))
            };
            match claimed {
                Claimed::Cycle(mut keys) => {
                    // Told in one way, wherever it was entered.
                    keys.pop();
                    let least = (0..keys.len()).min_by_key(|at| &keys[*at]);
                    keys.rotate_left(least.unwrap_or_default());
                    keys.extend(keys.first().cloned());
                    let told = self.computations.cycle(&keys);
                    return Outcome::transient(Failure::Cycle([told].into(), keys.into()));
                }
                Claimed::Other(claim) => {
                    let outcome = claim.wait();
                    self.state().stop_waiting(&operation);
                    // A run that began after this operation answers it. What an earlier one remembered may have been
                    // overtaken since its end: whether it is fresh is asked again.
                    let current = claim.taken > operation.began.max(operation.since);
                    if current && lost.is_none_or(|hash| self.recent.holds(&hash)) {
                        return outcome;
                    }
                }
                Claimed::Mine(claim) => {
                    let guard = Guard::new(self, id, claim);
                    let outcome = self.settle(id, key, operation.deeper(), lost);
                    guard.finish(&outcome);
                    return outcome;
                }
            }
        }
    }

    /// Verifies or runs a claimed node, on a new stack where this one is deep.
    fn settle(
        &self,
        id: u32,
        key: &Key,
        operation: Operation,
        lost: Option<ContentHash>,
    ) -> Arc<Outcome> {
        if operation.depth > DEEPEST {
            return Outcome::transient(Failure::Internal(format!(
                "more than {DEEPEST} nodes depend on one another in a chain that ends at `{key}`"
            )));
        }
        if !operation.depth.is_multiple_of(LEVELS) {
            return self.verify_or_run(id, key, operation, lost);
        }
        let result = std::thread::scope(|scope| {
            std::thread::Builder::new()
                .name("hookfs-deep".into())
                .stack_size(super::pool::STACK)
                .spawn_scoped(scope, || self.verify_or_run(id, key, operation, lost))
                .map(|thread| thread.join())
        });
        match result {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => {
                Outcome::transient(Failure::Internal(format!("verifying `{key}` panicked")))
            }
            Err(error) => Outcome::transient(Failure::Internal(format!(
                "no thread for a deep chain of nodes: {error}"
            ))),
        }
    }

    fn verify_or_run(
        &self,
        id: u32,
        key: &Key,
        operation: Operation,
        lost: Option<ContentHash>,
    ) -> Arc<Outcome> {
        if lost.is_none()
            && let Some(outcome) = self.verify_memo(id, key, &operation)
        {
            return outcome;
        }
        let mut stored = self.load(key);
        if lost.is_none()
            && let Some(outcome) = self.verify_stored(id, key, &operation, &mut stored)
        {
            return outcome;
        }
        self.execute(id, key, &operation, stored)
    }
}

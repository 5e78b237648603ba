//! What is remembered for a moment alone: that a run took more than it may. One open of a file asks for it several times, and
//! so does whatever needs it; who comes later has it tried again, for the machine may have been busy with other things.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::doubt::Cause;
use super::memo::Outcome;
use super::state::State;

/// How long it is remembered once the run has ended.
const MOMENT: Duration = Duration::from_secs(1);

/// The outcome of a node that passes.
pub(super) struct Passing {
    id: u32,
    outcome: Arc<Outcome>,
    until: Instant,
    /// When it came, on the graph's clock: whoever had begun by then has it until he ends. Otherwise of two such nodes one
    /// would have passed whenever the other is done.
    came: u64,
}

impl State {
    /// Remembers the outcome of a node for a moment.
    pub(super) fn let_pass(&mut self, id: u32, outcome: &Arc<Outcome>) {
        let came = self.tick();
        self.passing.push(Passing {
            id,
            outcome: outcome.clone(),
            until: Instant::now() + MOMENT,
            came,
        });
    }

    /// Forgets what has been remembered for long enough.
    pub(super) fn pass(&mut self, now: Instant) {
        let all = std::mem::take(&mut self.passing).into_iter();
        let oldest = self.active.keys().next().copied().unwrap_or(u64::MAX);
        let stays = |one: &Passing| {
            one.until > now || one.came > oldest || self.claims.contains_key(&one.id)
        };
        let (stay, go): (Vec<Passing>, Vec<Passing>) = all.partition(stays);
        self.passing = stay;
        for Passing { id, outcome, .. } in go {
            let Some(node) = self.nodes.get_mut(id) else {
                continue;
            };
            // It may have been run again since.
            let memo = node
                .memo
                .take_if(|memo| Arc::ptr_eq(&memo.outcome, &outcome));
            let Some(memo) = memo else { continue };
            let links = std::mem::take(&mut node.links);
            node.fresh = false;
            node.own = None;
            node.trouble = Some(outcome);
            let because = node.key.path.clone();
            self.unlink(id, Some(&memo), &links);
            self.stale(Cause::Node(id), &because);
        }
    }
}

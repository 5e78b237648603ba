//! What memory knows of nodes, for whoever goes on without those that have to be computed first.

use super::Engine;
use super::state::Edge;
use crate::base::{ContentHash, Key, Part, QuickSet};

/// What is known of a node without looking at anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Its main output is that of its sources, and has this hash.
    Fresh(ContentHash),
    /// It fails, as its sources are.
    Failed,
    /// It has to be verified or run, or nobody has asked for it yet.
    Stale,
}

impl Engine {
    /// See [`super::Graph::known`].
    pub(super) fn known(&self, keys: &[&Key]) -> Vec<Known> {
        self.observe();
        let state = self.state();
        let is_exact = state.is_exact();
        let known = |key: &&Key| {
            let node = state.nodes.get(*state.keys.get(*key)?)?;
            let memo = node.memo.as_ref().filter(|_| node.fresh && is_exact)?;
            let mut parts = memo.outcome.parts.iter();
            let main = parts.find(|version| version.part == Part::MAIN);
            Some(match main.filter(|_| memo.outcome.failure.is_none()) {
                Some(version) => Known::Fresh(version.hash),
                None => Known::Failed,
            })
        };
        let all = keys.iter();
        all.map(|key| known(key).unwrap_or(Known::Stale)).collect()
    }

    /// See [`super::Graph::waits_for`].
    pub(super) fn waits_for(&self, key: &Key, wanted: &dyn Fn(&Key) -> bool) -> bool {
        self.observe();
        let state = self.state();
        if !state.is_exact() {
            // What is not known to be fresh need not be stale.
            return false;
        }
        let mut seen = QuickSet::default();
        let mut waiting: Vec<u32> = state.keys.get(key).copied().into_iter().collect();
        while let Some(id) = waiting.pop() {
            let Some(node) = state.nodes.get(id).filter(|node| !node.fresh) else {
                continue;
            };
            if !seen.insert(id) {
                continue;
            }
            if wanted(&node.key) {
                return true;
            }
            let Some(memo) = &node.memo else { continue };
            for (edge, _) in node.doubt.about(&memo.edges, 0).iter() {
                if let Edge::Node(needed, _) = edge {
                    waiting.push(*needed);
                }
            }
        }
        false
    }
}

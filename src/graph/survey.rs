//! All nodes at a glance: what stands, what has to be looked at again, and who refers to whom.

use super::Engine;
use crate::base::Key;

/// How a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nobody has asked for it yet.
    Unknown,
    /// Its output is known to be that of its sources.
    Fresh,
    /// Something that it depends on may have changed: it is verified, or run, when somebody asks for it.
    Stale,
    /// Its last run failed.
    Failed,
}

/// A node as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glimpse {
    /// Which node.
    pub key: Key,
    /// How it stands.
    pub standing: Standing,
    /// When its last run ended, in seconds since 1970; 0 where there was none.
    pub computed: u64,
    /// How long that took, in microseconds.
    pub took_micros: u64,
    /// The nodes that its output refers to.
    pub links: Vec<Key>,
}

impl Engine {
    /// See [`super::Graph::survey`].
    pub(super) fn survey(&self, wanted: &dyn Fn(&Key) -> bool) -> Vec<Glimpse> {
        self.observe();
        let state = self.state();
        let is_exact = state.is_exact();
        let mut found = Vec::new();
        for (_, node) in state.nodes.iter() {
            if !wanted(&node.key) {
                continue;
            }
            let outcome = node.memo.as_ref().map(|memo| &memo.outcome);
            let standing = match node.trouble.as_ref().or(outcome) {
                None => Standing::Unknown,
                Some(outcome) if outcome.failure.is_some() => Standing::Failed,
                Some(_) if node.fresh && is_exact => Standing::Fresh,
                Some(_) => Standing::Stale,
            };
            let links = node.links.iter();
            found.push(Glimpse {
                key: node.key.clone(),
                standing,
                computed: node.computed,
                took_micros: u64::try_from(node.took.as_micros()).unwrap_or(u64::MAX),
                links: links
                    .filter_map(|id| Some(state.nodes.get(*id)?.key.clone()))
                    .collect(),
            });
        }
        found
    }
}

//! What a graph counts.

use std::sync::atomic::AtomicU64;

/// Counters for `status.json`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GraphStats {
    /// Runs since the start that made an output.
    pub computed: u64,
    /// All runs since the start: also of what outputs depend on, as what a `tsconfig.json` says.
    pub runs: u64,
    /// Verifications that found a node fresh without a run.
    pub verified: u64,
    /// Fetches answered from memory.
    pub hits: u64,
    /// Nodes whose last outcome is a failure.
    pub failed: u64,
    /// Nodes in memory.
    pub nodes: u64,
    /// What waits to be computed or is being, for readers and ahead of them; 0 where all is at rest.
    pub pending: u64,
}

/// The same while they are counted.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) computed: AtomicU64,
    pub(super) runs: AtomicU64,
    pub(super) verified: AtomicU64,
    pub(super) hits: AtomicU64,
}

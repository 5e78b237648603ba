//! Memo, dependencies, freshness: each node computed once, and never given stale.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use crossbeam_channel::Receiver;

use crate::base::{ContentHash, Key, Part, SourcePath};
use crate::compute::{Computations, Context, Failure};
use crate::source::Tree;
use crate::store::{Blob, Store};

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

/// What happened, for `events`, `errors.json`, the log, and tests that ask which nodes ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Sources changed (or everything may have: an empty list).
    Changed(Arc<[SourcePath]>),
    /// A run ended: `changed` says whether the output or failure differs from the last one.
    Computed {
        /// Which node.
        key: Key,
        /// Whether it succeeded.
        succeeded: bool,
        /// Whether its outcome differs from the one before.
        changed: bool,
    },
    /// A node's dependencies were found as they were: fresh without a run.
    Verified(Key),
}

/// Counters for `status.json`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GraphStats {
    /// Runs since the start.
    pub computed: u64,
    /// Verifications that found a node fresh without a run.
    pub verified: u64,
    /// Fetches answered from memory.
    pub hits: u64,
    /// Nodes whose last outcome is a failure.
    pub failed: u64,
    /// Nodes in memory.
    pub nodes: u64,
}

/// The graph's settings.
#[derive(Clone, Debug)]
pub struct GraphConfig {
    /// Threads that run computations; at least one.
    pub threads: usize,
    /// Whether links of computed nodes are computed ahead on idle cores.
    pub ahead: bool,
}

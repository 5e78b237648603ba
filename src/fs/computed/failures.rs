//! Failures in the log: each once, until it is another one.

use std::collections::HashMap;
use std::sync::Mutex;

use super::{Computed, lock};
use crate::base::{ContentHash, Diagnostic, Key};
use crate::compute::Failure;
use crate::router::{explained, importer_chain};

/// The most failing nodes that are remembered; with more, some are reported again.
const LIMIT: usize = 10_000;

/// The texts that were reported last, by node.
#[derive(Default)]
pub struct Failures(Mutex<HashMap<Key, ContentHash>>);

impl Failures {
    /// Whether `text` is news about this node.
    fn is_news(&self, key: &Key, text: &str) -> bool {
        let hash = ContentHash::of(text.as_bytes());
        let mut reported = lock(&self.0);
        if reported.len() >= LIMIT && !reported.contains_key(key) {
            reported.clear();
        }
        reported.insert(key.clone(), hash) != Some(hash)
    }

    /// The node is well: its next failure is news.
    pub fn is_well(&self, key: &Key) {
        let mut reported = lock(&self.0);
        if !reported.is_empty() {
            reported.remove(key);
        }
    }
}

impl Computed {
    /// Tells the log of a node's failure.
    pub(super) fn report(&self, key: &Key, failure: &Failure) {
        let text = match failure {
            Failure::Diagnostics(diagnostics)
            | Failure::Limit(diagnostics)
            | Failure::Cycle(diagnostics, _) => {
                let chain = importer_chain(|key| self.outputs.importers(key), &self.source, key);
                Diagnostic::render_all(&explained(diagnostics, &chain))
            }
            // A name that is not there is an answer, not news.
            Failure::Missing(_) => return,
            Failure::Input(_) | Failure::Internal(_) => {
                format!("{key}: {failure}")
            }
        };
        if self.failures.is_news(key, &text) {
            tracing::error!("{text}");
        }
    }
}

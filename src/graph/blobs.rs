//! The bytes of outputs: the latest few in memory, so that a read right after a run needs no store; the rest there.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use super::Engine;
use super::execute::Draft;
use crate::base::{ContentHash, QuickMap};
use crate::store::Blob;

/// Bytes of outputs that are kept in memory; one alone may be larger.
const CAPACITY: usize = 16 << 20;

#[derive(Default)]
struct Kept {
    by_hash: QuickMap<ContentHash, Bytes>,
    order: VecDeque<ContentHash>,
    bytes: usize,
}

/// The latest outputs.
#[derive(Default)]
pub(super) struct Recent(Mutex<Kept>);

impl Recent {
    /// Keeps what a run gave, and lets the oldest go.
    pub(super) fn keep(&self, draft: &Draft, blobs: &[Bytes]) {
        let hashes = draft.parts.iter().map(|(_, hash, _)| *hash);
        self.keep_all(hashes.zip(blobs));
    }

    /// Keeps these contents, all of them however large, and lets the oldest go.
    pub(super) fn keep_all<'a>(
        &self,
        contents: impl ExactSizeIterator<Item = (ContentHash, &'a Bytes)>,
    ) {
        let least = contents.len();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (hash, bytes) in contents {
            if kept.by_hash.insert(hash, bytes.clone()).is_none() {
                kept.order.push_back(hash);
                kept.bytes += bytes.len();
            }
        }
        while kept.bytes > CAPACITY && kept.order.len() > least {
            let Some(hash) = kept.order.pop_front() else {
                break;
            };
            if let Some(bytes) = kept.by_hash.remove(&hash) {
                kept.bytes -= bytes.len();
            }
        }
    }

    pub(super) fn get(&self, hash: &ContentHash) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.by_hash.get(hash).cloned()
    }

    pub(super) fn holds(&self, hash: &ContentHash) -> bool {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.by_hash.contains_key(hash)
    }
}

impl Engine {
    /// Whether the bytes behind a hash are there.
    pub(super) fn has_blob(&self, hash: &ContentHash) -> bool {
        self.unsaved.blob(hash).is_some() || self.store.has_blob(hash)
    }

    /// The bytes behind a hash, pinned; `None` where they are lost.
    pub(super) fn find_blob(&self, hash: &ContentHash) -> Option<Blob> {
        let in_memory = self.recent.get(hash).or_else(|| self.unsaved.blob(hash));
        if let Some(bytes) = in_memory {
            return Some(Blob::Memory(bytes));
        }
        self.store.blob(hash).unwrap_or_else(|error| {
            tracing::debug!("no blob: {error}");
            None
        })
    }

    /// The bytes behind a hash, all of them; `None` where they are lost.
    pub(super) fn bytes(&self, hash: &ContentHash) -> Option<Bytes> {
        self.find_blob(hash)?.read_all().ok()
    }
}

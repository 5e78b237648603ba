//! A store in memory: what tests and one-shot commands use, and the model that the one on disk is compared with.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::{Blob, Store, StoreError, StoreStats};
use crate::base::ContentHash;

/// Records and blobs in two maps, unbounded, gone with the value.
#[derive(Debug, Default)]
pub struct MemoryStore {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    records: HashMap<Box<[u8]>, Bytes>,
    /// With the moment of the last use, in uses.
    blobs: HashMap<ContentHash, (Bytes, u64)>,
    clock: u64,
}

impl Kept {
    fn blob_bytes(&self) -> u64 {
        self.blobs
            .values()
            .map(|(bytes, _)| bytes.len() as u64)
            .sum()
    }

    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn record(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        Ok(self.kept().records.get(key).cloned())
    }

    fn put_record(&self, key: &[u8], record: Bytes) {
        self.kept().records.insert(key.into(), record);
    }

    fn put_blob(&self, hash: ContentHash, bytes: Bytes) {
        let mut kept = self.kept();
        let tick = kept.tick();
        kept.blobs.entry(hash).or_insert((bytes, tick)).1 = tick;
    }

    fn blob(&self, hash: &ContentHash) -> Result<Option<Blob>, StoreError> {
        let mut kept = self.kept();
        let tick = kept.tick();
        Ok(kept.blobs.get_mut(hash).map(|(bytes, used)| {
            *used = tick;
            Blob::Memory(bytes.clone())
        }))
    }

    fn has_blob(&self, hash: &ContentHash) -> bool {
        self.kept().blobs.contains_key(hash)
    }

    fn flush(&self) {}

    fn stats(&self) -> StoreStats {
        let kept = self.kept();
        StoreStats {
            records: kept.records.len() as u64,
            blobs: kept.blobs.len() as u64,
            blob_bytes: kept.blob_bytes(),
            disk_bytes: 0,
        }
    }

    fn prune(&self, bytes: u64) -> Result<u64, StoreError> {
        let mut kept = self.kept();
        let before = kept.blob_bytes();
        let mut left = before;
        let mut by_use: Vec<_> = kept
            .blobs
            .iter()
            .map(|(hash, (_, used))| (*used, *hash))
            .collect();
        by_use.sort_unstable();
        for (_, hash) in by_use {
            if left <= bytes {
                break;
            }
            if let Some((gone, _)) = kept.blobs.remove(&hash) {
                left -= gone.len() as u64;
            }
        }
        Ok(before - left)
    }

    fn clear(&self) -> Result<u64, StoreError> {
        let mut kept = self.kept();
        let records: u64 = kept
            .records
            .values()
            .map(|record| record.len() as u64)
            .sum();
        let freed = records + kept.blob_bytes();
        kept.records.clear();
        kept.blobs.clear();
        Ok(freed)
    }
}

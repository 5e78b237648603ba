//! A store that fails on purpose, for tests of what stands above it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use super::{Blob, Store, StoreError, StoreStats};
use crate::base::ContentHash;

/// What goes wrong: of each kind of call every `n`th does; 0 is never, 1 is always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Puts of records that are forgotten at once, as on a full disk.
    pub lose_records: u64,
    /// Puts of blobs that are forgotten at once.
    pub lose_blobs: u64,
    /// Gets of records that end in an error.
    pub fail_records: u64,
    /// Gets of blobs that end in an error.
    pub fail_blobs: u64,
    /// Gets of blobs that find nothing, as after an eviction.
    pub miss_blobs: u64,
    /// Gets of records that give damaged bytes, as no store should: a decoder must refuse them.
    pub damage_records: u64,
}

/// Passes everything on to another store, except what the plan lets fail.
#[derive(Debug)]
pub struct FailingStore<S> {
    inner: S,
    plan: Plan,
    counts: [AtomicU64; 6],
}

impl<S: Store> FailingStore<S> {
    /// Wraps `inner`.
    pub fn new(inner: S, plan: Plan) -> Self {
        Self {
            inner,
            plan,
            counts: Default::default(),
        }
    }

    /// The store behind, where nothing fails.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    fn fails(&self, kind: usize, every: u64) -> bool {
        every != 0 && (self.counts[kind].fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(every)
    }
}

fn refused() -> StoreError {
    StoreError::Io {
        action: "read",
        path: PathBuf::from("(a failure on purpose)"),
        cause: Arc::new(io::Error::from_raw_os_error(libc::EIO)),
    }
}

impl<S: Store> Store for FailingStore<S> {
    fn record(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        if self.fails(0, self.plan.fail_records) {
            return Err(refused());
        }
        let found = self.inner.record(key)?;
        if !self.fails(1, self.plan.damage_records) {
            return Ok(found);
        }
        Ok(found.map(|record| record.iter().map(|byte| byte ^ 0x55).collect()))
    }

    fn put_record(&self, key: &[u8], record: Bytes) {
        if !self.fails(2, self.plan.lose_records) {
            self.inner.put_record(key, record);
        }
    }

    fn put_blob(&self, hash: ContentHash, bytes: Bytes) {
        if !self.fails(3, self.plan.lose_blobs) {
            self.inner.put_blob(hash, bytes);
        }
    }

    fn blob(&self, hash: &ContentHash) -> Result<Option<Blob>, StoreError> {
        if self.fails(4, self.plan.fail_blobs) {
            return Err(refused());
        }
        if self.fails(5, self.plan.miss_blobs) {
            return Ok(None);
        }
        self.inner.blob(hash)
    }

    fn has_blob(&self, hash: &ContentHash) -> bool {
        self.inner.has_blob(hash)
    }

    fn flush(&self) {
        self.inner.flush();
    }

    fn stats(&self) -> StoreStats {
        self.inner.stats()
    }

    fn prune(&self, bytes: u64) -> Result<u64, StoreError> {
        self.inner.prune(bytes)
    }

    fn clear(&self) -> Result<u64, StoreError> {
        self.inner.clear()
    }
}

#[cfg(test)]
mod tests {
    use super::super::MemoryStore;
    use super::*;

    #[test]
    fn every_second_get_fails_and_lost_puts_are_absent() {
        let plan = Plan {
            fail_records: 2,
            lose_blobs: 1,
            damage_records: 1,
            ..Plan::default()
        };
        let store = FailingStore::new(MemoryStore::new(), plan);
        store.put_record(b"k", Bytes::from_static(b"value"));
        assert_ne!(store.record(b"k").unwrap().unwrap(), "value");
        assert!(store.record(b"k").is_err());
        let hash = ContentHash::of(b"blob");
        store.put_blob(hash, Bytes::from_static(b"blob"));
        assert!(!store.has_blob(&hash));
        assert_eq!(store.inner().record(b"k").unwrap().unwrap(), "value");
    }
}

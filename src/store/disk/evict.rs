//! Eviction: the least recently used go first.

use super::entry::{Id, USE, Use};
use super::{Shared, StoreError};

/// So many go in one transaction.
const AT_ONCE: usize = 2000;

impl Shared {
    /// Evicts where more is stored than may be; a tenth more than needed, so that it is not done at every put.
    pub(super) fn evict_excess(&self) -> Result<(), StoreError> {
        let most = self.limits.max_bytes;
        let totals = *self.totals();
        if totals.blob_bytes > most {
            self.evict_blobs(most - most / 10)?;
        }
        let most = most / 4;
        if totals.record_bytes > most {
            self.evict(most - most / 10, false)?;
        }
        Ok(())
    }

    /// Evicts blobs until they are at most `bytes`; gives the bytes freed.
    pub(super) fn evict_blobs(&self, bytes: u64) -> Result<u64, StoreError> {
        self.evict(bytes, true)
    }

    fn evict(&self, most: u64, blobs: bool) -> Result<u64, StoreError> {
        self.write_touched()?;
        let totals = *self.totals();
        let before = if blobs {
            totals.blob_bytes
        } else {
            totals.record_bytes
        };
        let mut left = before;
        if left <= most {
            return Ok(0);
        }
        let mut by_use: Vec<(u64, Id, u64, bool)> = Vec::new();
        self.read(|database| {
            database.scan(USE, |key, sealed| {
                let id = Id::from_use_key(key).filter(|id| id.hash().is_some() == blobs);
                if let (Some(id), Some(used)) = (id, Use::unseal(key, sealed)) {
                    by_use.push((used.tick, id, used.size, used.large));
                }
            })
        })?;
        by_use.sort_unstable();
        let mut gone = Vec::new();
        for (_, id, size, large) in by_use {
            if left <= most {
                break;
            }
            left = left.saturating_sub(size);
            gone.push((id, large));
        }
        for some in gone.chunks(AT_ONCE) {
            for (id, _) in some.iter().filter(|(_, large)| *large) {
                if let Some(hash) = id.hash() {
                    self.write_large(&hash, None)?;
                }
            }
            self.transact(|writing, totals| {
                some.iter()
                    .try_for_each(|(id, _)| Self::forget(writing, totals, id))
            })?;
        }
        Ok(before - left)
    }
}

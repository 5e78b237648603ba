//! Eviction: the least recently used go first.

use super::database::Database;
use super::entry::{Id, Place, USE, Use, blocks};
use super::{Shared, StoreError};

/// So many go in one transaction.
const AT_ONCE: usize = 2000;

/// What is evicted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// Blobs, wherever they are.
    Blobs,
    /// What lies in the database: records and small blobs.
    Entries,
    /// Blobs in packs and in files of their own.
    Files,
}

impl What {
    fn holds(self, id: &Id, used: &Use) -> bool {
        match self {
            Self::Blobs => id.hash().is_some(),
            Self::Entries => used.place == Place::Database,
            Self::Files => used.place != Place::Database,
        }
    }

    fn cost(self, used: &Use) -> u64 {
        if self == Self::Files && used.place == Place::File {
            blocks(used.size)
        } else {
            used.size
        }
    }
}

impl Shared {
    /// Evicts where more is stored than may be; a tenth more than needed, so that it is not done at every put.
    ///
    /// The database is there twice, with a journal beside it, and together they may be three eighths of all: of many small modules, what
    /// was seen for them takes more than they do.
    pub(super) fn evict_excess(&self) -> Result<(), StoreError> {
        let most = self.limits.max_bytes;
        let database = |get: fn(&Database) -> Result<u64, lmdb::Error>| {
            self.read(get).map(Option::unwrap_or_default)
        };
        let share = most / 6;
        let used = database(Database::used_bytes)?;
        if used > share {
            let totals = *self.totals();
            let outside = totals.large_bytes + totals.packed_bytes;
            let bytes = (totals.record_bytes + totals.blob_bytes).saturating_sub(outside);
            let part = (share - share / 10) as f64 / used as f64;
            self.evict((bytes as f64 * part) as u64, What::Entries)?;
        }
        let taken = database(|database| Ok(database.disk_bytes()))?;
        // However large the database once was, files have their half.
        let most = most.saturating_sub(taken).max(most / 2);
        if self.totals().large_blocks + self.packs.bytes() > most {
            // More goes than is given back at once, so that few packs need be emptied for it.
            self.evict(most - most / 8, What::Files)?;
            let files = self.totals().large_blocks;
            self.compact((most - most / 16).saturating_sub(files))?;
        }
        let live = self.totals().packed_bytes;
        if self.packs.bytes() > live + live / 2 + 2 * self.packs.longest() {
            self.compact(live + live / 4)?;
        }
        Ok(())
    }

    /// Evicts blobs until they are at most `bytes`; gives the bytes freed.
    pub(super) fn evict_blobs(&self, bytes: u64) -> Result<u64, StoreError> {
        let freed = self.evict(bytes, What::Blobs)?;
        let live = self.totals().packed_bytes;
        self.compact(live + live / 8)?;
        Ok(freed)
    }

    fn evict(&self, most: u64, what: What) -> Result<u64, StoreError> {
        self.write_touched()?;
        let mut by_use: Vec<(u64, Id, Use)> = Vec::new();
        let mut before = 0;
        self.read(|database| {
            database.scan(USE, |key, sealed| {
                if let (Some(id), Some(used)) = (Id::from_use_key(key), Use::unseal(key, sealed))
                    && what.holds(&id, &used)
                {
                    before += what.cost(&used);
                    by_use.push((used.tick, id, used));
                }
            })
        })?;
        by_use.sort_unstable_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        let mut left = before;
        let mut gone = Vec::new();
        for (_, id, used) in by_use {
            if left <= most {
                break;
            }
            left -= what.cost(&used);
            gone.push((id, used.place));
        }
        for some in gone.chunks(AT_ONCE) {
            for (id, _) in some.iter().filter(|(_, place)| *place == Place::File) {
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

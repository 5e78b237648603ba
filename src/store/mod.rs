//! What outlives the daemon: records of nodes, and blobs by their hash.
//!
//! It is a cache. Whatever is found damaged is dropped and computed again; a blob is never given whose bytes do not
//! have its hash. Nothing here knows what a record or a blob means.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use thiserror::Error;

use crate::base::ContentHash;

#[cfg(test)]
pub(crate) mod contract;
mod disk;
mod failing;
mod memory;
mod pieces;
mod pinned;
mod stamp;

pub use disk::{DiskStore, Limits};
pub use failing::{FailingStore, Plan};
pub use memory::MemoryStore;
pub use pieces::{Pieces, Slice};
pub use pinned::Pinned;

/// The bytes behind a hash, pinned: they can be read for as long as the value lives, whatever is evicted meanwhile.
#[derive(Clone, Debug)]
pub enum Blob {
    /// Small ones are in memory.
    Memory(Bytes),
    /// Large ones are files of the store, checked against their hash, and again whenever their metadata move.
    File(Arc<Pinned>),
    /// Others, one after the other. No store has such a one.
    Pieces(Arc<Pieces>),
}

impl Blob {
    /// The size in bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(file) => file.len(),
            Self::Pieces(pieces) => pieces.len(),
        }
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a read takes no I/O.
    pub fn is_in_memory(&self) -> bool {
        match self {
            Self::Memory(_) => true,
            Self::File(_) => false,
            Self::Pieces(pieces) => pieces.is_in_memory(),
        }
    }

    /// Up to `size` bytes from `offset` on; fewer only at the end.
    ///
    /// # Errors
    /// What the file's read gives, and where somebody changed the file since it was opened.
    pub fn read_at(&self, offset: u64, size: usize) -> io::Result<Bytes> {
        match self {
            Self::Memory(bytes) => {
                let start = usize::try_from(offset)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                let end = start.saturating_add(size).min(bytes.len());
                Ok(bytes.slice(start..end))
            }
            Self::File(file) => {
                let left = file.len().saturating_sub(offset);
                let size = size.min(usize::try_from(left).unwrap_or(usize::MAX));
                let mut buffer = vec![0; size];
                file.read_exact_at(&mut buffer, offset)?;
                Ok(Bytes::from(buffer))
            }
            Self::Pieces(pieces) => pieces.read_at(offset, size),
        }
    }

    /// All bytes.
    ///
    /// # Errors
    /// As [`Blob::read_at`].
    pub fn read_all(&self) -> io::Result<Bytes> {
        self.read_at(0, usize::try_from(self.len()).unwrap_or(usize::MAX))
    }
}

/// Why the store could not do what was asked.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// A file of the state folder could not be read or written.
    #[error("cannot {action} `{path}`: {cause}")]
    Io {
        /// `open`, `write` …
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: Arc<io::Error>,
    },
    /// LMDB refused.
    #[error("cannot {action} the database: {cause}")]
    Database {
        /// `open`, `write` …
        action: &'static str,
        /// What LMDB said.
        cause: String,
    },
}

/// Counts for `status` and `cache`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreStats {
    /// Records of nodes.
    pub records: u64,
    /// Blobs, wherever they are.
    pub blobs: u64,
    /// Bytes of all blobs.
    pub blob_bytes: u64,
    /// Bytes on disk, the database file included.
    pub disk_bytes: u64,
}

/// Records by key and blobs by hash. Every implementation passes the one suite in `contract.rs`.
///
/// Puts are visible to gets of the same store at once, reach the disk later in batches, and never block on it; what a
/// crash takes away is computed again. Errors in writing are warnings in the log and never a caller's failure: the
/// store is then right but forgets.
pub trait Store: Send + Sync {
    /// The record under `key` (any length; longer ones are hashed).
    ///
    /// # Errors
    /// Where the disk or the database fails; the caller goes on as if there were none.
    fn record(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError>;

    /// Puts a record in the place of the one before it.
    fn put_record(&self, key: &[u8], record: Bytes);

    /// Stores bytes under their hash, once whoever produced them. `hash` is `ContentHash::of(&bytes)`.
    fn put_blob(&self, hash: ContentHash, bytes: Bytes);

    /// The blob with this hash, checked against it and pinned by the value; `None` where it is not stored, was
    /// evicted, or was found damaged (it is then dropped, with one warning in the log).
    ///
    /// # Errors
    /// Where the disk fails; the caller goes on as if there were none.
    fn blob(&self, hash: &ContentHash) -> Result<Option<Blob>, StoreError>;

    /// Whether [`Store::blob`] would find it, without reading it whole.
    fn has_blob(&self, hash: &ContentHash) -> bool;

    /// Waits until all that was put is in files (or failed with a warning), so that a kill takes nothing of it away. It
    /// does not wait for the disk: what a power failure takes away is noticed, and computed again.
    fn flush(&self);

    /// Counts.
    fn stats(&self) -> StoreStats;

    /// Evicts blobs, the least recently used first, until they are at most `bytes`; gives the bytes freed.
    ///
    /// # Errors
    /// Where the disk or the database fails.
    fn prune(&self, bytes: u64) -> Result<u64, StoreError>;

    /// Forgets everything; gives the bytes freed.
    ///
    /// # Errors
    /// Where the disk or the database fails.
    fn clear(&self) -> Result<u64, StoreError>;
}

//! The store on disk: LMDB for records and small blobs, packs for those of a few KiB, files for large ones; one thread
//! that writes.
//!
//! Readers look first at what waits in the queue, then in the database, which says where a blob is. LMDB never maps a file that
//! somebody else could cut or overwrite (`private.rs`): what has a name is a snapshot and a journal, which are checked
//! when they are read at the start, and written anew when somebody changed them meanwhile.

mod compact;
mod database;
mod entry;
mod evict;
mod find;
mod folder;
mod journal;
mod large;
mod pack;
mod private;
mod queue;
mod ready;
mod reconcile;
mod snapshot;
#[cfg(test)]
mod tests;
mod writer;
mod writing;

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::{Builder, JoinHandle};

use bytes::Bytes;
use crossbeam_channel::{Sender, bounded};

use self::database::{Database, Fault, Origin};
use self::entry::{Id, Totals};
use self::folder::{Folder, refused};
use self::large::{Found, Large};
use self::pack::Packs;
use self::queue::{Control, Queue};
use self::ready::Ready;
use super::{Blob, Store, StoreError, StoreStats};
use crate::base::ContentHash;

/// Blobs up to this size in bytes lie in the database, which gives larger values whole pages, as a disk gives files.
const SMALL: usize = 1990;
/// Larger ones up to this size in bytes lie in packs, and are read whole when they are asked for.
const PACKED: usize = 64 << 10;
/// As many last uses are remembered at most before they are written.
const MOST_TOUCHED: usize = 1 << 16;

/// The bounds of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes on disk, of all together (`--cache-size`): the least recently used go beyond it. The database with its
    /// copies has three eighths of it at most.
    pub max_bytes: u64,
    /// Bytes that may wait to be written: beyond it puts wait, or drop the oldest where the disk refuses.
    pub queue_bytes: usize,
}

impl Default for Limits {
    /// 4 GiB on disk, 64 MiB waiting.
    fn default() -> Self {
        Self {
            max_bytes: 4 << 30,
            queue_bytes: 64 << 20,
        }
    }
}

/// Records and blobs that outlive the process. One process at a time opens a folder: the caller has the lock.
pub struct DiskStore {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
}

/// What readers and the writer share.
struct Shared {
    folder: Folder,
    limits: Limits,
    queue: Queue,
    packs: Packs,
    large: Large,
    /// `None` while it is being rebuilt, or where the disk refuses.
    database: RwLock<Option<Database>>,
    totals: Mutex<Totals>,
    clock: AtomicU64,
    touched: Mutex<HashMap<Id, u64>>,
    /// Opening is the writer's: a large database must not hold up a mount.
    ready: Ready,
    /// Whether counts and files may contradict each other.
    unsettled: AtomicBool,
    /// Whether a damaged entry was warned of: the next ones are not news.
    damage_told: AtomicBool,
    /// Whether files changed by somebody else were warned of.
    change_told: AtomicBool,
}

impl DiskStore {
    /// Opens the store in `root`, which is made (mode 0700) where it is missing. The database is read in a thread of
    /// its own; the first that asks for something waits for it.
    ///
    /// What is there and damaged is set aside and rebuilt with one warning in the log. Where the disk refuses a
    /// database, the store works in the memory of its queue, with one warning, and tries again later.
    ///
    /// # Errors
    /// Where the folder can't be made, or no thread started.
    pub fn open(root: &Path, limits: Limits) -> Result<Self, StoreError> {
        let folder = Folder::make(root)?;
        let batch = (limits.max_bytes / 64).clamp(128 << 10, 8 << 20);
        let batch = usize::try_from(batch).unwrap_or(8 << 20);
        let shared = Arc::new(Shared {
            packs: Packs::new(
                folder.packs(),
                (limits.max_bytes / 64).clamp(64 << 10, 16 << 20),
            ),
            large: Large::new(folder.blobs()),
            folder,
            limits,
            queue: Queue::new(limits.queue_bytes, batch),
            database: RwLock::new(None),
            totals: Mutex::default(),
            clock: AtomicU64::new(0),
            touched: Mutex::default(),
            ready: Ready::default(),
            unsettled: AtomicBool::new(false),
            damage_told: AtomicBool::new(false),
            change_told: AtomicBool::new(false),
        });
        let of_writer = Arc::clone(&shared);
        // Its warnings go where those of whoever opens the store go.
        let log = tracing::dispatcher::get_default(Clone::clone);
        let writer = Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                tracing::dispatcher::with_default(&log, || writer::run(&of_writer));
            })
            .map_err(|error| refused("start the writer of", root, error))?;
        Ok(Self {
            shared,
            writer: Some(writer),
        })
    }

    /// Lets the writer do something, and waits for it.
    fn ask<T>(&self, control: impl FnOnce(Sender<T>) -> Control) -> Option<T> {
        let (reply, answer) = bounded(1);
        self.shared.queue.control(control(reply));
        answer.recv().ok()
    }
}

impl Drop for DiskStore {
    fn drop(&mut self) {
        self.shared.queue.stop();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the store's writer panicked");
        }
    }
}

impl Store for DiskStore {
    fn record(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let shared = &self.shared;
        let id = Id::record(key);
        if let Some(record) = shared.queue.pending(&id) {
            return Ok(Some(record));
        }
        let Some(sealed) = shared
            .read(|database| database.get(id.as_bytes()))?
            .flatten()
        else {
            return Ok(None);
        };
        if entry::unseal(id.as_bytes(), &sealed).is_none() {
            shared.drop_damaged(id, "a record");
            return Ok(None);
        }
        shared.touch(id);
        Ok(Some(sealed.slice(entry::seal_len()..)))
    }

    fn put_record(&self, key: &[u8], record: Bytes) {
        self.shared.queue.put(Id::record(key), record);
    }

    fn put_blob(&self, hash: ContentHash, bytes: Bytes) {
        self.shared.queue.put(Id::blob(&hash), bytes);
    }

    fn blob(&self, hash: &ContentHash) -> Result<Option<Blob>, StoreError> {
        let shared = &self.shared;
        let id = Id::blob(hash);
        if let Some(bytes) = shared.queue.pending(&id) {
            return Ok(Some(Blob::Memory(bytes)));
        }
        match shared.find(&id, hash)? {
            Found::Whole(blob) => {
                shared.touch(id);
                Ok(Some(blob))
            }
            Found::Damaged => {
                shared.drop_damaged(id, "a blob");
                Ok(None)
            }
            Found::Absent => Ok(None),
        }
    }

    fn has_blob(&self, hash: &ContentHash) -> bool {
        let id = Id::blob(hash);
        self.shared.queue.is_pending(&id) || self.shared.has(&id, hash)
    }

    fn flush(&self) {
        // Nothing answers where the writer is gone; there is nothing to wait for then.
        let _ = self.ask(Control::Flush);
    }

    fn stats(&self) -> StoreStats {
        self.shared.ready.wait();
        let totals = *self.shared.totals();
        let database = self.shared.database();
        let disk = database.as_ref().map_or(0, Database::disk_bytes);
        StoreStats {
            records: totals.records,
            blobs: totals.blobs,
            blob_bytes: totals.blob_bytes,
            disk_bytes: disk + self.shared.packs.bytes() + totals.large_blocks,
        }
    }

    fn prune(&self, bytes: u64) -> Result<u64, StoreError> {
        self.ask(|reply| Control::Prune(bytes, reply))
            .unwrap_or_else(gone)
    }

    fn clear(&self) -> Result<u64, StoreError> {
        self.ask(Control::Clear).unwrap_or_else(gone)
    }
}

fn gone() -> Result<u64, StoreError> {
    Err(StoreError::Database {
        action: "write",
        cause: "the writer has ended".to_owned(),
    })
}

impl Shared {
    fn database(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn database_alone(&self) -> RwLockWriteGuard<'_, Option<Database>> {
        self.database
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn totals(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn touched(&self) -> MutexGuard<'_, HashMap<Id, u64>> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Reads, where there is a database; `None` where there is none.
    fn read<T>(
        &self,
        read: impl FnOnce(&Database) -> Result<T, lmdb::Error>,
    ) -> Result<Option<T>, StoreError> {
        self.ready.wait();
        let guard = self.database();
        let Some(database) = guard.as_ref() else {
            return Ok(None);
        };
        read(database)
            .map(Some)
            .map_err(|error| failed("read", error))
    }

    /// Remembers that this was used now.
    fn touch(&self, id: Id) {
        let tick = self.tick();
        let mut touched = self.touched();
        if touched.len() >= MOST_TOUCHED {
            return;
        }
        touched.insert(id, tick);
        let many = touched.len() == MOST_TOUCHED / 4;
        drop(touched);
        if many {
            self.queue.wake();
        }
    }

    fn drop_damaged(&self, id: Id, what: &str) {
        if self.damage_told.swap(true, Ordering::Relaxed) {
            tracing::debug!("{what} in the store is damaged; it is dropped");
        } else {
            tracing::warn!(
                "{what} in the store is damaged; what is found so is dropped and computed again"
            );
        }
        self.queue.remove(id);
    }

    /// Opens the database, setting aside what is damaged.
    fn open_database(&self) -> Result<(), StoreError> {
        // In proportion to what may be stored, and never so long that reading it again would be noticed.
        let longest = (self.limits.max_bytes / 32).clamp(64 << 10, 8 << 20);
        let mut told = false;
        let database = loop {
            match Database::open(&self.folder, longest) {
                Ok(database) => break database,
                Err(Fault::Refused(error)) => return Err(error),
                Err(Fault::Damaged(why)) if told => {
                    return Err(StoreError::Database {
                        action: "rebuild",
                        cause: why,
                    });
                }
                Err(Fault::Damaged(why)) => {
                    let path = self.folder.database();
                    let aside = self.folder.set_aside();
                    aside.map_err(|error| refused("set aside the damaged", &path, error))?;
                    tracing::warn!(
                        "the store `{}` is damaged ({why}); it was set aside and starts empty",
                        path.display()
                    );
                    self.damage_told.store(true, Ordering::Relaxed);
                    told = true;
                }
            }
        };
        if database.origin() == Origin::Shortened {
            tracing::warn!(
                "the store's journal is damaged; what is missing by that is computed again"
            );
            self.damage_told.store(true, Ordering::Relaxed);
        }
        if database.origin() != Origin::Clean {
            self.unsettled.store(true, Ordering::Relaxed);
        }
        let surveyed = self.packs.survey();
        surveyed.map_err(|error| refused("list", &self.folder.packs(), error))?;
        let sealed = database
            .get(entry::TOTALS_KEY)
            .map_err(|error| failed("read", error))?;
        let totals = sealed
            .as_deref()
            .and_then(Totals::unseal)
            .unwrap_or_default();
        self.clock.fetch_max(totals.clock, Ordering::Relaxed);
        *self.totals() = totals;
        *self.database_alone() = Some(database);
        Ok(())
    }
}

/// Whether this says that the file is not what LMDB wrote, or that the environment can't be used any more.
fn is_damage(error: lmdb::Error) -> bool {
    use lmdb::Error as E;
    matches!(
        error,
        E::Corrupted
            | E::PageNotFound
            | E::Panic
            | E::Invalid
            | E::VersionMismatch
            | E::CursorFull
            | E::PageFull
            | E::MapResized
            | E::Incompatible
            | E::BadTxn
            | E::BadDbi
    )
}

fn failed(action: &'static str, error: lmdb::Error) -> StoreError {
    StoreError::Database {
        action,
        cause: error.to_string(),
    }
}

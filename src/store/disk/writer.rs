//! The one thread that writes: batches of puts, last uses, evictions.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::entry::{self, Id, Place, TOTALS_KEY, Totals, Use};
use super::folder::{refused, remove_any};
use super::queue::{Control, Job, Work};
use super::writing::{Refusal, Writing};
use super::{ContentHash, PACKED, SMALL, Shared, StoreError, failed, is_damage};

/// How long a disk that refused is left alone, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// So many last uses are worth a transaction.
const MANY_TOUCHED: usize = 4096;

/// Tells the queue when this thread ends, however it ends.
struct Leaving<'a>(&'a Shared);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.queue.abandon();
        self.0.ready.done();
    }
}

/// Opens the database, and runs until the store is closed.
pub(super) fn run(shared: &Shared) {
    let _leaving = Leaving(shared);
    // Whether the disk refuses now, and whether that was ever told: what comes and goes is told once.
    let (mut refusing, mut told) = (false, false);
    let mut pause = FIRST_PAUSE;
    let mut retry = None;
    let mut first = Some(shared.open_database());
    shared.ready.done();
    loop {
        let work = match first {
            Some(_) => Work::default(),
            None => shared.queue.next(retry),
        };
        let Work { batch, last, stop } = work;
        let written = first
            .take()
            .unwrap_or(Ok(()))
            .and_then(|()| shared.mend())
            .and_then(|()| shared.write_batch(&batch));
        let refuses = written.is_err();
        match written {
            Ok(()) => {
                shared.queue.done(batch);
                if refusing {
                    tracing::info!("the store works again");
                }
                (refusing, retry, pause) = (false, None, FIRST_PAUSE);
            }
            Err(error) => {
                if !told {
                    tracing::warn!("{error}; going on without storing, and trying again later");
                } else if !refusing {
                    tracing::info!("{error}; going on without storing once more");
                }
                (refusing, told) = (true, true);
                shared.queue.failed(batch);
                retry = Some(Instant::now() + pause);
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        for (sequence, control) in shared.queue.take_controls() {
            shared.serve(sequence, control);
        }
        if last || stop && refuses {
            break;
        }
    }
    shared.close();
}

impl Shared {
    /// Opens the database where there is none, and writes its files anew where they are not as they were left.
    fn mend(&self) -> Result<(), StoreError> {
        let intact = self.database().as_ref().map(super::Database::intact);
        match intact {
            Some(true) => {}
            Some(false) => {
                if !self.change_told.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        "somebody changed the store's files while they were in use; they are written anew"
                    );
                }
                self.unsettled.store(true, Ordering::Relaxed);
                self.with_database(super::Database::save)?;
            }
            None => self.open_database()?,
        }
        if self.unsettled.load(Ordering::Relaxed) {
            self.reconcile()?;
            self.unsettled.store(false, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Does something with the database, where there is one.
    fn with_database(
        &self,
        act: impl FnOnce(&super::Database) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.database().as_ref().map_or(Ok(()), act)
    }

    /// Writes a batch: larger blobs into packs and files, then the rest in one transaction; evicts what is too much by
    /// then.
    fn write_batch(&self, batch: &[Job]) -> Result<(), StoreError> {
        if !batch.is_empty() {
            let mark = self.packs.mark();
            let written = self.place_blobs(batch).and_then(|places| {
                self.transact(|writing, totals| {
                    batch
                        .iter()
                        .try_for_each(|job| self.apply(writing, totals, job, &places))
                })
            });
            if written.is_err() {
                self.packs.back_to(&mark);
            }
            written?;
        }
        if self.touched().len() >= MANY_TOUCHED {
            self.write_touched()?;
        }
        self.evict_excess()?;
        self.with_database(super::Database::save_where_long)
    }

    /// Writes the blobs of a batch that the database does not take, and says where those are that lie in packs.
    fn place_blobs(&self, batch: &[Job]) -> Result<HashMap<ContentHash, Place>, StoreError> {
        let mut places = HashMap::new();
        let mut removed = HashSet::new();
        let (mut hashes, mut contents) = (Vec::new(), Vec::new());
        for job in batch {
            let Some(hash) = job.id.hash() else {
                continue;
            };
            let Some(bytes) = &job.bytes else {
                self.write_large(&hash, None)?;
                removed.insert(hash);
                continue;
            };
            if bytes.len() > PACKED {
                self.write_large(&hash, Some(bytes))?;
                continue;
            }
            if bytes.len() <= SMALL || places.contains_key(&hash) {
                continue;
            }
            let before = match removed.contains(&hash) {
                true => None,
                false => self.place(&job.id)?,
            };
            match before {
                Some((place @ Place::Packed(spot), size)) if self.packs.has(spot, size) => {
                    places.insert(hash, place);
                }
                _ => {
                    // Its own place is filled in below; this one says that it has been seen.
                    places.insert(hash, Place::Database);
                    hashes.push(hash);
                    contents.push(bytes.as_ref());
                }
            }
        }
        let spots = self.packs.append(&contents);
        let spots = spots.map_err(|error| refused("write", &self.folder.packs(), error))?;
        places.extend(hashes.into_iter().zip(spots.into_iter().map(Place::Packed)));
        Ok(places)
    }

    /// Writes or removes the file of a large blob.
    pub(super) fn write_large(
        &self,
        hash: &ContentHash,
        bytes: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let done = match bytes {
            None => self.large.remove(hash),
            Some(bytes) => self.large.write(hash, bytes),
        };
        done.map_err(|error| refused("write", &self.folder.blobs().join(hash.to_hex()), error))
    }

    /// One transaction, in a larger map where that is full, in a new database where this one is found damaged.
    pub(super) fn transact(
        &self,
        mut change: impl FnMut(&mut Writing<'_>, &mut Totals) -> Result<(), lmdb::Error>,
    ) -> Result<(), StoreError> {
        let mut mended = false;
        loop {
            let mut totals = *self.totals();
            let guard = self.database();
            let Some(database) = guard.as_ref() else {
                return Err(failed("open", lmdb::Error::NotFound));
            };
            let written = database.write(|writing| {
                change(writing, &mut totals)?;
                totals.clock = self.clock.load(Ordering::Relaxed);
                writing.put(TOTALS_KEY, &totals.seal())
            });
            match written {
                Ok(()) => {
                    *self.totals() = totals;
                    return Ok(());
                }
                Err(Refusal::Database(lmdb::Error::MapFull)) => {
                    drop(guard);
                    let grown = self
                        .database_alone()
                        .as_mut()
                        .map_or(Ok(()), super::Database::grow);
                    grown.map_err(|error| failed("enlarge", error))?;
                }
                // Nobody else reaches what LMDB maps, so this is the disk's doing; the files with names have it all.
                Err(Refusal::Database(error)) if is_damage(error) && !mended => {
                    drop(guard);
                    *self.database_alone() = None;
                    self.mend()?;
                    mended = true;
                }
                Err(Refusal::Database(error)) => return Err(failed("write", error)),
                Err(Refusal::Journal(error)) => {
                    return Err(refused("write", &self.folder.journal(), error));
                }
            }
        }
    }

    fn apply(
        &self,
        writing: &mut Writing<'_>,
        totals: &mut Totals,
        job: &Job,
        places: &HashMap<ContentHash, Place>,
    ) -> Result<(), lmdb::Error> {
        let Some(bytes) = &job.bytes else {
            return Self::forget(writing, totals, &job.id);
        };
        let id = job.id.as_bytes();
        let use_key = job.id.use_key();
        let place = match job.id.hash() {
            Some(_) if bytes.len() > PACKED => Place::File,
            Some(hash) => places.get(&hash).copied().unwrap_or(Place::Database),
            None => Place::Database,
        };
        let before = writing
            .get(&use_key)?
            .and_then(|sealed| Use::unseal(&use_key, sealed));
        if job.id.hash().is_none() {
            writing.put(id, &entry::seal(id, bytes))?;
        } else if place == Place::Database && writing.get(id)?.is_none() {
            writing.put(id, bytes)?;
        }
        if let Some(before) = before {
            totals.subtract(&job.id, &before);
        }
        let size = bytes.len() + if job.id.hash().is_none() { id.len() } else { 0 };
        let used = Use {
            size: size as u64,
            tick: self.tick(),
            place,
        };
        totals.add(&job.id, &used);
        writing.put(&use_key, &used.seal(&use_key))
    }

    /// Removes an entry; the file of a large blob is the caller's.
    pub(super) fn forget(
        writing: &mut Writing<'_>,
        totals: &mut Totals,
        id: &Id,
    ) -> Result<(), lmdb::Error> {
        let use_key = id.use_key();
        let before = writing
            .get(&use_key)?
            .and_then(|sealed| Use::unseal(&use_key, sealed));
        if let Some(before) = before {
            totals.subtract(id, &before);
        }
        writing.remove(id.as_bytes())?;
        writing.remove(&use_key)
    }

    /// Writes when things were last used.
    pub(super) fn write_touched(&self) -> Result<(), StoreError> {
        let touched = std::mem::take(&mut *self.touched());
        if touched.is_empty() {
            return Ok(());
        }
        self.transact(|writing, _| {
            for (id, tick) in &touched {
                let key = id.use_key();
                let before = writing
                    .get(&key)?
                    .and_then(|sealed| Use::unseal(&key, sealed));
                if let Some(before) = before {
                    let now = Use {
                        tick: before.tick.max(*tick),
                        ..before
                    };
                    writing.put(&key, &now.seal(&key))?;
                }
            }
            Ok(())
        })
    }

    fn serve(&self, sequence: u64, control: Control) {
        match control {
            Control::Flush(reply) => {
                let done = self.write_touched();
                if let Err(error) = done {
                    tracing::debug!("{error}");
                }
                // Whoever asked may have gone.
                let _ = reply.send(());
            }
            Control::Prune(bytes, reply) => {
                let _ = reply.send(self.evict_blobs(bytes));
            }
            Control::Clear(reply) => {
                let _ = reply.send(self.empty(sequence));
            }
        }
    }

    /// Removes everything, and begins anew.
    fn empty(&self, sequence: u64) -> Result<u64, StoreError> {
        self.queue.clear(sequence);
        let old = self.database_alone().take();
        let totals = *self.totals();
        let mut freed = totals.large_bytes + totals.packed_bytes;
        freed += old.as_ref().map_or(0, super::Database::disk_bytes);
        drop(old);
        self.touched().clear();
        let database = self.folder.database();
        remove_any(&database).map_err(|error| refused("remove", &database, error))?;
        self.packs
            .clear()
            .map_err(|error| refused("remove", &self.folder.packs(), error))?;
        self.large
            .clear()
            .and_then(|()| self.folder.remove_damaged())
            .map_err(|error| refused("remove", &self.folder.blobs(), error))?;
        self.open_database()?;
        Ok(freed)
    }

    /// Leaves the store so that the next process need not look through it.
    fn close(&self) {
        let closed = self
            .mend()
            .and_then(|()| self.write_touched())
            .and_then(|()| self.with_database(super::Database::end));
        if let Err(error) = closed {
            tracing::debug!("{error}");
        }
        *self.database_alone() = None;
    }
}

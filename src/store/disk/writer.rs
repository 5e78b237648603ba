//! The one thread that writes: batches of puts, last uses, evictions.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::database::{Origin, Writing};
use super::entry::{self, Id, TOTALS_KEY, Totals, USE, Use};
use super::folder::{refused, remove_any};
use super::queue::{Control, Job, Queue};
use super::{ContentHash, SMALL, Shared, StoreError, failed, is_damage};

/// How long a disk that refused is left alone, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// So many last uses are worth a transaction.
const MANY_TOUCHED: usize = 4096;

/// Tells the queue when this thread ends, however it ends.
struct Leaving<'a>(&'a Queue);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// Runs until the store is closed. `told`: a refusing disk was warned of already.
pub(super) fn run(shared: &Shared, mut told: bool) {
    let _leaving = Leaving(&shared.queue);
    let mut pause = FIRST_PAUSE;
    let mut retry = None;
    let mut reconciled = false;
    loop {
        let work = if reconciled {
            Some(shared.queue.next(retry))
        } else {
            None
        };
        let (batch, last, stop) = work.map_or((Vec::new(), false, false), |work| {
            (work.batch, work.last, work.stop)
        });
        reconciled = true;
        let written = shared.mend().and_then(|()| shared.write_batch(&batch));
        let refuses = written.is_err();
        match written {
            Ok(()) => {
                shared.queue.done(batch);
                if told {
                    tracing::info!("the store works again");
                }
                (told, retry, pause) = (false, None, FIRST_PAUSE);
            }
            Err(error) => {
                if !told {
                    tracing::warn!("{error}; going on without storing, and trying again later");
                }
                told = true;
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
    /// Opens the database again where it is missing or not as it was left.
    fn mend(&self) -> Result<(), StoreError> {
        let (missing, sick, fresh) = match self.database().as_ref() {
            None => (true, true, false),
            Some(database) => (false, !database.intact(), database.take_fresh()),
        };
        if sick {
            let old = self.database_alone().take();
            drop(old);
            self.open_database()?;
        }
        let origin = self.database().as_ref().map(|database| {
            database.take_fresh();
            database.origin()
        });
        if sick
            && !missing
            && origin == Some(Origin::New)
            && !self.damage_told.swap(true, Ordering::Relaxed)
        {
            tracing::warn!("the store was removed while it was in use; it starts empty");
        }
        if (sick || fresh) && origin != Some(Origin::Clean) {
            self.reconcile()?;
        }
        Ok(())
    }

    /// Writes a batch: large blobs as files, then the rest in one transaction; evicts what is too much by then.
    fn write_batch(&self, batch: &[Job]) -> Result<(), StoreError> {
        for job in batch {
            if let Some(hash) = job.id.hash() {
                self.write_large(&hash, job.bytes.as_deref())?;
            }
        }
        if !batch.is_empty() {
            self.transact(|writing, totals| {
                batch
                    .iter()
                    .try_for_each(|job| self.apply(writing, totals, job))
            })?;
        }
        if self.touched().len() >= MANY_TOUCHED {
            self.write_touched()?;
        }
        self.evict_excess()
    }

    /// What a put or a removal does to the file of a blob.
    pub(super) fn write_large(
        &self,
        hash: &ContentHash,
        bytes: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let done = match bytes {
            None => self.large.remove(hash),
            Some(bytes) if bytes.len() > SMALL => self.large.write(hash, bytes),
            Some(_) => Ok(()),
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
                    *self.totals.lock().unwrap_or_else(PoisonError::into_inner) = totals;
                    return Ok(());
                }
                Err(lmdb::Error::MapFull) => {
                    drop(guard);
                    let grown = self
                        .database_alone()
                        .as_mut()
                        .map_or(Ok(()), super::Database::grow);
                    grown.map_err(|error| failed("enlarge", error))?;
                }
                Err(error) if is_damage(error) && !mended => {
                    database.suspect();
                    drop(guard);
                    self.mend()?;
                    mended = true;
                }
                Err(error) => return Err(failed("write", error)),
            }
        }
    }

    fn apply(
        &self,
        writing: &mut Writing<'_>,
        totals: &mut Totals,
        job: &Job,
    ) -> Result<(), lmdb::Error> {
        let Some(bytes) = &job.bytes else {
            return Self::forget(writing, totals, &job.id);
        };
        let id = job.id.as_bytes();
        let use_key = job.id.use_key();
        let large = job.id.hash().is_some() && bytes.len() > SMALL;
        let before = writing
            .get(&use_key)?
            .and_then(|sealed| Use::unseal(&use_key, sealed));
        if job.id.hash().is_none() {
            writing.put(id, &entry::seal(id, bytes))?;
        } else if !large && writing.get(id)?.is_none() {
            writing.put(id, bytes)?;
        }
        if let Some(before) = before {
            totals.subtract(&job.id, &before);
        }
        let size = bytes.len() + if job.id.hash().is_none() { id.len() } else { 0 };
        let used = Use {
            size: size as u64,
            tick: self.tick(),
            large,
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

    /// After an end out of order: what the counts and the files say is made one again.
    fn reconcile(&self) -> Result<(), StoreError> {
        let mut totals = Totals::default();
        let mut large = HashMap::new();
        let mut broken = Vec::new();
        let scanned = self.read(|database| {
            database.scan(USE, |key, sealed| {
                match (Id::from_use_key(key), Use::unseal(key, sealed)) {
                    (Some(id), Some(used)) => {
                        totals.add(&id, &used);
                        totals.clock = totals.clock.max(used.tick);
                        if let Some(hash) = id.hash().filter(|_| used.large) {
                            large.insert(hash, used.size);
                        }
                    }
                    (Some(id), None) => broken.push(id),
                    (None, _) => {}
                }
            })
        })?;
        if scanned.is_none() {
            return Ok(());
        }
        let survey = self.large.survey();
        let files = survey.map_err(|error| refused("list", &self.folder.blobs(), error))?;
        let mut adopted = Vec::new();
        for (hash, size) in files {
            if large.remove(&hash).is_none() {
                adopted.push((Id::blob(&hash), size));
            }
        }
        for hash in broken.iter().filter_map(Id::hash) {
            self.write_large(&hash, None)?;
        }
        let lost: Vec<Id> = large.keys().map(Id::blob).collect();
        self.clock.fetch_max(totals.clock, Ordering::Relaxed);
        self.transact(|writing, kept| {
            *kept = totals;
            for id in broken.iter().chain(&lost) {
                Self::forget(writing, kept, id)?;
            }
            for (id, size) in &adopted {
                let (tick, large) = (0, true);
                let used = Use {
                    size: *size,
                    tick,
                    large,
                };
                kept.add(id, &used);
                writing.put(&id.use_key(), &used.seal(&id.use_key()))?;
            }
            Ok(())
        })
    }

    fn serve(&self, sequence: u64, control: Control) {
        match control {
            Control::Flush(reply) => {
                let done = self.write_touched().and_then(|()| self.sync());
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

    fn sync(&self) -> Result<(), StoreError> {
        let guard = self.database();
        let synced = guard.as_ref().map_or(Ok(()), super::Database::sync);
        synced.map_err(|error| failed("write", error))
    }

    /// Removes everything, and begins anew.
    fn empty(&self, sequence: u64) -> Result<u64, StoreError> {
        self.queue.clear(sequence);
        let old = self.database_alone().take();
        let mut freed = self.totals().large_bytes;
        freed += old.as_ref().map_or(0, super::Database::disk_bytes);
        drop(old);
        self.touched().clear();
        let database = self.folder.database();
        remove_any(&database).map_err(|error| refused("remove", &database, error))?;
        self.large
            .clear()
            .and_then(|()| self.folder.remove_damaged())
            .map_err(|error| refused("remove", &self.folder.blobs(), error))?;
        self.open_database()?;
        Ok(freed)
    }

    /// Leaves the database so that the next process need not check it.
    fn close(&self) {
        if let Err(error) = self.write_touched().and_then(|()| self.sync()) {
            tracing::debug!("{error}");
        }
        let Some(database) = self.database_alone().take() else {
            return;
        };
        let clean = database.intact().then(|| database.last_stamp());
        drop(database);
        if let Some(stamp) = clean
            && let Err(error) = self.folder.mark_clean(stamp)
        {
            tracing::debug!("cannot mark the store as closed in order: {error}");
        }
    }
}

//! The LMDB environment, over a file without a name, and the two files with names that it is made from again: the
//! snapshot and the journal of what was committed since.
//!
//! LMDB runs without its lock file (`MDB_NOLOCK`): one process has the store, one thread of it writes, and a commit
//! waits for the readers that are inside and holds up those that come, so that no reader sees half a commit and none
//! keeps a version whose pages are used again.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use bytes::Bytes;
use lmdb::{Cursor, DatabaseFlags, Environment, EnvironmentFlags, Error, Transaction};

use super::super::StoreError;
use super::super::stamp::Stamp;
use super::entry::{self, FORMAT, FORMAT_KEY, TOTALS_KEY, Totals};
use super::folder::{Folder, refused};
use super::journal::{Changes, Ending, Journal, Steps};
use super::snapshot::{self, Unfit};
use super::writing::{Refusal, Writing, put, remove};
use super::{failed, private};

/// The first map is small and grows with what is stored.
const FIRST_MAP: usize = 16 << 20;
/// A page holds at least this part of what is put into it: what a replay needs of the map, at most.
const SPREAD: usize = 8;

/// A journal of so many bytes is applied in no time.
const SHORT: u64 = 64 << 10;

/// Why there is no database.
pub(super) enum Fault {
    /// What is there is damaged: it is to be set aside.
    Damaged(String),
    /// The system refuses; what is there may be good.
    Refused(StoreError),
}

/// Where an open database comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// There was none.
    New,
    /// As the last daemon left it at its end.
    Clean,
    /// The last daemon did not end in order.
    Killed,
    /// What was committed last is lost: the journal was damaged.
    Shortened,
}

/// One open environment.
pub(super) struct Database {
    environment: Environment,
    tree: lmdb::Database,
    /// What LMDB maps.
    file: File,
    map: usize,
    /// Shared by readers for as long as they look at the map, taken alone by a commit.
    commits: RwLock<()>,
    durable: Mutex<Durable>,
    origin: Origin,
}

/// What has a name.
struct Durable {
    folder: Folder,
    snapshot: Stamp,
    journal: Journal,
    /// Its length in bytes from which a new snapshot is written.
    longest: u64,
}

impl Database {
    /// Opens the folder's database or makes one; what is not as it was written is [`Fault::Damaged`]. `longest`:
    /// bytes of journal from which a new snapshot is written, at least.
    pub(super) fn open(folder: &Folder, longest: u64) -> Result<Self, Fault> {
        let refuse =
            |action, path: &std::path::Path, error| Fault::Refused(refused(action, path, error));
        let place = folder.database();
        folder
            .make_database()
            .map_err(|error| refuse("make", &place, error))?;
        let file = private::file(&place).map_err(|error| refuse("write in", &place, error))?;
        let loaded = match snapshot::load(&folder.data(), &file) {
            Ok(loaded) => Some(loaded),
            Err(Unfit::Absent) => None,
            Err(Unfit::Damaged(why)) => return Err(Fault::Damaged(why)),
            Err(Unfit::Refused(error)) => return Err(Fault::Refused(error)),
        };
        let size = loaded.map_or(0, |(size, _)| usize::try_from(size).unwrap_or(0));
        let journal = folder.journal();
        let waiting = std::fs::symlink_metadata(&journal).map_or(0, |found| found.len());
        let waiting = usize::try_from(waiting).unwrap_or(0);
        let map = FIRST_MAP
            .max(size.saturating_mul(2))
            .saturating_add(waiting.saturating_mul(SPREAD))
            .next_multiple_of(1 << 20);
        let (environment, tree) = map_file(&file, map).map_err(opening)?;
        let (stamp, journal, origin) = match loaded {
            Some((_, stamp)) => {
                let (journal, origin) = replay(folder, &environment, tree)?;
                (stamp, journal, origin)
            }
            None => {
                format(&environment, tree).map_err(opening)?;
                let stamp = snapshot::save(&file, length(&environment, &file), &folder.data())
                    .map_err(|error| refuse("write", &folder.data(), error))?;
                let made = Journal::make(&journal);
                let made = made.map_err(|error| refuse("make", &journal, error))?;
                (stamp, made, Origin::New)
            }
        };
        let database = Self {
            environment,
            tree,
            file,
            map,
            commits: RwLock::default(),
            durable: Mutex::new(Durable {
                folder: folder.clone(),
                snapshot: stamp,
                journal,
                longest,
            }),
            origin,
        };
        let format = database.get(FORMAT_KEY).map_err(opening)?;
        let format = format
            .as_deref()
            .and_then(|sealed| entry::unseal(FORMAT_KEY, sealed));
        if format != Some(FORMAT) {
            return Err(Fault::Damaged("it does not say its format".to_owned()));
        }
        if origin == Origin::Shortened {
            database.save().map_err(Fault::Refused)?;
        }
        Ok(database)
    }

    pub(super) fn origin(&self) -> Origin {
        self.origin
    }

    fn durable(&self) -> MutexGuard<'_, Durable> {
        self.durable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reading(&self) -> RwLockReadGuard<'_, ()> {
        self.commits.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the files with names are as they were left.
    pub(super) fn intact(&self) -> bool {
        let durable = self.durable();
        let snapshot = std::fs::symlink_metadata(durable.folder.data());
        snapshot.is_ok_and(|metadata| Stamp::of(&metadata) == durable.snapshot)
            && durable.journal.intact()
    }

    /// A copy of the value, in a transaction of its own.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Bytes>, Error> {
        let _reading = self.reading();
        let transaction = self.environment.begin_ro_txn()?;
        match transaction.get(self.tree, &key) {
            Ok(value) => Ok(Some(Bytes::copy_from_slice(value))),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Shows every entry whose key begins with `first`.
    pub(super) fn scan(&self, first: u8, mut each: impl FnMut(&[u8], &[u8])) -> Result<(), Error> {
        let _reading = self.reading();
        let transaction = self.environment.begin_ro_txn()?;
        let mut cursor = transaction.open_ro_cursor(self.tree)?;
        for found in cursor.iter_from([first]) {
            let (key, value) = found?;
            if key.first() != Some(&first) {
                break;
            }
            each(key, value);
        }
        Ok(())
    }

    /// One transaction: all of it or nothing, in the journal before it is seen. To be called by the one thread that
    /// writes.
    pub(super) fn write(
        &self,
        change: impl FnOnce(&mut Writing<'_>) -> Result<(), Error>,
    ) -> Result<(), Refusal> {
        let mut writing = Writing {
            transaction: self.environment.begin_rw_txn()?,
            tree: self.tree,
            changes: Changes::default(),
        };
        change(&mut writing)?;
        let mut durable = self.durable();
        let before = durable.journal.length();
        durable.journal.append(&writing.changes)?;
        let alone = self.commits.write().unwrap_or_else(PoisonError::into_inner);
        let committed = writing.transaction.commit();
        drop(alone);
        if committed.is_err() {
            durable.journal.back_to(before)?;
        }
        Ok(committed?)
    }

    /// Writes a new snapshot where the journal has become long.
    pub(super) fn save_where_long(&self) -> Result<(), StoreError> {
        let longest = self.durable().longest;
        self.save_above(longest, 4)
    }

    /// The same where the journal has more bytes than `least`, and than one `part` of the snapshot: in proportion, so that
    /// what is written twice stays a constant factor.
    fn save_above(&self, least: u64, part: u64) -> Result<(), StoreError> {
        let length = self.durable().journal.length();
        match length > least.max(self.length() / part) {
            true => self.save(),
            false => Ok(()),
        }
    }

    /// Writes snapshot and journal anew, whatever is in their place.
    pub(super) fn save(&self) -> Result<(), StoreError> {
        let mut durable = self.durable();
        let (data, journal) = (durable.folder.data(), durable.folder.journal());
        let made = durable.folder.make_database();
        made.map_err(|error| refused("make", &durable.folder.database(), error))?;
        let saved = snapshot::save(&self.file, self.length(), &data);
        durable.snapshot = saved.map_err(|error| refused("write", &data, error))?;
        // Stopped here, the next start applies the old journal to the new snapshot: that changes nothing.
        let made = Journal::make(&journal);
        durable.journal = made.map_err(|error| refused("make", &journal, error))?;
        Ok(())
    }

    /// Leaves word that all was written. The next start waits for the journal to be applied, and nobody for the end.
    pub(super) fn end(&self) -> Result<(), StoreError> {
        self.save_above(SHORT, 16)?;
        let mut durable = self.durable();
        let ended = durable.journal.end();
        ended.map_err(|error| refused("write", &durable.folder.journal(), error))
    }

    /// Makes the map twice as large. Having the value alone, nobody is in a transaction, as LMDB demands.
    pub(super) fn grow(&mut self) -> Result<(), Error> {
        let grown = self.map.saturating_mul(2);
        self.environment.set_map_size(grown)?;
        self.map = grown;
        Ok(())
    }

    fn length(&self) -> u64 {
        length(&self.environment, &self.file)
    }

    /// Bytes on disk: what is mapped, the snapshot and the journal.
    pub(super) fn disk_bytes(&self) -> u64 {
        let durable = self.durable();
        self.mapped_bytes() + durable.snapshot.size() + durable.journal.length()
    }

    /// Bytes on disk without a name.
    pub(super) fn mapped_bytes(&self) -> u64 {
        self.file.metadata().map_or(0, |found| found.blocks() * 512)
    }

    /// Bytes of the pages that hold something.
    pub(super) fn used_bytes(&self) -> Result<u64, Error> {
        let _reading = self.reading();
        let stat = self.environment.stat()?;
        let pages = stat.branch_pages() + stat.leaf_pages() + stat.overflow_pages();
        Ok(pages as u64 * u64::from(stat.page_size()))
    }
}

fn map_file(file: &File, map: usize) -> Result<(Environment, lmdb::Database), Error> {
    // Nothing waits for the disk here: what must last is in the journal.
    let flags = EnvironmentFlags::NO_SUB_DIR
        | EnvironmentFlags::NO_LOCK
        | EnvironmentFlags::NO_TLS
        | EnvironmentFlags::NO_SYNC;
    let environment = Environment::new()
        .set_flags(flags)
        .set_map_size(map)
        .open_with_permissions(&private::name(file), 0o600)?;
    let tree = environment.create_db(None, DatabaseFlags::empty())?;
    Ok((environment, tree))
}

/// Bytes of LMDB's file that stand for something.
fn length(environment: &Environment, file: &File) -> u64 {
    let size = file.metadata().map_or(0, |found| found.len());
    let page = environment.stat().map_or(4096, |stat| stat.page_size());
    let last = environment.info().map_or(0, |info| info.last_pgno());
    // The file may end before its last page, where that was never written.
    size.min((last as u64 + 1) * u64::from(page))
}

/// The first entries of a new database.
fn format(environment: &Environment, tree: lmdb::Database) -> Result<(), Error> {
    let mut transaction = environment.begin_rw_txn()?;
    put(
        &mut transaction,
        tree,
        FORMAT_KEY,
        &entry::seal(FORMAT_KEY, FORMAT),
    )?;
    put(
        &mut transaction,
        tree,
        TOTALS_KEY,
        &Totals::default().seal(),
    )?;
    transaction.commit()
}

/// Applies the journal, all of it in one transaction.
fn replay(
    folder: &Folder,
    environment: &Environment,
    tree: lmdb::Database,
) -> Result<(Journal, Origin), Fault> {
    let path = folder.journal();
    let mut transaction = environment.begin_rw_txn().map_err(opening)?;
    let replayed = Journal::replay(&path, |payload| {
        Steps::of(payload).try_for_each(|(key, value)| match value {
            Some(value) => put(&mut transaction, tree, key, value),
            None => remove(&mut transaction, tree, key).map(|_| ()),
        })
    });
    let (journal, origin) = match replayed {
        Ok(Ok((journal, ending))) => {
            let origin = match ending {
                Ending::Ordered => Origin::Clean,
                Ending::Killed => Origin::Killed,
                Ending::Damaged => Origin::Shortened,
            };
            (journal, origin)
        }
        Ok(Err(error)) => return Err(opening(error)),
        // A snapshot is good without its journal; what was in that is computed again.
        Err(_) => {
            let made = Journal::make(&path);
            let made = made.map_err(|error| Fault::Refused(refused("make", &path, error)))?;
            (made, Origin::Shortened)
        }
    };
    transaction.commit().map_err(opening)?;
    Ok((journal, origin))
}

fn opening(error: Error) -> Fault {
    if super::is_damage(error) {
        Fault::Damaged(error.to_string())
    } else {
        Fault::Refused(failed("open", error))
    }
}

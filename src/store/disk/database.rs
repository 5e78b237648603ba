//! The LMDB environment, opened only on a file that was checked, and watched for writes that are not its own.

use std::ffi::{c_int, c_void};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use lmdb::{
    Cursor, DatabaseFlags, Environment, EnvironmentFlags, Error, RoTransaction, RwTransaction,
    Transaction, WriteFlags,
};

use super::super::StoreError;
use super::check::{self, Unfit};
use super::entry::{self, FORMAT, FORMAT_KEY, TOTALS_KEY, Totals};
use super::folder::{Folder, Stamp, refused, remove_any};
use super::guard::{Guard, mapped};

/// The first map is small and grows with what is stored.
const FIRST_MAP: usize = 16 << 20;
const READERS: u32 = 1000;

unsafe extern "C" {
    /// From LMDB, which `lmdb` links but does not hand on: frees the slots of readers that died.
    fn mdb_reader_check(environment: *mut c_void, dead: *mut c_int) -> c_int;
}

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
    /// Found whole by a check of all pages: the last daemon did not end in order, or somebody touched the file.
    Checked,
}

/// One open environment.
pub(super) struct Database {
    environment: Environment,
    tree: lmdb::Database,
    /// LMDB's own descriptor is its own; this one is for looking at the file.
    file: File,
    guard: Guard,
    map: usize,
    /// Odd while a commit writes the file.
    commits: AtomicU64,
    stamp: Mutex<Stamp>,
    suspect: AtomicBool,
    origin: Origin,
    fresh: AtomicBool,
}

impl Database {
    /// Opens the folder's database or makes one; a file that LMDB could not be trusted with is [`Fault::Damaged`].
    pub(super) fn open(folder: &Folder) -> Result<Self, Fault> {
        let data = folder.data();
        folder
            .make_database()
            .map_err(|error| Fault::Refused(refused("make", &folder.database(), error)))?;
        let found = open_checked(folder, &data)?;
        let (origin, size) = found;
        let size = usize::try_from(size).unwrap_or(0);
        let map = FIRST_MAP.max(size.saturating_mul(2).next_multiple_of(1 << 20));
        // One process opens a store at a time, so what is left of a lock file is only the last one's.
        remove_any(&folder.lock())
            .map_err(|error| Fault::Refused(refused("remove", &folder.lock(), error)))?;
        let environment = Environment::new()
            .set_flags(EnvironmentFlags::NO_TLS | EnvironmentFlags::NO_META_SYNC)
            .set_max_readers(READERS)
            .set_map_size(map)
            .open_with_permissions(&folder.database(), 0o600)
            .map_err(opening)?;
        // Unlinked, the lock table can't be written by anybody else: it holds mutexes that LMDB trusts.
        let _ = remove_any(&folder.lock());
        // SAFETY: the environment is open, and `dead` lives through the call.
        unsafe { mdb_reader_check(environment.env().cast(), &mut 0) };
        let tree = environment
            .create_db(None, DatabaseFlags::empty())
            .map_err(opening)?;
        let file = look(&data).map_err(|error| Fault::Refused(refused("open", &data, error)))?;
        let stamp = stamp(&file).map_err(|error| Fault::Refused(refused("read", &data, error)))?;
        let database = Self {
            environment,
            tree,
            file,
            guard: Guard::new(),
            map,
            commits: AtomicU64::new(0),
            stamp: Mutex::new(stamp),
            suspect: AtomicBool::new(false),
            origin,
            fresh: AtomicBool::new(true),
        };
        database.watch();
        database.settle_format(origin == Origin::New)?;
        Ok(database)
    }

    /// Writes the format into a new database and compares it in an old one.
    fn settle_format(&self, new: bool) -> Result<(), Fault> {
        if new {
            let made = self.commit(true, |tree| {
                tree.put(FORMAT_KEY, &entry::seal(FORMAT_KEY, FORMAT))?;
                tree.put(TOTALS_KEY, &Totals::default().seal())
            });
            return made.map_err(opening);
        }
        let format = self.get(FORMAT_KEY).map_err(opening)?;
        match format
            .as_deref()
            .and_then(|sealed| entry::unseal(FORMAT_KEY, sealed))
        {
            Some(FORMAT) => Ok(()),
            Some(_) => Err(Fault::Damaged("it is of another format".to_owned())),
            None => Err(Fault::Damaged("it does not say its format".to_owned())),
        }
    }

    pub(super) fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether this is the first time that anybody asks.
    pub(super) fn take_fresh(&self) -> bool {
        self.fresh.swap(false, Ordering::AcqRel)
    }

    /// Whether the file is as the last commit left it. Half a microsecond.
    pub(super) fn intact(&self) -> bool {
        if self.suspect.load(Ordering::Acquire) || self.guard.hit() {
            return false;
        }
        let before = self.commits.load(Ordering::Acquire);
        if before % 2 == 1 {
            return true;
        }
        let same = stamp(&self.file).is_ok_and(|stamp| stamp == self.last_stamp());
        // A commit that began meanwhile changes the file too; it will look for itself.
        same || self.commits.load(Ordering::Acquire) != before
    }

    /// From now on the database is not read or written until it was checked.
    pub(super) fn suspect(&self) {
        self.suspect.store(true, Ordering::Release);
    }

    fn begin(&self) -> Result<RoTransaction<'_>, Error> {
        let transaction = self.environment.begin_ro_txn()?;
        self.rooted(&transaction)?;
        Ok(transaction)
    }

    /// The tree is never empty; where it says so, the file was cut since the check and the meta page is zeros, and
    /// following its root would end in LMDB's `abort`.
    fn rooted(&self, transaction: &impl Transaction) -> Result<(), Error> {
        let depth = transaction.stat(self.tree)?.depth();
        if depth == 0 || self.guard.hit() {
            Err(Error::Corrupted)
        } else {
            Ok(())
        }
    }

    /// A copy of the value, in a transaction of its own.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Bytes>, Error> {
        let transaction = self.begin()?;
        let found = match transaction.get(self.tree, &key) {
            Ok(value) => Some(Bytes::copy_from_slice(value)),
            Err(Error::NotFound) => None,
            Err(error) => return Err(error),
        };
        // What was read of a page that is no longer there is not the file's.
        if self.guard.hit() {
            return Err(Error::Corrupted);
        }
        Ok(found)
    }

    /// Whether there is a value.
    pub(super) fn has(&self, key: &[u8]) -> Result<bool, Error> {
        let transaction = self.begin()?;
        match transaction.get(self.tree, &key) {
            Ok(_) => Ok(true),
            Err(Error::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Shows every entry whose key begins with `first`.
    pub(super) fn scan(&self, first: u8, mut each: impl FnMut(&[u8], &[u8])) -> Result<(), Error> {
        let transaction = self.begin()?;
        let mut cursor = transaction.open_ro_cursor(self.tree)?;
        for found in cursor.iter_from([first]) {
            let (key, value) = found?;
            if key.first() != Some(&first) {
                break;
            }
            each(key, value);
        }
        if self.guard.hit() {
            Err(Error::Corrupted)
        } else {
            Ok(())
        }
    }

    /// One transaction: all of it or nothing.
    pub(super) fn write(
        &self,
        change: impl FnOnce(&mut Writing<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.commit(false, change)
    }

    /// `new`: the tree is empty, for this is its first transaction.
    fn commit(
        &self,
        new: bool,
        change: impl FnOnce(&mut Writing<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if !self.intact() {
            self.suspect();
            return Err(Error::Corrupted);
        }
        let mut writing = Writing {
            transaction: self.environment.begin_rw_txn()?,
            tree: self.tree,
        };
        if !new {
            self.rooted(&writing.transaction)?;
        }
        change(&mut writing)?;
        // Once more: a file that was cut meanwhile would grow again by this commit, with holes for pages.
        if !self.intact() {
            self.suspect();
            return Err(Error::Corrupted);
        }
        self.commits.fetch_add(1, Ordering::AcqRel);
        let committed = writing.transaction.commit();
        match stamp(&self.file) {
            Ok(stamp) => *self.stamp.lock().unwrap_or_else(PoisonError::into_inner) = stamp,
            Err(_) => self.suspect(),
        }
        self.commits.fetch_add(1, Ordering::AcqRel);
        committed
    }

    /// Makes the map twice as large. Having the value alone, nobody is in a transaction, as LMDB demands.
    pub(super) fn grow(&mut self) -> Result<(), Error> {
        self.guard.watch(None);
        let grown = self.map.saturating_mul(2);
        let done = self.environment.set_map_size(grown);
        if done.is_ok() {
            self.map = grown;
        }
        self.watch();
        done
    }

    /// Waits until the disk has it all.
    pub(super) fn sync(&self) -> Result<(), Error> {
        self.environment.sync(true)
    }

    /// The state of the file after the last commit, and its bytes on disk.
    pub(super) fn last_stamp(&self) -> Stamp {
        *self.stamp.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn disk_bytes(&self) -> u64 {
        self.file
            .metadata()
            .map_or(0, |metadata| metadata.blocks() * 512)
    }

    fn watch(&self) {
        let inode = self.file.metadata().map(|metadata| metadata.ino());
        self.guard.watch(inode.ok().and_then(mapped));
    }
}

/// A transaction that writes.
pub(super) struct Writing<'a> {
    transaction: RwTransaction<'a>,
    tree: lmdb::Database,
}

impl Writing<'_> {
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<&[u8]>, Error> {
        match self.transaction.get(self.tree, &key) {
            Ok(value) => Ok(Some(value)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        self.transaction
            .put(self.tree, &key, &value, WriteFlags::empty())
    }

    pub(super) fn remove(&mut self, key: &[u8]) -> Result<(), Error> {
        match self.transaction.del(self.tree, &key, None) {
            Err(Error::NotFound) => Ok(()),
            other => other,
        }
    }
}

/// Checks what is there; with its size in bytes.
fn open_checked(folder: &Folder, data: &Path) -> Result<(Origin, u64), Fault> {
    match fs::symlink_metadata(data) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((Origin::New, 0)),
        Err(error) => return Err(unreadable(data, error)),
        Ok(found) if !found.is_file() => {
            return Err(Fault::Damaged("it is not a regular file".to_owned()));
        }
        Ok(_) => {}
    }
    let file = look(data).map_err(|error| unreadable(data, error))?;
    let stamp = stamp(&file).map_err(|error| unreadable(data, error))?;
    let size = file
        .metadata()
        .map_err(|error| unreadable(data, error))?
        .len();
    if folder.take_clean(stamp) {
        return Ok((Origin::Clean, size));
    }
    match check::check(&file) {
        Ok(()) => Ok((Origin::Checked, size)),
        Err(Unfit::Damaged(what)) => Err(Fault::Damaged(what)),
        Err(Unfit::Unreadable(error)) => Err(unreadable(data, error)),
    }
}

/// A file that can't be read is replaced; a process short of descriptors or memory says nothing about the file.
fn unreadable(path: &Path, error: io::Error) -> Fault {
    match error.raw_os_error() {
        Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::EINTR) => {
            Fault::Refused(refused("open", path, error))
        }
        _ => Fault::Damaged(format!("it cannot be read: {error}")),
    }
}

fn opening(error: Error) -> Fault {
    match error {
        Error::Invalid
        | Error::VersionMismatch
        | Error::Corrupted
        | Error::PageNotFound
        | Error::Incompatible
        | Error::Panic
        | Error::BadTxn => Fault::Damaged(error.to_string()),
        other => Fault::Refused(StoreError::Database {
            action: "open",
            cause: other.to_string(),
        }),
    }
}

fn look(path: &Path) -> io::Result<File> {
    File::options()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
}

fn stamp(file: &File) -> io::Result<Stamp> {
    Ok(Stamp::of(&file.metadata()?))
}

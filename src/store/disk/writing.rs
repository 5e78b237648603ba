//! A transaction that writes, and notes what it does.

use std::io;

use lmdb::{Error, RwTransaction, Transaction, WriteFlags};

use super::journal::Changes;

/// Why a transaction was not made.
pub(super) enum Refusal {
    /// LMDB says so.
    Database(Error),
    /// The journal could not be written.
    Journal(io::Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Journal(error)
    }
}

/// A transaction that writes.
pub(super) struct Writing<'a> {
    pub(super) transaction: RwTransaction<'a>,
    pub(super) tree: lmdb::Database,
    /// What was done so far, for the journal.
    pub(super) changes: Changes,
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
        put(&mut self.transaction, self.tree, key, value)?;
        self.changes.put(key, value);
        Ok(())
    }

    pub(super) fn remove(&mut self, key: &[u8]) -> Result<(), Error> {
        if remove(&mut self.transaction, self.tree, key)? {
            self.changes.remove(key);
        }
        Ok(())
    }
}

/// Puts without noting it.
pub(super) fn put(
    transaction: &mut RwTransaction<'_>,
    tree: lmdb::Database,
    key: &[u8],
    value: &[u8],
) -> Result<(), Error> {
    transaction.put(tree, &key, &value, WriteFlags::empty())
}

/// Removes without noting it; whether there was something to remove.
pub(super) fn remove(
    transaction: &mut RwTransaction<'_>,
    tree: lmdb::Database,
    key: &[u8],
) -> Result<bool, Error> {
    match transaction.del(tree, &key, None) {
        Ok(()) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

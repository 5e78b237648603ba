//! A large blob that is open: a file of the store, which anybody with its name can still overwrite or cut.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, PoisonError};

use super::stamp::Stamp;
use crate::base::ContentHash;

/// How much is hashed at once.
const PIECE: usize = 256 << 10;

/// An open file whose content was seen to have its hash, and is looked at again when its metadata move.
#[derive(Debug)]
pub struct Pinned {
    file: File,
    len: u64,
    hash: ContentHash,
    /// The metadata of the file when its content was last known to be right.
    right: Mutex<Stamp>,
}

impl Pinned {
    /// Hashes the file, except where `known` says that it was right with these metadata; `None` where its content
    /// is something else, or changed meanwhile.
    pub(super) fn check(
        file: File,
        hash: ContentHash,
        known: Option<Stamp>,
    ) -> io::Result<Option<Self>> {
        let metadata = file.metadata()?;
        let stamp = Stamp::of(&metadata);
        let pinned = Self {
            file,
            len: metadata.len(),
            hash,
            right: Mutex::new(stamp),
        };
        if known == Some(stamp) || pinned.hashed()? == Some(stamp) {
            Ok(Some(pinned))
        } else {
            Ok(None)
        }
    }

    /// The size in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether its metadata are those with which it was last seen to be right: nobody wrote or removed it since.
    pub fn is_untouched(&self) -> bool {
        let now = self.file.metadata();
        now.is_ok_and(|now| Stamp::of(&now) == self.stamp())
    }

    pub(super) fn stamp(&self) -> Stamp {
        *self.right.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fills `buffer` from `offset` on; the file is looked at after it was read, so what comes back is the blob's.
    pub(super) fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)?;
        if Stamp::of(&self.file.metadata()?) == self.stamp() {
            return Ok(());
        }
        // An eviction moves the metadata too; only the content tells.
        let Some(stamp) = self.hashed()? else {
            return Err(io::Error::other(
                "a stored file was changed while it was open",
            ));
        };
        self.file.read_exact_at(buffer, offset)?;
        if Stamp::of(&self.file.metadata()?) != stamp {
            return Err(io::Error::other(
                "a stored file keeps changing while it is read",
            ));
        }
        *self.right.lock().unwrap_or_else(PoisonError::into_inner) = stamp;
        Ok(())
    }

    /// The metadata with which the content is right; `None` where it is not, or they moved meanwhile.
    fn hashed(&self) -> io::Result<Option<Stamp>> {
        let before = Stamp::of(&self.file.metadata()?);
        let mut hasher = blake3::Hasher::new();
        let mut piece = vec![0; PIECE.min(usize::try_from(self.len).unwrap_or(PIECE)).max(1)];
        let mut offset = 0;
        while offset < self.len {
            let count = self.file.read_at(&mut piece, offset)?;
            if count == 0 {
                return Ok(None);
            }
            hasher.update(&piece[..count]);
            offset += count as u64;
        }
        let right = hasher.finalize().as_bytes() == self.hash.as_bytes()
            && Stamp::of(&self.file.metadata()?) == before;
        Ok(right.then_some(before))
    }
}

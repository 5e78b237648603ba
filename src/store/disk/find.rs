//! Where a blob is, and its bytes.

use super::entry::{Id, Place, Use};
use super::folder::refused;
use super::large::Found;
use super::{Blob, ContentHash, Shared, StoreError};

impl Shared {
    /// Where something is, and its size in bytes.
    pub(super) fn place(&self, id: &Id) -> Result<Option<(Place, u64)>, StoreError> {
        let key = id.use_key();
        let sealed = self.read(|database| database.get(&key))?.flatten();
        let used = sealed.and_then(|sealed| Use::unseal(&key, &sealed));
        Ok(used.map(|used| (used.place, used.size)))
    }

    /// The bytes of a blob.
    pub(super) fn find(&self, id: &Id, hash: &ContentHash) -> Result<Found, StoreError> {
        // Where a look at a pack was in vain.
        let mut missed = None;
        loop {
            let (spot, size) = match self.place(id)? {
                Some((Place::Packed(spot), size)) => (spot, size),
                Some((Place::Database, _)) => return self.stored(id, hash),
                Some((Place::File, _)) | None => {
                    let path = || self.folder.blobs().join(hash.to_hex());
                    let found = self.large.open(hash);
                    return found.map_err(|error| refused("open", &path(), error));
                }
            };
            let found = self.packs.read(spot, size, hash);
            let found = found.map_err(|error| refused("read", &self.folder.packs(), error))?;
            // It may have been moved since its place was looked up.
            if matches!(found, Found::Whole(_)) || missed.replace(spot) == Some(spot) {
                return Ok(found);
            }
        }
    }

    /// A blob that lies in the database.
    fn stored(&self, id: &Id, hash: &ContentHash) -> Result<Found, StoreError> {
        let bytes = self.read(|database| database.get(id.as_bytes()))?.flatten();
        Ok(match bytes {
            None => Found::Absent,
            Some(bytes) if ContentHash::of(&bytes) == *hash => Found::Whole(Blob::Memory(bytes)),
            Some(_) => Found::Damaged,
        })
    }

    /// Whether [`Shared::find`] would find it, without reading it.
    pub(super) fn has(&self, id: &Id, hash: &ContentHash) -> bool {
        let mut missed = None;
        loop {
            match self.place(id) {
                Ok(Some((Place::Database, _))) => return true,
                Ok(Some((Place::Packed(spot), size))) => {
                    // It may have been moved since its place was looked up.
                    let has = self.packs.has(spot, size);
                    if has || missed.replace(spot) == Some(spot) {
                        return has;
                    }
                }
                Ok(Some((Place::File, _)) | None) | Err(_) => return self.large.has(hash),
            }
        }
    }
}

//! Emptying packs of which little is referred to: what is goes to the end of the last pack, the file goes.

use std::collections::HashMap;

use super::entry::{Id, Place, Spot, USE, Use};
use super::folder::refused;
use super::large::Found;
use super::{Shared, StoreError};

/// A blob of a pack that is emptied.
struct Resident {
    id: Id,
    spot: Spot,
    size: u64,
}

impl Shared {
    /// Empties packs, those first of which the least is referred to, until all take at most `most` bytes on the disk,
    /// or none has anything to give back.
    pub(super) fn compact(&self, most: u64) -> Result<(), StoreError> {
        let taken = self.packs.bytes();
        if taken <= most {
            return Ok(());
        }
        let Some(mut sparse) = self.sparse_packs(taken - most)? else {
            return Ok(());
        };
        if sparse.is_empty() {
            return Ok(());
        }
        let scanned = self.read(|database| {
            database.scan(USE, |key, sealed| {
                if let Some(id) = Id::from_use_key(key)
                    && let Some(used) = Use::unseal(key, sealed)
                    && let Place::Packed(spot) = used.place
                    && let Some(residents) = sparse.get_mut(&spot.pack)
                {
                    let size = used.size;
                    residents.push(Resident { id, spot, size });
                }
            })
        })?;
        if scanned.is_none() {
            return Ok(());
        }
        self.packs.leave(|number| sparse.contains_key(&number));
        // Those with nothing in them first: on a full disk they make the room that the others need.
        let mut sparse: Vec<_> = sparse.into_iter().collect();
        sparse.sort_unstable_by_key(|(number, residents)| (residents.len(), *number));
        for (number, mut residents) in sparse {
            residents.sort_unstable_by_key(|resident| resident.spot.offset);
            if !residents.is_empty() {
                self.move_all(&residents)?;
            }
            self.packs.remove(number);
        }
        Ok(())
    }

    /// Packs that give back `wanted` bytes between them; `None` where there is no database that tells.
    fn sparse_packs(&self, wanted: u64) -> Result<Option<HashMap<u32, Vec<Resident>>>, StoreError> {
        let mut live: HashMap<u32, u64> = HashMap::new();
        let scanned = self.read(|database| {
            database.scan(USE, |key, sealed| {
                if let Some(used) = Use::unseal(key, sealed)
                    && let Place::Packed(spot) = used.place
                {
                    *live.entry(spot.pack).or_default() += used.size;
                }
            })
        })?;
        if scanned.is_none() {
            return Ok(None);
        }
        let lengths = self.packs.lengths();
        let mut packs: Vec<_> = lengths
            .into_iter()
            .map(|(number, length)| {
                let live = live.get(&number).copied().unwrap_or(0);
                (live as f64 / length.max(1) as f64, number, length, live)
            })
            .collect();
        packs.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let mut sparse = HashMap::new();
        let mut given = 0;
        for (_, number, length, live) in packs {
            if given >= wanted || live >= length && length > 0 {
                break;
            }
            given += length.saturating_sub(live);
            sparse.insert(number, Vec::new());
        }
        Ok(Some(sparse))
    }

    /// Writes the blobs of one pack once more; those that are damaged are forgotten.
    fn move_all(&self, residents: &[Resident]) -> Result<(), StoreError> {
        let failed = |error| refused("write", &self.folder.packs(), error);
        let mut contents = Vec::with_capacity(residents.len());
        for Resident { id, spot, size } in residents {
            let read = id.hash().map(|hash| self.packs.read(*spot, *size, &hash));
            contents.push(match read.transpose().map_err(failed)? {
                Some(Found::Whole(blob)) => blob.read_all().ok(),
                _ => None,
            });
        }
        let mark = self.packs.mark();
        let whole: Vec<&[u8]> = contents.iter().flatten().map(AsRef::as_ref).collect();
        let spots = self.packs.append(&whole).map_err(failed);
        let moved = spots.and_then(|spots| {
            self.transact(|writing, totals| {
                let mut spots = spots.iter();
                for (resident, content) in residents.iter().zip(&contents) {
                    let spot = content.as_ref().and_then(|_| spots.next());
                    let Some(&spot) = spot else {
                        Self::forget(writing, totals, &resident.id)?;
                        continue;
                    };
                    let key = resident.id.use_key();
                    let used = writing
                        .get(&key)?
                        .and_then(|sealed| Use::unseal(&key, sealed));
                    if let Some(used) = used {
                        let place = Place::Packed(spot);
                        writing.put(&key, &Use { place, ..used }.seal(&key))?;
                    }
                }
                Ok(())
            })
        });
        if moved.is_err() {
            self.packs.back_to(&mark);
        }
        moved
    }
}

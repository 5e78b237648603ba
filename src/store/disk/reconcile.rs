//! Making one again what the counts, the entries and the files say.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;

use super::entry::{Id, Place, Totals, USE, Use};
use super::folder::refused;
use super::{PACKED, Shared, StoreError};

impl Shared {
    /// After an end out of order, or somebody else's work: what the counts and the files say is made one again.
    pub(super) fn reconcile(&self) -> Result<(), StoreError> {
        let packs = self.packs.survey();
        let mut packs = packs.map_err(|error| refused("list", &self.folder.packs(), error))?;
        let mut unused: HashSet<u32> = packs.keys().copied().collect();
        let mut totals = Totals::default();
        let mut large = HashMap::new();
        let mut broken = Vec::new();
        let mut lost = Vec::new();
        let scanned = self.read(|database| {
            database.scan(USE, |key, sealed| {
                match (Id::from_use_key(key), Use::unseal(key, sealed)) {
                    (Some(id), Some(used)) => {
                        totals.add(&id, &used);
                        totals.clock = totals.clock.max(used.tick);
                        match (used.place, id.hash()) {
                            (Place::File, Some(hash)) => _ = large.insert(hash, used.size),
                            (Place::Packed(spot), _) => {
                                let length = packs.entry(spot.pack).or_default();
                                if spot.offset.saturating_add(used.size) > *length {
                                    lost.push(id);
                                } else {
                                    unused.remove(&spot.pack);
                                }
                            }
                            _ => {}
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
        unused
            .into_iter()
            .for_each(|number| self.packs.remove(number));
        let survey = self.large.survey();
        let files = survey.map_err(|error| refused("list", &self.folder.blobs(), error))?;
        let mut adopted = Vec::new();
        for (hash, size) in files {
            match large.get(&hash) {
                None if size > PACKED as u64 => adopted.push((Id::blob(&hash), size)),
                None => self.write_large(&hash, None)?,
                Some(known) if *known == size => {
                    large.remove(&hash);
                }
                // Not what was written: gone, as those that are missing.
                Some(_) => self.write_large(&hash, None)?,
            }
        }
        for hash in broken.iter().filter_map(Id::hash) {
            self.write_large(&hash, None)?;
        }
        lost.extend(large.keys().map(Id::blob));
        self.clock.fetch_max(totals.clock, Ordering::Relaxed);
        self.transact(|writing, kept| {
            *kept = totals;
            for id in broken.iter().chain(&lost) {
                Self::forget(writing, kept, id)?;
            }
            for (id, size) in &adopted {
                let used = Use {
                    size: *size,
                    tick: 0,
                    place: Place::File,
                };
                kept.add(id, &used);
                writing.put(&id.use_key(), &used.seal(&id.use_key()))?;
            }
            Ok(())
        })
    }
}

//! What stands in the database: keys by kind, and values that carry their own check.
//!
//! LMDB has no checksums, so every value but a blob begins with 16 bytes of the blake3 of its key and payload; a blob's
//! key is its hash. All entries share one tree, told apart by the first byte of the key.

use crate::base::ContentHash;

/// The entry that says which format this is; nothing else about the store's surroundings is kept.
pub(super) const FORMAT_KEY: &[u8] = b"f";
/// The value under [`FORMAT_KEY`]. To be counted up when anything in this file changes.
pub(super) const FORMAT: &[u8] = b"hookfs store 3";
/// The entry of the counts.
pub(super) const TOTALS_KEY: &[u8] = b"t";
/// The first byte of the entries that say when something was last used.
pub(super) const USE: u8 = b'u';

/// LMDB's keys are at most 511 bytes; longer ones than this are hashed.
const LONGEST_KEY: usize = 480;
const SEAL: usize = 16;

/// The key of a record or of a blob.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Id(Box<[u8]>);

impl Id {
    pub(super) fn record(key: &[u8]) -> Self {
        if key.len() > LONGEST_KEY {
            return Self::prefixed(b'h', ContentHash::of(key).as_bytes());
        }
        Self::prefixed(b'r', key)
    }

    pub(super) fn blob(hash: &ContentHash) -> Self {
        Self::prefixed(b'b', hash.as_bytes())
    }

    fn prefixed(kind: u8, rest: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(rest.len() + 1);
        bytes.push(kind);
        bytes.extend_from_slice(rest);
        Self(bytes.into())
    }

    /// The key in the database.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The hash, where this is a blob.
    pub(super) fn hash(&self) -> Option<ContentHash> {
        let (kind, rest) = self.0.split_first()?;
        if *kind != b'b' {
            return None;
        }
        rest.try_into().ok().map(ContentHash::from_bytes)
    }

    /// The key of the entry that says when this was last used.
    pub(super) fn use_key(&self) -> Vec<u8> {
        let mut key = Vec::with_capacity(self.0.len() + 1);
        key.push(USE);
        key.extend_from_slice(&self.0);
        key
    }

    /// Reads what [`Id::use_key`] wrote.
    pub(super) fn from_use_key(key: &[u8]) -> Option<Self> {
        let (kind, rest) = key.split_first()?;
        (*kind == USE && !rest.is_empty()).then(|| Self(rest.into()))
    }
}

/// `payload` with its check before it.
pub(super) fn seal(key: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(SEAL + payload.len());
    sealed.extend_from_slice(&check(key, payload));
    sealed.extend_from_slice(payload);
    sealed
}

/// The payload of what [`seal`] made; `None` where a bit of the key, the check or the payload is not as it was.
pub(super) fn unseal<'a>(key: &[u8], sealed: &'a [u8]) -> Option<&'a [u8]> {
    let (found, payload) = sealed.split_at_checked(SEAL)?;
    (found == check(key, payload)).then_some(payload)
}

/// How many bytes the check takes.
pub(super) const fn seal_len() -> usize {
    SEAL
}

fn check(key: &[u8], payload: &[u8]) -> [u8; SEAL] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(key.len() as u64).to_le_bytes());
    hasher.update(key);
    hasher.update(payload);
    let mut check = [0; SEAL];
    check.copy_from_slice(&hasher.finalize().as_bytes()[..SEAL]);
    check
}

/// When something was last used, and what it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Use {
    /// Bytes.
    pub(super) size: u64,
    /// The store's clock counts uses, not seconds: it orders, and never goes back.
    pub(super) tick: u64,
    /// Where its bytes are.
    pub(super) place: Place,
}

/// Where the bytes of something are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the database, under its own key.
    Database,
    /// In a file of its own.
    File,
    /// In a pack.
    Packed(Spot),
}

/// Where in which pack a blob begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// The number of the pack.
    pub(super) pack: u32,
    /// Bytes before the blob.
    pub(super) offset: u64,
}

impl Place {
    fn numbers(self) -> [u64; 3] {
        match self {
            Self::Database => [0, 0, 0],
            Self::File => [1, 0, 0],
            Self::Packed(spot) => [2, spot.pack.into(), spot.offset],
        }
    }

    fn of_numbers(numbers: [u64; 3]) -> Option<Self> {
        match numbers {
            [0, ..] => Some(Self::Database),
            [1, ..] => Some(Self::File),
            [2, pack, offset] => Some(Self::Packed(Spot {
                pack: pack.try_into().ok()?,
                offset,
            })),
            _ => None,
        }
    }
}

impl Use {
    pub(super) fn seal(&self, key: &[u8]) -> Vec<u8> {
        let [kind, pack, offset] = self.place.numbers();
        seal(key, &numbers(&[self.size, self.tick, kind, pack, offset]))
    }

    pub(super) fn unseal(key: &[u8], sealed: &[u8]) -> Option<Self> {
        let [size, tick, kind, pack, offset] = parse(unseal(key, sealed)?)?;
        Some(Self {
            size,
            tick,
            place: Place::of_numbers([kind, pack, offset])?,
        })
    }
}

/// The counts, kept in the transaction that changes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) records: u64,
    pub(super) record_bytes: u64,
    pub(super) blobs: u64,
    pub(super) blob_bytes: u64,
    /// Of `blob_bytes`, those in packs.
    pub(super) packed_bytes: u64,
    /// Of `blob_bytes`, those in files of their own.
    pub(super) large_bytes: u64,
    /// What those files take on a disk.
    pub(super) large_blocks: u64,
    /// The largest tick given.
    pub(super) clock: u64,
}

impl Totals {
    pub(super) fn add(&mut self, id: &Id, used: &Use) {
        if id.hash().is_some() {
            self.blobs += 1;
            self.blob_bytes += used.size;
            match used.place {
                Place::Database => {}
                Place::Packed(_) => self.packed_bytes += used.size,
                Place::File => {
                    self.large_bytes += used.size;
                    self.large_blocks += blocks(used.size);
                }
            }
        } else {
            self.records += 1;
            self.record_bytes += used.size;
        }
    }

    pub(super) fn subtract(&mut self, id: &Id, used: &Use) {
        if id.hash().is_some() {
            self.blobs = self.blobs.saturating_sub(1);
            self.blob_bytes = self.blob_bytes.saturating_sub(used.size);
            match used.place {
                Place::Database => {}
                Place::Packed(_) => {
                    self.packed_bytes = self.packed_bytes.saturating_sub(used.size);
                }
                Place::File => {
                    self.large_bytes = self.large_bytes.saturating_sub(used.size);
                    self.large_blocks = self.large_blocks.saturating_sub(blocks(used.size));
                }
            }
        } else {
            self.records = self.records.saturating_sub(1);
            self.record_bytes = self.record_bytes.saturating_sub(used.size);
        }
    }

    pub(super) fn seal(&self) -> Vec<u8> {
        let all = [
            self.records,
            self.record_bytes,
            self.blobs,
            self.blob_bytes,
            self.packed_bytes,
            self.large_bytes,
            self.large_blocks,
            self.clock,
        ];
        seal(TOTALS_KEY, &numbers(&all))
    }

    pub(super) fn unseal(sealed: &[u8]) -> Option<Self> {
        let [
            records,
            record_bytes,
            blobs,
            blob_bytes,
            packed_bytes,
            large_bytes,
            large_blocks,
            clock,
        ] = parse(unseal(TOTALS_KEY, sealed)?)?;
        Some(Self {
            records,
            record_bytes,
            blobs,
            blob_bytes,
            packed_bytes,
            large_bytes,
            large_blocks,
            clock,
        })
    }
}

/// What a file of `size` bytes takes on a disk: whole blocks, and its inode.
pub(super) fn blocks(size: u64) -> u64 {
    size.next_multiple_of(4096) + 256
}

fn numbers(all: &[u64]) -> Vec<u8> {
    all.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn parse<const N: usize>(bytes: &[u8]) -> Option<[u64; N]> {
    if bytes.len() != N * 8 {
        return None;
    }
    let mut all = [0; N];
    for (number, chunk) in all.iter_mut().zip(bytes.chunks_exact(8)) {
        *number = u64::from_le_bytes(chunk.try_into().ok()?);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_bit_anywhere_breaks_the_seal() {
        let sealed = seal(b"key", b"payload");
        assert_eq!(unseal(b"key", &sealed), Some(&b"payload"[..]));
        assert_eq!(unseal(b"kez", &sealed), None);
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unseal(b"key", &flipped), None, "bit {bit}");
        }
        assert_eq!(unseal(b"key", &sealed[..10]), None);
    }

    #[test]
    fn keys_of_any_length_stay_apart_and_fit() {
        let long = vec![7; 5000];
        for key in [&b""[..], b"a", &long, &long[..480], &long[..481]] {
            let id = Id::record(key);
            assert!(id.use_key().len() <= 511);
            assert_eq!(Id::from_use_key(&id.use_key()), Some(id.clone()));
            assert_eq!(id.hash(), None);
        }
        assert_ne!(Id::record(&long), Id::record(&long[..4999]));
        let hash = ContentHash::of(b"x");
        assert_eq!(Id::blob(&hash).hash(), Some(hash));
    }
}

//! Outputs that are put together when they are read: their recipes are nodes' parts like others, their bytes are nowhere but
//! in memory, for as long as somebody has them open, and those of the latest for the next reader.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;

use super::{Engine, Fetched};
use crate::base::{ContentHash, Key, Part};
use crate::compute::{Failure, Recipe, Segment, Slot};
use crate::store::{Blob, Pieces, Slice};

/// Bytes of the latest outputs that are kept in memory. What an edit leaves as it is, the version after it shares with the
/// one before, so mostly they are fewer.
const CAPACITY: u64 = 64 << 20;

/// Names of what is gone are looked for when there are so many.
const SWEEP: usize = 1024;

#[derive(Default)]
struct Known {
    /// All that somebody has, by the hash of its recipe: the parts of others too.
    by_hash: HashMap<ContentHash, Weak<Pieces>>,
    sweep_at: usize,
    /// What was asked for last, the oldest first.
    latest: VecDeque<(ContentHash, Arc<Pieces>)>,
    bytes: u64,
}

/// What has been put together.
#[derive(Default)]
pub(super) struct Assembled(Mutex<Known>);

impl Assembled {
    fn get(&self, hash: &ContentHash) -> Option<Arc<Pieces>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.by_hash.get(hash)?.upgrade()
    }

    fn note(&self, hash: ContentHash, pieces: &Arc<Pieces>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.by_hash.insert(hash, Arc::downgrade(pieces));
        if known.by_hash.len() >= known.sweep_at.max(SWEEP) {
            known.by_hash.retain(|_, pieces| pieces.strong_count() > 0);
            known.sweep_at = known.by_hash.len() * 2;
        }
    }

    /// Keeps one that a reader asked for, and lets the oldest go.
    fn keep(&self, hash: ContentHash, pieces: &Arc<Pieces>) {
        let mut gone = Vec::new();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = known.latest.iter().position(|(other, _)| *other == hash) {
            known.latest.remove(at);
            known.bytes -= pieces.len();
        }
        known.latest.push_back((hash, pieces.clone()));
        known.bytes += pieces.len();
        while known.bytes > CAPACITY
            && let Some((_, oldest)) = known.latest.pop_front()
        {
            known.bytes -= oldest.len();
            gone.push(oldest);
        }
        // Freed outside the lock: there may be many.
        drop(known);
        drop(gone);
    }
}

impl Engine {
    /// How many bytes readers get of a part that a run gave.
    pub(super) fn len_for_readers(
        &self,
        key: &Key,
        part: Part,
        bytes: &Bytes,
    ) -> Result<u64, Failure> {
        match self.computations.is_assembled(key, part) {
            true => Recipe::decode(bytes).map(|recipe| recipe.len()),
            false => Ok(bytes.len() as u64),
        }
    }

    /// What readers get of a part: what is in its slot belongs to it.
    pub(super) fn filled(&self, key: &Key, part: Part, mut fetched: Fetched) -> Fetched {
        if let Some(slot) = self.computations.slot(key, part) {
            fetched.len += slot.text.len() as u64;
            fetched.modified = fetched.modified.max(slot.since);
        }
        fetched
    }

    /// The bytes of one version of a part, pinned.
    pub(super) fn blob(&self, key: &Key, part: Part, hash: &ContentHash) -> Result<Blob, Failure> {
        if !self.computations.is_assembled(key, part) {
            return self.stored(key, part, hash);
        }
        let pieces = self.pieces(key, part, hash)?;
        self.assembled.keep(*hash, &pieces);
        Ok(Blob::Pieces(pieces))
    }

    /// The same, where it takes neither I/O nor a computation.
    pub(super) fn try_blob(&self, key: &Key, part: Part, hash: &ContentHash) -> Option<Blob> {
        match self.computations.is_assembled(key, part) {
            true => self.assembled.get(hash).map(Blob::Pieces),
            false => self.recent.get(hash).map(Blob::Memory),
        }
    }

    /// Puts a version together. A piece that the store has lost is computed again; if its sources give another one now, the
    /// version is gone.
    fn pieces(&self, key: &Key, part: Part, hash: &ContentHash) -> Result<Arc<Pieces>, Failure> {
        if let Some(known) = self.assembled.get(hash) {
            return Ok(known);
        }
        let recipe = self.stored(key, part, hash)?.read_all();
        let recipe = recipe.map_err(|error| {
            Failure::Internal(format!("cannot read what `{key}` is made of: {error}"))
        })?;
        let recipe = Recipe::decode(&recipe)?;
        let slot = self.computations.slot(key, part);
        let slices = recipe.segments().iter();
        let slices = slices.map(|segment| self.slice(segment, slot));
        let pieces = Arc::new(Pieces::new(slices.collect::<Result<_, _>>()?));
        let slots = slot.map_or(0, |slot| slot.text.len() as u64);
        if pieces.len() != recipe.len() + slots {
            return Err(Failure::Internal(format!(
                "`{key}` has another size than its pieces"
            )));
        }
        self.assembled.note(*hash, &pieces);
        Ok(pieces)
    }

    fn slice(&self, segment: &Segment, slot: Option<&Slot>) -> Result<Slice, Failure> {
        Ok(match segment {
            Segment::Slot => Slice {
                blob: Blob::Memory(slot.map(|slot| slot.text.clone()).unwrap_or_default()),
                skip: 0,
            },
            Segment::Text(text) => Slice {
                blob: Blob::Memory(Bytes::copy_from_slice(text.as_bytes())),
                skip: 0,
            },
            Segment::Part {
                key,
                part,
                hash,
                skip,
                ..
            } => {
                let blob = match self.computations.is_assembled(key, *part) {
                    true => Blob::Pieces(self.pieces(key, *part, hash)?),
                    false => self.stored(key, *part, hash)?,
                };
                Slice { blob, skip: *skip }
            }
        })
    }
}

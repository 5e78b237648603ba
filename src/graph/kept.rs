//! Versions of outputs by the beginning of their hash: of the node's present outcome, or of a record that is still kept.

use super::Engine;
use super::memo::Outcome;
use crate::base::{ContentHash, Key, Part, ShortHash};
use crate::compute::Failure;

/// The part whose hash tells the versions of `part` apart in names, of those that one run gave.
fn naming<'a>(
    part: Part,
    mut given: impl Iterator<Item = (Part, &'a ContentHash)>,
) -> Option<ShortHash> {
    let mut own = None;
    let named = given.find_map(|(other, hash)| {
        if other == part {
            own = Some(hash.short());
        }
        (other == Part::NAME && part == Part::MAIN).then(|| hash.short())
    });
    named.or(own)
}

impl Outcome {
    /// The part, if this is the version with that hash in its name.
    fn named(&self, part: Part, hash: ShortHash) -> Option<Kept> {
        let given = self
            .parts
            .iter()
            .map(|version| (version.part, &version.hash));
        if naming(part, given) != Some(hash) {
            return None;
        }
        let found = self.parts.iter().find(|version| version.part == part);
        found.map(|version| Kept {
            hash: version.hash,
            len: version.len,
        })
    }
}

/// A version that is what it is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The content's hash.
    pub hash: ContentHash,
    /// Its size in bytes.
    pub len: u64,
}

impl Engine {
    /// The version where memory knows it. Whether it is what the sources give now does not matter: its bytes are those
    /// of its hash.
    pub(super) fn try_kept(&self, key: &Key, part: Part, hash: ShortHash) -> Option<Kept> {
        let mut state = self.state();
        let now = state.now();
        let id = *state.keys.get(key)?;
        let node = state.nodes.get_mut(id)?;
        let kept = node.memo.as_ref().map(|memo| &memo.outcome);
        // What was not kept has a name all the same, for those whom it has answered.
        let mut known = kept.into_iter().chain(&node.trouble);
        let found = known.find_map(|outcome| outcome.named(part, hash))?;
        node.touched = now;
        Some(found)
    }

    /// The version from memory, from a record whose bytes are still there, or as the sources give it now; `None`: it
    /// is gone, or never was.
    pub(super) fn kept(
        &self,
        key: &Key,
        part: Part,
        hash: ShortHash,
    ) -> Result<Option<Kept>, Failure> {
        if let Some(found) = self.try_kept(key, part, hash) {
            return Ok(Some(found));
        }
        if let Some(found) = self.recorded(key, part, hash) {
            return Ok(Some(found));
        }
        self.fetch(key, part)?;
        // What has changed since is another version.
        Ok(self.try_kept(key, part, hash))
    }

    fn recorded(&self, key: &Key, part: Part, hash: ShortHash) -> Option<Kept> {
        let stored = self.load(key);
        stored.records.iter().find_map(|record| {
            let given = record.parts.iter().map(|(part, hash, _)| (*part, hash));
            if naming(part, given) != Some(hash) {
                return None;
            }
            let (_, hash, len) = record.parts.iter().find(|(other, ..)| *other == part)?;
            self.has_blob(hash).then_some(Kept {
                hash: *hash,
                len: *len,
            })
        })
    }
}

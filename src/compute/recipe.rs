//! Outputs that are put together of others when they are read.

use std::time::SystemTime;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Failure;
use crate::base::{ContentHash, Key, Part};

/// What an output is made of, in the order of its bytes. The recipe is what is stored; an edit that changes one of the
/// others makes a new recipe and no new bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    segments: Vec<Segment>,
}

/// What fills the slots of outputs as long as a program runs: it is in no record and no blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The bytes.
    pub text: Bytes,
    /// Since when they are these: an output with a slot is of no earlier time.
    pub since: SystemTime,
}

/// One piece of an output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Segment {
    /// A text of its own.
    Text(String),
    /// One version of a part of another node, which may be put together itself.
    Part {
        /// Which node.
        key: Key,
        /// Which part of it.
        part: Part,
        /// Which version of that.
        hash: ContentHash,
        /// How many bytes that has.
        len: u64,
        /// How many of them are left out at the beginning.
        skip: u64,
    },
    /// What [`super::Computations::slot`] gives when the output is read: it belongs to no version.
    Slot,
}

impl Recipe {
    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        match self.segments.last_mut() {
            Some(Segment::Text(before)) => before.push_str(text),
            _ if text.is_empty() => {}
            _ => self.segments.push(Segment::Text(text.to_owned())),
        }
    }

    /// Adds what [`super::Context::measure`] told of a part, without its first `skip` bytes.
    pub fn part(&mut self, key: Key, part: Part, (hash, len): (ContentHash, u64), skip: u64) {
        self.segments.push(Segment::Part {
            key,
            part,
            hash,
            len,
            skip: skip.min(len),
        });
    }

    /// Adds the place of what is known only when the output is read.
    pub fn slot(&mut self) {
        self.segments.push(Segment::Slot);
    }

    /// The pieces.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// How many bytes the output has, slots aside.
    pub fn len(&self) -> u64 {
        let len = |segment: &Segment| match segment {
            Segment::Text(text) => text.len() as u64,
            Segment::Part { len, skip, .. } => len - skip,
            Segment::Slot => 0,
        };
        self.segments.iter().map(len).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The recipe as the bytes that a computation gives.
    ///
    /// # Errors
    /// [`Failure::Internal`].
    pub fn encode(&self) -> Result<Bytes, Failure> {
        let bytes = postcard::to_allocvec(self)
            .map_err(|error| Failure::Internal(format!("a recipe does not encode: {error}")))?;
        Ok(bytes.into())
    }

    /// The recipe that these bytes are.
    ///
    /// # Errors
    /// [`Failure::Internal`] where they are none.
    pub fn decode(bytes: &[u8]) -> Result<Self, Failure> {
        let recipe: Self = postcard::from_bytes(bytes)
            .map_err(|error| Failure::Internal(format!("a recipe does not decode: {error}")))?;
        let is_sound = recipe.segments.iter().all(|segment| match segment {
            Segment::Text(_) | Segment::Slot => true,
            Segment::Part { len, skip, .. } => skip <= len,
        });
        match is_sound {
            true => Ok(recipe),
            false => Err(Failure::Internal(
                "a recipe leaves out more than there is".into(),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Computation, SourcePath};

    #[test]
    fn a_recipe_knows_its_size_and_is_read_back() {
        let mut recipe = Recipe::default();
        assert!(recipe.is_empty());
        recipe.text("ab");
        recipe.text("");
        recipe.text("c");
        let key = Key::new(Computation::new("x"), SourcePath::root());
        recipe.part(key, Part::MAP, (ContentHash::of(b"12345"), 5), 2);
        recipe.slot();
        assert_eq!((recipe.segments().len(), recipe.len()), (3, 6));
        assert_eq!(Recipe::decode(&recipe.encode().unwrap()).unwrap(), recipe);
        assert!(Recipe::decode(b"\xff\xff").is_err());
    }
}

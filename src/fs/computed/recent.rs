//! Small contents that were opened lately, by their hash, so that opening one again needs nobody.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use crate::base::ContentHash;

/// The largest content that is kept, in bytes.
const LARGEST: usize = 64 << 10;

/// All contents that are kept, in bytes.
const ALL: usize = 16 << 20;

/// What is kept is right by construction: a hash has one content. The least recently used go first, by the clock rule
/// (one used since it was last looked at gets another round).
#[derive(Default)]
pub struct Recent(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    contents: HashMap<ContentHash, (Bytes, bool)>,
    clock: VecDeque<ContentHash>,
    bytes: usize,
}

impl Recent {
    /// The content with this hash, if it is kept.
    pub fn get(&self, hash: &ContentHash) -> Option<Bytes> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (bytes, used) = kept.contents.get_mut(hash)?;
        *used = true;
        Some(bytes.clone())
    }

    /// Keeps a content, if it is small.
    pub fn put(&self, hash: ContentHash, bytes: &Bytes) {
        if bytes.len() > LARGEST {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = &mut *kept;
        if kept.contents.contains_key(&hash) {
            return;
        }
        // A copy of its own: a slice would keep all of what it was cut from.
        kept.contents
            .insert(hash, (Bytes::copy_from_slice(bytes), false));
        kept.clock.push_back(hash);
        kept.bytes += bytes.len();
        while kept.bytes > ALL
            && let Some(oldest) = kept.clock.pop_front()
        {
            match kept.contents.get_mut(&oldest) {
                Some((_, used @ true)) => {
                    *used = false;
                    kept.clock.push_back(oldest);
                }
                _ => {
                    let gone = kept.contents.remove(&oldest);
                    kept.bytes -= gone.map_or(0, |(bytes, _)| bytes.len());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_is_used_and_stays_in_its_bounds() {
        let recent = Recent::default();
        let content = |n: u32| Bytes::from(vec![n.to_le_bytes(); LARGEST / 4].concat());
        let hash = |n: u32| ContentHash::of(&content(n));
        recent.put(hash(0), &content(0));
        for n in 1..1000 {
            recent.put(hash(n), &content(n));
            assert!(
                recent.get(&hash(0)).is_some(),
                "used all the time, after {n}"
            );
        }
        assert!(recent.get(&hash(1)).is_none());
        let kept = recent.0.lock().unwrap();
        assert!(kept.bytes <= ALL);
        assert_eq!(kept.contents.len(), kept.clock.len());
    }

    #[test]
    fn large_contents_are_not_kept() {
        let recent = Recent::default();
        let large = Bytes::from(vec![0; LARGEST + 1]);
        recent.put(ContentHash::of(&large), &large);
        assert!(recent.get(&ContentHash::of(&large)).is_none());
    }
}

//! The contents that were read last, by their hash, so that opening one again needs nobody.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::base::ContentHash;
use crate::store::Blob;

/// What may be kept of one kind of contents.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// The largest, in bytes.
    largest: usize,
    /// All of them, in bytes.
    all: usize,
    /// How many.
    most: usize,
}

/// Those in memory.
const MEMORY: Bounds = Bounds {
    largest: 64 << 10,
    all: 16 << 20,
    most: usize::MAX,
};

/// Those in files of the store: each takes a descriptor, and keeps the disk's blocks after its eviction.
const FILES: Bounds = Bounds {
    largest: 32 << 20,
    all: 64 << 20,
    most: 64,
};

/// What is kept is right by construction: a hash has one content.
pub struct Recent {
    memory: Mutex<Kept>,
    files: Mutex<Kept>,
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            memory: Mutex::new(Kept::within(MEMORY)),
            files: Mutex::new(Kept::within(FILES)),
        }
    }
}

/// The least recently used go first, by the clock rule (one used since it was last looked at gets another round).
struct Kept {
    bounds: Bounds,
    contents: HashMap<ContentHash, (Blob, bool)>,
    clock: VecDeque<ContentHash>,
    bytes: usize,
}

impl Recent {
    /// The content with this hash, if it is kept and still good. A large one costs one look at its metadata.
    pub fn get(&self, hash: &ContentHash) -> Option<Blob> {
        let kept = |kept: &Mutex<Kept>| {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            let (blob, used) = kept.contents.get_mut(hash)?;
            *used = true;
            Some(blob.clone())
        };
        if let Some(blob) = kept(&self.memory) {
            return Some(blob);
        }
        match kept(&self.files)? {
            Blob::File(file) if !file.is_untouched() => {
                let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
                let gone = files.remove(hash);
                // Closed outside the lock: that may free its blocks.
                drop(files);
                drop(gone);
                None
            }
            blob => Some(blob),
        }
    }

    #[cfg(test)]
    pub fn forget(&self, hash: &ContentHash) {
        for kept in [&self.memory, &self.files] {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.remove(hash);
        }
    }

    /// Keeps a content, if it is not too large. It is shared with whoever else keeps it, so it must not be a part of
    /// something larger.
    pub fn put(&self, hash: ContentHash, blob: &Blob) {
        let (kept, blob) = match blob {
            Blob::Memory(bytes) if bytes.len() <= MEMORY.largest => (&self.memory, blob.clone()),
            // What is put together is kept by who puts it together.
            Blob::Memory(_) | Blob::Pieces(_) => return,
            Blob::File(_) => (&self.files, blob.clone()),
        };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = kept.put(hash, blob);
        drop(kept);
        drop(gone);
    }
}

impl Kept {
    fn within(bounds: Bounds) -> Self {
        Self {
            bounds,
            contents: HashMap::new(),
            clock: VecDeque::new(),
            bytes: 0,
        }
    }

    /// Gives what had to go for it.
    fn put(&mut self, hash: ContentHash, blob: Blob) -> Vec<Blob> {
        let mut gone = Vec::new();
        let len = size(&blob);
        if len > self.bounds.largest || self.contents.contains_key(&hash) {
            return gone;
        }
        self.contents.insert(hash, (blob, false));
        self.clock.push_back(hash);
        self.bytes += len;
        while (self.bytes > self.bounds.all || self.contents.len() > self.bounds.most)
            && let Some(oldest) = self.clock.pop_front()
        {
            match self.contents.get_mut(&oldest) {
                Some((_, used @ true)) => {
                    *used = false;
                    self.clock.push_back(oldest);
                }
                _ => gone.extend(self.let_go(&oldest)),
            }
        }
        gone
    }

    fn remove(&mut self, hash: &ContentHash) -> Option<Blob> {
        self.clock.retain(|kept| kept != hash);
        self.let_go(hash)
    }

    fn let_go(&mut self, hash: &ContentHash) -> Option<Blob> {
        let (blob, _) = self.contents.remove(hash)?;
        self.bytes -= size(&blob);
        Some(blob)
    }
}

fn size(blob: &Blob) -> usize {
    usize::try_from(blob.len()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::store::{DiskStore, Limits, Store};

    fn memory(bytes: Vec<u8>) -> (ContentHash, Blob) {
        (ContentHash::of(&bytes), Blob::Memory(Bytes::from(bytes)))
    }

    #[test]
    fn keeps_what_is_used_and_stays_in_its_bounds() {
        let recent = Recent::default();
        let content = |n: u32| memory(vec![n.to_le_bytes(); MEMORY.largest / 4].concat());
        let (first, blob) = content(0);
        recent.put(first, &blob);
        for n in 1..1000 {
            let (hash, blob) = content(n);
            recent.put(hash, &blob);
            assert!(recent.get(&first).is_some(), "used all the time, after {n}");
        }
        assert!(recent.get(&content(1).0).is_none());
        let kept = recent.memory.lock().unwrap();
        assert!(kept.bytes <= MEMORY.all);
        assert_eq!(kept.contents.len(), kept.clock.len());
    }

    #[test]
    fn large_contents_are_not_kept() {
        let recent = Recent::default();
        let (hash, blob) = memory(vec![0; MEMORY.largest + 1]);
        recent.put(hash, &blob);
        assert!(recent.get(&hash).is_none());
    }

    #[test]
    fn files_are_few_and_go_when_they_are_touched() {
        let state = tempfile::tempdir().unwrap();
        let store = DiskStore::open(state.path(), Limits::default()).unwrap();
        let recent = Recent::default();
        let mut hashes = Vec::new();
        for n in 0..FILES.most as u32 + 10 {
            let bytes = Bytes::from(vec![n.to_le_bytes(); 30_000].concat());
            let hash = ContentHash::of(&bytes);
            store.put_blob(hash, bytes);
            hashes.push(hash);
        }
        store.flush();
        for hash in &hashes {
            let blob = store.blob(hash).unwrap().unwrap();
            assert!(matches!(blob, Blob::File(_)));
            recent.put(*hash, &blob);
        }
        assert_eq!(recent.files.lock().unwrap().contents.len(), FILES.most);
        let last = hashes.pop().unwrap();
        let blob = recent.get(&last).unwrap();
        assert_eq!(ContentHash::of(&blob.read_all().unwrap()), last);
        // An eviction moves the metadata, as damage does.
        store.prune(0).unwrap();
        assert!(recent.get(&last).is_none());
        let kept = recent.files.lock().unwrap();
        assert_eq!(kept.contents.len(), FILES.most - 1);
        assert_eq!(kept.contents.len(), kept.clock.len());
    }
}

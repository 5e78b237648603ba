//! Hashing of what maps in memory are asked for.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

/// Hashes keys of maps in memory several times as fast as the standard library does: a path takes some nanoseconds. The
/// hash of a key is another one in each process, so that no names can be made up that are all found in one place. It is
/// no identity of anything: that is [`super::ContentHash`].
#[derive(Clone, Copy, Debug)]
pub struct Quick(u64);

/// A map with that hash.
pub type QuickMap<K, V> = std::collections::HashMap<K, V, Quick>;

/// A set with that hash.
pub type QuickSet<K> = std::collections::HashSet<K, Quick>;

impl Default for Quick {
    fn default() -> Self {
        static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
        Self(*SEED)
    }
}

impl BuildHasher for Quick {
    type Hasher = QuickHasher;

    fn build_hasher(&self) -> QuickHasher {
        QuickHasher(self.0)
    }
}

/// See [`Quick`].
#[derive(Clone, Copy, Debug)]
pub struct QuickHasher(u64);

impl QuickHasher {
    /// Eight bytes more: a product's upper half onto its lower one, as wyhash and its kin have it.
    fn mix(&mut self, word: u64) {
        // Digits of pi: odd, and as many ones as zeros.
        let product = u128::from(self.0 ^ word) * u128::from(0x2439_F5A9_8885_A309_u64);
        self.0 = (product as u64) ^ ((product >> 64) as u64) ^ 0x1319_8A2E_0370_7345;
    }
}

impl Hasher for QuickHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            // How many there are tells zeros from nothing.
            word[7] = rest.len() as u8;
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.mix(value as u64);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_that_are_alike_are_told_apart() {
        let quick = Quick::default();
        let names = (0..100_000).map(|number| format!("src/ui/component{number}.tsx"));
        let hashes: HashSet<u64> = names.map(|name| quick.hash_one(name)).collect();
        assert_eq!(hashes.len(), 100_000);
        // What a table looks at: the upper seven bits, and as many of the lower ones as it has places.
        for part in [|hash: &u64| hash >> 57, |hash: &u64| hash & 127] {
            let mut counts = [0_u32; 128];
            hashes
                .iter()
                .for_each(|hash| counts[part(hash) as usize] += 1);
            assert!(counts.iter().all(|count| (500..1100).contains(count)));
        }
    }

    #[test]
    fn each_byte_counts() {
        let quick = Quick::default();
        let mut hashes = HashSet::new();
        for length in 0..40 {
            let zeros = vec![0_u8; length];
            assert!(hashes.insert(quick.hash_one(&zeros[..])));
            for at in 0..length {
                let mut one = zeros.clone();
                one[at] = 1;
                assert!(hashes.insert(quick.hash_one(&one[..])));
            }
        }
        assert_eq!(quick.hash_one("a"), quick.hash_one(String::from("a")));
    }
}

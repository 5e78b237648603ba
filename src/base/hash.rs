//! The identity of bytes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The blake3 hash of some content. Two contents with the same hash are the same content.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// A hash made elsewhere (a store's key, a streaming hasher).
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 lower-case hexadecimal digits.
    pub fn to_hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// Its beginning.
    pub fn short(&self) -> ShortHash {
        let mut bytes = [0; ShortHash::BYTES];
        bytes.copy_from_slice(&self.0[..ShortHash::BYTES]);
        ShortHash(bytes)
    }

    /// Reads what [`ContentHash::to_hex`] wrote; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        blake3::Hash::from_hex(text)
            .ok()
            .map(|hash| Self(*hash.as_bytes()))
    }
}

/// The first 64 bits of a [`ContentHash`]: enough to tell the versions of one file apart in its name. That two of a
/// million versions share them has a chance of one in forty million.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ShortHash([u8; Self::BYTES]);

impl ShortHash {
    const BYTES: usize = 8;

    /// How many hexadecimal digits it is written with.
    pub const DIGITS: usize = Self::BYTES * 2;

    /// Reads what its `Display` writes, [`ShortHash::DIGITS`] lower-case digits; `None` for anything else.
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() != Self::DIGITS {
            return None;
        }
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let mut bytes = [0; Self::BYTES];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for ShortHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ShortHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex()[..12])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_leads_back_to_the_hash() {
        let hash = ContentHash::of(b"hookfs");
        assert_eq!(ContentHash::from_hex(&hash.to_hex()), Some(hash));
        assert_eq!(ContentHash::from_hex("12"), None);
    }

    #[test]
    fn a_short_hash_is_the_beginning_and_is_read_back() {
        let hash = ContentHash::of(b"hookfs");
        let short = hash.short().to_string();
        assert!(hash.to_hex().starts_with(&short));
        assert_eq!(ShortHash::parse(short.as_bytes()), Some(hash.short()));
        for other in [
            short.to_uppercase(),
            short[1..].to_owned(),
            format!("{short}0"),
            format!("+{}", &short[1..]),
        ] {
            assert_eq!(ShortHash::parse(other.as_bytes()), None, "{other}");
        }
    }
}

//! Looking through texts.

/// Whether a text has a word somewhere, be it as a part of another: what the standard library tells too, at a tenth of its
/// pace.
pub fn has(text: &str, word: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

//! Decoded outputs, found again by the hash of their bytes.

use std::sync::{Arc, Mutex, PoisonError};

use serde::de::DeserializeOwned;

use super::{Context, Failure};
use crate::base::{ContentHash, Key, Part, QuickMap};

/// Values by the content they were decoded from. It hides no question: whoever asks has asked the context for the
/// hash.
pub struct Memo<T>(Mutex<QuickMap<ContentHash, Arc<T>>>);

/// So many distinct values are kept; then all are forgotten, which costs a decoding each.
const LIMIT: usize = 4096;

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: DeserializeOwned> Memo<T> {
    /// The main output of `key`, decoded.
    ///
    /// # Errors
    /// [`Failure`]; that it failed is recorded too.
    pub fn fetch(&self, context: &dyn Context, key: &Key) -> Result<Arc<T>, Failure> {
        let hash = context.hash(key, Part::MAIN)?;
        if let Some(known) = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&hash)
        {
            return Ok(known.clone());
        }
        let bytes = context.fetch(key, Part::MAIN)?;
        let value: T = postcard::from_bytes(&bytes)
            .map_err(|error| Failure::Internal(format!("{key} does not decode: {error}")))?;
        let value = Arc::new(value);
        // The output may have moved since its hash was asked for; then the run ends in vain, and this is no use.
        if ContentHash::of(&bytes) == hash {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= LIMIT {
                known.clear();
            }
            known.insert(hash, value.clone());
        }
        Ok(value)
    }
}

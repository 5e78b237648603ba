//! Looking through the graph's eyes without being a node: for views, `cat` and `build`.

use std::sync::Arc;

use bytes::Bytes;

use super::Engine;
use super::input::Detail;
use super::inputs::Hint;
use super::memo::{InputKind, Value};
use super::state::Operation;
use crate::base::{ContentHash, Key, Part, SourcePath};
use crate::compute::{Context, Failure};
use crate::source::{Digest, Entry, HELD, InputError, ListedEntry};

/// A context whose answers nobody records. What memory knows is answered from there; the rest is asked of the tree and
/// neither kept nor watched, so that looking for names costs no memory. Only the names in a directory that is watched
/// already are kept.
pub struct Look(Arc<Engine>);

impl Look {
    pub(super) fn new(engine: Arc<Engine>) -> Self {
        engine.observe();
        Self(engine)
    }

    /// Whether memory vouches for inputs.
    fn with_input<R>(
        &self,
        kind: InputKind,
        path: &SourcePath,
        read: impl FnOnce(&super::input::Input) -> Option<R>,
    ) -> Option<R> {
        let state = self.0.state();
        if !state.is_exact() {
            return None;
        }
        let input = state.inputs.get(state.find_input(kind, path)?)?;
        if input.valid { read(input) } else { None }
    }
}

impl Context for Look {
    fn content(&self, path: &SourcePath) -> Result<Bytes, InputError> {
        self.0.tree.read(path).map(|(bytes, _)| bytes)
    }

    fn digest(&self, path: &SourcePath) -> Result<(ContentHash, Option<Bytes>), InputError> {
        let Digest { hash, bytes, .. } = self.0.tree.digest(path)?;
        Ok((hash, bytes.filter(|bytes| bytes.len() as u64 <= HELD)))
    }

    fn glance(&self, path: &SourcePath, aspect: &str) -> Result<Bytes, InputError> {
        let bytes = self.content(path)?;
        let computations = &self.0.computations;
        Ok(computations.aspect(&computations.glance(path, &bytes), aspect))
    }

    fn entry(&self, path: &SourcePath) -> Result<Entry, InputError> {
        match self.with_input(InputKind::Entry, path, super::input::Input::entry) {
            Some(entry) => Ok(entry),
            None => self.0.tree.entry(path).map(|(entry, _)| entry),
        }
    }

    fn list(&self, path: &SourcePath) -> Result<Arc<[ListedEntry]>, InputError> {
        let known = self.with_input(InputKind::Listing, path, |input| match &input.detail {
            Detail::Names(names) => Some(names.clone()),
            _ => None,
        });
        if let Some(names) = known {
            return Ok(names);
        }
        if !self.0.tree.is_watched(path) || !self.0.state().is_exact() {
            return self.0.tree.list(path).map(Into::into);
        }
        // Some node has read in this directory, and events tell when it changes: its names are asked for again, by
        // whoever looks for one that is not there.
        let operation = self.0.state().begin(0);
        let listed = self.0.list(path, &operation);
        self.0.state().end(&operation);
        listed.map(|(names, _)| names)
    }

    fn fetch(&self, key: &Key, part: Part) -> Result<Bytes, Failure> {
        let fetched = self.0.fetch(key, part)?;
        let blob = self.0.stored(key, part, &fetched.hash)?;
        blob.read_all()
            .map_err(|error| Failure::Internal(format!("cannot read what `{key}` gives: {error}")))
    }

    fn measure(&self, key: &Key, part: Part) -> Result<(ContentHash, u64), Failure> {
        let fetched = self.0.fetch(key, part)?;
        Ok((fetched.hash, fetched.len))
    }
}

impl Engine {
    /// A directory's names with their value: from memory, or from the tree.
    pub(super) fn list(
        &self,
        path: &SourcePath,
        operation: &Operation,
    ) -> Result<(Arc<[ListedEntry]>, Value), InputError> {
        let hint: Hint = None;
        let mut reading = self.input(InputKind::Listing, path, operation, hint)?;
        if matches!(reading.value, Value::Hash(_)) && !matches!(reading.detail, Detail::Names(_)) {
            // The value is known, its names are no longer in memory.
            reading = self.ask(InputKind::Listing, path, operation, None, false)?;
        }
        match reading.detail {
            Detail::Names(names) => Ok((names, reading.value)),
            _ => Err(InputError::Absent(path.clone())),
        }
    }
}

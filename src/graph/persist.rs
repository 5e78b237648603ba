//! Records in the store: the last few of each node, with what each saw.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Engine;
use super::execute::Draft;
use super::memo::{Outcome, Seen, Version};
use crate::base::{ContentHash, Diagnostic, Key, Part, SourcePath};
use crate::compute::Failure;
use crate::source::Stamp;

/// The first byte of every record; another one is not read.
const FORMAT: u8 = 3;

/// Records kept of one node: enough for an undo, a branch switched back, alternating options of the user's files.
const RECORDS: usize = 8;

/// Bytes of a checksum: LMDB has none, and a flipped bit in the name of a dependency would go unnoticed.
const CHECKSUM: usize = 16;

/// A failure that is a fact about the sources.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum StoredFailure {
    Diagnostics(Vec<Diagnostic>),
    Missing(SourcePath),
}

impl StoredFailure {
    fn of(failure: &Failure) -> Option<Self> {
        match failure {
            Failure::Diagnostics(diagnostics) => Some(Self::Diagnostics(diagnostics.to_vec())),
            Failure::Missing(path) => Some(Self::Missing(path.clone())),
            Failure::Limit(_) | Failure::Cycle(_) | Failure::Input(_) | Failure::Internal(_) => {
                None
            }
        }
    }
}

impl From<StoredFailure> for Failure {
    fn from(failure: StoredFailure) -> Self {
        match failure {
            StoredFailure::Diagnostics(diagnostics) => Self::Diagnostics(diagnostics.into()),
            StoredFailure::Missing(path) => Self::Missing(path),
        }
    }
}

/// One run: what it saw and what it gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) parts: Vec<(Part, ContentHash, u64)>,
    pub(super) failure: Option<StoredFailure>,
    pub(super) links: Vec<Key>,
    pub(super) saw: Vec<Seen>,
    pub(super) computed: u64,
    pub(super) took_micros: u64,
}

/// All that the store has of a node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Stored {
    /// The latest first.
    pub(super) records: Vec<Record>,
    /// The last version of each part.
    pub(super) versions: Vec<Version>,
}

impl Stored {
    /// Puts a new run first. An older one that saw the same goes: it can never hold where this one does not.
    pub(super) fn insert(
        &mut self,
        draft: &Draft,
        saw: &[Seen],
        outcome: &Outcome,
        stamps: Vec<Option<Stamp>>,
    ) {
        let mut record = Record {
            parts: draft.parts.clone(),
            failure: draft.failure.as_ref().and_then(StoredFailure::of),
            links: draft.links.clone(),
            saw: saw.to_vec(),
            computed: draft.computed,
            took_micros: u64::try_from(draft.took.as_micros()).unwrap_or(u64::MAX),
        };
        for (seen, stamp) in record.saw.iter_mut().zip(stamps) {
            seen.stamp = stamp;
        }
        let same = |old: &Record| {
            old.saw.len() == saw.len()
                && old
                    .saw
                    .iter()
                    .zip(saw)
                    .all(|(a, b)| a.dependency == b.dependency && a.value == b.value)
        };
        self.records.retain(|old| !same(old));
        self.records.insert(0, record);
        self.records.truncate(RECORDS);
        self.note_versions(outcome);
    }

    /// Puts an older run that holds again first, with the metadata as they are now. Whether that changes anything.
    pub(super) fn adopt(
        &mut self,
        at: usize,
        outcome: &Outcome,
        stamps: Vec<Option<Stamp>>,
    ) -> bool {
        let mut record = self.records.remove(at);
        let mut changed = at != 0;
        for (seen, stamp) in record.saw.iter_mut().zip(stamps) {
            changed |= seen.stamp != stamp;
            seen.stamp = stamp;
        }
        self.records.insert(0, record);
        self.note_versions(outcome) || changed
    }

    /// Whether any is another one now.
    fn note_versions(&mut self, outcome: &Outcome) -> bool {
        let mut changed = false;
        for version in &outcome.parts {
            match self
                .versions
                .iter_mut()
                .find(|known| known.part == version.part)
            {
                Some(known) => {
                    changed |= known != version;
                    *known = *version;
                }
                None => {
                    changed = true;
                    self.versions.push(*version);
                }
            }
        }
        changed
    }
}

/// A value as bytes: format, checksum, content.
pub(super) fn encode<T: Serialize>(value: &T) -> Option<Bytes> {
    let content = postcard::to_allocvec(value)
        .inspect_err(|error| tracing::warn!("a record cannot be encoded: {error}"))
        .ok()?;
    let mut bytes = Vec::with_capacity(1 + CHECKSUM + content.len());
    bytes.push(FORMAT);
    bytes.extend_from_slice(&ContentHash::of(&content).as_bytes()[..CHECKSUM]);
    bytes.extend_from_slice(&content);
    Some(bytes.into())
}

/// What [`encode`] wrote; `None` for anything else, whatever it is.
pub(super) fn decode<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Option<T> {
    let (&format, rest) = bytes.split_first()?;
    let (checksum, content) = rest.split_at_checked(CHECKSUM)?;
    if format != FORMAT || ContentHash::of(content).as_bytes()[..CHECKSUM] != *checksum {
        return None;
    }
    postcard::from_bytes(content).ok()
}

impl Engine {
    /// The key of a record in the store. `kind` tells nodes from plain files.
    pub(super) fn store_key(&self, kind: u8, name: &[&[u8]]) -> [u8; 33] {
        let mut hasher = blake3::Hasher::new();
        for bytes in std::iter::once(self.identity.as_bytes()).chain(name.iter().copied()) {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        }
        let mut key = [kind; 33];
        key[1..].copy_from_slice(hasher.finalize().as_bytes());
        key
    }

    fn node_key(&self, key: &Key) -> [u8; 33] {
        self.store_key(
            b'n',
            &[key.computation.name().as_bytes(), key.path.as_bytes()],
        )
    }

    /// What the store has of a node: nothing where it is new, damaged, or the store fails.
    pub(super) fn load(&self, key: &Key) -> Stored {
        self.finish_runs_of(key);
        self.read_record(&self.node_key(key)).unwrap_or_default()
    }

    /// Puts a node's records into the store.
    pub(super) fn save(&self, key: &Key, stored: &Stored) {
        self.write_record(&self.node_key(key), stored);
    }

    /// A record of any kind.
    pub(super) fn read_record<T: for<'de> Deserialize<'de>>(&self, key: &[u8]) -> Option<T> {
        match self.store.record(key) {
            Ok(bytes) => decode(&bytes?),
            Err(error) => {
                tracing::debug!("no record: {error}");
                None
            }
        }
    }

    /// Puts a record of any kind into the store.
    pub(super) fn write_record<T: Serialize>(&self, key: &[u8], value: &T) {
        if let Some(bytes) = encode(value) {
            self.store.put_record(key, bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::memo::{Dependency, InputKind, Value};
    use super::*;

    #[test]
    fn what_holds_as_it_was_stored_is_no_change() {
        let version = |modified| Version {
            part: Part::MAIN,
            hash: ContentHash::of(b"output"),
            len: 6,
            modified,
        };
        let outcome = |modified| Outcome {
            parts: vec![version(modified)],
            failure: None,
            memoized: true,
        };
        let stamp = |size| {
            Some(Stamp {
                device: 1,
                inode: 2,
                size,
                mode: 0o100_644,
                modified: 3,
                changed: 4,
            })
        };
        let record = |text: &[u8]| Record {
            parts: Vec::new(),
            failure: None,
            links: Vec::new(),
            saw: vec![Seen {
                dependency: Dependency::Input(InputKind::Content, SourcePath::root()),
                value: Value::Hash(ContentHash::of(text)),
                stamp: None,
            }],
            computed: 0,
            took_micros: 0,
        };
        let mut stored = Stored {
            records: vec![record(b"new"), record(b"old")],
            versions: vec![version(7)],
        };
        assert!(!stored.adopt(0, &outcome(7), vec![None]));
        assert!(stored.adopt(0, &outcome(7), vec![stamp(5)]));
        assert!(!stored.adopt(0, &outcome(7), vec![stamp(5)]));
        assert!(stored.adopt(0, &outcome(7), vec![stamp(6)]));
        assert!(stored.adopt(0, &outcome(8), vec![stamp(6)]));
        assert!(stored.adopt(1, &outcome(8), vec![None]));
        assert_eq!(stored.records[0], record(b"old"));
        assert!(!stored.adopt(0, &outcome(8), vec![None]));
    }
}

//! Records in the store: the last few of each node, with what each saw.

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Engine;
use super::execute::Draft;
use super::memo::{Outcome, Seen, Version};
use crate::base::{ContentHash, Diagnostic, Key, Part, SourcePath};
use crate::compute::Failure;
use crate::source::Stamp;

/// The first byte of every record; another one is not read.
const FORMAT: u8 = 5;

/// Records kept of one node: enough for an undo, a branch switched back, alternating options of the user's files.
const RECORDS: usize = 8;

/// Bytes of what the runs of one node saw, after which no further record is kept: whoever reads as many answers as a bundle
/// has modules is run again for less than it takes to read and write all that it has ever seen.
const BYTES: usize = 32 << 10;

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
            Failure::Limit(_) | Failure::Cycle(..) | Failure::Input(_) | Failure::Internal(_) => {
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

/// What a run saw, as bytes: most records that are read do not hold, which the first few answers tell, and of those that
/// a new one is put before nobody asks.
#[derive(Clone, PartialEq)]
struct Packed(Bytes);

impl Serialize for Packed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <&'de [u8]>::deserialize(deserializer)?;
        Ok(Self(Bytes::copy_from_slice(bytes)))
    }
}

/// One run: what it saw and what it gave.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) parts: Vec<(Part, ContentHash, u64)>,
    pub(super) failure: Option<StoredFailure>,
    pub(super) links: Vec<Key>,
    pub(super) computed: u64,
    pub(super) took_micros: u64,
    saw: Packed,
}

impl Record {
    /// The record of a run, as far as it can be encoded.
    fn new(draft: &Draft, saw: &[Seen]) -> Option<Self> {
        Some(Self {
            parts: draft.parts.clone(),
            failure: draft.failure.as_ref().and_then(StoredFailure::of),
            links: draft.links.clone(),
            computed: draft.computed,
            took_micros: u64::try_from(draft.took.as_micros()).unwrap_or(u64::MAX),
            saw: packed(saw)?,
        })
    }

    /// What the run saw, in its order; `None` where that is damaged.
    pub(super) fn saw(&self) -> Option<Vec<Seen>> {
        postcard::from_bytes(&self.saw.0).ok()
    }

    /// The same one by one, up to what is damaged: mostly the first few tell that a record does not hold.
    pub(super) fn answers(&self) -> impl Iterator<Item = Seen> {
        let list = postcard::take_from_bytes::<u64>(&self.saw.0).ok();
        let mut rest = list.map(|(_, rest)| rest);
        std::iter::from_fn(move || {
            let (seen, after) = postcard::take_from_bytes(rest?).ok()?;
            rest = Some(after);
            Some(seen)
        })
    }

    /// Whether the run saw these answers, whatever vouched for them.
    fn has_seen(&self, saw: &[Seen]) -> bool {
        let mut old = self.answers();
        let is_next = |new: &Seen| {
            let old = old.next();
            old.is_some_and(|old| old.dependency == new.dependency && old.value == new.value)
        };
        saw.iter().all(is_next) && old.next().is_none()
    }
}

fn packed(saw: &[Seen]) -> Option<Packed> {
    postcard::to_allocvec(saw)
        .inspect_err(|error| tracing::warn!("a record cannot be encoded: {error}"))
        .ok()
        .map(|bytes| Packed(bytes.into()))
}

/// All that the store has of a node.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
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
        self.records.retain(|old| !old.has_seen(saw));
        let stamped = saw.iter().zip(stamps).map(|(seen, stamp)| Seen {
            stamp,
            ..seen.clone()
        });
        let record = Record::new(draft, &stamped.collect::<Vec<_>>());
        self.records.splice(0..0, record);
        self.records.truncate(RECORDS);
        let mut bytes = 0;
        let fits = |record: &&Record| {
            let is_first = bytes == 0;
            bytes += record.saw.0.len();
            is_first || bytes <= BYTES
        };
        let kept = self.records.iter().take_while(fits).count();
        self.records.truncate(kept);
        self.note_versions(outcome);
    }

    /// Puts an older run that holds again first, with the metadata as they are now: `saw` is what it saw. Whether that
    /// changes anything.
    pub(super) fn adopt(
        &mut self,
        at: usize,
        mut saw: Vec<Seen>,
        outcome: &Outcome,
        stamps: Vec<Option<Stamp>>,
    ) -> bool {
        let mut record = self.records.remove(at);
        let mut differs = false;
        for (seen, stamp) in saw.iter_mut().zip(stamps) {
            differs |= seen.stamp != stamp;
            seen.stamp = stamp;
        }
        if differs && let Some(packed) = packed(&saw) {
            record.saw = packed;
        }
        self.records.insert(0, record);
        self.note_versions(outcome) || differs || at != 0
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
            circular: false,
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
        let saw = |text: &[u8]| {
            vec![Seen {
                dependency: Dependency::Input(InputKind::Content, SourcePath::root()),
                value: Value::Hash(ContentHash::of(text)),
                stamp: None,
            }]
        };
        let record = |text: &[u8]| Record::new(&Draft::default(), &saw(text)).unwrap();
        let mut stored = Stored {
            records: vec![record(b"new"), record(b"old")],
            versions: vec![version(7)],
        };
        let adopt = |stored: &mut Stored, at: usize, outcome: &Outcome, stamps| {
            let saw = stored.records[at].saw().unwrap();
            stored.adopt(at, saw, outcome, stamps)
        };
        assert!(!adopt(&mut stored, 0, &outcome(7), vec![None]));
        assert!(adopt(&mut stored, 0, &outcome(7), vec![stamp(5)]));
        assert!(!adopt(&mut stored, 0, &outcome(7), vec![stamp(5)]));
        assert!(adopt(&mut stored, 0, &outcome(7), vec![stamp(6)]));
        assert!(adopt(&mut stored, 0, &outcome(8), vec![stamp(6)]));
        assert!(adopt(&mut stored, 1, &outcome(8), vec![None]));
        assert!(stored.records[0] == record(b"old"));
        assert!(!adopt(&mut stored, 0, &outcome(8), vec![None]));
    }

    #[test]
    fn of_runs_that_saw_much_few_are_kept() {
        let outcome = Outcome {
            parts: Vec::new(),
            failure: None,
            memoized: true,
            circular: false,
        };
        let kept = |answers: usize| {
            let mut stored = Stored::default();
            for run in 0..RECORDS + 2 {
                let seen = |at: usize| Seen {
                    dependency: Dependency::Input(
                        InputKind::Content,
                        SourcePath::parse(format!("folder/file{at}.ts")).unwrap(),
                    ),
                    value: Value::Hash(ContentHash::of(format!("{at} {run}").as_bytes())),
                    stamp: None,
                };
                let saw: Vec<Seen> = (0..answers).map(seen).collect();
                stored.insert(&Draft::default(), &saw, &outcome, vec![None; answers]);
                assert!(stored.records[0].has_seen(&saw));
            }
            stored.records.len()
        };
        assert_eq!(kept(10), RECORDS);
        assert!((2..RECORDS).contains(&kept(150)));
        assert_eq!(kept(5000), 1);
    }

    #[test]
    fn a_run_that_saw_the_same_takes_the_place_of_the_one_before() {
        let seen = |name: &str, text: &str| Seen {
            dependency: Dependency::Input(InputKind::Content, SourcePath::parse(name).unwrap()),
            value: Value::Hash(ContentHash::of(text.as_bytes())),
            stamp: None,
        };
        let outcome = Outcome {
            parts: Vec::new(),
            failure: None,
            memoized: true,
            circular: false,
        };
        let mut stored = Stored::default();
        let mut insert = |saw: &[Seen], computed| {
            let draft = Draft {
                computed,
                ..Draft::default()
            };
            stored.insert(&draft, saw, &outcome, vec![None; saw.len()]);
            let decoded: Stored = decode(&encode(&stored).unwrap()).unwrap();
            let all_seen = |record: &Record| record.answers().collect::<Vec<_>>();
            let mut records = decoded.records.iter();
            let is_whole = records.all(|record| all_seen(record) == record.saw().unwrap());
            assert!(is_whole && decoded == stored);
            let records = stored.records.iter();
            records.map(|record| record.computed).collect::<Vec<_>>()
        };
        assert_eq!(insert(&[seen("a", "1"), seen("b", "1")], 1), [1]);
        assert_eq!(insert(&[seen("a", "2"), seen("b", "1")], 2), [2, 1]);
        assert_eq!(insert(&[seen("a", "2"), seen("b", "2")], 3), [3, 2, 1]);
        assert_eq!(insert(&[seen("a", "1"), seen("b", "1")], 4), [4, 3, 2]);
        assert_eq!(insert(&[seen("a", "1")], 5), [5, 4, 3, 2]);
        assert_eq!(insert(&[], 6), [6, 5, 4, 3, 2]);
        assert_eq!(insert(&[], 7), [7, 5, 4, 3, 2]);
    }
}

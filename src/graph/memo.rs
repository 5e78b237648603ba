//! What is remembered of a node: what it gave, and what it had asked for.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::Fetched;
use crate::base::{ContentHash, Diagnostic, Key, Part, SourcePath};
use crate::compute::Failure;
use crate::source::{Entry, Stamp};

/// What can be asked of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum InputKind {
    /// A file's bytes.
    Content = 0,
    /// What the name stands for.
    Entry = 1,
    /// A directory's names and kinds.
    Listing = 2,
    /// What [`crate::compute::Computations::glance`] sees of a file's bytes. Nobody depends on all of it: see
    /// [`Dependency::Aspect`].
    Glance = 3,
}

impl InputKind {
    /// How many there are.
    pub(super) const COUNT: usize = 4;
}

/// One question that a run asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Dependency {
    /// Of the source tree.
    Input(InputKind, SourcePath),
    /// Of another node.
    Node(Key, Part),
    /// What a glance at a file shows of an aspect.
    Aspect(SourcePath, Arc<str>),
}

/// The answer to a question, as far as it must be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Value {
    /// Nothing there, or not of the kind asked for.
    Absent,
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A FIFO, a socket or a device.
    Special,
    /// A link, by the hash of its target.
    Link(ContentHash),
    /// A content, a listing or a part, by its hash.
    Hash(ContentHash),
    /// A node that fails, by the hash of its failure.
    Failed(ContentHash),
    /// A node that succeeds and has no such part.
    NoPart,
}

impl Value {
    /// The value of a name.
    pub(super) fn of_entry(entry: &Entry) -> Self {
        match entry {
            Entry::Absent => Self::Absent,
            Entry::File => Self::File,
            Entry::Directory => Self::Directory,
            Entry::Special => Self::Special,
            Entry::Link(target) => Self::Link(ContentHash::of(target)),
        }
    }
}

/// A question with the answer that a run saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) dependency: Dependency,
    pub(super) value: Value,
    /// For a content: the metadata that vouch for it in a later life of the daemon, where they were old enough.
    pub(super) stamp: Option<Stamp>,
}

/// One part's current version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) part: Part,
    pub(super) hash: ContentHash,
    pub(super) len: u64,
    /// When the content became this, in whole seconds since 1970.
    pub(super) modified: u64,
}

impl Version {
    /// As readers get it.
    pub(super) fn fetched(&self) -> Fetched {
        Fetched {
            hash: self.hash,
            len: self.len,
            modified: SystemTime::UNIX_EPOCH + Duration::from_secs(self.modified),
        }
    }
}

/// What a run gave. Shared by all who waited for it.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// The parts; none where it failed.
    pub(super) parts: Vec<Version>,
    /// Why there are none.
    pub(super) failure: Option<Failure>,
    /// Whether it is remembered. Otherwise it answers those who waited for it and nobody else: an I/O error, a cycle, a
    /// panic, or inputs that would not hold still.
    pub(super) memoized: bool,
    /// Whether a circle of nodes had to do with it.
    pub(super) circular: bool,
}

impl Outcome {
    /// A failure that answers once.
    pub(super) fn transient(failure: Failure) -> Arc<Self> {
        Arc::new(Self {
            parts: Vec::new(),
            circular: matches!(failure, Failure::Cycle(..)),
            failure: Some(failure),
            memoized: false,
        })
    }

    /// One part, or why there is none. A node without the part has no such file.
    pub(super) fn part(&self, key: &Key, part: Part) -> Result<Fetched, Failure> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        match self.parts.iter().find(|version| version.part == part) {
            Some(version) => Ok(version.fetched()),
            None => Err(Failure::Missing(key.path.clone())),
        }
    }

    /// What a dependent compares.
    pub(super) fn value(&self, part: Part) -> Value {
        if let Some(failure) = &self.failure {
            return Value::Failed(failure_hash(failure));
        }
        match self.parts.iter().find(|version| version.part == part) {
            Some(version) => Value::Hash(version.hash),
            None => Value::NoPart,
        }
    }

    /// Whether both gave the same, whenever that was.
    pub(super) fn same(&self, other: &Self) -> bool {
        let hashes = |outcome: &Self| -> Vec<_> {
            outcome
                .parts
                .iter()
                .map(|version| (version.part, version.hash))
                .collect()
        };
        let failure = |outcome: &Self| outcome.failure.as_ref().map(failure_hash);
        hashes(self) == hashes(other) && failure(self) == failure(other)
    }
}

/// Whether a failure is a fact about the sources, which may be remembered with its dependencies.
pub(super) fn is_deterministic(failure: &Failure) -> bool {
    matches!(failure, Failure::Diagnostics(_) | Failure::Missing(_))
}

/// The identity of a failure. Those that are never remembered are told apart by their text alone.
pub(super) fn failure_hash(failure: &Failure) -> ContentHash {
    let bytes = match failure {
        Failure::Diagnostics(diagnostics) => {
            let plain: Vec<Diagnostic> = diagnostics.iter().map(without_importers).collect();
            // Serializing plain data into memory cannot fail; the text is as good an identity if it ever does.
            postcard::to_allocvec(&plain).unwrap_or_else(|_| failure.to_string().into_bytes())
        }
        Failure::Missing(path) => [b"missing\0".as_slice(), path.as_bytes()].concat(),
        other => other.to_string().into_bytes(),
    };
    ContentHash::of(&bytes)
}

/// A diagnostic as it is remembered: who imports the file is known only when it is shown.
pub(super) fn without_importers(diagnostic: &Diagnostic) -> Diagnostic {
    Diagnostic {
        importers: Vec::new(),
        ..diagnostic.clone()
    }
}

/// The current time in whole seconds since 1970.
pub(super) fn now_seconds() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs())
}

/// When a part became `hash`: at the time of `last` where it is the same, else now, but at least one whole second
/// after `last`, because HTTP compares whole seconds (RFC 9110, 8.8.2).
pub(super) fn stamp_version(last: Option<&Version>, hash: ContentHash, now: u64) -> u64 {
    match last {
        Some(last) if last.hash == hash => last.modified,
        Some(last) => now.max(last.modified + 1),
        None => now,
    }
}

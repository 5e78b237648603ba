//! The identity of a plain source file's content, for outputs that are the source's bytes.

use serde::{Deserialize, Serialize};

use super::input::Detail;
use super::inputs::{Reading, is_settled};
use super::memo::InputKind;
use super::memo::{Value, Version, now_seconds, stamp_version};
use super::state::Operation;
use super::{Engine, Fetched};
use crate::base::{ContentHash, Part, SourcePath};
use crate::source::{Entry, InputError, Stamp};

/// Larger files are not read for their identity; their metadata stand for it.
const LARGE: u64 = 8 << 20;

/// Versions kept in memory; the others come back from the store.
const VERSIONS: usize = 50_000;

/// What the store keeps of a plain file.
#[derive(Serialize, Deserialize)]
struct Plain {
    version: Version,
    /// Metadata that vouch for the content.
    stamp: Option<Stamp>,
}

/// A large file's identity.
fn hash_of_stamp(stamp: &Stamp) -> ContentHash {
    let mut bytes = b"stamp".to_vec();
    for number in [stamp.device, stamp.inode, stamp.size] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    for time in [stamp.modified, stamp.changed] {
        bytes.extend_from_slice(&time.to_le_bytes());
    }
    ContentHash::of(&bytes)
}

impl Engine {
    /// What the content of a plain file is now, and since when.
    pub(super) fn version(&self, path: &SourcePath) -> Result<Fetched, InputError> {
        self.observe();
        let operation = self.state().begin(0);
        let version = self.version_within(path, &operation);
        self.state().end(&operation);
        version.map(|version| version.fetched())
    }

    fn version_within(
        &self,
        path: &SourcePath,
        operation: &Operation,
    ) -> Result<Version, InputError> {
        let (Entry::File, Some(stamp)) = self.tree.entry(path)? else {
            return Err(InputError::Absent(path.clone()));
        };
        self.check_own_source(path);
        let known = self.versions().get(path).copied();
        let (hash, len) = if stamp.size > LARGE {
            (hash_of_stamp(&stamp), stamp.size)
        } else {
            self.content_hash(path, operation, &stamp)?
        };
        if let Some(known) = known.filter(|known| known.hash == hash) {
            return Ok(known);
        }
        let key = self.store_key(b'v', &[path.as_bytes()]);
        let stored = self.read_record::<Plain>(&key);
        // Under the lock, so that of two that find a new version one counts on from the other.
        let mut versions = self.versions();
        let last = versions
            .get(path)
            .copied()
            .or(stored.as_ref().map(|stored| stored.version));
        let version = Version {
            part: Part::MAIN,
            hash,
            len,
            modified: stamp_version(last.as_ref(), hash, now_seconds()),
        };
        if versions.len() >= VERSIONS {
            versions.clear();
        }
        versions.insert(path.clone(), version);
        drop(versions);
        let settled = is_settled(&stamp).then_some(stamp);
        if stored.is_none_or(|stored| stored.version != version || stored.stamp != settled) {
            self.write_record(
                &key,
                &Plain {
                    version,
                    stamp: settled,
                },
            );
        }
        Ok(version)
    }

    /// The hash of a small file's content: from memory, by the metadata in the store, or read.
    fn content_hash(
        &self,
        path: &SourcePath,
        operation: &Operation,
        stamp: &Stamp,
    ) -> Result<(ContentHash, u64), InputError> {
        let key = self.store_key(b'v', &[path.as_bytes()]);
        let known = {
            let state = self.state();
            state
                .find_input(InputKind::Content, path)
                .and_then(|id| state.inputs.get(id)?.value)
        };
        let hint = if known.is_some() {
            None
        } else {
            self.read_record::<Plain>(&key)
                .and_then(|plain| Some((Value::Hash(plain.version.hash), plain.stamp?)))
        };
        let reading = self.input(InputKind::Content, path, operation, hint)?;
        let reading = self.pinned(path, operation, stamp, reading)?;
        let len = match (&reading.bytes, &reading.detail) {
            (Some(bytes), _) => bytes.len() as u64,
            (None, Detail::Stamp(stamp, _)) => stamp.size,
            (None, _) => stamp.size,
        };
        match reading.value {
            Value::Hash(hash) => Ok((hash, len)),
            _ => Err(InputError::Absent(path.clone())),
        }
    }

    /// Keeps the bytes of a file that is being written: who was told of this content opens it next, and would never find
    /// it where each write is followed by another.
    fn pinned(
        &self,
        path: &SourcePath,
        operation: &Operation,
        stamp: &Stamp,
        reading: Reading,
    ) -> Result<Reading, InputError> {
        let Value::Hash(hash) = reading.value else {
            return Ok(reading);
        };
        if is_settled(stamp) || self.moving.holds(&hash) {
            return Ok(reading);
        }
        // Where the hash was known from memory, what is there now is told instead.
        let (value, detail, bytes) = match reading.bytes {
            Some(bytes) => (reading.value, reading.detail, bytes),
            None => {
                let (bytes, value) = self.read_content(path, operation)?;
                (value, Detail::None, bytes)
            }
        };
        if let Value::Hash(hash) = value {
            self.moving.keep_all([(hash, &bytes)].into_iter());
        }
        Ok(Reading {
            value,
            detail,
            bytes: Some(bytes),
        })
    }
}

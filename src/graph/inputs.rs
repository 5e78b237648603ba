//! Looking at the source tree: watch, then read, then keep the answer if nothing came between.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::Engine;
use super::doubt::Cause;
use super::input::{AsOf, Detail, Input, LastRead};
use super::memo::{Dependency, InputKind, Value};
use super::state::{Operation, State};
use crate::base::{ContentHash, SourcePath};
use crate::source::{Digest, Entry, InputError, ListedEntry, Stamp, Watching};

/// How often an input is looked at that changes meanwhile.
const ATTEMPTS: usize = 8;

/// Directories whose names are kept in memory, besides their hash.
const LISTINGS: usize = 256;

/// Timestamps younger than this may be those of a later write too: file systems tick coarsely, network ones in seconds.
const RECENT: Duration = Duration::from_secs(2);

/// An answer of the tree.
pub(super) struct Reading {
    pub(super) value: Value,
    pub(super) detail: Detail,
    /// The bytes, where a content was read for it.
    pub(super) bytes: Option<Bytes>,
}

/// What is known already of an input that is not valid: metadata equal to these vouch for the value.
pub(super) type Hint = Option<(Value, Stamp)>;

/// Whether metadata, taken now, are old enough that any later write must change them.
pub(super) fn is_settled(stamp: &Stamp) -> bool {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_nanos() as i128);
    let settled = |time: i128| time != 0 && time + (RECENT.as_nanos() as i128) < now;
    settled(stamp.modified) && settled(stamp.changed)
}

/// The identity of a directory's names and kinds.
fn listing_hash(entries: &[ListedEntry]) -> ContentHash {
    let mut hasher = blake3::Hasher::new();
    for entry in entries {
        hasher.update(&(entry.name.len() as u64).to_le_bytes());
        hasher.update(&entry.name);
        hasher.update(&[entry.kind as u8]);
    }
    ContentHash::from_bytes(*hasher.finalize().as_bytes())
}

impl Engine {
    /// The value of an input, from memory where it is valid.
    pub(super) fn input(
        &self,
        kind: InputKind,
        path: &SourcePath,
        operation: &Operation,
        hint: Hint,
    ) -> Result<Reading, InputError> {
        let (reading, _) = self.look_at(kind, path, operation, hint, false)?;
        Ok(reading)
    }

    /// The bytes of a file, with the hash.
    pub(super) fn read_content(
        &self,
        path: &SourcePath,
        operation: &Operation,
    ) -> Result<(Bytes, Value), InputError> {
        let (reading, _) = self.look_at(InputKind::Content, path, operation, None, true)?;
        match reading.bytes {
            Some(bytes) => Ok((bytes, reading.value)),
            None => Err(InputError::Absent(path.clone())),
        }
    }

    /// What a glance at a file shows of an aspect, with its value.
    pub(super) fn aspect(
        &self,
        path: &SourcePath,
        aspect: &Arc<str>,
        operation: &Operation,
    ) -> Result<(Bytes, Value), InputError> {
        let (reading, as_of) = self.look_at(InputKind::Glance, path, operation, None, true)?;
        let Some(glance) = reading.bytes else {
            self.note_aspect(path, as_of, aspect, reading.value);
            return Err(InputError::Absent(path.clone()));
        };
        let bytes = self.computations.aspect(&glance, aspect);
        let value = Value::Hash(ContentHash::of(&bytes));
        self.note_aspect(path, as_of, aspect, value);
        Ok((bytes, value))
    }

    /// The same, where the value will do: equal metadata vouch for what a record saw, without reading the file.
    pub(super) fn aspect_value(
        &self,
        path: &SourcePath,
        aspect: &Arc<str>,
        operation: &Operation,
        hint: Hint,
    ) -> Result<Value, InputError> {
        let dependency = Dependency::Aspect(path.clone(), aspect.clone());
        if let Some(known) = self.state().peek(&dependency, operation) {
            return Ok(known);
        }
        if let Some((value, stamp)) = hint {
            // That there is a file is all that is said of the glance itself.
            let as_then = Some((Value::File, stamp));
            let (reading, as_of) =
                self.look_at(InputKind::Glance, path, operation, as_then, false)?;
            if reading.bytes.is_none() && reading.detail.vouching() == Some(stamp) {
                self.note_aspect(path, as_of, aspect, value);
                return Ok(value);
            }
        }
        match self.aspect(path, aspect, operation) {
            Ok((_, value)) => Ok(value),
            Err(InputError::Absent(_)) => Ok(Value::Absent),
            Err(error) => Err(error),
        }
    }

    fn note_aspect(&self, path: &SourcePath, as_of: Option<AsOf>, aspect: &Arc<str>, value: Value) {
        let mut state = self.state();
        if let (Some(as_of), Some(id)) = (as_of, state.find_input(InputKind::Glance, path)) {
            state.note_aspect(id, as_of, aspect, value);
        }
    }

    /// The answer, and which look at the tree it is of, if that is kept.
    fn look_at(
        &self,
        kind: InputKind,
        path: &SourcePath,
        operation: &Operation,
        mut hint: Hint,
        want_bytes: bool,
    ) -> Result<(Reading, Option<AsOf>), InputError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let generation = {
                let mut state = self.state();
                let id = state.input(kind, path);
                state.touch(super::state::Edge::Input(id), operation);
                let Some(input) = state.inputs.get(id) else {
                    continue;
                };
                let glance = input.glance();
                if let Some(value) = input.usable(operation) {
                    let is_wanted = want_bytes && value != Value::Absent;
                    let bytes = match glance {
                        None if is_wanted => state
                            .last_read(id, operation)
                            .or_else(|| state.held.get(id, input.as_of())),
                        glance => glance,
                    };
                    if !is_wanted || bytes.is_some() {
                        let reading = Reading {
                            value,
                            detail: input.detail.clone(),
                            bytes,
                        };
                        return Ok((reading, Some(input.as_of())));
                    }
                }
                if want_bytes || input.reread {
                    hint = None;
                } else if let (Some(value), Some(stamp)) = (input.value, input.detail.vouching()) {
                    hint = Some((value, stamp));
                }
                input.generation
            };
            self.watch(kind, path);
            let read = self.ask(kind, path, operation, hint, want_bytes);
            let mut state = self.state();
            let id = state.input(kind, path);
            let Some(input) = state.inputs.get_mut(id) else {
                continue;
            };
            let moved = input.generation != generation;
            let reading = match read {
                Ok(reading) => reading,
                Err(error) => {
                    if moved && attempt < ATTEMPTS {
                        continue;
                    }
                    state.dirty_input(id, true);
                    return Err(error);
                }
            };
            if moved && attempt < ATTEMPTS {
                continue;
            }
            // An older look never takes the place of a newer one.
            let mut as_of = None;
            if !moved && input.checked <= operation.since {
                state.accept(id, &reading, operation);
                as_of = state.inputs.get(id).map(Input::as_of);
                if let (Some(bytes), Some(active)) =
                    (&reading.bytes, state.active.get_mut(&operation.began))
                {
                    let bytes = bytes.clone();
                    active.last_read = Some(LastRead {
                        id,
                        generation,
                        bytes,
                    });
                }
                if let (InputKind::Content, Some(bytes), Some(as_of)) =
                    (kind, &reading.bytes, as_of)
                {
                    state.held.put(id, as_of, bytes);
                }
            }
            return Ok((reading, as_of));
        }
    }

    /// Has the tree report changes to what is about to be looked at.
    fn watch(&self, kind: InputKind, path: &SourcePath) {
        let directory = match kind {
            InputKind::Listing => path.clone(),
            InputKind::Content | InputKind::Glance | InputKind::Entry => {
                path.parent().unwrap_or_else(SourcePath::root)
            }
        };
        let watching = self.tree.watch(&directory);
        if watching == Watching::Exact && self.state().unwatched.is_empty() {
            return;
        }
        let mut state = self.state();
        match watching {
            Watching::Impossible(reason) => {
                let first = state.unwatched.is_empty();
                state.unwatched.insert(directory.clone(), reason.clone());
                drop(state);
                if first {
                    tracing::warn!("{reason}; every read verifies its sources from now on");
                }
            }
            Watching::Exact => {
                // What was looked at while nothing vouched for it is looked at once more.
                if state.unwatched.remove(&directory).is_some() && state.unwatched.is_empty() {
                    state.dirty_everything();
                }
            }
        }
    }

    /// Asks the tree. Holds no lock.
    pub(super) fn ask(
        &self,
        kind: InputKind,
        path: &SourcePath,
        operation: &Operation,
        hint: Hint,
        want_bytes: bool,
    ) -> Result<Reading, InputError> {
        let absent = |error: InputError| match error {
            InputError::Absent(_) => Ok(Reading {
                value: Value::Absent,
                detail: Detail::None,
                bytes: None,
            }),
            error @ InputError::Io { .. } => Err(error),
        };
        match kind {
            InputKind::Content | InputKind::Glance => {
                let is_glance = kind == InputKind::Glance;
                if let Some((value, known)) = hint
                    && let Ok((Entry::File, Some(stamp))) = self.tree.entry(path)
                    && stamp == known
                {
                    let stamp = Box::new(stamp);
                    return Ok(Reading {
                        value,
                        detail: match is_glance {
                            true => Detail::Glance(stamp, true, None),
                            false => Detail::Stamp(stamp, true),
                        },
                        bytes: None,
                    });
                }
                if is_glance {
                    return self.glance(path, operation);
                }
                if !want_bytes {
                    let Digest { hash, stamp, bytes } = match self.tree.digest(path) {
                        Ok(digest) => digest,
                        Err(error) => return absent(error),
                    };
                    return Ok(Reading {
                        value: Value::Hash(hash),
                        detail: Detail::Stamp(Box::new(stamp), is_settled(&stamp)),
                        bytes,
                    });
                }
                let (bytes, stamp) = match self.tree.read(path) {
                    Ok(read) => read,
                    Err(error) => return absent(error),
                };
                Ok(Reading {
                    value: Value::Hash(ContentHash::of(&bytes)),
                    detail: Detail::Stamp(Box::new(stamp), is_settled(&stamp)),
                    bytes: Some(bytes),
                })
            }
            InputKind::Entry => {
                let (entry, _) = match self.tree.entry(path) {
                    Ok(found) => found,
                    Err(error) => return absent(error),
                };
                Ok(Reading {
                    value: Value::of_entry(&entry),
                    detail: match entry {
                        Entry::Link(target) => Detail::Target(target.into()),
                        _ => Detail::None,
                    },
                    bytes: None,
                })
            }
            InputKind::Listing => {
                let entries: Arc<[ListedEntry]> = match self.tree.list(path) {
                    Ok(entries) => entries.into(),
                    Err(error) => return absent(error),
                };
                Ok(Reading {
                    value: Value::Hash(listing_hash(&entries)),
                    detail: Detail::Names(entries),
                    bytes: None,
                })
            }
        }
    }

    /// Glances at a file's content, which is read once for this and for who compiles it.
    fn glance(&self, path: &SourcePath, operation: &Operation) -> Result<Reading, InputError> {
        let (content, _) = self.look_at(InputKind::Content, path, operation, None, true)?;
        let (Some(bytes), Detail::Stamp(stamp, settled)) = (content.bytes, content.detail) else {
            return Ok(Reading {
                value: Value::Absent,
                detail: Detail::None,
                bytes: None,
            });
        };
        let glance = self.computations.glance(path, &bytes);
        Ok(Reading {
            value: Value::Hash(ContentHash::of(&glance)),
            detail: Detail::Glance(stamp, settled, Some(glance.clone())),
            bytes: Some(glance),
        })
    }

    /// Compares the metadata of a node's own source file with those of the content it was made from: a write through
    /// a hard link outside the tree raises no event. Gives whether they agree.
    pub(super) fn own_source_holds(&self, path: &SourcePath, id: u32, known: &Stamp) -> bool {
        if let Ok((Entry::File, Some(stamp))) = self.tree.entry(path)
            && stamp == *known
        {
            return true;
        }
        let mut state = self.state();
        if state
            .inputs
            .get(id)
            .is_some_and(|input| input.path == *path)
        {
            state.dirty_input(id, false);
        }
        false
    }

    /// [`Engine::own_source_holds`] for a file of which a content may be in memory.
    pub(super) fn check_own_source(&self, path: &SourcePath) {
        let known = {
            let state = self.state();
            let id = state.find_input(InputKind::Content, path);
            id.and_then(|id| Some((id, state.inputs.get(id)?)))
                .filter(|(_, input)| input.valid)
                .and_then(|(id, input)| match &input.detail {
                    Detail::Stamp(stamp, _) => Some((id, **stamp)),
                    _ => None,
                })
        };
        if let Some((id, stamp)) = known {
            self.own_source_holds(path, id, &stamp);
        }
    }
}

impl State {
    /// Keeps an answer of the tree.
    fn accept(&mut self, id: u32, reading: &Reading, operation: &Operation) {
        let Some(input) = self.inputs.get_mut(id) else {
            return;
        };
        let differs = input.value.is_some_and(|value| value != reading.value);
        let glance = input.glance();
        input.value = Some(reading.value);
        input.detail = reading.detail.clone();
        if differs {
            input
                .aspects
                .iter_mut()
                .for_each(|aspects| aspects.forget());
        } else if let Detail::Glance(.., seen @ None) = &mut input.detail {
            // Found unchanged: what was seen is so still.
            *seen = glance;
        }
        input.valid = true;
        input.reread = false;
        input.checked = operation.since;
        let path = input.path.clone();
        if differs {
            // Only where events vouch for nothing can a dependent still count as fresh here.
            self.stale(Cause::Input(id), &path);
        }
        if let Detail::Stamp(stamp, _) | Detail::Glance(stamp, ..) = &reading.detail {
            self.note_empty(&path, stamp);
        }
        if matches!(reading.detail, Detail::Names(_)) {
            self.listings.push_back(id);
            if self.listings.len() > LISTINGS
                && let Some(oldest) = self.listings.pop_front()
                && oldest != id
                && let Some(input) = self.inputs.get_mut(oldest)
                && matches!(input.detail, Detail::Names(_))
            {
                input.detail = Detail::None;
            }
        }
    }
}

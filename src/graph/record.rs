//! The context of one run: answers its questions and writes them down.

use std::cell::RefCell;
use std::sync::Arc;

use bytes::Bytes;

use super::input::Detail;
use super::memo::{Dependency, InputKind, Outcome, Seen, Value};
use super::state::Operation;
use super::{Engine, Fetched};
use crate::base::{ContentHash, Key, Part, QuickMap, SourcePath};
use crate::compute::{Context, Failure, digested};
use crate::source::{Entry, HELD, InputError, ListedEntry};

/// What a run asked, in its order, each question once.
#[derive(Default)]
pub(super) struct Recording {
    pub(super) saw: Vec<Seen>,
    index: QuickMap<Dependency, usize>,
    /// One question had two answers.
    pub(super) moved: bool,
    /// An answer was no fact about the sources: an I/O error, a cycle, a failure inside. What is made of it is not
    /// remembered.
    pub(super) tainted: bool,
    /// Such an answer has to do with a circle.
    pub(super) circular: bool,
}

/// See the module.
pub(super) struct Recorder<'a> {
    engine: &'a Engine,
    /// The node that is run.
    key: &'a Key,
    operation: Operation,
    recording: RefCell<Recording>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(engine: &'a Engine, key: &'a Key, operation: Operation) -> Self {
        Self {
            engine,
            key,
            operation,
            recording: RefCell::default(),
        }
    }

    pub(super) fn finish(self) -> Recording {
        self.recording.into_inner()
    }

    fn record(&self, dependency: Dependency, value: Value) {
        let mut recording = self.recording.borrow_mut();
        if let Some(&at) = recording.index.get(&dependency) {
            recording.moved |= recording.saw[at].value != value;
            return;
        }
        let at = recording.saw.len();
        recording.index.insert(dependency.clone(), at);
        recording.saw.push(Seen {
            dependency,
            value,
            stamp: None,
        });
    }

    fn taint(&self) {
        self.recording.borrow_mut().tainted = true;
    }

    /// Notes an answer that has a value of its own.
    fn record_read<T>(
        &self,
        dependency: Dependency,
        read: Result<(T, Value), InputError>,
    ) -> Result<T, InputError> {
        match &read {
            Ok((_, value)) => self.record(dependency, *value),
            Err(InputError::Absent(_)) => self.record(dependency, Value::Absent),
            Err(InputError::Io { .. }) => self.taint(),
        }
        read.map(|(answer, _)| answer)
    }

    /// Notes the answer of a node, or that it was none to remember.
    fn record_node(&self, key: &Key, part: Part, outcome: &Outcome) {
        if !outcome.memoized {
            self.taint();
        }
        self.recording.borrow_mut().circular |= outcome.circular;
        self.record(Dependency::Node(key.clone(), part), outcome.value(part));
    }

    /// A part of another node as the node that is run gets it.
    fn part(&self, outcome: &Outcome, key: &Key, part: Part) -> Result<Fetched, Failure> {
        outcome.part(key, part).map_err(|failure| match failure {
            // A circle that it is not in itself.
            Failure::Cycle(told, keys) if !keys.contains(self.key) => Failure::Diagnostics(told),
            other => other,
        })
    }
}

impl Context for Recorder<'_> {
    fn content(&self, path: &SourcePath) -> Result<Bytes, InputError> {
        let read = self.engine.read_content(path, &self.operation);
        self.record_read(Dependency::Input(InputKind::Content, path.clone()), read)
    }

    fn digest(&self, path: &SourcePath) -> Result<(ContentHash, Option<Bytes>), InputError> {
        let reading = self
            .engine
            .input(InputKind::Content, path, &self.operation, None)
            .inspect_err(|_| self.taint())?;
        // What is given follows from the content alone, not from what memory happens to hold of it.
        let is_small = match (&reading.bytes, &reading.detail) {
            (Some(bytes), _) => bytes.len() as u64 <= HELD,
            (None, Detail::Stamp(stamp, _)) => stamp.size <= HELD,
            (None, _) => false,
        };
        let hash = match reading.value {
            Value::Hash(_) if is_small && reading.bytes.is_none() => {
                return self.content(path).map(digested);
            }
            Value::Hash(hash) => Ok(hash),
            _ => Err(InputError::Absent(path.clone())),
        };
        let dependency = Dependency::Input(InputKind::Content, path.clone());
        self.record(dependency, reading.value);
        Ok((hash?, reading.bytes.filter(|_| is_small)))
    }

    fn glance(&self, path: &SourcePath, aspect: &str) -> Result<Bytes, InputError> {
        let aspect: Arc<str> = aspect.into();
        let read = self.engine.aspect(path, &aspect, &self.operation);
        self.record_read(Dependency::Aspect(path.clone(), aspect), read)
    }

    fn entry(&self, path: &SourcePath) -> Result<Entry, InputError> {
        let reading = self
            .engine
            .input(InputKind::Entry, path, &self.operation, None)
            .inspect_err(|_| self.taint())?;
        self.record(
            Dependency::Input(InputKind::Entry, path.clone()),
            reading.value,
        );
        Ok(match (reading.value, reading.detail) {
            (Value::File, _) => Entry::File,
            (Value::Directory, _) => Entry::Directory,
            (Value::Special, _) => Entry::Special,
            (Value::Link(_), Detail::Target(target)) => Entry::Link(target.to_vec()),
            _ => Entry::Absent,
        })
    }

    fn list(&self, path: &SourcePath) -> Result<Arc<[ListedEntry]>, InputError> {
        let listed = self.engine.list(path, &self.operation);
        self.record_read(Dependency::Input(InputKind::Listing, path.clone()), listed)
    }

    fn fetch(&self, key: &Key, part: Part) -> Result<Bytes, Failure> {
        let outcome = self.engine.resolve(key, self.operation, None);
        if let Ok(fetched) = outcome.part(key, part)
            && let Some(bytes) = self.engine.bytes(&fetched.hash)
        {
            self.record_node(key, part, &outcome);
            return Ok(bytes);
        }
        // It failed, or the store has lost it: then it is computed again.
        let outcome = match outcome.part(key, part) {
            Ok(lost) => self.engine.resolve(key, self.operation, Some(lost.hash)),
            Err(_) => outcome,
        };
        self.record_node(key, part, &outcome);
        let fetched = self.part(&outcome, key, part)?;
        self.engine.bytes(&fetched.hash).ok_or_else(|| {
            self.taint();
            Failure::Internal(format!("the store loses what `{key}` gives"))
        })
    }

    fn measure(&self, key: &Key, part: Part) -> Result<(ContentHash, u64), Failure> {
        let outcome = self.engine.resolve(key, self.operation, None);
        self.record_node(key, part, &outcome);
        let fetched = self.part(&outcome, key, part)?;
        Ok((fetched.hash, fetched.len))
    }

    fn outside(&self, work: &mut dyn FnMut()) {
        self.engine.outside(&self.operation, work);
    }

    fn meanwhile(&self, key: &Key, others: &mut dyn FnMut() -> Vec<Key>) {
        if !self.engine.is_at_hand(key) {
            self.engine.look_ahead(&others(), &self.operation);
        }
    }

    fn prepare(&self, keys: &[Key]) {
        self.engine.prepare(keys, &self.operation);
    }
}

//! Whether what the store has of a node still holds, found by looking and without running anything: for reports on
//! nodes that nobody has read since the start.

use std::collections::HashMap;

use super::Engine;
use super::execute::Draft;
use super::memo::{Dependency, Seen, Value};
use super::persist::Stored;
use super::state::Operation;
use crate::base::{Key, SourcePath};

/// Nodes that are followed from one to the next; a longer chain is left to a read, which verifies it level by level.
const DEEPEST: usize = 64;

/// Why no record of a node holds: of the latest one that has its bytes, the first thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// This source file, name or directory, or what this one's node gives.
    Changed(SourcePath),
    /// Nothing that a look can tell: a read has to verify or run it.
    Unknown,
}

/// One report's look at the store and the tree.
struct Glance<'a> {
    engine: &'a Engine,
    operation: Operation,
    /// What the nodes give that were looked at already.
    known: HashMap<Key, Result<Draft, Moved>>,
}

impl Engine {
    /// The record of `stored` that holds now, by its index.
    pub(super) fn standing(&self, key: &Key, stored: &Stored) -> Result<usize, Moved> {
        self.observe();
        let operation = self.state().begin(0);
        let mut glance = Glance {
            engine: self,
            operation,
            known: HashMap::from([(key.clone(), Err(Moved::Unknown))]),
        };
        let found = glance.holding(stored, 0);
        self.state().end(&operation);
        found
    }
}

impl Glance<'_> {
    fn holding(&mut self, stored: &Stored, depth: usize) -> Result<usize, Moved> {
        let mut why = None;
        for (at, record) in stored.records.iter().enumerate() {
            let mut hashes = record.parts.iter().map(|(_, hash, _)| hash);
            if !hashes.all(|hash| self.engine.has_blob(hash)) {
                continue;
            }
            let Some(saw) = record.saw() else { continue };
            match self.compare(&saw, depth) {
                Ok(()) => return Ok(at),
                Err(moved) => _ = why.get_or_insert(moved),
            }
        }
        Err(why.unwrap_or(Moved::Unknown))
    }

    /// In their order, as a verification goes.
    fn compare(&mut self, saw: &[Seen], depth: usize) -> Result<(), Moved> {
        for seen in saw {
            if self.value(seen, depth)? != seen.value {
                let path = match &seen.dependency {
                    Dependency::Input(_, path) | Dependency::Aspect(path, _) => path,
                    Dependency::Node(key, _) => &key.path,
                };
                return Err(Moved::Changed(path.clone()));
            }
        }
        Ok(())
    }

    /// What the answer would be now.
    fn value(&mut self, seen: &Seen, depth: usize) -> Result<Value, Moved> {
        let engine = self.engine;
        let known = engine.state().peek(&seen.dependency, &self.operation);
        if let Some(value) = known {
            return Ok(value);
        }
        let hint = seen.stamp.map(|stamp| (seen.value, stamp));
        match &seen.dependency {
            Dependency::Input(kind, path) => {
                let reading = engine.input(*kind, path, &self.operation, hint);
                match reading {
                    Ok(reading) => Ok(reading.value),
                    Err(_) => Err(Moved::Changed(path.clone())),
                }
            }
            Dependency::Aspect(path, aspect) => engine
                .aspect_value(path, aspect, &self.operation, hint)
                .map_err(|_| Moved::Changed(path.clone())),
            Dependency::Node(key, part) => {
                if !self.known.contains_key(key) {
                    // One that comes back to itself has no answer.
                    self.known.insert(key.clone(), Err(Moved::Unknown));
                    let given = self.given(key, depth + 1);
                    self.known.insert(key.clone(), given);
                }
                match &self.known[key] {
                    Ok(draft) => Ok(draft.value(*part)),
                    Err(moved) => Err(moved.clone()),
                }
            }
        }
    }

    /// What a node gives without a run.
    fn given(&mut self, key: &Key, depth: usize) -> Result<Draft, Moved> {
        if depth > DEEPEST {
            return Err(Moved::Unknown);
        }
        let stored = self.engine.load(key);
        let at = self.holding(&stored, depth)?;
        Ok(Draft::of_record(&stored.records[at]))
    }
}

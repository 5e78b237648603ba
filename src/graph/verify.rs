//! Whether what a record saw is still so: its dependencies in their order, up to the first that differs.
//!
//! The order matters. While all answers up to some question are as they were, a run would ask that question again;
//! after the first that differs it might not, and looking further could report a cycle or an error that no run meets.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::execute::Draft;
use super::inputs::Hint;
use super::memo::{Dependency, Outcome, Seen, Value};
use super::persist::Stored;
use super::state::{Edge, Operation, State};
use super::{Engine, Event};
use crate::base::Key;

/// How often dependencies are gone through that keep changing.
const ROUNDS: usize = 16;

/// A list of answers to compare: a memo's or a run's, by index, or a record's, by name.
pub(super) trait Answers {
    fn len(&self) -> usize;
    /// What was seen.
    fn seen(&self, at: usize) -> Value;
    /// The value in memory, where it is known.
    fn peek(&self, at: usize, state: &State, operation: &Operation) -> Option<Value>;
    /// The question, and what vouches for its answer.
    fn question(&self, at: usize, state: &State) -> Option<(Dependency, Hint)>;
}

impl Answers for [(Edge, Value)] {
    fn len(&self) -> usize {
        <[(Edge, Value)]>::len(self)
    }

    fn seen(&self, at: usize) -> Value {
        self[at].1
    }

    fn peek(&self, at: usize, state: &State, operation: &Operation) -> Option<Value> {
        state.peek_edge(self[at].0, operation)
    }

    fn question(&self, at: usize, state: &State) -> Option<(Dependency, Hint)> {
        Some((state.dependency(self[at].0)?, None))
    }
}

impl Answers for [Seen] {
    fn len(&self) -> usize {
        <[Seen]>::len(self)
    }

    fn seen(&self, at: usize) -> Value {
        self[at].value
    }

    fn peek(&self, at: usize, state: &State, operation: &Operation) -> Option<Value> {
        state.peek(&self[at].dependency, operation)
    }

    fn question(&self, at: usize, _: &State) -> Option<(Dependency, Hint)> {
        let seen = &self[at];
        let hint = seen.stamp.map(|stamp| (seen.value, stamp));
        Some((seen.dependency.clone(), hint))
    }
}

impl Engine {
    /// Compares answers in their order. If all hold *at one moment*, does `then` at that moment.
    pub(super) fn hold<A: Answers + ?Sized, R>(
        &self,
        answers: &A,
        operation: &Operation,
        then: impl FnOnce(&mut State) -> R,
    ) -> Option<R> {
        for _ in 0..ROUNDS {
            let mut at = 0;
            // Once through, looking at what is not known.
            while at < answers.len() {
                let question = {
                    let state = self.state();
                    while at < answers.len() {
                        match answers.peek(at, &state, operation) {
                            Some(value) if value == answers.seen(at) => at += 1,
                            Some(_) => return None,
                            None => break,
                        }
                    }
                    if at == answers.len() {
                        break;
                    }
                    answers.question(at, &state)
                };
                let (dependency, hint) = question?;
                if self.current(&dependency, operation, hint) != Some(answers.seen(at)) {
                    return None;
                }
                at += 1;
            }
            // Once more without looking: do they hold together?
            let mut state = self.state();
            let mut unknown = false;
            for at in 0..answers.len() {
                match answers.peek(at, &state, operation) {
                    Some(value) if value == answers.seen(at) => {}
                    Some(_) => return None,
                    None => unknown = true,
                }
            }
            if !unknown {
                return Some(then(&mut state));
            }
        }
        None
    }

    /// The value of a dependency now; `None` where it cannot be had, or is none that may be remembered.
    fn current(&self, dependency: &Dependency, operation: &Operation, hint: Hint) -> Option<Value> {
        match dependency {
            Dependency::Input(kind, path) => {
                let reading = self.input(*kind, path, operation, hint).ok()?;
                Some(reading.value)
            }
            Dependency::Aspect(path, aspect) => {
                self.aspect_value(path, aspect, operation, hint).ok()
            }
            Dependency::Node(key, part) => {
                let outcome = self.resolve(key, *operation, None);
                outcome.memoized.then(|| outcome.value(*part))
            }
        }
    }

    /// The memo's outcome, if what it saw is still so.
    pub(super) fn verify_memo(
        &self,
        id: u32,
        key: &Key,
        operation: &Operation,
    ) -> Option<Arc<Outcome>> {
        for _ in 0..ROUNDS {
            let (memo, doubt) = {
                let state = self.state();
                let node = state.nodes.get(id)?;
                (node.memo.clone()?, node.doubt.clone())
            };
            let in_doubt = doubt.about(&memo.edges, operation.since);
            let outcome = self.hold(&*in_doubt, operation, |state| {
                // More may be in doubt by now.
                let is_all = state.nodes.get(id)?.doubt == doubt;
                is_all.then(|| state.refresh(id, operation)).flatten()
            })?;
            if outcome.is_some() {
                self.note_verified(key);
                return outcome;
            }
        }
        None
    }

    /// The outcome of the first record of which all that it saw is so again, and whose blobs are there.
    pub(super) fn verify_stored(
        &self,
        id: u32,
        key: &Key,
        operation: &Operation,
        stored: &mut Stored,
    ) -> Option<Arc<Outcome>> {
        for at in 0..stored.records.len() {
            let record = &stored.records[at];
            if self.contradicts(record.answers(), operation) {
                continue;
            }
            let Some(saw) = record.saw() else { continue };
            if !record.parts.iter().all(|(_, hash, _)| self.has_blob(hash)) {
                continue;
            }
            let draft = Draft::of_record(record);
            let Some((outcome, stamps)) = self.hold(&saw[..], operation, |state| {
                let saw = (&saw[..], state.edges(&saw));
                state.install(id, &draft, saw, operation, &stored.versions)
            }) else {
                continue;
            };
            // After a restart it is mostly as it was stored.
            if stored.adopt(at, saw, &outcome, stamps) {
                self.save(key, stored);
            }
            self.note_verified(key);
            self.look_ahead(&draft.links, operation);
            return Some(outcome);
        }
        None
    }

    /// Whether what memory knows speaks against a record, up to the first answer that has to be looked for.
    fn contradicts(&self, mut saw: impl Iterator<Item = Seen>, operation: &Operation) -> bool {
        let known = |seen: Seen| {
            let now = self.state().peek(&seen.dependency, operation)?;
            Some((now, seen.value))
        };
        saw.by_ref().map_while(known).any(|(now, then)| now != then)
    }

    pub(super) fn note_verified(&self, key: &Key) {
        self.counts.verified.fetch_add(1, Relaxed);
        self.events.send(Event::Verified(key.clone()));
    }
}

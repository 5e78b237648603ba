//! The names still to be visited. Several threads take from it and add to it; it ends when all have come to nothing.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::base::SourcePath;

#[derive(Default)]
struct State {
    waiting: VecDeque<SourcePath>,
    known: HashSet<SourcePath>,
    /// The names that were asked for, and those that each of the others needs in any case.
    first: Vec<SourcePath>,
    needs: HashMap<SourcePath, Vec<SourcePath>>,
    /// Those that are folders: what they need, they only list.
    folders: HashSet<SourcePath>,
    busy: usize,
}

/// See the module.
#[derive(Default)]
pub(super) struct Plan {
    state: Mutex<State>,
    changed: Condvar,
}

impl Plan {
    /// A plan that begins with these names.
    pub(super) fn new(first: Vec<SourcePath>) -> Self {
        let plan = Self::default();
        for path in &first {
            plan.add(path.clone());
        }
        plan.state().first = first;
        plan
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a name, once.
    pub(super) fn add(&self, path: SourcePath) {
        let mut state = self.state();
        if state.known.insert(path.clone()) {
            state.waiting.push_back(path);
            self.changed.notify_one();
        }
    }

    /// Adds a name without which `from` is of no use.
    pub(super) fn add_needed(&self, from: &SourcePath, path: SourcePath) {
        let mut state = self.state();
        let needs = state.needs.entry(from.clone()).or_default();
        needs.push(path.clone());
        drop(state);
        self.add(path);
    }

    /// Adds a name that a folder lists.
    pub(super) fn add_listed(&self, folder: &SourcePath, path: SourcePath) {
        self.state().folders.insert(folder.clone());
        self.add_needed(folder, path);
    }

    /// Of the names that something needs, those that are asked for by more than a folder that lists them.
    pub(super) fn asked(&self, needed: &HashSet<SourcePath>) -> HashSet<SourcePath> {
        let state = self.state();
        let files = state.needs.iter();
        let files =
            files.filter(|(from, _)| needed.contains(*from) && !state.folders.contains(*from));
        let linked = files.flat_map(|(_, next)| next);
        linked.chain(&state.first).cloned().collect()
    }

    /// The names that something needs, from what was asked for onwards.
    pub(super) fn needed(&self) -> HashSet<SourcePath> {
        let state = self.state();
        let mut needed: HashSet<SourcePath> = state.first.iter().cloned().collect();
        let mut waiting = state.first.clone();
        while let Some(path) = waiting.pop() {
            for next in state.needs.get(&path).into_iter().flatten() {
                if needed.insert(next.clone()) {
                    waiting.push(next.clone());
                }
            }
        }
        needed
    }

    /// The next name, to be followed by [`Plan::done`]; waits while others may still add some.
    pub(super) fn next(&self) -> Option<SourcePath> {
        let mut state = self.state();
        loop {
            if let Some(path) = state.waiting.pop_front() {
                state.busy += 1;
                return Some(path);
            }
            if state.busy == 0 {
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The name taken last has been visited.
    pub(super) fn done(&self) {
        let mut state = self.state();
        state.busy -= 1;
        if state.busy == 0 && state.waiting.is_empty() {
            self.changed.notify_all();
        }
    }

    /// How many names there are so far.
    pub(super) fn known(&self) -> usize {
        self.state().known.len()
    }
}

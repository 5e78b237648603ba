//! The names still to be visited. Several threads take from it and add to it; it ends when all have come to nothing.

use std::collections::{HashSet, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::base::SourcePath;

#[derive(Default)]
struct State {
    waiting: VecDeque<SourcePath>,
    known: HashSet<SourcePath>,
    imported: HashSet<SourcePath>,
    busy: usize,
}

/// See the module.
#[derive(Default)]
pub(super) struct Plan {
    state: Mutex<State>,
    changed: Condvar,
}

impl Plan {
    pub(super) fn new() -> Self {
        Self::default()
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

    /// Adds a name that a module imports.
    pub(super) fn add_import(&self, path: SourcePath) {
        self.state().imported.insert(path.clone());
        self.add(path);
    }

    /// Whether some module imports the name.
    pub(super) fn is_imported(&self, path: &SourcePath) -> bool {
        self.state().imported.contains(path)
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

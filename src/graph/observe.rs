//! The one critical section that every operation enters: read the tree's queue dry and apply it.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use super::doubt::Cause;
use super::memo::InputKind;
use super::state::State;
use super::{Engine, Event};
use crate::base::SourcePath;
use crate::source::Change;

impl Engine {
    /// Applies every change that had returned to its writer before the call. Another thread that drained the queue
    /// first has applied what it took when this returns.
    pub(super) fn observe(&self) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        self.tree.drain(&mut queue);
        if queue.is_empty() {
            return;
        }
        let paths = {
            let mut state = self.state();
            apply(&mut state, &queue)
        };
        queue.clear();
        if queue.capacity() > 4096 {
            queue.shrink_to(64);
        }
        // Still in the critical section, so that subscribers see changes in their order; sending never blocks.
        self.events.send(Event::Changed(paths));
    }
}

/// Marks what the changes reach, and gives their paths; none where anything may have changed.
pub(super) fn apply(state: &mut State, changes: &[Change]) -> Arc<[SourcePath]> {
    let mut paths = Vec::new();
    let mut everything = false;
    state.revision += 1;
    state.moved = state.tick();
    let now = Instant::now();
    for change in changes {
        state.note_unsettled(change, now);
        match change {
            Change::Content { path, .. } => {
                // An equal stamp proves nothing here: stores through a mapping leave it as it is, and ticks are coarse.
                state.dirty_at(InputKind::Content, path, true);
                state.dirty_at(InputKind::Glance, path, true);
                paths.push(path.clone());
            }
            Change::Attributes(path) => {
                state.dirty_below(path);
                paths.push(path.clone());
            }
            Change::Name(path) => {
                state.dirty_below(path);
                if let Some(parent) = path.parent() {
                    state.dirty_at(InputKind::Listing, &parent, true);
                }
                paths.push(path.clone());
            }
            Change::Begun(_) | Change::Gone(_) => {}
            Change::Everything => {
                state.dirty_everything();
                everything = true;
            }
        }
    }
    if everything {
        return Arc::from([]);
    }
    paths.dedup();
    paths.into()
}

impl State {
    /// Marks one input as to be looked at. `reread`: equal metadata must not be believed.
    pub(super) fn dirty_at(&mut self, kind: InputKind, path: &SourcePath, reread: bool) {
        if let Some(id) = self.find_input(kind, path) {
            self.dirty_input(id, reread);
        }
    }

    /// Marks all that is asked of a path and of all below it. Their metadata decide whether contents are read again: a
    /// directory that was renamed and renamed back costs no reading.
    fn dirty_below(&mut self, path: &SourcePath) {
        let ids: Vec<u32> = match path.is_root() {
            true => self.inputs.iter().map(|(id, _)| id).collect(),
            false => self.paths.at_and_below(path),
        };
        for id in ids {
            self.dirty_input(id, false);
        }
    }

    /// Marks every input, and so every node that has any.
    pub(super) fn dirty_everything(&mut self) {
        let ids: Vec<u32> = self.inputs.iter().map(|(id, _)| id).collect();
        for id in ids {
            self.dirty_input(id, true);
        }
    }

    /// Marks one input, and its dependents transitively as to be verified.
    pub(super) fn dirty_input(&mut self, id: u32, reread: bool) {
        let generation = self.tick();
        self.revision += 1;
        self.moved = generation;
        let Some(input) = self.inputs.get_mut(id) else {
            return;
        };
        input.generation = generation;
        input.valid = false;
        input.checked = 0;
        input.reread |= reread;
        let because = input.path.clone();
        self.stale(Cause::Input(id), &because);
    }
}

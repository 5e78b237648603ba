//! Computing on all cores what one run is about to ask for: a walk over links that several threads share.
//!
//! The run itself takes part, and never waits for another thread but by asking for the node that it is at: so a circle of
//! nodes that wait for each other is found as any other is (`claim`).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Engine;
use super::state::Operation;
use crate::base::{Key, QuickSet};

/// What is left of a walk, and what others are at.
#[derive(Default)]
struct Places {
    waiting: VecDeque<Key>,
    known: QuickSet<Key>,
    busy: Vec<Key>,
}

/// A walk over links.
#[derive(Default)]
pub(super) struct Walk(Mutex<Places>);

impl Walk {
    fn lock(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds nodes that are new to it; gives whether there were any.
    fn add(&self, keys: impl IntoIterator<Item = Key>) -> bool {
        let mut places = self.lock();
        let before = places.waiting.len();
        for key in keys {
            if places.known.insert(key.clone()) {
                places.waiting.push_back(key);
            }
        }
        places.waiting.len() > before
    }

    /// A node to compute, for a thread that tells when it has.
    pub(super) fn take(&self) -> Option<Key> {
        let mut places = self.lock();
        let key = places.waiting.pop_front()?;
        places.busy.push(key.clone());
        Some(key)
    }

    fn done(&self, key: &Key) {
        let mut places = self.lock();
        places.busy.retain(|busy| busy != key);
    }

    /// A node that another thread is at.
    fn others(&self) -> Option<Key> {
        self.lock().busy.first().cloned()
    }
}

impl Engine {
    /// See [`crate::compute::Context::prepare`].
    pub(super) fn prepare(&self, keys: &[Key], operation: &Operation) {
        if self.is_prepared(keys, operation) {
            return;
        }
        let walk = Arc::new(Walk::default());
        walk.add(keys.iter().cloned());
        self.pool.share(&walk);
        loop {
            let own = walk.take();
            let Some(key) = own.or_else(|| walk.others()) else {
                break;
            };
            self.resolve(&key, *operation, None);
            self.follow(&walk, &key);
        }
        self.pool.unshare(&walk);
        if let Some(active) = self.state().active.get_mut(&operation.began) {
            active.walks.push(walk);
        }
    }

    /// Whether a walk of the same operation came by all of these.
    fn is_prepared(&self, keys: &[Key], operation: &Operation) -> bool {
        let walks = match self.state().active.get(&operation.began) {
            Some(active) => active.walks.clone(),
            None => return false,
        };
        walks.iter().any(|walk| {
            let places = walk.lock();
            keys.iter().all(|key| places.known.contains(key))
        })
    }

    /// A node of a walk has been computed: what it refers to is next.
    pub(super) fn follow(&self, walk: &Arc<Walk>, key: &Key) {
        let links: Vec<Key> = {
            let state = self.state();
            let id = state.keys.get(key).copied();
            let node = id.and_then(|id| state.nodes.get(id));
            let links = node.into_iter().flat_map(|node| node.links.iter());
            let key = |id: &u32| state.nodes.get(*id).map(|node| node.key.clone());
            links.filter_map(key).collect()
        };
        let grew = walk.add(links);
        walk.done(key);
        if grew {
            self.pool.offer();
        }
    }
}

//! Computing on all cores what one run is about to ask for, or what a record is about to be compared with: a walk that
//! several threads share, in the first case over links.
//!
//! Who began it takes part, and never waits for another thread but by asking for the node that it is at: so a circle of
//! nodes that wait for each other is found as any other is (`claim`).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Engine;
use super::memo::{Dependency, Seen};
use super::state::Operation;
use crate::base::{Key, QuickMap, QuickSet};

/// So many nodes are worth waking another thread for.
const MANY: usize = 64;

/// What is left of a walk, and what others are at.
#[derive(Default)]
struct Places {
    waiting: VecDeque<Key>,
    known: QuickSet<Key>,
    busy: Vec<Key>,
}

/// A walk over nodes.
pub(super) struct Walk {
    places: Mutex<Places>,
    /// Whether it goes on to what they refer to.
    follows: bool,
}

impl Walk {
    fn over(keys: impl IntoIterator<Item = Key>, follows: bool) -> Arc<Self> {
        let walk = Self {
            places: Mutex::default(),
            follows,
        };
        walk.add(keys);
        Arc::new(walk)
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
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
        let walk = Walk::over(keys.iter().cloned(), true);
        self.take_part(&walk, |key| {
            self.resolve(key, *operation, None);
            true
        });
        if let Some(active) = self.state().active.get_mut(&operation.began) {
            active.walks.push(walk);
        }
    }

    /// Verifies what a record saw of other nodes, where these are many, in about the order in which it saw them; ends early
    /// where one is not as it was.
    pub(super) fn verify_many(&self, saw: &[Seen], operation: &Operation) {
        let mut seen = QuickMap::default();
        let mut keys = Vec::new();
        {
            let state = self.state();
            for answer in saw {
                if let Dependency::Node(key, part) = &answer.dependency
                    && state.peek(&answer.dependency, operation).is_none()
                    && seen.insert(key, (*part, answer.value)).is_none()
                {
                    keys.push(key.clone());
                }
            }
        }
        if keys.len() < MANY {
            return;
        }
        let walk = Walk::over(keys, false);
        self.take_part(&walk, |key| {
            let outcome = self.resolve(key, *operation, None);
            seen.get(key)
                .is_some_and(|(part, value)| outcome.memoized && outcome.value(*part) == *value)
        });
    }

    /// Shares a walk and goes along, until it ends or `visit` says no.
    fn take_part(&self, walk: &Arc<Walk>, visit: impl Fn(&Key) -> bool) {
        self.pool.share(walk);
        while let Some(key) = walk.take().or_else(|| walk.others()) {
            let goes_on = visit(&key);
            self.follow(walk, &key);
            if !goes_on {
                break;
            }
        }
        self.pool.unshare(walk);
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
        if !walk.follows {
            return walk.done(key);
        }
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

//! What the threads do: resolve nodes for readers, compute ahead of them, and wait for changes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;

use super::super::Engine;
use super::super::claim::Claim;
use super::super::memo::Outcome;
use super::super::state::{Operation, State};
use super::{Reply, Work};
use crate::base::{ContentHash, Key};
use crate::compute::Failure;

/// The stack of a thread that computes; only what is used takes memory.
pub(in crate::graph) const STACK: usize = 64 << 20;

/// Nodes that wait to be computed ahead; more are left to their readers.
const AHEAD: usize = 4096;

/// Links from a node that somebody read, after which nothing is computed ahead.
const DISTANCE: u32 = 64;

/// How long the thread that waits for changes sleeps at most: what ending it may take, where the tree does not end its sleep.
const WAIT: Duration = Duration::from_millis(100);

/// How long it lets changes lie where nobody has said that he waits for them: one save is several of them, and who reads what
/// was saved applies them himself, at that moment with nobody in his way.
const LINGER: Duration = Duration::from_millis(10);

impl State {
    /// The claim of whoever computes the node now.
    fn claim_of(&self, key: &Key) -> Option<Arc<Claim>> {
        self.claims.get(self.keys.get(key)?).cloned()
    }

    /// Whether nobody need begin with the node.
    fn is_done_or_under_way(&self, key: &Key) -> bool {
        self.remembered(key).is_some() || self.claim_of(key).is_some()
    }

    /// The node's outcome, where it is known to be fresh.
    fn remembered(&self, key: &Key) -> Option<Arc<Outcome>> {
        let node = self.nodes.get(*self.keys.get(key)?)?;
        let memo = node.memo.as_ref()?;
        (node.fresh && self.is_exact()).then(|| memo.outcome.clone())
    }
}

impl Engine {
    /// Does work that waits for another process, and has readers served by another thread meanwhile.
    pub(in crate::graph) fn outside(&self, operation: &Operation, work: &mut dyn FnMut()) {
        if operation.ahead > 0 {
            return work();
        }
        let (_away, wanted) = self.pool.leave();
        if wanted && let Some(engine) = self.me.upgrade() {
            let started = std::thread::Builder::new()
                .name("hookfs-spare".into())
                .stack_size(STACK)
                .spawn(move || engine.serve_readers());
            match started {
                Ok(thread) => self.pool.lock().spares.push(thread),
                // Readers are served all the same, later.
                Err(error) => tracing::warn!("no spare thread: {error}"),
            }
        }
        work();
    }

    /// Has a pool thread resolve a node for a reader, and waits for it.
    pub(in crate::graph) fn on_pool(&self, key: &Key, lost: Option<ContentHash>) -> Arc<Outcome> {
        let (reply, answer) = bounded(1);
        // It has room for the one outcome, and the receiver waits for it.
        let reply: Reply = Box::new(move |outcome| drop(reply.send(outcome)));
        self.resolve_later(key, lost, reply);
        answer
            .recv()
            .unwrap_or_else(|_| Outcome::transient(Failure::Internal("the graph has ended".into())))
    }

    /// Has a pool thread resolve a node for a reader, and `reply` to it. Readers of one node take one thread between
    /// them, so that a slow node holds up no other.
    pub(in crate::graph) fn resolve_later(
        &self,
        key: &Key,
        lost: Option<ContentHash>,
        reply: Reply,
    ) {
        let claim = match lost {
            None => self.state().claim_of(key),
            Some(_) => None,
        };
        let (Some(claim), Some(engine)) = (claim, self.me.upgrade()) else {
            return self.pool.submit(key, lost, reply);
        };
        // A run is under way: what it gives will do, if that is still fresh by then. A reader holds no claim, so its
        // waiting closes no cycle.
        let key = key.clone();
        claim.when_settled(Box::new(move || {
            // The reply may ask the graph: the state must not be held meanwhile.
            let remembered = engine.state().remembered(&key);
            match remembered {
                Some(outcome) => answer(reply, outcome),
                None => engine.pool.submit(&key, None, reply),
            }
        }));
    }

    /// Whether the node's outcome is known to be fresh, or nothing is ever computed ahead.
    pub(in crate::graph) fn is_at_hand(&self, key: &Key) -> bool {
        !self.ahead || self.state().remembered(key).is_some()
    }

    /// Queues the links of a node to be computed on cores that are idle.
    pub(in crate::graph) fn look_ahead(&self, links: &[Key], operation: &Operation) {
        if !self.ahead || links.is_empty() || operation.ahead >= DISTANCE {
            return;
        }
        let wanted: Vec<&Key> = {
            let state = self.state();
            let known = |key: &&Key| {
                let node = state.keys.get(*key).and_then(|id| state.nodes.get(*id));
                node.is_none_or(|node| !node.fresh)
            };
            links.iter().filter(known).collect()
        };
        self.queue_ahead(wanted, operation.ahead + 1);
    }

    /// The same of nodes that are so far from what a reader asked for.
    pub(in crate::graph) fn queue_ahead<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a Key>,
        distance: u32,
    ) {
        if !self.ahead {
            return;
        }
        let mut queues = self.pool.lock();
        for key in keys {
            if queues.stopped || queues.ahead.len() >= AHEAD {
                return;
            }
            if queues.queued_ahead.insert(key.clone()) {
                queues.ahead.push_back((key.clone(), distance));
            }
        }
        if queues.has_room_ahead() {
            self.pool.idle.notify_all();
        }
    }

    /// One operation on the graph: what it touches stays in memory while it lasts.
    fn operate(&self, ahead: u32, key: &Key, lost: Option<ContentHash>) -> Arc<Outcome> {
        self.observe();
        let operation = self.state().begin(ahead);
        let outcome = catch_unwind(AssertUnwindSafe(|| self.resolve(key, operation, lost)));
        self.state().end(&operation);
        outcome.unwrap_or_else(|_| {
            tracing::error!("verifying `{key}` panicked");
            Outcome::transient(Failure::Internal(format!("verifying `{key}` panicked")))
        })
    }

    fn serve_readers(&self) {
        while let Some(work) = self.pool.next_reader() {
            let job = match work {
                Work::Job(job) => job,
                Work::Part(walk, key) => {
                    self.operate(0, &key, None);
                    self.follow(&walk, &key);
                    self.finish_runs();
                    self.pool.reader_done();
                    continue;
                }
            };
            let mut outcome = self.operate(0, &job.key, job.lost);
            if outcome.circular {
                // A circle that an edit has opened meanwhile is none; one that is, is found again.
                outcome = self.operate(0, &job.key, job.lost);
            }
            for reply in job.replies {
                answer(reply, outcome.clone());
            }
            // After the answers: what is computed ahead must not come before them.
            self.finish_runs();
            self.pool.reader_done();
        }
    }

    fn work_ahead(&self) {
        if let Err(error) = rustix::process::nice(5) {
            tracing::debug!("computing ahead at normal priority: {error}");
        }
        while let Some((key, distance)) = self.pool.next_ahead() {
            // Whoever is at it goes on with its links.
            if !self.state().is_done_or_under_way(&key) {
                self.operate(distance, &key, None);
            }
            self.pool.ahead_done();
        }
    }

    fn watch_changes(&self) {
        while !self.pool.is_stopped() {
            self.tree.wait(WAIT);
            if self.pool.is_stopped() {
                return;
            }
            self.state().pass(Instant::now());
            if self.hurried.load(Ordering::Relaxed) == 0 {
                std::thread::sleep(LINGER);
            }
            self.observe();
        }
    }
}

/// Gives an outcome to who asked for it. A panic there costs that answer alone.
fn answer(reply: Reply, outcome: Arc<Outcome>) {
    if catch_unwind(AssertUnwindSafe(|| reply(outcome))).is_err() {
        tracing::error!("internal error: an answer panicked");
    }
}

/// Starts the threads of an engine: `readers` for readers, one fewer (but one) for computing ahead, if that is wanted,
/// and the one that waits for changes.
pub(in crate::graph) fn start(engine: &Arc<Engine>, readers: usize) -> Vec<JoinHandle<()>> {
    let mut threads = Vec::new();
    let mut spawn = |name: String, stack: usize, work: fn(&Engine)| {
        let mine = engine.clone();
        let started = std::thread::Builder::new()
            .name(name)
            .stack_size(stack)
            .spawn(move || work(&mine));
        match started {
            Ok(thread) => threads.push(thread),
            Err(error) => tracing::error!("no thread: {error}"),
        }
    };
    engine.pool.lock().threads = readers.max(1);
    for number in 0..readers.max(1) {
        spawn(format!("hookfs-{number}"), STACK, Engine::serve_readers);
    }
    if engine.ahead {
        for number in 0..readers.saturating_sub(1).max(1) {
            spawn(format!("hookfs-ahead-{number}"), STACK, Engine::work_ahead);
        }
    }
    spawn("hookfs-changes".into(), 2 << 20, Engine::watch_changes);
    threads
}

/// Waits for threads to end, at most for `patience` in all; one that is still computing is left to the end of the
/// process.
pub(in crate::graph) fn join(threads: Vec<JoinHandle<()>>, patience: Duration) {
    let deadline = Instant::now() + patience;
    for thread in threads {
        while !thread.is_finished() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        if thread.is_finished() && thread.join().is_err() {
            tracing::error!("a thread of the graph panicked");
        }
    }
}

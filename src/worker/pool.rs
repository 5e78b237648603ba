//! The workers of a program: started when needed, kept for the next request, replaced when they die.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::process::{Break, Death, Worker};
use super::{Error, Kind, Launch, Post, Talk};

/// Requests that a worker is given before another takes its place: what leaks in it stays small.
const MOST_RUNS: u32 = 500;

/// Workers in a row that may die on one request, and not by a limit.
const ATTEMPTS: usize = 3;

/// Workers beyond one for each processor, so that one that takes long keeps no other request from being done.
const SPARE: usize = 2;

/// A request that has been done for so long counts no more among those that are done at the same time: it may be stuck, and
/// whoever comes next does not wait for its limit.
const PATIENCE: Duration = Duration::from_secs(1);

/// By how many times more requests of a kind are done at the same time, and at most, however long they take.
const MORE_RUNNING: usize = 4;
const MOST_RUNNING: usize = 64;

/// Requests that wait for an answer to their question at the same time: each has a process. An answer may take other
/// requests, and theirs others.
const MOST_ANSWERING: usize = 64;

/// All workers of a program, of all kinds. Each kind has as many as it may, whatever the others do.
pub struct Workers {
    launch: Launch,
    pub(super) most: usize,
    state: Mutex<State>,
    /// A worker has become free, or ended.
    freed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<(&'static str, Worker)>,
    /// Requests that are being done, by kind: since when.
    running: HashMap<&'static str, Vec<Instant>>,
    /// Those that wait for an answer, and take no processor.
    answering: usize,
}

impl State {
    fn running(&mut self, kind: &Kind) -> &mut Vec<Instant> {
        self.running.entry(kind.name).or_default()
    }

    fn stop(&mut self, kind: &Kind, since: Instant) {
        let running = self.running(kind);
        if let Some(at) = running.iter().position(|other| *other == since) {
            running.swap_remove(at);
        }
    }

    /// How long one more request has to wait, if none ends before; `None`: not at all. `most`: how many may be done that have
    /// not been for long.
    fn wait(&mut self, kind: &Kind, most: usize) -> Option<Duration> {
        let running = self.running(kind);
        let left = |since: &Instant| PATIENCE.checked_sub(since.elapsed());
        let mut new: Vec<Duration> = running.iter().filter_map(left).collect();
        if running.len() >= (most.max(1) * MORE_RUNNING).min(MOST_RUNNING) {
            return Some(PATIENCE);
        }
        new.sort_unstable();
        // That many have to end, or to take long.
        let surplus = (new.len() + 1).checked_sub(most.max(1))?;
        surplus.checked_sub(1).map(|last| new[last])
    }
}

/// The right to have a worker run, since when it does.
struct Slot<'a>(&'a Workers, &'a Kind, Instant);

impl Slot<'_> {
    /// Lets others run while a question is answered: what answers it may itself need one.
    fn leave(&self) -> Answering<'_> {
        let mut state = self.0.lock();
        state.stop(self.1, self.2);
        state.answering += 1;
        self.0.freed.notify_all();
        Answering(self)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.lock().stop(self.1, self.2);
        self.0.freed.notify_all();
    }
}

/// A request that waits for an answer.
struct Answering<'a>(&'a Slot<'a>);

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        let Slot(workers, kind, since) = self.0;
        let mut state = workers.lock();
        // It goes on at once: who waits for it must not wait for those that began since.
        state.running(kind).push(*since);
        state.answering -= 1;
    }
}

/// Nothing but answers.
struct Answers<'a>(&'a mut dyn FnMut(&[u8]) -> Vec<u8>);

impl Talk for Answers<'_> {
    fn answer(&mut self, question: &[u8]) -> Vec<u8> {
        (self.0)(question)
    }
}

/// Leaves the slot while it answers.
struct Leaving<'a> {
    slot: &'a Slot<'a>,
    talk: &'a mut dyn Talk,
}

impl Talk for Leaving<'_> {
    fn answer(&mut self, question: &[u8]) -> Vec<u8> {
        let _answering = self.slot.leave();
        self.talk.answer(question)
    }

    fn hear(&mut self, message: &[u8]) {
        self.talk.hear(message);
    }

    fn post(&self) -> Option<Arc<Post>> {
        self.talk.post()
    }

    fn rung(&mut self) {
        self.talk.rung();
    }

    fn stop(&mut self) -> bool {
        self.talk.stop()
    }
}

impl Workers {
    /// None yet.
    pub fn new(launch: Launch) -> Self {
        Self {
            launch,
            most: std::thread::available_parallelism().map_or(2, usize::from) + SPARE,
            state: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a worker do a request. `answer` answers what it asks; where a worker dies, another asks anew.
    ///
    /// # Errors
    /// [`Error`].
    pub fn run(
        &self,
        kind: &Kind,
        request: &[u8],
        answer: &mut dyn FnMut(&[u8]) -> Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        self.talk(kind, request, &mut Answers(answer))
    }

    /// The same, with whatever else is said meanwhile; until it is wanted no more: then the worker is killed.
    ///
    /// # Errors
    /// [`Error`].
    pub fn talk(&self, kind: &Kind, request: &[u8], talk: &mut dyn Talk) -> Result<Vec<u8>, Error> {
        let slot = self.slot(kind)?;
        let mut talk = Leaving { slot: &slot, talk };
        let mut last = String::new();
        let mut attempts = 0;
        while attempts < ATTEMPTS {
            let mut worker = self.take(kind)?;
            let was_used = worker.runs > 0;
            let broken = match worker.talk(request, &mut talk) {
                Ok(result) => {
                    self.keep(kind, worker);
                    return Ok(result);
                }
                Err(Break::Stopped) => return Err(Error::Stopped),
                Err(Break::Time(limit)) => return Err(Error::Time(limit)),
                Err(Break::Gone(error)) => error,
            };
            // What earlier requests have left behind is not this one's fault.
            match worker.post_mortem(&broken) {
                Death::Stack | Death::Memory if was_used && kind.repeats => continue,
                Death::Stack => return Err(Error::Stack),
                Death::Memory => return Err(Error::Memory(kind.memory)),
                Death::Other(cause) if !kind.repeats => return Err(Error::Died(cause)),
                Death::Other(_) if was_used => continue,
                Death::Other(cause) => {
                    tracing::warn!("a worker `{}` died: {cause}", kind.name);
                    last = cause;
                    attempts += 1;
                }
            }
        }
        Err(Error::Died(last))
    }

    fn slot<'a>(&'a self, kind: &'a Kind) -> Result<Slot<'a>, Error> {
        let mut state = self.lock();
        while let Some(wait) = state.wait(kind, self.most) {
            let woken = self.freed.wait_timeout(state, wait);
            (state, _) = woken.unwrap_or_else(PoisonError::into_inner);
        }
        if state.answering >= MOST_ANSWERING {
            return Err(Error::Crowded(MOST_ANSWERING));
        }
        let since = Instant::now();
        state.running(kind).push(since);
        Ok(Slot(self, kind, since))
    }

    /// One that is idle, or a new one.
    fn take(&self, kind: &Kind) -> Result<Worker, Error> {
        let mut found = None;
        let mut dead = Vec::new();
        {
            let mut state = self.lock();
            let mut at = 0;
            while at < state.idle.len() {
                if state.idle[at].1.is_dead() {
                    dead.push(state.idle.swap_remove(at));
                } else if found.is_none() && state.idle[at].0 == kind.name {
                    found = Some(state.idle.swap_remove(at).1);
                } else {
                    at += 1;
                }
            }
        }
        drop(dead);
        match found {
            Some(worker) => Ok(worker),
            None => Worker::start(&self.launch, kind).map_err(Error::Start),
        }
    }

    fn keep(&self, kind: &Kind, worker: Worker) {
        if worker.runs >= MOST_RUNS {
            return;
        }
        let mut state = self.lock();
        let of_kind = |(name, _): &&(&str, Worker)| *name == kind.name;
        if state.idle.iter().filter(of_kind).count() < self.most {
            state.idle.push((kind.name, worker));
            return;
        }
        // Dropped, and waited for, without the lock.
        drop(state);
        drop(worker);
    }
}

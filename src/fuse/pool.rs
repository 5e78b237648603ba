//! Threads for what may take long, so that the threads that read requests never wait.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::guard::guarded;

/// How long an idle thread stays.
const IDLE: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce() + Send>;

/// Threads that come on demand up to a limit and go when idle. A job that finds all of them busy waits for one.
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

struct Shared {
    name: &'static str,
    limit: usize,
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    /// A pool of at most `limit` threads.
    pub fn new(name: &'static str, limit: usize) -> Self {
        Self(Arc::new(Shared {
            name,
            limit,
            state: Mutex::default(),
            arrived: Condvar::new(),
        }))
    }

    /// Whether no job waits or runs.
    pub fn is_quiet(&self) -> bool {
        let state = self.0.state();
        state.jobs.is_empty() && state.idle == state.threads
    }

    /// Runs `job` on a thread of the pool.
    pub fn run(&self, job: impl FnOnce() + Send + 'static) {
        let mut state = self.0.state();
        state.jobs.push_back(Box::new(job));
        if state.idle >= state.jobs.len() {
            drop(state);
            self.0.arrived.notify_one();
            return;
        }
        if state.threads >= self.0.limit {
            return;
        }
        state.threads += 1;
        drop(state);
        let shared = self.0.clone();
        let spawned = std::thread::Builder::new()
            .name(self.0.name.into())
            .spawn(move || work(&shared));
        if let Err(cause) = spawned {
            tracing::warn!("cannot start a thread: {cause}");
            let mut state = self.0.state();
            state.threads -= 1;
            // With no other thread to come to it, the job is done here.
            let job = match state.threads {
                0 => state.jobs.pop_back(),
                _ => None,
            };
            drop(state);
            if let Some(job) = job {
                job();
            }
        }
    }
}

fn work(shared: &Shared) {
    let mut state = shared.state();
    loop {
        if let Some(job) = state.jobs.pop_front() {
            drop(state);
            guarded(job);
            state = shared.state();
            continue;
        }
        state.idle += 1;
        let waited = shared.arrived.wait_timeout(state, IDLE);
        let (again, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        state = again;
        state.idle -= 1;
        if timeout.timed_out() && state.jobs.is_empty() {
            state.threads -= 1;
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::unbounded;

    const DEADLINE: Duration = Duration::from_secs(60);

    #[test]
    fn a_slow_job_holds_up_no_other() {
        let pool = Pool::new("test", 2);
        let (release, released) = unbounded::<()>();
        let (done, finished) = unbounded();
        pool.run(move || {
            let _ = released.recv();
        });
        for n in 0..100 {
            let done = done.clone();
            pool.run(move || {
                let _ = done.send(n);
            });
        }
        for n in 0..100 {
            assert_eq!(finished.recv_timeout(DEADLINE), Ok(n));
        }
        assert!(!pool.is_quiet());
        drop(release);
        let start = std::time::Instant::now();
        while !pool.is_quiet() {
            assert!(start.elapsed() < DEADLINE);
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_panic_costs_no_thread() {
        let pool = Pool::new("test", 1);
        let (done, finished) = unbounded();
        pool.run(|| panic!("a job"));
        pool.run(move || {
            let _ = done.send(());
        });
        assert_eq!(finished.recv_timeout(DEADLINE), Ok(()));
    }
}

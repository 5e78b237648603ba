//! Turns of programs that take long to load. A run that waits for an answer takes no processor, and a worker less is busy; were
//! the next one begun meanwhile, each of a hundred sheets would load the tool for itself. So few run at a time, one for each
//! processor, and the engines of these serve the others.

use std::cell::Cell;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Whoever has waited for so long while no run has ended begins: what runs may wait for what waits here. Turns save work, and
/// nothing depends on them.
const PATIENCE: Duration = Duration::from_secs(10);

thread_local! {
    /// Whether this thread is at a run: what that asks for is not to wait for it to end.
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// See the module.
pub(in crate::runnable) struct Turns {
    most: usize,
    patience: Duration,
    /// How many run of each program.
    running: Mutex<HashMap<String, usize>>,
    ended: Condvar,
}

impl Default for Turns {
    fn default() -> Self {
        let most = std::thread::available_parallelism().map_or(2, usize::from);
        Self::new(most, PATIENCE)
    }
}

impl Turns {
    fn new(most: usize, patience: Duration) -> Self {
        Self {
            most,
            patience,
            running: Mutex::default(),
            ended: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn of the program. `None`: the thread has one.
    pub(super) fn take<'a>(&'a self, program: &'a str) -> Option<Turn<'a>> {
        if IS_RUNNING.replace(true) {
            return None;
        }
        let is_full = |running: &HashMap<String, usize>| {
            running.get(program).is_some_and(|of| *of >= self.most)
        };
        let mut running = self.lock();
        while is_full(&running) {
            // Each run that ends wakes those that wait.
            let waited = self.ended.wait_timeout(running, self.patience);
            let (next, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            running = next;
            if timeout.timed_out() {
                break;
            }
        }
        *running.entry(program.to_owned()).or_default() += 1;
        Some(Turn {
            turns: self,
            program,
            of_thread: PhantomData,
        })
    }
}

/// The right to run, until it goes.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    program: &'a str,
    /// It stays on its thread.
    of_thread: PhantomData<*const ()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        IS_RUNNING.set(false);
        let mut running = self.turns.lock();
        if let Some(of) = running.get_mut(self.program) {
            *of -= 1;
            if *of == 0 {
                running.remove(self.program);
            }
        }
        drop(running);
        self.turns.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn few_of_a_program_run_at_a_time() {
        let turns = Turns::new(2, LONG);
        let (running, most, others) = (
            AtomicUsize::new(0),
            AtomicUsize::new(0),
            AtomicUsize::new(0),
        );
        let _of_another = turns.take("b");
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let turn = turns.take("a");
                    most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                    // What a run asks for has no turn of its own, and needs none.
                    others.fetch_add(usize::from(turns.take("a").is_none()), SeqCst);
                    running.fetch_sub(1, SeqCst);
                    drop(turn);
                });
            }
        });
        assert!((1..=2).contains(&most.load(SeqCst)));
        assert_eq!(others.load(SeqCst), 16);
        assert_eq!(turns.lock().len(), 1);
    }

    #[test]
    fn nobody_waits_for_what_does_not_end() {
        let turns = Turns::new(1, Duration::from_millis(1));
        let _first = turns.take("a");
        thread::scope(|scope| scope.spawn(|| drop(turns.take("a"))).join()).unwrap();
    }
}

//! What was put and is not on disk yet: visible at once, bounded in bytes.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use crossbeam_channel::Sender;

use super::super::StoreError;
use super::entry::Id;
use crate::base::QuickMap;

/// A batch is written once nothing was put for so long: many puts share one transaction, and whoever computes what is
/// put has the processors for itself meanwhile.
const QUIET: Duration = Duration::from_millis(20);
/// The longest that a batch waits for such a pause: what a kill takes away.
const LINGER: Duration = Duration::from_secs(1);
const BATCH_JOBS: usize = 4096;
/// What a job takes beside its bytes.
const OVERHEAD: usize = 128;

/// One put, or, without bytes, the removal of what was found damaged.
pub(super) struct Job {
    pub(super) id: Id,
    pub(super) bytes: Option<Bytes>,
    sequence: u64,
}

impl Job {
    fn cost(&self) -> usize {
        self.bytes.as_ref().map_or(0, Bytes::len) + OVERHEAD
    }
}

/// Something to do between batches, for somebody who waits.
pub(super) enum Control {
    Flush(Sender<()>),
    Prune(u64, Sender<Result<u64, StoreError>>),
    Clear(Sender<Result<u64, StoreError>>),
}

/// What the writer is to do next.
#[derive(Default)]
pub(super) struct Work {
    pub(super) batch: Vec<Job>,
    /// Nothing comes after this batch.
    pub(super) last: bool,
    /// The store is being closed.
    pub(super) stop: bool,
}

/// The queue between everybody and the writer.
pub(super) struct Queue {
    limit: usize,
    /// Bytes that are written at once: the database grows by that before anything is evicted.
    batch: usize,
    inner: Mutex<Inner>,
    work: Condvar,
    space: Condvar,
}

#[derive(Default)]
struct Inner {
    jobs: VecDeque<Job>,
    /// Of all jobs, those that the writer has in hand included.
    bytes: usize,
    pending: QuickMap<Id, (u64, Bytes)>,
    controls: VecDeque<(u64, Control)>,
    sequence: u64,
    /// The disk refused the last batch: puts don't wait, the oldest are dropped instead.
    failing: bool,
    woken: bool,
    stop: bool,
    /// The writer waits for the first put: only that one has to wake it.
    idle: bool,
}

impl Queue {
    pub(super) fn new(limit: usize, batch: usize) -> Self {
        Self {
            limit,
            batch,
            inner: Mutex::default(),
            work: Condvar::new(),
            space: Condvar::new(),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was put under `id` and is not on disk yet.
    pub(super) fn pending(&self, id: &Id) -> Option<Bytes> {
        self.inner().pending.get(id).map(|(_, bytes)| bytes.clone())
    }

    pub(super) fn is_pending(&self, id: &Id) -> bool {
        self.inner().pending.contains_key(id)
    }

    /// Puts; waits for space where the disk is slower than the puts.
    pub(super) fn put(&self, id: Id, bytes: Bytes) {
        let mut inner = self.inner();
        // A blob that waits already is the same bytes.
        if id.hash().is_some() && inner.pending.contains_key(&id) {
            return;
        }
        let cost = bytes.len() + OVERHEAD;
        while inner.bytes > 0 && inner.bytes + cost > self.limit {
            if inner.failing || inner.stop {
                if !inner.drop_oldest() {
                    break;
                }
            } else {
                inner = self
                    .space
                    .wait(inner)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
        inner.push(id, Some(bytes));
        let wanted = std::mem::take(&mut inner.idle) || inner.bytes >= self.limit / 2;
        drop(inner);
        if wanted {
            self.work.notify_one();
        }
    }

    /// Asks for the removal of what was found damaged under `id`.
    pub(super) fn remove(&self, id: Id) {
        self.inner().push(id, None);
        self.work.notify_one();
    }

    /// Asks for `control` after all that was put before it.
    pub(super) fn control(&self, control: Control) {
        let mut inner = self.inner();
        let sequence = inner.sequence;
        // With the writer gone nobody would answer; whoever waits sees the sender dropped.
        if inner.stop {
            return;
        }
        inner.controls.push_back((sequence, control));
        drop(inner);
        self.work.notify_one();
    }

    /// Lets the writer look at the state of things.
    pub(super) fn wake(&self) {
        self.inner().woken = true;
        self.work.notify_one();
    }

    /// Lets the writer finish what is queued and end; puts after this are dropped when the queue is full.
    pub(super) fn stop(&self) {
        self.inner().stop = true;
        self.work.notify_one();
        self.space.notify_all();
    }

    /// Waits for work; while the disk refuses, only until `retry`.
    pub(super) fn next(&self, retry: Option<Instant>) -> Work {
        let mut inner = self.inner();
        // Since when there is something to write, and the last put at the last look.
        let mut lingers: Option<(Instant, u64)> = None;
        loop {
            let urgent = inner.woken || inner.stop || !inner.controls.is_empty();
            let now = Instant::now();
            let due = retry.is_none_or(|retry| retry <= now);
            let ready = !inner.jobs.is_empty() && due;
            let (since, last) = lingers.unwrap_or((now, 0));
            let waited = last == inner.sequence || now - since >= LINGER;
            if urgent || ready && (waited || inner.bytes >= self.limit / 2) {
                break;
            }
            inner = if ready {
                lingers = Some((since, inner.sequence));
                self.wait(inner, QUIET)
            } else if let Some(retry) = retry.filter(|retry| *retry > now) {
                self.wait(inner, retry - now)
            } else {
                inner.idle = true;
                let mut woken = self
                    .work
                    .wait(inner)
                    .unwrap_or_else(PoisonError::into_inner);
                woken.idle = false;
                woken
            };
        }
        inner.woken = false;
        Work {
            batch: inner.take_batch(self.batch),
            last: inner.stop && inner.jobs.is_empty(),
            stop: inner.stop,
        }
    }

    fn wait<'a>(&'a self, inner: MutexGuard<'a, Inner>, time: Duration) -> MutexGuard<'a, Inner> {
        let waited = self.work.wait_timeout(inner, time);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// The batch is on disk.
    pub(super) fn done(&self, batch: Vec<Job>) {
        let mut inner = self.inner();
        inner.failing = false;
        for job in &batch {
            inner.forget(job);
        }
        drop(inner);
        self.space.notify_all();
    }

    /// The batch is not on disk: it stays first in the queue, and visible.
    pub(super) fn failed(&self, batch: Vec<Job>) {
        let mut inner = self.inner();
        inner.failing = true;
        for job in batch.into_iter().rev() {
            inner.jobs.push_front(job);
        }
        drop(inner);
        self.space.notify_all();
    }

    /// The controls before which all puts were written, or tried where the disk refuses.
    pub(super) fn take_controls(&self) -> Vec<(u64, Control)> {
        let mut inner = self.inner();
        let front = inner.jobs.front().map_or(u64::MAX, |job| job.sequence);
        let mut taken = Vec::new();
        while let Some((sequence, _)) = inner.controls.front() {
            if *sequence >= front && !inner.failing {
                break;
            }
            taken.extend(inner.controls.pop_front());
        }
        taken
    }

    /// Drops all that was put up to `sequence` and not written.
    pub(super) fn clear(&self, sequence: u64) {
        let mut inner = self.inner();
        while inner
            .jobs
            .front()
            .is_some_and(|job| job.sequence <= sequence)
        {
            inner.drop_oldest();
        }
        drop(inner);
        self.space.notify_all();
    }

    /// The writer is gone: puts never wait again.
    pub(super) fn abandon(&self) {
        let mut inner = self.inner();
        inner.stop = true;
        inner.failing = true;
        inner.controls.clear();
        drop(inner);
        self.space.notify_all();
    }
}

impl Inner {
    fn push(&mut self, id: Id, bytes: Option<Bytes>) {
        self.sequence += 1;
        let sequence = self.sequence;
        if let Some(bytes) = &bytes {
            self.pending.insert(id.clone(), (sequence, bytes.clone()));
        }
        let job = Job {
            id,
            bytes,
            sequence,
        };
        self.bytes += job.cost();
        self.jobs.push_back(job);
    }

    fn take_batch(&mut self, most: usize) -> Vec<Job> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < BATCH_JOBS && bytes < most {
            let Some(job) = self.jobs.pop_front() else {
                break;
            };
            bytes += job.cost();
            batch.push(job);
        }
        batch
    }

    fn forget(&mut self, job: &Job) {
        self.bytes = self.bytes.saturating_sub(job.cost());
        let latest = self.pending.get(&job.id).map(|(sequence, _)| *sequence);
        if job.bytes.is_some() && latest == Some(job.sequence) {
            self.pending.remove(&job.id);
        }
    }

    fn drop_oldest(&mut self) -> bool {
        let Some(job) = self.jobs.pop_front() else {
            return false;
        };
        self.forget(&job);
        true
    }
}

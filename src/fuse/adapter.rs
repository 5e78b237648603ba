//! What serves the kernel's requests. What may take long moves to a pool with its reply, so that the threads that read requests
//! are always there for the next one.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};

use fuser::{INodeNo, Notifier, ReplyEmpty};

use super::opening::Shared;
use super::pool::Pool;
use super::reply::empty;
use super::waiters::Waiters;
use crate::fs::source::SourceFs;
use crate::fs::types::Result;
use crate::fs::{Fs, is_computed};

/// How many readers may wait for computations at a time, and how many source operations for a disk.
const COMPUTED_WAITERS: usize = 64;
const SOURCE_WAITERS: usize = 16;

/// What the kernel talks to.
pub struct Adapter {
    pub(super) shared: Arc<Shared>,
    computed: Pool,
    source: Pool,
    pub(super) waiters: Waiters,
}

impl Adapter {
    pub fn new(fs: Arc<Fs>) -> Self {
        Self {
            shared: Arc::new(Shared {
                fs,
                passthrough: Arc::default(),
                notifier: Arc::default(),
                handing: Mutex::default(),
            }),
            computed: Pool::new("computed", COMPUTED_WAITERS),
            source: Pool::new("source", SOURCE_WAITERS),
            waiters: Waiters::default(),
        }
    }

    /// Whether the kernel offers passthrough, known when it is mounted; and whether it is used, told before the first
    /// request.
    pub fn passthrough_flag(&self) -> Arc<AtomicBool> {
        self.shared.passthrough.clone()
    }

    /// Where the way to tell the kernel something is put, once there is one.
    pub fn notifier(&self) -> Arc<OnceLock<Notifier>> {
        self.shared.notifier.clone()
    }

    /// The threads on which requests take long, to ask them whether any is under way.
    pub fn pools(&self) -> [Pool; 2] {
        [self.computed.clone(), self.source.clone()]
    }

    pub(super) fn fs(&self) -> &Fs {
        &self.shared.fs
    }

    /// Runs `job` on the pool of the side that `ino` belongs to.
    pub(super) fn later(&self, ino: INodeNo, job: impl FnOnce(&Shared) + Send + 'static) {
        let shared = self.shared.clone();
        let pool = match is_computed(ino.0) {
            true => &self.computed,
            false => &self.source,
        };
        pool.run(move || job(&shared));
    }

    /// The same for what only sources have; EROFS for an output.
    pub(super) fn later_source(
        &self,
        ino: INodeNo,
        reply: ReplyEmpty,
        job: impl FnOnce(&SourceFs) -> Result<()> + Send + 'static,
    ) {
        self.later(ino, move |shared| {
            empty(shared.fs.writable(ino.0).and_then(job), reply);
        });
    }
}

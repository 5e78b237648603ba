//! Work that may not end, or end the process: done by processes of the same program, which are killed at a limit.
//!
//! A worker is the program itself, started anew with a hidden argument (`hookfs --worker sass`). It is started when it is
//! first needed, and kept for the next request. It does no I/O but on one socket, its standard input: a request comes in,
//! it may ask, and it gives its result. What it asks is answered by the computation that waits for it, through the
//! computation's context; so nothing is read that is not recorded. Besides questions and answers there are messages, both
//! ways, that nobody waits for: a worker that lives long does many things at a time.
//!
//! - A worker that takes longer than it may is killed, and the request fails with [`Error::Time`].
//! - One that dies by what the request made it do, a stack or memory that ran out, fails it with [`Error::Stack`] or
//!   [`Error::Memory`].
//! - One that dies for any other reason is replaced, and the request done again where its kind [repeats](Kind::repeats).
//! - Its parent's end, however that comes, closes the socket; a thread of the worker sees that and ends it.
//! - It inherits no descriptor but the socket, and stands in `/`, so that it keeps no mount busy. Whoever drops a worker
//!   kills and reaps it.

mod buffer;
mod frame;
mod pool;
mod post;
mod process;
mod serve;
#[cfg(test)]
pub(crate) mod tests;
mod wait;
mod words;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use pool::Workers;
pub use post::Post;
pub use serve::{Asking, Work, serve};

/// The first argument of a program that is to be a worker; the kind's name follows.
pub const ARGUMENT: &str = "--worker";

/// A kind of work, with what one request of it may take.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What the worker is told to be.
    pub name: &'static str,
    /// Processor time, of the whole request, or since its last beat where it tells that it goes on.
    pub cpu: Duration,
    /// Time that passes while the worker is waited for. More than `cpu`: other programs run, too.
    pub wall: Duration,
    /// Bytes of memory, beyond those of a worker that does nothing.
    pub memory: u64,
    /// Bytes of the stack.
    pub stack: usize,
    /// Whether a request may be done again where the worker has died of no limit. Not where others have seen what it did.
    pub repeats: bool,
    /// Whether its time zone and language are those of the environment ([`LOCAL`]); UTC and none, where others must not see them.
    pub is_local: bool,
}

/// The variables of the environment by which a time zone and a language are chosen.
pub const LOCAL: [&str; 4] = ["TZ", "LC_ALL", "LC_MESSAGES", "LANG"];

/// Why a request has no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It took longer than it may.
    #[error("it ran longer than {} s", .0.as_secs())]
    Time(Duration),
    /// It took more memory than it may, in bytes.
    #[error("it took more than {} MiB of memory", .0 >> 20)]
    Memory(u64),
    /// Its stack ran out.
    #[error("it recursed too deeply: the stack ran out")]
    Stack,
    /// So many requests wait already for what others of them give.
    #[error("more than {0} scripts wait for one another")]
    Crowded(usize),
    /// The worker died, and not by a limit; so did those that took its place, if any.
    #[error("its worker died: {0}")]
    Died(String),
    /// Whoever waited for it wanted it no more.
    #[error("it was ended")]
    Stopped,
    /// No worker could be started.
    #[error("its worker could not be started: {0}")]
    Start(#[source] io::Error),
}

/// What the parent of a request does while a worker works on it.
pub trait Talk {
    /// Answers a question; the worker waits meanwhile.
    fn answer(&mut self, question: &[u8]) -> Vec<u8>;

    /// Takes a message, to which there is no answer.
    fn hear(&mut self, _message: &[u8]) {}

    /// Where messages for the worker come from.
    fn post(&self) -> Option<Arc<Post>> {
        None
    }

    /// The bell of the post has rung; called before what was sent goes out, and once at the beginning.
    fn rung(&mut self) {}

    /// Whether the request is wanted no more. Asked now and then.
    fn stop(&mut self) -> bool {
        false
    }
}

/// How a worker is started.
#[derive(Clone, Debug)]
pub struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
    /// A variable of its environment that names the kind, instead of the arguments.
    variable: Option<&'static str>,
}

impl Launch {
    /// The running program, whose `main` knows [`ARGUMENT`]. Its file may have been replaced meanwhile; this is the one
    /// that runs.
    pub fn of_this_program() -> Self {
        Self::of("/proc/self/exe".into())
    }

    /// Another program whose `main` knows [`ARGUMENT`].
    pub fn of(program: PathBuf) -> Self {
        Self {
            program,
            arguments: Vec::new(),
            variable: None,
        }
    }
}

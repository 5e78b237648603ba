//! The conversation between the commands and the daemon of a source: a Unix socket in the state folder.
//!
//! Both sides bound what they read, and whatever comes that is no message ends the conversation and nothing else.

mod client;
mod frame;
mod server;

pub use client::{Client, Speaker};
pub use server::{Answering, Backend, Server};

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::config::Asked;
use super::error::{Error, Result, Status};
use super::service::{CacheSize, Item, Named};
use crate::base::{Diagnostic, SourcePath};
use crate::http::{Fault, Head};

/// The name of the socket in the state folder.
const SOCKET: &str = "control.sock";

/// The longest message: a listing of a hundred thousand names fits.
const LONGEST: usize = 64 << 20;

/// The most bytes of an open file that one frame brings.
const PIECE: usize = 1 << 20;

/// The longest question: a path or two and the definitions. What a page says is no longer.
const LONGEST_REQUEST: usize = 5 << 20;

/// The longest message to a page: all modules of a large one.
const LONGEST_UPDATE: usize = 1 << 30;

/// What a command asks.
#[derive(Debug, Serialize, Deserialize)]
enum Request {
    /// The first message: which options the rest is about.
    Options(Asked),
    Describe(SourcePath),
    List(SourcePath),
    Entries,
    /// Answered by [`Answer::Bytes`], and then raw frames, an empty one last.
    Read(SourcePath),
    /// Opens a file, and closes the one before; a frame with its first bytes follows.
    Open(SourcePath),
    /// So many bytes of the open file from there on, as a frame after [`Answer::Bytes`].
    Part(u64, u32),
    Bytecode(Option<SourcePath>),
    Revision,
    Report(SourcePath),
    Problems,
    Status,
    Cache,
    Prune(u64),
    Clear,
    /// After [`Answer::Done`] what follows are messages of a page and to it, in raw frames, until either side ends it.
    Hot,
    /// Unmount and end.
    Stop,
}

/// What a path leads to.
#[derive(Debug, Serialize, Deserialize)]
pub enum Leading {
    /// A file.
    File(Head),
    /// A folder.
    Folder,
    /// Nothing.
    Nowhere,
}

/// What the daemon answers.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    Done,
    Named(Named),
    Items(Vec<Item>),
    Entries(Vec<SourcePath>),
    Bytes,
    /// A file's first bytes follow.
    Leading(Leading),
    Bytecode(Option<Vec<u8>>),
    Revision(Option<u64>),
    Problems(Vec<Diagnostic>),
    Value(serde_json::Value),
    Cache(CacheSize),
    Freed(u64),
    Refused(Refusal),
}

/// An error on its way to the command that asked.
#[derive(Debug, Serialize, Deserialize)]
enum Refusal {
    Diagnostics(Vec<Diagnostic>),
    NoFile(String),
    Internal(String),
    Files(String),
    Environment(String),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Diagnostics(diagnostics) => Self::Diagnostics(diagnostics),
            Error::NoFile(path) => Self::NoFile(path),
            Error::Internal(text) => Self::Internal(text),
            other => match other.status() {
                Status::Files => Self::Files(other.to_string()),
                _ => Self::Environment(other.to_string()),
            },
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Missing => Self::NoFile(String::new()),
            Fault::Diagnostics(diagnostics) => Self::Diagnostics(diagnostics),
            Fault::Told(text) => Self::Files(text),
            Fault::Other(text) => Self::Environment(text),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let computation = |message, status| Self::Computation { message, status };
        match refusal {
            Refusal::Diagnostics(diagnostics) => Self::Diagnostics(diagnostics),
            Refusal::NoFile(path) => Self::NoFile(path),
            Refusal::Internal(text) => Self::Internal(text),
            Refusal::Files(text) => computation(text, Status::Files),
            Refusal::Environment(text) => computation(text, Status::Environment),
        }
    }
}

/// A path to the socket that fits a socket address whatever the length of the state folder's path (`sun_path` has 108
/// bytes, unix(7)): through an open descriptor of the folder, which must outlive the use of the path.
fn short_path(state: &Path) -> Result<(File, PathBuf)> {
    let folder = File::open(state).map_err(Error::io("open", state))?;
    let path = PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd()));
    Ok((folder, path))
}

#[cfg(test)]
mod tests;

//! The conversation between the commands and the daemon of a source: a Unix socket in the state folder.
//!
//! Both sides bound what they read, and whatever comes that is no message ends the conversation and nothing else.

mod client;
mod frame;
mod server;

pub use client::Client;
pub use server::{Backend, Server};

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::config::Options;
use super::error::{Error, Result, Status};
use super::service::{CacheSize, Item, Named};
use crate::base::{Diagnostic, SourcePath};

/// The name of the socket in the state folder.
const SOCKET: &str = "control.sock";

/// The longest message: a listing of a hundred thousand names fits.
const LONGEST: usize = 64 << 20;

/// The longest question: a path or two and the definitions.
const LONGEST_REQUEST: usize = 1 << 20;

/// What a command asks.
#[derive(Debug, Serialize, Deserialize)]
enum Request {
    /// The first message: which options the rest is about (none: those of the mount).
    Options(Option<Options>),
    Describe(SourcePath),
    List(SourcePath),
    Entries,
    /// Answered by [`Answer::Bytes`], and then raw frames, an empty one last.
    Read(SourcePath),
    Report(SourcePath),
    Status,
    Cache,
    Prune(u64),
    Clear,
    /// Unmount and end.
    Stop,
}

/// What the daemon answers.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    Done,
    Named(Named),
    Items(Vec<Item>),
    Entries(Vec<SourcePath>),
    Bytes,
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

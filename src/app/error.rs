//! What can go wrong outside the user's source files, and the exit status that each ends in.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::config::cause_text;
use crate::base::Diagnostic;
use crate::compute::Failure;
use crate::fuse::MountError;
use crate::store::StoreError;

/// The exit statuses of the program, as the README documents them. 2 and 70 are those of clap and of sysexits(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Everything asked for was done.
    Done = 0,
    /// The user's files have errors.
    Files = 1,
    /// The command line is wrong: an unknown option, a source that is not there.
    Usage = 2,
    /// The machine or the state of things is in the way: no `/dev/fuse`, a busy mount, a full disk.
    Environment = 3,
    /// hookfs itself is at fault (`EX_SOFTWARE`).
    Internal = 70,
}

/// An error of the program.
#[derive(Debug, Error)]
pub enum Error {
    /// The source folder can't be used.
    #[error("cannot use `{}` as the source: {reason}", path.display())]
    Source {
        /// As the user wrote it.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// An argument is out of its range.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The folder to build into can't be used.
    #[error("cannot build into `{}`: {reason}", path.display())]
    Target {
        /// As the user wrote it.
        path: PathBuf,
        /// Why.
        reason: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// Another process holds the state folder.
    #[error("the state folder `{}` is in use by process {pid}", state.display())]
    Locked {
        /// The state folder.
        state: PathBuf,
        /// Who, as far as it says.
        pid: String,
    },
    /// Neither `--state` nor the environment say where the state belongs.
    #[error("no place for the state folder: neither XDG_CACHE_HOME nor HOME is an absolute path")]
    NoStateHome,
    /// A file or folder could not be worked with.
    #[error("cannot {action} `{}`: {}", path.display(), cause_text(cause))]
    Io {
        /// `open`, `write` …
        action: &'static str,
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The store could not be opened or worked with.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing was mounted or unmounted.
    #[error(transparent)]
    Mount(#[from] MountError),
    /// The daemon in the background ended before its mount was ready.
    #[error("{message}")]
    Daemon {
        /// All that it said.
        message: String,
        /// The status it ended with.
        status: Status,
    },
    /// No hookfs is mounted there.
    #[error("nothing of hookfs is mounted at `{}`", .0.display())]
    NotMounted(PathBuf),
    /// The daemon of a mount is gone.
    #[error("the daemon of the mount at `{}` is gone", .0.display())]
    DeadMount(PathBuf),
    /// No daemon serves the source.
    #[error("no daemon serves `{}`", .0.display())]
    NoDaemon(PathBuf),
    /// The conversation with the daemon broke.
    #[error("cannot talk to the daemon: {0}")]
    Conversation(String),
    /// No such file under `/~@/`.
    #[error("no such file `{0}`")]
    NoFile(String),
    /// An output that is not there because of the user's files.
    #[error("{}", Diagnostic::render_all(.0))]
    Diagnostics(Vec<Diagnostic>),
    /// What a computation said that is no diagnostic.
    #[error("{message}")]
    Computation {
        /// The text.
        message: String,
        /// The status that it leads to.
        status: Status,
    },
    /// hookfs is at fault.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// An I/O error with what was tried.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Io {
            action,
            path,
            cause,
        }
    }

    /// The status that the process ends with.
    pub fn status(&self) -> Status {
        match self {
            Self::Diagnostics(_) | Self::NoFile(_) => Status::Files,
            Self::Source { .. } | Self::Usage { .. } | Self::Target { .. } => Status::Usage,
            Self::Mount(
                MountError::Source { .. }
                | MountError::SourceNotDirectory(_)
                | MountError::MountPoint { .. }
                | MountError::NotDirectory(_)
                | MountError::NotEmpty(_)
                | MountError::AlreadyMounted { .. }
                | MountError::OverSource { .. },
            ) => Status::Usage,
            Self::Mount(_) => Status::Environment,
            Self::Computation { status, .. } | Self::Daemon { status, .. } => *status,
            Self::Internal(_) => Status::Internal,
            Self::Locked { .. }
            | Self::NoStateHome
            | Self::Io { .. }
            | Self::Store(_)
            | Self::NotMounted(_)
            | Self::DeadMount(_)
            | Self::NoDaemon(_)
            | Self::Conversation(_) => Status::Environment,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Mount(error) => return error.hint(),
            Self::Usage { hint, .. } => return hint.clone(),
            Self::Target { hint, .. } => (*hint).to_owned(),
            Self::Locked { .. } => {
                "one daemon serves a state folder; stop that one, or give another with --state DIR"
                    .into()
            }
            Self::NoStateHome => "set HOME, or give a folder with --state DIR".into(),
            Self::NotMounted(_) => "`findmnt -t fuse.hookfs` lists what is mounted".into(),
            Self::DeadMount(path) => format!("hookfs unmount {}", path.display()),
            Self::NoDaemon(path) => format!("hookfs mount {} MNT", path.display()),
            Self::NoFile(_) => {
                "the names are those under `/~@/` of a mount, such as `/main.tsx`".into()
            }
            Self::Internal(_) => "this is a fault of hookfs; please report it with the log".into(),
            _ => return None,
        })
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let message = failure.to_string();
        match failure {
            Failure::Diagnostics(diagnostics)
            | Failure::Limit(diagnostics)
            | Failure::Cycle(diagnostics, _) => Self::Diagnostics(diagnostics.to_vec()),
            Failure::Missing(path) => Self::NoFile(path.to_string()),
            Failure::Input(_) => Self::Computation {
                message,
                status: Status::Environment,
            },
            Failure::Internal(text) => Self::Internal(text),
        }
    }
}

/// What everything here gives.
pub type Result<T> = std::result::Result<T, Error>;

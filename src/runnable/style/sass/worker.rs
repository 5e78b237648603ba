//! What runs in the worker: `grass`, on files that the parent has; and what the two say to each other.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use grass_compiler::{ErrorKind, Fs, NullLogger, Options};
use serde::{Deserialize, Serialize};

use crate::base::SourcePath;
use crate::worker::Asking;

/// What Sass asks of the tree.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Question {
    IsDirectory(Name),
    IsFile(Name),
    Read(Name),
    Canonical(Name),
}

/// A path as `grass` sees it, in bytes: not every one is text.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Name(Vec<u8>);

impl From<&Path> for Name {
    fn from(path: &Path) -> Self {
        Self(path.as_os_str().as_bytes().to_vec())
    }
}

impl Name {
    pub(super) fn path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.0))
    }
}

/// What it is told.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Is(bool),
    Bytes(Vec<u8>),
    Path(Name),
    /// There is no such file.
    Nothing,
}

/// What is wrong with a style sheet.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Fault {
    pub message: String,
    /// The file as `grass` calls it, line and column from 1.
    pub place: Option<(String, u32, u32)>,
}

/// The CSS.
pub(super) type Compiled = Result<String, Fault>;

/// Compiles the file whose path is the request.
pub fn work(request: &[u8], asking: &Asking) -> Vec<u8> {
    let compiled: Compiled = match SourcePath::parse(request) {
        Ok(path) => catch_unwind(AssertUnwindSafe(|| compile(&path, asking)))
            .unwrap_or_else(|panic| Err(panicked(panic.as_ref()))),
        Err(error) => Err(Fault {
            message: error.to_string(),
            place: None,
        }),
    };
    // Plain data in memory; what could not be encoded could not be decoded, which the parent says.
    postcard::to_allocvec(&compiled).unwrap_or_default()
}

fn compile(path: &SourcePath, asking: &Asking) -> Compiled {
    let files = Remote(asking);
    let options = Options::default()
        .fs(&files)
        .logger(&NullLogger)
        .unicode_error_messages(false)
        .allows_charset(false);
    grass_compiler::from_path(super::absolute(path), &options).map_err(|error| match error.kind() {
        ErrorKind::ParseError { message, loc, .. } => {
            let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).saturating_add(1);
            let (line, column) = (number(loc.begin.line), number(loc.begin.column));
            let place = Some((loc.file.name().to_owned(), line, column));
            Fault { message, place }
        }
        other => {
            let message = match other {
                ErrorKind::FromUtf8Error(_) => "a file that it loads is not valid UTF-8".to_owned(),
                ErrorKind::IoError(error) => error.to_string(),
                other => format!("{other:?}"),
            };
            Fault {
                message,
                place: None,
            }
        }
    })
}

/// `grass` gave up on what it does not know.
fn panicked(panic: &(dyn std::any::Any + Send)) -> Fault {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason is known");
    Fault {
        message: format!("the Sass compiler can't compile this: {text}"),
        place: None,
    }
}

/// The parent's files.
struct Remote<'a>(&'a Asking);

impl fmt::Debug for Remote<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the parent's files")
    }
}

impl Remote<'_> {
    fn ask(&self, question: &Question) -> Answer {
        let Ok(question) = postcard::to_allocvec(question) else {
            return Answer::Nothing;
        };
        postcard::from_bytes(&self.0.ask(&question)).unwrap_or(Answer::Nothing)
    }
}

impl Fs for Remote<'_> {
    fn is_dir(&self, path: &Path) -> bool {
        matches!(
            self.ask(&Question::IsDirectory(path.into())),
            Answer::Is(true)
        )
    }

    fn is_file(&self, path: &Path) -> bool {
        matches!(self.ask(&Question::IsFile(path.into())), Answer::Is(true))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.ask(&Question::Read(path.into())) {
            Answer::Bytes(bytes) => Ok(bytes),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        match self.ask(&Question::Canonical(path.into())) {
            Answer::Path(real) => Ok(real.path().to_path_buf()),
            _ => Ok(path.to_path_buf()),
        }
    }
}

//! Sass, by `grass` in a worker process, on the tree: each file it looks for is asked for through the context, absent ones
//! too. A style sheet is a program, which may loop, recurse and hoard.

mod color;
mod files;
#[cfg(test)]
mod tests;
mod worker;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::fault;
use crate::base::{Location, SourcePath};
use crate::compute::{Context, Failure};
use crate::runnable::all::Runnable;
use crate::runnable::made::Made;
use crate::worker::{Error, Kind};

use files::Files;
use worker::{Answer, Compiled, Fault, Question};

pub use worker::work;

/// What a style sheet may take.
pub const KIND: Kind = Kind {
    name: "sass",
    cpu: Duration::from_secs(10),
    wall: Duration::from_secs(30),
    memory: 1 << 30,
    stack: 64 << 20,
    repeats: true,
    is_local: false,
};

/// Compiles the file at `path`, whose content is `text`.
pub(super) fn compile(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    text: &str,
) -> Result<String, Failure> {
    // Names of partials are many guesses: what hooks make is among them.
    let made = Made::names(context, runnable.layout.source());
    let files = Files::new(runnable, &made, path)?;
    let mut result = None;
    context.outside(&mut || {
        let mut answer = |question: &[u8]| {
            let answer = match postcard::from_bytes::<Question>(question) {
                Ok(question) => files.answer(&question),
                Err(_) => Answer::Nothing,
            };
            // What does not encode is no answer to anything.
            postcard::to_allocvec(&answer).unwrap_or_default()
        };
        let request = path.as_bytes();
        result = Some(runnable.workers.run(&KIND, request, &mut answer));
    });
    let failure = files.into_failure();
    made.ended(failure.map_or(Ok(()), Err))?;
    let compiled = match result {
        Some(Ok(bytes)) => postcard::from_bytes::<Compiled>(&bytes)
            .map_err(|error| Failure::Internal(format!("what Sass gives: {error}")))?,
        Some(Err(error)) => return Err(ended(runnable, path, text, &error)),
        None => return Err(Failure::Internal("nobody compiled the Sass".into())),
    };
    compiled.map_err(|fault| told(runnable, context, path, text, fault))
}

/// A run that came to no end of its own.
fn ended(runnable: &Runnable, path: &SourcePath, text: &str, error: &Error) -> Failure {
    let (message, hint) = match error {
        Error::Time(_) => (
            format!("compiling was ended: {error}"),
            "look for a `@while` or a function that never ends",
        ),
        Error::Memory(_) => (
            format!("compiling was ended: {error}"),
            "look for a loop that makes a list, a string or rules without end",
        ),
        Error::Stack => (
            format!("compiling was ended: {error}"),
            "look for a function or mixin that calls itself without end",
        ),
        Error::Died(_) | Error::Start(_) | Error::Stopped | Error::Crowded(_) => {
            let shown = runnable.layout.shown(path);
            return Failure::Internal(format!("compiling `{shown}`: {error}"));
        }
    };
    let mut diagnostic = fault(runnable.layout.shown(path), text, 0, 0, &message);
    diagnostic.hint = Some(hint.to_owned());
    match error {
        // The stack is the same at every time, on every machine.
        Error::Stack => Failure::Diagnostics([diagnostic].into()),
        _ => Failure::Limit([diagnostic].into()),
    }
}

fn told(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    text: &str,
    Fault { message, place }: Fault,
) -> Failure {
    let mut diagnostic = match place {
        None => fault(runnable.layout.shown(path), text, 0, 0, &message),
        Some((name, line, column)) => {
            let file = SourcePath::parse(name.as_bytes()).unwrap_or_else(|_| path.clone());
            let content = match file == *path {
                true => None,
                false => context.content(&file).ok(),
            };
            let content = content.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            let shown = runnable.layout.shown(&file);
            fault(
                shown,
                content.as_deref().unwrap_or(text),
                line,
                column,
                &message,
            )
        }
    };
    if message.contains("find stylesheet") {
        diagnostic.code = "unresolved-import".into();
        diagnostic.message = "cannot resolve the style sheet that is loaded here".to_owned();
        if let Some(Location { line: 0, .. }) = diagnostic.at {
            diagnostic.frame = None;
        }
    }
    Failure::Diagnostics([diagnostic].into())
}

/// A path as `grass` sees it: `/` is the workspace root.
fn absolute(path: &SourcePath) -> PathBuf {
    Path::new("/").join(path.as_path())
}

//! What went wrong with a hook, as diagnostics.

use crate::base::{Diagnostic, Location, SourcePath, code_frame};
use crate::compute::{Context, Failure};
use crate::runnable::all::Runnable;
use crate::script::{Export, Given, LIMITED, Place, in_stack};
use crate::source::Entry;
use crate::worker::Error;

/// The most characters of a message.
const LONGEST: usize = 4000;

/// The most lines of a stack that are shown.
const DEEPEST: usize = 10;

/// What to do where the stack ran out.
const ENDLESS: &str = "look for a function that calls itself without end";

/// The whole file.
fn whole(shown: String) -> Location {
    Location {
        file: shown,
        line: 0,
        column: 0,
    }
}

/// A run that somebody else has ended.
pub(super) fn ended(runnable: &Runnable, path: &SourcePath, error: &Error) -> Failure {
    let shown = runnable.layout.shown(path);
    let (code, message, hint) = match error {
        Error::Time(limit) => (
            "hook-timeout",
            format!("the hook ran longer than {} s", limit.as_secs()),
            "look for a loop, or a wait, that never ends",
        ),
        Error::Memory(limit) => (
            "hook-memory",
            format!("the hook took more than {} MiB of memory", limit >> 20),
            "look for a list or a string that grows without end",
        ),
        Error::Stack => (
            "hook-stack",
            "the hook recursed too deeply: the stack ran out".to_owned(),
            ENDLESS,
        ),
        // Of the moment: others may ask less when it is tried again.
        Error::Crowded(_) | Error::Died(_) | Error::Start(_) | Error::Stopped => {
            return Failure::Internal(format!("running `{shown}`: {error}"));
        }
    };
    let diagnostic = Diagnostic::new(code, message).at(whole(shown)).hint(hint);
    Failure::Limit([diagnostic].into())
}

/// A run that asked too often.
pub(super) fn too_many(shown: &str, most: usize) -> Failure {
    let message = format!("the hook asked for files more than {most} times");
    let diagnostic = Diagnostic::new("hook-limit", message).at(whole(shown.to_owned()));
    Failure::Limit([diagnostic].into())
}

/// What a hook gave instead of a file.
pub(in crate::runnable) fn given(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    given: Given,
) -> Failure {
    let shown = runnable.layout.shown(path);
    let one = |message: String| Diagnostic::new("hook", message).at(whole(shown.clone()));
    let diagnostic = match given {
        Given::Memory => return out_of_memory(runnable, path),
        Given::Threw(text, _) if is_out_of_memory(&text) => return out_of_memory(runnable, path),
        Given::Threw(text, stack) if is_out_of_stack(&text) => {
            return Failure::Limit([threw(runnable, context, path, &text, &stack)].into());
        }
        Given::Threw(text, stack) => threw(runnable, context, path, &text, &stack),
        Given::Wrong(text) => one(cut(&text)),
        Given::Status(status, text) => {
            let mut message = format!(
                "the hook gives a Response with the status {}",
                cut(status.trim_end())
            );
            if !text.trim().is_empty() {
                message.push_str(&format!(": {}", cut(text.trim())));
            }
            one(message)
        }
        Given::Fault(text) => one(text),
        Given::Exited => one("the hook calls `process.exit`, and a hook has no process".to_owned())
            .hint("return what the file holds, or throw an error"),
        Given::Pending => one("the hook waits for a promise that is never settled".to_owned())
            .hint("nothing is left that could settle it: no timer, no other promise"),
        Given::Bytes(..) | Given::Paths(_) => one(format!(
            "the hook gives something else than its `{}` should",
            Export::Default.name()
        )),
    };
    Failure::Diagnostics([diagnostic].into())
}

/// A run that found no memory left.
pub(super) fn out_of_memory(runnable: &Runnable, path: &SourcePath) -> Failure {
    ended(runnable, path, &Error::Memory(LIMITED.memory))
}

/// Whether the engine has thrown that no memory is left.
fn is_out_of_memory(text: &str) -> bool {
    text.ends_with("InternalError: out of memory")
}

/// Whether the engine has thrown that functions have called each other too deeply.
fn is_out_of_stack(text: &str) -> bool {
    text.starts_with("RangeError: Maximum call stack size exceeded")
}

/// The beginning of a message that may be of any length.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

/// An error that nobody caught: where it was thrown in the project, the line, and how it came there.
fn threw(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    text: &str,
    stack: &str,
) -> Diagnostic {
    let places = in_stack(stack);
    // What has no place in a source, like code that hookfs adds, tells its user nothing.
    let is_own = |place: &&Place| {
        let source = source_of(runnable, &place.file);
        let is_file = |path| matches!(context.entry(&path), Ok(Entry::File));
        !place.file.contains("/node_modules/") && source.is_some_and(is_file)
    };
    let place = places.iter().find(is_own).or(places.first());
    let mut diagnostic = match is_out_of_stack(text) {
        true => Diagnostic::new("hook-stack", cut(text)).hint(ENDLESS),
        false => Diagnostic::new("hook", cut(text)),
    };
    let Some(place) = place else {
        return diagnostic.at(whole(runnable.layout.shown(path)));
    };
    let source = source_of(runnable, &place.file);
    let content = source.and_then(|source| context.content(&source).ok());
    let content = content.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let column = match &content {
        Some(content) => characters(content, place.line, place.column),
        None => place.column,
    };
    let mut frame = content.and_then(|content| code_frame(&content, place.line, column, 1));
    let lines: Vec<&str> = stack
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("at "))
        .collect();
    if lines.len() > 1 {
        let frame = frame.get_or_insert_default();
        for line in lines.iter().take(DEEPEST) {
            if !frame.is_empty() {
                frame.push('\n');
            }
            frame.push_str(line);
        }
    }
    diagnostic.frame = frame;
    diagnostic.at(Location {
        file: place.file.clone(),
        line: place.line,
        column,
    })
}

/// The source that a place names.
fn source_of(runnable: &Runnable, shown: &str) -> Option<SourcePath> {
    let (folder, rest) = runnable.layout.begun(shown);
    folder.join(rest).ok()
}

/// A column in UTF-16 code units as one in characters, both from 1.
fn characters(text: &str, line: u32, column: u32) -> u32 {
    let text = text.lines().nth(line.saturating_sub(1) as usize);
    let mut units = 0;
    let mut count = 1;
    for letter in text.unwrap_or_default().chars() {
        if units + 1 >= column {
            break;
        }
        units += letter.len_utf16() as u32;
        count += 1;
    }
    count
}

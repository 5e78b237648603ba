//! What the parent does: starts a worker on a program, and answers what it asks.

use thiserror::Error;

use super::work::{Answer, Ended, Question, Request};
use super::{Hook, Host, Program};
use crate::worker::{self, Kind, Workers};

/// Why a program has no exit status.
#[derive(Debug, Error)]
pub enum Failed {
    /// It was ended: a limit, or the caller's wish.
    #[error(transparent)]
    Worker(#[from] worker::Error),
    /// The engine did not run it.
    #[error("{0}")]
    Engine(String),
}

/// Runs a program in a worker of this kind. `stop` is asked now and then whether to end it.
///
/// # Errors
/// [`Failed`].
pub fn run(
    workers: &Workers,
    kind: &Kind,
    program: &Program,
    host: &mut dyn Host,
    stop: &mut dyn FnMut() -> bool,
) -> Result<i32, Failed> {
    let request = Request::Program(program.clone());
    converse(workers, kind, &request, host, stop)
}

/// Has a worker of this kind call a hook; what that gives, the host is given.
///
/// # Errors
/// [`Failed`].
pub fn call(
    workers: &Workers,
    kind: &Kind,
    hook: &Hook,
    host: &mut dyn Host,
    stop: &mut dyn FnMut() -> bool,
) -> Result<(), Failed> {
    let request = Request::Hook(hook.clone());
    converse(workers, kind, &request, host, stop).map(drop)
}

fn converse(
    workers: &Workers,
    kind: &Kind,
    request: &Request,
    host: &mut dyn Host,
    stop: &mut dyn FnMut() -> bool,
) -> Result<i32, Failed> {
    let encoded = |error: postcard::Error| Failed::Engine(error.to_string());
    let request = postcard::to_allocvec(request).map_err(encoded)?;
    let mut answer = |question: &[u8]| {
        let answer = match postcard::from_bytes(question) {
            Ok(Question::Load(wanted)) => Some(Answer::Loaded(host.load_all(&wanted))),
            Ok(Question::Runtime) => Some(Answer::Runtime(host.runtime())),
            Ok(Question::Write(is_error, text)) => {
                host.write(is_error, &text);
                Some(Answer::Written)
            }
            Ok(Question::Places(places)) => Some(Answer::Places(host.places(&places))),
            Ok(Question::Ask(ask)) => Some(Answer::Told(host.ask(&ask))),
            Ok(Question::Log(level, text)) => {
                host.log(level, &text);
                Some(Answer::Written)
            }
            Ok(Question::Give(given)) => {
                host.give(given);
                Some(Answer::Written)
            }
            Err(_) => None,
        };
        // An answer that is none is taken for one.
        answer.map_or_else(Vec::new, |answer| {
            postcard::to_allocvec(&answer).unwrap_or_default()
        })
    };
    let result = workers.run_until(kind, &request, &mut answer, stop)?;
    let ended: Ended = postcard::from_bytes(&result).map_err(encoded)?;
    ended.map_err(Failed::Engine)
}

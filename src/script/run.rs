//! What the parent does: starts a worker on a program, and answers what it asks.

use std::sync::Arc;

use thiserror::Error;

use super::net::Net;
use super::work::{Answer, Ended, Question, Request};
use super::{Hook, Host, Program};
use crate::worker::{self, Kind, Post, Talk, Workers};

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
    let post = Arc::new(Post::new().map_err(worker::Error::Start)?);
    let net = Net::new(post.clone());
    let mut parent = Parent {
        host,
        stop,
        network: Some((post, net)),
    };
    converse(workers, kind, &request, &mut parent)
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
    let mut parent = Parent {
        host,
        stop,
        network: None,
    };
    converse(workers, kind, &request, &mut parent).map(drop)
}

fn converse(
    workers: &Workers,
    kind: &Kind,
    request: &Request,
    parent: &mut Parent<'_>,
) -> Result<i32, Failed> {
    let encoded = |error: postcard::Error| Failed::Engine(error.to_string());
    let request = postcard::to_allocvec(request).map_err(encoded)?;
    let result = workers.talk(kind, &request, parent)?;
    let ended: Ended = postcard::from_bytes(&result).map_err(encoded)?;
    ended.map_err(Failed::Engine)
}

/// What is around a program.
struct Parent<'a> {
    host: &'a mut dyn Host,
    stop: &'a mut dyn FnMut() -> bool,
    network: Option<(Arc<Post>, Net)>,
}

impl Talk for Parent<'_> {
    fn answer(&mut self, question: &[u8]) -> Vec<u8> {
        answer(self.host, question)
    }

    fn hear(&mut self, message: &[u8]) {
        if let (Some((_, net)), Ok(message)) = (&self.network, postcard::from_bytes(message)) {
            net.hear(message);
        }
    }

    fn post(&self) -> Option<Arc<Post>> {
        self.network.as_ref().map(|(post, _)| post.clone())
    }

    fn stop(&mut self) -> bool {
        (self.stop)()
    }
}

/// Answers what a program asks. An answer that is none is taken for one.
pub(super) fn answer(host: &mut dyn Host, question: &[u8]) -> Vec<u8> {
    let answer = match postcard::from_bytes(question) {
        Ok(Question::Load(steps)) => Answer::Loaded(host.load_steps(&steps)),
        Ok(Question::Runtime) => Answer::Runtime(host.runtime()),
        Ok(Question::Write(is_error, bytes)) => {
            host.write(is_error, &bytes.0);
            Answer::Written
        }
        Ok(Question::Places(places)) => Answer::Places(host.places(&places)),
        Ok(Question::Ask(ask)) => Answer::Told(host.ask(&ask)),
        Ok(Question::Log(level, text)) => {
            host.log(level, &text);
            Answer::Written
        }
        Ok(Question::Give(given)) => {
            host.give(given);
            Answer::Written
        }
        Err(_) => return Vec::new(),
    };
    postcard::to_allocvec(&answer).unwrap_or_default()
}

//! Why a request has no answer, as its client and the log are told.

use std::time::Duration;

use thiserror::Error;

use crate::base::Diagnostic;
use crate::script::run;
use crate::worker;

/// Why a request has no answer.
#[derive(Clone, Debug, Error)]
pub enum Failed {
    /// A module of the program has errors: the diagnostics, as text.
    #[error("{0}")]
    Module(String),
    /// The program has no answer to a request whose client has gone before all of it had come.
    #[error("the client has gone in the middle of its request")]
    Left,
    /// The program has no answer to this request.
    #[error("{}", .0.render(false))]
    Handler(Box<Diagnostic>),
}

impl Failed {
    /// Whether nobody but the client has to do with it.
    pub fn is_of_client(&self) -> bool {
        matches!(self, Self::Left)
    }

    fn handler(code: &'static str, message: impl Into<String>) -> Self {
        Self::Handler(Box::new(Diagnostic::new(code, message)))
    }

    fn hinted(code: &'static str, message: impl Into<String>, hint: &str) -> Self {
        Self::Handler(Box::new(Diagnostic::new(code, message).hint(hint)))
    }

    /// What the program's runtime says: a word, and a text.
    pub(super) fn told(code: &str, text: String) -> Self {
        match code {
            "fault" => Self::Module(text),
            "memory" => Self::memory(&text),
            "wrong" => Self::hinted(
                "server-handler",
                text,
                "the module of the server exports `default { fetch(request) { return new Response(…) } }`",
            ),
            _ => Self::handler("server-error", format!("uncaught {text}")),
        }
    }

    fn memory(text: &str) -> Self {
        Self::hinted(
            "server-memory",
            format!("the server's program took more memory than it may: {text}"),
            "look for a list or a string that grows without end",
        )
    }

    /// There was no answer in time.
    pub(super) fn late(limit: Duration) -> Self {
        Self::hinted(
            "server-timeout",
            format!("there was no answer within {} s", limit.as_secs_f64()),
            "look for a promise that is never settled",
        )
    }

    /// Too many requests are waiting.
    pub(super) fn crowded(most: usize) -> Self {
        Self::handler(
            "server-crowded",
            format!("more than {most} requests wait for answers"),
        )
    }

    /// Nobody answers any more.
    pub(super) fn gone() -> Self {
        Self::handler("server-ended", "the server has ended")
    }

    /// The program has ended itself.
    pub(super) fn exited(status: i32) -> Self {
        Self::handler(
            "server-ended",
            format!("the server's program has ended itself with status {status}"),
        )
    }

    /// The program was ended.
    pub(super) fn ended(failed: &run::Failed) -> Self {
        let run::Failed::Worker(error) = failed else {
            return Self::handler("server-ended", failed.to_string());
        };
        let text = format!("the server's program was ended: {error}");
        match error {
            worker::Error::Time(_) => Self::hinted(
                "server-timeout",
                text,
                "look for a loop that never ends; what takes long lets others go on by awaiting something now and then",
            ),
            worker::Error::Memory(_) => Self::memory(&error.to_string()),
            worker::Error::Stack => Self::handler("server-stack", text),
            _ => Self::handler("server-ended", text),
        }
    }
}

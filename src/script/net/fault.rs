//! Why an exchange has failed, as programs are told it.

use std::error::Error;
use std::io;

/// A word, as Node has them in the `code` of an error's cause, and a text.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    pub(super) text: String,
}

impl Fault {
    /// A request that cannot be sent as it is.
    pub(super) fn wrong(text: impl Into<String>) -> Self {
        Self {
            code: "ERR_INVALID_ARG_VALUE",
            text: text.into(),
        }
    }
}

/// What the client says, in the words of what is behind it.
pub(super) fn of(error: &reqwest::Error) -> Fault {
    let mut text = error.to_string();
    let mut code = match (error.is_timeout(), error.is_connect()) {
        (true, true) => "UND_ERR_CONNECT_TIMEOUT",
        (true, false) => "UND_ERR_BODY_TIMEOUT",
        (false, _) => "UND_ERR_SOCKET",
    };
    let mut cause = error.source();
    while let Some(inner) = cause {
        // The innermost one that says something says it best.
        text = inner.to_string();
        if text.contains("failed to lookup address") {
            code = "ENOTFOUND";
        } else if let Some(known) = inner.downcast_ref::<io::Error>().and_then(of_system) {
            code = known;
        }
        cause = inner.source();
    }
    Fault { code, text }
}

fn of_system(error: &io::Error) -> Option<&'static str> {
    Some(match error.raw_os_error()? {
        libc::ECONNREFUSED => "ECONNREFUSED",
        libc::ECONNRESET => "ECONNRESET",
        libc::EHOSTUNREACH => "EHOSTUNREACH",
        libc::ENETUNREACH => "ENETUNREACH",
        libc::ETIMEDOUT => "ETIMEDOUT",
        libc::EPIPE => "EPIPE",
        _ => return None,
    })
}

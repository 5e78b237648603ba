//! What is wrong, as a text or a page.

use std::fmt;

use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

use super::answer::protect;
use super::body::Body;
use super::gate::Refusal;
use crate::base::Diagnostic;

/// Why there is no answer.
#[derive(Clone, Debug)]
pub enum Fault {
    /// There is no such file.
    Missing,
    /// The user's files are at fault.
    Diagnostics(Vec<Diagnostic>),
    /// A text of diagnostics.
    Told(String),
    /// Anything else, as a sentence.
    Other(String),
}

/// The diagnostics as everywhere else.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("no such file"),
            Self::Diagnostics(diagnostics) => f.write_str(&Diagnostic::render_all(diagnostics)),
            Self::Told(text) => f.write_str(text),
            Self::Other(text) => write!(f, "error: {text}"),
        }
    }
}

/// The answer where there is no output: a page for who looks at it, a text for everybody else.
pub(super) fn failed(fault: &Fault, is_page: bool) -> Response<Body> {
    told(
        StatusCode::INTERNAL_SERVER_ERROR,
        &fault.to_string(),
        is_page,
    )
}

/// The answer where nothing has the URL.
pub(super) fn missing(path: &str, is_page: bool) -> Response<Body> {
    missing_for(path, is_page, None)
}

/// The same with the reason.
pub(super) fn missing_for(path: &str, is_page: bool, reason: Option<&str>) -> Response<Body> {
    let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
    let text = format!("nothing is at `{path}`{reason}");
    told(StatusCode::NOT_FOUND, &text, is_page)
}

/// The answer to a request that the gate keeps out.
pub(super) fn refused(refusal: &Refusal) -> Response<Body> {
    told(refusal.status, &refusal.text, false)
}

/// The answer to a method that the URL does not know.
pub(super) fn not_allowed() -> Response<Body> {
    let mut response = told(
        StatusCode::METHOD_NOT_ALLOWED,
        "files are read by GET and HEAD",
        false,
    );
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

fn told(status: StatusCode, text: &str, is_page: bool) -> Response<Body> {
    let (kind, text) = match is_page {
        true => ("text/html; charset=utf-8", page(status, text)),
        false => ("text/plain; charset=utf-8", format!("{text}\n")),
    };
    let mut response = Response::new(Body::whole(text.into()));
    *response.status_mut() = status;
    let length = response.body().length();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.extend(length.map(|length| (CONTENT_LENGTH, HeaderValue::from(length))));
    protect(headers);
    response
}

fn page(status: StatusCode, text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            letter => escaped.push(letter),
        }
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{status}</title>\n<style>{STYLE}</style>\n<main>\n<h1>{status}</h1>\n<pre>{escaped}</pre>\n</main>\n</html>\n"
    )
}

const STYLE: &str = "
:root { color-scheme: light dark; }
body { margin: 0; padding: 4vh 2vw; font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; border-top: 6px solid #c62828; padding: .5rem 1.5rem; }
h1 { font: 600 18px/1.4 system-ui, sans-serif; }
pre { overflow: auto; padding: .75rem 1rem; border-radius: 4px; background: rgb(128 128 128 / 12%); font: 13px/1.55 ui-monospace, Menlo, Consolas, monospace; }
";

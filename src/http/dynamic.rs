//! Requests as a handler is given them, and its answers as responses.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::ext::ReasonPhrase;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::answer::{is_of_connection, protect};
use super::body::Body;
use super::fault::Fault;
use super::target::Target;

/// How many pieces of a body may wait for whoever reads it.
const WAITING: usize = 4;

/// How long a client may send nothing of a body that it has begun.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request (Fetch, 2.2.5), as far as it comes over the network.
#[derive(Debug)]
pub struct Request {
    /// As it was sent: `GET`.
    pub method: String,
    /// Absolute, with the host that it was sent to.
    pub url: String,
    /// Names in lower case and values, in their order.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body as it comes; an error where it broke off. `None`: there is none.
    pub body: Option<Receiver<io::Result<Bytes>>>,
}

/// A response (Fetch, 2.2.6).
#[derive(Debug)]
pub struct Response {
    /// From 200 to 599.
    pub status: u16,
    /// Its status message, of bytes as characters; empty: that which belongs to the status.
    pub text: String,
    /// Names and values, in their order.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body as it comes; an error breaks the response off. Dropping the receiver ends its making.
    pub body: Option<Receiver<io::Result<Bytes>>>,
}

/// An answer under way; dropping it ends the work on it.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Response, Fault>> + Send + 'a>>;

/// What answers requests that no file answers.
pub trait Handler: Send + Sync {
    /// Whether there is one now.
    fn is_there(&self) -> bool {
        true
    }

    /// Answers a request.
    ///
    /// # Errors
    /// [`Fault`], where the code failed.
    fn fetch(&self, request: Request) -> Answering<'_>;
}

/// Whether a body has broken off, or is none: the client's fault, whatever whoever reads it makes of that.
#[derive(Clone, Debug, Default)]
pub(super) struct Broken(Arc<AtomicBool>);

impl Broken {
    pub(super) fn is(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// The request as a handler gets it. Its body comes by a task that ends with the connection, or when nobody reads it.
pub(super) fn request<B>(head: &Parts, target: &Target, body: B, broken: &Broken) -> Request
where
    B: hyper::body::Body<Data = Bytes, Error: std::error::Error + Send + Sync>
        + Send
        + Unpin
        + 'static,
{
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let headers = head
        .headers
        .iter()
        .filter(|(name, _)| !is_of_connection(name.as_str()))
        .map(|(name, value)| (name.as_str().as_bytes().to_vec(), value.as_bytes().to_vec()));
    Request {
        method: head.method.as_str().to_owned(),
        url: format!(
            "http://{}{}",
            host.unwrap_or("localhost"),
            target.with_path(&target.path)
        ),
        headers: headers.collect(),
        body: (!body.is_end_stream()).then(|| {
            let (sender, receiver) = channel(WAITING);
            tokio::spawn(pass_on(body, sender, broken.clone()));
            receiver
        }),
    }
}

async fn pass_on<B>(mut body: B, sender: Sender<io::Result<Bytes>>, broken: Broken)
where
    B: hyper::body::Body<Data = Bytes, Error: std::error::Error + Send + Sync> + Unpin + 'static,
{
    loop {
        let next = tokio::select! {
            next = tokio::time::timeout(PATIENCE, body.frame()) => next,
            () = sender.closed() => return,
        };
        let piece = match next {
            Ok(None) => return,
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(bytes) => Ok(bytes),
                // Trailers.
                Err(_) => continue,
            },
            Ok(Some(Err(cause))) => {
                broken.0.store(true, Ordering::SeqCst);
                Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    cause.to_string(),
                ))
            }
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        let is_last = piece.is_err();
        if sender.send(piece).await.is_err() || is_last {
            return;
        }
    }
}

/// The response that a handler's answer is.
///
/// # Errors
/// [`Fault::Other`] for a status that is none.
pub(super) fn response(method: &Method, answer: Response) -> Result<hyper::Response<Body>, Fault> {
    let status = StatusCode::from_u16(answer.status)
        .ok()
        .filter(|status| (200..600).contains(&status.as_u16()))
        .ok_or_else(|| {
            Fault::Other(format!(
                "the handler answers with the status {}",
                answer.status
            ))
        })?;
    let has_body = *method != Method::HEAD && !matches!(status.as_u16(), 204 | 205 | 304);
    let body = match answer.body.filter(|_| has_body) {
        Some(stream) => Body::of_stream(stream),
        None => Body::empty(),
    };
    let mut response = hyper::Response::new(body);
    *response.status_mut() = status;
    if let Some(reason) = reason(&answer.text) {
        response.extensions_mut().insert(reason);
    }
    let length = response.body().length();
    let headers = response.headers_mut();
    pass(headers, &answer.headers);
    // What is sent counts, not what is said of it; of what is not sent, what is said.
    if has_body {
        headers.remove(CONTENT_LENGTH);
        headers.extend(length.map(|length| (CONTENT_LENGTH, HeaderValue::from(length))));
    }
    protect(headers);
    Ok(response)
}

/// A status message as it is sent; what can't be is not.
fn reason(text: &str) -> Option<ReasonPhrase> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    let bytes = bytes.filter(|bytes| !bytes.is_empty())?;
    ReasonPhrase::try_from(bytes).ok()
}

fn pass(headers: &mut HeaderMap, given: &[(Vec<u8>, Vec<u8>)]) {
    for (name, value) in given {
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        else {
            continue;
        };
        if !is_of_connection(name.as_str()) {
            headers.append(name, value);
        }
    }
}

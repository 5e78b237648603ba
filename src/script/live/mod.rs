//! A program that answers HTTP requests: one worker, in which many requests go on at a time.
//!
//! ```text
//! Live::start(workers, kind, program, limits, host)
//! live.fetch(request).await      -> what the program's `export default { fetch(request) }` gives
//! live.event(page, name, data)   -> the listeners of `import.meta.hot.on`; what they answer goes to `host.event`
//! ```
//!
//! The worker is started by the first request, and evaluates the program's entry; it lives until it ends itself, or is
//! ended: by a turn that takes longer than the kind's processor time, by the memory or the stack that it takes. The
//! requests that it had then fail, and the next one starts another. Before each request the host is asked what of the
//! program's modules has changed; those and their importers are evaluated anew by the request, and no others.
//!
//! - What is thrown outside of a request, and rejections that nobody handles, are told by the host's `write`; the program
//!   goes on.
//! - A request that has had no answer for as long as the limits say, counted anew with each piece of its body that the
//!   program reads, is aborted and fails.
//! - Bodies go piece by piece, each when it is asked for: neither side holds more than a few.

mod body;
mod exchanges;
mod failed;
mod talk;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::message::{Headers, Message, Sent};
use super::{Blob, Host, Program};
use crate::worker::{Kind, Workers};
use body::Progress;
use exchanges::{Begin, Guard, Running, Shared};
pub use failed::Failed;

/// The bytes of a body as they come.
pub type Body = mpsc::Receiver<std::io::Result<Bytes>>;

/// What a client asks.
#[derive(Debug)]
pub struct Request {
    /// In the case it has.
    pub method: String,
    /// Whole, with scheme and host.
    pub url: String,
    /// In their order.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Where there is one.
    pub body: Option<Body>,
}

/// What it is told.
#[derive(Debug)]
pub struct Response {
    /// 200 to 599.
    pub status: u16,
    /// The text beside it, of bytes as characters; mostly none.
    pub text: String,
    /// In their order.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Where there is one. Whoever drops it before its end aborts the request.
    pub body: Option<Body>,
}

/// The processor time, memory and stack of a program that answers requests.
pub const LIVE: Kind = Kind {
    name: "live",
    cpu: Duration::from_secs(10),
    wall: Duration::MAX,
    memory: 1 << 30,
    stack: 32 << 20,
    repeats: false,
    is_local: true,
};

/// What a request may take besides what its worker may.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long it may be without an answer.
    pub answer: Duration,
    /// How many may go on at a time.
    pub requests: usize,
    /// How many events of pages may wait for the program.
    pub events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(30),
            requests: 1000,
            events: 256,
        }
    }
}

/// See the module. Dropping it ends the worker.
pub struct Live {
    shared: Arc<Shared>,
    limits: Limits,
    /// The places of events that wait.
    events: Arc<Semaphore>,
    thread: Option<JoinHandle<()>>,
}

impl Live {
    /// Starts no worker yet.
    ///
    /// # Errors
    /// Where the system has no thread left.
    pub fn start(
        workers: Workers,
        kind: Kind,
        program: Program,
        limits: Limits,
        host: Box<dyn Host + Send>,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let own = shared.clone();
        let thread = std::thread::Builder::new()
            .name("live".into())
            .spawn(move || talk::serve(&own, &workers, &kind, &program, host))?;
        Ok(Self {
            shared,
            limits,
            events: Arc::new(Semaphore::new(limits.events)),
            thread: Some(thread),
        })
    }

    /// Has the listeners of the program's modules hear an event of a page; `data` is JSON, or nothing. Starts the program, and
    /// has what has changed of it evaluated anew, as a request does. Waits while too many others wait.
    pub async fn event(&self, page: u32, name: String, data: String) {
        if let Ok(place) = self.events.clone().acquire_owned().await {
            let event = Message::Event { page, name, data };
            self.shared.hear_event(event, place);
        }
    }

    /// Has the program answer a request. Dropping the future aborts it. To be called on a runtime of tokio's.
    ///
    /// # Errors
    /// [`Failed`], which reads as the diagnostic.
    pub async fn fetch(&self, request: Request) -> Result<Response, Failed> {
        let (head, answer) = oneshot::channel();
        let (pulls, pulled) = mpsc::channel(2);
        let (pieces, given) = mpsc::channel(2);
        let begin = Begin {
            method: request.method,
            url: request.url,
            headers: request.headers,
            has_body: request.body.is_some(),
        };
        let running = Running::new(head, pulls, pieces);
        let progress = running.progress.clone();
        let guard = Shared::begin(&self.shared, begin, running, self.limits.requests)?;
        if let Some(body) = request.body {
            tokio::spawn(body::upload(guard.id(), body, pulled, progress.clone()));
        }
        let mut answer = std::pin::pin!(answer);
        let mut deadline = Instant::now() + self.limits.answer;
        let head = loop {
            match timeout_at(deadline, answer.as_mut()).await {
                Ok(Ok(Err(_))) if progress.is_broken() => return Err(Failed::Left),
                Ok(Ok(head)) => break head?,
                Ok(Err(_)) => return Err(Failed::gone()),
                Err(_) => {
                    deadline = progress.last() + self.limits.answer;
                    if deadline <= Instant::now() {
                        return Err(Failed::late(self.limits.answer));
                    }
                }
            }
        };
        Ok(respond(head, guard, given, progress))
    }
}

/// The head of an answer.
#[derive(Debug)]
struct Head {
    status: u16,
    text: String,
    headers: Headers,
    body: Sent,
}

fn respond(
    head: Head,
    guard: Guard,
    given: mpsc::Receiver<body::Piece>,
    progress: Progress,
) -> Response {
    let body = match head.body {
        Sent::Nothing => None,
        Sent::Whole(Blob(bytes)) => {
            let (sender, body) = mpsc::channel(1);
            // There is room for one.
            let _ = sender.try_send(Ok(bytes.into()));
            Some(body)
        }
        Sent::Pieces => {
            let (sender, body) = mpsc::channel(1);
            tokio::spawn(body::download(guard, given, progress, sender));
            Some(body)
        }
    };
    Response {
        status: head.status,
        text: head.text,
        headers: head.headers,
        body,
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.shared.close();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the server's program panicked");
        }
    }
}

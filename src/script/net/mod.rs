//! The network of programs: each `fetch` is an exchange that this process has with a server, for the program has no
//! sockets. What a request means (redirects, methods, the body's type) is said in `src/client/platform/fetch.ts`; here one
//! request is sent as it is, and its answer given back.

mod client;
mod fault;
mod upload;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::Blob;
use super::message::{Headers, Message, Sent};
use crate::worker::Post;
use upload::Upload;

/// Exchanges of one program at a time.
const MOST: usize = 1024;

/// All exchanges of one program. They end with it.
pub(super) struct Net {
    post: Arc<Post>,
    running: Arc<Mutex<HashMap<u32, Running>>>,
}

/// An exchange that goes on.
struct Running {
    task: AbortHandle,
    /// A piece of the answer is wanted.
    pulls: mpsc::Sender<()>,
    /// Pieces of the request's body.
    pieces: mpsc::Sender<upload::Piece>,
}

/// What one exchange is about.
struct Exchange {
    id: u32,
    post: Arc<Post>,
    method: String,
    url: String,
    headers: Headers,
    body: Sent,
}

impl Net {
    /// None yet. What the program is told goes by `post`.
    pub(super) fn new(post: Arc<Post>) -> Self {
        Self {
            post,
            running: Arc::default(),
        }
    }

    /// Takes a message of the program's that is about an exchange of its own.
    pub(super) fn hear(&self, message: Message) {
        match message {
            Message::Request {
                id,
                method,
                url,
                headers,
                body,
            } => self.begin(Exchange {
                id,
                post: self.post.clone(),
                method,
                url,
                headers,
                body,
            }),
            Message::Pull(id) => self.with(id, |running| running.pulls.try_send(()).is_ok()),
            Message::Piece(id, Blob(bytes)) => self.give(id, Ok(Some(bytes.into()))),
            Message::End(id) => self.give(id, Ok(None)),
            Message::Broken(id, text) => self.give(id, Err(text)),
            Message::Abort(id) | Message::Cancel(id) => self.with(id, |_| false),
            // What no program says.
            Message::Response { .. }
            | Message::Failed { .. }
            | Message::Changed(_)
            | Message::Event { .. } => {}
        }
    }

    fn give(&self, id: u32, piece: upload::Piece) {
        self.with(id, |running| running.pieces.try_send(piece).is_ok());
    }

    /// Does something with an exchange, which goes on where that says so. One whose program does not wait until it is
    /// asked does not.
    fn with(&self, id: u32, act: impl FnOnce(&Running) -> bool) {
        let mut all = lock(&self.running);
        if all.get(&id).is_some_and(|running| !act(running))
            && let Some(running) = all.remove(&id)
        {
            running.task.abort();
        }
    }

    fn begin(&self, exchange: Exchange) {
        let id = exchange.id;
        let runtime = match runtime() {
            Ok(runtime) => runtime,
            Err(text) => return fail(&self.post, id, "EAGAIN", text),
        };
        if lock(&self.running).len() >= MOST {
            let text = format!("more than {MOST} requests at a time");
            return fail(&self.post, id, "EMFILE", &text);
        }
        let (pulls, pulled) = mpsc::channel(2);
        let (pieces, given) = mpsc::channel(2);
        let all = self.running.clone();
        // Held until it is among the others, so that it ends after that.
        let mut running = lock(&self.running);
        let task = runtime.spawn(async move {
            run(exchange, pulled, given).await;
            lock(&all).remove(&id);
        });
        let entry = Running {
            task: task.abort_handle(),
            pulls,
            pieces,
        };
        if let Some(old) = running.insert(id, entry) {
            old.task.abort();
        }
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for (_, running) in lock(&self.running).drain() {
            running.task.abort();
        }
    }
}

fn lock(running: &Mutex<HashMap<u32, Running>>) -> MutexGuard<'_, HashMap<u32, Running>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What all exchanges of this process run on; started by the first.
fn runtime() -> Result<&'static Runtime, &'static str> {
    static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();
    let start = || {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("fetch")
            .enable_all()
            .build()
            .map_err(|error| error.to_string())
    };
    RUNTIME.get_or_init(start).as_ref().map_err(String::as_str)
}

/// Tells a program of a message; one that cannot be written down is no message.
pub(super) fn tell(post: &Post, message: &Message) {
    match postcard::to_allocvec(message) {
        Ok(bytes) => post.send(bytes),
        Err(error) => tracing::error!("a message to a program is lost: {error}"),
    }
}

fn fail(post: &Post, id: u32, code: &str, text: &str) {
    let (code, text) = (code.to_owned(), text.to_owned());
    tell(post, &Message::Failed { id, code, text });
}

async fn run(
    exchange: Exchange,
    mut pulled: mpsc::Receiver<()>,
    given: mpsc::Receiver<upload::Piece>,
) {
    let Exchange {
        id,
        post,
        method,
        url,
        headers,
        body,
    } = exchange;
    let body = match body {
        Sent::Nothing => None,
        Sent::Whole(Blob(bytes)) => Some(bytes.into()),
        Sent::Pieces => Some(reqwest::Body::wrap(Upload::new(id, post.clone(), given))),
    };
    let mut response = match client::send(&method, &url, &headers, body).await {
        Ok(response) => response,
        Err(fault) => return fail(&post, id, fault.code, &fault.text),
    };
    let message = Message::Response {
        id,
        status: response.status().as_u16(),
        text: client::reason(&response),
        headers: client::headers(&response),
        body: Sent::Pieces,
    };
    tell(&post, &message);
    while pulled.recv().await.is_some() {
        let message = match response.chunk().await {
            Ok(Some(bytes)) => Message::Piece(id, Blob(Bytes::into(bytes))),
            Ok(None) => Message::End(id),
            Err(error) => Message::Broken(id, fault::of(&error).text),
        };
        tell(&post, &message);
        if !matches!(message, Message::Piece(..)) {
            return;
        }
    }
}

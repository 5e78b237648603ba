//! Bodies on their way: those of requests to the program, and those of its answers.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Body;
use super::exchanges::Guard;
use crate::script::Blob;
use crate::script::message::Message;
use crate::script::net::tell;
use crate::worker::Post;

/// The most bytes of a piece that the program is given.
const PIECE: usize = 128 << 10;

/// A piece of an answer, the end, or why there is none.
pub(super) type Piece = Result<Option<Bytes>, String>;

/// How far a request has come.
#[derive(Clone)]
pub(super) struct Progress {
    /// When it has last gone on.
    last: Arc<Mutex<Instant>>,
    is_broken: Arc<AtomicBool>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            last: Arc::new(Mutex::new(Instant::now())),
            is_broken: Arc::default(),
        }
    }

    pub(super) fn last(&self) -> Instant {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether its client has gone before all of its body had come.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Acquire)
    }

    fn go_on(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

/// Gives the program the pieces of a request's body that it asks for.
pub(super) async fn upload(
    id: u32,
    mut body: Body,
    mut pulled: mpsc::Receiver<Arc<Post>>,
    progress: Progress,
) {
    let mut rest = Bytes::new();
    while let Some(post) = pulled.recv().await {
        while rest.is_empty() {
            let message = match body.recv().await {
                Some(Ok(bytes)) => {
                    rest = bytes;
                    continue;
                }
                Some(Err(error)) => {
                    progress.is_broken.store(true, Ordering::Release);
                    Message::Broken(id, error.to_string())
                }
                None => Message::End(id),
            };
            return tell(&post, &message);
        }
        let piece = rest.split_to(rest.len().min(PIECE));
        progress.go_on();
        tell(&post, &Message::Piece(id, Blob(piece.to_vec())));
    }
}

/// Gives the pieces of an answer to who wants them.
pub(super) async fn download(
    guard: Guard,
    mut given: mpsc::Receiver<Piece>,
    progress: Progress,
    sender: mpsc::Sender<io::Result<Bytes>>,
) {
    loop {
        let Ok(room) = sender.reserve().await else {
            // Nobody reads it: the guard says so to the program.
            return;
        };
        guard.tell(Message::Pull);
        let piece = tokio::select! {
            piece = given.recv() => piece,
            () = sender.closed() => return,
        };
        match piece {
            Some(Ok(Some(bytes))) => room.send(Ok(bytes)),
            Some(Ok(None)) => return guard.done(),
            Some(Err(text)) => {
                guard.done();
                // Nobody but the client has to do with what comes of its leaving.
                match progress.is_broken() {
                    true => tracing::debug!("an answer broke off: {text}"),
                    false => tracing::error!("an answer broke off: {text}"),
                }
                return room.send(Err(io::Error::other(text)));
            }
            None => {
                let text = "the server's program has ended";
                return room.send(Err(io::Error::other(text)));
            }
        }
    }
}

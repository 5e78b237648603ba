//! The body of a request that the program sends in pieces.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::sync::mpsc;

use super::tell;
use crate::script::message::Message;
use crate::worker::Post;

/// A piece, the end, or why there is none.
pub(super) type Piece = Result<Option<Bytes>, String>;

/// Asks for a piece when there is room for one.
pub(super) struct Upload {
    id: u32,
    post: Arc<Post>,
    given: mpsc::Receiver<Piece>,
    is_asked: bool,
    is_over: bool,
}

impl Upload {
    pub(super) fn new(id: u32, post: Arc<Post>, given: mpsc::Receiver<Piece>) -> Self {
        Self {
            id,
            post,
            given,
            is_asked: false,
            is_over: false,
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        if !self.is_asked {
            self.is_asked = true;
            tell(&self.post, &Message::Pull(self.id));
        }
        let Poll::Ready(piece) = self.given.poll_recv(context) else {
            return Poll::Pending;
        };
        self.is_asked = false;
        let piece = piece.unwrap_or_else(|| Err("the program has ended".to_owned()));
        self.is_over = !matches!(piece, Ok(Some(_)));
        Poll::Ready(match piece {
            Ok(piece) => piece.map(|bytes| Ok(Frame::data(bytes))),
            Err(text) => Some(Err(io::Error::other(text))),
        })
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // The server has answered and does not read on, or is gone.
        if !self.is_over {
            tell(&self.post, &Message::Cancel(self.id));
        }
    }
}

//! What a program and what is around it tell each other: HTTP exchanges, of which many go on at a time. Both sides begin
//! them: a program by `fetch`, and what is around it by a request that the program is to answer. Who sends a body sends a
//! piece when it is asked for one, so that nothing piles up anywhere.

use serde::{Deserialize, Serialize};

use super::Blob;

/// Names and values, in their order.
pub(super) type Headers = Vec<(Vec<u8>, Vec<u8>)>;

/// News of an exchange, by its number. Those that a program begins have odd numbers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Message {
    /// Begins one.
    Request {
        id: u32,
        method: String,
        url: String,
        headers: Headers,
        body: Sent,
    },
    /// The answer.
    Response {
        id: u32,
        status: u16,
        text: String,
        headers: Headers,
        body: Sent,
    },
    /// There is no answer, for this reason: a word for programs, and a text.
    Failed { id: u32, code: String, text: String },
    /// The next piece of the body is wanted.
    Pull(u32),
    /// It.
    Piece(u32, Blob),
    /// There is none any more.
    End(u32),
    /// There is none any more, and the body is not whole.
    Broken(u32, String),
    /// No more of the body is wanted.
    Cancel(u32),
    /// Whoever began the exchange wants nothing of it any more.
    Abort(u32),
    /// The modules with these ids are other ones now. Holds for what comes after.
    Changed(Vec<String>),
    /// An event of a page, or for one; 0: for all. The data is JSON, or nothing.
    Event {
        page: u32,
        name: String,
        data: String,
    },
}

impl Message {
    /// The number of the exchange that it is about.
    pub(super) fn exchange(&self) -> u32 {
        match self {
            Self::Request { id, .. } | Self::Response { id, .. } | Self::Failed { id, .. } => *id,
            Self::Pull(id)
            | Self::Piece(id, _)
            | Self::End(id)
            | Self::Broken(id, _)
            | Self::Cancel(id)
            | Self::Abort(id) => *id,
            Self::Changed(_) | Self::Event { .. } => 0,
        }
    }
}

/// The body that comes with a head.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Sent {
    /// None.
    Nothing,
    /// All of it.
    Whole(Blob),
    /// In pieces.
    Pieces,
}

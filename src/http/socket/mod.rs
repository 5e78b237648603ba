//! A WebSocket (RFC 6455) beside the files: who may open one, and how many there may be. What is said over it is nothing to
//! this layer.
//!
//! A page of any site can open a socket to this machine, and no browser asks anybody first. So three things are checked
//! before the upgrade: that the request was sent to a name of ours, that the page which sends it says whose it is and is let
//! in, and that it knows the token, which stands in our own pages alone. Whoever is refused is told why, in plain HTTP.

mod open;
mod talk;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::crowd::{Crowd, Place};
use crate::base::Told;

/// The most sockets at a time: each is a tab that is open. When there are so many, the next one takes the place of one that has
/// said nothing yet, else of the one that has said nothing for the longest time. A tab that is looked at comes back at once.
const MOST: usize = 256;

/// How long one that says something keeps its place from others.
const TALK: Duration = Duration::ZERO;

/// How long a place is waited for, which another one has to leave.
const ROOM: Duration = Duration::from_secs(1);

/// How many messages that nobody waits to have sent may lie ready for a client.
const OFFERED: usize = 256;

/// The most origins whose refusal is told.
const TOLD: usize = 32;

/// The hearing of a message; an error ends the conversation, and is told as its reason.
pub type Hearing<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// What stands behind sockets.
pub trait Peers: Send + Sync {
    /// Somebody has come, to whom `outgoing` leads. The socket lives until the client ends it or all of `outgoing` is
    /// dropped. May block.
    ///
    /// # Errors
    /// Why nobody listens, as a sentence.
    fn connect(&self, outgoing: Outgoing) -> Result<Box<dyn Peer>, String>;
}

/// What hears one client. It is dropped when the client has gone.
pub trait Peer: Send {
    /// Hears a message. The next one is read when this is done.
    fn hear(&mut self, text: String) -> Hearing<'_>;
}

/// The way to a client.
#[derive(Clone, Debug)]
pub struct Outgoing {
    turn: mpsc::Sender<String>,
    offered: mpsc::Sender<String>,
}

/// The connection's end of it.
struct Outlet {
    turn: mpsc::Receiver<String>,
    offered: mpsc::Receiver<String>,
}

impl Outgoing {
    /// Sends a message when the one before is on its way: whoever sends is as slow as the client. False: it has gone. Blocks.
    pub fn send(&self, text: String) -> bool {
        self.turn.blocking_send(text).is_ok()
    }

    /// The way for messages that nobody waits to have sent. It keeps no socket alive.
    pub fn offers(&self) -> Offers {
        Offers(self.offered.clone())
    }
}

/// See [`Outgoing::offers`].
#[derive(Clone, Debug)]
pub struct Offers(mpsc::Sender<String>);

impl Offers {
    /// Sends a message without waiting; false: the client has gone, or is so far behind that it does not get it.
    pub fn offer(&self, text: String) -> bool {
        self.0.try_send(text).is_ok()
    }
}

/// Both ends of a way to a client.
fn way() -> (Outgoing, Outlet) {
    let (turn, turns) = mpsc::channel(1);
    let (offered, offers) = mpsc::channel(OFFERED);
    let outgoing = Outgoing { turn, offered };
    let outlet = Outlet {
        turn: turns,
        offered: offers,
    };
    (outgoing, outlet)
}

/// How a socket is found and opened.
#[derive(Clone, Debug)]
pub struct SocketConfig {
    /// Its name below the base.
    pub name: &'static str,
    /// The subprotocol that a client must speak (RFC 6455, 1.9).
    pub protocol: &'static str,
    /// What a client must know: the value of `token` in the query.
    pub token: String,
    /// The origins besides our own whose pages are let in, as [`super::origin`] gives them.
    pub origins: Vec<String>,
}

/// See the module.
pub(super) struct Socket {
    config: SocketConfig,
    peers: Arc<dyn Peers>,
    crowd: Arc<Crowd>,
    ending: watch::Sender<bool>,
    /// The refusals that were told.
    told: Told,
}

impl Socket {
    pub(super) fn new(config: SocketConfig, peers: Arc<dyn Peers>) -> Self {
        Self {
            config,
            peers,
            crowd: Arc::new(Crowd::new(MOST, TALK)),
            ending: watch::Sender::default(),
            told: Told::new(TOLD),
        }
    }

    /// Whether these names below the base are the socket's.
    pub(super) fn is_at(&self, names: &[Vec<u8>]) -> bool {
        matches!(names, [name] if name == self.config.name.as_bytes())
    }

    /// Ends all of them, and waits until they have ended, at most this long.
    pub(super) async fn end(&self, patience: Duration) {
        self.ending.send_replace(true);
        // Who does not take leave is left.
        let _ = timeout(patience, self.crowd.emptied()).await;
    }

    /// A place for one more; `None`: nobody has left who was to make room.
    async fn place(&self) -> Option<Place> {
        timeout(ROOM, self.crowd.enter()).await.ok()
    }

    /// Tells the log of a page that was refused, each text once: it may be the user's own.
    fn tell(&self, text: &str) {
        let text = format!("a page that wants to hear of changes was refused: {text}");
        if let Some(news) = self.told.news(&text) {
            tracing::warn!("{news}");
        }
    }
}

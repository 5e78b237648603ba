//! Pages that hear of changes: where they connect, what lets them in, and what is there for them.
//!
//! [`secret`] keeps the token and the times of pages' texts with the state folder, [`listen`] is the socket of a mount, and
//! [`Page`] what hears a page, whose session is in this process or in the daemon that holds the state.

mod listen;
mod page;
mod secret;

pub use listen::HotConfig;
pub(super) use listen::{Listening, Serving, origins_of};
pub(super) use page::{Page, Pages, Way};
pub(super) use secret::{Whose, settle};

use crate::http::SocketConfig;

/// The name of the socket under `/~@/`, and the protocol spoken there.
pub(super) const NAME: &str = "~hot";
const PROTOCOL: &str = "hookfs-hot";

/// How a socket is opened.
pub(super) fn socket(token: String, origins: Vec<String>) -> SocketConfig {
    SocketConfig {
        name: NAME,
        protocol: PROTOCOL,
        token,
        origins,
    }
}

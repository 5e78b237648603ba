//! HTTP/1.1: the outputs at their URLs, and a handler for what no file answers. No decisions about outputs.
//!
//! ```text
//! target    the URL of a request, decoded once
//! gate      who may ask, and for what: one for every route
//! lookup    from a URL to an output: clean names, folders, the page for deep links
//! answer    an output as a response: conditions, ranges, types
//! body      bytes on their way out, those of large files read as they go
//! fault     what is wrong, as a text or a page
//! socket    WebSockets: who may open one, and its frames
//! dynamic   what a handler is given, and what becomes of its answer
//! route     all of these in their order
//! crowd     which connection goes where a new one has no place
//! server    connections, their limits and their end
//! ```
//!
//! Files come from a [`Site`], answers of running code from a [`Handler`], and [`Peers`] talk over sockets; nothing here
//! knows what is behind any of them.

mod answer;
mod body;
mod crowd;
mod dynamic;
mod ending;
mod fault;
mod gate;
mod lookup;
mod patient;
mod ranges;
mod route;
mod server;
mod site;
mod socket;
mod target;
#[cfg(test)]
mod tests;
mod types;

pub use dynamic::{Answering, Handler, Request, Response};
pub use fault::Fault;
pub use gate::{Policy, origin};
pub use route::Route;
pub use server::{Server, Stopper};
pub use site::{Content, Found, Head, Opened, Site};
pub use socket::{Hearing, Offers, Outgoing, Peer, Peers, SocketConfig};

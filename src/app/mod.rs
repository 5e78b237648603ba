//! The wiring: which tree, store, computations and views make one daemon, and what the commands ask of it.
//!
//! [`Place`] says where a source and its state are, [`Engine`] is everything behind `/~@/` without the kernel, and
//! [`Hub`] keeps one engine for each set of options over one store. [`daemon`] mounts one; [`access`] finds the daemon
//! of a source or does its work here. Both answer through [`Service`]. A program that opens a hub is started anew as a
//! worker: its `main` hands what follows [`WORKER_ARGUMENT`] to [`be_worker`].

pub mod access;
pub mod build;
pub mod config;
mod control;
pub mod daemon;
mod differences;
pub mod doctor;
mod engine;
pub mod error;
mod files;
pub mod hot;
mod hub;
mod insight;
pub mod live;
mod loads;
mod open;
pub mod project;
pub mod run;
pub mod serve;
pub mod service;
mod sockets;
mod state;
mod status;
mod workspace;

pub use access::Access;
pub use config::{Asked, DEFAULT_CACHE_SIZE, Options, Place};
pub use engine::Engine;
pub use error::{Error, Result, Status};
pub use hub::Hub;
pub use service::Service;

pub use crate::worker::ARGUMENT as WORKER_ARGUMENT;

/// Is a worker of the kind with this name, for as long as its parent lives. Returns where there is no such kind.
pub fn be_worker(name: &str) {
    crate::script::be_worker(name);
    crate::runnable::be_worker(name);
}

/// Makes the state folder of a place and gives its path with links resolved.
///
/// # Errors
/// As [`Error`] says of the folder.
pub fn prepare_state(place: &Place) -> Result<std::path::PathBuf> {
    state::create(&place.state)
}

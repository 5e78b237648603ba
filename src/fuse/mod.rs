//! The face to the kernel: protocol only, no decisions about files.

mod adapter;
mod convert;
mod dispatch;
mod error;
mod guard;
mod mountinfo;
mod mountpoint;
mod opening;
mod passthrough;
mod pool;
mod reply;
mod requests;
mod session;
#[cfg(test)]
mod tests;
mod waiters;

pub use error::MountError;
pub use mountinfo::{MountInfo, mounts};
pub use session::{MountOptions, Session, Unmounter, mount, unmount};

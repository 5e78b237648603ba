//! A tree, a mount that always ends, and waiting by looking.

mod disk;
mod mount;
mod names;
mod random;
mod server;
mod tab;
mod tree;
mod user;

use std::time::{Duration, Instant};

pub use disk::SmallDisk;
pub use mount::{Mount, Mounter, hookfs, is_mounted};
pub use names::HOSTILE_NAMES;
pub use random::Random;
pub use server::{Reply, Served};
pub use tab::{Loaded, Tab};
pub use tree::Tree;
pub use user::{NOBODY, as_user, is_root, ordinary_user};

/// How long anything may take before a test gives up: generous, because the machine may be busy; never a measure.
pub const DEADLINE: Duration = Duration::from_secs(90);

/// Looks until `condition` gives a value.
///
/// # Panics
/// After [`DEADLINE`], naming `what`.
pub fn wait_for<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(start.elapsed() < DEADLINE, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The error number of a failed operation.
///
/// # Panics
/// Where it did not fail, or not by a system call.
#[track_caller]
pub fn errno<T>(result: std::io::Result<T>) -> i32 {
    match result {
        Ok(_) => panic!("it should have failed"),
        Err(error) => error
            .raw_os_error()
            .unwrap_or_else(|| panic!("no system error: {error}")),
    }
}

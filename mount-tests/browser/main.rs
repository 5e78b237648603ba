//! Tests in a real browser: headless Chromium, driven over its DevTools protocol, loads pages that ordinary file servers
//! serve from a mount. What Chromium reports as an error, in the console or of a request, fails the test.
//!
//! They are a binary of their own, and take turns ([`turn`]): a browser takes all of a small machine.

mod chromium;
mod devtools;
mod faults;
mod page;
mod process;
mod server;
mod source_map;
#[allow(
    dead_code,
    unused_imports,
    reason = "each test binary uses a part of it"
)]
#[path = "../support/mod.rs"]
mod support;

mod application;
mod bundles;
mod commonjs;
mod errors;
mod freshness;
mod harbor;
mod harness;
mod hot;
mod hot_app;
mod hot_cases;
mod hot_circles;
mod hot_random;
mod hot_sheets;
mod hot_workers;
mod imports;
mod journal;
mod names;
mod overlay;
mod packages;
mod panel;
mod refresh;
mod source_maps;
mod versions;
mod wasm;

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chromium::Chromium;
use server::{Kind, Server};

/// One browser test at a time; the others wait here.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The folder for what tests leave and what `scripts/setup` installs for them.
fn target() -> PathBuf {
    let mut folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    folder.pop();
    folder
}

//! Tells the crate which code it computes outputs with: what another build has stored is never taken for its own.

use std::path::Path;

#[path = "build/fingerprint.rs"]
mod fingerprint;

/// All that an output's bytes depend on besides its sources: the layers under `runnable`, the runtime of hooks, and the versions of the
/// packages that they call.
const COMPUTES: [&str; 9] = [
    "Cargo.lock",
    "src/base",
    "src/client",
    "src/compiler",
    "src/compute",
    "src/resolver",
    "src/runnable",
    "src/script",
    "src/worker",
];

fn main() -> std::io::Result<()> {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let code = fingerprint::of(Path::new(&root), &COMPUTES)?;
    println!("cargo::rustc-env=HOOKFS_CODE={code:016x}");
    for name in ["build.rs", "build"].iter().chain(&COMPUTES) {
        println!("cargo::rerun-if-changed={name}");
    }
    Ok(())
}

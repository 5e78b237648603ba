//! hookfs mounts a TypeScript tree: its compiled modules stand beside the sources, computed when they are opened.
//!
//! This is the map. Each folder is one layer, knows only those below it, and is tested alone; `layers.rs` holds the
//! table of who may import whom, and fails where a file does otherwise.
//!
//! ```text
//! cli                      words, texts, exit statuses
//!  app                     wiring: places, locks, the daemon, the control socket, build, doctor
//!   fuse                   the kernel's protocol, no decisions
//!   http                   HTTP: who may ask, and what a URL leads to; sockets
//!   hot                    what a page has, and what it must get after an edit
//!    fs                    paths, inodes, handles: `source` (SRC itself) and `computed` (what stands under /~@/)
//!     router               the mount table: which view serves which prefix of /~@/
//!      graph               memo, dependencies, freshness
//!       compute            the contract of computations: Context, Computations
//!       store              records and blobs that outlive the process (LMDB)
//!       source             the tree of sources: reading, and every change that has returned to its writer
//!        base              paths, hashes, keys, diagnostics
//!   runnable               the computations behind /~@/, and their names
//!    resolver              from a specifier to a file, as bundlers do it
//!    script                programs and hooks: modules run by QuickJS, in workers
//!    compiler              one module's text to JavaScript (swc)
//!    worker                processes that do what may not end: killed at a limit, asking through the context
//! ```
//!
//! A read of an output: `fuse` → `fs::computed` → the `router`'s view says which node a name stands for → `graph` reads
//! the tree's queue of changes dry, marks what they reach, and answers from memory, by verification, or by a run of
//! `runnable` → `resolver`, `compiler`, each question they ask through [`compute::Context`] being recorded.
//!
//! What holds everywhere:
//! - **Never stale.** A change that has returned to its writer is applied before the next answer (`graph::observe`).
//! - **Never twice.** A run is stored with all it asked; while those answers hold, it is not repeated (`graph::verify`).
//! - **Nothing but the context.** A computation is a pure function of its key and its context; nothing in `runnable`,
//!   `resolver` or `compiler` does I/O.
//! - **One version per inode.** What the kernel caches of a computed inode never changes (`fs::computed`).
//! - **No lock across I/O,** a computation, or a notification of the kernel.
//! - **The store is a cache.** Every byte out of it is checked against its hash; losing it costs time only.

pub mod app;
pub mod base;
pub mod cli;
pub mod compiler;
pub mod compute;
pub mod fs;
pub mod fuse;
pub mod graph;
pub mod hot;
pub mod http;
pub mod resolver;
pub mod router;
pub mod runnable;
pub mod script;
pub mod source;
pub mod store;
pub mod worker;

#[cfg(test)]
mod layers;

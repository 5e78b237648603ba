//! hookfs
#![allow(missing_docs)]
pub mod base;
pub mod compute;
pub mod graph;
pub mod router;
pub mod source;
pub mod store;

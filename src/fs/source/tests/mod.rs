//! The source side, driven directly.

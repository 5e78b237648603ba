//! Leaf vocabulary of every layer: paths, hashes, keys and diagnostics. No I/O.

mod diagnostic;
mod hash;
mod key;
mod path;

pub use diagnostic::{Diagnostic, Location, code_frame};
pub use hash::{ContentHash, ShortHash};
pub use key::{Computation, Key, Part};
pub use path::{PathError, SourcePath};

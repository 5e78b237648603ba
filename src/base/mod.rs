//! Leaf vocabulary of every layer: paths, hashes, keys, diagnostics, and what was told already. No I/O.

mod diagnostic;
mod hash;
mod key;
mod modules;
mod path;
mod quick;
mod text;
mod told;

pub use diagnostic::{Diagnostic, Location, code_frame};
pub use hash::{ContentHash, ShortHash};
pub use key::{Computation, Key, Part};
pub use modules::{ABOVE, ELSEWHERE, holds_packages};
pub use path::{PathError, SourcePath};
pub use quick::{Quick, QuickMap, QuickSet};
pub use text::has;
pub use told::Told;

//! TypeScript and JSX to ES modules: text in, text out. No I/O, no knowledge of paths, packages or the graph.
//!
//! One file goes through three steps, and its caller resolves the imports between the second and the third:
//!
//! ```
//! use hookfs::compiler::{self, Language, Options, Replacement};
//!
//! let source = b"import { b } from './b'; export const a: number = b;";
//! let parsed = compiler::parse(source, Language::Ts, "ui/form.ts")?;
//! let transformed = parsed.transform(&Options::default())?; // the set of imports is final here
//! assert_eq!(transformed.requests()[0].specifier, "./b");
//! let emitted = transformed.emit(&mut |_| Replacement::Specifier("./b.ts.js".into()))?;
//! assert!(emitted.code.contains("from \"./b.ts.js\""));
//! # Ok::<(), Vec<hookfs::base::Diagnostic>>(())
//! ```
//!
//! Every step is deterministic and re-entrant; a file's values stay on the thread that parsed it. A fault of the user's
//! file, and a panic of the compiler too, is a [`crate::base::Diagnostic`]. Deeply nested code needs stack: call on a
//! thread of at least [`STACK`] bytes; what would need more is refused with the diagnostic `too-deep`.

mod accept;
mod accessors;
mod aliases;
mod ambient;
mod any;
mod assignments;
mod branches;
mod clashes;
mod class_names;
mod common;
mod contexts;
mod decorators;
mod deferred;
mod defines;
mod depth;
mod early;
mod emit;
mod engine;
mod enums;
mod environment;
mod faults;
mod fields;
mod form;
mod function;
mod glob;
mod guard;
mod helpers;
mod interop;
mod json;
mod jsx;
mod kept;
mod language;
mod likely;
mod loaded;
mod map;
mod members;
mod metadata;
mod minify;
mod misplaced;
mod namespaces;
mod options;
mod outline;
mod parse;
mod positions;
mod refresh;
mod regexes;
mod replace;
mod request;
mod requests;
mod scatter;
mod sequences;
mod spelled;
mod stand;
mod svg;
mod targets;
mod transform;
mod wasm;
mod writer;
mod written;

pub use any::check_any;
pub use common::{Exports, facade, stand_in};
pub use defines::is_identifier;
pub use emit::Transformed;
pub use environment::EnvironmentUse;
pub use faults::at as located;
pub use function::{function_form, tables};
pub use glob::{Glob, Member};
pub use json::json_module;
pub use language::{Form, Language};
pub use likely::{Likely, likely_exports};
pub use options::{DecoratorMetadata, Decorators, Define, Jsx, Options};
pub use outline::{Outline, Passed};
pub use parse::{Parsed, parse};
pub use request::{CommonJs, Elsewhere, Emitted, Named, Names, Replacement, Request, RequestKind};
pub use svg::svg_module;
pub use wasm::{wasm_exports, wasm_module, wasm_source};

use guard::guard;

#[cfg(test)]
mod accept_tests;
#[cfg(test)]
mod groups_tests;
#[cfg(test)]
mod member_tests;
#[cfg(test)]
mod misplaced_tests;
#[cfg(test)]
mod namespace_tests;
#[cfg(test)]
mod tests;

/// Bytes of stack that every call needs to be able to use, for the deepest nesting that is accepted.
pub const STACK: usize = 64 << 20;

//! What a file asks of other files.

use super::glob::{Glob, Member};

/// One place where a file names another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The specifier as it is written, its escapes resolved.
    pub specifier: String,
    /// By what syntax.
    pub kind: RequestKind,
    /// The import attributes (`with { type: 'json' }`). They go where the specifier is replaced, for what they speak of
    /// is the source, and the output is JavaScript.
    pub attributes: Vec<(String, String)>,
    /// No name of the other file is asked for: `import 'x'`.
    pub nameless: bool,
    /// What is asked for, where it is many modules.
    pub glob: Option<Box<Glob>>,
    /// The compiler added it (the JSX runtime); its place is the start of the file.
    pub injected: bool,
    /// Where the specifier stands: line, from 1.
    pub line: u32,
    /// Column, from 1, in characters.
    pub column: u32,
    /// Its width with the quotes, in characters.
    pub width: u32,
}

/// The syntax of a [`Request`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// `import … from 'x'`, `import 'x'`, `import x = require('x')`.
    Import,
    /// `export … from 'x'`.
    ExportFrom,
    /// `import('x')`.
    Dynamic,
    /// `new URL('x', import.meta.url)`.
    Url,
    /// `import.meta.glob('x')`; see [`Request::glob`].
    Glob,
    /// `` import(`x/${y}`) ``; see [`Request::glob`].
    Pattern,
}

/// What is to stand in place of a [`Request`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// The specifier as it is written, attributes included.
    Keep,
    /// This specifier.
    Specifier(String),
    /// What a [`Glob`] means.
    Members(Vec<Member>),
    /// An error with this message, thrown when the module is evaluated (`import()` gives a rejected promise).
    Throw {
        /// The error's message.
        message: String,
    },
    /// The import succeeds; whatever is done with a thing imported (call, read, write, extend) throws an error with
    /// this message.
    Unavailable {
        /// The error's message.
        message: String,
    },
}

/// What comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emitted {
    /// The ES module.
    pub code: String,
    /// Its source map (ECMA-426, version 3, with the source in it); `None` where the options name no map.
    pub map: Option<String>,
}

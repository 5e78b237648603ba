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
    /// The names that an `import` or `export … from` asks for, `default` among them; not those of a whole namespace.
    pub names: Vec<Named>,
    /// All that the other file exports is asked for as one: `import * as a`, `export *`.
    pub whole: bool,
    /// Of what is asked for as one, only these members are read; empty where that is not sure.
    pub members: Vec<String>,
    /// What is asked for, where it is many modules.
    pub glob: Option<Box<Glob>>,
    /// The other file's source is asked for, as an object, in place of what it exports (`import source x from`,
    /// `import.source('x')`).
    pub is_source: bool,
    /// The compiler added it (the JSX runtime); its place is the start of the file.
    pub injected: bool,
    /// Where the specifier stands: line, from 1.
    pub line: u32,
    /// Column, from 1, in characters.
    pub column: u32,
    /// Its width with the quotes, in characters.
    pub width: u32,
}

/// A name that is asked of another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// As the other file exports it.
    pub name: String,
    /// What the importer calls it.
    pub local: String,
    /// Where it stands, in bytes of the text without its byte order mark.
    pub range: std::ops::Range<usize>,
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
    /// `require('x')` of a CommonJS file.
    Require,
    /// `require('x')`, wherever it stands in the file within a `try` that catches: the file expects that it fails.
    TriedRequire,
    /// `require.resolve('x')`: only the name of the file is asked for ([`Replacement::Name`]).
    ResolvedRequire,
    /// `new URL('x', import.meta.url)`.
    Url,
    /// The same as what a worker is started with that says that it is a module: `new Worker(…, { type: 'module' })`.
    WorkerUrl,
    /// The same within the parentheses of an `import()`.
    ImportedUrl,
    /// `import.meta.resolve('x')`.
    Resolve,
    /// `import.meta.glob('x')`; see [`Request::glob`].
    Glob,
    /// `` import(`x/${y}`) ``; see [`Request::glob`].
    Pattern,
    /// `import.meta.hot.accept('x', …)`, and each of `accept(['x', 'y'], …)`, where the module is compiled for a hot page.
    /// It asks for nothing: what is accepted is what is imported elsewhere in the file.
    Accept,
}

impl RequestKind {
    /// Whether it asks for the URL of a file.
    pub const fn is_url(self) -> bool {
        matches!(
            self,
            Self::Url | Self::WorkerUrl | Self::ImportedUrl | Self::Resolve
        )
    }

    /// Whether it is a `require` of a CommonJS file, whose target is the module of a body
    /// ([`super::Parsed::transform_common`]).
    pub const fn is_require(self) -> bool {
        matches!(
            self,
            Self::Require | Self::TriedRequire | Self::ResolvedRequire
        )
    }
}

/// What is to stand in place of a [`Request`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// The specifier as it is written, attributes included.
    Keep,
    /// This specifier.
    Specifier(String),
    /// What `import.meta.resolve` gives for this specifier, in place of the text of a `new URL`. Otherwise as
    /// [`Replacement::Specifier`].
    Resolved(String),
    /// A CommonJS file: what is asked of it that its facade ([`super::facade`]) does not export, or exports otherwise than
    /// the importer means it, is read from `module.exports`.
    CommonJs(CommonJs),
    /// Not every name is a value of one and the same file.
    Names(Names),
    /// The default export of this specifier, where a `require` asks for a file that is a value (JSON). Otherwise as
    /// [`Replacement::Specifier`].
    Value(String),
    /// This text, which a `require.resolve` gives.
    Name(String),
    /// An empty module, whose every export is `undefined`, and whose default export is `{}`.
    Empty,
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

/// How to import names that are not all values of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The file that is asked; `None`: nothing is left to ask it for.
    pub specifier: Option<String>,
    /// These are types that were imported without `type`. They are `undefined`.
    pub types: Vec<String>,
    /// These are evaluated before where the names come from, as the file that passes them on has it.
    pub first: Vec<String>,
    /// These are imported from where they are defined.
    pub passed: Vec<Elsewhere>,
    /// So are these, [`Request::members`] all of them; empty: the namespace is imported.
    pub members: Vec<Elsewhere>,
}

/// Where a name is imported from, in place of a file that passes it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The name, as the importer asks for it.
    pub name: String,
    /// The file that defines it.
    pub specifier: String,
    /// As that file exports it; `None`: all that it exports, as one object.
    pub as_name: Option<String>,
}

/// How to import a CommonJS file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommonJs {
    /// The specifier of its facade.
    pub facade: String,
    /// The specifier of its body.
    pub body: String,
    /// What the facade exports besides `default`, sorted.
    pub names: Vec<String>,
    /// Whether there may be more than `names`.
    pub is_open: bool,
    /// The importer is one to which Node's own rule applies, as esbuild and Rolldown have it: its default import is
    /// `module.exports` whatever `__esModule` says.
    pub is_node: bool,
}

impl CommonJs {
    /// Whether the facade exports `name` as the importer means it.
    pub(super) fn has(&self, name: &str) -> bool {
        match name {
            "default" => !self.is_node || !self.is_marked(),
            "__esModule" => false,
            name => self.names.iter().any(|known| known == name),
        }
    }

    /// Whether the facade's namespace is what the importer means.
    pub(super) fn has_all(&self) -> bool {
        !self.is_open && self.has("default")
    }

    fn is_marked(&self) -> bool {
        self.is_open || self.names.iter().any(|name| name == "__esModule")
    }
}

/// What comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emitted {
    /// The ES module.
    pub code: String,
    /// Its source map (ECMA-426, version 3, with the source in it); `None` where the options name no map.
    pub map: Option<String>,
}

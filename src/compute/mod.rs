//! The contract between computations and whoever runs them.
//!
//! A computation is a pure function of a [`Key`] and a [`Context`]. Everything it learns, it learns through the
//! context, which records it as a dependency; nothing in a computation does I/O of its own. `graph` implements
//! [`Context`], `runnable` implements [`Computations`], and neither knows the other.

mod links;
mod memo;
mod recipe;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::base::{ContentHash, Diagnostic, Key, Part, SourcePath};
use crate::source::{Entry, HELD, InputError, ListedEntry};

pub use links::{LinkError, resolve_links};
pub use memo::Memo;
pub use recipe::{Recipe, Segment, Slot};

/// What a computation may ask for. Each answer is recorded as a dependency of the node that is being computed.
pub trait Context {
    /// The content of a source file.
    ///
    /// # Errors
    /// [`InputError`].
    fn content(&self, path: &SourcePath) -> Result<Bytes, InputError>;

    /// The hash of the content of a source file; and the content itself, if it has no more than [`HELD`] bytes.
    ///
    /// # Errors
    /// [`InputError`].
    fn digest(&self, path: &SourcePath) -> Result<(ContentHash, Option<Bytes>), InputError> {
        self.content(path).map(digested)
    }

    /// What a glance at a source file shows of one aspect ([`Computations::glance`], [`Computations::aspect`]). An edit
    /// after which that is the same reaches nobody who asked for this alone.
    ///
    /// # Errors
    /// [`InputError`].
    fn glance(&self, path: &SourcePath, aspect: &str) -> Result<Bytes, InputError>;

    /// What a name stands for; "nothing" is an answer, and recorded.
    ///
    /// # Errors
    /// [`InputError::Io`].
    fn entry(&self, path: &SourcePath) -> Result<Entry, InputError>;

    /// A directory's entries, sorted by name.
    ///
    /// # Errors
    /// [`InputError`].
    fn list(&self, path: &SourcePath) -> Result<Arc<[ListedEntry]>, InputError>;

    /// A part of another node's output, computed if need be; of one that is put together when it is read
    /// ([`Computations::is_assembled`]) the [`Recipe`].
    ///
    /// # Errors
    /// [`Failure`]; that it failed is recorded too.
    fn fetch(&self, key: &Key, part: Part) -> Result<Bytes, Failure>;

    /// The hash and the size in bytes of a part of another node's output: as [`Context::fetch`], without its bytes.
    ///
    /// # Errors
    /// [`Failure`]; that it failed is recorded too.
    fn measure(&self, key: &Key, part: Part) -> Result<(ContentHash, u64), Failure>;

    /// The hash alone.
    ///
    /// # Errors
    /// As [`Context::measure`].
    fn hash(&self, key: &Key, part: Part) -> Result<ContentHash, Failure> {
        self.measure(key, part).map(|(hash, _)| hash)
    }

    /// Does work that mostly waits for another process. Whoever runs the computation may have other computations done
    /// meanwhile, so that one that is stuck holds up no other.
    fn outside(&self, work: &mut dyn FnMut()) {
        work();
    }

    /// Where this node is not at hand, and is about to be asked for, has those that `others` gives computed meanwhile, on cores
    /// that are idle. It is no question: nothing is recorded, and nothing told.
    fn meanwhile(&self, _key: &Key, _others: &mut dyn FnMut() -> Vec<Key>) {}

    /// Has these nodes, and all that their outputs refer to, computed on all cores, for they are about to be asked for.
    /// It is no question: nothing is recorded, and nothing told.
    fn prepare(&self, _keys: &[Key]) {}
}

/// What [`Context::digest`] tells of these bytes.
pub fn digested(bytes: Bytes) -> (ContentHash, Option<Bytes>) {
    let hash = ContentHash::of(&bytes);
    let is_small = bytes.len() as u64 <= HELD;
    (hash, is_small.then_some(bytes))
}

/// What a run gives.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// The parts, [`Part::MAIN`] among them, each at most once. Not [`Part::LINKS`], which is made from `links`.
    pub parts: Vec<(Part, Bytes)>,
    /// The nodes that the output refers to (a module's imports), in the order of their mention, each once under each
    /// suffix. They are no dependencies; the graph computes them ahead on idle cores, and finds importers by them. Whoever
    /// needs all that an output leads to (a page, a build) follows them.
    pub links: Vec<Link>,
}

/// A node that an output refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Which node: its main part is the file referred to.
    pub key: Key,
    /// When whoever loads the output needs it.
    pub kind: LinkKind,
    /// Of what is evaluated, what follows its name in the URL (`?1`), which makes another instance of it.
    pub suffix: Option<Box<str>>,
}

/// How an output refers to a node, the stronger kind first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LinkKind {
    /// Evaluated with it: `import`, `export … from`, `require`.
    Import,
    /// Evaluated later, perhaps: `import()`.
    Dynamic,
    /// By its URL: an image, a font, a style sheet, a worker.
    Url,
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

impl Link {
    /// A link of this kind.
    pub const fn new(kind: LinkKind, key: Key) -> Self {
        Self {
            key,
            kind,
            suffix: None,
        }
    }

    /// The same with this suffix.
    #[must_use]
    pub fn with_suffix(self, suffix: &str) -> Self {
        let suffix = (!suffix.is_empty()).then(|| suffix.into());
        Self { suffix, ..self }
    }

    /// The same to the node that `of` gives for this one's.
    #[must_use]
    pub fn to(self, of: impl FnOnce(Key) -> Key) -> Self {
        Self {
            key: of(self.key),
            ..self
        }
    }

    /// What is evaluated with the output.
    pub const fn import(key: Key) -> Self {
        Self::new(LinkKind::Import, key)
    }

    /// What the output names by its URL.
    pub const fn url(key: Key) -> Self {
        Self::new(LinkKind::Url, key)
    }
}

/// Why there is no output.
#[derive(Debug, Clone, Error)]
pub enum Failure {
    /// The user's files are at fault. Memoized with its dependencies.
    #[error("{}", Diagnostic::render_all(.0))]
    Diagnostics(Arc<[Diagnostic]>),
    /// What the user's files ask for took more time, memory or stack than it may. Remembered for a moment, with its
    /// dependencies, and in no store: the next time it may do.
    #[error("{}", Diagnostic::render_all(.0))]
    Limit(Arc<[Diagnostic]>),
    /// The source file is not there. Memoized with its dependencies.
    #[error("no such file `{0}`")]
    Missing(SourcePath),
    /// The computation waits on itself ([`Computations::cycle`]), by way of these nodes. Only they are told so: to whoever
    /// else asks for one of them it is a file that is wrong, [`Failure::Diagnostics`]. Never memoized.
    #[error("{}", Diagnostic::render_all(.0))]
    Cycle(Arc<[Diagnostic]>, Arc<[Key]>),
    /// An input could not be read. Never memoized.
    #[error(transparent)]
    Input(InputError),
    /// hookfs itself is at fault: a caught panic, a broken invariant. Never memoized.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Failure {
    /// Whether the file is at fault, and not what hookfs met on the way to it: who can do without that file goes on.
    pub fn is_of_file(&self) -> bool {
        matches!(
            self,
            Self::Diagnostics(_) | Self::Limit(_) | Self::Missing(_)
        )
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        match error {
            InputError::Absent(path) => Self::Missing(path),
            error @ InputError::Io { .. } => Self::Input(error),
        }
    }
}

/// All computations of a program, by the computation that a key names.
pub trait Computations: Send + Sync {
    /// Runs one. It may be run on any thread, by several threads for several keys at a time. It must not panic on
    /// what users write; the graph turns a panic that happens all the same into [`Failure::Internal`].
    ///
    /// # Errors
    /// [`Failure`].
    fn run(&self, key: &Key, context: &dyn Context) -> Result<Output, Failure>;

    /// Whether what a run of it gives is a file that somebody can open, and no step on the way to one.
    fn is_output(&self, _key: &Key) -> bool {
        true
    }

    /// Whether what a node gives may have content of what another one gives that its run has asked for, and not only a
    /// name, a hash or a setting.
    fn takes_in(&self, _key: &Key, _of: &Key) -> bool {
        true
    }

    /// What others need to know of a file's bytes: a pure function of its arguments that takes no longer than reading
    /// the file does, so that its result is kept nowhere.
    fn glance(&self, path: &SourcePath, content: &[u8]) -> Bytes;

    /// What a glance shows of one aspect, whatever names one: a pure function, as cheap as a search.
    fn aspect(&self, glance: &[u8], aspect: &str) -> Bytes;

    /// Whether a part is put together when it is read: what a run gives for it is a [`Recipe`], encoded. Its hash is that of
    /// the recipe.
    fn is_assembled(&self, _key: &Key, _part: Part) -> bool {
        false
    }

    /// What stands in the slot of a part that is put together; `None`: it has none, or nothing stands there.
    fn slot(&self, _key: &Key, _part: Part) -> Option<&Slot> {
        None
    }

    /// What is told of computations that wait for each other, in the order in which they do, the first once more at the end.
    fn cycle(&self, keys: &[Key]) -> Diagnostic;

    /// What all keys share and a stored record must agree on: the options and the compiler's version.
    fn identity(&self) -> String;
}

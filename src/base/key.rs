//! The identity of a computation.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::SourcePath;

/// Which computation: a short name such as `module`. The graph and the store know nothing of what it means.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Computation(Cow<'static, str>);

impl Computation {
    /// A computation by its name.
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// One of a family of computations: `name` of `detail`, a file's export for one. A name has no space.
    pub fn of(name: &'static str, detail: &str) -> Self {
        Self(Cow::Owned(format!("{name} {detail}")))
    }

    /// The computation with this name, whichever it is.
    pub fn named(name: String) -> Self {
        Self(Cow::Owned(name))
    }

    /// The detail, where it is of the family `name`.
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.0.strip_prefix(name)?.strip_prefix(' ')
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// What identifies one node of the graph: the computation and the source file it is about. The options and the
/// compiler's version belong to it too; the graph adds them when it stores a node, since they are the same for all of
/// a daemon's nodes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// Which computation.
    pub computation: Computation,
    /// The source file it is about, with links resolved.
    pub path: SourcePath,
}

impl Key {
    /// The node of `computation` for `path`.
    pub const fn new(computation: Computation, path: SourcePath) -> Self {
        Self { computation, path }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.computation.0, self.path)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// One of the outputs that a single run of a computation gives: a module gives its code and its source map.
/// Dependents depend on one part, so a change in another does not reach them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Part(pub u8);

impl Part {
    /// The main output; every run that succeeds gives one.
    pub const MAIN: Self = Self(0);
    /// The source map of the main output.
    pub const MAP: Self = Self(1);
    /// The nodes that the output refers to (a module's imports), encoded by the graph from
    /// [`crate::compute::Output::links`].
    pub const LINKS: Self = Self(2);
    /// What tells the versions of the main output apart in their names, where that is not the main output's own hash:
    /// modules that name each other by their versions have hashes of all that they lead to. (Those from 3 on are for
    /// computations of their own.)
    pub const NAME: Self = Self(255);
}

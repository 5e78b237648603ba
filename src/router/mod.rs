//! The mount table: which view serves which prefix of `/~@/`.

mod control;
mod events;
mod explain;
mod graph_view;
mod nodes_view;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;

use crate::base::{Key, Part, ShortHash, SourcePath};
use crate::compute::{Context, Failure};

pub use control::{ControlView, LiveStream, LiveText};
pub use events::{ROTATE_AT, start_event_log};
pub use explain::{explained, importer_chain, shown_name};
pub use graph_view::{GraphReports, GraphView, Reports, copy, report};
pub use nodes_view::{Nodes, NodesView, node_name};
pub use table::MountTable;

/// What a name of a view stands for.
#[derive(Clone, Debug)]
pub enum Found {
    /// No such name.
    Absent,
    /// A directory. `source`: the directory of the tree that it mirrors, if it does.
    Directory {
        /// The mirrored directory.
        source: Option<SourcePath>,
    },
    /// A symbolic link, with its target as readers of the view need it.
    Link(Vec<u8>),
    /// A file.
    File(File),
}

/// Where a file's bytes come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum File {
    /// A part of a node. `source`: the file whose permissions the output takes; `names`: how many names it has.
    Node {
        /// Which node.
        key: Key,
        /// Which part of it.
        part: Part,
        /// How many names the output has, for `st_nlink`.
        names: u32,
    },
    /// The bytes of a source file, not stored a second time.
    Copy(SourcePath),
    /// One version of such a file, whatever the file is now.
    Version(Arc<Version>),
    /// Text made at the moment of the open, not memoized (`status.json`, the graph's own files).
    Text(Arc<dyn Live>),
}

/// One version of a file, named by its hash: its bytes are the same for ever, or it is not there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// Which file: a node's or a copy.
    pub file: File,
    /// Which version of it: of a main part the hash of [`Part::NAME`], where the node has that, else of the part itself;
    /// of a copy that of its content.
    pub hash: ShortHash,
    /// The node that keeps its versions: of a copy one whose main part is the hash of the content, in hexadecimal digits.
    pub node: Key,
    /// Which part of that has the bytes. The node of a large copy has none: then only the present version is there.
    pub part: Part,
}

/// Text that describes the daemon or the graph as they are now.
pub trait Live: Send + Sync + std::fmt::Debug {
    /// The text now.
    ///
    /// # Errors
    /// [`Failure`] where there is nothing to tell.
    fn text(&self) -> Result<Bytes, Failure>;

    /// A growing file (`events`): the path of the real file behind it, read directly and never cached.
    fn stream(&self) -> Option<std::path::PathBuf> {
        None
    }

    /// Whose content it quotes: who may not read that may not read this.
    fn quotes(&self) -> Quotes<'_> {
        Quotes::Nothing
    }

    /// What makes two of them the same file: the path in the view.
    fn identity(&self) -> &str;
}

/// What of the sources stands in a live file (a diagnostic shows lines of them).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotes<'a> {
    /// Nothing: everybody may read it.
    Nothing,
    /// This file: whoever may read that.
    File(&'a SourcePath),
    /// What a node is made of: whoever may read all of that.
    Node(&'a Key),
    /// Any file: the daemon's user alone.
    Any,
}

impl PartialEq for dyn Live {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for dyn Live {}

impl std::hash::Hash for dyn Live {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

/// One name of a listing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// One component.
    pub name: Vec<u8>,
    /// What it is, as `d_type` needs it.
    pub kind: ListedKind,
}

/// The kind of a listed name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListedKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
}

/// A tree of names, computed from the source tree: one entry of the mount table. It learns about the sources through
/// the context, like a computation, and keeps nothing.
pub trait View: Send + Sync {
    /// What `path` (relative to the view's prefix, components as the user wrote them) stands for. Only the last
    /// component is looked at as a name to be found; those above it were found to be directories.
    ///
    /// # Errors
    /// [`Failure`] where the sources cannot be read.
    fn lookup(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure>;

    /// The names of a directory, sorted. What is listed can be looked up.
    ///
    /// # Errors
    /// [`Failure`] where the sources cannot be read; [`Failure::Missing`] where it is no directory.
    fn list(&self, context: &dyn Context, path: &SourcePath) -> Result<Vec<Listed>, Failure>;

    /// The files that all others are there for, such as pages, sorted.
    ///
    /// # Errors
    /// [`Failure`] where the sources cannot be read.
    fn entries(&self, context: &dyn Context) -> Result<Vec<SourcePath>, Failure> {
        let _ = context;
        Ok(Vec::new())
    }

    /// The source whose owner and permissions an output takes that is of a file at `path` of the tree, where there is no
    /// such file: it is made of this one.
    ///
    /// # Errors
    /// [`Failure`] where the sources cannot be read.
    fn maker(
        &self,
        context: &dyn Context,
        path: &SourcePath,
    ) -> Result<Option<SourcePath>, Failure> {
        let _ = (context, path);
        Ok(None)
    }
}

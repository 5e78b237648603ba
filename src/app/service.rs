//! What the commands ask about one source: of the engine in this process, or of the daemon that serves the source.

use std::io::Write;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::Result;
use crate::base::{ContentHash, Diagnostic, ShortHash, SourcePath};

/// What a name under `/~@/` stands for, computed where it is an output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Named {
    /// Nothing.
    Absent,
    /// A folder.
    Folder,
    /// A symbolic link and its target.
    Link(Vec<u8>),
    /// A file.
    File(Described),
}

/// A file under `/~@/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// The hash of its bytes; none for a text made at the moment of its reading.
    pub hash: Option<ContentHash>,
    /// What the name of its present version has, where that is not the beginning of the hash.
    pub name: Option<ShortHash>,
    /// The permissions of its source.
    pub permissions: u32,
    /// The other files under `/~@/` that this one refers to: a module's imports.
    pub links: Vec<Reference>,
    /// What is wrong with it, where it is there all the same: a page that shows its faults.
    pub faults: Vec<Diagnostic>,
}

/// How a file refers to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The other file.
    pub path: SourcePath,
    /// The file is of use without it: what a package loads later, if ever, is often for other places than browsers.
    pub is_optional: bool,
}

/// One name of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// One component.
    pub name: Vec<u8>,
    /// Whether it is a folder.
    pub folder: bool,
}

/// The questions. Paths are those under `/~@/`.
pub trait Service {
    /// What the name stands for.
    ///
    /// # Errors
    /// The diagnostics of an output that can't be computed; I/O.
    fn describe(&self, path: &SourcePath) -> Result<Named>;

    /// A folder's names, sorted.
    ///
    /// # Errors
    /// Where it is no folder; I/O.
    fn list(&self, path: &SourcePath) -> Result<Vec<Item>>;

    /// The files that all others are there for: pages and public files.
    ///
    /// # Errors
    /// I/O.
    fn entries(&self) -> Result<Vec<SourcePath>>;

    /// Writes a file's bytes, all of one version.
    ///
    /// # Errors
    /// The diagnostics of an output that can't be computed; I/O.
    fn read(&self, path: &SourcePath, sink: &mut dyn Write) -> Result<()>;

    /// The bytecode of the module in function form at a path, or of the runtime of programs, as
    /// [`Runtime`](crate::script::Runtime) encodes it. `None` where it is not there yet: it is made from now on, where a core
    /// is idle, for the next one that asks. To wait for it takes longer than to go without.
    ///
    /// # Errors
    /// Where the store fails, or the daemon does not answer.
    fn bytecode(&self, of: Option<&SourcePath>) -> Result<Option<Vec<u8>>>;

    /// A number that stays as long as every file that was described, and was there, is as it was. `None` where that cannot
    /// be told.
    ///
    /// # Errors
    /// Where the daemon does not answer.
    fn revision(&self) -> Result<Option<u64>>;

    /// What the graph knows of a file; computes nothing.
    ///
    /// # Errors
    /// Where the name stands for no output; I/O.
    fn report(&self, path: &SourcePath) -> Result<serde_json::Value>;

    /// What is wrong with the sources, as far as they were computed, as in `errors.json`.
    ///
    /// # Errors
    /// Where the daemon does not answer.
    fn problems(&self) -> Result<Vec<Diagnostic>>;

    /// The state of the service, as in `status.json`.
    ///
    /// # Errors
    /// Where the daemon does not answer.
    fn status(&self) -> Result<serde_json::Value>;

    /// Counts of the store: `records`, `blobs`, `blob_bytes`, `disk_bytes`.
    ///
    /// # Errors
    /// Where the daemon does not answer.
    fn cache(&self) -> Result<CacheSize>;

    /// Evicts the least recently used outputs until they are at most `bytes`; gives the bytes freed.
    ///
    /// # Errors
    /// Where the store fails.
    fn prune(&self, bytes: u64) -> Result<u64>;

    /// Forgets all outputs; gives the bytes freed.
    ///
    /// # Errors
    /// Where the store fails.
    fn clear(&self) -> Result<u64>;
}

/// What the store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheSize {
    /// Records of nodes.
    pub records: u64,
    /// Outputs.
    pub blobs: u64,
    /// Their bytes.
    pub blob_bytes: u64,
    /// Bytes on disk.
    pub disk_bytes: u64,
}

/// Whoever leads to a service is one.
macro_rules! leads {
    ($($pointer:ty),*) => {$(
        impl<T: Service + ?Sized> Service for $pointer {
            fn describe(&self, path: &SourcePath) -> Result<Named> {
                (**self).describe(path)
            }

            fn list(&self, path: &SourcePath) -> Result<Vec<Item>> {
                (**self).list(path)
            }

            fn entries(&self) -> Result<Vec<SourcePath>> {
                (**self).entries()
            }

            fn read(&self, path: &SourcePath, sink: &mut dyn Write) -> Result<()> {
                (**self).read(path, sink)
            }

            fn bytecode(&self, of: Option<&SourcePath>) -> Result<Option<Vec<u8>>> {
                (**self).bytecode(of)
            }

            fn revision(&self) -> Result<Option<u64>> {
                (**self).revision()
            }

            fn report(&self, path: &SourcePath) -> Result<serde_json::Value> {
                (**self).report(path)
            }

            fn problems(&self) -> Result<Vec<Diagnostic>> {
                (**self).problems()
            }

            fn status(&self) -> Result<serde_json::Value> {
                (**self).status()
            }

            fn cache(&self) -> Result<CacheSize> {
                (**self).cache()
            }

            fn prune(&self, bytes: u64) -> Result<u64> {
                (**self).prune(bytes)
            }

            fn clear(&self) -> Result<u64> {
                (**self).clear()
            }
        }
    )*};
}

leads!(Arc<T>, Box<T>, &T);

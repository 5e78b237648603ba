//! What files there are.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use crate::base::{ContentHash, SourcePath};

/// What a path leads to, links followed.
#[derive(Clone, Debug)]
pub enum Found {
    /// Nothing.
    Absent,
    /// A folder.
    Folder,
    /// A file.
    File(Opened),
}

/// One version of a file: whatever happens to the file, its bytes are of this version.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What is told of it.
    pub head: Head,
    /// Its bytes.
    pub content: Arc<dyn Content>,
}

/// What is told of a file besides its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// What tells its versions apart.
    pub hash: ContentHash,
    /// The size in bytes.
    pub len: u64,
    /// Its name is that of this version alone.
    pub is_immutable: bool,
    /// The status that it is given with, 200 unless its hook says otherwise.
    pub status: u16,
    /// The headers that its hook gives.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// Of a file with these bytes, of which nothing else is told.
    pub fn new(hash: ContentHash, len: u64) -> Self {
        Self {
            hash,
            len,
            is_immutable: false,
            status: 200,
            headers: Vec::new(),
        }
    }
}

/// The bytes of one version.
pub trait Content: Send + Sync + std::fmt::Debug {
    /// All of them, where they are in memory.
    fn at_hand(&self) -> Option<Bytes> {
        None
    }

    /// Up to `size` bytes from `offset` on; fewer only at the end. It may read from a disk or another process.
    ///
    /// # Errors
    /// What the read gives, also where the version is gone.
    fn read_at(&self, offset: u64, size: usize) -> io::Result<Bytes>;
}

/// The files of a source. Paths are those under `/~@/`; none is looked up that holds a name with a dot before it, but
/// for those directly inside `node_modules`.
pub trait Site: Send + Sync {
    /// As [`Site::find`] where memory alone can answer, without waiting; `None` where it takes more.
    fn try_find(&self, path: &SourcePath) -> Option<Result<Found, Fault>>;

    /// What a path leads to as the sources are now, computed if need be. Blocks until it is.
    ///
    /// # Errors
    /// [`Fault`].
    fn find(&self, path: &SourcePath) -> Result<Found, Fault>;

    /// What is told to who looks for the page at the root, where there is none.
    fn without_page(&self) -> Option<String> {
        None
    }
}

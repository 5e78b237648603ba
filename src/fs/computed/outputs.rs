//! What the computed side asks of the graph.

use bytes::Bytes;

use crate::base::{ContentHash, Key, Part, ShortHash, SourcePath};
use crate::compute::{Context, Failure};
use crate::graph::{Fetched, Graph, Kept, Sources};
use crate::source::InputError;
use crate::store::Blob;

/// What takes an answer on, without holding up whoever has found it.
pub type Then = Box<dyn FnOnce(Result<Fetched, Failure>) + Send>;

/// The graph as the computed side needs it. A seam, so that the rules about inodes and handles are tested without a
/// graph, a store and a disk.
pub trait Outputs: Send + Sync {
    /// The fresh version of a part, computed if need be.
    ///
    /// # Errors
    /// [`Failure`].
    fn fetch(&self, key: &Key, part: Part) -> Result<Fetched, Failure>;

    /// As [`Outputs::fetch`] where [`Outputs::try_fetch`] gave nothing, without waiting. `then` may be dropped instead
    /// where everything ends.
    fn fetch_later(&self, key: &Key, part: Part, then: Then);

    /// As [`Outputs::fetch`] where the answer is known to be fresh now; `None` where it takes work.
    fn try_fetch(&self, key: &Key, part: Part) -> Option<Result<Fetched, Failure>>;

    /// The version with this hash in its name, whatever the sources give now; `None`: it is gone, or never was.
    ///
    /// # Errors
    /// [`Failure`] of the node as it is now.
    fn kept(&self, key: &Key, part: Part, hash: ShortHash) -> Result<Option<Kept>, Failure>;

    /// As [`Outputs::kept`] where memory alone can answer; `None` where it takes more.
    fn try_kept(&self, key: &Key, part: Part, hash: ShortHash) -> Option<Kept>;

    /// The bytes of that version, pinned. It may have to be computed again.
    ///
    /// # Errors
    /// [`Failure`], also where that version cannot be had any more.
    fn blob(&self, key: &Key, part: Part, hash: &ContentHash) -> Result<Blob, Failure>;

    /// The same bytes, where they are in memory; `None` where they have to be read or computed.
    fn try_blob(&self, key: &Key, part: Part, hash: &ContentHash) -> Option<Blob>;

    /// Whether a part is put together when it is read: its hash is not that of its bytes.
    fn is_assembled(&self, _key: &Key, _part: Part) -> bool {
        false
    }

    /// The files that have content in one version of a part, or in what the node gave last; `None`: nobody knows any more.
    fn sources(&self, key: &Key, part: Part, hash: Option<&ContentHash>) -> Option<Sources>;

    /// A number that stays as long as the sources that are in memory are as they were, their permissions too; `None`: nothing
    /// tells.
    fn revision(&self) -> Option<u64>;

    /// The identity of a source file's content.
    ///
    /// # Errors
    /// [`InputError`].
    fn version(&self, path: &SourcePath) -> Result<Fetched, InputError>;

    /// The content that [`Outputs::version`] told of, where the file was being changed then.
    fn moving_content(&self, hash: &ContentHash) -> Option<Bytes>;

    /// The sources as they are now, for views.
    fn look(&self) -> Box<dyn Context + '_>;

    /// The nodes whose outputs refer to this one.
    fn importers(&self, key: &Key) -> Vec<Key>;
}

impl Outputs for Graph {
    fn fetch(&self, key: &Key, part: Part) -> Result<Fetched, Failure> {
        Self::fetch(self, key, part)
    }

    fn fetch_later(&self, key: &Key, part: Part, then: Then) {
        Self::fetch_later(self, key, part, then);
    }

    fn try_fetch(&self, key: &Key, part: Part) -> Option<Result<Fetched, Failure>> {
        Self::try_fetch(self, key, part)
    }

    fn kept(&self, key: &Key, part: Part, hash: ShortHash) -> Result<Option<Kept>, Failure> {
        Self::kept(self, key, part, hash)
    }

    fn try_kept(&self, key: &Key, part: Part, hash: ShortHash) -> Option<Kept> {
        Self::try_kept(self, key, part, hash)
    }

    fn blob(&self, key: &Key, part: Part, hash: &ContentHash) -> Result<Blob, Failure> {
        Self::blob(self, key, part, hash)
    }

    fn try_blob(&self, key: &Key, part: Part, hash: &ContentHash) -> Option<Blob> {
        Self::try_blob(self, key, part, hash)
    }

    fn is_assembled(&self, key: &Key, part: Part) -> bool {
        Self::is_assembled(self, key, part)
    }

    fn sources(&self, key: &Key, part: Part, hash: Option<&ContentHash>) -> Option<Sources> {
        Self::sources(self, key, part, hash)
    }

    fn revision(&self) -> Option<u64> {
        Self::revision(self)
    }

    fn version(&self, path: &SourcePath) -> Result<Fetched, InputError> {
        Self::version(self, path)
    }

    fn moving_content(&self, hash: &ContentHash) -> Option<Bytes> {
        Self::moving_content(self, hash)
    }

    fn look(&self) -> Box<dyn Context + '_> {
        Box::new(Self::look(self))
    }

    fn importers(&self, key: &Key) -> Vec<Key> {
        Self::importers(self, key)
    }
}

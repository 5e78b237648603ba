//! Versions by name: `main.tsx.v0123456789abcdef.js` has the bytes of that hash for ever, or is not there.

use std::time::{Duration, SystemTime};

use super::originals::Original;
use super::{Computed, Named};
use crate::base::{ContentHash, Part, SourcePath};
use crate::compute::Failure;
use crate::fs::types::{Errno, Result};
use crate::graph::{Fetched, Kept};
use crate::router::{File, Version};

/// When such a file was last changed, as `stat` tells, since 1970: on 2001-01-01 at 00:00 UTC. Without a word of the server, a cache
/// takes a file for fresh for a tenth of its age (RFC 9111, 4.2.2): these it need never ask for again.
pub const LONG_AGO: Duration = Duration::from_secs(978_307_200);

impl Computed {
    /// Which version it is, where memory knows.
    pub(super) fn try_version(&self, version: &Version) -> Option<Kept> {
        self.outputs
            .try_kept(&version.node, version.part, version.hash)
    }

    /// Which version it is.
    ///
    /// # Errors
    /// ENOENT where it is gone, or never was; EIO and the others of a computation that fails now.
    pub(super) fn find_version(&self, version: &Version) -> Result<Kept> {
        let key = &version.node;
        let kept = match (
            self.outputs.kept(key, version.part, version.hash),
            &version.file,
        ) {
            (Ok(None) | Err(Failure::Missing(_)), File::Copy(path)) => {
                self.present_copy(path, version)?
            }
            (Ok(kept), _) => kept,
            (Err(failure), _) => {
                self.report(key, &failure);
                return Err(Errno::from(&failure));
            }
        };
        kept.ok_or(Errno(libc::ENOENT))
    }

    /// A copy as it is now, if that is the version: it is too large to be kept, or does not hold still.
    fn present_copy(&self, path: &SourcePath, version: &Version) -> Result<Option<Kept>> {
        let now = || {
            let fetched = self.outputs.version(path);
            fetched.map_err(|error| Errno::from(&error))
        };
        let found = now()?;
        let is_it = found.hash.short() == version.hash || {
            // The identity of a large one is not its content's hash.
            let text = self.outputs.look().fetch(&version.node, Part::MAIN);
            let text = text.map_err(|failure| Errno::from(&failure))?;
            let hash = std::str::from_utf8(&text)
                .ok()
                .and_then(ContentHash::from_hex);
            hash.is_some_and(|hash| hash.short() == version.hash) && now()?.hash == found.hash
        };
        Ok(is_it.then_some(Kept {
            hash: found.hash,
            len: found.len,
        }))
    }

    pub(super) fn name_kept(&self, file: &File, version: &Version, kept: Kept) -> Result<Named> {
        let key = &version.node;
        let original: Original = self.original(&key.path)?;
        let original = self.readable(key, version.part, &kept.hash, original);
        let fetched = Fetched {
            hash: kept.hash,
            len: kept.len,
            modified: SystemTime::UNIX_EPOCH + LONG_AGO,
        };
        Ok(self.name_version(file.clone(), 1, &fetched, &original))
    }
}

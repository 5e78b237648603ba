//! Files that are too large to be held in memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use bytes::Bytes;
use rustix::fs::fstat;
use rustix::io::Errno;

use super::reach::{Reach, stamp};
use super::read::open_regular;
use crate::base::SourcePath;
use crate::source::Stamp;

/// A regular file, open, that is read while it is as it was then.
#[derive(Debug)]
pub struct Held {
    file: File,
    stamp: Stamp,
}

impl Held {
    pub(super) fn open(reach: &Reach, path: &SourcePath) -> Result<Self, Errno> {
        let (handle, found) = open_regular(reach, path)?;
        Ok(Self {
            file: File::from(handle),
            stamp: stamp(&found),
        })
    }

    /// Its size in bytes when it was opened.
    pub fn size(&self) -> u64 {
        self.stamp.size
    }

    /// Up to `size` bytes from `offset` on; fewer only at the end.
    ///
    /// # Errors
    /// What the read gives; ESTALE where the file has changed since it was opened.
    pub fn read_at(&self, offset: u64, size: usize) -> io::Result<Bytes> {
        let left = usize::try_from(self.stamp.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; size.min(left)];
        let read = self.file.read_exact_at(&mut bytes, offset);
        // Looked at after the read: what was read is of the file that was opened.
        if stamp(&fstat(&self.file)?) != self.stamp {
            return Err(Errno::STALE.into());
        }
        read.map(|()| bytes.into())
    }
}

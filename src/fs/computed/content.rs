//! The bytes behind an open output, pinned for as long as it is open.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::SystemTime;

use bytes::Bytes;

use super::super::types::{Errno, Result};
use crate::base::ContentHash;
use crate::store::Blob;

/// One version of an output.
#[derive(Debug)]
pub enum Content {
    /// A blob, or text.
    Blob(Blob),
    /// A large source file, read while it is as it was when it was opened.
    Original {
        /// Open for reading.
        file: File,
        /// Its size in bytes when it was opened.
        size: u64,
        /// Its last change when it was opened.
        modified: SystemTime,
    },
    /// A growing file, read as it is now.
    Stream(File),
}

impl Content {
    /// The bytes in memory.
    pub fn of_bytes(bytes: Bytes) -> Self {
        Self::Blob(Blob::Memory(bytes))
    }

    /// The bytes asked for where no I/O is needed; `None` where it is.
    pub fn read_now(&self, offset: u64, size: usize) -> Option<Result<Bytes>> {
        match self {
            Self::Blob(blob) if blob.is_in_memory() => Some(
                blob.read_at(offset, size)
                    .map_err(|error| Errno::of(&error)),
            ),
            Self::Blob(_) | Self::Original { .. } | Self::Stream(_) => None,
        }
    }

    /// All the bytes, where they are in memory.
    pub fn in_memory(&self) -> Option<&Bytes> {
        match self {
            Self::Blob(Blob::Memory(bytes)) => Some(bytes),
            Self::Blob(_) | Self::Original { .. } | Self::Stream(_) => None,
        }
    }

    /// Up to `size` bytes from `offset` on; fewer only at the end.
    ///
    /// # Errors
    /// What the read gives; ESTALE where a large source file changed since it was opened.
    pub fn read(&self, offset: u64, size: usize) -> Result<Bytes> {
        match self {
            Self::Blob(blob) => blob
                .read_at(offset, size)
                .map_err(|error| Errno::of(&error)),
            Self::Original {
                file,
                size: len,
                modified,
            } => {
                let bytes = read_some(file, offset, size)?;
                // Looked at after the read: what was read is of the version that was opened.
                let metadata = file.metadata()?;
                match metadata.len() == *len && metadata.modified()? == *modified {
                    true => Ok(bytes),
                    false => Err(Errno(libc::ESTALE)),
                }
            }
            Self::Stream(file) => read_some(file, offset, size),
        }
    }

    /// The hash of all the bytes.
    ///
    /// # Errors
    /// As [`Content::read`].
    pub fn hash(&self) -> Result<ContentHash> {
        const STEP: usize = 1 << 20;
        let mut hasher = blake3::Hasher::new();
        loop {
            let bytes = self.read(hasher.count(), STEP)?;
            if bytes.is_empty() {
                return Ok(ContentHash::from_bytes(*hasher.finalize().as_bytes()));
            }
            hasher.update(&bytes);
        }
    }

    /// The size in bytes now.
    ///
    /// # Errors
    /// What fstat(2) of a growing file says.
    pub fn size(&self) -> Result<u64> {
        match self {
            Self::Blob(blob) => Ok(blob.len()),
            Self::Original { size, .. } => Ok(*size),
            Self::Stream(file) => Ok(file.metadata()?.len()),
        }
    }
}

fn read_some(file: &File, offset: u64, size: usize) -> Result<Bytes> {
    let mut buffer = vec![0; size];
    let mut filled = 0;
    while filled < size {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Errno::of(&error)),
        }
    }
    buffer.truncate(filled);
    Ok(Bytes::from(buffer))
}

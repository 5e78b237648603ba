//! Open files: each handle pins the version of its number.

use std::io::Read;
use std::sync::Arc;

use bytes::Bytes;

use super::inodes::Object;
use super::{Computed, Content, Opened, Wait, lock};
use crate::base::{ContentHash, Key, Part, SourcePath};
use crate::compute::Failure;
use crate::fs::source::Handle;
use crate::fs::types::{Errno, Ino, Result};
use crate::router::{File, Live};
use crate::source::HELD;
use crate::store::Blob;

/// Up to this size in bytes a copy is read whole when it is opened, so that what is read is one version; a larger one
/// is read in place while it stays as it is. The graph tells their versions apart by the same bound.
const COPY_WHOLE: u64 = 8 << 20;

impl Computed {
    /// Opens the version that `ino` is, whether or not it is still the newest. `None`: it takes work, and `wait`
    /// forbids.
    ///
    /// # Errors
    /// EROFS for writing; ESTALE where that version cannot be had any more: the kernel then looks its name up anew.
    pub fn open(&self, ino: Ino, flags: i32, wait: Wait) -> Option<Result<Opened>> {
        if flags & libc::O_ACCMODE != libc::O_RDONLY || flags & libc::O_TRUNC != 0 {
            return Some(Err(Errno(libc::EROFS)));
        }
        let (file, hash, len) = match self.inodes.get(ino) {
            Some((Object::File { file, hash }, facts)) => (file, hash, facts.len),
            Some((Object::Directory(_), _)) => return Some(Err(Errno(libc::EISDIR))),
            Some((Object::Link { .. }, _)) => return Some(Err(Errno(libc::ELOOP))),
            None => return Some(Err(Errno(libc::ESTALE))),
        };
        if let Some(content) = self.inodes.open_shared(ino) {
            return Some(Ok(self.opened(ino, content, false)));
        }
        let content = match self.content(&file, &hash, len, wait)? {
            Ok(content) => Arc::new(content),
            Err(error) => return Some(Err(error)),
        };
        Some(match self.inodes.open(ino, content) {
            Some((content, is_first)) => Ok(self.opened(ino, content, is_first)),
            None => Err(Errno(libc::ESTALE)),
        })
    }

    fn opened(&self, ino: Ino, content: Arc<Content>, is_first: bool) -> Opened {
        let handle = self.new_handle();
        lock(&self.files).insert(handle, (ino, content.clone()));
        Opened {
            handle: Handle(handle),
            stream: matches!(*content, Content::Stream(_)),
            is_first,
            content,
        }
    }

    /// Whether it is put together when it is read.
    pub(super) fn is_assembled(&self, file: &File) -> bool {
        node_of(file).is_some_and(|(key, part)| self.outputs.is_assembled(key, part))
    }

    /// The version `hash` of a file, which has `len` bytes. `None`: it takes work, and `wait` forbids.
    pub(super) fn content(
        &self,
        file: &File,
        hash: &ContentHash,
        len: u64,
        wait: Wait,
    ) -> Option<Result<Content>> {
        let node = node_of(file);
        if !self.is_assembled(file)
            && let Some(blob) = self.recent.get(hash)
        {
            return Some(Ok(Content::Blob(blob)));
        }
        if let Some((key, part)) = node
            && let Some(blob) = self.outputs.try_blob(key, part, hash)
        {
            return Some(Ok(self.keep(hash, blob)));
        }
        if wait == Wait::No {
            return None;
        }
        let file = match file {
            File::Version(version) => &version.file,
            _ => file,
        };
        if let (File::Copy(_), Some((key, part))) = (file, node)
            && len <= HELD
            && let Ok(blob) = self.outputs.blob(key, part, hash)
        {
            return Some(Ok(self.keep(hash, blob)));
        }
        Some(match file {
            File::Node { key, part, .. } => self.node_content(key, *part, hash),
            File::Copy(path) if len <= COPY_WHOLE => self.copy_content(path, hash, len),
            File::Copy(path) => self.large_copy(path, hash),
            File::Text(live) => self.text_content(live.as_ref(), hash),
            File::Version(_) => Err(Errno(libc::ESTALE)),
        })
    }

    fn node_content(&self, key: &Key, part: Part, hash: &ContentHash) -> Result<Content> {
        match self.outputs.blob(key, part, hash) {
            Ok(blob) => Ok(self.keep(hash, blob)),
            Err(failure) => Err(self.lost(key, part, hash, failure)),
        }
    }

    /// The blob as a content, which the next open finds if it is small.
    fn keep(&self, hash: &ContentHash, blob: Blob) -> Content {
        self.recent.put(*hash, &blob);
        Content::Blob(blob)
    }

    /// Why a version cannot be had: there is a newer one (the name is then looked up anew), or it failed.
    fn lost(&self, key: &Key, part: Part, hash: &ContentHash, failure: Failure) -> Errno {
        match self.outputs.fetch(key, part) {
            Ok(newest) if newest.hash == *hash => {
                self.report(key, &failure);
                Errno::from(&failure)
            }
            Ok(_) => Errno(libc::ESTALE),
            Err(failure) => {
                self.report(key, &failure);
                Errno::from(&failure)
            }
        }
    }

    fn copy_content(&self, path: &SourcePath, hash: &ContentHash, len: u64) -> Result<Content> {
        if let Some(bytes) = self.outputs.moving_content(hash) {
            return Ok(Content::of_bytes(bytes));
        }
        let (file, _) = self.originals.open(path)?;
        let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0));
        // One byte more than it has: a file that grew is another version.
        file.take(len + 1).read_to_end(&mut bytes)?;
        if ContentHash::of(&bytes) != *hash {
            return Err(Errno(libc::ESTALE));
        }
        let blob = Blob::Memory(Bytes::from(bytes));
        self.recent.put(*hash, &blob);
        Ok(Content::Blob(blob))
    }

    fn large_copy(&self, path: &SourcePath, hash: &ContentHash) -> Result<Content> {
        let (file, original) = self.originals.open(path)?;
        // Asked for after the file was looked at: if it is this version now, it was so then or a read will tell.
        let version = self
            .outputs
            .version(path)
            .map_err(|error| Errno::from(&error))?;
        if version.hash != *hash {
            return Err(Errno(libc::ESTALE));
        }
        Ok(Content::Original {
            file,
            size: original.size,
            modified: original.modified,
        })
    }

    fn text_content(&self, live: &dyn Live, hash: &ContentHash) -> Result<Content> {
        if let Some(path) = live.stream() {
            return Ok(Content::Stream(std::fs::File::open(path)?));
        }
        let text = live.text().map_err(|failure| Errno::from(&failure))?;
        match ContentHash::of(&text) == *hash {
            true => Ok(Content::of_bytes(text)),
            false => Err(Errno(libc::ESTALE)),
        }
    }

    /// The bytes behind an open handle.
    ///
    /// # Errors
    /// EBADF for a handle that is not open.
    pub fn opened_content(&self, handle: Handle) -> Result<Arc<Content>> {
        let files = lock(&self.files);
        let (_, content) = files.get(&handle.0).ok_or(Errno(libc::EBADF))?;
        Ok(content.clone())
    }

    /// lseek(2) with SEEK_DATA and SEEK_HOLE: an output is all data.
    ///
    /// # Errors
    /// ENXIO behind the end; EINVAL for another `whence`.
    pub fn lseek(&self, handle: Handle, offset: i64, whence: i32) -> Result<i64> {
        let size = self.opened_content(handle)?.size()?;
        let size = i64::try_from(size).map_err(|_| Errno(libc::EOVERFLOW))?;
        match whence {
            libc::SEEK_DATA | libc::SEEK_HOLE if offset < 0 || offset >= size => {
                Err(Errno(libc::ENXIO))
            }
            libc::SEEK_DATA => Ok(offset),
            libc::SEEK_HOLE => Ok(size),
            _ => Err(Errno(libc::EINVAL)),
        }
    }

    /// Closes a handle.
    pub fn release(&self, handle: Handle) {
        let closed = lock(&self.files).remove(&handle.0);
        if let Some((ino, content)) = closed {
            self.inodes.release(ino);
            drop(content);
        }
    }
}

/// The node whose output a file is, or is a version of.
fn node_of(file: &File) -> Option<(&Key, Part)> {
    match file {
        File::Node { key, part, .. } => Some((key, *part)),
        File::Version(version) => Some((&version.node, version.part)),
        File::Copy(_) | File::Text(_) => None,
    }
}

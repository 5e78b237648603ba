//! What is known of a number: attributes, extended attributes, where a link leads.

use std::time::Duration;

use super::inodes::{Facts, Object};
use super::{COMPUTED_ROOT, Computed, HASH_ATTRIBUTE, LONG, Wait, lock};
use crate::base::{ContentHash, SourcePath};
use crate::fs::source::Handle;
use crate::fs::types::{Attr, Errno, FileKind, Ino, Result};
use crate::router::{File, Found};

impl Computed {
    /// The attributes, and for how long they hold.
    ///
    /// # Errors
    /// ESTALE where a directory is none any more; what stat(2) of a growing file says.
    pub fn getattr(&self, ino: Ino, handle: Option<Handle>) -> Result<(Attr, Duration)> {
        if ino == COMPUTED_ROOT {
            let root = self.root();
            return Ok((root.attr, root.attr_life));
        }
        let (object, facts) = self.inodes.get(ino).ok_or(Errno(libc::ESTALE))?;
        match object {
            Object::Directory(path) => {
                let facts = self.present_directory(&path)?;
                Ok((
                    self.attr(ino, FileKind::Directory, 1, &facts),
                    Duration::ZERO,
                ))
            }
            Object::Link { .. } => Ok((self.attr(ino, FileKind::Symlink, 1, &facts), LONG)),
            Object::File { file, hash } => self.file_attr(ino, (&file, &hash), facts, handle),
        }
    }

    /// The facts of a directory that is there now.
    pub(super) fn present_directory(&self, path: &SourcePath) -> Result<Facts> {
        let look = self.outputs.look();
        match self.view.lookup(&*look, path) {
            Ok(Found::Directory { source }) => Ok(self.directory_facts(source.as_ref())),
            Ok(_) => Err(Errno(libc::ESTALE)),
            Err(failure) => Err(self.name_failed(path, &failure)),
        }
    }

    fn file_attr(
        &self,
        ino: Ino,
        (file, hash): (&File, &ContentHash),
        mut facts: Facts,
        handle: Option<Handle>,
    ) -> Result<(Attr, Duration)> {
        let (names, source, node) = match file {
            File::Node { key, part, names } => (*names, &key.path, Some((key, *part))),
            File::Copy(path) => (1, path, None),
            File::Version(version) => {
                let key = &version.node;
                (1, &key.path, Some((key, version.part)))
            }
            File::Text(live) => {
                let Some(path) = live.stream() else {
                    return Ok((self.attr(ino, FileKind::Regular, 1, &facts), LONG));
                };
                let open = handle.and_then(|handle| {
                    let files = lock(&self.files);
                    files.get(&handle.0).map(|(_, content)| content.clone())
                });
                facts.len = match open {
                    Some(content) => content.size()?,
                    None => std::fs::metadata(path)?.len(),
                };
                return Ok((self.attr(ino, FileKind::Regular, 1, &facts), Duration::ZERO));
            }
        };
        // The version stays what it is; its owner and permissions are the source's, as long as that is there.
        if let Ok(original) = self.original(source) {
            let original = match node {
                Some((key, part)) => self.readable(key, part, hash, original),
                None => original,
            };
            facts.perm = original.perm & 0o444;
            facts.uid = original.uid;
            facts.gid = original.gid;
        }
        Ok((self.attr(ino, FileKind::Regular, names, &facts), LONG))
    }

    pub(super) fn attr(&self, ino: Ino, kind: FileKind, nlink: u32, facts: &Facts) -> Attr {
        Attr {
            ino,
            size: facts.len,
            blocks: facts.len.div_ceil(512),
            atime: facts.modified,
            mtime: facts.modified,
            ctime: facts.modified,
            kind,
            perm: facts.perm,
            nlink,
            uid: facts.uid,
            gid: facts.gid,
            rdev: 0,
            blksize: 4096,
        }
    }

    /// Where a link leads.
    ///
    /// # Errors
    /// EINVAL for what is no link (readlink(2)); ESTALE for a number that is not known.
    pub fn readlink(&self, ino: Ino) -> Result<Vec<u8>> {
        match self.inodes.get(ino) {
            Some((Object::Link { target, .. }, _)) => Ok(target.into()),
            Some(_) => Err(Errno(libc::EINVAL)),
            None if ino == COMPUTED_ROOT => Err(Errno(libc::EINVAL)),
            None => Err(Errno(libc::ESTALE)),
        }
    }

    /// An extended attribute. Files have [`HASH_ATTRIBUTE`], in no listing, so that `cp -a` does not carry it away.
    /// `None`: it takes work, and `wait` forbids.
    ///
    /// # Errors
    /// ENODATA for any other; of what is put together when it is read, as [`Computed::open`].
    pub fn getxattr(&self, ino: Ino, name: &[u8], wait: Wait) -> Option<Result<Vec<u8>>> {
        let Some((Object::File { file, hash }, facts)) = self.inodes.get(ino) else {
            return Some(Err(Errno(libc::ENODATA)));
        };
        let is_stream = matches!(&file, File::Text(live) if live.stream().is_some());
        if name != HASH_ATTRIBUTE || is_stream {
            return Some(Err(Errno(libc::ENODATA)));
        }
        if !self.is_assembled(&file) {
            return Some(Ok(hash.to_hex().into_bytes()));
        }
        if wait == Wait::No {
            return None;
        }
        // The version's own hash is that of its recipe.
        let content = self.content(&file, &hash, facts.len, wait)?;
        Some(content.and_then(|content| Ok(content.hash()?.to_hex().into_bytes())))
    }

    /// access(2) where the kernel does not check by itself.
    ///
    /// # Errors
    /// EROFS for writing; EACCES for running a file.
    pub fn access(&self, ino: Ino, mask: i32) -> Result<()> {
        let (attr, _) = self.getattr(ino, None)?;
        if mask & libc::W_OK != 0 {
            return Err(Errno(libc::EROFS));
        }
        match mask & libc::X_OK != 0 && attr.kind == FileKind::Regular {
            true => Err(Errno(libc::EACCES)),
            false => Ok(()),
        }
    }
}

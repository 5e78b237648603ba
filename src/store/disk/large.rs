//! Blobs that are too large for a pack: one file each, named by the hash.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::super::stamp::Stamp;
use super::super::{Blob, Pinned};
use super::folder::{make_private, private_file, remove_any};
use crate::base::ContentHash;

/// What was found of a blob.
pub(super) enum Found {
    /// The right bytes.
    Whole(Blob),
    /// Something else in its place.
    Damaged,
    /// Nothing.
    Absent,
}

/// The folder of large blobs.
pub(super) struct Large {
    root: PathBuf,
    /// The files whose content this process has hashed, as they were then.
    verified: Mutex<HashMap<ContentHash, Stamp>>,
    temporary: AtomicU64,
}

/// Beyond this many the files are hashed again, to keep memory flat.
const MOST_VERIFIED: usize = 1 << 16;

impl Large {
    pub(super) fn new(root: PathBuf) -> Self {
        Self {
            root,
            verified: Mutex::default(),
            temporary: AtomicU64::new(0),
        }
    }

    fn path(&self, hash: &ContentHash) -> PathBuf {
        let name = hash.to_hex();
        self.root.join(&name[..2]).join(&name)
    }

    /// Opens a file, whose content is hashed the first time in this process and after any change to it.
    pub(super) fn open(&self, hash: &ContentHash) -> io::Result<Found> {
        let opened = File::options()
            .read(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(self.path(hash));
        let file = match opened {
            Ok(file) => file,
            Err(error) => return unopened(error),
        };
        if !file.metadata()?.is_file() {
            return Ok(Found::Damaged);
        }
        let known = self.verified().get(hash).copied();
        let Some(pinned) = Pinned::check(file, *hash, known)? else {
            return Ok(Found::Damaged);
        };
        if known != Some(pinned.stamp()) {
            let mut verified = self.verified();
            if verified.len() >= MOST_VERIFIED {
                verified.clear();
            }
            verified.insert(*hash, pinned.stamp());
        }
        Ok(Found::Whole(Blob::File(Arc::new(pinned))))
    }

    /// Whether a regular file has that name.
    pub(super) fn has(&self, hash: &ContentHash) -> bool {
        fs::symlink_metadata(self.path(hash)).is_ok_and(|found| found.is_file())
    }

    /// Writes the file under another name and renames it, so that the name never stands for half of it.
    pub(super) fn write(&self, hash: &ContentHash, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(hash);
        if fs::symlink_metadata(&path)
            .is_ok_and(|found| found.is_file() && found.len() == bytes.len() as u64)
        {
            return Ok(());
        }
        let number = self.temporary.fetch_add(1, Ordering::Relaxed);
        let parent = self.root.join(&hash.to_hex()[..2]);
        let temporary = parent.join(format!(".new-{}-{number}", std::process::id()));
        // Nearly always all is in place; only where it is not, it is looked at.
        if put(&temporary, &path, bytes).is_ok() {
            return Ok(());
        }
        for folder in [&self.root, &parent] {
            if fs::symlink_metadata(folder).is_ok_and(|found| !found.is_dir()) {
                remove_any(folder)?;
            }
        }
        make_private(&parent)?;
        remove_any(&temporary)?;
        if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
            remove_any(&path)?;
        }
        let written = put(&temporary, &path, bytes);
        if written.is_err() {
            let _ = remove_any(&temporary);
        }
        written
    }

    /// Removes the file; whoever has it open reads on.
    pub(super) fn remove(&self, hash: &ContentHash) -> io::Result<()> {
        self.verified().remove(hash);
        remove_any(&self.path(hash))
    }

    /// Removes all files.
    pub(super) fn clear(&self) -> io::Result<()> {
        self.verified().clear();
        remove_any(&self.root)
    }

    /// Every blob there is, with its size; what a crash left half written is removed.
    pub(super) fn survey(&self) -> io::Result<Vec<(ContentHash, u64)>> {
        let mut found = Vec::new();
        let folders = match fs::read_dir(&self.root) {
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(found);
            }
            other => other?,
        };
        for folder in folders {
            let folder = folder?;
            if !folder.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let file = file?;
                let name = file.file_name();
                match name.to_str().and_then(ContentHash::from_hex) {
                    Some(hash) if file.file_type()?.is_file() => {
                        found.push((hash, file.metadata()?.len()))
                    }
                    _ => remove_any(&file.path())?,
                }
            }
        }
        Ok(found)
    }

    fn verified(&self) -> std::sync::MutexGuard<'_, HashMap<ContentHash, Stamp>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put(temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    private_file(temporary)?.write_all(bytes)?;
    fs::rename(temporary, path)
}

/// What an error on opening says of what is there.
pub(super) fn unopened(error: io::Error) -> io::Result<Found> {
    match error.raw_os_error() {
        Some(libc::ENOENT | libc::ENOTDIR) => Ok(Found::Absent),
        // A link, a socket, a file without permission: none of ours.
        Some(libc::ELOOP | libc::ENXIO | libc::EACCES) => Ok(Found::Damaged),
        _ => Err(error),
    }
}

//! Whole files and whole listings.

use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use bytes::Bytes;
use rustix::fs::{AtFlags, FileType, OFlags, RawDir, Stat, fstat, statat};
use rustix::io::Errno;

use super::DiskTree;
use super::reach::{Reach, stamp};
use crate::base::{ContentHash, SourcePath};
use crate::source::{Digest, EntryKind, HELD, ListedEntry, Stamp};

/// The largest file that is read, in bytes. A source of that size is none, and a sparse file can claim any.
const LARGEST: u64 = 1 << 30;

/// How often a file that changes under the read is read again before EBUSY; the pauses add up to about two seconds.
const ATTEMPTS: u32 = 24;

/// The content of a regular file and its stamp, equal before and after.
pub(super) fn whole(tree: &DiskTree, path: &SourcePath) -> Result<(Bytes, Stamp), Errno> {
    steady(tree, path, read_to_end)
}

/// The hash of a regular file, whatever its size.
pub(super) fn digest(tree: &DiskTree, path: &SourcePath) -> Result<Digest, Errno> {
    let read = |handle: &OwnedFd, size: u64| match size <= HELD {
        true => {
            let bytes = read_to_end(handle, size)?;
            Ok((ContentHash::of(&bytes), Some(bytes)))
        }
        false => Ok((hash(handle)?, None)),
    };
    let ((hash, bytes), stamp) = steady(tree, path, read)?;
    Ok(Digest { hash, stamp, bytes })
}

fn hash(handle: &OwnedFd) -> Result<ContentHash, Errno> {
    let mut hasher = blake3::Hasher::new();
    let mut block = vec![0; 1 << 20];
    loop {
        match rustix::io::read(handle, &mut block) {
            Ok(0) => return Ok(ContentHash::from_bytes(*hasher.finalize().as_bytes())),
            Ok(count) => {
                hasher.update(&block[..count]);
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// What `read` gives of a regular file, by its handle and size, and the file's stamp, equal before and after.
fn steady<T>(
    tree: &DiskTree,
    path: &SourcePath,
    read: impl Fn(&OwnedFd, u64) -> Result<T, Errno>,
) -> Result<(T, Stamp), Errno> {
    for attempt in 0..ATTEMPTS {
        let (handle, found) = open_regular(&tree.reach, path)?;
        let before = stamp(&tree.observed(path, &handle, found)?);
        let content = read(&handle, before.size)?;
        let after = stamp(&fstat(&handle)?);
        if before == after {
            return Ok((content, after));
        }
        if attempt >= 4 {
            std::thread::sleep(Duration::from_millis(u64::from(attempt) * 8));
        }
    }
    Err(Errno::BUSY)
}

/// Opens what is known to be a regular file: opening a FIFO or a device has effects of its own. Gives its metadata too.
pub(super) fn open_regular(reach: &Reach, path: &SourcePath) -> Result<(OwnedFd, Stat), Errno> {
    let is_regular = |found: &Stat| FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
    let look = || fstat(reach.handle(path, OFlags::PATH)?);
    let mut found = look()?;
    if FileType::from_raw_mode(found.st_mode) == FileType::Symlink && reach.leads_to_file(path) {
        found = look()?;
    }
    if !is_regular(&found) {
        return Err(Errno::NOENT);
    }
    // The name may have changed hands since, so the open must not wait for a FIFO's other end, and is checked.
    let handle = reach.handle(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)?;
    let found = fstat(&handle)?;
    match is_regular(&found) {
        true => Ok((handle, found)),
        false => Err(Errno::NOENT),
    }
}

fn read_to_end(handle: &OwnedFd, expected: u64) -> Result<Bytes, Errno> {
    if expected > LARGEST {
        return Err(Errno::FBIG);
    }
    let expected = usize::try_from(expected).map_err(|_| Errno::FBIG)?;
    let mut content: Vec<u8> = Vec::new();
    // One byte more than expected, so that the read that finds the end needs no growth.
    content
        .try_reserve_exact(expected + 1)
        .map_err(|_| Errno::NOMEM)?;
    loop {
        if content.len() == content.capacity() {
            if content.len() as u64 > LARGEST {
                return Err(Errno::FBIG);
            }
            content.try_reserve(64 << 10).map_err(|_| Errno::NOMEM)?;
        }
        match rustix::io::read(handle, rustix::buffer::spare_capacity(&mut content)) {
            Ok(0) => return Ok(content.into()),
            // There was room for more: what has come since shows in the metadata afterwards.
            Ok(_) if content.len() == expected => return Ok(content.into()),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// A directory's entries, sorted by name, without the mounts to stay off.
pub(super) fn names(reach: &Reach, path: &SourcePath) -> Result<Vec<ListedEntry>, Errno> {
    let handle = reach.handle(path, OFlags::RDONLY | OFlags::DIRECTORY)?;
    let hidden = match reach.mounts.any() {
        true => reach.mounts.names_in(&reach.absolute(path)),
        false => Vec::new(),
    };
    let mut entries = Vec::new();
    let mut buffer = Vec::with_capacity(32 << 10);
    let mut directory = RawDir::new(&handle, buffer.spare_capacity_mut());
    while let Some(entry) = directory.next() {
        let entry = match entry {
            Err(Errno::INTR) => continue,
            entry => entry?,
        };
        let name = entry.file_name();
        let bytes = name.to_bytes();
        if matches!(bytes, b"." | b"..") || hidden.iter().any(|hidden| hidden.as_bytes() == bytes) {
            continue;
        }
        let kind = match entry.file_type() {
            FileType::Unknown => match statat(&handle, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                Err(Errno::NOENT) => continue,
                Err(error) => return Err(error),
            },
            kind => kind,
        };
        entries.push(ListedEntry {
            name: bytes.to_vec(),
            kind: match kind {
                FileType::RegularFile => EntryKind::File,
                FileType::Directory => EntryKind::Directory,
                FileType::Symlink => EntryKind::Link,
                _ => EntryKind::Special,
            },
        });
    }
    entries.sort();
    Ok(entries)
}

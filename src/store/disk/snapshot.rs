//! The database as it lies in the state folder: LMDB's file as it is, and behind it what tells that it is whole.
//!
//! It is written beside the last one and renamed, and only ever read from its begin to its end, never mapped. Nothing
//! waits for the disk: where the power fails, what did not reach it is found to be damaged, and computed again.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use super::super::StoreError;
use super::super::stamp::Stamp;
use super::entry::FORMAT;
use super::folder::{private_file, refused, remove_any};

/// The format, the length before this trailer, and the blake3 of that.
const TRAILER: usize = FORMAT.len() + 8 + 32;
/// What every format begins with.
const FAMILY: &[u8] = b"hookfs store ";
const PIECE: usize = 256 << 10;

/// Why nothing was loaded.
#[derive(Debug)]
pub(super) enum Unfit {
    /// There is no such file.
    Absent,
    /// It is not what was saved; what was found.
    Damaged(String),
    /// The system refuses; what is there may be good.
    Refused(StoreError),
}

fn damaged(what: impl Into<String>) -> Unfit {
    Unfit::Damaged(what.into())
}

/// Writes the first `length` bytes of `source` under `path`, all of it or nothing.
pub(super) fn save(source: &File, length: u64, path: &Path) -> io::Result<Stamp> {
    let new = path.with_extension("new");
    remove_any(&new)?;
    let written = private_file(&new).and_then(|file| {
        copy(source, length, &file)?;
        if std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
            remove_any(path)?;
        }
        std::fs::rename(&new, path)?;
        Ok(Stamp::of(&file.metadata()?))
    });
    if written.is_err() {
        // What could not be written may not be removable either; the next attempt begins with this.
        let _ = remove_any(&new);
    }
    written
}

fn copy(source: &File, length: u64, file: &File) -> io::Result<()> {
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; PIECE];
    let mut offset = 0;
    while offset < length {
        let part = &mut piece[..PIECE.min(usize::try_from(length - offset).unwrap_or(PIECE))];
        source.read_exact_at(part, offset)?;
        hasher.update(part);
        file.write_all_at(part, offset)?;
        offset += part.len() as u64;
    }
    let mut trailer = Vec::with_capacity(TRAILER);
    trailer.extend_from_slice(FORMAT);
    trailer.extend_from_slice(&length.to_le_bytes());
    trailer.extend_from_slice(hasher.finalize().as_bytes());
    file.write_all_at(&trailer, length)
}

/// Copies what [`save`] wrote into `private`, and checks what was copied; gives its length and stamp.
pub(super) fn load(path: &Path, private: &File) -> Result<(u64, Stamp), Unfit> {
    let file = look(path)?;
    let metadata = file.metadata().map_err(|error| unreadable(path, error))?;
    if !metadata.is_file() {
        return Err(damaged("it is not a regular file"));
    }
    let length = (metadata.len() as usize)
        .checked_sub(TRAILER)
        .ok_or_else(|| damaged("it is too short"))? as u64;
    let mut trailer = [0; TRAILER];
    file.read_exact_at(&mut trailer, length)
        .map_err(|error| unreadable(path, error))?;
    let (format, rest) = trailer.split_at(FORMAT.len());
    let (told, hash) = rest.split_at(8);
    if format != FORMAT {
        return Err(damaged(if format.starts_with(FAMILY) {
            "it is of another format"
        } else {
            "its end is missing"
        }));
    }
    if told != length.to_le_bytes() {
        return Err(damaged("it has another length"));
    }
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; PIECE];
    let mut offset = 0;
    while offset < length {
        let part = &mut piece[..PIECE.min(usize::try_from(length - offset).unwrap_or(PIECE))];
        file.read_exact_at(part, offset)
            .map_err(|error| unreadable(path, error))?;
        hasher.update(part);
        private
            .write_all_at(part, offset)
            .map_err(|error| Unfit::Refused(refused("copy", path, error)))?;
        offset += part.len() as u64;
    }
    if hasher.finalize().as_bytes() != hash {
        return Err(damaged("its bytes are not those that were written"));
    }
    Ok((length, Stamp::of(&metadata)))
}

/// Opens without following a link or waiting for a pipe.
fn look(path: &Path) -> Result<File, Unfit> {
    let opened = File::options()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path);
    opened.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Unfit::Absent,
        _ => unreadable(path, error),
    })
}

/// A file that can't be read is replaced; a process short of descriptors or memory says nothing about the file.
fn unreadable(path: &Path, error: io::Error) -> Unfit {
    match error.raw_os_error() {
        Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::EINTR) => {
            Unfit::Refused(refused("open", path, error))
        }
        _ => damaged(format!("it cannot be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.mdb");
        let source = tempfile::tempfile_in(folder.path()).unwrap();
        source.write_all_at(&[7; 100], 0).unwrap();
        save(&source, 100, &path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let private = tempfile::tempfile_in(folder.path()).unwrap();
        assert_eq!(load(&path, &private).unwrap().0, 100);
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &flipped).unwrap();
            let found = load(&path, &private);
            assert!(matches!(found, Err(Unfit::Damaged(_))), "bit {bit}");
        }
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let found = load(&path, &private);
            assert!(matches!(found, Err(Unfit::Damaged(_))), "length {length}");
        }
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(load(&path, &private), Err(Unfit::Absent)));
    }
}

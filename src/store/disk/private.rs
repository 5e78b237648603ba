//! The file that LMDB maps: one without a name, which nobody else can cut or overwrite.
//!
//! LMDB trusts its pages. In a file that others can write, a flipped bit is a wild read or an `abort`, and a cut is a
//! SIGBUS, at any moment; no check before a transaction helps against what comes after it. So what is mapped is never
//! what has a name in the state folder.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Makes an empty file without a name on the disk of `folder`. It goes when the process ends.
pub(super) fn file(folder: &Path) -> io::Result<File> {
    let unnamed = File::options()
        .read(true)
        .write(true)
        .custom_flags(libc::O_TMPFILE | libc::O_EXCL)
        .mode(0o600)
        .open(folder);
    match unnamed {
        // Not every file system has such files; EISDIR is what a kernel without them says.
        Err(error) if matches!(error.raw_os_error(), Some(libc::EOPNOTSUPP | libc::EISDIR)) => {
            removed(folder)
        }
        other => other,
    }
}

/// Such a file by an older way: made, and its name taken away while it is empty.
fn removed(folder: &Path) -> io::Result<File> {
    let path = folder.join(format!(".work-{}", std::process::id()));
    super::folder::remove_any(&path)?;
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    fs::remove_file(&path)?;
    let metadata = file.metadata()?;
    if metadata.nlink() != 0 || metadata.len() != 0 {
        return Err(io::Error::other("somebody uses a file that was just made"));
    }
    Ok(file)
}

/// A name by which this process, and no other user's, can open it once more.
pub(super) fn name(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    #[test]
    fn both_ways_give_a_file_without_a_name_that_can_be_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        for make in [file, removed] {
            let first = make(folder.path()).unwrap();
            assert_eq!(first.metadata().unwrap().nlink(), 0);
            assert_eq!(folder.path().read_dir().unwrap().count(), 0);
            let again = File::open(name(&first)).unwrap();
            first.write_all_at(b"seen", 0).unwrap();
            let mut found = [0; 4];
            again.read_exact_at(&mut found, 0).unwrap();
            assert_eq!(&found, b"seen");
        }
    }
}

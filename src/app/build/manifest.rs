//! What the last build wrote: the mark of a folder that is ours to fill, and the means to leave equal files alone.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::super::error::{Error, Result};
use crate::base::{ContentHash, SourcePath};

/// The file in the target folder.
const NAME: &str = ".hookfs-build.json";

/// What is known of one file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Written {
    /// The hash of its bytes.
    pub(super) hash: String,
    /// Its size.
    pub(super) size: u64,
    /// When it was last written, in nanoseconds since 1970.
    pub(super) modified: i128,
    /// Its inode's last change, likewise: a touched or replaced file is written again.
    pub(super) changed: i128,
}

/// By the path under `/~@/`.
pub(super) type Files = BTreeMap<Vec<u8>, Written>;

/// What the last build wrote.
#[derive(Debug, Default)]
pub(super) struct Manifest(Files);

#[derive(Serialize, Deserialize)]
struct Stored {
    hookfs: String,
    files: Vec<(String, Written)>,
}

/// Whether a build of ours has been here.
pub(super) fn is_ours(target: &Path) -> bool {
    fs::symlink_metadata(target.join(NAME)).is_ok_and(|metadata| metadata.is_file())
}

/// Keeps a second build out of the folder, until dropped.
pub(super) fn lock(target: &Path) -> Result<File> {
    let path = target.join(NAME);
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .custom_flags(libc::O_NOFOLLOW)
        .open(&path)
        .map_err(Error::io("open", &path))?;
    flock(&file, FlockOperation::LockExclusive)
        .map_err(|cause| Error::io("lock", &path)(cause.into()))?;
    Ok(file)
}

impl Manifest {
    /// Reads it. A damaged one counts as empty: everything is written again.
    pub(super) fn read(target: &Path) -> Result<Self> {
        let path = target.join(NAME);
        let text = fs::read(&path).map_err(Error::io("read", &path))?;
        let stored: Option<Stored> = serde_json::from_slice(&text).ok();
        let files = stored.map(|stored| stored.files).unwrap_or_default();
        Ok(Self(
            files
                .into_iter()
                .filter_map(|(name, written)| Some((decode(&name)?, written)))
                .collect(),
        ))
    }

    /// Writes it, in place: its lock is that of the open file.
    pub(super) fn write(target: &Path, files: &Files) -> Result<()> {
        let path = target.join(NAME);
        let stored = Stored {
            hookfs: env!("CARGO_PKG_VERSION").to_owned(),
            files: files
                .iter()
                .map(|(name, written)| (encode(name), written.clone()))
                .collect(),
        };
        let text =
            serde_json::to_vec(&stored).map_err(|cause| Error::Internal(cause.to_string()))?;
        fs::write(&path, text).map_err(Error::io("write", &path))
    }

    /// What this build has written so far, before it begins anew.
    pub(super) fn add(&mut self, files: Files) {
        self.0.extend(files);
    }

    /// What the last build wrote there, if the file is still as it was left.
    pub(super) fn unchanged(&self, path: &SourcePath, file: &Path) -> Option<&Written> {
        let written = self.0.get(path.as_bytes())?;
        (Written::of(file, &written.hash).ok()? == *written).then_some(written)
    }

    /// Removes what the last build wrote and this one did not, with the folders that get empty; gives the number.
    pub(super) fn remove_others(&self, target: &Path, files: &Files) -> usize {
        let mut removed = 0;
        for name in self.0.keys().filter(|name| !files.contains_key(*name)) {
            let Ok(path) = SourcePath::parse(name) else {
                continue;
            };
            let file = target.join(path.as_path());
            if fs::remove_file(&file).is_ok() {
                removed += 1;
            }
            let folders = path.ancestors().skip(1).filter(|folder| !folder.is_root());
            for folder in folders {
                // Fails where something is left in it, as it should.
                if fs::remove_dir(target.join(folder.as_path())).is_err() {
                    break;
                }
            }
        }
        removed
    }
}

impl Written {
    /// What is to be known of a file with these bytes.
    pub(super) fn of(file: &Path, hash: &str) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(file)?;
        let nanoseconds =
            |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Ok(Self {
            hash: hash.to_owned(),
            size: metadata.size(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

/// Puts bytes in the place of a file at once: a reader sees the old ones or the new ones.
pub(super) fn replace(
    file: &Path,
    permissions: u32,
    write: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let (temporary, mut open) = temporary_beside(file)?;
    let result = write(&mut open).and_then(|()| {
        open.set_permissions(fs::Permissions::from_mode(permissions))
            .and_then(|()| fs::rename(&temporary, file))
            .map_err(Error::io("write", file))
    });
    if result.is_err() {
        // Already failing: that the rest stays behind is the lesser evil.
        let _ = fs::remove_file(&temporary);
    }
    result
}

fn temporary_beside(file: &Path) -> Result<(PathBuf, File)> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = file.with_file_name(format!(".hookfs-{}-{number}.tmp", std::process::id()));
    let open = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(Error::io("create", &path))?;
    Ok((path, open))
}

/// File names are bytes and JSON is text: what is no plain ASCII is written as `%xx`.
fn encode(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for &byte in name {
        match byte {
            b' '..=b'~' if byte != b'%' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02x}")),
        }
    }
    text
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
        }
    }
    Some(bytes)
}

/// The hash as the manifest has it.
pub(super) fn text_of(hash: &ContentHash) -> String {
    hash.to_hex()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_manifest() {
        for name in [
            &b"a/b.ts"[..],
            b"100%.ts",
            b"\xff\n\"\\",
            "\u{e9}".as_bytes(),
        ] {
            assert_eq!(decode(&encode(name)).as_deref(), Some(name));
        }
        assert_eq!(decode("%"), None);
        assert_eq!(decode("%zz"), None);
    }
}

//! What is mounted where, as `/proc/self/mountinfo` tells (proc_pid_mountinfo(5)); it never touches a mount, so a dead
//! or stuck one cannot hold it up.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use super::error::{Error, Result};

/// The type of our mounts, as the kernel shows it.
pub const FILE_SYSTEM: &str = "fuse.hookfs";

/// One line of mountinfo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where.
    pub point: PathBuf,
    /// `ext4`, `fuse.hookfs` …
    pub kind: String,
    /// What is mounted: for ours, the source folder.
    pub what: PathBuf,
}

/// All mounts, the later ones on top of the earlier.
///
/// # Errors
/// [`Error::Io`] where `/proc` is not to be had.
pub fn all() -> Result<Vec<Mount>> {
    let path = Path::new("/proc/self/mountinfo");
    let text = fs::read(path).map_err(Error::io("read", path))?;
    Ok(text.split(|&byte| byte == b'\n').filter_map(parse).collect())
}

/// The topmost mount at exactly this place.
///
/// # Errors
/// As [`all`].
pub fn at(point: &Path) -> Result<Option<Mount>> {
    Ok(all()?.into_iter().rev().find(|mount| mount.point == point))
}

/// The absolute path of `point` with links resolved, without touching a mount at `point` itself.
///
/// # Errors
/// [`Error::Io`] where the folder that holds it can't be found.
pub fn resolve(point: &Path) -> Result<PathBuf> {
    let absolute = std::path::absolute(point).map_err(Error::io("find", point))?;
    // A link at the very end is followed; a dead mount there answers ENOTCONN to everything but to its name.
    if fs::symlink_metadata(&absolute).is_ok_and(|metadata| metadata.is_symlink())
        || absolute.components().next_back().is_some_and(|last| last.as_os_str() == "..")
    {
        return absolute.canonicalize().map_err(Error::io("find", point));
    }
    match (absolute.parent(), absolute.file_name()) {
        (Some(parent), Some(name)) => Ok(parent.canonicalize().map_err(Error::io("find", point))?.join(name)),
        _ => Ok(absolute),
    }
}

fn parse(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|&byte| byte == b' ');
    let point = fields.nth(4)?;
    let mut rest = fields.skip_while(|field| *field != b"-").skip(1);
    let kind = rest.next()?;
    let what = rest.next()?;
    Some(Mount {
        point: unescape(point),
        kind: String::from_utf8_lossy(kind).into_owned(),
        what: unescape(what),
    })
}

/// Space, tab, newline and backslash stand as three octal digits.
fn unescape(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, after)) = rest.split_first() {
        let octal = after
            .get(..3)
            .filter(|_| first == b'\\')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match octal {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    PathBuf::from(OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_lines_of_the_kernel() {
        let line = br"99 26 0:53 / /mnt/a\040b\134c rw,nosuid shared:4 - fuse.hookfs /home/x\011y rw,user_id=0";
        assert_eq!(
            parse(line),
            Some(Mount {
                point: PathBuf::from("/mnt/a b\\c"),
                kind: FILE_SYSTEM.into(),
                what: PathBuf::from("/home/x\ty"),
            })
        );
        assert_eq!(parse(b""), None);
        assert_eq!(parse(b"1 2 3"), None);
    }

    #[test]
    fn the_root_is_mounted() {
        assert!(at(Path::new("/")).unwrap().is_some());
    }
}

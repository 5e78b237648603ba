//! What is mounted where, from /proc/self/mountinfo (proc_pid_mountinfo(5)): no mount is touched by asking.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountInfo {
    /// Device number, as `st_dev` has it.
    pub device: u64,
    /// Where.
    pub mount_point: PathBuf,
    /// The file system's type: `fuse.hookfs`.
    pub kind: String,
    /// What is mounted: for hookfs the source.
    pub source: PathBuf,
}

impl MountInfo {
    /// Whether it is one of ours.
    pub fn is_hookfs(&self) -> bool {
        self.kind == "fuse.hookfs"
    }
}

/// All mounts that this process sees, later ones over earlier ones.
///
/// # Errors
/// Where /proc cannot be read.
pub fn mounts() -> io::Result<Vec<MountInfo>> {
    let text = std::fs::read("/proc/self/mountinfo")?;
    Ok(text.split(|&b| b == b'\n').filter_map(parse).collect())
}

fn parse(line: &[u8]) -> Option<MountInfo> {
    let mut fields = line.split(|&b| b == b' ');
    let device = std::str::from_utf8(fields.nth(2)?).ok()?;
    let (major, minor) = device.split_once(':')?;
    let mount_point = unescaped(fields.nth(1)?);
    let mut fields = fields.skip_while(|field| *field != b"-").skip(1);
    Some(MountInfo {
        device: libc::makedev(major.parse().ok()?, minor.parse().ok()?),
        mount_point,
        kind: String::from_utf8_lossy(fields.next()?).into_owned(),
        source: unescaped(fields.next()?),
    })
}

/// Blanks, tabs, newlines and backslashes are written as three octal digits.
fn unescaped(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, tail)) = rest.split_first() {
        let octal = tail
            .get(..3)
            .filter(|_| first == b'\\')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match octal {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[3..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    PathBuf::from(OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_line_with_optional_fields_and_blanks() {
        let line =
            br"36 35 0:47 / /mnt/my\040app rw,nosuid shared:1 master:2 - fuse.hookfs /src\134x rw";
        let mount = parse(line).unwrap();
        assert_eq!(mount.device, libc::makedev(0, 47));
        assert_eq!(mount.mount_point, PathBuf::from("/mnt/my app"));
        assert_eq!(mount.source, PathBuf::from(r"/src\x"));
        assert!(mount.is_hookfs());
        assert_eq!(parse(b""), None);
    }

    #[test]
    fn sees_the_root() {
        let mounts = mounts().unwrap();
        assert!(
            mounts
                .iter()
                .any(|mount| mount.mount_point.as_path() == std::path::Path::new("/"))
        );
    }
}

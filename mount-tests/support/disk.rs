//! Disks of the tests' own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::is_root;

/// A small disk, which only root can make.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// A tmpfs of so many bytes; `None` for an ordinary user.
    pub fn new(place: PathBuf, bytes: usize) -> Option<Self> {
        if !is_root() {
            eprintln!("not run: only root can mount a tmpfs");
            return None;
        }
        fs::create_dir_all(&place).unwrap();
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"])
            .arg(&place)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Some(Self(place))
    }

    /// Where it is.
    pub fn place(&self) -> &Path {
        &self.0
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // It may be unmounted already, which is no news.
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

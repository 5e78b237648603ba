//! A project in a temporary folder, with room beside it for a mount point and a state folder.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Mounter, is_root};

/// A folder of its own: `project/` (the sources), `mnt/`, `state/`. Gone when the value is.
pub struct Tree {
    folder: tempfile::TempDir,
}

impl Drop for Tree {
    /// What is mounted there must have come to its end: else the folder would stay behind.
    fn drop(&mut self) {
        let gone = fs::remove_dir_all(self.folder());
        let is_mounted = gone.is_err_and(|error| error.kind() == ErrorKind::ResourceBusy);
        assert!(
            !is_mounted || std::thread::panicking(),
            "something is still mounted in {}",
            self.folder().display()
        );
    }
}

impl Tree {
    /// The files of one text: a line `//- /src/a.ts` starts a file, the lines up to the next such line are its content.
    pub fn new(files: &str) -> Self {
        let tree = Self {
            folder: tempfile::Builder::new()
                .prefix("hookfs-test-")
                .tempdir()
                .expect("a temporary folder"),
        };
        fs::create_dir(tree.project()).expect("the project's folder");
        let mut open: Option<(String, String)> = None;
        for line in files.lines() {
            if let Some(name) = line.trim_start().strip_prefix("//- /") {
                if let Some((name, content)) = open.replace((name.trim().to_owned(), String::new()))
                {
                    tree.write(&name, content);
                }
            } else if let Some((_, content)) = &mut open {
                content.push_str(line);
                content.push('\n');
            }
        }
        if let Some((name, content)) = open {
            tree.write(&name, content);
        }
        tree
    }

    /// The folder of everything.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The sources' folder.
    pub fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// A path in the project.
    pub fn path(&self, name: &str) -> PathBuf {
        self.project().join(name)
    }

    /// Writes a file of the project behind the mount, with the folders that it needs.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("folders");
        }
        fs::write(&path, content)
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    }

    /// Copies a folder into the project: to this path, which is not there yet, or into the project's own folder.
    pub fn copy(&self, from: &Path, name: &str) {
        let to = self.path(name);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).expect("folders");
        }
        let copied = Command::new("cp")
            .arg("-aT")
            .args([from, &to])
            .status()
            .expect("cp");
        assert!(copied.success(), "{} is not copied", from.display());
    }

    /// Lets every user come to the project's folder.
    pub fn open_to_all(&self) {
        fs::set_permissions(self.folder(), fs::Permissions::from_mode(0o755)).expect("a chmod");
    }

    /// Makes this user, and nobody else, the owner of the folder and of the files in it (root can do so).
    pub fn give_to(&self, user: u32) {
        if !is_root() {
            return;
        }
        let mut left = vec![self.folder().to_owned()];
        while let Some(path) = left.pop() {
            chown(&path, Some(user), Some(user)).expect("a chown");
            if path.is_dir() {
                left.extend(
                    fs::read_dir(&path)
                        .expect("a listing")
                        .map(|entry| entry.expect("an entry").path()),
                );
            }
        }
    }

    /// Prepares a mount of the project, or of a folder in it.
    pub fn mounter(&self, source: &str) -> Mounter {
        Mounter::new(
            self.path(source),
            self.folder.path().join("mnt"),
            self.folder.path().join("state"),
        )
    }
}

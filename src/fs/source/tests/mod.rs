//! The source side, driven directly.

use std::path::Path;

use tempfile::TempDir;

use super::super::types::{Caller, Errno, Ino, ROOT};
use super::{SourceFs, SourceOptions};

mod behind;
mod files;
mod locks;
mod names;
mod random;

/// A source tree and its file system.
struct Tree {
    fs: SourceFs,
    folder: TempDir,
}

fn tree() -> Tree {
    tree_with(SourceOptions::default())
}

fn tree_with(options: SourceOptions) -> Tree {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    let path = folder.path().canonicalize().unwrap().join("src");
    Tree {
        fs: SourceFs::new(&path, options).unwrap(),
        folder,
    }
}

impl Tree {
    fn source(&self) -> std::path::PathBuf {
        self.folder.path().join("src")
    }

    fn at(&self, path: impl AsRef<Path>) -> std::path::PathBuf {
        self.source().join(path)
    }

    /// Looks a path up from the root, as the kernel does.
    fn find(&self, path: &str) -> Result<Ino, Errno> {
        let mut ino = ROOT;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            ino = self.fs.lookup(ino, name.as_bytes())?.attr.ino;
        }
        Ok(ino)
    }
}

/// This process.
fn me() -> Caller {
    Caller {
        uid: rustix::process::geteuid().as_raw(),
        gid: rustix::process::getegid().as_raw(),
        pid: 0,
    }
}

/// Lets what was found before be looked for again: what was just found is used as it was.
fn later() {
    std::thread::sleep(super::reuse::FOUND * 2);
}

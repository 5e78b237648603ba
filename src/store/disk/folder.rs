//! Where things lie in the state folder, and how what is damaged is set aside.
//!
//! ```text
//! DIR/db/data.mdb     LMDB: records, small blobs, when each was last used, as of the last snapshot
//! DIR/db/journal      what was committed since
//! DIR/packs/0000000a  blobs of a few KiB, one behind the other
//! DIR/blobs/ab/abc…   the other blobs, named by their hash
//! DIR/db.damaged-N    the last database that was set aside
//! ```

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::StoreError;

/// The folder of one store.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Makes the folder, readable by its owner only, with its parents.
    pub(super) fn make(root: &Path) -> Result<Self, StoreError> {
        make_private(root).map_err(|error| refused("make", root, error))?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    pub(super) fn database(&self) -> PathBuf {
        self.root.join("db")
    }

    pub(super) fn data(&self) -> PathBuf {
        self.root.join("db/data.mdb")
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.root.join("db/journal")
    }

    pub(super) fn packs(&self) -> PathBuf {
        self.root.join("packs")
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// Makes the folder of the database; where something else has its name, sets that aside.
    pub(super) fn make_database(&self) -> io::Result<()> {
        let path = self.database();
        if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_dir()) {
            self.set_aside()?;
        }
        make_private(&path)
    }

    /// Renames the damaged database, so that it can be looked at; the one before it goes.
    pub(super) fn set_aside(&self) -> io::Result<()> {
        let mut number = 0;
        for (path, found) in self.damaged()? {
            number = number.max(found);
            remove_any(&path)?;
        }
        let aside = self.root.join(format!("db.damaged-{}", number + 1));
        match fs::rename(self.database(), aside) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            // A mount point or a folder of someone else's can't be renamed; perhaps what is in it can be removed.
            Err(_) => remove_any(&self.data()),
            Ok(()) => Ok(()),
        }
    }

    /// Removes the databases that were set aside.
    pub(super) fn remove_damaged(&self) -> io::Result<()> {
        for (path, _) in self.damaged()? {
            remove_any(&path)?;
        }
        Ok(())
    }

    fn damaged(&self) -> io::Result<Vec<(PathBuf, u64)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let number = number_of(entry.file_name());
            found.extend(number.map(|number| (entry.path(), number)));
        }
        Ok(found)
    }
}

fn number_of(name: OsString) -> Option<u64> {
    name.to_str()?.strip_prefix("db.damaged-")?.parse().ok()
}

/// Makes a folder (and its parents) with mode 0700; one that is there stays as it is.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A new file for writing with mode 0600; one that is there is an error.
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Removes a file, a link, or a folder with all that is in it. None being there is fine.
pub(super) fn remove_any(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

pub(super) fn refused(action: &'static str, path: &Path, error: io::Error) -> StoreError {
    StoreError::Io {
        action,
        path: path.to_owned(),
        cause: Arc::new(error),
    }
}

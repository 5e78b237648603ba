//! Listings: taken whole when they are begun, so that offsets stay right; they compute nothing.

use std::sync::{Arc, Mutex};

use super::inodes::{Object, number_of};
use super::{COMPUTED_ROOT, Computed, lock};
use crate::base::SourcePath;
use crate::compute::Failure;
use crate::fs::source::{DirEntry, Handle};
use crate::fs::types::{Errno, FileKind, Ino, ROOT, Result};
use crate::router::{Listed, ListedKind};

/// An open directory.
pub struct Listing {
    path: SourcePath,
    /// Taken at the first read, and anew when it is read from its start again (rewinddir(3)).
    names: Mutex<Option<Arc<[Listed]>>>,
}

impl Computed {
    /// Opens a directory.
    ///
    /// # Errors
    /// ESTALE where it is none any more.
    pub fn opendir(&self, ino: Ino) -> Result<Handle> {
        let path = self.directory(ino)?;
        if !path.is_root() {
            self.present_directory(&path)?;
        }
        let handle = self.new_handle();
        let listing = Listing {
            path,
            names: Mutex::default(),
        };
        lock(&self.directories).insert(handle, Arc::new(listing));
        Ok(Handle(handle))
    }

    /// Gives names from `offset` on to `add` until it says `true` (full: that one was not taken) or the end.
    ///
    /// # Errors
    /// EBADF for a handle that is not open; ESTALE where the directory is none any more; what the listing says.
    pub fn readdir(
        &self,
        handle: Handle,
        offset: u64,
        add: &mut dyn FnMut(DirEntry<'_>) -> bool,
    ) -> Result<()> {
        let listing = lock(&self.directories).get(&handle.0).cloned();
        let listing = listing.ok_or(Errno(libc::EBADF))?;
        let names = self.names(&listing, offset == 0)?;
        let path = &listing.path;
        let parent = match path.parent() {
            Some(parent) => self.directory_number(parent),
            None => ROOT,
        };
        let dots = [
            (&b"."[..], self.directory_number(path.clone())),
            (&b".."[..], parent),
        ];
        let dots = dots
            .into_iter()
            .map(|(name, ino)| (name, ino, FileKind::Directory));
        let rest = names.iter().map(|listed| {
            let kind = match listed.kind {
                ListedKind::File => FileKind::Regular,
                ListedKind::Directory => FileKind::Directory,
                ListedKind::Link => FileKind::Symlink,
            };
            // A file's own number is known only when it is computed; this one is as good for `readdir`'s users.
            let ino = self.directory_number(path.child(&listed.name));
            (&listed.name[..], ino, kind)
        });
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        for (index, (name, ino, kind)) in dots.chain(rest).enumerate().skip(skip) {
            let next = index as u64 + 1;
            if add(DirEntry {
                ino,
                kind,
                name,
                next,
            }) {
                break;
            }
        }
        Ok(())
    }

    fn directory_number(&self, path: SourcePath) -> Ino {
        match path.is_root() {
            true => COMPUTED_ROOT,
            false => number_of(&Object::Directory(path)),
        }
    }

    fn names(&self, listing: &Listing, anew: bool) -> Result<Arc<[Listed]>> {
        if !anew && let Some(names) = lock(&listing.names).clone() {
            return Ok(names);
        }
        let look = self.outputs.look();
        let names = self.view.list(&*look, &listing.path);
        let names = names.map_err(|failure| match failure {
            Failure::Missing(_) => Errno(libc::ESTALE),
            failure => self.name_failed(&listing.path, &failure),
        })?;
        let names: Arc<[Listed]> = names.into();
        *lock(&listing.names) = Some(names.clone());
        Ok(names)
    }

    /// Closes a directory.
    pub fn releasedir(&self, handle: Handle) {
        lock(&self.directories).remove(&handle.0);
    }
}

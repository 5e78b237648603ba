//! The file system: paths, inodes and handles, in two parts. SRC itself stands at the root (`source`), what is computed
//! from it under `/~@/` (`computed`). The top bit of a number tells which. No FUSE types.

pub mod computed;
mod errno;
pub mod source;
pub mod types;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use computed::{COMPUTED_ROOT, Computed, Looked, Named, Wait};
use source::{DirEntry, Entry, Handle, SourceFs};
use types::{Attr, COMPUTED, Errno, Ino, ROOT, Result};

/// The name of the outputs in the root: found by name, in no listing, so that `rg` or `cp -r` of the mount does not
/// compute the world.
pub const OUTPUTS: &[u8] = b"~@";

/// Sources and outputs as one file system.
pub struct Fs {
    source: SourceFs,
    computed: Arc<Computed>,
    others: Vec<StayOff>,
}

/// Told of our own mount: its device number and absolute path.
pub type StayOff = Box<dyn Fn(u64, &Path) + Send + Sync>;

/// Whether a number is an output's.
pub const fn is_computed(ino: Ino) -> bool {
    ino & COMPUTED != 0
}

impl Fs {
    /// `computed` at `/~@/` of `source`.
    pub fn new(source: SourceFs, computed: Computed) -> Self {
        Self {
            source,
            computed: Arc::new(computed),
            others: Vec::new(),
        }
    }

    /// Has somebody else told of our own mount as well, before the first request: the tree that the graph reads.
    pub fn telling(mut self, other: StayOff) -> Self {
        self.others.push(other);
        self
    }

    /// The outputs.
    pub fn computed(&self) -> &Arc<Computed> {
        &self.computed
    }

    /// The sources.
    pub fn source(&self) -> &SourceFs {
        &self.source
    }

    /// The sources, for an operation that changes the file `ino`.
    ///
    /// # Errors
    /// EROFS where it is an output.
    pub fn writable(&self, ino: Ino) -> Result<&SourceFs> {
        match is_computed(ino) {
            true => Err(Errno(libc::EROFS)),
            false => Ok(&self.source),
        }
    }

    /// The sources, for an operation that changes what `name` in `parent` is.
    ///
    /// # Errors
    /// EROFS where that is an output.
    pub fn writable_name(&self, parent: Ino, name: &[u8]) -> Result<&SourceFs> {
        match parent == ROOT && name == OUTPUTS {
            true => Err(Errno(libc::EROFS)),
            false => self.writable(parent),
        }
    }

    /// Tells both sides of our own mount, before the first request: they never touch it.
    pub fn stay_off(&self, device: u64, mount_point: &Path) {
        self.source.stay_off(device, mount_point);
        self.computed.stay_off(device);
        for other in &self.others {
            other(device, mount_point);
        }
    }

    /// What a name leads to; counts as a lookup.
    ///
    /// # Errors
    /// As the side's own `lookup`.
    pub fn lookup(&self, parent: Ino, name: &[u8]) -> Looked {
        if is_computed(parent) {
            return self.computed.lookup(parent, name);
        }
        if parent == ROOT && name == OUTPUTS {
            return Looked::Now(Ok(self.computed.root()));
        }
        Looked::Now(self.source.lookup(parent, name).map(named))
    }

    /// The kernel has forgotten `lookups` of what it was told of `ino`.
    pub fn forget(&self, ino: Ino, lookups: u64) {
        match is_computed(ino) {
            true => self.computed.forget(ino, lookups),
            false => self.source.forget(ino, lookups),
        }
    }

    /// The attributes, and for how long they hold. A source may change at any time.
    ///
    /// # Errors
    /// As the side's own `getattr`.
    pub fn getattr(&self, ino: Ino, handle: Option<Handle>) -> Result<(Attr, Duration)> {
        match is_computed(ino) {
            true => self.computed.getattr(ino, handle),
            false => Ok((self.source.getattr(ino, handle)?, Duration::ZERO)),
        }
    }

    /// Where a link leads.
    ///
    /// # Errors
    /// As the side's own `readlink`.
    pub fn readlink(&self, ino: Ino) -> Result<Vec<u8>> {
        match is_computed(ino) {
            true => self.computed.readlink(ino),
            false => self.source.readlink(ino),
        }
    }

    /// access(2), where the kernel does not check by itself.
    ///
    /// # Errors
    /// As the side's own `access`.
    pub fn access(&self, ino: Ino, mask: i32) -> Result<()> {
        match is_computed(ino) {
            true => self.computed.access(ino, mask),
            false => self.source.access(ino, mask),
        }
    }

    /// Opens a directory.
    ///
    /// # Errors
    /// As the side's own `opendir`.
    pub fn opendir(&self, ino: Ino) -> Result<Handle> {
        match is_computed(ino) {
            true => self.computed.opendir(ino),
            false => self.source.opendir(ino),
        }
    }

    /// Gives names of the open directory `ino` from `offset` on to `add` until it says `true` (full: that one was not
    /// taken) or the end.
    ///
    /// # Errors
    /// As the side's own `readdir`.
    pub fn readdir(
        &self,
        ino: Ino,
        handle: Handle,
        offset: u64,
        add: &mut dyn FnMut(DirEntry<'_>) -> bool,
    ) -> Result<()> {
        if is_computed(ino) {
            return self.computed.readdir(handle, offset, add);
        }
        self.source.readdir(handle, offset, &mut |entry| {
            // A source of that name is shadowed.
            let hidden = ino == ROOT && entry.name == OUTPUTS;
            !hidden && add(entry)
        })
    }

    /// Closes a directory.
    pub fn releasedir(&self, ino: Ino, handle: Handle) {
        match is_computed(ino) {
            true => self.computed.releasedir(handle),
            false => self.source.releasedir(handle),
        }
    }

    /// An extended attribute, whole. `None`: it takes work, and `wait` forbids.
    ///
    /// # Errors
    /// As the side's own `getxattr`.
    pub fn getxattr(&self, ino: Ino, name: &[u8], wait: Wait) -> Option<Result<Vec<u8>>> {
        match is_computed(ino) {
            true => self.computed.getxattr(ino, name, wait),
            false => Some(self.source.getxattr(ino, name)),
        }
    }

    /// The names of the extended attributes, each ended by NUL.
    ///
    /// # Errors
    /// As the side's own `listxattr`.
    pub fn listxattr(&self, ino: Ino) -> Result<Vec<u8>> {
        match is_computed(ino) {
            true => Ok(Vec::new()),
            false => self.source.listxattr(ino),
        }
    }

    /// lseek(2) with SEEK_DATA or SEEK_HOLE.
    ///
    /// # Errors
    /// As the side's own `lseek`.
    pub fn lseek(&self, ino: Ino, handle: Handle, offset: i64, whence: i32) -> Result<i64> {
        match is_computed(ino) {
            true => self.computed.lseek(handle, offset, whence),
            false => self.source.lseek(handle, offset, whence),
        }
    }

    /// Closes a file.
    pub fn release(&self, ino: Ino, handle: Handle) {
        match is_computed(ino) {
            true => self.computed.release(handle),
            false => self.source.release(handle),
        }
    }

    /// The number of `/~@/`.
    pub const fn outputs_root(&self) -> Ino {
        COMPUTED_ROOT
    }
}

/// A source's name and attributes may change at any time behind the mount: the kernel asks each time.
pub fn named(entry: Entry) -> Named {
    Named {
        attr: entry.attr,
        generation: entry.generation,
        entry_life: Duration::ZERO,
        attr_life: Duration::ZERO,
    }
}

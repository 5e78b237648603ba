//! The inodes that the kernel knows, by number.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use super::super::types::{FileKind, Ino, ROOT};
use super::open::Serving;
use super::reuse::Kept;
use super::stat::{Identity, Stamp, Stat};

/// Numbers of files on other devices than the root's, and of those whose own number cannot be used, have this bit.
const FOREIGN: Ino = 1 << 62;

/// So many names of one file are remembered; any of them that still leads there will do.
const PLACES: usize = 8;

/// A name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) parent: Ino,
    pub(super) name: Box<[u8]>,
}

impl Place {
    pub(super) fn new(parent: Ino, name: &[u8]) -> Self {
        Self {
            parent,
            name: name.into(),
        }
    }
}

/// A file that the kernel knows.
pub(super) struct Inode {
    pub(super) ino: Ino,
    pub(super) identity: Identity,
    state: Mutex<State>,
}

/// What changes about it.
#[derive(Default)]
pub(super) struct State {
    /// How many lookups the kernel has not given back.
    lookups: u64,
    /// Names that led here, the latest last.
    pub(super) places: Vec<Place>,
    /// Holds the file after its last name was removed through the mount.
    pub(super) pinned: Option<Arc<OwnedFd>>,
    /// Its open handles, each with its descriptor.
    pub(super) open: Vec<(u64, Arc<OwnedFd>)>,
    /// How they are served, all alike, while there are any.
    pub(super) serving: Option<Serving>,
    /// Open for its next use.
    pub(super) kept: Option<Kept>,
    /// When the name of a directory was last found to lead here.
    pub(super) found: Option<Instant>,
    /// The stamp at which the kernel began to fill the pages it may still have.
    pub(super) cached: Option<Stamp>,
}

impl Inode {
    fn new(ino: Ino, identity: Identity) -> Self {
        Self {
            ino,
            identity,
            state: Mutex::default(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A descriptor that is this file whatever its names do: one of a handle, or the one that was kept.
    pub(super) fn held(&self) -> Option<Arc<OwnedFd>> {
        let state = self.state();
        state
            .open
            .first()
            .map(|(_, file)| Arc::clone(file))
            .or_else(|| state.pinned.clone())
    }

    pub(super) fn is_directory(&self) -> bool {
        self.identity.kind == FileKind::Directory
    }
}

impl State {
    /// A name that leads here now. A directory has only one.
    fn found_at(&mut self, parent: Ino, name: &[u8], directory: bool) {
        self.pinned = None;
        if directory {
            self.found = Some(Instant::now());
        }
        let is_known = |last: &Place| last.parent == parent && *last.name == *name;
        if self.places.last().is_some_and(is_known) && (!directory || self.places.len() == 1) {
            return;
        }
        let place = Place::new(parent, name);
        if directory {
            self.places.clear();
        }
        self.places.retain(|known| *known != place);
        if self.places.len() == PLACES {
            self.places.remove(0);
        }
        self.places.push(place);
    }
}

/// The table.
pub(super) struct Inodes {
    home: u64,
    known: RwLock<HashMap<Ino, Arc<Inode>>>,
}

impl Inodes {
    /// `home`: the device whose inode numbers are used as they are.
    pub(super) fn new(home: u64) -> Self {
        Self {
            home,
            known: RwLock::default(),
        }
    }

    pub(super) fn get(&self, ino: Ino) -> Option<Arc<Inode>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&ino).cloned()
    }

    /// Counts a lookup of what `stat` tells of, found as `name` in `parent`.
    pub(super) fn found(&self, stat: &Stat, parent: Ino, name: &[u8]) -> Arc<Inode> {
        let identity = stat.identity();
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(inode) = known.get(&self.number(&known, &identity))
                && inode.identity == identity
            {
                count(inode, parent, name);
                return Arc::clone(inode);
            }
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let ino = self.number(&known, &identity);
        let before = known.get(&ino).cloned();
        if let Some(inode) = &before
            && inode.identity == identity
        {
            count(inode, parent, name);
            return Arc::clone(inode);
        }
        // The number was freed and used again: the kernel tells them apart by generation, but gives the lookups of
        // both back under the one number.
        let inode = Arc::new(Inode::new(ino, identity));
        inode.state().lookups = before.map_or(0, |before| before.state().lookups);
        count(&inode, parent, name);
        known.insert(ino, Arc::clone(&inode));
        inode
    }

    /// What is known under the identity, without counting.
    pub(super) fn known_as(&self, identity: &Identity) -> Option<Arc<Inode>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let inode = known.get(&self.number(&known, identity))?;
        (inode.identity == *identity).then(|| Arc::clone(inode))
    }

    /// The number that a listing shows for a file it has not looked up.
    pub(super) fn number_listed(&self, device: u64, number: u64) -> Ino {
        plain_number(self.home, device, number).unwrap_or_else(|| hashed_number(device, number))
    }

    pub(super) fn forget(&self, ino: Ino, lookups: u64) {
        if ino == ROOT {
            return;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let Some(inode) = known.get(&ino) else { return };
        let left = {
            let mut state = inode.state();
            state.lookups = state.lookups.saturating_sub(lookups);
            state.lookups
        };
        let gone = match left {
            0 => known.remove(&ino),
            _ => None,
        };
        // What it held open is closed after the table is free again.
        drop(known);
        drop(gone);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// A file's number: its own on the home device, else one made from device and number, so that it is the same after
    /// a forget or a remount.
    fn number(&self, known: &HashMap<Ino, Arc<Inode>>, identity: &Identity) -> Ino {
        let (device, number) = (identity.device, identity.number);
        if let Some(plain) = plain_number(self.home, device, number) {
            return plain;
        }
        let mut ino = hashed_number(device, number);
        while known
            .get(&ino)
            .is_some_and(|other| (other.identity.device, other.identity.number) != (device, number))
        {
            ino = FOREIGN | (ino.wrapping_add(1) & (FOREIGN - 1));
        }
        ino
    }
}

fn count(inode: &Inode, parent: Ino, name: &[u8]) {
    let mut state = inode.state();
    state.lookups += 1;
    state.found_at(parent, name, inode.is_directory());
}

fn plain_number(home: u64, device: u64, number: u64) -> Option<Ino> {
    (device == home && number > ROOT && number < FOREIGN).then_some(number)
}

fn hashed_number(device: u64, number: u64) -> Ino {
    let mut hasher = DefaultHasher::new();
    (device, number).hash(&mut hasher);
    FOREIGN | (hasher.finish() & (FOREIGN - 1))
}

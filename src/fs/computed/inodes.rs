//! The numbers that the kernel knows outputs by.

use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::super::types::{COMPUTED, Ino};
use super::content::Content;
use crate::base::{ContentHash, QuickMap, SourcePath};
use crate::router::File;

/// What a number stands for. A version of a file has a number of its own, so that readers of an old one keep it whole
/// and new opens get the new one; a directory has one for its path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// A directory of the views, by its path below `/~@/`.
    Directory(SourcePath),
    /// A symbolic link.
    Link {
        /// Where it is.
        path: SourcePath,
        /// Where it leads.
        target: Box<[u8]>,
    },
    /// One version of a file. Names that lead to the same file share it.
    File {
        /// Which file.
        file: File,
        /// Which version.
        hash: ContentHash,
    },
}

/// What `stat` tells of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Size in bytes.
    pub len: u64,
    /// Last change of content.
    pub modified: SystemTime,
    /// Permission bits.
    pub perm: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

struct Inode {
    object: Object,
    facts: Facts,
    /// How often the kernel was told of it, less what it has forgotten.
    lookups: u64,
    opens: u32,
    /// Whether it has been opened since the kernel was told of it.
    is_known: bool,
    /// The bytes, while it is open: all of its handles share them.
    content: Option<Arc<Content>>,
}

const SHARDS: usize = 16;

/// The table. A number is made from a hash of the object, so that a version that comes back (an undo) gets its old
/// number, whose pages the kernel may still have.
pub struct Inodes {
    shards: [Mutex<QuickMap<Ino, Inode>>; SHARDS],
}

impl Default for Inodes {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

impl Inodes {
    fn shard(&self, ino: Ino) -> MutexGuard<'_, QuickMap<Ino, Inode>> {
        let shard = &self.shards[(ino % SHARDS as u64) as usize];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of `object`, counted as one lookup; its facts are brought up to date.
    pub fn intern(&self, object: Object, facts: Facts) -> Ino {
        let mut ino = number_of(&object);
        loop {
            match self.shard(ino).entry(ino) {
                Entry::Vacant(vacant) => {
                    vacant.insert(Inode {
                        object,
                        facts,
                        lookups: 1,
                        opens: 0,
                        is_known: false,
                        content: None,
                    });
                    return ino;
                }
                Entry::Occupied(mut occupied) if occupied.get().object == object => {
                    let inode = occupied.get_mut();
                    inode.lookups += 1;
                    inode.facts = facts;
                    return ino;
                }
                // Another object with the same hash: the next number.
                Entry::Occupied(_) => ino = not_the_root(ino.wrapping_add(1)),
            }
        }
    }

    /// What the number stands for, with its facts as of the last lookup.
    pub fn get(&self, ino: Ino) -> Option<(Object, Facts)> {
        let shard = self.shard(ino);
        let inode = shard.get(&ino)?;
        Some((inode.object.clone(), inode.facts))
    }

    /// Gives lookups back.
    pub fn forget(&self, ino: Ino, lookups: u64) {
        if let Entry::Occupied(mut occupied) = self.shard(ino).entry(ino) {
            let inode = occupied.get_mut();
            inode.lookups = inode.lookups.saturating_sub(lookups);
            remove_if_unused(occupied);
        }
    }

    /// The bytes, where a handle is open already; counted as another open.
    pub fn open_shared(&self, ino: Ino) -> Option<Arc<Content>> {
        let mut shard = self.shard(ino);
        let inode = shard.get_mut(&ino)?;
        let content = inode.content.clone()?;
        inode.opens += 1;
        Some(content)
    }

    /// Counts an open with these bytes; gives those that all handles use, which are others' where another open was
    /// quicker, and whether it is the first open of the number. `None`: the kernel has forgotten the number meanwhile.
    pub fn open(&self, ino: Ino, content: Arc<Content>) -> Option<(Arc<Content>, bool)> {
        let mut shard = self.shard(ino);
        let inode = shard.get_mut(&ino)?;
        inode.opens += 1;
        let is_first = !std::mem::replace(&mut inode.is_known, true);
        Some((inode.content.get_or_insert(content).clone(), is_first))
    }

    /// Takes an open back.
    pub fn release(&self, ino: Ino) {
        if let Entry::Occupied(mut occupied) = self.shard(ino).entry(ino) {
            let inode = occupied.get_mut();
            inode.opens = inode.opens.saturating_sub(1);
            if inode.opens == 0 {
                inode.content = None;
            }
            remove_if_unused(occupied);
        }
    }

    /// How many numbers are in use.
    pub fn len(&self) -> usize {
        (0..SHARDS as u64)
            .map(|shard| self.shard(shard).len())
            .sum()
    }
}

fn remove_if_unused(occupied: std::collections::hash_map::OccupiedEntry<'_, Ino, Inode>) {
    let inode = occupied.get();
    if inode.lookups == 0 && inode.opens == 0 {
        occupied.remove();
    }
}

/// The number that an object gets where no other has it.
pub fn number_of(object: &Object) -> Ino {
    let mut hasher = DefaultHasher::new();
    object.hash(&mut hasher);
    not_the_root(hasher.finish())
}

/// A computed number, and not [`super::COMPUTED_ROOT`], which is no object's.
fn not_the_root(number: u64) -> Ino {
    COMPUTED | (number & !COMPUTED).max(1)
}

//! What was used lately stays open: a small file that was read, so that to read it again takes neither a walk nor what
//! the face had to register of it; a directory in which something was looked up.

use std::any::Any;
use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::SourceFs;
use super::inode::Inode;
use super::stat::{Access, Stat};

/// A larger file is let go when it is closed: once removed, its space would be held.
const KEPT_UP_TO: u64 = 1 << 20;

/// So many files and directories stay open at most …
const KEPT: usize = 64;

/// … and no more than this part of the handles that there may be.
const SHARE: usize = 16;

/// An open source file that the kernel may serve by itself, with what the face has registered of it, which lives as
/// long.
#[derive(Debug)]
pub struct Backing {
    /// The file.
    pub file: Arc<OwnedFd>,
    registered: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl Backing {
    pub(super) fn new(file: OwnedFd) -> Self {
        Self {
            file: Arc::new(file),
            registered: OnceLock::new(),
        }
    }

    /// What was registered of it; made by `register` where nothing was. `None` where that was of another type.
    pub fn registered<T: Any + Send + Sync>(&self, register: impl FnOnce() -> T) -> Option<&T> {
        let made = self.registered.get_or_init(|| Box::new(register()));
        made.downcast_ref()
    }
}

/// How long a directory counts as being where its name was found to lead. The kernel asks for each name of a path right
/// before it uses it, so whoever comes by a path has just been told. Who comes by a descriptor of the directory means
/// the directory itself, wherever it is by now.
pub(super) const FOUND: Duration = Duration::from_millis(1);

/// What stays open of an inode.
pub(super) enum Kept {
    /// A file, for the next reader.
    File {
        backing: Arc<Backing>,
        /// What decided that it could be opened.
        access: Access,
    },
    /// A directory, for the next name in it.
    Directory(Arc<OwnedFd>),
}

/// Which inodes have one, the oldest first.
pub(super) struct Reuse {
    order: Mutex<VecDeque<Weak<Inode>>>,
    most: usize,
}

impl Reuse {
    /// `most_open`: the number of handles that there may be.
    pub(super) fn new(most_open: usize) -> Self {
        Self {
            order: Mutex::default(),
            most: KEPT.min(most_open / SHARE),
        }
    }
}

impl SourceFs {
    /// The inode's file, still open for reading from before, with its attributes now; `None` where there is none, or
    /// its permissions or owner may have changed since, so that only open(2) can tell whether it may be read.
    pub(super) fn still_open(&self, inode: &Inode) -> Option<(Arc<Backing>, Stat)> {
        let (backing, access) = {
            let state = inode.state();
            match state.kept.as_ref()? {
                Kept::File { backing, access } => (Arc::clone(backing), *access),
                Kept::Directory(_) => return None,
            }
        };
        let stat = self.stat(&*backing.file).ok()?;
        (stat.access() == access).then_some((backing, stat))
    }

    /// Has a file that was opened for reading alone stay open.
    pub(super) fn keep_open(&self, inode: &Arc<Inode>, backing: &Arc<Backing>, stat: &Stat) {
        if stat.size() <= KEPT_UP_TO && stat.links() > 0 {
            let kept = Kept::File {
                backing: Arc::clone(backing),
                access: stat.access(),
            };
            self.keep(inode, kept);
        }
    }

    /// The directory that an inode is, where its name was found to lead there just now.
    pub(super) fn just_found(&self, inode: &Inode) -> Option<Arc<OwnedFd>> {
        let state = inode.state();
        match (&state.kept, state.found) {
            (Some(Kept::Directory(directory)), Some(found)) if found.elapsed() < FOUND => {
                Some(Arc::clone(directory))
            }
            _ => None,
        }
    }

    /// Has a directory stay open whose name leads there now.
    pub(super) fn keep_directory(&self, inode: &Arc<Inode>, directory: &Arc<OwnedFd>) {
        inode.state().found = Some(Instant::now());
        self.keep(inode, Kept::Directory(Arc::clone(directory)));
    }

    fn keep(&self, inode: &Arc<Inode>, kept: Kept) {
        // Elsewhere an open file keeps others from unmounting, and a server from telling what it has now.
        if self.reuse.most == 0 || !self.root.is_local(inode.identity.device) {
            return;
        }
        let before = inode.state().kept.replace(kept);
        if before.is_some() {
            return;
        }
        let oldest = {
            let order = self.reuse.order.lock();
            let mut order = order.unwrap_or_else(PoisonError::into_inner);
            order.push_back(Arc::downgrade(inode));
            match order.len() > self.reuse.most {
                true => order.pop_front(),
                false => None,
            }
        };
        let oldest = oldest.and_then(|oldest| oldest.upgrade());
        let let_go = oldest.and_then(|oldest| oldest.state().kept.take());
        drop(let_go);
    }
}

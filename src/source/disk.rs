//! The real tree: a directory and what is in it, through descriptors that cannot leave it.

mod above;
mod held;
mod lead;
mod linked;
pub(in crate::source) mod mounts;
mod place;
pub(in crate::source) mod reach;
mod read;
mod target;

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rustix::fs::{FileType, OFlags, Stat, fstat};
use rustix::io::Errno;

pub use self::above::Elsewhere;
pub use self::held::Held;
pub use self::lead::linked_place;
use self::mounts::Others;
use self::reach::{Reach, identity, means_absent, stamp};
use super::poll::Poller;
use super::watch::Watcher;
use super::{Change, Digest, Entry, EntryKind, InputError, ListedEntry, Stamp, Tree, Watching};
use crate::base::SourcePath;

/// The workspace root on disk. It follows the root's *path*: where another directory takes the name, that one is the
/// tree from then on.
pub struct DiskTree {
    reach: Reach,
    /// What others mount in it.
    others: Others,
    watcher: Watcher,
    poller: Poller,
    /// The root's path as the user gave it, and without links: absolute link targets below either lie in the tree.
    spellings: Vec<PathBuf>,
}

impl DiskTree {
    /// The tree at `root`, a directory. Open it before anything is mounted over it.
    ///
    /// # Errors
    /// What the system says where it cannot be walked to. That nothing can be watched is no error: see
    /// [`Watching::Impossible`].
    pub fn open(root: &Path) -> io::Result<Self> {
        Self::open_with(root, Vec::new())
    }

    /// The same where links may lead to what lies in these folders, absolute and without links: in the tree they are what they
    /// lead to.
    ///
    /// # Errors
    /// As [`DiskTree::open`].
    pub fn open_with(root: &Path, allowed: Vec<PathBuf>) -> io::Result<Self> {
        let reach = Reach::open(root, allowed)?;
        let mut spellings = vec![reach.place().to_owned()];
        let given = std::path::absolute(root)?;
        if given != spellings[0] {
            spellings.push(given);
        }
        Ok(Self {
            others: Others::of(reach.place(), &reach.mounts),
            reach,
            watcher: Watcher::new(),
            poller: Poller::new()?,
            spellings,
        })
    }

    /// Treats what is mounted from `device` (st_dev) as absent, and does no I/O on it, not even a `stat`: hookfs's own
    /// mount.
    pub fn stay_off(&self, device: u64) {
        self.reach.mounts.stay_off_device(device);
    }

    /// Treats what is mounted at the absolute `mount_point` as absent, as [`DiskTree::stay_off`] does; may be called
    /// before it is mounted. Links in the path of its parent are resolved, so call it before it is.
    pub fn stay_off_mount(&self, mount_point: &Path) {
        let parent = mount_point.parent().and_then(|p| p.canonicalize().ok());
        let point = match (parent, mount_point.file_name()) {
            (Some(parent), Some(name)) => parent.join(name),
            _ => mount_point.to_owned(),
        };
        self.reach.mounts.stay_off_point(point);
    }

    /// Watches nothing at or below `path`, and reports nothing of it: a state folder inside the tree.
    pub fn ignore(&self, path: &SourcePath) {
        self.watcher.ignore(path.clone());
    }

    /// How many directories are watched.
    pub fn watched(&self) -> usize {
        self.watcher.watched()
    }

    /// The root's path, without links.
    pub fn place(&self) -> &Path {
        self.reach.place()
    }

    /// A regular file that stays open, however large it is.
    ///
    /// # Errors
    /// [`InputError`].
    pub fn hold(&self, path: &SourcePath) -> Result<Held, InputError> {
        Held::open(&self.reach, path).map_err(|error| input_error(path, error))
    }

    /// What is asked of a name, which a link may have that leads to a file elsewhere: changes of that are reported before it is
    /// looked at.
    fn ask<T>(&self, path: &SourcePath, look: impl Fn() -> T) -> T {
        let answer = look();
        match self.watch_file(path) {
            true => look(),
            false => answer,
        }
    }

    /// Whether that was new.
    fn watch_file(&self, path: &SourcePath) -> bool {
        let Some(target) = self.reach.linked.file_at(path) else {
            return false;
        };
        let is_new = self.watcher.watch_file(&self.reach, path);
        if let (Some(_), Some(folder)) = (self.watcher.impossible(), target.place.parent()) {
            self.poller.watch(folder.to_owned(), &self.reach.mounts);
        }
        is_new
    }

    /// Watches a file that has other names, which may be written by any of them. Gives what is known of it after that.
    fn observed(&self, path: &SourcePath, file: &OwnedFd, found: Stat) -> Result<Stat, Errno> {
        if found.st_nlink < 2 {
            return Ok(found);
        }
        self.watcher.watch_inode(path, file, identity(&found));
        fstat(file)
    }

    /// The link in a linked package that leads to where it looks last.
    fn looks_above(&self, path: &SourcePath) -> Option<(Entry, Stamp)> {
        let package = self.reach.looks_above(path)?;
        let target = package.above?.name.relative_from(&path.parent()?);
        let stat = fstat(&package.root.descriptor).ok()?;
        Some((Entry::Link(target), stamp(&stat)))
    }

    /// A link's target as [`Entry::Link`] has it.
    fn target(&self, link: &SourcePath, target: Vec<u8>) -> Vec<u8> {
        let target = match self.reach.linked.find(link) {
            Some((package, rest)) => within(&package.place, rest, target),
            None => target,
        };
        if !target.starts_with(b"/") {
            return target;
        }
        let path = Path::new(std::ffi::OsStr::from_bytes(&target));
        let inside = self
            .spellings
            .iter()
            .find_map(|root| path.strip_prefix(root).ok());
        let (Some(inside), Some(parent)) = (inside, link.parent()) else {
            return target;
        };
        let mut steps: Vec<&[u8]> = vec![b".."; parent.components().count()];
        steps.push(inside.as_os_str().as_bytes());
        steps.retain(|step| !step.is_empty());
        match steps.is_empty() {
            true => b".".to_vec(),
            false => steps.join(&b'/'),
        }
    }
}

/// The target of a link in the folder `place` of a package elsewhere, at `link` there: relative where it stays in the folder.
fn within(place: &Path, link: &[u8], target: Vec<u8>) -> Vec<u8> {
    let depth = link.iter().filter(|byte| **byte == b'/').count();
    let path = Path::new(OsStr::from_bytes(&target));
    if let Ok(inside) = path.strip_prefix(place) {
        let mut steps: Vec<&[u8]> = vec![b".."; depth];
        steps.push(inside.as_os_str().as_bytes());
        steps.retain(|step| !step.is_empty());
        return match steps.is_empty() {
            true => b".".to_vec(),
            false => steps.join(&b'/'),
        };
    }
    if path.is_absolute() {
        return target;
    }
    let mut below = Some(depth);
    let mut absolute = place.join(OsStr::from_bytes(link));
    absolute.pop();
    let mut leaves = false;
    for step in path.components() {
        match step {
            Component::ParentDir => {
                absolute.pop();
                below = below.and_then(|below| below.checked_sub(1));
                leaves |= below.is_none();
            }
            Component::Normal(name) => {
                absolute.push(name);
                below = below.map(|below| below + 1);
            }
            _ => {}
        }
    }
    match leaves {
        true => absolute.into_os_string().into_vec(),
        false => target,
    }
}

/// The error with the path it is about.
fn input_error(path: &SourcePath, error: Errno) -> InputError {
    match means_absent(error) {
        true => InputError::Absent(path.clone()),
        false => InputError::Io {
            path: path.clone(),
            cause: Arc::new(error.into()),
        },
    }
}

impl Tree for DiskTree {
    fn read(&self, path: &SourcePath) -> Result<(Bytes, Stamp), InputError> {
        self.ask(path, || read::whole(self, path))
            .map_err(|error| input_error(path, error))
    }

    fn digest(&self, path: &SourcePath) -> Result<Digest, InputError> {
        self.ask(path, || read::digest(self, path))
            .map_err(|error| input_error(path, error))
    }

    fn entry(&self, path: &SourcePath) -> Result<(Entry, Option<Stamp>), InputError> {
        let look = || -> Result<(Entry, Stamp), Errno> {
            let handle = self.reach.name_handle(path, OFlags::PATH)?;
            let stat = fstat(&handle)?;
            let is_link = FileType::from_raw_mode(stat.st_mode) == FileType::Symlink;
            if is_link
                && self.reach.linked.may_be(path)
                && let Some(target) = self.reach.linked(path)
            {
                if let Some(other) = target.other {
                    let here = path.parent().unwrap_or_else(SourcePath::root);
                    return Ok((Entry::Link(other.relative_from(&here)), stamp(&stat)));
                }
                if !target.is_file {
                    return Ok((Entry::Directory, stamp(&fstat(&target.root.descriptor)?)));
                }
                let file = self.reach.handle(path, OFlags::PATH)?;
                let stat = fstat(&file)?;
                return Ok(match FileType::from_raw_mode(stat.st_mode) {
                    FileType::RegularFile => {
                        (Entry::File, stamp(&self.observed(path, &file, stat)?))
                    }
                    // It has gone since; that is told at the next drain.
                    _ => (Entry::Special, stamp(&stat)),
                });
            }
            let entry = match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => {
                    let stat = self.observed(path, &handle, stat)?;
                    return Ok((Entry::File, stamp(&stat)));
                }
                FileType::Directory => Entry::Directory,
                FileType::Symlink => {
                    let target = rustix::fs::readlinkat(&handle, c"", Vec::new())?;
                    Entry::Link(self.target(path, target.into_bytes()))
                }
                _ => Entry::Special,
            };
            Ok((entry, stamp(&stat)))
        };
        match self.ask(path, look) {
            Ok((entry, stamp)) => Ok((entry, Some(stamp))),
            Err(error) if means_absent(error) => {
                let above = self.looks_above(path);
                Ok(above.map_or((Entry::Absent, None), |(entry, stamp)| (entry, Some(stamp))))
            }
            Err(error) => Err(input_error(path, error)),
        }
    }

    fn list(&self, path: &SourcePath) -> Result<Vec<ListedEntry>, InputError> {
        let names = read::names(&self.reach, path);
        let mut names = names.map_err(|error| input_error(path, error))?;
        if self.reach.linked.allows() {
            let links = names.iter_mut();
            for entry in links.filter(|entry| entry.kind == EntryKind::Link) {
                let path = path.child(&entry.name);
                match self.reach.linked(&path) {
                    Some(target) if target.other.is_some() => {}
                    Some(target) if target.is_file => {
                        entry.kind = EntryKind::File;
                        // Else it is looked at again and again whether it is still there.
                        self.watch_file(&path);
                    }
                    Some(_) => entry.kind = EntryKind::Directory,
                    None => {}
                }
            }
        }
        Ok(names)
    }

    fn watch(&self, directory: &SourcePath) -> Watching {
        let watching = self.watcher.watch(&self.reach, directory);
        if self.watcher.impossible().is_some() {
            self.poller
                .watch(self.reach.absolute(directory), &self.reach.mounts);
        }
        watching
    }

    fn is_watched(&self, directory: &SourcePath) -> bool {
        self.watcher.is_watched(directory)
    }

    fn drain(&self, changes: &mut Vec<Change>) {
        self.watcher.drain(&self.reach, changes);
        if self.poller.take() {
            changes.push(Change::Everything);
        }
    }

    fn wait(&self, timeout: Duration) {
        let queue = self.watcher.descriptor();
        let table = self.others.descriptor();
        if self.poller.wait(queue, table, timeout)
            && self.others.are_new(self.reach.place(), &self.reach.mounts)
        {
            self.watcher.doubt();
        }
    }

    fn end_waiting(&self) {
        self.poller.end_waiting();
    }
}

#[cfg(test)]
mod above_tests;
#[cfg(test)]
mod allow_tests;
#[cfg(test)]
mod linked_tests;
#[cfg(test)]
mod tests;

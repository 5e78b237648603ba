//! Descriptors of what is in the tree, and of nothing else.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustix::fs::{Mode, OFlags, ResolveFlags, Stat, fstat, openat, openat2};
use rustix::io::Errno;

use super::above::{self, is_elsewhere};
use super::linked::Linked;
use super::mounts::Mounts;
use super::target::Target;
use crate::base::{ABOVE, ELSEWHERE, SourcePath};
use crate::source::Stamp;

/// A path longer than this is walked in pieces, each short enough for the kernel (PATH_MAX, path_resolution(7)).
const PIECE: usize = 4000;

/// The workspace root as it was when its path was last walked.
pub(in crate::source) struct Root {
    pub(in crate::source) descriptor: OwnedFd,
    /// Device and inode.
    pub(in crate::source) identity: (u64, u64),
}

/// The way from the workspace root to its files.
pub(in crate::source) struct Reach {
    /// The root's path, absolute and without links.
    place: PathBuf,
    root: RwLock<Option<Arc<Root>>>,
    pub(in crate::source) mounts: Mounts,
    pub(in crate::source) linked: Linked,
    /// Whether the kernel has openat2(2); where it lacks it or a sandbox denies it, components are walked one by one.
    openat2: bool,
}

pub(in crate::source) fn identity(stat: &Stat) -> (u64, u64) {
    (stat.st_dev, stat.st_ino)
}

pub(super) fn stamp(stat: &Stat) -> Stamp {
    let time = |seconds: i64, nanoseconds: u64| {
        i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
    };
    Stamp {
        device: stat.st_dev,
        inode: stat.st_ino,
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        mode: stat.st_mode,
        modified: time(stat.st_mtime, stat.st_mtime_nsec),
        changed: time(stat.st_ctime, stat.st_ctime_nsec),
    }
}

/// Whether the error says that there is nothing of that name, links not followed.
pub(in crate::source) fn means_absent(error: Errno) -> bool {
    matches!(
        error,
        Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG | Errno::XDEV
    )
}

impl Reach {
    pub(super) fn open(path: &Path, allowed: Vec<PathBuf>) -> std::io::Result<Self> {
        let place = path.canonicalize()?;
        let root = walk_to(&place)?;
        let beneath = openat2(
            &root.descriptor,
            c".",
            OFlags::PATH | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::BENEATH,
        );
        Ok(Self {
            place,
            root: RwLock::new(Some(Arc::new(root))),
            mounts: Mounts::new(),
            linked: Linked::new(allowed),
            openat2: !matches!(beneath, Err(Errno::NOSYS | Errno::PERM)),
        })
    }

    pub(in crate::source) fn place(&self) -> &Path {
        &self.place
    }

    pub(in crate::source) fn root(&self) -> Option<Arc<Root>> {
        self.root
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Walks to the root's path again. Whether it is another directory now, came or went.
    pub(in crate::source) fn reopen(&self) -> bool {
        if self.mounts.cover(&self.place) {
            // The path leads into our own mount now; the descriptor from before it leads to the source.
            return false;
        }
        let found = walk_to(&self.place).ok();
        let mut root = self.root.write().unwrap_or_else(PoisonError::into_inner);
        let same = root.as_ref().map(|root| root.identity) == found.as_ref().map(|f| f.identity);
        if !same {
            *root = found.map(Arc::new);
        }
        !same
    }

    /// The directory that holds the root's name. `None` for `/`, and where the way leads through our own mount.
    pub(in crate::source) fn parent(&self) -> Option<Result<OwnedFd, Errno>> {
        let parent = self.place.parent()?;
        (!self.mounts.cover(&self.place)).then(|| {
            rustix::fs::open(
                parent,
                OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
                Mode::empty(),
            )
        })
    }

    /// The absolute path that the file system has for `path` now.
    pub(super) fn absolute(&self, path: &SourcePath) -> PathBuf {
        if let Some((target, rest)) = self.linked.find(path) {
            return target.place_at(rest);
        }
        let root = self.root().and_then(|root| {
            std::fs::read_link(format!("/proc/self/fd/{}", root.descriptor.as_raw_fd())).ok()
        });
        let mut absolute = root.unwrap_or_else(|| self.place.clone());
        if !path.is_root() {
            absolute.push(path.as_path());
        }
        absolute
    }

    /// What the link at `path` leads to elsewhere.
    pub(super) fn linked(&self, path: &SourcePath) -> Option<Target> {
        // One that changes all the time is not followed for the moment.
        const ATTEMPTS: usize = 1000;
        for _ in 0..ATTEMPTS {
            if let Some(known) = self.linked.get(path) {
                return known;
            }
            // What it lies in decides where it may lead.
            let above = path.parent().filter(|_| self.linked.allows());
            while above.as_ref().is_some_and(|above| self.discover(above)) {}
            let absolute = |path: &SourcePath| self.absolute(path);
            if let Some(found) = self.linked.look(path, &self.mounts, absolute) {
                return found;
            }
        }
        None
    }

    /// Whether the link at `path` is a file of the tree.
    pub(super) fn leads_to_file(&self, path: &SourcePath) -> bool {
        let target = || self.linked(path).filter(|target| target.is_file);
        self.linked.allows() && target().is_some()
    }

    /// Whether a link on the way to `path`, or itself, turns out to lead to what is in the tree by it.
    fn discover(&self, path: &SourcePath) -> bool {
        let may_be = |link: &SourcePath| !link.is_root() && self.linked.may_be(link);
        let mut above: Vec<SourcePath> = path.ancestors().filter(may_be).collect();
        above.reverse();
        above.into_iter().any(|link| {
            let place = self.absolute(&link);
            self.linked.get(&link).is_none()
                && !self.mounts.cover(&place)
                && place.is_symlink()
                && self
                    .linked(&link)
                    .is_some_and(|target| target.other.is_none())
        })
    }

    /// Whether a folder on the way to `path` that stands for one elsewhere turns out to be one.
    fn discover_elsewhere(&self, path: &SourcePath) -> bool {
        // So it is asked of every name that is not there.
        if memchr::memmem::find(path.as_bytes(), ELSEWHERE).is_none() {
            return false;
        }
        let mut above: Vec<SourcePath> = path.ancestors().filter(is_elsewhere).collect();
        above.reverse();
        above.into_iter().any(|name| {
            let is_known = self.linked.get(&name).is_some_and(|known| known.is_some());
            !is_known && self.find_elsewhere(name)
        })
    }

    /// Looks for a link that leads to such a folder. Whether there is one.
    fn find_elsewhere(&self, name: SourcePath) -> bool {
        let folder = name.parent().unwrap_or_else(SourcePath::root);
        let place = self.absolute(&folder);
        let links = match self.mounts.cover(&place) {
            true => Vec::new(),
            false => above::links_in(&place),
        };
        let found = links.iter().find_map(|(link, _)| {
            let link = link.strip_prefix(&place).ok()?.as_os_str();
            let link = folder.with_below(link.as_bytes());
            let above = self.linked(&link)?.above?;
            (above.name == name).then_some((above, link))
        });
        match found {
            Some((above, link)) => self.linked.reach(above, link),
            None => {
                self.linked.miss(&folder, place, links);
                false
            }
        }
    }

    /// The linked package that `path` is the name in that leads to where it looks last.
    pub(super) fn looks_above(&self, path: &SourcePath) -> Option<Target> {
        if path.name() != ABOVE {
            return None;
        }
        let (target, rest) = self.linked.find(path)?;
        (rest == ABOVE).then_some(target)
    }

    /// A descriptor of `path`. No link is followed in any component, but for those that are what they lead to.
    pub(in crate::source) fn handle(
        &self,
        path: &SourcePath,
        flags: OFlags,
    ) -> Result<OwnedFd, Errno> {
        loop {
            let target = self.linked.find(path);
            let root = target.as_ref().map(|(target, _)| target.root.clone());
            let found = match target {
                // What to stay off may be a folder that is on no other device: the daemon's own.
                Some((target, rest))
                    if self.mounts.any() && self.mounts.cover(&target.place_at(rest)) =>
                {
                    return Err(Errno::NOENT);
                }
                Some((target, rest)) => match target.file() {
                    Some(name) if rest.is_empty() => {
                        self.handle_in(&target.root, name, path, flags)
                    }
                    Some(_) => Err(Errno::NOTDIR),
                    None => self.handle_in(&target.root, rest, path, flags),
                },
                None => self.handle_of(path, flags),
            };
            match found {
                Err(Errno::LOOP | Errno::NOTDIR)
                    if self.discover(path) || self.leads_elsewhere_now(path, root.as_ref()) => {}
                Err(Errno::NOENT)
                    if self.discover_elsewhere(path)
                        || self.leads_elsewhere_now(path, root.as_ref()) => {}
                found => return found,
            }
        }
    }

    /// Whether another thread has found out meanwhile where a path leads by links: not in this folder.
    fn leads_elsewhere_now(&self, path: &SourcePath, root: Option<&Arc<Root>>) -> bool {
        let now = self.linked.find(path).map(|(target, _)| target.root);
        match (now, root) {
            (Some(now), Some(root)) => !Arc::ptr_eq(&now, root),
            (now, root) => now.is_some() != root.is_some(),
        }
    }

    /// The same of a name itself, be it that of what lies elsewhere; a link needs [`OFlags::PATH`].
    pub(super) fn name_handle(&self, path: &SourcePath, flags: OFlags) -> Result<OwnedFd, Errno> {
        let is_link = |(_, rest): &(Target, &[u8])| rest.is_empty() && !is_elsewhere(path);
        if self.linked.find(path).as_ref().is_some_and(is_link) {
            let parent = path.parent().ok_or(Errno::NOENT)?;
            let parent = self.handle(&parent, OFlags::PATH | OFlags::DIRECTORY)?;
            return self.step(parent.as_fd(), path.name(), flags, false);
        }
        self.handle(path, flags)
    }

    fn handle_of(&self, path: &SourcePath, flags: OFlags) -> Result<OwnedFd, Errno> {
        let root = self.root().ok_or(Errno::NOENT)?;
        self.handle_in(&root, path.as_bytes(), path, flags)
    }

    /// A descriptor of what `rest` leads to in a folder, which `path` is in the tree.
    fn handle_in(
        &self,
        root: &Root,
        rest: &[u8],
        path: &SourcePath,
        flags: OFlags,
    ) -> Result<OwnedFd, Errno> {
        let start = root.descriptor.as_fd();
        if rest.is_empty() {
            return openat(start, c".", flags | OFlags::CLOEXEC, Mode::empty());
        }
        let guarded = self.mounts.any();
        match self.walk(start, rest, flags, guarded) {
            Err(Errno::XDEV) if guarded => {
                if self.mounts.cover(&self.absolute(path)) {
                    return Err(Errno::NOENT);
                }
                self.walk(start, rest, flags, false)
            }
            result => result,
        }
    }

    /// Walks to `path`, in pieces where it is too long for one call. `guarded`: never into another mount (EXDEV).
    fn walk(
        &self,
        start: BorrowedFd<'_>,
        path: &[u8],
        flags: OFlags,
        guarded: bool,
    ) -> Result<OwnedFd, Errno> {
        let mut rest = path;
        let mut held: Option<OwnedFd> = None;
        while rest.len() > PIECE {
            let end = rest[..PIECE].iter().rposition(|&b| b == b'/');
            let end = end.ok_or(Errno::NAMETOOLONG)?;
            let from = held.as_ref().map_or(start, AsFd::as_fd);
            let next = self.step(
                from,
                &rest[..end],
                OFlags::PATH | OFlags::DIRECTORY,
                guarded,
            )?;
            held = Some(next);
            rest = &rest[end + 1..];
        }
        self.step(
            held.as_ref().map_or(start, AsFd::as_fd),
            rest,
            flags,
            guarded,
        )
    }

    fn step(
        &self,
        from: BorrowedFd<'_>,
        path: &[u8],
        flags: OFlags,
        guarded: bool,
    ) -> Result<OwnedFd, Errno> {
        let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        if !self.openat2 {
            return match guarded {
                // Without openat2 nothing tells of a crossing beforehand, so the table of mounts is asked each time.
                true => Err(Errno::XDEV),
                false => step_by_components(from, path, flags),
            };
        }
        let mut how = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        if guarded {
            how |= ResolveFlags::NO_XDEV;
        }
        loop {
            match openat2(from, path, flags, Mode::empty(), how) {
                Err(Errno::INTR | Errno::AGAIN) => {}
                result => return result,
            }
        }
    }
}

pub(super) fn walk_to(place: &Path) -> Result<Root, Errno> {
    let descriptor = rustix::fs::open(
        place.as_os_str().as_bytes(),
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let identity = identity(&fstat(&descriptor)?);
    Ok(Root {
        descriptor,
        identity,
    })
}

/// Walks to a path without links, one that no link can be put into meanwhile.
pub(super) fn walk_straight(place: &Path) -> Result<Root, Errno> {
    let root = walk_to(Path::new("/"))?;
    let rest = place.as_os_str().as_bytes();
    let rest = rest.strip_prefix(b"/").unwrap_or(rest);
    if rest.is_empty() {
        return Ok(root);
    }
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let descriptor = step_by_components(root.descriptor.as_fd(), rest, flags)?;
    let identity = identity(&fstat(&descriptor)?);
    Ok(Root {
        descriptor,
        identity,
    })
}

fn step_by_components(from: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
    let mut held: Option<OwnedFd> = None;
    let mut names = path.split(|&b| b == b'/').peekable();
    while let Some(name) = names.next() {
        let flags = match names.peek() {
            Some(_) => OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            None => flags,
        };
        let from = held.as_ref().map_or(from, AsFd::as_fd);
        held = Some(openat(from, name, flags, Mode::empty())?);
    }
    held.ok_or(Errno::NOENT)
}

//! What absolute paths lead to.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::mounts::Mounts;

/// Absolute paths as they are at one time: what was looked at once is not looked at again.
#[derive(Default)]
pub(super) struct Sight {
    /// Where our own mounts are. The daemon would wait for itself.
    off: Vec<PathBuf>,
    found: RefCell<HashMap<PathBuf, Option<Found>>>,
    /// What of that was looked at, in this order.
    seen: RefCell<Seen>,
}

/// Paths, on the way to each of which no links are, and what stood there.
type Seen = Vec<(PathBuf, Option<State>)>;

/// What tells one thing at a path from another.
#[derive(Clone, PartialEq, Eq)]
struct State {
    identity: (u64, u64),
    mode: u32,
    /// When a link was made, which never says anything else.
    made: (i64, i64),
}

impl State {
    fn of(path: &Path) -> Option<Self> {
        let found = std::fs::symlink_metadata(path).ok()?;
        let made = match found.is_symlink() {
            true => (found.ctime(), found.ctime_nsec()),
            false => (0, 0),
        };
        Some(Self {
            identity: (found.dev(), found.ino()),
            mode: found.mode(),
            made,
        })
    }
}

/// What stands at a path.
#[derive(Clone)]
pub(super) struct Found {
    state: State,
    /// What it says, where it is a link.
    link: Option<PathBuf>,
}

impl Found {
    fn is(&self, kind: libc::mode_t) -> bool {
        self.state.mode & libc::S_IFMT == kind
    }

    pub(super) fn is_folder(&self) -> bool {
        self.is(libc::S_IFDIR)
    }

    pub(super) fn is_file(&self) -> bool {
        self.is(libc::S_IFREG)
    }

    /// Whether everybody may write to it.
    pub(super) fn is_common(&self) -> bool {
        self.state.mode & libc::S_IWOTH != 0
    }
}

/// All that was seen at one time.
pub(super) struct Facts {
    off: Vec<PathBuf>,
    seen: Seen,
}

impl Facts {
    /// Whether all of it is as it was. What stands above a path is looked at before it, so that no link leads astray.
    pub(super) fn hold(&self, mounts: &Mounts) -> bool {
        let mut seen = self.seen.iter();
        mounts.points() == self.off && seen.all(|(path, state)| State::of(path) == *state)
    }
}

impl Sight {
    pub(super) fn new(mounts: &Mounts) -> Self {
        Self {
            off: mounts.points(),
            ..Self::default()
        }
    }

    /// All that was seen, but for what events tell of.
    pub(super) fn into_facts(self, vouched: &HashSet<&Path>) -> Facts {
        let mut seen = self.seen.into_inner();
        seen.retain(|(path, _)| !vouched.contains(&**path));
        Facts {
            off: self.off,
            seen,
        }
    }

    /// Whether a path leads onto our own mounts.
    pub(super) fn covers(&self, path: &Path) -> bool {
        self.off.iter().any(|point| path.starts_with(point))
    }

    /// What stands at a path on the way to which no links are; a link itself is not followed.
    pub(super) fn found(&self, path: &Path) -> Option<Found> {
        if let Some(found) = self.found.borrow().get(path) {
            return found.clone();
        }
        if self.covers(path) {
            return None;
        }
        let state = State::of(path);
        let mut seen = self.seen.borrow_mut();
        seen.push((path.to_owned(), state.clone()));
        let found = state.and_then(|state| {
            let found = Found { state, link: None };
            let link = found.is(libc::S_IFLNK).then(|| std::fs::read_link(path));
            let link = link.transpose().ok()?;
            Some(Found { link, ..found })
        });
        let mut all = self.found.borrow_mut();
        all.insert(path.to_owned(), found.clone());
        found
    }

    /// What the link at a path says, on the way to which no links are.
    pub(super) fn link_at(&self, path: &Path) -> Option<PathBuf> {
        self.found(path)?.link
    }

    /// Device and inode of what a path leads to.
    pub(super) fn identity(&self, path: &Path) -> Option<(u64, u64)> {
        Some(self.found(&self.resolved(path)?)?.state.identity)
    }

    /// The folder of the package, or of all of them, that an absolute path leads to, where it lies in none of these. What is
    /// neither, and what holds one of these or its user's home, is not among the tree's.
    pub(super) fn package_at(&self, link: &Path, inside: &[&Path]) -> Option<PathBuf> {
        let place = self.resolved(link)?;
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let is_inside = inside.iter().any(|folder| place.starts_with(folder));
        let mut held = inside.iter().copied().chain(home.as_deref());
        let is_around = held.any(|folder| folder.starts_with(&place));
        (!is_inside && !is_around && self.is_followed(link, &place)).then_some(place)
    }

    /// What an absolute path leads to, without links (path_resolution(7)).
    pub(super) fn resolved(&self, path: &Path) -> Option<PathBuf> {
        const LIMIT: usize = 40;
        let mut followed = 0;
        let mut here = PathBuf::from("/");
        let names = |path: &Path| -> Vec<OsString> {
            let names = path.components().rev();
            names.map(|name| name.as_os_str().to_owned()).collect()
        };
        // The names still to walk, the next one last.
        let mut rest = names(path);
        while let Some(name) = rest.pop() {
            match name.as_bytes() {
                b"/" => here = PathBuf::from("/"),
                b"." => {}
                b".." => _ = here.pop(),
                _ => {
                    here.push(&name);
                    if let Some(target) = self.found(&here)?.link {
                        followed += 1;
                        if followed > LIMIT {
                            return None;
                        }
                        here.pop();
                        rest.extend(names(&target));
                    }
                }
            }
        }
        Some(here)
    }

    /// Whether a link may lead to this folder: from one `node_modules` to another, or to a package.
    pub(super) fn is_followed(&self, link: &Path, folder: &Path) -> bool {
        let is_modules = |path: &Path| path.file_name() == Some(OsStr::new("node_modules"));
        let is = |path: &Path, kind| {
            let place = self.resolved(path);
            let found = place.and_then(|place| self.found(&place));
            found.is_some_and(|found| found.is(kind))
        };
        match is_modules(link) {
            true => is_modules(folder) && is(folder, libc::S_IFDIR),
            false => is(&folder.join("package.json"), libc::S_IFREG),
        }
    }
}

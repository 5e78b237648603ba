//! Where linked packages find what neither they nor the project have: in the `node_modules` above their folders, as Node does
//! by real paths. In a monorepo that holds what is hoisted, and the store of a package manager (`.pnpm`).
//!
//! Such a folder is one of the tree, beside the link that leads below it: `node_modules/.linked-<hash>`, the hash being that of its
//! path from the tree, so that it has one name however many links lead there. It is in the tree while one does.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::lead::{self, Inside};
use super::place::{Found, Sight};
use crate::base::{ContentHash, ELSEWHERE, SourcePath};

/// A `node_modules` elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Above {
    /// What it is called in the tree.
    pub(super) name: SourcePath,
    /// Its path, absolute and without links.
    pub(super) place: Arc<PathBuf>,
}

impl Above {
    /// The names here that a folder could have: by its path, or, of another member of the monorepo, by its name.
    pub(super) fn names(&self, place: &Path, package: &[u8]) -> Vec<(SourcePath, PathBuf)> {
        let hoisted = || {
            [
                package.to_owned(),
                [b".pnpm/node_modules/", package].concat(),
            ]
        };
        match self.stored(place) {
            Some(stored) => vec![stored],
            None if package.is_empty() => Vec::new(),
            None => hoisted().iter().map(|rest| self.at(rest)).collect(),
        }
    }

    /// The name here of a folder that lies here.
    pub(super) fn stored(&self, place: &Path) -> Option<(SourcePath, PathBuf)> {
        let rest = place.strip_prefix(&*self.place).ok()?;
        Some(self.at(rest.as_os_str().as_bytes()))
    }

    fn at(&self, rest: &[u8]) -> (SourcePath, PathBuf) {
        let place = self.place.join(OsStr::from_bytes(rest));
        (self.name.with_below(rest), place)
    }
}

/// Whether a path is the name of a folder that stands for another `node_modules`.
pub(super) fn is_elsewhere(path: &SourcePath) -> bool {
    path.name().starts_with(ELSEWHERE)
        && path
            .parent()
            .is_some_and(|above| above.name() == b"node_modules")
}

/// What such a folder is called in this one, for a tree at `root`.
pub(super) fn name_in(folder: &SourcePath, modules: &Path, root: &Path) -> Option<SourcePath> {
    let path = |path: &Path| SourcePath::parse(path.as_os_str().as_bytes()).ok();
    let from_root = path(modules.parent()?)?.relative_from(&path(root)?);
    let hash = ContentHash::of(&from_root).short().to_string();
    let is_modules = folder.name() == b"node_modules";
    is_modules.then(|| folder.child([ELSEWHERE, hash.as_bytes()].concat()))
}

/// Where a package looks last: in the `node_modules` whose store it lies in, else in the nearest one above its folder, as far as
/// what is there may be taken: not what others could have put there, and nothing from folders that hold the tree or its user's
/// home.
pub(super) fn nearest(package: &Path, root: &Path, sight: &Sight) -> Option<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let is_around = |folder: &Path| {
        root.starts_with(folder) || home.as_ref().is_some_and(|home| home.starts_with(folder))
    };
    let folder_at = |path: &Path| sight.found(path).filter(Found::is_folder);
    let found = match store_of(package) {
        Some(modules) => modules.to_owned(),
        None => {
            let above = package.ancestors().skip(1);
            let mut above = above.take_while(|above| !is_around(above));
            above.find_map(|above| {
                let place = sight.resolved(&above.join("node_modules"))?;
                folder_at(&place).map(|_| place)
            })?
        }
    };
    let holder = found.parent()?;
    let is_safe = |folder: &Path| folder_at(folder).is_some_and(|found| !found.is_common());
    let may_be = found.file_name() == Some(OsStr::new("node_modules"))
        && !is_around(holder)
        && !found.starts_with(root)
        && is_safe(holder)
        && is_safe(&found);
    may_be.then_some(found)
}

/// The outermost `node_modules` that a package lies in, where that is in a store there (`.pnpm`).
pub(super) fn store_of(package: &Path) -> Option<&Path> {
    let is_modules = |above: &&Path| above.file_name() == Some(OsStr::new("node_modules"));
    let modules = package.ancestors().skip(1).filter(is_modules).last()?;
    let below = package.strip_prefix(modules).ok()?;
    (below.as_os_str().as_bytes().starts_with(b".")).then_some(modules)
}

/// What is in a tree by links that lead out of it.
#[derive(Default)]
pub struct Elsewhere {
    /// The folders that links may lead to: absolute, without links.
    allowed: Vec<PathBuf>,
    /// The places of such folders, as far as they were asked for: the name of one says which it is.
    places: Mutex<BTreeMap<SourcePath, PathBuf>>,
}

impl Elsewhere {
    /// Where links may lead to these folders, too.
    pub fn new(allowed: Vec<PathBuf>) -> Self {
        Self {
            allowed,
            places: Mutex::default(),
        }
    }

    pub(super) fn allowed(&self) -> &[PathBuf] {
        &self.allowed
    }

    /// Whether a link of this path may be followed.
    pub(super) fn may_be(&self, link: &SourcePath) -> bool {
        !self.allowed.is_empty() || lead::may_be(link)
    }

    pub(super) fn place(
        &self,
        name: &SourcePath,
        find: impl FnOnce() -> Option<PathBuf>,
    ) -> Option<PathBuf> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = places.get(name) {
            return Some(place.clone());
        }
        let place = find()?;
        places.insert(name.clone(), place.clone());
        Some(place)
    }
}

/// A link's absolute path, and what it says.
pub(super) type Link = (PathBuf, PathBuf);

/// The links in a folder of packages.
pub(super) fn links_in(folder: &Path) -> Vec<Link> {
    let mut links = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        for entry in entries {
            let is_scope = entry.file_name().as_bytes().starts_with(b"@");
            match entry.file_type() {
                Ok(kind) if kind.is_symlink() => {
                    let target = std::fs::read_link(entry.path()).unwrap_or_default();
                    links.push((entry.path(), target));
                }
                Ok(kind) if kind.is_dir() && is_scope => folders.push(entry.path()),
                _ => {}
            }
        }
    }
    links.sort();
    links
}

/// What the folder `name`, which would be at `path`, stands for. `inside`: the tree, and what links on its way lead to.
pub(super) fn place_of(
    name: &SourcePath,
    path: &Path,
    inside: &[Inside],
    sight: &Sight,
) -> Option<PathBuf> {
    let (folder, root) = (name.parent()?, &*inside.first()?.place);
    links_in(path.parent()?).iter().find_map(|(link, _)| {
        let package = sight.package_at(link, &lead::around(inside))?;
        let modules = nearest(&package, root, sight)?;
        (name_in(&folder, &modules, root)? == *name).then_some(modules)
    })
}

//! Packages whose folders lie elsewhere: `node_modules/x` is a link that leads out of the tree (`npm link`, `"x": "file:../x"`,
//! `link:` of pnpm and yarn). So may all of them: `node_modules` itself is such a link (in work trees of git and images of CI).
//!
//! Such a link is not followed: in the tree it *is* the folder that it leads to, so that the package's files have their
//! names below it, as if it were installed. Nothing beside the folder comes into the tree with it.
//!
//! What the link leads to may change without an event that is watched: by another link on its way, or with a folder above.
//! So each is compared at each drain, by a `stat` where nothing of ours is mounted that it could walk into. A folder that several
//! links lead to has one name: that in the outermost `node_modules`, where what lies in the store of a package manager (`.pnpm`)
//! has its name there, and so its own dependencies beside it. See [`super::above`] for stores elsewhere.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::above::{
    Above, Elsewhere, Link, is_elsewhere, links_in, name_in, nearest, place_of, store_of,
};
use super::mounts::Mounts;
use super::place::{Facts, Sight};
use super::reach::{Root, walk_to};
use crate::base::{ELSEWHERE, SourcePath};

/// What a link leads to, as it was looked at.
#[derive(Clone)]
pub(super) struct Target {
    /// The folder; links of which it is one of another link's name have none of their own.
    pub(super) root: Arc<Root>,
    /// Its path, absolute and without links.
    pub(super) place: Arc<PathBuf>,
    /// The link that gives the package its name, where that is another one.
    pub(super) other: Option<SourcePath>,
    /// The link, absolute.
    link: PathBuf,
    /// The links that could give it its name, absolute, the outermost first.
    outer: Vec<(SourcePath, PathBuf)>,
    /// Where it looks last.
    pub(super) above: Option<Above>,
    /// How that was found.
    way: Option<Way>,
    /// The link that leads to it, where it is such a place.
    by: Option<SourcePath>,
}

/// What tells where a linked package looks last.
#[derive(Clone)]
struct Way {
    root: PathBuf,
    /// Where it has looked before.
    before: Vec<PathBuf>,
}

impl Way {
    fn find(&self, package: &Path, sight: &Sight) -> Option<PathBuf> {
        let found = nearest(package, &self.root, sight)?;
        let wanted = sight.identity(&found);
        let mut before = self.before.iter();
        let is_before = before.any(|folder| sight.identity(folder) == wanted);
        (!is_before).then_some(found)
    }
}

/// A link that has been looked at.
enum Known {
    Package(Target),
    /// It leads to none, which may change. Absolute, and what it would have to lead out of.
    Other(PathBuf, Vec<PathBuf>),
    /// None of the links in this folder leads to a folder elsewhere that was asked for.
    Missing(PathBuf, Vec<Link>),
}

impl Known {
    fn target(&self) -> Option<&Target> {
        match self {
            Self::Package(target) => Some(target),
            Self::Other(..) | Self::Missing(..) => None,
        }
    }

    /// Whether one of the names that it could have lies in this folder, or it is in the tree by a link there.
    fn hangs_on(&self, folder: &SourcePath) -> bool {
        let target = self.target();
        target.is_some_and(|target| {
            let outer = target.outer.iter().map(|(other, _)| other);
            let mut all = outer.chain(&target.by);
            all.any(|other| other.starts_with(folder))
        })
    }

    fn is_changed(&self, sight: &Sight) -> bool {
        match self {
            Self::Package(target) => {
                let root = target.root.identity;
                sight.identity(&target.link) != Some(root)
                    || !sight.is_followed(&target.link, &target.place)
                    || name(&target.outer, root, sight) != target.other.as_ref()
                    || target.way.as_ref().is_some_and(|way| {
                        let above = target.above.as_ref().map(|above| &*above.place);
                        way.find(&target.place, sight).as_ref() != above
                    })
            }
            Self::Missing(folder, links) => !sight.covers(folder) && links_in(folder) != *links,
            Self::Other(link, inside) => sight.package_at(link, inside).is_some(),
        }
    }
}

/// The links that have been looked at and lead out of the tree, or nowhere.
#[derive(Default)]
pub(in crate::source) struct Linked {
    known: RwLock<BTreeMap<SourcePath, Known>>,
    any: AtomicBool,
    /// What was seen when none of them had changed.
    facts: Mutex<Option<Arc<Facts>>>,
}

impl Linked {
    /// The folder that a path lies in, or is, the innermost one, and where it is there.
    pub(super) fn find<'a>(&self, path: &'a SourcePath) -> Option<(Target, &'a [u8])> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let folders = known
            .iter()
            .filter_map(|(link, known)| Some((link, known.target()?)))
            .filter(|(_, target)| target.other.is_none());
        let (_, target, rest) = folders
            .filter_map(|(link, target)| Some((link, target, path.below(link)?)))
            .max_by_key(|(link, ..)| link.as_bytes().len())?;
        Some((target.clone(), rest))
    }

    /// What is known of a link; `None`: nothing is.
    pub(super) fn get(&self, link: &SourcePath) -> Option<Option<Target>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(link).map(|known| known.target().cloned())
    }

    fn insert(&self, link: SourcePath, found: Known) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(link, found);
        self.keep(None);
        self.any.store(true, Ordering::Release);
    }

    /// While those who know the links are locked.
    fn keep(&self, facts: Option<Facts>) {
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner) = facts.map(Arc::new);
    }

    /// The folders elsewhere that the links on the way to this one lead to, the outermost first.
    fn around(&self, link: &SourcePath) -> Vec<Above> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let around = link.ancestors().skip(1).filter_map(|name| {
            let target = known.get(&name)?.target()?;
            let place = target.place.clone();
            match is_elsewhere(&name) {
                true => Some(Above { name, place }),
                false => target.above.clone(),
            }
        });
        let mut around: Vec<Above> = around.collect();
        around.reverse();
        around
    }

    /// A folder elsewhere is in the tree from now on, by this link. Whether it is there.
    pub(super) fn reach(&self, folder: Above, link: SourcePath) -> bool {
        let Ok(root) = walk_to(&folder.place) else {
            return false;
        };
        let target = Target {
            root: Arc::new(root),
            link: folder.place.to_path_buf(),
            place: folder.place,
            other: None,
            outer: Vec::new(),
            above: None,
            way: None,
            by: Some(link),
        };
        self.insert(folder.name, Known::Package(target));
        true
    }

    /// No link in a folder of packages, which has these, leads to one elsewhere that was asked for.
    pub(super) fn miss(&self, folder: &SourcePath, place: PathBuf, links: Vec<Link>) {
        self.insert(folder.child(ELSEWHERE), Known::Missing(place, links));
    }

    /// The links that lead elsewhere now, or nowhere, and what hangs on them. They are forgotten.
    pub(in crate::source) fn changed(&self, mounts: &Mounts) -> Vec<SourcePath> {
        if !self.any.load(Ordering::Acquire) {
            return Vec::new();
        }
        let facts = self.facts.lock();
        let facts = facts.unwrap_or_else(PoisonError::into_inner).clone();
        if facts.is_some_and(|facts| facts.hold(mounts)) {
            return Vec::new();
        }
        let sight = Sight::new(mounts);
        let mut changed: Vec<SourcePath> = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let changed = known.iter().filter(|(_, known)| known.is_changed(&sight));
            let mut changed: Vec<_> = changed.map(|(link, _)| link.clone()).collect();
            let missing = known.iter().filter_map(|(name, known)| match known {
                Known::Missing(..) => name.parent(),
                _ => None,
            });
            // Any folder elsewhere may be there now.
            let is_other =
                |folder: &SourcePath| changed.iter().any(|name| name.starts_with(folder));
            let others: Vec<_> = missing.filter(is_other).collect();
            changed.extend(others);
            let is_missing = |known: &Known| matches!(known, Known::Missing(..));
            if changed.is_empty() && !known.values().any(is_missing) {
                self.keep(Some(sight.into_facts()));
            }
            changed
        };
        if changed.is_empty() {
            return changed;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let mut at = 0;
        while let Some(gone) = changed.get(at).cloned() {
            at += 1;
            known.retain(|link, known| {
                // What lies in it has other names now, or none; so may what could have a name there.
                let is_below = link.starts_with(&gone);
                let is_gone = is_below || known.hangs_on(&gone);
                if is_gone && !is_below && !changed.contains(link) {
                    changed.push(link.clone());
                }
                !is_gone
            });
        }
        self.keep(None);
        changed
    }

    /// Looks at the link at `link`. `absolute` gives the path of what is in the tree, and `inside` are folders that are in it
    /// anyhow: the tree's, and the linked package's that the link itself lies in.
    pub(super) fn look(
        &self,
        link: &SourcePath,
        inside: Vec<PathBuf>,
        mounts: &Mounts,
        absolute: impl Fn(&SourcePath) -> PathBuf,
    ) -> Option<Target> {
        // What a link leads to has another path than itself.
        let absolute = |link: &SourcePath| {
            let above = link.parent().unwrap_or_else(SourcePath::root);
            absolute(&above).join(OsStr::from_bytes(link.name()))
        };
        let path = absolute(link);
        let sight = Sight::new(mounts);
        if sight.covers(&path) {
            return None;
        }
        let found = target(link, &inside, &self.around(link), &sight, absolute);
        let leads_inside = || {
            let place = sight.resolved(&path);
            place.is_some_and(|place| inside.iter().any(|folder| place.starts_with(folder)))
        };
        match &found {
            Some(target) => self.insert(link.clone(), Known::Package(target.clone())),
            // Of those every change is seen.
            None if leads_inside() => {}
            None => self.insert(link.clone(), Known::Other(path, inside)),
        }
        found
    }
}

/// What the link at `link` leads to, where that is a package elsewhere.
fn target(
    link: &SourcePath,
    inside: &[PathBuf],
    around: &[Above],
    sight: &Sight,
    absolute: impl Fn(&SourcePath) -> PathBuf,
) -> Option<Target> {
    let (folder, package) = split(link)?;
    let path = absolute(link);
    let place = sight.package_at(&path, inside)?;
    let root = walk_to(&place).ok()?;
    let mut above: Vec<SourcePath> = folder.ancestors().skip(1).collect();
    above.reverse();
    let mut names = places_in_modules(&place);
    names.push(package);
    let with_place = |other: SourcePath| (other.clone(), absolute(&other));
    let others = above.iter().flat_map(|above| {
        let modules = above.child(b"node_modules");
        let others = names.iter().filter_map(|name| modules.join(name).ok());
        let mut others: Vec<_> = others.map(with_place).collect();
        let beside = around.iter();
        let beside = beside.filter(|folder| folder.name.parent().as_ref() == Some(&modules));
        others.extend(beside.flat_map(|folder| folder.names(&place, package)));
        others
    });
    let mut outer: Vec<_> = others.take_while(|(other, _)| other != link).collect();
    let mut other = name(&outer, root.identity, sight).cloned();
    let mut way = (other.is_none() && !package.is_empty()).then(|| Way {
        root: inside.first().cloned().unwrap_or_default(),
        before: above
            .iter()
            .map(|above| absolute(&above.child(b"node_modules")))
            .collect(),
    });
    let mut above = None;
    if let Some(found) = way.as_ref().and_then(|way| way.find(&place, sight)) {
        let known = around.iter().find(|folder| *folder.place == found);
        let name = match known {
            Some(folder) => Some(folder.name.clone()),
            None => name_in(&folder, &found, inside.first()?),
        };
        let place = Arc::new(found);
        above = name.map(|name| Above { name, place });
        way = way.filter(|_| above.is_some());
    }
    // What lies in a store has its name there, as what stands beside it has.
    let stored = above.as_ref().filter(|_| store_of(&place).is_some());
    if let Some((stored, at)) = stored.and_then(|above| above.stored(&place)) {
        other = Some(stored.clone());
        outer.push((stored, at));
    }
    Some(Target {
        root: Arc::new(root),
        place: Arc::new(place),
        other,
        link: path,
        outer,
        above,
        way,
        by: None,
    })
}

/// What an absolute path is in each `node_modules` that it lies in, the outermost first.
fn places_in_modules(place: &Path) -> Vec<&[u8]> {
    const IN_MODULES: &[u8] = b"/node_modules/";
    let bytes = place.as_os_str().as_bytes();
    let starts = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(IN_MODULES));
    starts.map(|at| &bytes[at + IN_MODULES.len()..]).collect()
}

/// The first of these that leads to this folder.
fn name<'a>(
    outer: &'a [(SourcePath, PathBuf)],
    wanted: (u64, u64),
    sight: &Sight,
) -> Option<&'a SourcePath> {
    let mut outer = outer.iter();
    let found = outer.find(|(_, path)| sight.identity(path) == Some(wanted));
    found.map(|(link, _)| link)
}

/// The folder `node_modules` that a package of this path stands in, and the package's name, which is empty for the folder
/// itself; `None`: its path is that of none.
fn split(path: &SourcePath) -> Option<(SourcePath, &[u8])> {
    if path.name() == b"node_modules" {
        return Some((path.clone(), b""));
    }
    let above = path.parent()?;
    let bytes = path.as_bytes();
    let folder = match above.name().starts_with(b"@") {
        true => above.parent()?,
        false => above,
    };
    let holds = folder.name() == b"node_modules" || is_elsewhere(&folder);
    let is_one = holds && !path.name().starts_with(b".");
    is_one.then(|| (folder.clone(), &bytes[folder.as_bytes().len() + 1..]))
}

/// Whether a package may stand at a path, or all of them.
pub(super) fn may_be(path: &SourcePath) -> bool {
    split(path).is_some()
}

/// The absolute path of what `path` is in the tree at `root`, where links to packages elsewhere are on its way.
pub fn linked_place(root: &Path, path: &SourcePath, elsewhere: &Elsewhere) -> Option<PathBuf> {
    let sight = Sight::default();
    let mut inside = vec![root.to_owned()];
    let mut real = root.to_owned();
    let mut here = SourcePath::root();
    for name in path.components() {
        here = here.child(name);
        real.push(OsStr::from_bytes(name));
        if is_elsewhere(&here) && !real.exists() {
            real = elsewhere.place(&here, || place_of(&here, &real, &inside, &sight))?;
            inside.push(real.clone());
        } else if may_be(&here) && real.is_symlink() {
            real = sight.package_at(&real, &inside)?;
            inside.push(real.clone());
        }
    }
    (inside.len() > 1).then_some(real)
}

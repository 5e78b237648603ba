//! Packages whose folders lie elsewhere: `node_modules/x` is a link that leads out of the tree (`npm link`, `"x": "file:../x"`,
//! `link:` of pnpm and yarn). So may all of them: `node_modules` itself is such a link (in work trees of git and images of CI).
//!
//! Such a link is not followed: in the tree it *is* the folder that it leads to, so that the package's files have their
//! names below it, as if it were installed. Nothing beside the folder comes into the tree with it.
//!
//! What the link leads to may change without an event that is watched: by another link on its way, or with a folder above.
//! So each is compared at each drain, by a `stat` where nothing of ours is mounted that it could walk into. A folder that several links lead to has one name: that in the outermost
//! `node_modules`, where what lies in the store of a package manager (`.pnpm`) has its name there, and so its own
//! dependencies beside it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::mounts::Mounts;
use super::reach::{Root, walk_to};
use crate::base::SourcePath;

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
}

/// A link that has been looked at.
enum Known {
    Package(Target),
    /// It leads to none, which may change. Absolute, and what it would have to lead out of.
    Other(PathBuf, Vec<PathBuf>),
}

impl Known {
    fn target(&self) -> Option<&Target> {
        match self {
            Self::Package(target) => Some(target),
            Self::Other(..) => None,
        }
    }

    /// Whether one of the names that it could have lies in this folder.
    fn may_be_named_in(&self, folder: &SourcePath) -> bool {
        let target = self.target();
        target.is_some_and(|target| {
            let mut outer = target.outer.iter();
            outer.any(|(other, _)| other.starts_with(folder))
        })
    }

    fn is_changed(&self, mounts: &Mounts) -> bool {
        match self {
            Self::Package(target) => {
                let root = target.root.identity;
                identity(&target.link, mounts) != Some(root)
                    || !is_followed(&target.link, &target.place)
                    || name(&target.outer, root, mounts) != target.other.as_ref()
            }
            Self::Other(link, inside) => {
                package_at(link, inside, |path| mounts.cover(path)).is_some()
            }
        }
    }
}

/// The links that have been looked at and lead out of the tree, or nowhere.
#[derive(Default)]
pub(in crate::source) struct Linked {
    known: RwLock<BTreeMap<SourcePath, Known>>,
    any: AtomicBool,
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
        self.any.store(true, Ordering::Release);
    }

    /// The links that lead elsewhere now, or nowhere. They are forgotten.
    pub(in crate::source) fn changed(&self, mounts: &Mounts) -> Vec<SourcePath> {
        if !self.any.load(Ordering::Acquire) {
            return Vec::new();
        }
        let mut changed: Vec<SourcePath> = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let changed = known.iter().filter(|(_, known)| known.is_changed(mounts));
            changed.map(|(link, _)| link.clone()).collect()
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
                let is_gone = is_below || known.may_be_named_in(&gone);
                if is_gone && !is_below && !changed.contains(link) {
                    changed.push(link.clone());
                }
                !is_gone
            });
        }
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
        if mounts.cover(&path) {
            return None;
        }
        let found = target(link, &inside, mounts, absolute);
        let leads_inside = || {
            let place = resolved(&path, |path| mounts.cover(path));
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
    mounts: &Mounts,
    absolute: impl Fn(&SourcePath) -> PathBuf,
) -> Option<Target> {
    let (folder, package) = split(link)?;
    let path = absolute(link);
    let place = package_at(&path, inside, |path| mounts.cover(path))?;
    let root = walk_to(&place).ok()?;
    let mut above: Vec<SourcePath> = folder.ancestors().skip(1).collect();
    above.reverse();
    let mut names = places_in_modules(&place);
    names.push(package);
    let others = above.into_iter().flat_map(|above| {
        let modules = above.child(b"node_modules");
        let others = names.iter().filter_map(move |name| modules.join(name).ok());
        others.collect::<Vec<_>>()
    });
    let others = others.take_while(|other| other != link);
    let outer: Vec<_> = others
        .map(|other| (other.clone(), absolute(&other)))
        .collect();
    let other = name(&outer, root.identity, mounts).cloned();
    Some(Target {
        root: Arc::new(root),
        place: Arc::new(place),
        other,
        link: path,
        outer,
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
    mounts: &Mounts,
) -> Option<&'a SourcePath> {
    let mut outer = outer.iter();
    let found = outer.find(|(_, path)| identity(path, mounts) == Some(wanted));
    found.map(|(link, _)| link)
}

/// Device and inode of what a path leads to.
fn identity(path: &Path, mounts: &Mounts) -> Option<(u64, u64)> {
    let found = match mounts.any() {
        // The daemon would wait for itself.
        true => std::fs::symlink_metadata(resolved(path, |path| mounts.cover(path))?),
        false => std::fs::metadata(path),
    };
    let found = found.ok()?;
    Some((found.dev(), found.ino()))
}

/// The folder `node_modules` that a package of this path stands in, and the package's name, which is empty for the folder
/// itself; `None`: its path is that of none.
fn split(path: &SourcePath) -> Option<(SourcePath, &[u8])> {
    if path.name() == b"node_modules" {
        return Some((path.clone(), b""));
    }
    let above = path.parent()?;
    let bytes = path.as_bytes();
    let folder = match above.name() {
        b"node_modules" => above,
        name if name.starts_with(b"@") => above.parent()?,
        _ => return None,
    };
    let is_one = folder.name() == b"node_modules" && !path.name().starts_with(b".");
    is_one.then(|| (folder.clone(), &bytes[folder.as_bytes().len() + 1..]))
}

/// Whether a package may stand at a path, or all of them.
pub(super) fn may_be(path: &SourcePath) -> bool {
    split(path).is_some()
}

/// The folder of the package, or of all of them, that an absolute path leads to, where it lies in none of these. What is neither,
/// and what holds one of these or its user's home, is not among the tree's.
fn package_at(link: &Path, inside: &[PathBuf], is_off: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let place = resolved(link, is_off)?;
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let is_inside = inside.iter().any(|folder| place.starts_with(folder));
    let is_around = (inside.iter().chain(&home)).any(|folder| folder.starts_with(&place));
    (!is_inside && !is_around && is_followed(link, &place)).then_some(place)
}

/// Whether a link may lead to this folder: from one `node_modules` to another, or to a package.
fn is_followed(link: &Path, folder: &Path) -> bool {
    let is_modules = |path: &Path| path.file_name() == Some(OsStr::new("node_modules"));
    match is_modules(link) {
        true => is_modules(folder) && folder.is_dir(),
        false => folder.join("package.json").is_file(),
    }
}

/// What an absolute path leads to, without links, where the way there leads through nothing that is off (path_resolution(7)).
fn resolved(path: &Path, is_off: impl Fn(&Path) -> bool) -> Option<PathBuf> {
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
                if is_off(&here) {
                    return None;
                }
                match std::fs::read_link(&here) {
                    Ok(target) => {
                        followed += 1;
                        if followed > LIMIT {
                            return None;
                        }
                        here.pop();
                        rest.extend(names(&target));
                    }
                    // It is no link.
                    Err(error) if error.kind() == ErrorKind::InvalidInput => {}
                    Err(_) => return None,
                }
            }
        }
    }
    Some(here)
}

/// The absolute path of what `path` is in the tree at `root`, where links to packages elsewhere are on its way.
pub fn linked_place(root: &Path, path: &SourcePath) -> Option<PathBuf> {
    let mut inside = vec![root.to_owned()];
    let mut real = root.to_owned();
    let mut here = SourcePath::root();
    for name in path.components() {
        here = here.child(name);
        real.push(OsStr::from_bytes(name));
        if may_be(&here) && real.is_symlink() {
            real = package_at(&real, &inside, |_| false)?;
            inside.push(real.clone());
        }
    }
    (inside.len() > 1).then_some(real)
}

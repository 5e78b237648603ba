//! Where links lead that are followed out of the tree: to packages (see [`super::linked`]), and to what lies in the folders that
//! are allowed (`--allow`).
//!
//! Of the latter, each link is a name of its own for the folder or the file that it leads to. It stays a link where it says
//! the way to another one in the tree, and one into a folder that it lies in itself leads there, so that loops end. Left
//! alone is what leads to a hidden name, to what is neither a file nor a folder, and to folders that hold the tree.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::above::{Elsewhere, is_elsewhere, place_of};
use super::place::Sight;
use crate::base::SourcePath;

/// A folder that is in the tree anyhow: the tree's own, or what a link on the way leads to.
#[derive(Clone)]
pub(super) struct Inside {
    pub(super) name: SourcePath,
    /// Absolute and without links.
    pub(super) place: Arc<PathBuf>,
}

/// What a link leads to, absolute and without links.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Lead {
    /// The folder of a package, or of all of them.
    Package(PathBuf),
    /// A folder that is allowed, or lies in one.
    Folder(PathBuf),
    /// A file there.
    File(PathBuf),
    /// What is in the tree by this name, on a way that leads out of it.
    Inside(SourcePath),
}

/// What the link `link` of the tree, at `path`, leads to, where it is followed. `inside`: the tree, and what the links on the way to
/// this one lead to, the outermost first.
pub(super) fn lead(
    link: &SourcePath,
    path: &Path,
    inside: &[Inside],
    allowed: &[PathBuf],
    sight: &Sight,
) -> Option<Lead> {
    let stays = !allowed.is_empty() && says_inside(path, inside, sight);
    if may_be(link)
        && let Some(place) = sight.package_at(path, &around(inside))
        && !(stays && is_allowed(&place, allowed))
    {
        return Some(Lead::Package(place));
    }
    if allowed.is_empty() || stays {
        return None;
    }
    let place = sight.resolved(path)?;
    let in_folder = |folder: &Inside| {
        let rest = place.strip_prefix(&*folder.place).ok()?;
        Some(folder.name.with_below(rest.as_os_str().as_bytes()))
    };
    if let Some(name) = inside.iter().find_map(in_folder) {
        return Some(Lead::Inside(name));
    }
    let holds = |folder: &Inside| folder.place.starts_with(&place);
    if inside.iter().any(holds) || !is_allowed(&place, allowed) {
        return None;
    }
    let found = sight.found(&place)?;
    match () {
        () if found.is_folder() => Some(Lead::Folder(place)),
        () if found.is_file() => Some(Lead::File(place)),
        () => None,
    }
}

/// The folders that a package does not lie in: the tree's, and that of the innermost link.
pub(super) fn around(inside: &[Inside]) -> Vec<&Path> {
    let first = inside.first();
    let last = inside.last();
    let both = first.into_iter().chain(last);
    both.map(|folder| folder.place.as_path()).collect()
}

/// Whether a link says the way to something in the tree, be it another link. One that goes up after it went down may mean
/// anything: what it went down to may be a link.
pub(super) fn says_inside(path: &Path, inside: &[Inside], sight: &Sight) -> bool {
    let Some(text) = sight.link_at(path) else {
        return false;
    };
    let mut place = path.parent().unwrap_or(path).to_owned();
    let mut is_down = false;
    for step in text.components() {
        match step {
            Component::ParentDir if is_down => return false,
            Component::ParentDir => _ = place.pop(),
            Component::Normal(name) => {
                is_down = true;
                place.push(name);
            }
            Component::RootDir => place = PathBuf::from("/"),
            Component::CurDir | Component::Prefix(_) => {}
        }
    }
    around(inside)
        .iter()
        .any(|folder| place.starts_with(folder))
}

/// Whether a place is one of these folders or lies in one, by names that are not hidden.
fn is_allowed(place: &Path, allowed: &[PathBuf]) -> bool {
    let is_hidden = |step: Component| step.as_os_str().as_bytes().starts_with(b".");
    let rests = allowed
        .iter()
        .filter_map(|folder| place.strip_prefix(folder).ok());
    rests
        .into_iter()
        .any(|rest| !rest.components().any(is_hidden))
}

/// The folder `node_modules` that a package of this path stands in, and the package's name, which is empty for the folder
/// itself; `None`: its path is that of none.
pub(super) fn split(path: &SourcePath) -> Option<(SourcePath, &[u8])> {
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

/// The absolute path of what `path` is in the tree at `root`, where links that are followed out of it are on its way.
pub fn linked_place(root: &Path, path: &SourcePath, elsewhere: &Elsewhere) -> Option<PathBuf> {
    let sight = Sight::default();
    let folder = |name: &SourcePath, place: &Path| Inside {
        name: name.clone(),
        place: Arc::new(place.to_owned()),
    };
    let mut here = SourcePath::root();
    let mut inside = vec![folder(&here, root)];
    let mut real = root.to_owned();
    for name in path.components() {
        here = here.child(name);
        real.push(OsStr::from_bytes(name));
        if is_elsewhere(&here) && !real.exists() {
            real = elsewhere.place(&here, || place_of(&here, &real, &inside, &sight))?;
        } else if elsewhere.may_be(&here) && real.is_symlink() {
            real = match lead(&here, &real, &inside, elsewhere.allowed(), &sight)? {
                Lead::Package(place) | Lead::Folder(place) | Lead::File(place) => place,
                Lead::Inside(_) => return None,
            };
        } else {
            continue;
        }
        inside.push(folder(&here, &real));
    }
    (inside.len() > 1).then_some(real)
}

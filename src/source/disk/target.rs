//! What is known of a link that is followed out of the tree.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::io::Errno;

use super::above::{Above, name_in, nearest, store_of};
use super::lead::{Inside, Lead, lead, split};
use super::place::Sight;
use super::reach::{Root, walk_straight};
use crate::base::SourcePath;

/// What a link leads to, as it was looked at.
#[derive(Clone)]
pub(in crate::source) struct Target {
    /// The folder, or that of the file.
    pub(in crate::source) root: Arc<Root>,
    /// The path, absolute and without links.
    pub(super) place: Arc<PathBuf>,
    /// Whether it is a file.
    pub(super) is_file: bool,
    /// Its name, where that is another one than the link's.
    pub(super) other: Option<SourcePath>,
    /// What was found; `None` of what no link of its own leads to.
    pub(super) lead: Option<Lead>,
    /// Folders in the tree, when that was found.
    pub(super) inside: Vec<Inside>,
    /// The link, absolute.
    pub(super) link: PathBuf,
    /// The links that could give it its name, absolute, the outermost first.
    pub(super) outer: Vec<(SourcePath, PathBuf)>,
    /// Where it looks last.
    pub(super) above: Option<Above>,
    /// How that was found.
    pub(super) way: Option<Way>,
    /// The link that leads to it, where it is such a place.
    pub(super) by: Option<SourcePath>,
}

/// What tells where a linked package looks last.
#[derive(Clone)]
pub(super) struct Way {
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

impl Target {
    /// The path, absolute and without links, of what is called `rest` in the folder, or is it.
    pub(super) fn place_at(&self, rest: &[u8]) -> PathBuf {
        match rest.is_empty() {
            true => self.place.to_path_buf(),
            false => self.place.join(OsStr::from_bytes(rest)),
        }
    }

    /// The file's name in its folder.
    pub(in crate::source) fn file(&self) -> Option<&[u8]> {
        let name = self.place.file_name().filter(|_| self.is_file);
        name.map(OsStr::as_bytes)
    }

    pub(super) fn is_changed(&self, name: &SourcePath, allowed: &[PathBuf], sight: &Sight) -> bool {
        let root = self.root.identity;
        let is_same = match &self.lead {
            None => {
                sight.identity(&self.link) == Some(root)
                    && sight.is_followed(&self.link, &self.place)
            }
            known => lead(name, &self.link, &self.inside, allowed, sight) == *known,
        };
        let folder = match (&self.lead, self.is_file) {
            // It is looked for by its name.
            (Some(Lead::Inside(_)), _) => return !is_same,
            (_, true) => self.place.parent().unwrap_or(&self.place),
            (_, false) => &self.place,
        };
        let is_package = matches!(self.lead, Some(Lead::Package(_)));
        !is_same
            || sight.identity(folder) != Some(root)
            || is_package && first(&self.outer, root, sight) != self.other.as_ref()
            || self.way.as_ref().is_some_and(|way| {
                let above = self.above.as_ref().map(|above| &*above.place);
                way.find(&self.place, sight).as_ref() != above
            })
    }
}

/// What is known of a link that leads to something in a folder that is allowed, or back into the tree. `known`: what another
/// link has such a folder open by.
///
/// # Errors
/// What the system says where the folder cannot be opened.
pub(super) fn allowed(
    lead: Lead,
    link: &Path,
    inside: &[Inside],
    known: impl FnOnce(&Path) -> Option<Arc<Root>>,
) -> Result<Option<Target>, Errno> {
    let tree = || inside.first().map(|tree| tree.place.to_path_buf());
    let (place, is_file, other) = match &lead {
        Lead::Folder(place) => (place.clone(), false, None),
        Lead::File(place) => (place.clone(), true, None),
        Lead::Package(_) => return Ok(None),
        Lead::Inside(name) => (tree().unwrap_or_default(), false, Some(name.clone())),
    };
    let folder = match is_file {
        true => place.parent().unwrap_or(&place),
        false => &place,
    };
    let root = match known(folder) {
        Some(root) => root,
        None => Arc::new(walk_straight(folder)?),
    };
    Ok(Some(Target {
        root,
        is_file,
        other,
        link: link.to_owned(),
        place: Arc::new(place),
        lead: Some(lead),
        inside: inside.to_vec(),
        outer: Vec::new(),
        above: None,
        way: None,
        by: None,
    }))
}

/// What is known of the link at `link`, which leads to a package at `place`.
pub(super) fn package(
    link: &SourcePath,
    place: PathBuf,
    inside: &[Inside],
    around: &[Above],
    sight: &Sight,
    absolute: &impl Fn(&SourcePath) -> PathBuf,
) -> Option<Target> {
    let (folder, package) = split(link)?;
    let tree = &*inside.first()?.place;
    let path = absolute(link);
    let root = walk_straight(&place).ok()?;
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
    let mut other = first(&outer, root.identity, sight).cloned();
    let mut way = (other.is_none() && !package.is_empty()).then(|| Way {
        root: tree.clone(),
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
            None => name_in(&folder, &found, tree),
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
        lead: Some(Lead::Package(place.clone())),
        inside: inside.to_vec(),
        place: Arc::new(place),
        is_file: false,
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
fn first<'a>(
    outer: &'a [(SourcePath, PathBuf)],
    wanted: (u64, u64),
    sight: &Sight,
) -> Option<&'a SourcePath> {
    let mut outer = outer.iter();
    let found = outer.find(|(_, path)| sight.identity(path) == Some(wanted));
    found.map(|(link, _)| link)
}

//! What lies elsewhere and is in the tree by a link that leads out of it.
//!
//! Packages: `node_modules/x` is such a link (`npm link`, `"x": "file:../x"`, `link:` of pnpm and yarn). So may all of them be:
//! `node_modules` itself is one (in work trees of git and images of CI). And what the folders have that are allowed: see
//! [`super::lead`].
//!
//! Such a link is not followed: in the tree it *is* the folder, or the file, that it leads to, so that files have their
//! names below it, as if it were installed. Nothing beside it comes into the tree with it.
//!
//! What the link leads to may change without an event that is watched: by another link on its way, or with a folder above.
//! So each is compared at each drain, by a `stat` where nothing of ours is mounted that it could walk into. A package that several
//! links lead to has one name: that in the outermost `node_modules`, where what lies in the store of a package manager (`.pnpm`)
//! has its name there, and so its own dependencies beside it. See [`super::above`] for stores elsewhere.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::above::{Above, Link, is_elsewhere, links_in};
use super::lead::{self, Inside, Lead, lead, may_be, says_inside};
use super::mounts::Mounts;
use super::place::{Facts, Sight};
use super::reach::{Root, means_absent, walk_straight};
use super::target::{self, Target};
use crate::base::{ELSEWHERE, SourcePath};

/// A link that has been looked at.
enum Known {
    Followed(Target),
    /// It is not followed, which may change. Absolute, and what it would have to lead out of.
    Other(PathBuf, Vec<Inside>),
    /// None of the links in this folder leads to a folder elsewhere that was asked for.
    Missing(PathBuf, Vec<Link>),
}

impl Known {
    fn target(&self) -> Option<&Target> {
        match self {
            Self::Followed(target) => Some(target),
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

    /// The paths of what events tell of, as long as no names come or go: the link, in a folder that is watched, and the file that
    /// it leads to.
    fn vouched(
        &self,
        name: &SourcePath,
        is_watched: &dyn Fn(&SourcePath) -> bool,
    ) -> [Option<&Path>; 2] {
        let target = self.target().filter(|target| target.lead.is_some());
        let link = match self {
            Self::Other(path, _) => Some(path),
            _ => target.map(|target| &target.link),
        };
        let file = target.filter(|target| target.is_file && is_watched(name));
        let above = name.parent();
        let is_vouched = above.is_some_and(|above| is_watched(&above));
        let link = link.filter(|_| is_vouched);
        [
            link.map(PathBuf::as_path),
            file.map(|target| target.place.as_path()),
        ]
    }

    fn is_changed(&self, name: &SourcePath, allowed: &[PathBuf], sight: &Sight) -> bool {
        match self {
            Self::Followed(target) => target.is_changed(name, allowed, sight),
            Self::Missing(folder, links) => !sight.covers(folder) && links_in(folder) != *links,
            Self::Other(link, inside) => lead(name, link, inside, allowed, sight).is_some(),
        }
    }
}

/// What is known of a link.
struct Looked {
    known: Known,
    /// Whether it was still so once it was among those that are compared at each drain: until then a change may have come
    /// between, and nobody may rely on it.
    is_sure: bool,
    /// Which look at it that was.
    number: u64,
}

impl Looked {
    fn sure(&self) -> Option<&Known> {
        self.is_sure.then_some(&self.known)
    }

    fn target(&self) -> Option<&Target> {
        self.sure()?.target()
    }
}

/// The links that have been looked at and lead out of the tree, or nowhere.
#[derive(Default)]
pub(in crate::source) struct Linked {
    /// The folders that links may lead to: absolute, without links.
    allowed: Vec<PathBuf>,
    known: RwLock<BTreeMap<SourcePath, Looked>>,
    any: AtomicBool,
    /// How often some were forgotten.
    forgotten: AtomicU64,
    /// How often one was looked at.
    looks: AtomicU64,
    /// What was seen when none of them had changed.
    facts: Mutex<Option<Arc<Facts>>>,
}

impl Linked {
    /// Where links may lead to these folders, too.
    pub(super) fn new(allowed: Vec<PathBuf>) -> Self {
        Self {
            allowed,
            ..Self::default()
        }
    }

    /// Whether links may lead to more than packages.
    pub(super) fn allows(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// Whether a link of this path may be followed.
    pub(super) fn may_be(&self, link: &SourcePath) -> bool {
        self.allows() || may_be(link)
    }

    /// What a path lies in, or is, the innermost one, and where it is there.
    pub(super) fn find<'a>(&self, path: &'a SourcePath) -> Option<(Target, &'a [u8])> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        path.ancestors().find_map(|link| {
            let target = known.get(&link)?.target();
            let target = target.filter(|target| target.other.is_none())?;
            Some((target.clone(), path.below(&link)?))
        })
    }

    /// The file elsewhere that a link is known to lead to.
    pub(in crate::source) fn file_at(&self, link: &SourcePath) -> Option<Target> {
        if !self.allows() || !self.any.load(Ordering::Acquire) {
            return None;
        }
        self.get(link).flatten().filter(|target| target.is_file)
    }

    /// What is known of a link; `None`: nothing is.
    pub(super) fn get(&self, link: &SourcePath) -> Option<Option<Target>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let known = known.get(link)?.sure()?;
        Some(known.target().cloned())
    }

    fn insert(&self, link: SourcePath, found: Known) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let looked = Looked {
            known: found,
            is_sure: true,
            number: 0,
        };
        self.put(&mut known, link, looked);
    }

    fn put(&self, known: &mut BTreeMap<SourcePath, Looked>, link: SourcePath, looked: Looked) {
        known.insert(link, looked);
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

    /// The tree at `root`, and what the links on the way to this one lead to, the outermost first.
    fn inside(&self, link: &SourcePath, root: PathBuf) -> Vec<Inside> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let on_way = link.ancestors().skip(1).filter_map(|name| {
            let target = known.get(&name)?.target();
            let place = target
                .filter(|target| target.other.is_none())?
                .place
                .clone();
            Some(Inside { name, place })
        });
        let mut inside: Vec<Inside> = on_way.collect();
        inside.push(Inside {
            name: SourcePath::root(),
            place: Arc::new(root),
        });
        inside.reverse();
        inside
    }

    /// A folder elsewhere is in the tree from now on, by this link. Whether it is there.
    pub(super) fn reach(&self, folder: Above, link: SourcePath) -> bool {
        let Ok(root) = walk_straight(&folder.place) else {
            return false;
        };
        let target = Target {
            root: Arc::new(root),
            link: folder.place.to_path_buf(),
            place: folder.place,
            is_file: false,
            other: None,
            lead: None,
            inside: Vec::new(),
            outer: Vec::new(),
            above: None,
            way: None,
            by: Some(link),
        };
        self.insert(folder.name, Known::Followed(target));
        true
    }

    /// No link in a folder of packages, which has these, leads to one elsewhere that was asked for.
    pub(super) fn miss(&self, folder: &SourcePath, place: PathBuf, links: Vec<Link>) {
        self.insert(folder.child(ELSEWHERE), Known::Missing(place, links));
    }

    /// What events vouched for may be otherwise.
    pub(in crate::source) fn doubt(&self) {
        if self.any.load(Ordering::Acquire) {
            self.keep(None);
        }
    }

    /// The links that lead elsewhere now, or nowhere, and what hangs on them. They are forgotten. `is_watched`: in which folders
    /// events tell when names come or go, from then on until there is [`Linked::doubt`].
    pub(in crate::source) fn changed(
        &self,
        mounts: &Mounts,
        is_watched: &dyn Fn(&SourcePath) -> bool,
    ) -> Vec<SourcePath> {
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
            let all = || known.iter().map(|(name, looked)| (name, &looked.known));
            let changed = all();
            let changed =
                changed.filter(|(name, known)| known.is_changed(name, &self.allowed, &sight));
            let mut changed: Vec<_> = changed.map(|(link, _)| link.clone()).collect();
            let missing = all().filter_map(|(name, known)| match known {
                Known::Missing(..) => name.parent(),
                _ => None,
            });
            // Any folder elsewhere may be there now.
            let is_other =
                |folder: &SourcePath| changed.iter().any(|name| name.starts_with(folder));
            let others: Vec<_> = missing.filter(is_other).collect();
            changed.extend(others);
            let is_missing = |known: &Known| matches!(known, Known::Missing(..));
            if changed.is_empty() && !all().any(|(_, known)| is_missing(known)) {
                let vouched = all().flat_map(|(name, known)| known.vouched(name, is_watched));
                let vouched = vouched.flatten().collect();
                self.keep(Some(sight.into_facts(&vouched)));
            }
            changed
        };
        if changed.is_empty() {
            return changed;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        let mut at = 0;
        while let Some(gone) = changed.get(at).cloned() {
            at += 1;
            known.retain(|link, looked| {
                // What lies in it has other names now, or none; so may what could have a name there.
                let is_below = link.starts_with(&gone);
                let is_gone = is_below || looked.known.hangs_on(&gone);
                if is_gone && !is_below && !changed.contains(link) {
                    changed.push(link.clone());
                }
                !is_gone
            });
        }
        self.keep(None);
        changed
    }

    /// Looks at the link at `link`. `absolute` gives the path of what is in the tree. `None`: what it lies in has changed
    /// meanwhile.
    pub(super) fn look(
        &self,
        link: &SourcePath,
        mounts: &Mounts,
        absolute: impl Fn(&SourcePath) -> PathBuf,
    ) -> Option<Option<Target>> {
        let forgotten = self.forgotten.load(Ordering::Acquire);
        let inside = self.inside(link, absolute(&SourcePath::root()));
        // What a link leads to has another path than itself.
        let absolute = |link: &SourcePath| {
            let above = link.parent().unwrap_or_else(SourcePath::root);
            absolute(&above).join(OsStr::from_bytes(link.name()))
        };
        let path = absolute(link);
        let sight = Sight::new(mounts);
        if sight.covers(&path) {
            return Some(None);
        }
        let lead = lead(link, &path, &inside, &self.allowed, &sight);
        let found = match lead {
            None => None,
            Some(Lead::Package(place)) => {
                let around = self.around(link);
                target::package(link, place, &inside, &around, &sight, &absolute)
            }
            Some(lead) => {
                let known = |folder: &Path| self.root_at(folder, &sight);
                match target::allowed(lead, &path, &inside, known) {
                    Ok(found) => found,
                    Err(error) if means_absent(error) => None,
                    Err(error) => {
                        // Not for ever: there may be descriptors again.
                        tracing::warn!("cannot follow the link `{link}`: {error}");
                        return Some(None);
                    }
                }
            }
        };
        let known = match &found {
            Some(target) => Known::Followed(target.clone()),
            // Of those every change is seen.
            None if self.is_seen(link, &path, &inside, &sight) => return Some(None),
            None => Known::Other(path, inside),
        };
        self.settle(link, known, forgotten, mounts).then_some(found)
    }

    /// The folder at a place, where a link to it or to a file in it has it open: many links lead to files of one.
    fn root_at(&self, folder: &Path, sight: &Sight) -> Option<Arc<Root>> {
        let identity = sight.identity(folder)?;
        let all = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut roots = all
            .values()
            .filter_map(|looked| Some(&looked.known.target()?.root));
        roots.find(|root| root.identity == identity).cloned()
    }

    /// Puts what was found of a link among what is compared at each drain, and has others rely on it if it is still so then.
    /// Whether it is. `forgotten`: as of before it was looked at.
    fn settle(&self, link: &SourcePath, known: Known, forgotten: u64, mounts: &Mounts) -> bool {
        let number = self.looks.fetch_add(1, Ordering::Relaxed) + 1;
        let is_same = || self.forgotten.load(Ordering::Acquire) == forgotten;
        {
            let mut all = self.known.write().unwrap_or_else(PoisonError::into_inner);
            if !is_same() || all.get(link).is_some_and(|other| other.is_sure) {
                return false;
            }
            let looked = Looked {
                known,
                is_sure: false,
                number,
            };
            self.put(&mut all, link.clone(), looked);
        }
        let sight = Sight::new(mounts);
        let is_ours = |looked: &Looked| looked.number == number;
        let is_so = {
            let all = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let ours = all.get(link).filter(|looked| is_ours(looked));
            ours.is_some_and(|looked| !looked.known.is_changed(link, &self.allowed, &sight))
        };
        let mut all = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let ours = all.get_mut(link).filter(|looked| is_ours(looked));
        let (true, true, Some(looked)) = (is_so, is_same(), ours) else {
            return false;
        };
        looked.is_sure = true;
        true
    }

    /// Whether whatever comes to be of a link that is not followed is an event in the tree.
    fn is_seen(&self, link: &SourcePath, path: &Path, inside: &[Inside], sight: &Sight) -> bool {
        if self.allows() && !may_be(link) && says_inside(path, inside, sight) {
            return true;
        }
        let place = sight.resolved(path);
        let around = lead::around(inside);
        place.is_some_and(|place| around.iter().any(|folder| place.starts_with(folder)))
    }
}

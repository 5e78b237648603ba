//! Directories walked through by the parts of a pattern.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::SourcePath;
use crate::compute::{Context, Failure};
use crate::resolver::follow;
use crate::source::{Entry, EntryKind, ListedEntry};

use super::pattern::{self, Part};

/// Directories below one another, at most; links may lead in circles.
const DEEPEST: usize = 64;

/// Where one can be in the parts after a name.
fn step(parts: &[Part], at: &BTreeSet<usize>, name: &[u8], hidden: bool) -> BTreeSet<usize> {
    let mut next = BTreeSet::new();
    for place in closed(parts, at) {
        if let Some(part) = parts.get(place)
            && part.matches(name, hidden)
        {
            next.insert(match part {
                Part::Deep => place,
                _ => place + 1,
            });
        }
    }
    next
}

/// With those that follow a `**`, which may stand for no directory at all.
fn closed(parts: &[Part], at: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut all = at.clone();
    for (place, part) in parts.iter().enumerate() {
        if *part == Part::Deep && all.contains(&place) {
            all.insert(place + 1);
        }
    }
    all
}

fn ends(parts: &[Part], at: &BTreeSet<usize>) -> bool {
    closed(parts, at).contains(&parts.len())
}

/// The literal path of an entry of the directory `real`, links followed, and whether it is a directory. `None`: it is neither
/// that nor a file, or leads to a directory above, and so in circles.
pub(super) fn target(
    context: &dyn Context,
    real: &SourcePath,
    entry: &ListedEntry,
) -> Result<Option<(SourcePath, bool)>, Failure> {
    let own = real.child(&entry.name);
    Ok(match entry.kind {
        EntryKind::Special => None,
        EntryKind::Link => match follow(context, &own)? {
            Some((target, Entry::Directory)) => {
                (!real.starts_with(&target)).then_some((target, true))
            }
            Some((target, Entry::File)) => Some((target, false)),
            _ => None,
        },
        kind => Some((own, kind == EntryKind::Directory)),
    })
}

/// A walk through directories, that remembers the files it finds.
pub(super) struct Walk<'a> {
    pub(super) context: &'a dyn Context,
    /// Dot files too.
    pub(super) hidden: bool,
    /// Letters match in either case.
    pub(super) folds: bool,
    /// Packages too.
    pub(super) modules: bool,
    /// By their literal paths, with those that links lead to.
    pub(super) found: BTreeMap<SourcePath, SourcePath>,
}

impl Walk<'_> {
    /// Whether the parts match a whole path.
    pub(super) fn has_whole(&self, parts: &[Part], path: &SourcePath) -> bool {
        let mut at = BTreeSet::from([0]);
        for name in path.components() {
            at = self.step(parts, &at, name);
        }
        ends(parts, &at)
    }

    /// Where one can be in the parts after a name.
    fn step(&self, parts: &[Part], at: &BTreeSet<usize>, name: &[u8]) -> BTreeSet<usize> {
        match self.folds {
            true => step(parts, at, &pattern::folded(name), self.hidden),
            false => step(parts, at, name, self.hidden),
        }
    }

    /// Looks for what the parts mean from a directory.
    pub(super) fn from(&mut self, directory: &SourcePath, parts: &[Part]) -> Result<(), Failure> {
        match follow(self.context, directory)? {
            Some((real, Entry::Directory)) => {
                self.directory(directory, &real, parts, &BTreeSet::from([0]), 0)
            }
            _ => Ok(()),
        }
    }

    fn directory(
        &mut self,
        literal: &SourcePath,
        real: &SourcePath,
        parts: &[Part],
        at: &BTreeSet<usize>,
        depth: usize,
    ) -> Result<(), Failure> {
        if depth > DEEPEST {
            return Ok(());
        }
        let entries = self.context.list(real)?;
        for entry in entries.iter() {
            let skipped = entry.name == b"node_modules" && !self.modules;
            let next = self.step(parts, at, &entry.name);
            if next.is_empty() || skipped {
                continue;
            }
            let name = literal.child(&entry.name);
            let Some((target, is_directory)) = target(self.context, real, entry)? else {
                continue;
            };
            if is_directory {
                self.directory(&name, &target, parts, &next, depth + 1)?;
            } else if ends(parts, &next) {
                self.found.insert(name, target);
            }
        }
        Ok(())
    }
}

//! In which order files are evaluated where one that passes names on is left out.
//!
//! Files without side effects may be evaluated in any order as long as each has what it imports. In a circle of imports one
//! file goes first without that, and which one it is depends on where the circle is entered: `class A extends B` fails
//! in an A that comes before its B. So a circle is entered where the file that is left out enters it, by an import of that
//! file before the others; it is loaded anyway. What imports a file that passes its own name on is in a circle that is
//! another one without that file: it stays.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::all::Runnable;
use super::MOST_FILES;
use super::free;
use super::outline::{self, Specifiers};
use crate::base::SourcePath;
use crate::compute::{Context, Failure};
use crate::resolver::in_packages;

/// As [`MOST_FILES`], in packages, whose files are not edited.
const MOST_IN_PACKAGES: usize = 10 * MOST_FILES;

/// How far a name may be followed.
pub(super) struct Order {
    /// Where on the way it is to be imported from.
    pub(super) end: usize,
    /// What is imported before, for where it leads into circles.
    pub(super) first: Vec<SourcePath>,
}

/// The order for a way from a file through others, each of which passes the name on to the next.
pub(super) fn of(
    runnable: &Runnable,
    context: &dyn Context,
    way: &[&SourcePath],
) -> Result<Order, Failure> {
    let last = way.len() - 1;
    let mut imports = Imports {
        runnable,
        context,
        package: package(runnable, context, way[last])?,
        known: BTreeMap::new(),
    };
    // No circle goes through files of other packages: those are evaluated as a whole, before or after.
    let mut start = last;
    while start > 0 && package(runnable, context, way[start - 1])? == imports.package {
        start -= 1;
    }
    for end in (start + 1..=last).rev() {
        let Some(behind) = imports.behind(way[end])? else {
            continue;
        };
        if way[start..end].iter().any(|left| behind.contains(*left)) {
            continue;
        }
        let circles = imports.circles(way[end])?;
        let by_itself = imports.entries(way[end], &circles)?;
        let as_written = imports.entries(way[start], &circles)?;
        let is_same = by_itself.iter().all(|file| as_written.contains(file));
        let first = if is_same { Vec::new() } else { as_written };
        return Ok(Order { end, first });
    }
    Ok(Order {
        end: start,
        first: Vec::new(),
    })
}

/// The folder of the package that a file is of.
fn package(
    runnable: &Runnable,
    context: &dyn Context,
    file: &SourcePath,
) -> Result<Option<SourcePath>, Failure> {
    let scope = free::scope_of(runnable, context, file)?;
    Ok((*scope).as_ref().map(|scope| scope.directory.clone()))
}

/// Which circle each file is of; those of none are not in it.
type Circles = BTreeMap<SourcePath, usize>;

/// What the files of a package import of each other.
struct Imports<'a> {
    runnable: &'a Runnable,
    context: &'a dyn Context,
    package: Option<SourcePath>,
    known: BTreeMap<SourcePath, Rc<[SourcePath]>>,
}

impl Imports<'_> {
    /// The files of the package that are evaluated before `file`, in the order of its text.
    fn of(&mut self, file: &SourcePath) -> Result<Rc<[SourcePath]>, Failure> {
        if let Some(known) = self.known.get(file) {
            return Ok(known.clone());
        }
        let mut specifiers = outline::loaded(self.context, file)?;
        if in_packages(file) {
            // The others lead to other packages.
            specifiers.retain(|one| one.starts_with(['.', '#']));
        }
        let (files, _) = Specifiers::new(self.runnable, self.context, file).files(&specifiers)?;
        let mut own = Vec::with_capacity(files.len());
        for file in files {
            if package(self.runnable, self.context, &file)? == self.package {
                own.push(file);
            }
        }
        let own: Rc<[SourcePath]> = own.into();
        self.known.insert(file.clone(), own.clone());
        Ok(own)
    }

    /// All files that `file` leads to. `None`: there are too many to look at.
    fn behind(&mut self, file: &SourcePath) -> Result<Option<BTreeSet<SourcePath>>, Failure> {
        let most = match in_packages(file) {
            true => MOST_IN_PACKAGES,
            false => MOST_FILES,
        };
        let mut behind = BTreeSet::new();
        let mut waiting = vec![file.clone()];
        while let Some(file) = waiting.pop() {
            for next in self.of(&file)?.iter() {
                if behind.insert(next.clone()) {
                    waiting.push(next.clone());
                }
            }
            if behind.len() > most {
                return Ok(None);
            }
        }
        Ok(Some(behind))
    }

    /// The circles that `file` leads to: of the files as they are done in a walk along the imports, the last is where a
    /// walk against them finds all files of its circle, and so on with what is left (Kosaraju).
    fn circles(&mut self, file: &SourcePath) -> Result<Circles, Failure> {
        let mut importers: BTreeMap<SourcePath, Vec<SourcePath>> = BTreeMap::new();
        let mut done = Vec::new();
        let mut known = BTreeSet::from([file.clone()]);
        let mut way = vec![(file.clone(), 0)];
        while let Some((file, at)) = way.last_mut() {
            let Some(next) = self.of(file)?.get(*at).cloned() else {
                done.extend(way.pop().map(|(file, _)| file));
                continue;
            };
            *at += 1;
            importers
                .entry(next.clone())
                .or_default()
                .push(file.clone());
            if known.insert(next.clone()) {
                way.push((next, 0));
            }
        }
        let mut circles = Circles::new();
        for file in done.into_iter().rev() {
            let mut members = Vec::new();
            let mut waiting = vec![file];
            while let Some(file) = waiting.pop() {
                if known.remove(&file) {
                    waiting.extend(importers.get(&file).into_iter().flatten().cloned());
                    members.push(file);
                }
            }
            if members.len() > 1 {
                let number = circles.len();
                circles.extend(members.into_iter().map(|file| (file, number)));
            }
        }
        Ok(circles)
    }

    /// Where the circles are entered, in that order, when `file` is evaluated (ECMA-262, "InnerModuleEvaluation").
    fn entries(
        &mut self,
        file: &SourcePath,
        circles: &Circles,
    ) -> Result<Vec<SourcePath>, Failure> {
        let mut missing: BTreeSet<usize> = circles.values().copied().collect();
        let mut entries = Vec::new();
        let mut known = BTreeSet::new();
        let mut waiting = vec![file.clone()];
        while let Some(file) = waiting.pop() {
            if missing.is_empty() {
                break;
            }
            if !known.insert(file.clone()) {
                continue;
            }
            if circles.get(&file).is_some_and(|of| missing.remove(of)) {
                entries.push(file.clone());
            }
            waiting.extend(self.of(&file)?.iter().rev().cloned());
        }
        Ok(entries)
    }
}

//! `hookfs build`: the outputs as files of a folder, written again only where they differ from what is there.

mod manifest;
mod plan;
mod versions;
mod write;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::access::Access;
use super::config::{Asked, Place};
use super::error::{Error, Result};
use super::service::Service;
use crate::base::{Diagnostic, ShortHash, SourcePath};
use manifest::Manifest;
use plan::Plan;

/// How often a build begins anew where edits come between its files.
const ATTEMPTS: usize = 3;

/// Told how far a build is.
pub trait Progress: Sync {
    /// So many files are known of, so many of them done.
    fn at(&self, known: usize, done: usize);
}

/// What a build did.
#[derive(Debug, Default)]
pub struct Summary {
    /// Files written.
    pub written: usize,
    /// Files that were there already.
    pub kept: usize,
    /// Files of an earlier build that are no outputs any more.
    pub removed: usize,
    /// Files that could not be computed or written, in the order of their names, and why.
    pub failed: Vec<(SourcePath, Error)>,
    /// Likewise files that packages load later, if ever: what asks for one fails then.
    pub left_out: Vec<(SourcePath, Error)>,
    /// Likewise files of kinds that are not compiled, and that nothing asks for.
    pub unused: Vec<(SourcePath, Error)>,
    /// There is no page and no public file: everything was written.
    pub has_no_entry: bool,
}

/// Writes what a host needs into `target`: pages, public files, and all that these lead to; `all`, or where there are
/// none of them, everything that `/~@/` lists, with what that leads to.
///
/// # Errors
/// [`Error::Target`] where the folder must not be written to; what listing the outputs says. A single output that
/// fails is in the summary instead.
pub fn build(
    access: &Access,
    place: &Place,
    asked: &Asked,
    target: &Path,
    all: bool,
    progress: &dyn Progress,
) -> Result<Summary> {
    let target = prepare(place, asked, target)?;
    let _lock = manifest::lock(&target)?;
    let mut manifest = Manifest::read(&target)?;
    let entries = match all {
        true => Vec::new(),
        false => access.service().entries()?,
    };
    let has_no_entry = !all && entries.is_empty();
    let first = match entries.is_empty() {
        true => vec![SourcePath::root()],
        false => entries,
    };
    let mut attempt = 1;
    let (mut summary, files, plan) = loop {
        let plan = Plan::new(first.clone());
        let mut results = visit_all(access, place, asked, &target, &manifest, &plan, progress);
        let copies = versions::write(&manifest, &target, &mut results.files, &results.names)?;
        results.summary.written += copies.written;
        results.summary.kept += copies.kept;
        // What is named and not there was named before an edit, and its file written after it.
        let is_torn = copies.is_torn && results.summary.failed.is_empty();
        if !is_torn || attempt == ATTEMPTS {
            break (results.summary, results.files, plan);
        }
        manifest.add(results.files);
        attempt += 1;
    };
    // Without a listing of the root nothing is known of what should be there: all stays as it is.
    if let Some(index) = summary.failed.iter().position(|(path, _)| path.is_root()) {
        return Err(summary.failed.swap_remove(index).1);
    }
    // Who imports what is known now that all is.
    for (path, error) in &mut summary.failed {
        if let Err(now @ Error::Diagnostics(_)) = access.service().describe(path) {
            *error = now;
        }
    }
    let needed = plan.needed();
    sort_failures(&mut summary, &needed, &plan.asked(&needed));
    summary.has_no_entry = has_no_entry;
    summary.removed = manifest.remove_others(&target, &files);
    Manifest::write(&target, &files)?;
    summary.failed.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(summary)
}

/// Visits all names that a plan comes to, on several threads.
fn visit_all(
    access: &Access,
    place: &Place,
    asked: &Asked,
    target: &Path,
    manifest: &Manifest,
    plan: &Plan,
    progress: &dyn Progress,
) -> Results {
    let results = Mutex::new(Results::default());
    let done = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from) * 2;
    let work = |service: &dyn Service| {
        while let Some(path) = plan.next() {
            let result = write::visit(service, plan, manifest, target, &path);
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            results.add(path, result);
            drop(results);
            plan.done();
            progress.at(plan.known(), done.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // With fewer threads it takes longer, and that is all.
            if let Ok(service) = access.another(place, asked) {
                scope.spawn(|| {
                    let service = service;
                    work(&*service);
                });
            }
        }
        work(access.service());
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Tells failures of what was asked for from those that nobody meets.
fn sort_failures(summary: &mut Summary, needed: &HashSet<SourcePath>, asked: &HashSet<SourcePath>) {
    let mut unused = Vec::new();
    for (path, error) in std::mem::take(&mut summary.failed) {
        if !needed.contains(&path) {
            summary.left_out.push((path, error));
        } else if !asked.contains(&path) && is_unsupported(&error) {
            unused.push((path, error));
        } else {
            summary.failed.push((path, error));
        }
    }
    // A file that is asked for under one of its names is asked for.
    let known: HashSet<Vec<Diagnostic>> = summary
        .failed
        .iter()
        .map(|(_, error)| told(error))
        .collect();
    let (asked, unused) = unused
        .into_iter()
        .partition(|(_, error)| known.contains(&told(error)));
    summary.unused = unused;
    summary.failed.extend::<Vec<_>>(asked);
}

/// What is wrong with a file, whoever asks for it.
fn told(error: &Error) -> Vec<Diagnostic> {
    match error {
        Error::Diagnostics(all) => {
            let all = all.iter().cloned();
            all.map(Diagnostic::without_importers).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether all that is wrong with a file is what kind it is of: it is not compiled, or no JSON but something like it, as tools
/// have it (with comments).
fn is_unsupported(error: &Error) -> bool {
    match error {
        Error::Diagnostics(all) => all
            .iter()
            .all(|one| matches!(&*one.code, "unsupported" | "json")),
        _ => false,
    }
}

#[derive(Default)]
struct Results {
    summary: Summary,
    files: manifest::Files,
    /// The hashes that some files are named by instead of their own, by their paths.
    names: HashMap<Vec<u8>, ShortHash>,
}

impl Results {
    fn add(&mut self, path: SourcePath, result: Result<write::Visited>) {
        match result {
            Ok(write::Visited::Nothing) => {}
            Ok(write::Visited::File {
                entry,
                written,
                faults,
                name,
            }) => {
                match written {
                    true => self.summary.written += 1,
                    false => self.summary.kept += 1,
                }
                self.files.insert(path.as_bytes().to_vec(), entry);
                if let Some(name) = name {
                    self.names.insert(path.as_bytes().to_vec(), name);
                }
                if !faults.is_empty() {
                    self.summary.failed.push((path, Error::Diagnostics(faults)));
                }
            }
            Err(error) => self.summary.failed.push((path, error)),
        }
    }
}

/// Checks that the folder is ours to fill, and makes it.
fn prepare(place: &Place, asked: &Asked, target: &Path) -> Result<PathBuf> {
    let refuse = |reason, hint| Error::Target {
        path: target.to_owned(),
        reason,
        hint,
    };
    let absolute = std::path::absolute(target).map_err(Error::io("find", target))?;
    // Of a folder that is not there yet, what is there of its path decides where it will be.
    let existing = absolute.ancestors().find_map(|folder| {
        let real = folder.canonicalize().ok()?;
        Some((real, absolute.strip_prefix(folder).ok()?.to_owned()))
    });
    let real = existing.map_or(absolute.clone(), |(real, rest)| {
        real.join(rest).components().collect()
    });
    if real.starts_with(&place.source) {
        return Err(refuse(
            "it lies in the source",
            "outputs in the source would be sources of the next build; choose a folder beside it",
        ));
    }
    let allowed = match asked {
        Asked::Given(options) => options.allowed(),
        Asked::Its | Asked::Lasting => Vec::new(),
    };
    if allowed.iter().any(|folder| real.starts_with(folder)) {
        return Err(refuse(
            "it lies in a folder that is allowed",
            "where a link leads there, outputs would be sources of the next build; choose a folder beside it",
        ));
    }
    if place.source.starts_with(&real) {
        return Err(refuse(
            "the source lies in it",
            "choose a folder beside the source",
        ));
    }
    match std::fs::metadata(&real) {
        Ok(metadata) if !metadata.is_dir() => {
            return Err(refuse(
                "it is not a folder",
                "choose an empty or a new folder",
            ));
        }
        Ok(_) => {
            let mut entries = std::fs::read_dir(&real).map_err(Error::io("list", target))?;
            if entries.next().is_some() && !manifest::is_ours(&real) {
                return Err(refuse(
                    "it has files in it that no build has written",
                    "choose an empty or a new folder",
                ));
            }
        }
        Err(_) => std::fs::create_dir_all(&real).map_err(Error::io("create", target))?,
    }
    Ok(real)
}

//! From a URL to an output.
//!
//! `/about` is `about`, else `about.html`; `/docs/` is `docs/index.html`. A URL is led to another one only where the links
//! of the page would lead astray otherwise: `/docs`, where there is `docs/index.html`, and `/about/`, where there is only
//! `about.html`.

use super::fault::Fault;
use super::site::{Found, Opened};
use super::target::{self, Target};
use crate::base::SourcePath;

/// The page of a folder.
const INDEX: &str = "index.html";
/// What pages are called at the end.
const PAGE: &str = ".html";
/// The page that is shown where nothing is.
const MISSING: &str = "404.html";

/// What a URL leads to.
#[derive(Debug)]
pub(super) enum Place {
    /// A file, and its name.
    File(Vec<u8>, Opened),
    /// The URL that has it.
    Elsewhere(String),
    /// No file.
    Nothing,
}

/// How files are looked for: `None` where that takes more than the searcher may do.
pub(super) type Find<'a> = &'a dyn Fn(&SourcePath) -> Option<Result<Found, Fault>>;

/// A failed search: for want of time, or for good.
pub(super) enum Stopped {
    /// It takes more.
    Later,
    /// There is no such output because of the user's files.
    Fault(Fault),
}

fn find(find: Find<'_>, path: &SourcePath) -> Result<Found, Stopped> {
    match find(path) {
        None => Err(Stopped::Later),
        Some(Ok(found)) => Ok(found),
        // It went between two questions.
        Some(Err(Fault::Missing)) => Ok(Found::Absent),
        Some(Err(fault)) => Err(Stopped::Fault(fault)),
    }
}

/// What a URL leads to, by its names below the base.
///
/// # Errors
/// [`Stopped`].
pub(super) fn place(
    search: Find<'_>,
    target: &Target,
    names: &[Vec<u8>],
) -> Result<Place, Stopped> {
    let Some(path) = target::file(names) else {
        return Ok(Place::Nothing);
    };
    let file = |path: &SourcePath| -> Result<Option<Place>, Stopped> {
        Ok(match find(search, path)? {
            Found::File(opened) => Some(Place::File(path.name().to_vec(), opened)),
            Found::Folder | Found::Absent => None,
        })
    };
    if target.is_folder {
        if let Some(place) = file(&path.child(INDEX))? {
            return Ok(place);
        }
        let page = page(&path);
        return Ok(match page.map(|page| file(&page)).transpose()?.flatten() {
            Some(_) => Place::Elsewhere(target.with_path(target.path.trim_end_matches('/'))),
            None => Place::Nothing,
        });
    }
    let is_folder = match find(search, &path)? {
        Found::File(opened) => return Ok(Place::File(path.name().to_vec(), opened)),
        Found::Folder => true,
        Found::Absent => false,
    };
    if let Some(place) = page(&path).map(|page| file(&page)).transpose()?.flatten() {
        return Ok(place);
    }
    match is_folder && file(&path.child(INDEX))?.is_some() {
        true => Ok(Place::Elsewhere(
            target.with_path(&format!("{}/", target.path)),
        )),
        false => Ok(Place::Nothing),
    }
}

/// The page that a name without its ending means.
fn page(path: &SourcePath) -> Option<SourcePath> {
    let parent = path.parent()?;
    Some(parent.child([path.name(), PAGE.as_bytes()].concat()))
}

/// What is shown to who follows a link to where nothing is.
#[derive(Debug)]
pub(super) enum Instead {
    /// The page that says so: the nearest `404.html` above.
    Missing(Opened),
    /// The page at the root: an application whose own routes these are.
    Page(Opened),
    /// Nothing.
    Nothing,
}

/// What is shown at these names, where no file is.
///
/// # Errors
/// [`Stopped`].
pub(super) fn instead(search: Find<'_>, names: &[Vec<u8>]) -> Result<Instead, Stopped> {
    let is_name_of_file = names.last().is_some_and(|name| super::types::is_file(name));
    let is_of_hookfs = names.first().is_some_and(|name| name.starts_with(b"~"));
    let Some(path) = target::file(names).filter(|_| !is_name_of_file && !is_of_hookfs) else {
        return Ok(Instead::Nothing);
    };
    for folder in path.ancestors().skip(usize::from(!path.is_root())) {
        if let Found::File(opened) = find(search, &folder.child(MISSING))? {
            return Ok(Instead::Missing(opened));
        }
    }
    Ok(match find(search, &SourcePath::root().child(INDEX))? {
        Found::File(opened) => Instead::Page(opened),
        Found::Folder | Found::Absent => Instead::Nothing,
    })
}

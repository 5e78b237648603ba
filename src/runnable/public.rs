//! Files that are served as they are at the root of a page: the folder `public` (Vite's `publicDir`). It, and what is in
//! it, may be links within the workspace; what they lead to stands at their places.

use super::names::is_hidden;
use super::{hook, views};
use crate::base::SourcePath;
use crate::compute::{Context, Failure};
use crate::resolver::{in_packages, walk};
use crate::source::{Entry, InputError};

/// The folder of public files whose content appears in `directory`: that of SRC, which stands beside the page (Vite has it
/// at its root), and that of each other project in SRC, a folder with a page or a `package.json`.
pub(super) fn folder(
    context: &dyn Context,
    source: &SourcePath,
    directory: &SourcePath,
) -> Result<Option<SourcePath>, Failure> {
    let public_in = |folder: &SourcePath| -> Result<Option<SourcePath>, Failure> {
        Ok(match at(context, source, folder, b"public")? {
            Some((public, Entry::Directory)) => Some(public),
            _ => None,
        })
    };
    if directory != source {
        let found = public_in(directory)?;
        return Ok(match found.is_some() && is_project(context, directory)? {
            true => found,
            false => None,
        });
    }
    let mut candidates = vec![directory.clone()];
    if !source.is_root() {
        candidates.push(SourcePath::root());
    }
    if adopted_page(context, source)?.is_some() {
        candidates.reverse();
    }
    for candidate in candidates {
        if let Some(folder) = public_in(&candidate)? {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

/// What stands at `below` in a folder whose path holds no links, links followed: a link to what has a hidden name, as `.env`,
/// publishes nothing.
pub(super) fn at(
    context: &dyn Context,
    source: &SourcePath,
    folder: &SourcePath,
    below: &[u8],
) -> Result<Option<(SourcePath, Entry)>, Failure> {
    let Some((place, entry)) = walk(context, folder, below)? else {
        return Ok(None);
    };
    let is_there = match entry {
        Entry::File => !is_template_there(context, &place)?,
        _ => entry == Entry::Directory,
    };
    let is_linked = place.below(folder) != Some(below);
    let is_public = is_there && (!is_linked || !views::has_hidden_name(source, context, &place)?);
    Ok(is_public.then_some((place, entry)))
}

/// What stands in such a folder: names, and what they lead to.
pub(super) fn list(
    context: &dyn Context,
    source: &SourcePath,
    folder: &SourcePath,
) -> Result<Vec<(Vec<u8>, SourcePath, Entry)>, Failure> {
    let mut found = Vec::new();
    let entries = context.list(folder)?;
    for entry in entries.iter().filter(|entry| !is_hidden(&entry.name)) {
        if let Some((place, what)) = at(context, source, folder, &entry.name)? {
            found.push((entry.name.to_vec(), place, what));
        }
    }
    Ok(found)
}

fn is_project(context: &dyn Context, directory: &SourcePath) -> Result<bool, Failure> {
    let page = directory.child("index.html");
    let is_package = !in_packages(directory);
    Ok(context.entry(&page)? == Entry::File
        || hook::find(context, &page)?.is_some()
        || (is_package && context.entry(&directory.child("package.json"))? == Entry::File))
}

/// Whether a file outside SRC is one of the public files that SRC adopts from the workspace root.
pub(super) fn is_adopted(
    context: &dyn Context,
    source: &SourcePath,
    path: &SourcePath,
) -> Result<bool, Failure> {
    if path.starts_with(source) {
        return Ok(false);
    }
    let folder = folder(context, source, source)?;
    Ok(folder.is_some_and(|folder| !folder.starts_with(source) && path.starts_with(&folder)))
}

/// The workspace root's `index.html`, where SRC has none.
pub(super) fn adopted_page(
    context: &dyn Context,
    source: &SourcePath,
) -> Result<Option<SourcePath>, Failure> {
    let page = SourcePath::root().child("index.html");
    let adopts = !source.is_root()
        && context.entry(&source.child("index.html"))? == Entry::Absent
        && context.entry(&page)? == Entry::File;
    Ok(adopts.then_some(page))
}

/// Whether a page is one that webpack fills in, as that of create-react-app: as it is it starts nothing.
pub fn is_template(page: &[u8]) -> bool {
    let has = |words: &str| memchr::memmem::find(page, words.as_bytes()).is_some();
    has("%PUBLIC_URL%") || has("htmlWebpackPlugin")
}

/// Whether this is such a page, which no public file is.
fn is_template_there(context: &dyn Context, file: &SourcePath) -> Result<bool, Failure> {
    if file.name() != b"index.html" {
        return Ok(false);
    }
    match context.content(file) {
        Ok(text) => Ok(is_template(&text)),
        Err(InputError::Absent(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What the folders of public files, the nearest first, have for a path in SRC: the source, and whether it is a file or
/// a directory.
pub(super) fn find(
    context: &dyn Context,
    source: &SourcePath,
    path: &SourcePath,
) -> Result<Option<(SourcePath, Entry)>, Failure> {
    for directory in path
        .ancestors()
        .skip(1)
        .take_while(|above| above.starts_with(source))
    {
        let Some(public) = folder(context, source, &directory)? else {
            continue;
        };
        let found = at(
            context,
            source,
            &public,
            path.below(&directory).unwrap_or_default(),
        )?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

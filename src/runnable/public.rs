//! Files that are served as they are at the root of a page: the folder `public` (Vite's `publicDir`).

use super::hook;
use crate::base::SourcePath;
use crate::compute::{Context, Failure};
use crate::resolver::in_packages;
use crate::source::{Entry, InputError};

/// The folder of public files whose content appears in `directory`: that of SRC, which stands beside the page (Vite has it
/// at its root), and that of each other project in SRC, a folder with a page or a `package.json`.
pub(super) fn folder(
    context: &dyn Context,
    source: &SourcePath,
    directory: &SourcePath,
) -> Result<Option<SourcePath>, Failure> {
    let beside = directory.child("public");
    let is_there = |folder: &SourcePath| -> Result<bool, Failure> {
        Ok(context.entry(folder)? == Entry::Directory)
    };
    if directory != source {
        let found = is_there(&beside)? && is_project(context, directory)?;
        return Ok(found.then_some(beside));
    }
    let mut candidates = vec![beside];
    if !source.is_root() {
        candidates.push(SourcePath::root().child("public"));
    }
    if adopted_page(context, source)?.is_some() {
        candidates.reverse();
    }
    for candidate in candidates {
        if is_there(&candidate)? {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
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
    let of_root = SourcePath::root().child("public");
    Ok(!path.starts_with(source)
        && path.starts_with(&of_root)
        && folder(context, source, source)?.as_ref() == Some(&of_root))
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
pub(super) fn is_template_there(context: &dyn Context, file: &SourcePath) -> Result<bool, Failure> {
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
        let Ok(candidate) = public.join(path.below(&directory).unwrap_or_default()) else {
            continue;
        };
        let entry = context.entry(&candidate)?;
        let is_there = match entry {
            Entry::File => !is_template_there(context, &candidate)?,
            _ => entry == Entry::Directory,
        };
        if is_there {
            return Ok(Some((candidate, entry)));
        }
    }
    Ok(None)
}

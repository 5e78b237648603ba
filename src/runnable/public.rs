//! Files that are served as they are at the root of a page: the folder `public` (Vite's `publicDir`).

use super::hook;
use crate::base::SourcePath;
use crate::compute::{Context, Failure};
use crate::source::Entry;

/// The folder of public files whose content appears in `directory`: `public` beside an `index.html`, be it a hook's; for SRC itself,
/// where it has no `public`, that of the workspace root.
pub(super) fn folder(
    context: &dyn Context,
    source: &SourcePath,
    directory: &SourcePath,
) -> Result<Option<SourcePath>, Failure> {
    let beside = directory.child("public");
    if context.entry(&beside)? == Entry::Directory {
        let page = directory.child("index.html");
        let has_page = context.entry(&page)? == Entry::File
            || hook::find(context, &page)?.is_some()
            || (directory == source && adopted_page(context, source)?.is_some());
        return Ok(has_page.then_some(beside));
    }
    let of_root = SourcePath::root().child("public");
    let adopts = directory == source && !source.is_root() && beside != of_root;
    Ok((adopts && context.entry(&of_root)? == Entry::Directory).then_some(of_root))
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
        if matches!(entry, Entry::File | Entry::Directory) {
            return Ok(Some((candidate, entry)));
        }
    }
    Ok(None)
}

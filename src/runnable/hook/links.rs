//! What a page that a hook gives loads: its text stays as it is, and a build writes what it names.

use crate::base::{Key, Part, SourcePath};
use crate::compute::{Context, Failure, Link};
use crate::router::{File, Found, MountTable};
use crate::runnable::all::Runnable;
use crate::runnable::kind::COPY;
use crate::runnable::{page, requests, views};

/// The outputs that a file at this place loads, where it is a page. URLs that lead nowhere here are left alone.
pub(super) fn of(
    runnable: &Runnable,
    context: &dyn Context,
    place: &SourcePath,
    bytes: &[u8],
) -> Result<Vec<Link>, Failure> {
    let is_page = place.extension() == Some(b"html");
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(Vec::new());
    };
    let mut links: Vec<Link> = Vec::new();
    if !is_page {
        return Ok(links);
    }
    let table = views::outputs(runnable.layout.source());
    let folder = place.parent().unwrap_or_else(SourcePath::root);
    for url in page::loaded(text) {
        let Some(key) = linked(runnable, context, &table, &folder, &url)? else {
            continue;
        };
        if !links.iter().any(|link| link.key == key) {
            links.push(Link::url(key));
        }
    }
    Ok(links)
}

/// What a URL without a query in a page of this folder leads to; `None`: to nothing here.
pub(in crate::runnable) fn linked(
    runnable: &Runnable,
    context: &dyn Context,
    table: &MountTable,
    folder: &SourcePath,
    url: &str,
) -> Result<Option<Key>, Failure> {
    let base = runnable.options.base.as_deref().unwrap_or("/");
    let path = match url.strip_prefix(base) {
        Some(rest) => SourcePath::parse(requests::unescaped(rest)),
        None if url.starts_with('/') => return Ok(None),
        None => folder.join(requests::unescaped(url)),
    };
    let Ok(path) = path else { return Ok(None) };
    Ok(match table.find(context, &path)? {
        Found::File(File::Node {
            key,
            part: Part::MAIN,
            ..
        }) => Some(key),
        Found::File(File::Copy(path)) => Some(Key::new(COPY, path)),
        _ => None,
    })
}

//! What a page that a hook gives loads: its text stays as it is, and a build writes what it names.

use crate::base::{Key, Part, SourcePath};
use crate::compute::{Context, Failure, Link};
use crate::router::{File, Found};
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
    let base = runnable.options.base.as_deref().unwrap_or("/");
    for url in page::loaded(text) {
        let path = match url.strip_prefix(base) {
            Some(rest) => SourcePath::parse(requests::unescaped(rest)),
            None if url.starts_with('/') => continue,
            None => folder.join(requests::unescaped(&url)),
        };
        let Ok(path) = path else { continue };
        let key = match table.find(context, &path)? {
            Found::File(File::Node {
                key,
                part: Part::MAIN,
                ..
            }) => key,
            Found::File(File::Copy(path)) => Key::new(COPY, path),
            _ => continue,
        };
        if !links.iter().any(|link| link.key == key) {
            links.push(Link::url(key));
        }
    }
    Ok(links)
}

//! What a URL in a page means: by Vite's rules, a public file, or a file of the tree.

use crate::base::{Key, PathError, SourcePath};
use crate::compute::{Context, Failure};
use crate::resolver::follow;
use crate::runnable::all::Runnable;
use crate::runnable::layout::url;
use crate::runnable::made::Made;
use crate::runnable::{public, requests, views};
use crate::source::Entry;

/// What a page's URLs are relative to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// The folder under `/~@/`.
    pub(super) directory: SourcePath,
    /// The folder of the sources.
    sources: SourcePath,
}

/// A file that a URL leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A public file: the source, and its place under `/~@/`.
    Public(SourcePath, SourcePath),
    /// A file of the tree, links resolved.
    File(SourcePath),
    /// What a node gives: a bundle, for one.
    Node(Key),
}

/// A URL as it is written, without white space around it: the path, and the query and fragment after it. `None`: it
/// leads to no file here whatever the tree has.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_matches(|letter: char| letter.is_ascii_whitespace());
    let cut = text.find(['?', '#']).unwrap_or(text.len());
    let (path, suffix) = text.split_at(cut);
    let has_scheme = path.split('/').next().unwrap_or_default().contains(':');
    (!path.is_empty() && !has_scheme && !path.starts_with("//") && !path.ends_with('/'))
        .then_some((path, suffix))
}

impl Base {
    /// The folder at this place, for URLs from there alone.
    pub(super) fn at(directory: &SourcePath) -> Self {
        Self {
            directory: directory.clone(),
            sources: SourcePath::root(),
        }
    }

    /// Of a page, and the `href` of its `<base>`; `None` where that leads elsewhere.
    pub(super) fn of(runnable: &Runnable, page: &SourcePath, href: Option<&str>) -> Option<Self> {
        let parent = |path: SourcePath| path.parent().unwrap_or_else(SourcePath::root);
        let own = Self {
            directory: parent(runnable.layout.place(page)),
            sources: parent(page.clone()),
        };
        let Some(href) = href else {
            return Some(own);
        };
        let href = href.trim();
        let cut = href.find(['?', '#']).unwrap_or(href.len());
        let path = &href[..cut];
        if path.is_empty() {
            return Some(own);
        }
        let has_scheme = path.split('/').next().unwrap_or_default().contains(':');
        if has_scheme || path.starts_with("//") {
            return None;
        }
        // What follows the last slash does not count (RFC 3986, 5.2.3).
        let folder = &path[..path.rfind('/').map_or(0, |slash| slash + 1)];
        let folder = requests::unescaped(folder);
        match path.starts_with('/') {
            true => Some(Self {
                directory: SourcePath::parse(&folder).ok()?,
                sources: runnable.layout.source().join(&folder).ok()?,
            }),
            false => Some(Self {
                directory: own.directory.join(&folder).ok()?,
                sources: own.sources.join(&folder).ok()?,
            }),
        }
    }

    /// What a path means: with a leading slash, of the public files, else from SRC, else from the workspace root, else by the
    /// same from the page's own folder; without, from the page's source, else from the place where the page stands. Where
    /// there is no such source: what a hook makes.
    pub(super) fn find(
        &self,
        runnable: &Runnable,
        context: &dyn Context,
        path: &str,
    ) -> Result<Option<Target>, Failure> {
        if let Some(found) = self.find_in(runnable, context, context, path)? {
            return Ok(Some(found));
        }
        let made = Made::names(context, runnable.layout.source());
        let found = self.find_in(runnable, context, &made, path);
        made.ended(found)
    }

    /// The same, `files` being the context in which the tree's files are looked for.
    fn find_in(
        &self,
        runnable: &Runnable,
        context: &dyn Context,
        files: &dyn Context,
        path: &str,
    ) -> Result<Option<Target>, Failure> {
        let source = runnable.layout.source();
        let plain = requests::unescaped(path);
        let rooted = path.starts_with('/');
        let place = match rooted {
            true => SourcePath::parse(&plain),
            false => self.directory.join(&plain),
        };
        let of_public = |place: &Result<SourcePath, _>| -> Result<Option<Target>, Failure> {
            let Ok(place) = place else { return Ok(None) };
            let Ok(here) = source.join(place.as_bytes()) else {
                return Ok(None);
            };
            Ok(match public::find(context, source, &here)? {
                Some((file, Entry::File)) => Some(Target::Public(file, place.clone())),
                _ => None,
            })
        };
        let of_files = |candidates: [Result<SourcePath, PathError>; 2]| {
            for candidate in candidates.into_iter().flatten() {
                if let Some((file, Entry::File)) = follow(files, &candidate)?
                    && views::is_served(source, context, &file)?
                {
                    return Ok(Some(Target::File(file)));
                }
            }
            Ok(None)
        };
        let there = |place: &Result<SourcePath, PathError>| {
            let place = place.as_ref().map_err(Clone::clone)?;
            source.join(place.as_bytes())
        };
        if !rooted {
            return match of_files([self.sources.join(&plain), there(&place)])? {
                None => of_public(&place),
                found => Ok(found),
            };
        }
        if let Some(found) = of_public(&place)? {
            return Ok(Some(found));
        }
        if let Some(found) = of_files([source.join(&plain), SourcePath::parse(&plain)])? {
            return Ok(Some(found));
        }
        // The page may be that of one application of many, whose root is its folder.
        let own = self.directory.join(&plain);
        match of_public(&own)? {
            None => of_files([self.sources.join(&plain), there(&own)]),
            found => Ok(found),
        }
    }

    /// The place under `/~@/` that a path names, whatever is there.
    pub(super) fn place(&self, path: &str) -> Option<SourcePath> {
        let plain = requests::unescaped(path);
        match path.starts_with('/') {
            true => SourcePath::parse(&plain).ok(),
            false => self.directory.join(&plain).ok(),
        }
    }

    /// The URL of a place under `/~@/`: relative to the page, or absolute where a base is given. It is the same in whatever
    /// encoding the page is read.
    pub(super) fn url(&self, runnable: &Runnable, place: &SourcePath) -> String {
        let url = match &runnable.options.base {
            Some(base) => format!("{base}{}", &url(place.as_bytes())[2..]),
            None => url(&place.relative_from(&self.directory)),
        };
        match url.is_ascii() {
            true => url,
            false => in_ascii(&url),
        }
    }
}

/// A URL as parsers of URLs write it (WHATWG URL, "UTF-8 percent-encode").
fn in_ascii(url: &str) -> String {
    let mut text = String::with_capacity(url.len() * 2);
    for byte in url.bytes() {
        match byte.is_ascii() {
            true => text.push(char::from(byte)),
            false => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

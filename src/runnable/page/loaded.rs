//! What a finished page loads: HTML that names outputs as they are, and is not changed.

use super::markup;
use super::place;
use super::read::{URLS, is_loaded};

/// The URLs of the files of its own site that a page loads, without queries and fragments, in their order. A text that is no
/// HTML loads nothing.
pub(in crate::runnable) fn loaded(text: &str) -> Vec<String> {
    let mut urls = Vec::new();
    for tag in markup::read(text).unwrap_or_default() {
        let attributes: &[&str] = match tag.name.as_str() {
            "script" => &["src"],
            "link" => {
                let rel = tag.value("rel").unwrap_or_default().to_ascii_lowercase();
                let loads = |word: &str| is_loaded(word) || word == "preload";
                match rel.split_ascii_whitespace().any(loads) {
                    true => &["href"],
                    false => &[],
                }
            }
            name => URLS
                .iter()
                .find(|(element, _)| *element == name)
                .map_or(&[], |(_, attributes)| attributes),
        };
        let values = attributes.iter().filter_map(|name| tag.value(name));
        urls.extend(values.filter_map(|value| Some(place::split(value)?.0.to_owned())));
    }
    urls
}

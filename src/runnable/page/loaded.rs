//! What a finished page loads: HTML that names outputs as they are, and is not changed.

use super::markup;
use super::place;
use super::urls::{URLS, is_loaded, is_url};

/// The URLs of the files of its own site that a page loads, without queries and fragments, in their order. A text that is no
/// HTML loads nothing.
pub(in crate::runnable) fn loaded(text: &str) -> Vec<String> {
    let mut urls = Vec::new();
    let names: Vec<&str> = URLS.iter().map(|(element, _)| *element).collect();
    let names = format!("script, link, meta, {}", names.join(", "));
    for tag in markup::read_named(text, &names).unwrap_or_default() {
        let attributes: &[&str] = match tag.name.as_str() {
            "script" => &["src"],
            "meta" if is_url(&tag) => &["content"],
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_loads_is_found_among_the_rest() {
        let page = "<!doctype html><BODY Background=b.png><a href=no.html>x</a><IMG SRC='i.png?q'>\
            <script>'<img src=no.png>'</script><script src=s.js></script><textarea><img src=no.png></textarea>\
            <meta property='OG:image' content=o.png><meta name=description content=no><meta name=twitter:image content=/t.png>\
            <link rel=preload href=f.woff2><link rel=next href=no><p data-src=no><svg><feImage href=e.svg />\
            <use xlink:href='u.svg#a' /></svg><video poster=v.png src=v.mp4><source src=w.mp4></video>";
        assert_eq!(
            loaded(page),
            [
                "b.png", "i.png", "s.js", "o.png", "/t.png", "f.woff2", "e.svg", "u.svg", "v.mp4",
                "v.png", "w.mp4"
            ]
        );
        assert_eq!(loaded("no HTML"), [""; 0]);
    }
}

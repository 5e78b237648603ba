//! Where a page names other files: what `lol_html` reads, as places in the text.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;

use lol_html::html_content::Element;
use lol_html::{ElementContentHandlers, HtmlRewriter, RewriteStrSettings, Selector, element, text};

/// What is told of the elements that a selector means.
type Handler<'h> = (Cow<'static, Selector>, ElementContentHandlers<'h>);

/// One element that may matter, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tag {
    /// In lower case.
    pub(super) name: String,
    /// From its `<` to the `>` of its start tag.
    pub(super) range: Range<usize>,
    /// The content, of elements that hold text alone (`script`, `style`).
    pub(super) content: Option<Range<usize>>,
    /// Those that have a value.
    pub(super) attributes: Vec<Attribute>,
    /// Its author says that it is to be left as it is (`vite-ignore`).
    pub(super) is_ignored: bool,
}

/// An attribute, its name in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: String,
    /// The value, character references resolved.
    pub(super) value: String,
    /// The value as it is written, without quotes.
    pub(super) range: Range<usize>,
}

impl Tag {
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|one| one.name == name)
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.attribute(name).map(|one| one.value.as_str())
    }
}

/// Reads what a page has of elements with these names (a list of CSS selectors), without their contents. The parser does
/// not stop at the others.
///
/// # Errors
/// As [`read`].
pub(super) fn read_named(text: &str, names: &str) -> Result<Vec<Tag>, String> {
    let tags: RefCell<Vec<Tag>> = RefCell::default();
    let add = |element: &mut Element<'_, '_>| {
        tags.borrow_mut().push(tag_of(element));
        Ok(())
    };
    parse(text, vec![element!(names, add)])?;
    Ok(tags.into_inner())
}

/// Reads a page.
///
/// # Errors
/// Why the parser gave up, in its words.
pub(super) fn read(text: &str) -> Result<Vec<Tag>, String> {
    let tags: RefCell<Vec<Tag>> = RefCell::default();
    let add = |element: &mut Element<'_, '_>| {
        tags.borrow_mut().push(tag_of(element));
        Ok(())
    };
    // The text of the last `script` or `style`: such an element holds no others.
    let inside = |chunk: &mut lol_html::html_content::TextChunk<'_>| {
        let range = chunk.source_location().bytes();
        if let Some(tag) = tags.borrow_mut().last_mut()
            && matches!(tag.name.as_str(), "script" | "style")
            && !range.is_empty()
        {
            let start = tag
                .content
                .as_ref()
                .map_or(range.start, |known| known.start);
            tag.content = Some(start..range.end);
        }
        Ok(())
    };
    parse(
        text,
        vec![element!("*", add), text!("script, style", inside)],
    )?;
    Ok(tags.into_inner())
}

fn parse(text: &str, handlers: Vec<Handler<'_>>) -> Result<(), String> {
    let settings = RewriteStrSettings {
        element_content_handlers: handlers,
        ..RewriteStrSettings::new()
    };
    let mut parser = HtmlRewriter::new(settings.into(), |_: &[u8]| {});
    parser
        .write(text.as_bytes())
        .map_err(|error| error.to_string())?;
    parser.end().map_err(|error| error.to_string())
}

/// The first `<%` that would be read as text: templates (EJS and its like) that a plugin of a bundler would have filled.
pub(super) fn template(text: &str, tags: &[Tag]) -> Option<Range<usize>> {
    let known = tags
        .iter()
        .flat_map(|tag| [Some(tag.range.clone()), tag.content.clone()])
        .flatten();
    let mut done = 0;
    for range in known.chain(std::iter::once(text.len()..text.len())) {
        let mut rest = text.get(done..range.start).unwrap_or_default();
        while !rest.is_empty() {
            let (shown, comment) = rest.split_once("<!--").unwrap_or((rest, ""));
            if let Some(at) = shown.find("<%") {
                let at = range.start - rest.len() + at;
                return Some(at..at + 2);
            }
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        }
        done = range.end.max(done);
    }
    None
}

fn tag_of(element: &Element<'_, '_>) -> Tag {
    let attributes = element.attributes().iter().filter_map(|attribute| {
        let range = attribute.value_source_location()?.bytes();
        Some(Attribute {
            name: attribute.name(),
            value: resolved(&attribute.value()),
            range,
        })
    });
    Tag {
        name: element.tag_name(),
        range: element.source_location().bytes(),
        content: None,
        attributes: attributes.collect(),
        is_ignored: element.has_attribute("vite-ignore"),
    }
}

/// A value with its character references resolved (HTML, 13.2.5.72), as far as URLs need them: numbers, and the names of
/// what HTML itself uses.
fn resolved(value: &str) -> String {
    const NAMES: [(&str, &str); 6] = [
        ("amp", "&"),
        ("quot", "\""),
        ("apos", "'"),
        ("lt", "<"),
        ("gt", ">"),
        ("sol", "/"),
    ];
    let mut plain = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find(';').filter(|end| *end <= 10);
        let found = end.and_then(|end| {
            let name = &rest[..end];
            let number = match name.strip_prefix('#') {
                Some(digits) => match digits.strip_prefix(['x', 'X']) {
                    Some(digits) => u32::from_str_radix(digits, 16).ok(),
                    None => digits.parse().ok(),
                },
                None => None,
            };
            let known = || NAMES.iter().find(|(known, _)| *known == name);
            let text = match number {
                Some(number) => char::from_u32(number)?.to_string(),
                None => known()?.1.to_owned(),
            };
            Some((text, end))
        });
        match found {
            Some((text, end)) => {
                plain.push_str(&text);
                rest = &rest[end + 1..];
            }
            None => plain.push('&'),
        }
    }
    plain.push_str(rest);
    plain
}

/// A value as it stands between double quotes (HTML, 13.3 "escaping a string", attribute mode).
pub(super) fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '&' => text.push_str("&amp;"),
            '"' => text.push_str("&quot;"),
            '\'' => text.push_str("&#39;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            other if other.is_ascii() => text.push(other),
            // The same in whatever encoding the page is read.
            other => text.push_str(&format!("&#{};", u32::from(other))),
        }
    }
    text
}

/// JSON or JavaScript inside `<script>`: nothing in it can end the element, or begin a comment in it (HTML, 4.12.1.3).
pub(super) fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_with_their_places() {
        let text = "<!doctype html>\n<!-- <script src=no></script> -->\n<body><SCRIPT Type=module\n src='./a.ts?x&amp;y'></script><style>a{}</style><script>if (a<b) c()</script><svg><use href=s.svg#a /></svg>";
        let tags = read(text).unwrap();
        let shown: Vec<String> = tags
            .iter()
            .map(|tag| {
                let attributes = tag.attributes.iter().map(|one| {
                    format!(
                        "{}={} at {:?}",
                        one.name,
                        one.value,
                        &text[one.range.clone()]
                    )
                });
                let attributes: Vec<String> = attributes.collect();
                let content = tag.content.clone().map(|range| &text[range]);
                format!("{} {attributes:?} {content:?}", tag.name)
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        body [] None
        script ["type=module at \"module\"", "src=./a.ts?x&y at \"./a.ts?x&amp;y\""] None
        style [] Some("a{}")
        script [] Some("if (a<b) c()")
        svg [] None
        use ["href=s.svg#a at \"s.svg#a\""] None
        "#);
    }

    #[test]
    fn character_references_are_resolved() {
        assert_eq!(resolved("a&amp;b&#38;c&#x2F;d&no;e&"), "a&b&c/d&no;e&");
        assert_eq!(escaped("a&\"<'>é"), "a&amp;&quot;&lt;&#39;&gt;&#233;");
    }
}

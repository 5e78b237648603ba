//! The URLs in a style sheet: found, marked while texts are put together, and placed in the end.

use super::Piece;
use super::scan::{self, Token};
use crate::compute::Failure;

/// What a mark begins with, a number being the rest.
pub(super) const MARK: &str = "hookfs-url:";

/// The text with a mark in place of each URL, which `mark` gives: what it is relative to is known here, and not in the
/// whole that the text becomes a part of.
pub(super) fn marked(text: &str, mut mark: impl FnMut(String) -> String) -> String {
    let all = scan::tokens(text, false);
    let mut out = String::with_capacity(text.len());
    // In statements whose URLs are none of files to be served.
    let mut statement = false;
    // The depth of parentheses, and those of `image-set(`, in which strings are URLs (CSS Images 4, 2.2).
    let mut depth = 0_usize;
    let mut sets: Vec<usize> = Vec::new();
    let mut index = 0;
    while let Some((token, range)) = all.get(index) {
        let part = &text[range.clone()];
        match (token, part) {
            (Token::Word, word) if word.starts_with('@') => {
                statement = ["@import", "@namespace"]
                    .iter()
                    .any(|name| word.eq_ignore_ascii_case(name));
            }
            (Token::Word, word) if is_image_set(word) => sets.push(depth + 1),
            (Token::Other(b';' | b'{' | b'}'), _) => statement = false,
            (Token::Other(b'('), _) => depth += 1,
            (Token::Other(b')'), _) => {
                sets.retain(|at| *at != depth);
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        let found = match token {
            _ if statement => None,
            Token::Url => {
                let inside = part[4..].strip_suffix(')').unwrap_or(&part[4..]);
                Some((scan::unquoted(inside.trim()), 1))
            }
            Token::Word if part.eq_ignore_ascii_case("url") => {
                scan::quoted(text, &all[index + 1..]).map(|(url, length)| (url, length + 1))
            }
            Token::Text if sets.last() == Some(&depth) => Some((scan::unquoted(part), 1)),
            _ => None,
        };
        match found {
            Some((url, length)) => {
                out.push_str(&format!("url(\"{MARK}{}\")", mark(url)));
                index += length;
            }
            None => {
                out.push_str(part);
                index += 1;
            }
        }
    }
    out
}

/// The pieces of a text that goes on from `start`, with what `find` gives in place of each mark; `None`: the mark goes.
pub(super) fn unmarked(
    start: String,
    code: &str,
    mut find: impl FnMut(usize) -> Result<Option<Piece>, Failure>,
) -> Result<Vec<Piece>, Failure> {
    let (mut pieces, mut text) = (Vec::new(), start);
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        let after = &rest[at + MARK.len()..];
        let is_digit = |letter: char| letter.is_ascii_digit();
        let digits = after.len() - after.trim_start_matches(is_digit).len();
        text.push_str(&rest[..at]);
        rest = &after[digits..];
        let found = match after[..digits].parse() {
            Ok(number) => find(number)?,
            Err(_) => None,
        };
        let Some(found) = found else { continue };
        // A mark needs no quotes, and a short text has none around it; what takes its place may.
        let quote = if text.ends_with("url(") { "\"" } else { "" };
        text.push_str(quote);
        match found {
            Piece::Text(part) => text.push_str(&part),
            url @ Piece::Url(_) => pieces.extend([Piece::Text(std::mem::take(&mut text)), url]),
        }
        text.push_str(quote);
    }
    text.push_str(rest);
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

/// The text with each mark's number higher by `by`.
pub(super) fn renumbered(text: &str, by: usize) -> String {
    let mut parts = text.split(MARK);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| !letter.is_ascii_digit());
        let (number, rest) = part.split_at(end.unwrap_or(part.len()));
        out.push_str(MARK);
        match number.parse::<usize>() {
            Ok(number) => out.push_str(&number.saturating_add(by).to_string()),
            Err(_) => out.push_str(number),
        }
        out.push_str(rest);
    }
    out
}

fn is_image_set(word: &str) -> bool {
    ["image-set", "-webkit-image-set"]
        .iter()
        .any(|name| word.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_found_wherever_they_stand() {
        let mut found = Vec::new();
        let text = "a { b: url(x.png) URL( \"y z.png\" ), url(), image-set('i.png' 1x, url(j.png) type('image/png')); c: 'k.png' f('l.png') }\n@import url(m.css);\n@font-face { src: local('n'), url(o.woff) }";
        let out = marked(text, |url| {
            found.push(url);
            found.len().to_string()
        });
        assert_eq!(found, ["x.png", "y z.png", "", "i.png", "j.png", "o.woff"]);
        assert_eq!(
            out,
            "a { b: url(\"hookfs-url:1\") url(\"hookfs-url:2\"), url(\"hookfs-url:3\"), image-set(url(\"hookfs-url:4\") 1x, url(\"hookfs-url:5\") type('image/png')); c: 'k.png' f('l.png') }\n@import url(m.css);\n@font-face { src: local('n'), url(\"hookfs-url:6\") }"
        );
    }
}

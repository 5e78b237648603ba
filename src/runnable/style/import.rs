//! `@import` (<https://www.w3.org/TR/css-cascade-5/#at-import>): what it names, and on what conditions.

use std::ops::Range;

use super::scan::{Token, unquoted};

/// One `@import`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Import {
    pub specifier: String,
    /// Where the specifier stands in the text.
    pub at: usize,
    /// `Some("")`: a layer without a name.
    pub layer: Option<String>,
    /// A condition as `@supports` takes it.
    pub supports: Option<String>,
    /// Media queries; empty: none.
    pub media: String,
    /// All conditions as they were written.
    pub conditions: String,
    /// How many tokens it is, its semicolon among them.
    pub length: usize,
}

impl Import {
    /// Reads the statement that `tokens` begin with; `None` where it is none that a browser takes.
    pub(super) fn read(text: &str, tokens: &[(Token, Range<usize>)]) -> Option<Self> {
        let (_, range) = tokens.first()?;
        if !text[range.clone()].eq_ignore_ascii_case("@import") {
            return None;
        }
        let end = tokens
            .iter()
            .position(|(token, _)| *token == Token::Other(b';'));
        let length = end.map_or(tokens.len(), |end| end + 1);
        let mut rest = &tokens[1..end.unwrap_or(tokens.len())];
        let mut import = Self {
            length,
            ..Self::default()
        };
        skip(&mut rest);
        let (token, range) = rest.first()?;
        let part = &text[range.clone()];
        import.at = range.start;
        match token {
            Token::Text => {
                import.specifier = unquoted(part);
                import.at += 1;
            }
            Token::Url => {
                let inside = part[4..].strip_suffix(')').unwrap_or(&part[4..]);
                import.specifier = unquoted(inside.trim());
            }
            Token::Word if part.eq_ignore_ascii_case("url") => {
                let (url, count) = super::scan::quoted(text, &rest[1..])?;
                import.specifier = url;
                rest = &rest[count..];
            }
            _ => return None,
        }
        rest = &rest[1..];
        skip(&mut rest);
        let all = |tokens: &[(Token, Range<usize>)]| match (tokens.first(), tokens.last()) {
            (Some((_, first)), Some((_, last))) => text[first.start..last.end].trim().to_owned(),
            _ => String::new(),
        };
        import.conditions = all(rest);
        if let Some((inside, after)) = function(text, rest, "layer") {
            import.layer = Some(all(inside));
            rest = after;
        } else if let Some((Token::Word, range)) = rest.first()
            && text[range.clone()].eq_ignore_ascii_case("layer")
        {
            import.layer = Some(String::new());
            rest = &rest[1..];
        }
        skip(&mut rest);
        if let Some((inside, after)) = function(text, rest, "supports") {
            let condition = all(inside);
            let is_condition = condition.starts_with('(')
                || condition
                    .get(..4)
                    .is_some_and(|start| start.eq_ignore_ascii_case("not "))
                || !condition.contains(':');
            import.supports = Some(match is_condition {
                true => condition,
                false => format!("({condition})"),
            });
            rest = after;
        }
        import.media = all(rest);
        Some(import)
    }

    /// What stands before and after the style sheet where it is put in the statement's place.
    pub(super) fn wrapping(&self) -> (String, String) {
        let mut open = String::new();
        let mut close = String::new();
        let mut wrap = |rule: String| {
            open.push_str(&rule);
            open.push_str(" {\n");
            close.push_str("}\n");
        };
        if !self.media.is_empty() {
            wrap(format!("@media {}", self.media));
        }
        if let Some(condition) = &self.supports {
            wrap(format!("@supports {condition}"));
        }
        match self.layer.as_deref() {
            None => {}
            Some("") => wrap("@layer".to_owned()),
            Some(name) => wrap(format!("@layer {name}")),
        }
        (open, close)
    }

    /// Whether it is a style sheet of the network, which stays a statement.
    pub(super) fn is_url(&self) -> bool {
        ["http:", "https:", "data:", "//"]
            .iter()
            .any(|scheme| self.specifier.starts_with(scheme))
    }
}

fn skip(tokens: &mut &[(Token, Range<usize>)]) {
    while let [(Token::Space | Token::Comment, _), rest @ ..] = tokens {
        *tokens = rest;
    }
}

type Tokens<'a> = &'a [(Token, Range<usize>)];

/// The tokens between the parentheses of the function that `tokens` begin with, and those after it.
fn function<'a>(text: &str, tokens: Tokens<'a>, name: &str) -> Option<(Tokens<'a>, Tokens<'a>)> {
    let [(Token::Word, range), (Token::Other(b'('), _), rest @ ..] = tokens else {
        return None;
    };
    if !text[range.clone()].eq_ignore_ascii_case(name) {
        return None;
    }
    let mut depth = 1_usize;
    let end = rest.iter().position(|(token, _)| {
        match token {
            Token::Other(b'(') => depth += 1,
            Token::Other(b')') => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    Some((&rest[..end], &rest[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::super::scan::tokens;
    use super::*;

    fn read(text: &str) -> Option<Import> {
        Import::read(text, &tokens(text, false))
    }

    #[test]
    fn conditions_are_told_apart() {
        let import = read("@import url( 'a.css' ) layer(base.x) supports(display: grid) screen and (width > 1px);")
            .unwrap();
        assert_eq!(import.specifier, "a.css");
        assert_eq!(import.layer.as_deref(), Some("base.x"));
        assert_eq!(import.supports.as_deref(), Some("(display: grid)"));
        assert_eq!(import.media, "screen and (width > 1px)");
        let (open, close) = import.wrapping();
        assert_eq!(
            open,
            "@media screen and (width > 1px) {\n@supports (display: grid) {\n@layer base.x {\n"
        );
        assert_eq!(close, "}\n}\n}\n");
        let import = read("@import/**/url(b.css)layer;").unwrap();
        assert_eq!(
            (import.specifier.as_str(), import.layer.as_deref()),
            ("b.css", Some(""))
        );
        let import = read("@IMPORT \"c.css\" supports(not (a: b))").unwrap();
        assert_eq!(import.supports.as_deref(), Some("not (a: b)"));
        assert_eq!(read("@import;"), None);
        assert_eq!(read("@import foo;"), None);
        assert!(read("@import '//x.org/a.css';").unwrap().is_url());
    }
}

//! A reader of CSS text (CSS Syntax 3) that knows comments, strings, words and brackets, and nothing else.

use std::ops::Range;

/// The deepest nesting of brackets that is accepted: the parser recurses, on threads of unknown stack.
const DEEPEST: usize = 100;

/// What a text consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A string, quotes included.
    Text,
    /// A name; `@name` and `--name` too.
    Word,
    /// `url(` with what it holds unquoted, and its `)`.
    Url,
    /// A comment.
    Comment,
    /// White space.
    Space,
    /// Any other character.
    Other(u8),
}

/// The tokens of `text` with their places. `scss`: `//` begins a comment.
pub(super) fn tokens(text: &str, scss: bool) -> Vec<(Token, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut all = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (token, end) = next(bytes, at, scss);
        all.push((token, at..end));
        at = end;
    }
    all
}

fn next(bytes: &[u8], at: usize, scss: bool) -> (Token, usize) {
    let until = |from: usize, ends: &dyn Fn(&[u8]) -> bool| {
        (from..bytes.len())
            .find(|&index| ends(&bytes[index..]))
            .unwrap_or(bytes.len())
    };
    match bytes[at] {
        b'/' if bytes[at..].starts_with(b"/*") => {
            let end = until(at + 2, &|rest| rest.starts_with(b"*/"));
            (Token::Comment, (end + 2).min(bytes.len()))
        }
        b'/' if scss && bytes[at..].starts_with(b"//") => {
            (Token::Comment, until(at, &|rest| rest[0] == b'\n'))
        }
        quote @ (b'"' | b'\'') => (Token::Text, string(bytes, at, quote)),
        byte if byte.is_ascii_whitespace() => (
            Token::Space,
            until(at, &|rest| !rest[0].is_ascii_whitespace()),
        ),
        byte if is_word(byte) || byte == b'@' || byte == b'\\' => {
            let mut end = at + 1 + usize::from(byte == b'\\');
            while end < bytes.len() && (is_word(bytes[end]) || bytes[end] == b'\\') {
                end += 1 + usize::from(bytes[end] == b'\\');
            }
            let end = end.min(bytes.len());
            match bytes[at..end].eq_ignore_ascii_case(b"url") && bytes.get(end) == Some(&b'(') {
                true => url(bytes, end + 1).map_or((Token::Word, end), |end| (Token::Url, end)),
                false => (Token::Word, end),
            }
        }
        other => (Token::Other(other), at + 1),
    }
}

fn string(bytes: &[u8], at: usize, quote: u8) -> usize {
    let mut end = at + 1;
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 1,
            b'\n' => return end,
            byte if byte == quote => return end + 1,
            _ => {}
        }
        end += 1;
    }
    bytes.len()
}

/// The end of an unquoted URL; `None` where it is quoted, and so a function like others.
fn url(bytes: &[u8], mut at: usize) -> Option<usize> {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    if matches!(bytes.get(at), Some(b'"' | b'\'')) {
        return None;
    }
    let mut end = at;
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 1,
            b')' => return Some(end + 1),
            _ => {}
        }
        end += 1;
    }
    Some(bytes.len())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || byte >= 0x80
}

/// A bracket, string or comment that is not closed, or a bracket too many or too deep: where, and what is wrong. A
/// browser would drop or swallow rules in silence.
pub(super) fn unbalanced(text: &str) -> Option<(usize, &'static str)> {
    let mut open: Vec<(u8, usize)> = Vec::new();
    for (token, range) in tokens(text, false) {
        let part = &text[range.clone()];
        match token {
            Token::Comment if part.len() < 4 || !part.ends_with("*/") => {
                return Some((range.start, "the comment is not closed"));
            }
            Token::Text if part.len() < 2 || !part.ends_with(&part[..1]) => {
                return Some((range.start, "the string is not closed"));
            }
            Token::Url if !part.ends_with(')') => {
                return Some((range.start, "the `url(` is not closed"));
            }
            Token::Other(bracket @ (b'{' | b'(' | b'[')) => {
                open.push((bracket, range.start));
                if open.len() > DEEPEST {
                    return Some((range.start, "the rules are nested too deeply"));
                }
            }
            Token::Other(bracket @ (b'}' | b')' | b']')) => {
                let wanted = match bracket {
                    b'}' => b'{',
                    b')' => b'(',
                    _ => b'[',
                };
                match open.pop() {
                    Some((given, _)) if given == wanted => {}
                    Some((b'{', at)) => return Some((at, "the `{` is not closed")),
                    Some((_, at)) => return Some((at, "the bracket is not closed")),
                    None => return Some((range.start, "nothing is open that this closes")),
                }
            }
            _ => {}
        }
    }
    open.first().map(|(bracket, at)| match bracket {
        b'{' => (*at, "the `{` is not closed"),
        _ => (*at, "the bracket is not closed"),
    })
}

/// What a string means, without quotes and escapes of single characters.
pub(super) fn unquoted(text: &str) -> String {
    let inside = text
        .strip_prefix(['"', '\''])
        .and_then(|rest| rest.strip_suffix(['"', '\'']))
        .unwrap_or(text);
    let mut letters = inside.chars();
    let mut plain = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next()),
            other => plain.push(other),
        }
    }
    plain
}

/// A string of CSS between double quotes, without them (CSSOM, "serialize a string").
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            control if control.is_control() => {
                out.push_str(&format!("\\{:x} ", u32::from(control)));
            }
            plain => out.push(plain),
        }
    }
    out
}

/// Line and column from 1 of a byte offset.
pub fn place(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before[start..].chars().count() + 1;
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    (number(line), number(column))
}

/// A URL that CSS names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The URL, without quotes.
    pub url: String,
    /// The whole of `url(…)`, or the string of an `@import`.
    pub range: Range<usize>,
    /// Whether it is written as `url(…)`.
    pub function: bool,
}

/// The URLs of a style sheet or of declarations: in `url(…)` and `@import "…"`.
pub fn mentions(text: &str) -> Vec<Mention> {
    let all = tokens(text, false);
    let mut found = Vec::new();
    let mut is_import = false;
    let mut index = 0;
    while let Some((token, range)) = all.get(index) {
        let part = &text[range.clone()];
        let mut end = index + 1;
        match token {
            Token::Word if part.eq_ignore_ascii_case("@import") => is_import = true,
            Token::Space | Token::Comment => {}
            Token::Text if is_import => {
                is_import = false;
                found.push(Mention {
                    url: unquoted(part),
                    range: range.clone(),
                    function: false,
                });
            }
            Token::Url => {
                is_import = false;
                let inside = part[4..].strip_suffix(')').unwrap_or(&part[4..]);
                found.push(Mention {
                    url: unquoted(inside.trim()),
                    range: range.clone(),
                    function: true,
                });
            }
            Token::Word if part.eq_ignore_ascii_case("url") => {
                is_import = false;
                if let Some((url, length)) = quoted(text, &all[index + 1..]) {
                    end = index + 1 + length;
                    found.push(Mention {
                        url,
                        range: range.start..all[end - 1].1.end,
                        function: true,
                    });
                }
            }
            _ => is_import = false,
        }
        index = end;
    }
    found
}

/// The string in `("x")`, and how many tokens that is.
pub(super) fn quoted(text: &str, tokens: &[(Token, Range<usize>)]) -> Option<(String, usize)> {
    let mut shown = tokens
        .iter()
        .enumerate()
        .filter(|(_, (token, _))| *token != Token::Space);
    let (_, (Token::Other(b'('), _)) = shown.next()? else {
        return None;
    };
    let (_, (Token::Text, range)) = shown.next()? else {
        return None;
    };
    match shown.next()? {
        (index, (Token::Other(b')'), _)) => Some((unquoted(&text[range.clone()]), index + 1)),
        _ => None,
    }
}

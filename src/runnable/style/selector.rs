//! A selector whose class names and ids are made a file's own, but for those that are `:global`.

use std::collections::BTreeSet;
use std::ops::Range;

use super::scan::{Token, unquoted};

/// Whether names are the file's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Local,
    Global,
}

/// A list of selectors, read and written.
pub(super) struct Selector<'a> {
    text: &'a str,
    hash: &'a str,
    outer: Mode,
    pub out: String,
    pub names: BTreeSet<String>,
    /// The classes that are a selector alone: what `composes` is for.
    pub alone: Vec<String>,
    /// What rules inside begin with.
    pub inner: Mode,
    /// Whether it begins with `:global` or `:local` without parentheses.
    is_switched: bool,
}

type Tokens<'a> = &'a [(Token, Range<usize>)];

/// What an opening parenthesis was.
enum Open {
    /// One that is written, and the mode to go back to.
    Written(Mode),
    /// That of `:global(`, which is not.
    Dropped(Mode),
}

impl<'a> Selector<'a> {
    /// One in a block of this mode.
    pub(super) fn new(text: &'a str, hash: &'a str, outer: Mode) -> Self {
        Self {
            text,
            hash,
            outer,
            out: String::new(),
            names: BTreeSet::new(),
            alone: Vec::new(),
            inner: outer,
            is_switched: false,
        }
    }

    /// Whether it was `:global` or `:local` and nothing else.
    pub(super) fn is_bare(&self) -> bool {
        self.is_switched && self.out.trim().is_empty()
    }

    /// Reads the tokens before a `{`.
    pub(super) fn read(&mut self, tokens: Tokens) {
        let mut mode = self.outer;
        let mut open = Vec::new();
        let mut at = 0;
        // The one selector of the list that is being read: its tokens that count, and its first class.
        let (mut count, mut class) = (0, None);
        while let Some((token, range)) = tokens.get(at) {
            let part = &self.text[range.clone()];
            match (token, tokens.get(at + 1)) {
                (Token::Other(b':'), Some((Token::Word, next)))
                    if is_switch(&self.text[next.clone()]) =>
                {
                    let wanted = switched(&self.text[next.clone()]);
                    at += 2;
                    if tokens
                        .get(at)
                        .is_some_and(|(token, _)| *token == Token::Other(b'('))
                    {
                        open.push(Open::Dropped(std::mem::replace(&mut mode, wanted)));
                        at += 1 + spaces(&tokens[at + 1..]);
                    } else {
                        if count == 0 {
                            self.inner = wanted;
                            self.is_switched = true;
                        }
                        mode = wanted;
                        at += spaces(&tokens[at..]);
                    }
                    continue;
                }
                (Token::Other(sign @ (b'.' | b'#')), Some((Token::Word, _))) => {
                    let (length, raw) = identifier(self.text, &tokens[at + 1..]);
                    self.out.push(char::from(*sign));
                    match mode {
                        Mode::Global => self.out.push_str(&raw),
                        Mode::Local => {
                            let local = plain(&raw);
                            self.out.push_str(&super::scope::name(&raw, self.hash));
                            if *sign == b'.' {
                                class = Some(local.clone());
                            }
                            self.names.insert(local);
                        }
                    }
                    count += 1;
                    at += 1 + length;
                    continue;
                }
                (Token::Other(b'['), _) => {
                    let end = tokens[at..]
                        .iter()
                        .position(|(token, _)| *token == Token::Other(b']'));
                    let end = at + end.unwrap_or(tokens.len() - at - 1);
                    self.out
                        .push_str(&self.text[range.start..tokens[end].1.end]);
                    count += 1;
                    at = end + 1;
                    continue;
                }
                (Token::Other(b'('), _) => open.push(Open::Written(mode)),
                (Token::Other(b')'), _) => match open.pop() {
                    Some(Open::Written(before)) => mode = before,
                    Some(Open::Dropped(before)) => {
                        mode = before;
                        self.out.truncate(self.out.trim_end().len());
                        at += 1;
                        continue;
                    }
                    None => {}
                },
                (Token::Other(b','), _) if !open.is_empty() => {
                    if let Some(Open::Written(before)) = open.last() {
                        mode = *before;
                    }
                }
                (Token::Other(b','), _) => {
                    self.alone.extend(class.take().filter(|_| count == 1));
                    count = 0;
                    mode = self.outer;
                    self.out.push_str(part);
                    at += 1;
                    continue;
                }
                _ => {}
            }
            count += usize::from(!matches!(token, Token::Space | Token::Comment));
            self.out.push_str(part);
            at += 1;
        }
        self.alone.extend(class.filter(|_| count == 1));
    }
}

fn is_switch(word: &str) -> bool {
    matches!(word, "global" | "local")
}

fn switched(word: &str) -> Mode {
    match word {
        "global" => Mode::Global,
        _ => Mode::Local,
    }
}

fn spaces(tokens: Tokens) -> usize {
    tokens
        .iter()
        .take_while(|(token, _)| *token == Token::Space)
        .count()
}

/// An identifier as it is written, and how many tokens it is: the space after an escape by number is a part of it (CSS
/// Syntax 3, 4.3.7).
fn identifier(text: &str, tokens: Tokens) -> (usize, String) {
    let mut raw = String::new();
    let mut at = 0;
    while let Some((Token::Word, range)) = tokens.get(at) {
        raw.push_str(&text[range.clone()]);
        at += 1;
        let digits = raw
            .rsplit('\\')
            .next()
            .filter(|_| raw.contains('\\'))
            .unwrap_or_default();
        let is_open =
            (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        match tokens.get(at) {
            Some((Token::Space, space)) if is_open && space.len() == 1 => {
                raw.push(' ');
                at += 1;
            }
            _ => break,
        }
    }
    (at, raw)
}

/// What an identifier means, its escapes read.
fn plain(raw: &str) -> String {
    let Some((start, rest)) = raw.split_once('\\') else {
        return raw.to_owned();
    };
    let digits = rest
        .bytes()
        .take(6)
        .take_while(u8::is_ascii_hexdigit)
        .count();
    if digits == 0 {
        let mut letters = rest.chars();
        let letter: String = letters.next().into_iter().collect();
        return format!("{}{}{}", unquoted(start), letter, plain(letters.as_str()));
    }
    let number = u32::from_str_radix(&rest[..digits], 16).unwrap_or(0);
    let letter = char::from_u32(number)
        .filter(|letter| *letter != '\0')
        .unwrap_or('\u{fffd}');
    let after = &rest[digits..];
    format!(
        "{start}{letter}{}",
        plain(after.strip_prefix(' ').unwrap_or(after))
    )
}

#[cfg(test)]
mod tests {
    use super::super::scan::tokens;
    use super::*;

    fn read(text: &str) -> (String, Vec<String>, Vec<String>) {
        let mut selector = Selector::new(text, "h", Mode::Local);
        selector.read(&tokens(text, false));
        (
            selector.out,
            selector.names.into_iter().collect(),
            selector.alone,
        )
    }

    #[test]
    fn names_are_local_unless_they_are_global() {
        let out = |text: &str| read(text).0;
        assert_eq!(out(".a > #b.c:hover"), "._a_h > #_b_h._c_h:hover");
        assert_eq!(out(":global(.a .b) .c"), ".a .b ._c_h");
        assert_eq!(out(":global .a .b, .c"), ".a .b, ._c_h");
        assert_eq!(out(".a :global .b :local .c"), "._a_h .b ._c_h");
        assert_eq!(
            out(".a:global(.on):not(:global( .x ), .y)"),
            "._a_h.on:not(.x, ._y_h)"
        );
        assert_eq!(
            out("a[class='.b'] + .c::before"),
            "a[class='.b'] + ._c_h::before"
        );
        assert_eq!(out(".md\\:flex"), "._md\\:flex_h");
        assert_eq!(out(".\\32 xl"), "._\\32 xl_h");
        assert_eq!(out(":is(.a, :global .b) .c"), ":is(._a_h, .b) ._c_h");
    }

    #[test]
    fn names_are_known_as_they_are_meant() {
        let (_, names, alone) = read(".md\\:flex, .a.b, .c , :global(.d)");
        assert_eq!(names, ["a", "b", "c", "md:flex"]);
        assert_eq!(alone, ["md:flex", "c"]);
        assert_eq!(read(".\\32 xl").1, ["2xl"]);
    }
}

//! Which place an engine tells of when something throws, where that is no node's beginning or end.
//!
//! V8 tells of a call at its `(`, unless a name stands right before it, then of the name; of a read at the name, but at the `.`
//! once the chain has a call or a `?.` before it; of a write at the `=`; of `in` and `instanceof` at that word. Trees have no
//! places for these, so they are looked for in the source.

use swc_core::common::BytePos;

/// How much of a chain of names is looked at.
const MOST: usize = 80;

/// Whether what a piece of punctuation does may throw, and is told of where that stands. `before`: the code before it.
pub(super) fn tells_of(before: &str, piece: &str) -> bool {
    let last = before.as_bytes().last();
    match piece {
        "(" | "()" => matches!(last, Some(b')' | b']' | b'}' | b'`')),
        "." => is_after_call(before),
        _ => false,
    }
}

/// The same of an operator between two operands.
pub(super) fn tells_of_operator(operator: &str) -> bool {
    let is_comparison = matches!(operator, "==" | "!=" | "===" | "!==" | "<=" | ">=");
    matches!(operator, "in" | "instanceof") || operator.ends_with('=') && !is_comparison
}

/// Whether a chain of reads that ends here has a call or a `?.` in it.
fn is_after_call(before: &str) -> bool {
    for (at, byte) in before.bytes().enumerate().rev().take(MOST) {
        match byte {
            b')' | b']' | b'`' => return true,
            b'.' if before[..at].ends_with('?') => return true,
            b'.' | b'_' | b'$' | b'#' => {}
            byte if byte.is_ascii_alphanumeric() || !byte.is_ascii() => {}
            _ => return false,
        }
    }
    false
}

/// The text that is printed anew.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) start: BytePos,
}

impl Source<'_> {
    /// Where a piece stands that follows what is at `last`, of which this was printed; `None`: something else follows.
    pub(super) fn next(self, last: BytePos, printed: &str, piece: &str) -> Option<BytePos> {
        let last = last.0.checked_sub(self.start.0)? as usize;
        let mut at = last + after(self.text.get(last..)?, printed).unwrap_or(0);
        at += gap(&self.text[at..]);
        let rest = &self.text[at..];
        // An assertion of TypeScript, which is gone.
        if rest.starts_with('!') && !rest.starts_with("!=") {
            at += 1;
            at += gap(&self.text[at..]);
        }
        // Brackets with nothing in between are printed as one.
        let piece = if piece == "()" { "(" } else { piece };
        let is_here = self.text[at..].starts_with(piece);
        is_here.then(|| Some(self.start + BytePos(u32::try_from(at).ok()?)))?
    }
}

/// How much of a source was printed: as far as it is the same but for white space, comments, and what need not be there.
fn after(source: &str, printed: &str) -> Option<usize> {
    let mut at = 0;
    for letter in printed.chars().filter(|letter| !letter.is_whitespace()) {
        loop {
            at += gap(&source[at..]);
            let next = source[at..].chars().next()?;
            at += next.len_utf8();
            match next {
                _ if next == letter || is_quote(next) && is_quote(letter) => break,
                ',' | ')' | '!' => {}
                _ => return None,
            }
        }
    }
    Some(at)
}

fn is_quote(letter: char) -> bool {
    matches!(letter, '"' | '\'')
}

/// How long the white space and comments are that a text begins with.
fn gap(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let comment = match rest.as_bytes() {
            [b'/', b'/', ..] => rest.find('\n'),
            [b'/', b'*', ..] => rest.find("*/").map(|end| end + 2),
            _ => None,
        };
        match comment {
            Some(end) => rest = &rest[end..],
            None => return text.len() - rest.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_found_behind_space_comments_and_assertions() {
        let next = |text: &str, last: u32, printed: &str, piece: &str| {
            let start = BytePos(5);
            let found = Source { text, start }.next(start + BytePos(last), printed, piece);
            found.map(|place| place.0 - 5)
        };
        assert_eq!(next("a.b // c\n /* . */ .c", 2, "b", "."), Some(18));
        assert_eq!(next("a!.b", 0, "a", "."), Some(2));
        assert_eq!(next("x = 1", 0, "x ", "="), Some(2));
        assert_eq!(next("'a' in b", 0, "\"a\"", "in"), Some(4));
        assert_eq!(next("x != 1", 0, "x ", "="), None);
        assert_eq!(next("f(1)(2)", 3, ")", "("), Some(4));
        assert_eq!(next("(f)(\n 1, //\n )()", 2, "(1)", "()"), Some(14));
        assert_eq!(next("f(1)", 1, ") + 2", "("), Some(1));
        for (text, last) in [("f", 1), ("f", 9), ("/* ", 0), ("ä", 1)] {
            assert_eq!(next(text, last, "", "("), None, "{text}");
        }
    }

    #[test]
    fn a_read_after_a_call_is_told_of_at_its_dot() {
        for (before, expected) in [
            ("a.b", false),
            ("a().b", true),
            ("a?.b", true),
            ("(x) ? a", false),
            ("a[0]", true),
            ("", false),
        ] {
            assert_eq!(tells_of(before, "."), expected, "{before}");
        }
        assert!(tells_of("f(1)", "(") && !tells_of("if ", "(") && !tells_of("f", "("));
        assert!(tells_of_operator("=") && tells_of_operator("??=") && tells_of_operator("in"));
        assert!(!tells_of_operator("===") && !tells_of_operator("<="));
    }
}

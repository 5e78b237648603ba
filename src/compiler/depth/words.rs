//! The words that nest without a bracket, and where statements begin and end, as far as a look at what is beside shows.

use super::{CHAIN, CLASSES};

/// The words that take an operand or a statement, and so nest without a bracket, and how many links of a chain each is.
pub(super) const OPERATORS: [(&[u8], usize); 7] = [
    (b"typeof", 4),
    (b"await", 4),
    (b"void", 4),
    (b"yield", 4),
    (b"new", 4),
    (b"delete", 4),
    (b"do", 2),
];

/// The words whose parentheses a statement follows.
const HEADS: [&[u8]; 5] = [b"if", b"for", b"while", b"with", b"await"];

/// Whether what follows `extends` is a class that stands there.
pub(super) fn extends_class(rest: &[u8]) -> bool {
    rest.trim_ascii_start().starts_with(b"class")
}

/// Whether a line may begin a statement, or a member, an element.
pub(super) fn begins_statement(rest: &[u8]) -> bool {
    let first = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t'));
    first.is_some_and(|at| {
        let begins = begins_name(rest[at]) || matches!(rest[at], b'#' | b'\'' | b'"' | b'<');
        begins && !rest[at..].starts_with(b"extends")
    })
}

/// Whether a name may begin so.
pub(super) fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

/// Whether a colon after this may be that of a label: a name stands before it, and no `case`.
pub(super) fn is_label(before: &[u8]) -> bool {
    let continues = |byte: &u8| begins_name(*byte) || byte.is_ascii_digit();
    let before = before.trim_ascii_end();
    let length = before
        .iter()
        .rev()
        .take_while(|byte| continues(byte))
        .count();
    let (rest, name) = before.split_at(before.len() - length);
    name.first().is_some_and(|first| begins_name(*first))
        && !rest.trim_ascii_end().ends_with(b"case")
}

/// Whether a line is no end of a statement for a name that follows: an operator stands at its end, or a head, which ends at `head`.
pub(super) fn goes_on(line: &[u8], head: usize) -> bool {
    match line {
        _ if line.len() == head => true,
        // What follows it is another statement, most often.
        [.., b'+', b'+'] | [.., b'-', b'-'] | [.., b'*', b'/'] => false,
        [.., b'=', b'>'] => true,
        // Text ends so, and names that are not null.
        [.., before, b'!' | b'?'] => !begins_name(*before) && !before.is_ascii_digit(),
        [.., last] => matches!(
            last,
            b'=' | b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'~' | b':'
        ),
        [] => false,
    }
}

/// Whether a parenthesis after this opens what a statement follows.
pub(super) fn is_head(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let may_be = matches!(before.last(), Some(b'f' | b'r' | b'e' | b'h' | b't'));
    let word = HEADS
        .iter()
        .find(|word| may_be && ends_with_word(before, word));
    // That of `do { … } while (…)` ends a statement.
    word.is_some_and(|word| {
        !before[..before.len() - word.len()]
            .trim_ascii_end()
            .ends_with(b"}")
            || *word != b"while"
    })
}

/// How many links a word before `end` is that takes an operand or a statement, and so nests without a bracket; 0: none is there.
pub(super) fn operator(bytes: &[u8], end: usize) -> usize {
    let before = &bytes[..end];
    let may_end = matches!(
        before.last(),
        Some(b'f' | b't' | b'd' | b'w' | b'e' | b's' | b'o')
    );
    if !may_end {
        return 0;
    }
    if ends_with_word(before, b"extends") {
        return if extends_class(&bytes[end..]) {
            CHAIN / CLASSES
        } else {
            0
        };
    }
    let mut operators = OPERATORS.iter();
    let found = operators.find(|(word, _)| ends_with_word(before, word));
    found.map_or(0, |(_, links)| *links)
}

fn ends_with_word(text: &[u8], word: &[u8]) -> bool {
    let continues = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    text.strip_suffix(word)
        .is_some_and(|before| !before.last().is_some_and(continues))
}

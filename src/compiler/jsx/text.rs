//! The text between tags, as it is shown.

use swc_core::atoms::Wtf8Atom;
use swc_core::atoms::wtf8::Wtf8Buf;
use swc_core::ecma::ast::JSXText;
use swc_core::ecma::parser::jsx::decode_jsx_entity;

/// A text without what only lays out the source; `None` where nothing is left: white space at the ends of lines goes, but not
/// at the text's own, and so do lines that are empty then; one space stands between the others. A character reference is never
/// white space (TypeScript's rule, and Babel's).
pub(super) fn shown(text: &JSXText) -> Option<Wtf8Atom> {
    let raw: &str = &text.raw;
    if !raw.contains(is_line_end) {
        return (!text.value.is_empty()).then(|| text.value.clone());
    }
    let mut shown = Wtf8Buf::with_capacity(raw.len());
    let mut lines = raw.split(is_line_end).peekable();
    let mut is_first = true;
    while let Some(line) = lines.next() {
        let line = match is_first {
            true => line,
            false => line.trim_start_matches(is_space),
        };
        let line = match lines.peek() {
            Some(_) => line.trim_end_matches(is_space),
            None => line,
        };
        is_first = false;
        if line.is_empty() {
            continue;
        }
        if !shown.is_empty() {
            shown.push_str(" ");
        }
        decode(line, &mut shown);
    }
    (!shown.is_empty()).then(|| shown.into())
}

fn decode(line: &str, decoded: &mut Wtf8Buf) {
    let mut rest = line;
    while let Some(at) = rest.find('&') {
        let (before, reference) = rest.split_at(at);
        decoded.push_str(before);
        rest = match decode_jsx_entity(reference) {
            Some((letter, length)) => {
                decoded.push(letter);
                &reference[length..]
            }
            None => {
                decoded.push_str("&");
                &reference[1..]
            }
        };
    }
    decoded.push_str(rest);
}

/// What ends a line (ECMA-262, 12.3).
fn is_line_end(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t')
}

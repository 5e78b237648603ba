//! What the parser says, as the user reads it.

use swc_core::common::{Span, Spanned};
use swc_core::ecma::parser::error::Error;

use super::Language;
use super::parse::File;
use crate::base::{Diagnostic, Location, code_frame};

/// How many syntax errors of one file are told.
const MOST: usize = 10;

/// Line and column from 1, the column in characters, of a byte offset.
pub(super) fn place(text: &str, offset: usize) -> (u32, u32) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let column = before[start..].chars().count() + 1;
    (
        u32::try_from(line).unwrap_or(u32::MAX),
        u32::try_from(column).unwrap_or(u32::MAX),
    )
}

/// A diagnostic at a range of bytes of a text.
pub fn at(
    diagnostic: Diagnostic,
    shown: &str,
    text: &str,
    range: std::ops::Range<usize>,
) -> Diagnostic {
    let (line, column) = place(text, range.start);
    let width = text
        .get(range)
        .and_then(|part| part.lines().next())
        .map_or(1, |part| part.chars().count());
    let width = u32::try_from(width).unwrap_or(u32::MAX).max(1);
    diagnostic
        .at(Location {
            file: shown.to_owned(),
            line,
            column,
        })
        .frame(code_frame(text, line, column, width))
}

/// The bytes of the text that `span` covers.
pub(super) fn range(file: &File, span: Span) -> std::ops::Range<usize> {
    let base = file.source.start_pos.0;
    let end = file.text().len();
    let low = (span.lo.0.saturating_sub(base) as usize).min(end);
    let high = (span.hi.0.saturating_sub(base) as usize).min(end);
    low..high.max(low)
}

/// A diagnostic at a span of a file.
pub(super) fn at_span(diagnostic: Diagnostic, file: &File, span: Span) -> Diagnostic {
    at(diagnostic, &file.shown, file.text(), range(file, span))
}

/// Early errors (ECMA-262, 5.2.4) that were found in a file, if any: at most [`MOST`] are told.
pub(super) fn early<M: Into<String>>(
    found: Vec<(Span, M)>,
    file: &File,
) -> Result<(), Vec<Diagnostic>> {
    if found.is_empty() {
        return Ok(());
    }
    let told = found.into_iter().take(MOST);
    Err(told
        .map(|(span, message)| at_span(Diagnostic::new("syntax", message), file, span))
        .collect())
}

/// A diagnostic about a file as a whole.
pub(super) fn at_file(diagnostic: Diagnostic, file: &File) -> Diagnostic {
    diagnostic.at(Location {
        file: file.shown.clone(),
        line: 0,
        column: 0,
    })
}

/// Bytes that are not UTF-8.
pub(super) fn encoding(source: &[u8], valid: usize, shown: &str) -> Diagnostic {
    let text = String::from_utf8_lossy(source);
    let diagnostic = Diagnostic::new("encoding", "the file is not valid UTF-8");
    at(diagnostic, shown, &text, valid..valid).hint("save the file as UTF-8")
}

/// The parser's errors, in the order of the text.
pub(super) fn syntax(file: &File, language: Language, mut errors: Vec<Error>) -> Vec<Diagnostic> {
    errors.sort_by_key(|error| error.span().lo);
    errors.dedup_by_key(|error| error.span().lo);
    let text = file.text();
    if let Some(at) = merge_conflict(text) {
        let diagnostic = Diagnostic::new("syntax", "the file holds merge conflict markers");
        let diagnostic = self::at(diagnostic, &file.shown, text, at..at + 7);
        return vec![diagnostic.hint("resolve the conflict, then remove the markers")];
    }
    let told = errors.into_iter().take(MOST).enumerate();
    told.map(|(index, error)| {
        let mut range = range(file, error.span());
        // Past the end there is no line to show.
        let end = text.trim_end().len();
        if range.start > end {
            range = end..end;
        }
        let diagnostic = Diagnostic::new("syntax", polished(&error.kind().msg()));
        let diagnostic = self::at(diagnostic, &file.shown, text, range.clone());
        match hint(text, language, range.start) {
            // The first error's cause is that of those that follow from it.
            Some(hint) if index == 0 => diagnostic.hint(hint),
            _ => diagnostic,
        }
    })
    .collect()
}

/// Lower case, no final period; names and operators keep their case.
pub(super) fn polished(message: &str) -> String {
    let message = message
        .trim_end()
        .trim_end_matches('.')
        .replace("Unexpected token `<eof>`", "Unexpected end of the file")
        .replace(". Expected ", ", expected ");
    let mut letters = message.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => message,
    }
}

/// Where a conflict begins that version control left in the file.
fn merge_conflict(text: &str) -> Option<usize> {
    let start = match text.starts_with("<<<<<<< ") {
        true => 0,
        false => text.find("\n<<<<<<< ")? + 1,
    };
    let rest = &text[start..];
    (rest.contains("\n=======") && rest.contains("\n>>>>>>> ")).then_some(start)
}

fn hint(text: &str, language: Language, offset: usize) -> Option<&'static str> {
    let has_tags = text.contains("</") || text.contains("/>");
    if text.contains("@flow") {
        return Some("this looks like Flow, which hookfs does not compile; use TypeScript");
    }
    if has_tags && language.is_typescript() && !language.has_jsx() {
        return Some("JSX is only read in `.tsx` files: rename the file to `.tsx`");
    }
    if has_tags && !language.is_typescript() && !language.has_jsx() {
        return Some("JSX is only read in `.jsx`, `.js` and `.tsx` files: rename the file");
    }
    if has_tags && text[offset..].trim().is_empty() {
        return Some("a JSX element or a bracket before this is not closed");
    }
    if !language.is_typescript() && text[offset..].trim_start().starts_with([':', '<']) {
        return Some("types are only read in `.ts` and `.tsx` files");
    }
    None
}

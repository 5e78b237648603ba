//! The words of a text that may be classes.

use std::collections::BTreeSet;

use crate::base::{Part, SourcePath};
use crate::compute::{Context, Failure, Output};

/// The longest word that is looked at.
const LONGEST: usize = 400;

/// A file with more bytes is data.
const MOST: usize = 8 << 20;

/// Runs the computation of a file's words.
pub(super) fn run(context: &dyn Context, path: &SourcePath) -> Result<Output, Failure> {
    let bytes = context.content(path)?;
    let text = match bytes.len() <= MOST && !bytes.contains(&0) {
        true => String::from_utf8_lossy(&bytes),
        false => "".into(),
    };
    let words: Vec<&str> = of(&text).into_iter().collect();
    Ok(Output {
        parts: vec![(Part::MAIN, words.join("\n").into())],
        links: Vec::new(),
    })
}

/// The words, each once. A class may hold any quotes but those around it; or it is a name in code (`{ flex: true }`,
/// `class:flex={…}`).
fn of(text: &str) -> BTreeSet<&str> {
    let mut words = BTreeSet::new();
    for line in text.split(|letter: char| letter.is_whitespace() || letter == '`') {
        for quote in ['"', '\''] {
            words.extend(line.split(quote).filter(|word| is_likely(word)));
        }
        let in_code = line.split(['"', '\'', '{', '}', '(', ')', ',', '<', '>', '=', ';']);
        for word in in_code {
            // `pt-4${more}`: the rest begins another word.
            let word = word.trim_end_matches([':', '$']);
            words.extend(Some(word).filter(|word| is_likely(word)));
            // `class:flex`, `.flex.p-4`
            let pieces = word.split('.').chain(word.strip_prefix("class:"));
            words.extend(pieces.filter(|word| is_likely(word)));
        }
    }
    words
}

/// Whether Tailwind may know such a class: what stands in brackets may be anything.
fn is_likely(word: &str) -> bool {
    let first = word.as_bytes().first();
    let begins = first.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"@-!*[".contains(byte));
    if !begins || word.len() > LONGEST || word.ends_with(['-', ':', '/']) {
        return false;
    }
    let (mut depth, mut quote) = (0_usize, None);
    for byte in word.bytes() {
        match (byte, quote) {
            (byte, Some(open)) => quote = Some(open).filter(|open| *open != byte),
            (b'[' | b'(', None) => depth += 1,
            (b']' | b')', None) => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            (b'"' | b'\'', None) if depth > 0 => quote = Some(byte),
            _ if depth > 0 || byte.is_ascii_alphanumeric() => {}
            _ if b"@-!*:/._%+>&~".contains(&byte) => {}
            _ => return false,
        }
    }
    depth == 0 && quote.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_found_however_they_are_written() {
        let text = "<a className=\"p-4 md:hover:bg-red-500/50 before:content-['a'] -mt-2\" class='w-[calc(100%-1rem)] @md:flex'>\n\
            cn({ flex: true, 'text-lg': b }, `gap-${n} grid`, [\"[&_p]:mt-4\"]) .card.p-7 class:underline={x} 2xl:block *:p-1 !m-0 `pt-9${a ? ' b' : ''}`";
        let words = of(text);
        for class in [
            "p-4",
            "md:hover:bg-red-500/50",
            "before:content-['a']",
            "-mt-2",
            "w-[calc(100%-1rem)]",
            "@md:flex",
            "flex",
            "text-lg",
            "grid",
            "[&_p]:mt-4",
            "p-7",
            "underline",
            "2xl:block",
            "*:p-1",
            "!m-0",
            "pt-9",
        ] {
            assert!(words.contains(class), "{class}: {words:?}");
        }
        assert!(!words.contains("w-[calc(100%-1rem)]'"), "{words:?}");
        assert!(
            !words
                .iter()
                .any(|word| word.contains(['$', '`', ' ']) || word.is_empty()),
            "{words:?}"
        );
    }
}

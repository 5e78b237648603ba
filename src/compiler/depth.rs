//! Refuses what is nested too deeply, before the parser recurses into it.
//!
//! The parser and every pass recurse once or more for each level of the tree, and a stack that overflows takes the
//! process with it. So the text is scanned first: brackets, templates, JSX elements, and the chains that nest without
//! a bracket (`!!!!x`, `a ? b : c ? …`, `x => y => …`, `else if`, `a + b + …`, `a.b().c()`).

use super::faults;
use crate::base::Diagnostic;

/// Levels of brackets. Each costs the parser some ten frames.
const NESTING: usize = 1_500;
/// Links of one chain, brackets not counted. Each costs a pass two or three frames.
const CHAIN: usize = 25_000;

/// # Errors
/// `too-deep`, at the place where the limit is passed.
pub(super) fn check(text: &str, shown: &str) -> Result<(), Diagnostic> {
    let mut depth = 0_usize;
    // Links since the last end of a statement, for each open bracket, most of them zero.
    let mut chains: Vec<usize> = vec![0];
    let bytes = text.as_bytes();
    let mut elements = 0_usize;
    for (offset, &byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                let within = chains.last().copied().unwrap_or_default();
                chains.push(within / 2);
            }
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if chains.len() > 1 {
                    chains.pop();
                }
            }
            b'<' if bytes.get(offset + 1) == Some(&b'/') => elements = elements.saturating_sub(1),
            b'<' if bytes
                .get(offset + 1)
                .is_some_and(|next| next.is_ascii_alphabetic() || *next == b'>') =>
            {
                elements += 1;
            }
            b'/' if bytes.get(offset + 1) == Some(&b'>') => elements = elements.saturating_sub(1),
            b';' => {
                if let Some(chain) = chains.last_mut() {
                    *chain = 0;
                }
                // Type arguments open no element; none lasts beyond a statement outside of brackets.
                if depth == 0 {
                    elements = 0;
                }
            }
            b'!' | b'~' | b'-' | b'+' | b'?' | b'.' | b'=' | b'*' | b'%' | b'&' | b'|' | b'^'
            | b'@' | b'`' | b' ' | b'\n' | b',' => {
                // Blanks count for the words that chain: `else if`, `typeof`, `await`, `new`.
                let chain = chains.last_mut();
                if byte != b','
                    && let Some(chain) = chain
                {
                    *chain += usize::from(!matches!(byte, b' ' | b'\n' | b'.'));
                } else if let Some(chain) = chains.last_mut() {
                    *chain = 0;
                }
            }
            _ => {}
        }
        let chain = chains.last().copied().unwrap_or_default();
        if depth > NESTING || chain > CHAIN || elements > NESTING * 4 {
            let diagnostic =
                Diagnostic::new("too-deep", "the code is nested too deeply to compile");
            return Err(faults::at(diagnostic, shown, text, offset..offset + 1));
        }
    }
    Ok(())
}

//! Refuses what is nested too deeply, before the parser recurses into it.
//!
//! The parser and every pass recurse once or more for each level of the tree, and a stack that overflows takes the
//! process with it. So the text is scanned first: brackets, templates, JSX elements, and the chains that nest without
//! a bracket (`!!!!x`, `a ? b : c ? …`, `x => y => …`, `else if`, `a + b + …`, `a.b().c()`).

mod literals;

use literals::Code;

use super::faults;
use crate::base::Diagnostic;

/// Levels of brackets. Each costs the parser some ten frames.
const NESTING: usize = 1_500;
/// Links of one chain, brackets not counted. Each costs a pass two or three frames.
const CHAIN: usize = 25_000;

/// `else`s of one bracket, braces between them taking one off.
const ELSES: usize = 5_000;

/// The words that take an operand, and so nest without a bracket, and how many links of a chain each is.
const OPERATORS: [&[u8]; 6] = [b"typeof", b"await", b"void", b"yield", b"new", b"delete"];
const OPERATOR: usize = 4;

/// The bytes that something but a word may begin or end with; most of a text are none.
const SIGNS: [bool; 256] = table([false; 256], b"([{)]}</;,\n?.!~-+=*%&|^@`'\"");

/// The same, and those that a word which counts may begin or end with.
const COUNTS: [bool; 256] = table(SIGNS, b" e");

const fn table(mut counts: [bool; 256], bytes: &[u8]) -> [bool; 256] {
    let mut at = 0;
    while at < bytes.len() {
        counts[bytes[at] as usize] = true;
        at += 1;
    }
    counts
}

/// # Errors
/// `too-deep`, at the place where the limit is passed.
pub(super) fn check(text: &str, shown: &str) -> Result<(), Vec<Diagnostic>> {
    if is_shallow(text.as_bytes()) || is_shallow_in_signs(text) || scan(text, None, None).is_ok() {
        return Ok(());
    }
    // Nearly no text is so deep; this one may only speak of brackets (a binary file as a string).
    scan(text, Some(Code::default()), None).map_err(|offset| {
        let diagnostic = Diagnostic::new("too-deep", "the code is nested too deeply to compile");
        vec![faults::at(diagnostic, shown, text, offset..offset + 1)]
    })
}

/// Whether a text is not nested too deeply were all its words that nest in one chain, as is so of large files too: then only
/// signs are looked at, which are a third of all that counts.
fn is_shallow_in_signs(text: &str) -> bool {
    let count = |word: &[u8]| memchr::memmem::find_iter(text.as_bytes(), word).count();
    let operators: usize = OPERATORS.into_iter().map(count).sum();
    let links = operators * OPERATOR;
    count(b"else") <= ELSES && links <= CHAIN / 2 && scan(text, None, Some(links)).is_ok()
}

/// Goes over a text, or over its code alone; where it is nested too deeply, gives that place. `words`: the links that words
/// make are so many in all, and words are not looked at.
fn scan(text: &str, mut code: Option<Code>, words: Option<usize>) -> Result<(), usize> {
    let counts = if words.is_some() { &SIGNS } else { &COUNTS };
    let longest = CHAIN - words.unwrap_or_default();
    let mut depth = 0_usize;
    // Links since the last end of a statement, for each open bracket, most of them zero.
    let mut chains: Vec<usize> = vec![0];
    let bytes = text.as_bytes();
    let mut elements = 0_usize;
    let mut elses = 0_usize;
    let mut next = 0;
    while let Some(&byte) = bytes.get(next) {
        let offset = next;
        next += 1;
        if !counts[usize::from(byte)] {
            continue;
        }
        let skipped = code.as_mut().and_then(|code| code.skip(bytes, offset));
        let templates = code.as_ref().map_or(0, Code::templates);
        if let Some(end) = skipped {
            if templates > NESTING {
                return Err(offset);
            }
            next = end;
            continue;
        }
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                let within = chains.last().copied().unwrap_or_default();
                chains.push(within / 2);
            }
            b')' | b']' | b'}' => {
                if byte == b'}' {
                    elses = elses.saturating_sub(1);
                }
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
            b',' => reset(&mut chains),
            // A line that begins with a name begins a statement, where no operator stands before it.
            b'\n' if begins_with_name(&bytes[offset + 1..]) => reset(&mut chains),
            b'?' => lengthen(&mut chains, 8),
            b'.' => lengthen(&mut chains, 2),
            b'!' | b'~' | b'-' | b'+' | b'=' | b'*' | b'%' | b'&' | b'|' | b'^' | b'@' | b'`' => {
                lengthen(&mut chains, 1);
            }
            b' ' => match ends_with_operator(&bytes[..offset]) {
                true => lengthen(&mut chains, OPERATOR),
                false => continue,
            },
            b'e' if bytes[offset..].starts_with(b"else") => {
                // `if (a) b; else if …`: semicolons do not end it.
                elses += 1;
                if elses > ELSES {
                    chains.push(CHAIN + 1);
                }
            }
            _ => continue,
        }
        let chain = chains.last().copied().unwrap_or_default();
        if depth + templates > NESTING || chain > longest || elements > NESTING * 4 {
            return Err(offset);
        }
    }
    Ok(())
}

/// Whether a text has too little of all that nests to reach any limit, as nearly every file: this is seen in a tenth of the
/// time of reading it in order.
fn is_shallow(bytes: &[u8]) -> bool {
    if bytes.len() > ELSES * "else".len() {
        return false;
    }
    let (mut opened, mut elements, mut links) = (0, 0, 0);
    // As many at once as a count of eight bits holds.
    for some in bytes.chunks(255) {
        opened += count(some, |byte| {
            (byte == b'(') | (byte == b'[') | (byte == b'{')
        });
        elements += count(some, |byte| byte == b'<');
        links += 2 * count(some, |byte| (byte > b' ') & (byte < b'0'));
        links += count(some, |byte| {
            (byte == b'=') | (byte == b'@') | (byte == b'^') | (byte == b'`') | (byte > b'z')
        });
        links += 8 * count(some, |byte| byte == b'?');
    }
    // A word that is an operator lengthens a chain by no more than its letters.
    opened <= NESTING && elements <= NESTING * 4 && links + bytes.len() <= CHAIN
}

/// How many bytes, of at most 255, are so. Compilers make a few instructions for many bytes of it.
fn count(some: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let counted = some
        .iter()
        .fold(0_u8, |sum, &byte| sum.wrapping_add(u8::from(is(byte))));
    usize::from(counted)
}

/// A statement or an element ends.
fn reset(chains: &mut [usize]) {
    if let Some(chain) = chains.last_mut() {
        *chain = 0;
    }
}

fn lengthen(chains: &mut [usize], by: usize) {
    if let Some(chain) = chains.last_mut() {
        *chain += by;
    }
}

fn begins_with_name(rest: &[u8]) -> bool {
    let first = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
    first.is_some_and(|byte| byte.is_ascii_alphabetic())
}

/// Whether a word stands at the end that takes an operand, and so nests without a bracket.
fn ends_with_operator(before: &[u8]) -> bool {
    let may_end = matches!(before.last(), Some(b'f' | b't' | b'd' | b'w' | b'e'));
    may_end && OPERATORS.iter().any(|word| before.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strings_speak_of_is_not_nested() {
        let wasm = format!("export default '{}';", "\\x00(\\u0001+[".repeat(20_000));
        let data = format!(
            "const a = \"{}\"; export {{ a }};",
            "AAAA+A/=".repeat(100_000)
        );
        let comment = format!("/* {} */ export {{}};", "- + ".repeat(50_000));
        let template = format!("export default `{}`;", "(${a}[".repeat(5_000));
        for text in [wasm, data, comment, template] {
            assert!(
                !is_shallow(text.as_bytes()) && check(&text, "/a.ts").is_ok(),
                "{}",
                &text[..40]
            );
            let deep = format!("{text}\nexport const d = {};", "[".repeat(2_000));
            assert!(check(&deep, "/a.ts").is_err(), "{}", &text[..40]);
        }
        let nested = format!("export default {}1", "`${".repeat(2_000));
        assert!(check(&nested, "/a.ts").is_err());
    }

    #[test]
    fn what_is_taken_for_shallow_is_not_refused() {
        let pieces = [
            "(", "[1,", "{", "<a>", "<", "!", "~", "a?.", "a ? b : ", "typeof ", "new ", "a.b().",
            "a=>", "`${", "a+", "else if ", "@a ", "x", "\n", "ä", "}", "&&", "**",
        ];
        let (mut shallow, mut refused) = (0, 0);
        for piece in pieces {
            for other in pieces {
                for times in [100, 1_000, 2_000, 4_000, 10_000, 20_000] {
                    let text = format!("{piece}{other}").repeat(times);
                    let is_refused = scan(&text, None, None).is_err();
                    refused += usize::from(is_refused);
                    if is_shallow(text.as_bytes()) || is_shallow_in_signs(&text) {
                        shallow += 1;
                        assert!(!is_refused, "{piece}{other} {times} times");
                    }
                }
            }
        }
        assert!(shallow > 100 && refused > 100, "{shallow} and {refused}");
    }
}

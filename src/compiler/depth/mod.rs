//! Refuses what is nested too deeply, before the parser recurses into it.
//!
//! The parser and every pass recurse once or more for each level of the tree, and a stack that overflows takes the
//! process with it. So the text is scanned first: brackets, templates, JSX elements, and the chains that nest without
//! a bracket (`!!!!x`, `a ? b : c ? …`, `x => y => …`, `else if`, `if (a) if (b) …`, `a: b: …`, `a + b + …`, `a.b().c()`).

mod literals;
mod words;

use literals::Code;
use words::{
    OPERATORS, begins_name, begins_statement, extends_class, goes_on, is_head, is_label, operator,
};

use super::faults;
use crate::base::Diagnostic;

/// Levels of brackets. Each costs the parser some ten frames.
const NESTING: usize = 1_500;
/// Links of one chain, brackets not counted. Each costs a pass two or three frames.
const CHAIN: usize = 25_000;

/// `else`s of one bracket, braces between them taking one off.
const ELSES: usize = 5_000;

/// Classes that extend one that stands there: the parser reads each twice, and what is in it four times, and so on.
const CLASSES: usize = 16;

/// The bytes that something but a word may begin or end with; most of a text are none.
const SIGNS: [bool; 256] = table([false; 256], b"([{)]}</;,\n?.!~-+=*%&|^@`'\":");

/// The same, and those that a word which counts may begin or end with.
const COUNTS: [bool; 256] = table(SIGNS, b" \t\re");

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
    let bytes = text.as_bytes();
    let count = |word: &[u8]| {
        let ends = memchr::memmem::find_iter(bytes, word).map(|at| at + word.len());
        ends.filter(|end| bytes.get(*end).is_none_or(u8::is_ascii_whitespace))
            .count()
    };
    let weighed = OPERATORS
        .into_iter()
        .map(|(word, links)| count(word) * links);
    let links: usize = weighed.sum();
    let elses = memchr::memmem::find_iter(bytes, b"else").count();
    elses <= ELSES
        && links <= CHAIN / 2
        && has_few_classes(bytes)
        && scan(text, None, Some(links)).is_ok()
}

/// Whether so few classes extend one that stands there that they may do so in one another.
fn has_few_classes(bytes: &[u8]) -> bool {
    let ends = memchr::memmem::find_iter(bytes, b"extends").map(|at| at + b"extends".len());
    let nested = ends.filter(|end| extends_class(&bytes[*end..]));
    nested.count() < CLASSES
}

/// Goes over a text, or over its code alone; where it is nested too deeply, gives that place. `words`: the links that words
/// make are so many in all, and words are not looked at.
fn scan(text: &str, mut code: Option<Code>, words: Option<usize>) -> Result<(), usize> {
    let counts = if words.is_some() { &SIGNS } else { &COUNTS };
    let longest = CHAIN - words.unwrap_or_default();
    let mut depth = 0_usize;
    // Links since the last end of a statement, for each open bracket, most of them zero; and whether it opens a head.
    let mut chains: Vec<(usize, bool)> = vec![(0, false)];
    // Where the last head ended; where the line begins; and where what is no blank ends before it.
    let (mut head, mut blank, mut end_before) = (0, 0, 0);
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
                if byte == b'{' && bytes[..offset].trim_ascii_end().len() == head {
                    // The statement is a block, and ends with it.
                    shorten(&mut chains, 1);
                }
                let within = chains.last().map_or(0, |(chain, _)| *chain);
                chains.push((within / 2, byte == b'(' && is_head(&bytes[..offset])));
            }
            b')' | b']' | b'}' => {
                if byte == b'}' {
                    elses = elses.saturating_sub(1);
                }
                depth = depth.saturating_sub(1);
                let closed = chains.pop();
                if chains.is_empty() {
                    chains.extend(closed);
                } else if closed.is_some_and(|(_, is_head)| is_head) && byte == b')' {
                    lengthen(&mut chains, 1);
                    head = next;
                }
            }
            b'<' if bytes.get(offset + 1) == Some(&b'/') => elements = elements.saturating_sub(1),
            b'<' if bytes
                .get(offset + 1)
                .is_some_and(|next| begins_name(*next) || *next == b'>') =>
            {
                elements += 1;
            }
            b'/' if bytes.get(offset + 1) == Some(&b'>') => elements = elements.saturating_sub(1),
            b';' => {
                reset(&mut chains);
                // Type arguments open no element; none lasts beyond a statement outside of brackets.
                if depth == 0 {
                    elements = 0;
                }
            }
            b',' => reset(&mut chains),
            b' ' | b'\t' | b'\r' => match operator(bytes, offset) {
                0 => continue,
                links => lengthen(&mut chains, links),
            },
            // A line that begins with a name begins a statement, where no operator stands before it.
            b'\n' => {
                // Of many empty lines each would look at all before it.
                let from = bytes[blank..offset].trim_ascii_end().len();
                let end = if from == 0 { end_before } else { blank + from };
                (blank, end_before) = (next, end);
                let links = operator(bytes, end);
                if links > 0 && end == offset && words.is_none() {
                    lengthen(&mut chains, links);
                } else if links == 0
                    && begins_statement(&bytes[next..])
                    && !goes_on(&bytes[..end], head)
                {
                    reset(&mut chains);
                }
            }
            b'?' => lengthen(&mut chains, 8),
            b'.' => lengthen(&mut chains, 2),
            b':' if !is_label(&bytes[..offset]) => continue,
            b'!' | b'~' | b'-' | b'+' | b'=' | b'*' | b'%' | b'&' | b'|' | b'^' | b'@' | b'`'
            | b':' => {
                lengthen(&mut chains, 1);
            }
            b'e' if bytes[offset..].starts_with(b"else") => {
                // `if (a) b; else if …`: semicolons do not end it.
                elses += 1;
                if elses > ELSES {
                    lengthen(&mut chains, CHAIN + 1);
                }
            }
            _ => continue,
        }
        let chain = chains.last().map_or(0, |(chain, _)| *chain);
        if depth + templates > NESTING || chain > longest || elements > NESTING * 4 {
            return Err(offset);
        }
    }
    Ok(())
}

/// Whether a text has too little of all that nests to reach any limit, as nearly every file: this is seen in a tenth of the
/// time of reading it in order.
fn is_shallow(bytes: &[u8]) -> bool {
    if bytes.len() > ELSES * "else".len() || !has_few_classes(bytes) {
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
            (byte == b'=')
                | (byte == b':')
                | (byte == b'@')
                | (byte == b'^')
                | (byte == b'`')
                | (byte > b'z')
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
fn reset(chains: &mut [(usize, bool)]) {
    if let Some((chain, _)) = chains.last_mut() {
        *chain = 0;
    }
}

fn lengthen(chains: &mut [(usize, bool)], by: usize) {
    if let Some((chain, _)) = chains.last_mut() {
        *chain += by;
    }
}

fn shorten(chains: &mut [(usize, bool)], by: usize) {
    if let Some((chain, _)) = chains.last_mut() {
        *chain = chain.saturating_sub(by);
    }
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
    fn what_nests_without_a_bracket_is_refused_however_it_is_spaced() {
        for piece in [
            "if(1)",
            "while(0)",
            "for(;0;)",
            "with(a)",
            "for await(a of b)",
            "if (a)",
            "do",
            "do ",
            "a:",
            "a=>",
            "async a=>",
            "a=",
            "a+=",
            "a?b:",
            "typeof ",
            "new ",
            "await ",
            "extends class ",
            "class A extends ",
            "!",
            "-",
            "else if(a)",
        ] {
            for space in ["", " ", "\t", "\n", "\r\n", "\n  "] {
                if space.is_empty() && piece == "do" {
                    continue;
                }
                let text = |times| format!("x={}1", format!("{piece}{space}").repeat(times));
                assert!(check(&text(10), "/a.js").is_ok(), "{piece:?} {space:?}");
                assert!(
                    check(&text(30_000), "/a.js").is_err(),
                    "{piece:?} {space:?}"
                );
            }
        }
    }

    #[test]
    fn what_stands_one_after_the_other_is_not_nested() {
        for piece in [
            "a()\n",
            "if (a) b()\n",
            "if (a)\n  b()\n",
            "if(a){b()}",
            "for(const a of b){c(a)}",
            "while(a){}",
            "function f(a){}",
            "do{a()}while(b);",
            "a = b\n",
            "class A extends B {}\n",
            "a.b(c)\n",
            "{ a: b },",
            "if (a) {\n  b()\n}\n",
            "<p>new</p>\n",
            "a++\nb--\n",
            "/** todo */\na()\n",
            "a = () => {\n}\n",
            "case 1:\n  break\n",
        ] {
            let text = piece.repeat(40_000);
            assert!(check(&text, "/a.js").is_ok(), "{piece:?}");
        }
    }

    #[test]
    fn empty_lines_take_no_longer_than_their_length() {
        // Where each looked at all before it, this would take minutes.
        for line in ["\n", "   \n", "\r\n", "do \n", "(\n)\n{ \n}\n"] {
            assert!(check(&line.repeat(1_000_000).replace("do", "a"), "/a.js").is_ok());
        }
    }

    #[test]
    fn what_is_taken_for_shallow_is_not_refused() {
        let pieces = [
            "(",
            "[1,",
            "{",
            "<a>",
            "<",
            "!",
            "~",
            "a?.",
            "a ? b : ",
            "typeof ",
            "new ",
            "a.b().",
            "a=>",
            "`${",
            "a+",
            "else if ",
            "@a ",
            "x",
            "\n",
            "ä",
            "}",
            "&&",
            "**",
            "if(1)",
            "do ",
            "do\n",
            "a:",
            "class A extends ",
            "extends class",
            "\t",
            ")",
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

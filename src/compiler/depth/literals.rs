//! Where a text is no code: strings, templates, regular expressions, comments. Seen without parsing, so not for certain: what a
//! slash begins depends on what stands before it, and a quote may be an apostrophe in the text of an element.

/// What is code of a text, from a place on.
#[derive(Default)]
pub(super) struct Code {
    /// How many braces are open in each template around.
    templates: Vec<usize>,
}

impl Code {
    /// In how many templates' code it is.
    pub(super) fn templates(&self) -> usize {
        self.templates.len()
    }

    /// Where the text goes on after what begins at `at`, if that is no code.
    pub(super) fn skip(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        match bytes[at] {
            quote @ (b'\'' | b'"') => string(bytes, at, quote),
            b'`' => Some(self.template(bytes, at + 1)),
            b'{' => {
                if let Some(braces) = self.templates.last_mut() {
                    *braces += 1;
                }
                None
            }
            b'}' => match self.templates.pop() {
                None => None,
                Some(0) => Some(self.template(bytes, at + 1)),
                Some(braces) => {
                    self.templates.push(braces - 1);
                    None
                }
            },
            b'/' => match bytes.get(at + 1) {
                Some(b'/') => Some(line_end(bytes, at)),
                Some(b'*') => {
                    let rest = &bytes[at + 2..];
                    let end = memchr::memmem::find(rest, b"*/");
                    Some(end.map_or(bytes.len(), |end| at + 2 + end + 2))
                }
                _ if takes_operand(&bytes[..at]) => regular_expression(bytes, at),
                _ => None,
            },
            _ => None,
        }
    }

    /// The end of a template's text: of the template, or where code begins in it.
    fn template(&mut self, bytes: &[u8], mut at: usize) -> usize {
        loop {
            match bytes.get(at) {
                None | Some(b'`') => return (at + 1).min(bytes.len()),
                Some(b'\\') => at += 2,
                Some(b'$') if bytes.get(at + 1) == Some(&b'{') => {
                    self.templates.push(0);
                    return at + 2;
                }
                Some(_) => at += 1,
            }
        }
    }
}

/// The end of a string, which ends on its line.
fn string(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'\n' => return None,
            byte if *byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

fn regular_expression(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut in_class) = (start + 1, false);
    loop {
        match bytes.get(at)? {
            b'\\' => at += 1,
            b'\n' => return None,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if !in_class => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end)
}

/// Whether an operand follows, so that a slash begins one: behind an operator, a bracket that opens, or a word that takes one.
fn takes_operand(before: &[u8]) -> bool {
    const WORDS: [&[u8]; 11] = [
        b"return", b"typeof", b"case", b"in", b"of", b"delete", b"void", b"throw", b"new", b"else",
        b"do",
    ];
    let before = before.trim_ascii_end();
    let is_letter =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii();
    match before.last() {
        None => true,
        Some(b')' | b']' | b'}' | b'"' | b'\'' | b'`') => false,
        Some(byte) if is_letter(byte) => {
            let start = before.iter().rposition(|byte| !is_letter(byte));
            WORDS.contains(&&before[start.map_or(0, |start| start + 1)..])
        }
        Some(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_code_is_skipped() {
        let code = |text: &str| {
            let (mut code, mut at, mut left) = (Code::default(), 0, Vec::new());
            while at < text.len() {
                match code.skip(text.as_bytes(), at) {
                    Some(end) => {
                        left.push(b'_');
                        at = end;
                    }
                    None => {
                        left.push(text.as_bytes()[at]);
                        at += 1;
                    }
                }
            }
            String::from_utf8(left).unwrap()
        };
        for (text, left) in [
            ("a('b\\'(', \"c(\")", "a(_, _)"),
            ("a // b(\n/* c( */ d", "a _\n_ d"),
            ("a = /b[/(]\\/(/.c / d / e", "a = _.c / d / e"),
            ("return /'/; x = a / b", "return _; x = a / b"),
            ("`a(${b({ c: `d(${e}`, f })}(`;g", "_b({ c: _e_, f })_;g"),
            ("don't (\n'", "don't (\n'"),
            ("`(", "_"),
            ("'(", "'("),
            ("/* (", "_"),
        ] {
            assert_eq!(code(text), left, "{text}");
        }
    }
}

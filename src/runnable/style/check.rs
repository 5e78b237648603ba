//! What is refused in a style sheet of the project. Browsers drop what they do not know, and so it is left as it is
//! written: hacks, rules of tools, syntax of tomorrow. What no tool can have meant is told, as PostCSS tells it.

use super::scan::{Token, tokens, unbalanced};

/// Where something is wrong, and what.
pub(super) fn broken(text: &str) -> Option<(usize, String)> {
    if let Some((offset, message)) = unbalanced(text) {
        return Some((offset, message.to_owned()));
    }
    no_statement(text)
}

/// A word that is neither a declaration nor the beginning of a rule (PostCSS: "Unknown word").
fn no_statement(text: &str) -> Option<(usize, String)> {
    // The first word of what is being read, and whether a colon was.
    let mut first: Option<usize> = None;
    let mut colon = false;
    let mut depth = 0_usize;
    let all = tokens(text, false);
    for (token, range) in &all {
        let part = &text[range.clone()];
        match token {
            Token::Space | Token::Comment => continue,
            Token::Other(b'(' | b'[') => depth += 1,
            Token::Other(b')' | b']') => depth = depth.saturating_sub(1),
            Token::Other(b'{') => {
                (first, colon, depth) = (None, false, 0);
                continue;
            }
            Token::Other(b';' | b'}') if depth == 0 => {
                if let Some(at) = first.filter(|_| !colon) {
                    return Some((at, told(&text[at..range.start])));
                }
                (first, colon) = (None, false);
                continue;
            }
            Token::Other(b':') => colon = true,
            // A rule of any name is a statement.
            Token::Word if first.is_none() && part.starts_with('@') => colon = true,
            _ => {}
        }
        // What only HTML comments leave in a style sheet is nothing (CSS Syntax 3, 5.4.1).
        first = first.or(Some(range.start));
    }
    let rest = first.filter(|_| !colon)?;
    let left = text[rest..].trim();
    (left != "-->").then(|| (rest, told(left)))
}

fn told(text: &str) -> String {
    let word: String = text
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .chars()
        .take(40)
        .collect();
    format!("`{word}` begins neither a declaration nor a rule")
}

/// The text with what is open at its end closed, as a browser closes it (CSS Syntax 3, 5.4.8): what follows in another
/// file is not to become a part of it.
pub(super) fn closed(text: &str) -> String {
    let mut open = Vec::new();
    let mut end = "";
    for (token, range) in tokens(text, false) {
        let part = &text[range];
        end = match token {
            Token::Comment if part.len() < 4 || !part.ends_with("*/") => "*/",
            Token::Text if part.len() < 2 || !part.ends_with(&part[..1]) => {
                match part.ends_with('\n') {
                    false => &part[..1],
                    true => "",
                }
            }
            Token::Url if !part.ends_with(')') => ")",
            _ => "",
        };
        match token {
            Token::Other(b'{') => open.push('}'),
            Token::Other(b'(') => open.push(')'),
            Token::Other(b'[') => open.push(']'),
            Token::Other(bracket @ (b'}' | b')' | b']'))
                if open.last() == Some(&char::from(bracket)) =>
            {
                open.pop();
            }
            _ => {}
        }
    }
    let mut whole = format!("{text}{end}");
    whole.extend(open.into_iter().rev());
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_pass_over_is_no_fault() {
        for text in [
            "a { *zoom: 1; _height: 1px; filter: progid:DXImageTransform.Microsoft.gradient(startColorstr='#80', endColorstr='#90'); }",
            ".a { color: red;; } ;",
            "@tailwind base;\n.a { @apply p-4; color: red }",
            "@charset \"utf-8\";\n@unknown x { y: z }\n@other;",
            "a { color: red }\n<!-- .b { c: d } -->",
            ".a:hovver, .b:::c { color: nope }",
            "a { --x: { y: z }; --empty:; &:hover { b: c } }",
            "a { background: url(data:image/png;base64,AA==) }",
            "// no comment\n.a { b: c }",
            "",
        ] {
            assert_eq!(broken(text), None, "{text}");
        }
    }

    #[test]
    fn what_nobody_meant_is_told() {
        let message = |text: &str| broken(text).map(|(at, message)| format!("{at} {message}"));
        assert_eq!(
            message("a { color red; }").unwrap(),
            "4 `color` begins neither a declaration nor a rule"
        );
        assert!(
            message("a { color: red }\nfoo")
                .unwrap()
                .starts_with("17 `foo`")
        );
        assert!(message("a { b: c").unwrap().starts_with("2 "));
        assert!(message("a { b: 'c }").unwrap().contains("string"));
        assert!(message("a { b: c } }").unwrap().contains("nothing is open"));
    }

    #[test]
    fn what_is_open_is_closed() {
        assert_eq!(closed("a { b: c"), "a { b: c}");
        assert_eq!(closed("a { b: f(x; c: d"), "a { b: f(x; c: d)}");
        assert_eq!(closed("a { b: c } /* d"), "a { b: c } /* d*/");
        assert_eq!(closed("a { b: 'c"), "a { b: 'c'}");
        assert_eq!(closed("a {} }"), "a {} }");
    }
}

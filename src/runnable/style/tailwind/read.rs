//! What the rules of a style sheet ask of Tailwind that has to be found outside of it.

use super::super::scan::{Token, tokens, unquoted};

/// One rule. Names and patterns are relative to the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Statement {
    /// `@plugin`, or (`true`) `@config`: a module.
    Module(String, bool),
    /// `@reference`: a sheet of which nothing is given, but whose names are known.
    Reference(String),
    /// `@source`: files, or (`not`) files that are none.
    Source { pattern: String, is_out: bool },
    /// `source(…)`: the folder in which files are looked for by themselves; `None`: in none.
    Base(Option<String>),
}

/// The words that begin one, or stand before its parenthesis.
const WORDS: [&str; 5] = ["@plugin", "@config", "@reference", "@source", "source"];

/// Those in a text, in their order.
pub(crate) fn statements(text: &str) -> Vec<Statement> {
    if !WORDS.iter().any(|word| text.contains(word)) {
        return Vec::new();
    }
    let all: Vec<(Token, &str)> = tokens(text, false)
        .into_iter()
        .filter(|(token, _)| !matches!(token, Token::Space | Token::Comment))
        .map(|(token, range)| (token, &text[range]))
        .collect();
    let after = |at: usize| {
        all.get(at)
            .map_or((Token::Space, ""), |(token, part)| (*token, *part))
    };
    let found = all.iter().enumerate().filter_map(|(at, (token, word))| {
        if *token != Token::Word || !WORDS.contains(word) {
            return None;
        }
        let (next, part) = after(at + 1);
        match (*word, next, part) {
            ("@plugin" | "@config", Token::Text, _) => {
                Some(Statement::Module(unquoted(part), *word == "@config"))
            }
            ("@reference", Token::Text, _) => Some(Statement::Reference(unquoted(part))),
            ("@source", Token::Text, _) => Some(Statement::Source {
                pattern: unquoted(part),
                is_out: false,
            }),
            ("@source", Token::Word, "not") => match after(at + 2) {
                (Token::Text, part) => Some(Statement::Source {
                    pattern: unquoted(part),
                    is_out: true,
                }),
                _ => None,
            },
            ("source", Token::Other(b'('), _) => match after(at + 2) {
                (Token::Text, part) => Some(Statement::Base(Some(unquoted(part)))),
                (Token::Word, "none") => Some(Statement::Base(None)),
                _ => None,
            },
            _ => None,
        }
    });
    found.collect()
}

//! `@value` and `:export` of CSS modules (<https://github.com/css-modules/postcss-modules-values>,
//! <https://github.com/css-modules/icss>), which the CSS parser does not know.

use std::collections::BTreeMap;

use super::scan::{Token, tokens, unquoted};

/// What a text says of values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Values {
    /// The text without the statements; its lines stay.
    pub text: String,
    /// Names and values of its own, `:export` among them, in their order.
    pub own: Vec<(String, String)>,
    /// Names from other files: the name there, the name here, the file (a specifier).
    pub imported: Vec<(String, String, String)>,
}

/// Takes the statements out of a text.
pub(super) fn read(text: &str) -> Values {
    let mut values = Values::default();
    if !text.contains("@value") && !text.contains(":export") {
        values.text = text.to_owned();
        return values;
    }
    let all = tokens(text, false);
    let mut depth = 0_usize;
    let mut index = 0;
    while let Some((token, range)) = all.get(index) {
        let word = &text[range.clone()];
        let is_export = *token == Token::Other(b':')
            && depth == 0
            && all
                .get(index + 1)
                .is_some_and(|(_, next)| &text[next.clone()] == "export");
        let end = match (token, word) {
            (Token::Word, "@value") if depth == 0 => b';',
            _ if is_export => b'}',
            _ => {
                match token {
                    Token::Other(b'{') => depth += 1,
                    Token::Other(b'}') => depth = depth.saturating_sub(1),
                    _ => {}
                }
                values.text.push_str(word);
                index += 1;
                continue;
            }
        };
        let rest = &all[index + 1..];
        let length = rest
            .iter()
            .position(|(token, _)| *token == Token::Other(end));
        let length = length.unwrap_or(rest.len());
        let stop = rest.get(length).map_or(text.len(), |(_, range)| range.end);
        let statement = &text[range.end..stop];
        values
            .text
            .extend(statement.chars().filter(|letter| *letter == '\n'));
        match is_export {
            true => values.export(statement),
            false => values.statement(statement.trim_end_matches(';').trim()),
        }
        index += length + 2;
    }
    values
}

impl Values {
    fn export(&mut self, statement: &str) {
        let body = statement.split_once('{').map_or("", |(_, body)| body);
        for line in body.trim_end_matches('}').split(';') {
            if let Some((name, value)) = line.split_once(':') {
                self.own
                    .push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
    }

    fn statement(&mut self, statement: &str) {
        let (names, file) = match statement.rsplit_once(" from ") {
            Some((names, file)) if !statement.contains(':') => (names, file.trim()),
            _ => {
                let cut = statement.find([':', ' ']).unwrap_or(statement.len());
                let (name, value) = statement.split_at(cut);
                let value = value.trim_start_matches(':').trim();
                return self.own.push((name.to_owned(), value.to_owned()));
            }
        };
        let file = match file.starts_with(['"', '\'']) {
            true => unquoted(file),
            // A value may hold the name of the file.
            false => match self.own.iter().find(|(name, _)| name == file) {
                Some((_, value)) => unquoted(value),
                None => return,
            },
        };
        for name in names.trim_matches(['(', ')', ' ']).split(',') {
            let (there, here) = name.split_once(" as ").unwrap_or((name, name));
            let entry = (
                there.trim().to_owned(),
                here.trim().to_owned(),
                file.clone(),
            );
            self.imported.push(entry);
        }
    }
}

/// The text with the names of `values` replaced, wherever a word is one, but as the name of a property.
pub(super) fn replaced(text: &str, values: &BTreeMap<String, String>) -> String {
    if values.is_empty() {
        return text.to_owned();
    }
    let all = tokens(text, false);
    let mut out = String::with_capacity(text.len());
    for (index, (token, range)) in all.iter().enumerate() {
        let word = &text[range.clone()];
        let mut after = all[index + 1..].iter().map(|(token, _)| token);
        let is_property = after.find(|token| **token != Token::Space) == Some(&Token::Other(b':'));
        match values.get(word) {
            Some(value) if *token == Token::Word && !is_property => out.push_str(value),
            _ => out.push_str(word),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_replaced() {
        let values = read(
            "@value primary: #0af;\n@value a, b as c from './x.css';\n.x { color: primary }\n:export { dark: #000; }\n",
        );
        assert_eq!(values.text, "\n\n.x { color: primary }\n\n");
        assert_eq!(
            values.own,
            [
                ("primary".into(), "#0af".into()),
                ("dark".into(), "#000".into())
            ]
        );
        assert_eq!(
            values.imported,
            [
                ("a".into(), "a".into(), "./x.css".into()),
                ("b".into(), "c".into(), "./x.css".into())
            ]
        );
        let known = BTreeMap::from([("primary".to_owned(), "#0af".to_owned())]);
        assert_eq!(
            replaced(
                ".x { primary: 1px solid primary; content: 'primary' }",
                &known
            ),
            ".x { primary: 1px solid #0af; content: 'primary' }"
        );
    }
}

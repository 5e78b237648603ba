//! `&name;` in XML: characters by their number, the five that XML knows, and what the document itself declares
//! (`<!ENTITY name "text">`, as drawing programs write it).

use std::borrow::Cow;
use std::collections::HashMap;

use quick_xml::escape::resolve_xml_entity;

/// How deep entities may stand in one another, and how long what they stand for may be.
const DEPTH: usize = 8;
const LENGTH: usize = 1 << 20;

/// What a document declares.
#[derive(Default)]
pub(super) struct Entities(HashMap<String, String>);

impl Entities {
    /// Those in the text of a `<!DOCTYPE …>`.
    pub(super) fn declared(doctype: &str) -> Self {
        let mut known = HashMap::new();
        let mut rest = doctype;
        while let Some(at) = rest.find("<!ENTITY") {
            rest = rest[at + "<!ENTITY".len()..].trim_start();
            // `%` begins an entity of the declarations themselves, and what is elsewhere has no text here.
            let name = rest.split(char::is_whitespace).next().unwrap_or_default();
            rest = rest[name.len()..].trim_start();
            let Some(quote) = rest
                .chars()
                .next()
                .filter(|first| matches!(first, '"' | '\''))
            else {
                continue;
            };
            let Some(end) = rest[1..].find(quote) else {
                break;
            };
            // The first declaration counts (XML, 4.2).
            let text = &rest[1..=end];
            known
                .entry(name.to_owned())
                .or_insert_with(|| text.to_owned());
            rest = &rest[end + 2..];
        }
        Self(known)
    }

    /// What one stands for. Of what nobody has declared that is its own text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn text(&self, name: &str) -> Result<String, &'static str> {
        let mut text = String::new();
        self.expand_one(name, DEPTH, &mut text)?;
        Ok(text)
    }

    /// A text with all that stand in it.
    ///
    /// # Errors
    /// What is wrong with one.
    pub(super) fn expanded<'a>(&self, text: &'a str) -> Result<Cow<'a, str>, &'static str> {
        if !text.contains('&') {
            return Ok(Cow::Borrowed(text));
        }
        let mut expanded = String::with_capacity(text.len());
        self.expand(text, DEPTH, &mut expanded)?;
        Ok(Cow::Owned(expanded))
    }

    fn expand(&self, text: &str, depth: usize, into: &mut String) -> Result<(), &'static str> {
        let mut rest = text;
        while let Some(at) = rest.find('&') {
            into.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && !matches!(c, '#' | '_' | '-' | '.' | ':'));
            match end {
                Some(end) if end > 0 && rest[end..].starts_with(';') => {
                    self.expand_one(&rest[..end], depth, into)?;
                    rest = &rest[end + 1..];
                }
                _ => into.push('&'),
            }
        }
        into.push_str(rest);
        Ok(())
    }

    fn expand_one(&self, name: &str, depth: usize, into: &mut String) -> Result<(), &'static str> {
        if let Some(number) = name.strip_prefix('#') {
            let code = match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            let character = code
                .ok()
                .and_then(char::from_u32)
                .filter(|one| *one != '\0');
            into.push(character.ok_or("there is no such character")?);
        } else if let Some(text) = resolve_xml_entity(name) {
            into.push_str(text);
        } else if let Some(text) = self.0.get(name) {
            let deeper = depth
                .checked_sub(1)
                .ok_or("entities are declared by each other")?;
            self.expand(text, deeper, into)?;
        } else {
            into.extend(["&", name, ";"]);
        }
        match into.len() > LENGTH {
            true => Err("entities stand for too much text"),
            false => Ok(()),
        }
    }
}

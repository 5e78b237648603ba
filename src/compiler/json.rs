//! JSON files as ES modules.

use std::fmt::Write;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::faults;
use crate::base::Diagnostic;

/// The module that `import x from './a.json'` gets: the value as default export, and each key of a top-level object
/// that can be a name as a named export. `source` is the file's bytes, `name` its name in the project.
///
/// The value is what `JSON.parse` makes of the text: the text itself is in the module, as a string that the engine's
/// own `JSON.parse` reads, so `__proto__`, doubled keys, big numbers and lone surrogates are as they should be.
///
/// # Errors
/// `encoding` and `json`, with place and frame.
pub fn json_module(source: &[u8], name: &str) -> Result<String, Vec<Diagnostic>> {
    let shown = format!("/{name}");
    let text = match std::str::from_utf8(source) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => return Err(vec![faults::encoding(source, error.valid_up_to(), &shown)]),
    };
    let names = names(text).map_err(|error| vec![fault(text, &shown, &error)])?;
    let mut module = String::with_capacity(text.len() * 9 / 8 + 64);
    let parsed = format!("JSON.parse({})", Quoted(text));
    if names.is_empty() {
        let _ = writeln!(module, "export default {parsed};");
        return Ok(module);
    }
    // A variable that no key is called.
    let mut whole = "json".to_owned();
    while names.contains(&whole) {
        whole.push('_');
    }
    let _ = writeln!(module, "const {whole} = {parsed};");
    let _ = writeln!(module, "export default {whole};");
    let _ = writeln!(module, "export const {{ {} }} = {whole};", names.join(", "));
    Ok(module)
}

/// A string literal of JavaScript.
struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_char('\'')?;
        let mut rest = self.0;
        while let Some(at) = rest.find(['\'', '\\', '\n', '\r', '\u{2028}', '\u{2029}']) {
            f.write_str(&rest[..at])?;
            let special = rest[at..].chars().next().unwrap_or_default();
            match special {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\u{2028}' => f.write_str("\\u2028")?,
                '\u{2029}' => f.write_str("\\u2029")?,
                other => {
                    f.write_char('\\')?;
                    f.write_char(other)?;
                }
            }
            rest = &rest[at + special.len_utf8()..];
        }
        f.write_str(rest)?;
        f.write_char('\'')
    }
}

/// The keys of the top-level object that can be names of exports, each once, in their order.
fn names(text: &str) -> Result<Vec<String>, serde_json::Error> {
    struct Keys;
    impl<'de> Visitor<'de> for Keys {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<String>, A::Error> {
            let mut names = Vec::new();
            let mut seen = std::collections::HashSet::new();
            // Keys as raw text: a lone surrogate is legal JSON and no Rust string.
            while let Some((key, IgnoredAny)) = map.next_entry::<Key, IgnoredAny>()? {
                if let Some(name) = key.0
                    && is_name(&name)
                    && seen.insert(name.clone())
                {
                    names.push(name);
                }
            }
            Ok(names)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let names = match text.trim_start().starts_with('{') {
        true => reader.deserialize_map(Keys)?,
        false => {
            serde::de::Deserialize::deserialize(&mut reader).map(|IgnoredAny| ())?;
            Vec::new()
        }
    };
    reader.end()?;
    Ok(names)
}

/// A key; `None` where it is no UTF-8.
struct Key(Option<String>);

impl<'de> serde::Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Key;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E>(self, text: &str) -> Result<Key, E> {
                Ok(Key(Some(text.to_owned())))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Key, E> {
                Ok(Key(std::str::from_utf8(bytes).ok().map(str::to_owned)))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

/// Whether `export const { name }` is legal in a module (ECMA-262, `ReservedWord` and strict mode). Names beyond ASCII
/// are left to the default export.
pub(super) fn is_name(name: &str) -> bool {
    const RESERVED: &str = "arguments await break case catch class const continue debugger default delete do else enum \
        eval export extends false finally for function if implements import in instanceof interface let new null \
        package private protected public return static super switch this throw true try typeof var void while with \
        yield";
    let mut bytes = name.bytes();
    let starts = bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$');
    starts
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$')
        // `JSON` is what the module itself calls.
        && name != "JSON"
        && name != "__proto__"
        && !RESERVED.split_ascii_whitespace().any(|word| word == name)
}

fn fault(text: &str, shown: &str, error: &serde_json::Error) -> Diagnostic {
    let message = error.to_string();
    let message = message
        .rfind(" at line ")
        .map_or(message.as_str(), |end| &message[..end]);
    let line_start = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    let mut offset = (line_start + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let end = text[offset..]
        .chars()
        .next()
        .map_or(offset, |c| offset + c.len_utf8());
    let diagnostic = Diagnostic::new("json", message.to_owned());
    let diagnostic = faults::at(diagnostic, shown, text, offset..end);
    if text[offset..].starts_with("//") || text[offset..].starts_with("/*") {
        return diagnostic.hint("JSON has no comments");
    }
    if text[offset..].starts_with(['}', ']']) {
        return diagnostic.hint("JSON has no trailing commas");
    }
    diagnostic
}

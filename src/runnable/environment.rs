//! `import.meta.env` from `.env` files, by Vite's rules (<https://vite.dev/guide/env-and-mode>): `.env`, `.env.local`,
//! `.env.<mode>`, `.env.<mode>.local`, the later of higher rank; only names that begin with `VITE_` reach the code.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::{Computation, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::resolver::read_file;

use super::all::Runnable;
use super::options::Options;

/// The variables that code may see, of the directory of the key and those above it, the nearest first in rank.
const ENVIRONMENT: Computation = Computation::new("environment");

/// The family of the single variables of a directory and those above it: whoever uses one does not run again because of
/// others.
const VARIABLE: &str = "environment-variable";

/// What a name must begin with, so that no secret gets into a page.
const PREFIX: &str = "VITE_";

/// So many names are filled in for one value at most: what names itself would be filled in for ever.
const MOST: u32 = 1000;

/// Whether a computation is one of those here.
pub(super) fn is_of_environment(computation: &Computation) -> bool {
    *computation == ENVIRONMENT || computation.detail(VARIABLE).is_some()
}

/// Runs a computation of those here.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    key: &Key,
) -> Result<Output, Failure> {
    match key.computation.detail(VARIABLE) {
        None => all(runnable, context, &key.path),
        Some(name) => {
            let all = of(context, key.path.clone())?;
            let value = all.into_iter().find(|(other, _)| other == name);
            output(&value.map(|(_, value)| value))
        }
    }
}

/// [`ENVIRONMENT`]: names and values, sorted.
fn all(
    runnable: &Runnable,
    context: &dyn Context,
    directory: &SourcePath,
) -> Result<Output, Failure> {
    let mode = runnable.options.mode();
    let mut raw = BTreeMap::new();
    let mut directories: Vec<SourcePath> = directory.ancestors().collect();
    directories.reverse();
    for directory in directories {
        let names = [
            ".env".to_owned(),
            ".env.local".to_owned(),
            format!(".env.{mode}"),
            format!(".env.{mode}.local"),
        ];
        for name in names.iter().filter(|name| !name.contains('/')) {
            if let Some(bytes) = read_file(context, &directory.child(name))? {
                raw.extend(parse(&String::from_utf8_lossy(&bytes)));
            }
        }
    }
    let shown: Vec<(&String, String)> = raw
        .iter()
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| (name, expand(value, &raw, &mut MOST.clone())))
        .collect();
    output(&shown)
}

fn output<T: Serialize>(value: &T) -> Result<Output, Failure> {
    let bytes = postcard::to_allocvec(value)
        .map_err(|error| Failure::Internal(format!("variables do not encode: {error}")))?;
    Ok(Output {
        parts: vec![(Part::MAIN, bytes.into())],
        links: Vec::new(),
    })
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    postcard::from_bytes(bytes)
        .map_err(|error| Failure::Internal(format!("variables do not decode: {error}")))
}

fn of(context: &dyn Context, directory: SourcePath) -> Result<Vec<(String, String)>, Failure> {
    decode(&context.fetch(&Key::new(ENVIRONMENT, directory), Part::MAIN)?)
}

/// What `import.meta.env` has besides `BASE_URL`: names, and values as JavaScript.
pub fn constants(options: &Options, variables: &[(String, String)]) -> Vec<(String, String)> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut all = vec![
        ("DEV".to_owned(), (!options.production).to_string()),
        ("MODE".to_owned(), quoted(options.mode())),
        ("PROD".to_owned(), options.production.to_string()),
        ("SSR".to_owned(), "false".to_owned()),
    ];
    let variables = variables.iter();
    all.extend(variables.map(|(name, value)| (name.clone(), quoted(value))));
    all
}

/// All variables.
pub fn fetch(runnable: &Runnable, context: &dyn Context) -> Result<Vec<(String, String)>, Failure> {
    of(context, runnable.layout.source().clone())
}

/// Those of these names, as far as there are some.
pub(super) fn fetch_named<'a>(
    runnable: &Runnable,
    context: &dyn Context,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<(String, String)>, Failure> {
    let mut found = Vec::new();
    for name in names {
        // Of all others none ever is: nothing is to be asked.
        if !name.starts_with(PREFIX) || !name.bytes().all(is_of_name) {
            continue;
        }
        let computation = Computation::of(VARIABLE, name);
        let key = Key::new(computation, runnable.layout.source().clone());
        let value: Option<String> = decode(&context.fetch(&key, Part::MAIN)?)?;
        found.extend(value.map(|value| (name.to_owned(), value)));
    }
    Ok(found)
}

/// The lines of a file as `dotenv` reads them: `NAME=value`, `export NAME=value`, values in quotes over several lines,
/// comments.
fn parse(text: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut rest = text.trim_start_matches('\u{feff}');
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        let name = name.trim_end();
        if name.is_empty() || !name.bytes().all(is_of_name) {
            continue;
        }
        let value = value.trim_start();
        let quote = value
            .chars()
            .next()
            .filter(|first| matches!(first, '"' | '\'' | '`'));
        let value = match quote {
            None => unquoted(value),
            Some(quote) => {
                // The value may go on in the next lines.
                let start = value.as_ptr() as usize - text.as_ptr() as usize + 1;
                let body = &text[start..];
                match closing(body, quote) {
                    Some(end) => {
                        let after = &body[end + 1..];
                        rest = after.split_once('\n').map_or("", |(_, after)| after);
                        match quote {
                            '"' => body[..end].replace("\\n", "\n").replace("\\r", "\r"),
                            _ => body[..end].to_owned(),
                        }
                    }
                    None => unquoted(value),
                }
            }
        };
        all.insert(name.to_owned(), value);
    }
    all
}

/// Whether a name may have this letter.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// A value up to the comment that follows it.
fn unquoted(value: &str) -> String {
    let before = value.split('#').next().unwrap_or_default();
    before.trim_end().to_owned()
}

fn closing(body: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    body.char_indices().find_map(|(index, letter)| {
        let is_end = letter == quote && !escaped;
        escaped = letter == '\\' && !escaped;
        is_end.then_some(index)
    })
}

/// `$NAME`, `${NAME}`, `${NAME:-default}` from the same files; `\$` is a dollar (dotenv-expand).
fn expand(value: &str, all: &BTreeMap<String, String>, left: &mut u32) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        if let Some(before) = before.strip_suffix('\\') {
            out.push_str(before);
            out.push('$');
            rest = after;
            continue;
        }
        out.push_str(before);
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let (name, default, after) = match after.strip_prefix('{') {
            Some(inside) => match matching(inside) {
                Some(end) => {
                    let (name, default) = inside[..end]
                        .split_once(":-")
                        .or_else(|| inside[..end].split_once('-'))
                        .map_or((&inside[..end], None), |(name, default)| {
                            (name, Some(default))
                        });
                    (name, default, &inside[end + 1..])
                }
                None => ("", None, after),
            },
            None => {
                let end = after.find(|letter| !is_name(letter)).unwrap_or(after.len());
                (&after[..end], None, &after[end..])
            }
        };
        if name.is_empty() {
            out.push('$');
        } else if *left > 0 {
            *left -= 1;
            let known = all
                .get(name)
                .map(String::as_str)
                .filter(|text| !text.is_empty());
            out.push_str(&expand(known.or(default).unwrap_or_default(), all, left));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where the brace closes whose inside this is.
fn matching(inside: &str) -> Option<usize> {
    let mut depth = 0_usize;
    inside.char_indices().find_map(|(index, letter)| {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(index),
            '}' => depth -= 1,
            _ => {}
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_as_dotenv_reads_them() {
        let all = parse(
            "A=1\nexport B = two # x\n# C=3\nD=\"a\\nb # c\" # d\nE='$A'\nF=\"l1\nl2\"\nG=a=b\n\nH=\nbad line\nI=`x'\"`\r\n",
        );
        let want = [
            ("A", "1"),
            ("B", "two"),
            ("D", "a\nb # c"),
            ("E", "$A"),
            ("F", "l1\nl2"),
            ("G", "a=b"),
            ("H", ""),
            ("I", "x'\""),
        ];
        let want = want.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(all, BTreeMap::from(want));
    }

    #[test]
    fn values_are_expanded() {
        let all = parse("A=1\nB=$A-${A}\nC=\\$A\nD=${X:-d${A}}\nE=$E$E\nF=$\n");
        let value = |name: &str| expand(&all[name], &all, &mut MOST.clone());
        assert_eq!(value("B"), "1-1");
        assert_eq!(value("C"), "$A");
        assert_eq!(value("D"), "d1");
        assert_eq!(value("F"), "$");
        assert_eq!(value("E"), "");
    }
}

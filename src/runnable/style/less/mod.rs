//! Less, by the project's own package, in a worker as the other tools. It looks for files by itself, and what it reads is
//! asked for through the context; names of packages and of `paths` are found for it before.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use super::bundle::Work;
use super::fault;
use super::program::ToolProgram;
use super::scan::{Token, tokens, unquoted};
use super::whole::encoded;
use crate::base::{Computation, Diagnostic, Key, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::resolver::read_file;
use crate::runnable::MODULE;
use crate::runnable::all::{Runnable, whole_file};
use crate::source::Entry;

/// The CSS that Less makes of a file.
pub(super) const LESS: Computation = Computation::new("less");

const PROGRAM: &str = include_str!("program.js");

/// The module without a platform, from the package's folder.
const CORE: &str = "lib/less/index.js";

const ENDING: &[u8] = b"less";

/// Runs [`LESS`].
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let Some(core) = core(runnable, context, path)? else {
        let diagnostic =
            Diagnostic::new("unsupported", "`.less` needs Less, which is not installed")
                .hint("run `npm install less`");
        return Err(whole_file(runnable, path, diagnostic));
    };
    let bytes = context.content(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let source = match runnable.layout.source().is_root() {
        true => String::new(),
        false => runnable.layout.source().to_string(),
    };
    let mut imports = Imports {
        runnable,
        context,
        files: vec![path.clone()],
        folders: Map::new(),
    };
    imports.follow(path, &text)?;
    let props = json!({
        "css": text,
        "from": path.to_string(),
        "source": source,
        "imports": imports.folders,
    });
    let program = ToolProgram::new("less")
        .import(runnable, "core", &core)
        .builtin("fs", "node:fs");
    let given = program.run(runnable, context, path, PROGRAM, props)?;
    match given["css"].as_str() {
        Some(css) => encoded(&css),
        None => Err(told(runnable, context, path, &given["error"])?),
    }
}

/// The project's Less; `None`: it has none.
fn core(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Option<Key>, Failure> {
    let Ok(found) = Work::new(runnable, context, false).module_of(path, "less")? else {
        return Ok(None);
    };
    for folder in found.path.ancestors().skip(1) {
        if context.entry(&folder.child(b"package.json"))? != Entry::File {
            continue;
        }
        let file = folder
            .join(CORE)
            .map_err(|error| Failure::Internal(error.to_string()))?;
        let is_there = context.entry(&file)? == Entry::File;
        return Ok(is_there.then(|| Key::new(MODULE, file)));
    }
    Ok(None)
}

/// What the names of imports lead to, in a file and in all that it imports.
struct Imports<'a> {
    runnable: &'a Runnable,
    context: &'a dyn Context,
    files: Vec<SourcePath>,
    /// By the folder, the name and the file.
    folders: Map<String, Value>,
}

impl Imports<'_> {
    fn follow(&mut self, path: &SourcePath, text: &str) -> Result<(), Failure> {
        let resolver = &self.runnable.resolver;
        let config = resolver.config(self.context, path)?;
        let folder = path.parent().unwrap_or_else(SourcePath::root);
        for name in names(text) {
            let importer = resolver.importer(self.context, path);
            let with_ending = match name
                .rsplit('/')
                .next()
                .is_some_and(|last| last.contains('.'))
            {
                true => None,
                false => importer.style(&format!("{name}.less"), &config)?,
            };
            let found = match with_ending {
                None => importer.style(&name, &config)?,
                found => found,
            };
            let Some(found) = found else { continue };
            let known = self.folders.entry(folder.to_string());
            if let Some(known) = known.or_insert_with(|| json!({})).as_object_mut() {
                known.insert(name, found.to_string().into());
            }
            if found.extension() != Some(ENDING) || self.files.contains(&found) {
                continue;
            }
            self.files.push(found.clone());
            if let Some(bytes) = read_file(self.context, &found)? {
                self.follow(&found, &String::from_utf8_lossy(&bytes))?;
            }
        }
        Ok(())
    }
}

/// The names that the imports of a text have, but for those that are put together or are URLs.
fn names(text: &str) -> Vec<String> {
    let all: Vec<(Token, &str)> = tokens(text, true)
        .into_iter()
        .filter(|(token, _)| !matches!(token, Token::Space | Token::Comment))
        .map(|(token, range)| (token, &text[range]))
        .collect();
    let starts = all
        .iter()
        .enumerate()
        .filter(|(_, (token, word))| *token == Token::Word && word.eq_ignore_ascii_case("@import"));
    let named = starts.filter_map(|(at, _)| {
        let mut rest = all[at + 1..].iter().skip_while(|(token, _)| {
            // `(reference, optional)`, `url(`
            matches!(token, Token::Other(b'(' | b')' | b',') | Token::Word)
        });
        let (token, part) = rest.next()?;
        let name = match token {
            Token::Text => unquoted(part),
            Token::Url => unquoted(part.get(4..)?.trim_end_matches(')').trim()),
            _ => return None,
        };
        let is_url = name.contains("://") || name.starts_with("//");
        (!is_url && !name.contains("@{")).then_some(name)
    });
    named.collect()
}

/// What Less has refused, at its place.
fn told(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    error: &Value,
) -> Result<Failure, Failure> {
    let named = error["filename"].as_str().map(SourcePath::parse);
    let file = match named {
        Some(Ok(file)) => file,
        _ => path.clone(),
    };
    let bytes = read_file(context, &file)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let number = |name: &str, first: u64| {
        let number = error[name].as_u64().map(|number| number + first);
        u32::try_from(number.unwrap_or_default()).unwrap_or_default()
    };
    let message = format!(
        "in Less: {}",
        error["message"].as_str().unwrap_or("it gives nothing")
    );
    let (line, column) = (number("line", 0), number("column", 1));
    let shown = runnable.layout.shown(&file);
    let diagnostic = fault(shown, &text, line, column, &message);
    Ok(Failure::Diagnostics([diagnostic].into()))
}

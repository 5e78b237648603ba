//! In which files the classes of a sheet are looked for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Statement, WORDS, detect};
use crate::base::{Key, Part, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::runnable::all::Runnable;
use crate::runnable::globs;
use crate::runnable::kind::Kind;
use crate::runnable::style::postcss;
use crate::runnable::style::whole::Whole;
use crate::source::Entry;

/// Files that classes are looked for in, or (`is_out`) that they are not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Source {
    directory: SourcePath,
    /// From there.
    pattern: String,
    is_out: bool,
    /// Whether the user has named them: what git ignores is among them then.
    is_named: bool,
}

/// All below a folder.
const ALL: &str = "**/*";

/// Endings of texts that have classes in them, besides those of modules and pages.
const TEXTS: [&[u8]; 24] = [
    b"json",
    b"md",
    b"mdx",
    b"markdown",
    b"vue",
    b"svelte",
    b"astro",
    b"php",
    b"rb",
    b"erb",
    b"haml",
    b"slim",
    b"py",
    b"twig",
    b"liquid",
    b"hbs",
    b"njk",
    b"pug",
    b"ejs",
    b"elm",
    b"ex",
    b"heex",
    b"rs",
    b"go",
];

/// Names of files that have none.
const NONE: [&[u8]; 2] = [b"package-lock.json", b"package.json"];

/// The sources that the statements of a sheet's files ask for. Where none says otherwise, the project is one: all that is
/// below the folder where people start Vite.
pub(super) fn of(
    runnable: &Runnable,
    context: &dyn Context,
    statements: &[(SourcePath, Statement)],
) -> Result<Vec<Source>, Failure> {
    let mut base = Some(globs::project(runnable, context)?);
    let mut all = Vec::new();
    for (from, statement) in statements {
        let here = from.parent().unwrap_or_else(SourcePath::root);
        match statement {
            Statement::Base(None) => base = None,
            Statement::Base(Some(folder)) => base = here.join(folder).ok(),
            Statement::Source { pattern, is_out } => {
                all.extend(named(context, &here, pattern, *is_out)?);
            }
            Statement::Module(..) | Statement::Reference(_) => {}
        }
    }
    all.extend(base.map(|directory| Source {
        directory,
        pattern: ALL.to_owned(),
        is_out: false,
        is_named: false,
    }));
    Ok(all)
}

/// What `@source` names: a file, a folder, or a pattern.
pub(in crate::runnable::style) fn named(
    context: &dyn Context,
    here: &SourcePath,
    pattern: &str,
    is_out: bool,
) -> Result<Option<Source>, Failure> {
    let source = |directory: SourcePath, pattern: String| {
        Some(Source {
            directory,
            pattern,
            is_out,
            is_named: true,
        })
    };
    let plain = pattern.trim_start_matches("./");
    if plain.contains(['*', '?', '{', '[']) {
        return Ok(source(here.clone(), plain.to_owned()));
    }
    let Ok(path) = here.join(plain) else {
        return Ok(None);
    };
    Ok(match context.entry(&path)? {
        Entry::File => {
            let folder = path.parent().unwrap_or_else(SourcePath::root);
            let name = String::from_utf8_lossy(path.name()).into_owned();
            source(folder, crate::runnable::pattern::escaped(&name))
        }
        _ => source(path, ALL.to_owned()),
    })
}

/// Runs the computation of a sheet's candidates.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let Whole { text, tools, .. } = Whole::fetch(context, path)?;
    // What a plugin or a rule of the sheet adds may be called anything.
    let (files, is_open) = match (&tools.tailwind, &tools.postcss) {
        (Some(tailwind), _) => {
            let is_open = !tailwind.plugins.is_empty() || text.contains("@utility");
            (files(context, &tailwind.sources)?, is_open)
        }
        (None, Some(postcss)) => {
            let sources = postcss::sources(runnable, context, postcss)?;
            (files(context, &sources)?, true)
        }
        (None, None) => return Ok(output(&BTreeSet::new())),
    };
    let keys: Vec<Key> = files
        .into_iter()
        .map(|file| Key::new(WORDS, file))
        .collect();
    context.prepare(&keys);
    let mut words = BTreeSet::new();
    for key in &keys {
        for word in String::from_utf8_lossy(&context.fetch(key, Part::MAIN)?).lines() {
            if !words.contains(word) && (is_open || !is_of_code(word)) {
                words.insert(word.to_owned());
            }
        }
    }
    Ok(output(&words))
}

fn output(words: &BTreeSet<String>) -> Output {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Output {
        parts: vec![(Part::MAIN, words.join("\n").into())],
        links: Vec::new(),
    }
}

/// Whether a word is a name in code, as no class of Tailwind's own is: so are most words of most trees, and each takes its time.
fn is_of_code(word: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._".contains(&byte);
    word.bytes().all(is_name) && word.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn files(context: &dyn Context, sources: &[Source]) -> Result<BTreeSet<SourcePath>, Failure> {
    let root = SourcePath::root();
    let find = |source: &Source| -> Result<BTreeMap<SourcePath, SourcePath>, Failure> {
        match context.entry(&source.directory)? {
            Entry::Directory if !source.is_named => detect::files(context, &source.directory),
            Entry::Directory => globs::matching(context, &root, &source.directory, &source.pattern),
            _ => Ok(BTreeMap::new()),
        }
    };
    let mut files = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.is_out) {
        let mut found = find(source)?;
        found.retain(|path, _| has_classes(path, source.is_named));
        files.extend(found);
    }
    for source in sources.iter().filter(|source| source.is_out) {
        for path in find(source)?.into_keys() {
            files.remove(&path);
        }
    }
    Ok(files.into_values().collect())
}

/// Whether a file is a text that may have classes in it, by its name.
fn has_classes(path: &SourcePath, is_named: bool) -> bool {
    match Kind::of_path(path) {
        Kind::Module(_) | Kind::Script | Kind::Page => true,
        Kind::Json | Kind::Other => {
            let is_text = path
                .extension()
                .is_some_and(|extension| TEXTS.contains(&extension));
            !NONE.contains(&path.name()) && (is_named || is_text)
        }
        Kind::Declaration | Kind::Style | Kind::Wasm | Kind::Asset => false,
    }
}

//! A style sheet with all that it imports, by `lightningcss`.
//!
//! The bundler reads on threads of its own, where the context can't go. So it runs on what is known so far, and what it
//! asked for in vain is looked up and read before it runs again, until it asks for nothing new.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use lightningcss::bundler::{Bundler, ResolveResult, SourceProvider};
use lightningcss::css_modules::{Config, CssModuleExports, CssModuleReference, Pattern, Segment};
use lightningcss::error::ErrorLocation;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};

use super::load::load;
use super::scan::Token;
use super::{Piece, Sheet, fault, is_module, scan, values};
use crate::base::{Diagnostic, Key, Location, SourcePath};
use crate::compute::{Context, Failure};
use crate::resolver::{Target, in_packages};
use crate::runnable::all::Runnable;
use crate::runnable::assets::url_computation;
use crate::runnable::kind::{COPY, Kind};
use crate::runnable::layout::versioned;

/// How often the bundler runs at most: chains of imports are no longer.
const MOST_RUNS: usize = 200;

/// What a mark begins with, a number being the rest.
const MARK: &str = "hookfs-url:";

/// A file that takes part.
struct File {
    path: SourcePath,
    css: String,
    /// The text that places refer to.
    shown_text: Option<String>,
    values: BTreeMap<String, String>,
}

/// What is known so far; the bundler calls a file by its path.
#[derive(Default)]
struct Known {
    files: HashMap<PathBuf, File>,
    /// What a specifier in a file leads to; `None`: a URL.
    leads: HashMap<(String, PathBuf), Option<PathBuf>>,
    missed: Mutex<BTreeSet<(String, PathBuf)>>,
}

/// The bundler never sees one: what is not known is an empty file until it is.
#[derive(Debug, thiserror::Error)]
#[error("not known yet")]
struct Unknown;

impl SourceProvider for Known {
    type Error = Unknown;

    fn read<'a>(&'a self, file: &Path) -> Result<&'a str, Unknown> {
        Ok(self.files.get(file).map_or("", |file| file.css.as_str()))
    }

    fn resolve(&self, specifier: &str, from: &Path) -> Result<ResolveResult, Unknown> {
        let question = (specifier.to_owned(), from.to_owned());
        match self.leads.get(&question) {
            Some(Some(file)) => Ok(ResolveResult::File(file.clone())),
            Some(None) => Ok(ResolveResult::External(specifier.to_owned())),
            None => {
                let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
                let stand_in = format!("\u{0}{}", missed.len());
                missed.insert(question);
                Ok(ResolveResult::File(stand_in.into()))
            }
        }
    }
}

struct Work<'a> {
    runnable: &'a Runnable,
    context: &'a dyn Context,
    known: Known,
    scoped: bool,
    /// The files and URLs that the marks in their texts stand for.
    marks: Vec<(SourcePath, String)>,
    /// The `@import`s of URLs.
    externals: Vec<String>,
}

/// Reads, bundles, scopes and prints the style sheet at `path`.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Sheet, Failure> {
    let mut work = Work {
        runnable,
        context,
        known: Known::default(),
        scoped: is_module(path),
        marks: Vec::new(),
        externals: Vec::new(),
    };
    let entry = work.add(path, &mut Vec::new())?;
    for _ in 0..MOST_RUNS {
        let sheet = work.bundle(&entry, path);
        let missed = std::mem::take(
            &mut *work
                .known
                .missed
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        if missed.is_empty() {
            return sheet;
        }
        for (specifier, from) in missed {
            let lead = work.lead(&specifier, &from)?;
            work.known.leads.insert((specifier, from), lead);
        }
    }
    Err(Failure::Diagnostics(
        [fault(
            runnable.layout.shown(path),
            "",
            0,
            0,
            "imports lead on without end",
        )]
        .into(),
    ))
}

fn name_of(path: &SourcePath) -> PathBuf {
    String::from_utf8_lossy(path.as_bytes()).into_owned().into()
}

impl Work<'_> {
    /// Reads a file, once; `above` are those whose `@value`s led here.
    fn add(&mut self, path: &SourcePath, above: &mut Vec<SourcePath>) -> Result<PathBuf, Failure> {
        let name = name_of(path);
        if self.known.files.contains_key(&name) {
            return Ok(name);
        }
        let loaded = load(self.runnable, self.context, path)?;
        let shown_text = loaded.is_source.then(|| loaded.css.clone());
        let mut file = File {
            path: path.clone(),
            css: loaded.css,
            shown_text,
            values: BTreeMap::new(),
        };
        if self.scoped {
            let read = values::read(&file.css);
            above.push(path.clone());
            for (there, here, specifier) in read.imported {
                let config = self.runnable.resolver.config(self.context, path)?;
                let importer = self.runnable.resolver.importer(self.context, path);
                let Some(other) = importer.style(&specifier, &config)? else {
                    return Err(self.unresolved(&file, &specifier));
                };
                if above.contains(&other) {
                    continue;
                }
                let other = self.add(&other, above)?;
                let value = self
                    .known
                    .files
                    .get(&other)
                    .and_then(|other| other.values.get(&there));
                if let Some(value) = value {
                    file.values.insert(here, value.clone());
                }
            }
            above.pop();
            for (name, value) in read.own {
                let value = values::replaced(&value, &file.values);
                file.values.insert(name, value);
            }
            file.css = values::replaced(&read.text, &file.values);
        }
        file.css = self.marked(path, &file.css);
        self.known.files.insert(name.clone(), file);
        Ok(name)
    }

    fn lead(&mut self, specifier: &str, from: &Path) -> Result<Option<PathBuf>, Failure> {
        let is_url = is_url(specifier);
        let Some(file) = self.known.files.get(from).filter(|_| !is_url) else {
            return Ok(None);
        };
        let path = file.path.clone();
        let config = self.runnable.resolver.config(self.context, &path)?;
        let importer = self.runnable.resolver.importer(self.context, &path);
        match importer.style(specifier, &config)? {
            Some(found) => self.add(&found, &mut Vec::new()).map(Some),
            None => Err(self.unresolved(file, specifier)),
        }
    }

    fn unresolved(&self, file: &File, specifier: &str) -> Failure {
        let text = file.shown_text.as_deref().unwrap_or_default();
        let (line, column) = text
            .find(specifier)
            .map_or((0, 0), |offset| scan::place(text, offset));
        let width = u32::try_from(specifier.chars().count()).unwrap_or(1);
        let diagnostic =
            Diagnostic::new("unresolved-import", format!("cannot resolve `{specifier}`"))
                .at(Location {
                    file: self.runnable.layout.shown(&file.path),
                    line,
                    column,
                })
                .frame(crate::base::code_frame(text, line, column, width));
        Failure::Diagnostics([diagnostic].into())
    }

    fn bundle(&self, entry: &Path, path: &SourcePath) -> Result<Sheet, Failure> {
        let options = ParserOptions {
            filename: entry.to_string_lossy().into_owned(),
            css_modules: self.scoped.then(scoping),
            // What a package ships is not the user's to mend; browsers drop what they do not know, too.
            error_recovery: in_packages(path),
            ..ParserOptions::default()
        };
        let told = |message: &str, at: Option<ErrorLocation>| self.told(path, message, at);
        let mut bundler = Bundler::new(&self.known, None, options);
        let mut sheet = bundler
            .bundle(entry)
            .map_err(|error| told(&error.kind.to_string(), error.loc))?;
        let minify = self.runnable.options.production;
        if minify {
            sheet
                .minify(MinifyOptions::default())
                .map_err(|error| told(&error.kind.to_string(), error.loc))?;
        }
        let printed = sheet
            .to_css(PrinterOptions {
                minify,
                ..PrinterOptions::default()
            })
            .map_err(|error| told(&error.kind.to_string(), error.loc))?;
        let mut result = self.placed(path, &printed.code)?;
        if self.scoped {
            let own = self.known.files.get(entry).map(|file| &file.values);
            result.names = Some(names(printed.exports.unwrap_or_default(), own));
        }
        Ok(result)
    }

    /// What the parser or the printer said, at the place it means where that is one of a file.
    fn told(&self, path: &SourcePath, message: &str, at: Option<ErrorLocation>) -> Failure {
        let file = at
            .as_ref()
            .and_then(|at| self.known.files.get(Path::new(&at.filename)));
        let shown = self
            .runnable
            .layout
            .shown(file.map_or(path, |file| &file.path));
        let diagnostic = match (at, file.and_then(|file| file.shown_text.as_deref())) {
            (Some(at), Some(text)) => fault(shown, text, at.line + 1, at.column, message),
            _ => fault(shown, "", 0, 0, message),
        };
        Failure::Diagnostics([diagnostic].into())
    }

    /// Puts what URLs lead to in place of the marks.
    fn placed(&self, path: &SourcePath, code: &str) -> Result<Sheet, Failure> {
        let mut sheet = Sheet::default();
        let mut text = self.externals.concat();
        let mut rest = code;
        while let Some(at) = rest.find(MARK) {
            let after = &rest[at + MARK.len()..];
            let digits = after.len()
                - after
                    .trim_start_matches(|letter: char| letter.is_ascii_digit())
                    .len();
            text.push_str(&rest[..at]);
            rest = &after[digits..];
            let number = after[..digits].parse::<usize>().ok();
            let Some((from, url)) = number.and_then(|number| self.marks.get(number)) else {
                continue;
            };
            // A mark needs no quotes, and a short text has none around it; what takes its place may.
            let quote = if text.ends_with("url(") { "\"" } else { "" };
            text.push_str(quote);
            match self.url(path, from, url, &mut sheet.links)? {
                Some(placed) => {
                    sheet.pieces.push(Piece::Text(std::mem::take(&mut text)));
                    sheet.pieces.push(Piece::Url(placed));
                }
                None => text.push_str(&scan::escaped(url)),
            }
            text.push_str(quote);
        }
        text.push_str(rest);
        let is_empty = text.is_empty() && sheet.pieces.is_empty();
        if !is_empty && !text.ends_with('\n') {
            text.push('\n');
        }
        sheet.pieces.push(Piece::Text(text));
        Ok(sheet)
    }

    /// The text with a mark in place of each URL: what it is relative to is known here and not in the printed whole.
    /// With its scheme a mark is absolute, so that the parser takes it wherever a URL can stand.
    fn marked(&mut self, path: &SourcePath, text: &str) -> String {
        let all = scan::tokens(text, false);
        let mut out = String::with_capacity(text.len());
        // The words after which a URL is none of a file to be served.
        let mut statement = false;
        let mut index = 0;
        while let Some((token, range)) = all.get(index) {
            let part = &text[range.clone()];
            match (token, part) {
                (Token::Word, "@import") if external(text, &all[index..]).is_some() => {
                    // A URL's style sheet has to come first of all, wherever it was asked for.
                    let length = external(text, &all[index..]).unwrap_or(1);
                    let end = all
                        .get(index + length)
                        .map_or(text.len(), |(_, next)| next.start);
                    let whole =
                        format!("{};\n", text[range.start..end].trim_end_matches(';').trim());
                    if !self.externals.contains(&whole) {
                        self.externals.push(whole);
                    }
                    index += length;
                    continue;
                }
                (Token::Word, "@import" | "@namespace") => statement = true,
                (Token::Other(b';' | b'{' | b'}'), _) => statement = false,
                _ => {}
            }
            let found = match token {
                Token::Url if !statement => {
                    let inside = part[4..].strip_suffix(')').unwrap_or(&part[4..]);
                    Some((scan::unquoted(inside.trim()), 1))
                }
                Token::Word if !statement && part.eq_ignore_ascii_case("url") => {
                    scan::quoted(text, &all[index + 1..]).map(|(url, length)| (url, length + 1))
                }
                _ => None,
            };
            match found {
                Some((url, length)) => {
                    out.push_str(&format!("url(\"{MARK}{}\")", self.marks.len()));
                    self.marks.push((path.clone(), url));
                    index += length;
                }
                None => {
                    out.push_str(part);
                    index += 1;
                }
            }
        }
        out
    }

    /// The URL from the output of `path` to what `url` in the file `from` means; `None`: it stays as it is written.
    fn url(
        &self,
        path: &SourcePath,
        from: &SourcePath,
        url: &str,
        links: &mut Vec<Key>,
    ) -> Result<Option<String>, Failure> {
        let cut = url.find(['?', '#']).unwrap_or(url.len());
        let (name, suffix) = url.split_at(cut);
        let has_scheme = name.split('/').next().unwrap_or_default().contains(':');
        if name.is_empty() || has_scheme || name.starts_with("//") {
            return Ok(None);
        }
        let importer = self.runnable.resolver.importer(self.context, from);
        let config = self.runnable.resolver.config(self.context, from)?;
        let plain = crate::runnable::requests::unescaped(name);
        let plain = String::from_utf8_lossy(&plain);
        let mut found = importer.style(&plain, &config)?;
        if found.is_none() && !name.starts_with(['.', '/']) {
            let name = plain.strip_prefix('~').unwrap_or(&plain);
            if let Ok(Target::File(file, _)) = importer.resolve(name, &config)? {
                found = Some(file);
            }
        }
        if let Some(file) = found
            && crate::runnable::views::is_served(
                self.runnable.layout.source(),
                self.context,
                &file,
            )?
        {
            let key = Key::new(url_computation(Kind::of_path(&file)), file);
            // Only a file as it is: a style sheet's hash could be made of itself.
            let version = match key.computation == COPY {
                true => crate::runnable::hashed::version(self.context, &key)?,
                false => None,
            };
            let url = self.runnable.layout.url(path, &key);
            let placed = versioned(&url, suffix, version.as_deref());
            if !links.contains(&key) {
                links.push(key);
            }
            return Ok(Some(placed));
        }
        // What is not there may come from elsewhere; it is still a path from the file that names it.
        let directory = from.parent().unwrap_or_else(SourcePath::root);
        match directory.join(plain.as_bytes()) {
            Ok(file) if !name.starts_with(['/', '~', '@']) => {
                let key = Key::new(COPY, file);
                let placed = format!("{}{suffix}", self.runnable.layout.url(path, &key));
                Ok(Some(placed))
            }
            _ => Ok(None),
        }
    }
}

/// The tokens of an `@import` of a URL, its semicolon among them.
fn external(text: &str, tokens: &[(Token, std::ops::Range<usize>)]) -> Option<usize> {
    let mut shown = tokens
        .iter()
        .skip(1)
        .filter(|(token, _)| !matches!(token, Token::Space | Token::Comment));
    let (token, range) = shown.next()?;
    let part = &text[range.clone()];
    let named = match token {
        Token::Text => scan::unquoted(part),
        Token::Url => part[4..].trim_end_matches(')').trim().to_owned(),
        Token::Word if part.eq_ignore_ascii_case("url") => {
            let at = tokens.iter().position(|(_, other)| other == range)?;
            scan::quoted(text, &tokens[at + 1..])?.0
        }
        _ => return None,
    };
    let end = tokens
        .iter()
        .position(|(token, _)| *token == Token::Other(b';'));
    is_url(&named).then(|| end.map_or(tokens.len(), |end| end + 1))
}

fn is_url(specifier: &str) -> bool {
    ["http:", "https:", "data:", "//"]
        .iter()
        .any(|scheme| specifier.starts_with(scheme))
}

/// As Vite's default scopes: class names, ids and animations, each with a part that is the file's own.
fn scoping() -> Config {
    Config {
        pattern: Pattern {
            segments: [
                Segment::Literal("_".into()),
                Segment::Local,
                Segment::Literal("_".into()),
                Segment::Hash,
            ]
            .into_iter()
            .collect(),
        },
        dashed_idents: false,
        animation: true,
        grid: false,
        container: false,
        custom_idents: false,
        pure: false,
    }
}

/// The names of a CSS module, sorted: what they are in the page, those that they are composed of after them.
fn names(
    exports: CssModuleExports,
    values: Option<&BTreeMap<String, String>>,
) -> Vec<(String, String)> {
    let mut all: BTreeMap<String, String> = values.cloned().unwrap_or_default();
    for (name, export) in exports {
        let mut value = export.name;
        for composed in &export.composes {
            let (CssModuleReference::Local { name }
            | CssModuleReference::Global { name }
            | CssModuleReference::Dependency { name, .. }) = composed;
            value.push(' ');
            value.push_str(name);
        }
        all.insert(name, value);
    }
    all.into_iter().collect()
}

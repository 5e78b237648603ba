//! A style sheet with all that it imports, in one text. What is not looked into stays as it is written: browsers know what
//! it means, or drop it.

use std::collections::{BTreeMap, HashMap, HashSet};

use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};

use super::import::Import;
use super::load::load;
use super::scan::{Token, tokens};
use super::scope::{Composed, Scoped, name, scoped};
use super::urls::{MARK, marked};
use super::{Piece, Sheet, fault, is_module, scan, tailwind, values};
use crate::base::{ContentHash, Diagnostic, Key, Location, SourcePath, code_frame};
use crate::compute::{Context, Failure};
use crate::resolver::{Target, in_packages};
use crate::runnable::all::Runnable;
use crate::runnable::assets::url_computation;
use crate::runnable::kind::{COPY, Kind};
use crate::runnable::layout::versioned;

/// How long a chain of imports may be.
const DEEPEST: usize = 200;

/// Style sheets that one may consist of, each counted as often as it is imported.
const MOST: usize = 10_000;

/// The bytes that they may have together.
const MOST_BYTES: usize = 64 << 20;

/// A file that takes part.
#[derive(Clone, Default)]
struct File {
    css: String,
    /// Whether places in it are those of the file.
    is_source: bool,
    values: BTreeMap<String, String>,
}

/// What has been put into a text: where it stands, and what was there before.
#[derive(Default)]
struct Included {
    /// The files that lead here.
    above: Vec<SourcePath>,
    /// Files with the conditions under which they were imported. As with `postcss-import`, what comes again is there
    /// already.
    seen: HashSet<(SourcePath, String)>,
}

struct Work<'a> {
    runnable: &'a Runnable,
    context: &'a dyn Context,
    scoped: bool,
    files: HashMap<SourcePath, File>,
    /// CSS modules, those that others are composed of first.
    modules: Vec<(SourcePath, Scoped)>,
    /// The files and URLs that the marks in their texts stand for.
    marks: Vec<(SourcePath, String)>,
    /// The `@import`s of URLs.
    externals: Vec<String>,
    count: usize,
    bytes: usize,
    hint: Option<String>,
}

/// Reads and scopes the style sheet at `path`, and all that it imports.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Sheet, Failure> {
    let mut work = Work {
        runnable,
        context,
        scoped: is_module(path),
        files: HashMap::new(),
        modules: Vec::new(),
        marks: Vec::new(),
        externals: Vec::new(),
        count: 0,
        bytes: 0,
        hint: None,
    };
    let text = match work.scoped {
        false => work.whole(path)?,
        true => {
            work.module(path, &mut Vec::new())?;
            let texts = work.modules.iter().map(|(_, module)| module.text.as_str());
            texts.collect()
        }
    };
    let text = match runnable.options.production {
        true => shortened(&text).unwrap_or(text),
        false => text,
    };
    let mut sheet = work.placed(path, &text)?;
    if work.scoped {
        sheet.names = Some(work.names(path));
    }
    sheet.hint = work.hint;
    Ok(sheet)
}

/// The same style sheet in fewer bytes. `None`: it has what `lightningcss` does not know, and is better left as it is.
fn shortened(text: &str) -> Option<String> {
    // The parser recurses into what is nested.
    if scan::unbalanced(text).is_some() {
        return None;
    }
    let mut sheet = StyleSheet::parse(text, ParserOptions::default()).ok()?;
    sheet.minify(MinifyOptions::default()).ok()?;
    let options = PrinterOptions {
        minify: true,
        ..PrinterOptions::default()
    };
    Some(sheet.to_css(options).ok()?.code)
}

/// What makes the names of a file's own: the same on every machine.
fn hash(path: &SourcePath) -> String {
    let mut hash = ContentHash::of(path.as_bytes()).to_hex();
    hash.truncate(8);
    hash
}

impl Work<'_> {
    /// A CSS module, and before it those that it is composed of.
    fn module(&mut self, path: &SourcePath, above: &mut Vec<SourcePath>) -> Result<(), Failure> {
        if above.contains(path) || self.modules.iter().any(|(done, _)| done == path) {
            return Ok(());
        }
        let module = scoped(&self.whole(path)?, &hash(path));
        above.push(path.clone());
        for composed in module.composed.values().flatten() {
            match composed {
                Composed::Of(_, specifier) => {
                    let other = self.style(path, specifier, None)?;
                    self.module(&other, above)?;
                }
                Composed::Local(local) if !module.names.contains(local) => {
                    return Err(self.no_class(path, local));
                }
                Composed::Local(_) | Composed::Global(_) => {}
            }
        }
        above.pop();
        self.modules.push((path.clone(), module));
        Ok(())
    }

    /// What is composed of a class that the file has not (an error of `postcss-modules-scope` as well).
    fn no_class(&self, path: &SourcePath, local: &str) -> Failure {
        let file = self.files.get(path).filter(|file| file.is_source);
        let text = file.map_or("", |file| &file.css);
        let offset = text.match_indices("composes").find_map(|(at, _)| {
            let value = text[at + "composes".len()..].split([';', '}']).next()?;
            let ends = |letter: char| letter == ':' || letter.is_whitespace();
            let mut words = value.split(ends).filter(|word| *word == local);
            Some(words.next()?.as_ptr() as usize - text.as_ptr() as usize)
        });
        let (line, column) = offset.map_or((0, 0), |offset| scan::place(text, offset));
        let shown = self.runnable.layout.shown(path);
        let message = format!("there is no class `{local}` to compose of in this file");
        Failure::Diagnostics([fault(shown, text, line, column, &message)].into())
    }

    /// The names of a CSS module, sorted: what they are in the page, those that they are composed of after them.
    fn names(&self, path: &SourcePath) -> Vec<(String, String)> {
        let mut all = self
            .files
            .get(path)
            .map(|file| file.values.clone())
            .unwrap_or_default();
        let module = self.modules.iter().find(|(done, _)| done == path);
        for local in module.iter().flat_map(|(_, module)| &module.names) {
            let mut classes = Vec::new();
            self.compose(path, local, &mut Vec::new(), &mut classes);
            all.insert(local.clone(), classes.join(" "));
        }
        all.into_iter().collect()
    }

    /// Adds what a local name is in the page, and what it is composed of.
    fn compose(
        &self,
        path: &SourcePath,
        local: &str,
        above: &mut Vec<(SourcePath, String)>,
        classes: &mut Vec<String>,
    ) {
        let mut add = |class: String| {
            if !classes.contains(&class) {
                classes.push(class);
            }
        };
        let here = (path.clone(), local.to_owned());
        let Some((_, module)) = self.modules.iter().find(|(done, _)| done == path) else {
            return;
        };
        if above.contains(&here) || above.len() > DEEPEST || !module.names.contains(local) {
            return;
        }
        add(name(local, &hash(path)));
        above.push(here);
        for composed in module.composed.get(local).into_iter().flatten() {
            match composed {
                Composed::Global(class) => {
                    if !classes.contains(class) {
                        classes.push(class.clone());
                    }
                }
                Composed::Local(other) => self.compose(path, other, above, classes),
                Composed::Of(other, specifier) => {
                    // It was found before; where it cannot be read now, the run is repeated.
                    if let Ok(file) = self.style(path, specifier, None) {
                        self.compose(&file, other, above, classes);
                    }
                }
            }
        }
        above.pop();
    }

    /// The text of a file with what it imports, its URLs marked.
    fn whole(&mut self, path: &SourcePath) -> Result<String, Failure> {
        let mut out = String::new();
        self.include(path, "", &mut Included::default(), &mut out)?;
        Ok(out)
    }

    /// Adds a file and what it imports. `conditions` are those of the imports that lead here.
    fn include(
        &mut self,
        path: &SourcePath,
        conditions: &str,
        included: &mut Included,
        out: &mut String,
    ) -> Result<(), Failure> {
        let is_new = included.seen.insert((path.clone(), conditions.to_owned()));
        if !is_new || included.above.contains(path) {
            return Ok(());
        }
        let file = self.file(path, &mut Vec::new())?;
        self.count += 1;
        self.bytes += file.css.len();
        if included.above.len() > DEEPEST || self.count > MOST || self.bytes > MOST_BYTES {
            let shown = self.runnable.layout.shown(path);
            let diagnostic = fault(shown, "", 0, 0, "the imports that lead here have no end");
            return Err(Failure::Diagnostics([diagnostic].into()));
        }
        included.above.push(path.clone());
        let all = tokens(&file.css, false);
        let mut at = 0;
        while let Some((token, range)) = all.get(at) {
            let part = &file.css[range.clone()];
            let statement = || {
                let ends = |token: &Token| matches!(token, Token::Other(b';' | b'{'));
                let end = all[at..].iter().position(|(token, _)| ends(token))?;
                (all[at + end].0 == Token::Other(b';')).then_some(end + 1)
            };
            match token {
                Token::Space | Token::Comment => {
                    out.push_str(part);
                    at += 1;
                }
                Token::Word if part.eq_ignore_ascii_case("@charset") => {
                    at += statement().unwrap_or(all.len() - at);
                }
                Token::Word if part.eq_ignore_ascii_case("@layer") => {
                    let Some(length) = statement() else { break };
                    out.push_str(&file.css[range.start..all[at + length - 1].1.end]);
                    at += length;
                }
                _ => match Import::read(&file.css, &all[at..]) {
                    Some(import) => {
                        at += import.length;
                        self.import(path, conditions, &import, included, out)?;
                    }
                    None => break,
                },
            }
        }
        included.above.pop();
        let rest = all
            .get(at)
            .map_or("", |(_, range)| &file.css[range.start..]);
        let marks = &mut self.marks;
        out.push_str(&marked(rest, |url| {
            marks.push((path.clone(), url));
            (marks.len() - 1).to_string()
        }));
        Ok(())
    }

    /// Puts a style sheet in the place of the statement that imports it.
    fn import(
        &mut self,
        path: &SourcePath,
        conditions: &str,
        import: &Import,
        included: &mut Included,
        out: &mut String,
    ) -> Result<(), Failure> {
        if import.is_url() {
            // A URL's style sheet has to come first of all, wherever it was asked for.
            let own = match import.conditions.is_empty() {
                true => conditions.rsplit('\0').next().unwrap_or_default(),
                false => &import.conditions,
            };
            let url = scan::escaped(&import.specifier);
            let whole = format!("@import url(\"{url}\") {own}")
                .trim_end()
                .to_owned()
                + ";\n";
            if !self.externals.contains(&whole) {
                self.externals.push(whole);
            }
            return Ok(());
        }
        if tailwind::is_package(&import.specifier) && !in_packages(path) {
            self.hint(path, &format!("@import \"{}\"", import.specifier));
        }
        let found = self.style(path, &import.specifier, Some(import.at))?;
        let all = match import.conditions.is_empty() {
            true => conditions.to_owned(),
            false => format!("{conditions}\0{}", import.conditions),
        };
        let (open, close) = import.wrapping();
        let before = out.len();
        out.push_str(&open);
        let start = out.len();
        self.include(&found, &all, included, out)?;
        if out.len() == start {
            out.truncate(before);
            return Ok(());
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(&close);
        Ok(())
    }

    /// Reads a file, once; `above` are those whose `@value`s led here.
    fn file(&mut self, path: &SourcePath, above: &mut Vec<SourcePath>) -> Result<File, Failure> {
        if let Some(file) = self.files.get(path) {
            return Ok(file.clone());
        }
        let loaded = load(self.runnable, self.context, path)?;
        if !in_packages(path)
            && let Some(rule) = tailwind::rule(&loaded.css)
        {
            self.hint(path, rule);
        }
        let mut file = File {
            css: loaded.css,
            is_source: loaded.is_source,
            values: BTreeMap::new(),
        };
        if self.scoped {
            let read = values::read(&file.css);
            above.push(path.clone());
            for (there, here, specifier) in read.imported {
                let other = self.style(path, &specifier, None)?;
                if above.contains(&other) {
                    continue;
                }
                if let Some(value) = self.file(&other, above)?.values.get(&there) {
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
        self.files.insert(path.clone(), file.clone());
        Ok(file)
    }

    fn hint(&mut self, path: &SourcePath, rule: &str) {
        let shown = self.runnable.layout.shown(path);
        self.hint
            .get_or_insert_with(|| tailwind::hint(&shown, rule));
    }

    /// The style sheet that a specifier in a file names; `at`: its place in the text.
    fn style(
        &self,
        path: &SourcePath,
        specifier: &str,
        at: Option<usize>,
    ) -> Result<SourcePath, Failure> {
        let config = self.runnable.resolver.config(self.context, path)?;
        let importer = self.runnable.resolver.importer(self.context, path);
        match importer.style(specifier, &config)? {
            Some(found) => Ok(found),
            None => Err(self.unresolved(path, specifier, at)),
        }
    }

    fn unresolved(&self, path: &SourcePath, specifier: &str, at: Option<usize>) -> Failure {
        let file = self.files.get(path).filter(|file| file.is_source);
        let text = file.map_or("", |file| &file.css);
        let offset = at
            .filter(|_| file.is_some())
            .or_else(|| text.find(specifier));
        let (line, column) = offset.map_or((0, 0), |offset| scan::place(text, offset));
        let width = u32::try_from(specifier.chars().count()).unwrap_or(1);
        let mut diagnostic =
            Diagnostic::new("unresolved-import", format!("cannot resolve `{specifier}`"))
                .at(Location {
                    file: self.runnable.layout.shown(path),
                    line,
                    column,
                })
                .frame(code_frame(text, line, column, width));
        diagnostic.hint.clone_from(&self.hint);
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
            let placed = versioned(&url, suffix, version);
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

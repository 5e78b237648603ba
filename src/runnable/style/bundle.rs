//! A style sheet with all that it imports, in one text. What is not looked into stays as it is written: browsers know what
//! it means, or drop it.

use std::collections::{BTreeMap, HashMap, HashSet};

use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};
use lightningcss::targets::{Browsers, Features, Targets};

use super::import::Import;
use super::load::load;
use super::scan::{Token, tokens};
use super::scope::Scoped;
use super::tailwind::{self, Statement};
use super::urls::marked;
use super::{Sheet, fault, is_module, scan, values};
use crate::base::{Diagnostic, Location, SourcePath, code_frame};
use crate::compute::{Context, Failure};
use crate::resolver::{Importer, in_packages};
use crate::runnable::all::Runnable;
use crate::runnable::made::Made;

/// How long a chain of imports may be.
pub(super) const DEEPEST: usize = 200;

/// Style sheets that one may consist of, each counted as often as it is imported.
const MOST: usize = 10_000;

/// The bytes that they may have together.
const MOST_BYTES: usize = 64 << 20;

/// A file that takes part.
#[derive(Clone, Default)]
pub(super) struct File {
    pub(super) css: String,
    /// Whether places in it are those of the file.
    pub(super) is_source: bool,
    pub(super) values: BTreeMap<String, String>,
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

pub(super) struct Work<'a> {
    pub(super) runnable: &'a Runnable,
    pub(super) context: &'a dyn Context,
    pub(super) scoped: bool,
    pub(super) files: HashMap<SourcePath, File>,
    /// CSS modules, those that others are composed of first.
    pub(super) modules: Vec<(SourcePath, Scoped)>,
    /// The files and URLs that the marks in their texts stand for.
    pub(super) marks: Vec<(SourcePath, String)>,
    /// The `@import`s of URLs.
    pub(super) externals: Vec<String>,
    pub(super) count: usize,
    pub(super) bytes: usize,
    pub(super) hint: Option<String>,
    /// What Tailwind is asked by the files, those that are imported first.
    pub(super) asked: Vec<(SourcePath, Statement)>,
}

/// Reads and scopes the style sheet at `path`, and all that it imports.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Sheet, Failure> {
    let mut work = Work::new(runnable, context, is_module(path));
    let text = match work.scoped {
        false => work.ready(path)?,
        true => {
            work.module(path, &mut Vec::new())?;
            let texts = work.modules.iter().map(|(_, module)| module.text.as_str());
            texts.collect()
        }
    };
    let mut sheet = work.placed(path, &finished(runnable, text))?;
    if work.scoped {
        sheet.names = Some(work.names(path));
    }
    sheet.hint = work.hint;
    Ok(sheet)
}

/// The text of a style sheet that is CSS, as it is given out.
fn finished(runnable: &Runnable, text: String) -> String {
    match runnable.options.production {
        true => shortened(&text).unwrap_or(text),
        false => text,
    }
}

/// What shortened sheets are for: no fallback is dropped, and what can be said in an old way that means the same is said so
/// (media queries, colors). Nothing else is lowered. These are the first browsers with modules.
const OLDEST: Targets = Targets {
    browsers: Some(Browsers {
        android: None,
        chrome: Some(61 << 16),
        edge: Some(16 << 16),
        firefox: Some(60 << 16),
        ie: None,
        ios_saf: Some(11 << 16),
        opera: None,
        safari: Some(11 << 16),
        samsung: None,
    }),
    include: Features::empty(),
    exclude: Features::all().difference(
        Features::MediaRangeSyntax
            .union(Features::MediaIntervalSyntax)
            .union(Features::HexAlphaColors),
    ),
};

/// The same style sheet in fewer bytes. `None`: it has what `lightningcss` does not know, and is better left as it is.
fn shortened(text: &str) -> Option<String> {
    // The parser recurses into what is nested.
    if scan::unbalanced(text).is_some() {
        return None;
    }
    let mut sheet = StyleSheet::parse(text, ParserOptions::default()).ok()?;
    let minify = MinifyOptions {
        targets: OLDEST,
        ..MinifyOptions::default()
    };
    sheet.minify(minify).ok()?;
    let options = PrinterOptions {
        minify: true,
        targets: OLDEST,
        ..PrinterOptions::default()
    };
    Some(sheet.to_css(options).ok()?.code)
}

impl<'a> Work<'a> {
    /// Nothing is read yet. `scoped`: it is for a CSS module.
    pub(super) fn new(runnable: &'a Runnable, context: &'a dyn Context, scoped: bool) -> Self {
        Self {
            runnable,
            context,
            scoped,
            files: HashMap::new(),
            modules: Vec::new(),
            marks: Vec::new(),
            externals: Vec::new(),
            count: 0,
            bytes: 0,
            hint: None,
            asked: Vec::new(),
        }
    }

    /// The text of a file with what it imports, its URLs marked.
    pub(super) fn whole(&mut self, path: &SourcePath) -> Result<String, Failure> {
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
        let asked = tailwind::statements(&loaded.css).into_iter();
        self.asked
            .extend(asked.map(|statement| (path.clone(), statement)));
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
    pub(super) fn style(
        &self,
        path: &SourcePath,
        specifier: &str,
        at: Option<usize>,
    ) -> Result<SourcePath, Failure> {
        let config = self.runnable.resolver.config(self.context, path)?;
        let importer = self.runnable.resolver.importer(self.context, path);
        let found = match importer.style(specifier, &config)? {
            None => self.made(path, |importer| importer.style(specifier, &config))?,
            found => found,
        };
        found.ok_or_else(|| self.unresolved(path, specifier, at, self.hint.clone()))
    }

    /// What a name in a file leads to among what hooks make.
    pub(super) fn made(
        &self,
        path: &SourcePath,
        find: impl FnOnce(&Importer<'_>) -> Result<Option<SourcePath>, Failure>,
    ) -> Result<Option<SourcePath>, Failure> {
        if in_packages(path) {
            return Ok(None);
        }
        let made = Made::names(self.context, self.runnable.layout.source());
        let found = find(&self.runnable.resolver.importer(&made, path));
        made.ended(found)
    }

    pub(super) fn unresolved(
        &self,
        path: &SourcePath,
        specifier: &str,
        at: Option<usize>,
        hint: Option<String>,
    ) -> Failure {
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
        diagnostic.hint = hint;
        Failure::Diagnostics([diagnostic].into())
    }
}

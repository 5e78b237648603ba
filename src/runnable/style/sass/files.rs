//! What Sass asks of the tree, answered through the context.

use std::cell::RefCell;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::worker::{Answer, Question};
use super::{absolute, color};
use crate::base::SourcePath;
use crate::compute::{Context, Failure};
use crate::resolver::{CompilerOptions, Importer, follow};
use crate::runnable::all::Runnable;
use crate::runnable::kind::Kind;
use crate::runnable::style::scan::{Token, tokens, unquoted};
use crate::source::Entry;

/// The tree as `grass` sees it: `/` is the workspace root.
pub(super) struct Files<'a> {
    runnable: &'a Runnable,
    context: &'a dyn Context,
    config: CompilerOptions,
    /// The directory of the file that is compiled: what URLs in its output are relative to.
    directory: SourcePath,
    failure: RefCell<Option<Failure>>,
}

impl<'a> Files<'a> {
    /// Those that the style sheet at `path` can reach.
    ///
    /// # Errors
    /// [`Failure`] where its configuration is wrong.
    pub(super) fn new(
        runnable: &'a Runnable,
        context: &'a dyn Context,
        path: &SourcePath,
    ) -> Result<Self, Failure> {
        Ok(Self {
            runnable,
            context,
            config: runnable.resolver.config(context, path)?,
            directory: path.parent().unwrap_or_else(SourcePath::root),
            failure: RefCell::new(None),
        })
    }

    /// What went wrong while questions were answered.
    pub(super) fn into_failure(self) -> Option<Failure> {
        self.failure.into_inner()
    }

    /// Answers a question.
    pub(super) fn answer(&self, question: &Question) -> Answer {
        if let Question::IsFile(path) | Question::Read(path) | Question::Canonical(path) = question
            && let Some(source) = color::source(path.path())
        {
            return match question {
                Question::IsFile(_) => Answer::Is(true),
                Question::Read(_) => Answer::Bytes(source.into()),
                _ => Answer::Nothing,
            };
        }
        match question {
            Question::IsDirectory(path) => Answer::Is(matches!(
                self.entry(path.path()),
                Some((_, Entry::Directory))
            )),
            Question::IsFile(path) => Answer::Is(self.is_file(path.path())),
            Question::Read(path) => match self.read(path.path()) {
                Some(bytes) => Answer::Bytes(bytes),
                None => Answer::Nothing,
            },
            Question::Canonical(path) => match self.entry(path.path()) {
                Some((real, _)) => Answer::Path(absolute(&real).as_path().into()),
                None => Answer::Nothing,
            },
        }
    }

    fn is_file(&self, path: &Path) -> bool {
        matches!(self.entry(path), Some((_, Entry::File)))
    }

    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let Some((real, Entry::File)) = self.entry(path) else {
            return None;
        };
        match self.context.content(&real) {
            Ok(bytes) => Some(match std::str::from_utf8(&bytes) {
                Ok(text) => color::modern(&self.prepared(&real, text))
                    .into_owned()
                    .into_bytes(),
                Err(_) => bytes.to_vec(),
            }),
            Err(error) => {
                self.failure.borrow_mut().get_or_insert(error.into());
                None
            }
        }
    }

    fn entry(&self, path: &Path) -> Option<(SourcePath, Entry)> {
        let path = SourcePath::parse(path.as_os_str().as_bytes()).ok()?;
        match follow(self.context, &path) {
            Ok(found) => found,
            Err(failure) => {
                self.failure.borrow_mut().get_or_insert(failure);
                None
            }
        }
    }

    /// The text as `grass` can load what it names: specifiers that no file beside it has are resolved as imports are,
    /// and relative URLs of a loaded file are made relative to the file that is compiled.
    fn prepared(&self, path: &SourcePath, text: &str) -> String {
        let own = path.parent().unwrap_or_else(SourcePath::root);
        let all = tokens(text, true);
        let mut out = String::with_capacity(text.len());
        let mut loading = None;
        let mut applying = false;
        let is_indented = path.extension() == Some(&b"sass"[..]);
        let is_line_end = |space: &str| is_indented && space.contains('\n');
        let mut in_url = false;
        for (index, (token, range)) in all.iter().enumerate() {
            let part = &text[range.clone()];
            match token {
                Token::Word if matches!(part, "@use" | "@forward" | "@import") => {
                    loading = Some(part)
                }
                Token::Other(b';' | b'{' | b'}' | b'(') => loading = None,
                Token::Space if is_line_end(part) => loading = None,
                _ => {}
            }
            applying = match token {
                Token::Word if part == "@apply" => true,
                Token::Other(b';' | b'{' | b'}') => false,
                Token::Space if is_line_end(part) => false,
                _ => applying,
            };
            match token {
                // `grass` takes it for the end of an expression.
                Token::Other(b'!') if applying => out.push_str("#{'!'}"),
                Token::Text if loading.is_some() => {
                    let is_named = is_named(text, &all[index + 1..]);
                    let namespaced = loading == Some("@use") && !is_named;
                    out.push_str(&self.loaded(&own, part, namespaced, loading == Some("@import")));
                }
                Token::Text if in_url => {
                    let quote = &part[..1];
                    let inside = part.trim_matches(['"', '\'']);
                    out.push_str(&format!("{quote}{}{quote}", self.rebased(&own, inside)));
                }
                // With brackets or quotes in it, it is an expression (Sass, "`url()`").
                Token::Url if !part[4..].contains(['(', '"', '\'']) => {
                    let inside = part[4..].trim_end_matches(')').trim();
                    out.push_str(&format!("url({})", self.rebased(&own, inside)));
                }
                _ => out.push_str(part),
            }
            in_url = *token == Token::Other(b'(')
                && index > 0
                && text[all[index - 1].1.clone()].eq_ignore_ascii_case("url")
                || in_url && *token == Token::Space;
        }
        out
    }

    /// What stands in place of a string that a rule of a file in `own` loads. `namespaced`: the rule names what it loads by the
    /// URL; `css`: it may be an import of plain CSS, which stays in what comes out.
    fn loaded(&self, own: &SourcePath, part: &str, namespaced: bool, css: bool) -> String {
        let specifier = unquoted(part);
        match self.written(own, &specifier) {
            Some(found) => match namespace(&specifier) {
                Some(name) if namespaced && namespace(&found) != Some(name) => {
                    format!("{found:?} as {name}")
                }
                _ => format!("{found:?}"),
            },
            None if css && specifier.ends_with(".css") => {
                format!("{:?}", self.rebased(own, &specifier))
            }
            None => part.to_owned(),
        }
    }

    /// A URL of a file in `own`, as the compiled file must write it.
    fn rebased(&self, own: &SourcePath, url: &str) -> String {
        let is_plain = !url.is_empty()
            && !url.starts_with(['/', '#', '$', '~', '@'])
            && !url.contains(":")
            && !url.contains("#{");
        let cut = url.find(['?', '#']).unwrap_or(url.len());
        match own.join(&url[..cut]) {
            Ok(target) if is_plain && *own != self.directory => {
                let relative = target.relative_from(&self.directory);
                format!("{}{}", String::from_utf8_lossy(&relative), &url[cut..])
            }
            _ => url.to_owned(),
        }
    }

    /// What to write for a specifier in a file of `own`; `None`: as it is.
    fn written(&self, own: &SourcePath, specifier: &str) -> Option<String> {
        let named = self.named(own, specifier);
        let name = named.as_deref().unwrap_or(specifier);
        match self.ending(own, name) {
            Some(ending) => Some(format!("{name}{ending}")),
            None => named,
        }
    }

    /// The ending of the file that a name like `./tokens.module` means: `grass` would put endings in the place of `.module`,
    /// where Sass puts them after it.
    fn ending(&self, own: &SourcePath, name: &str) -> Option<&'static str> {
        const ENDINGS: [&str; 3] = [".sass", ".scss", ".css"];
        let is_url = name.contains(':') || name.starts_with("//");
        let has_ending = ENDINGS.iter().any(|ending| name.ends_with(ending));
        if is_url || has_ending || name.contains("#{") || Path::new(name).extension().is_none() {
            return None;
        }
        let (folder, last) = name.rsplit_once('/').unwrap_or(("", name));
        let from = match name.starts_with('/') {
            true => &SourcePath::root(),
            false => own,
        };
        let folder = absolute(&from.join(folder).ok()?);
        ENDINGS.into_iter().find(|ending| {
            let is_there = |name: String| self.is_file(&folder.join(name));
            is_there(format!("{last}{ending}")) || is_there(format!("_{last}{ending}"))
        })
    }

    /// What to write for a specifier that is no path from `own`; `None`: as it is.
    fn named(&self, own: &SourcePath, specifier: &str) -> Option<String> {
        let special = ["sass:", "http:", "https:", "//", "./", "../"];
        if specifier.is_empty()
            || special.iter().any(|start| specifier.starts_with(start))
            || specifier.contains("#{")
        {
            return None;
        }
        if !specifier.starts_with(['/', '~']) && self.exists(own, specifier) {
            return None;
        }
        let name = specifier
            .strip_prefix('~')
            .or(specifier.strip_prefix("pkg:"))
            .unwrap_or(specifier);
        let importer = self
            .runnable
            .resolver
            .importer(self.context, &own.child("_"));
        let found = match self.in_folder(&importer, name) {
            Ok(None) => importer.sass_style(name, &self.config).map(|found| {
                let path = found.filter(|path| Kind::of_path(path) == Kind::Style)?;
                Some(absolute(&path))
            }),
            found => found,
        };
        match found {
            Ok(found) => Some(found?.to_string_lossy().into_owned()),
            Err(failure) => {
                self.failure.borrow_mut().get_or_insert(failure);
                None
            }
        }
    }

    /// What Sass can find itself, once the folder is known: partials, endings left out, `index` files.
    fn in_folder(&self, importer: &Importer<'_>, name: &str) -> Result<Option<PathBuf>, Failure> {
        let inside = name.trim_start_matches('/');
        let (folder, last) = inside.rsplit_once('/').unwrap_or(("", inside));
        let base = if name.starts_with('/') {
            self.runnable.layout.source().join(folder).ok()
        } else if folder.is_empty() {
            let directory = importer.directory(last, &self.config)?;
            let has_index = |directory: &SourcePath| self.exists(directory, "index");
            return Ok(directory
                .filter(has_index)
                .map(|directory| absolute(&directory)));
        } else {
            importer.directory(folder, &self.config)?
        };
        let found = base.filter(|base| self.exists(base, last));
        Ok(found.map(|base| absolute(&base).join(last)))
    }

    /// Whether Sass finds `relative` from a directory: as a file, a partial, with an extension left out, or as a folder.
    fn exists(&self, directory: &SourcePath, relative: &str) -> bool {
        let (folder, last) = relative.rsplit_once('/').unwrap_or(("", relative));
        let Ok(folder) = directory.join(folder) else {
            return false;
        };
        let folder = absolute(&folder);
        let has_ending = [".scss", ".sass", ".css"]
            .iter()
            .any(|ending| last.ends_with(ending));
        let endings: &[&str] = match has_ending {
            true => &[""],
            false => &[".sass", ".scss", ".css"],
        };
        let names = endings.iter().flat_map(|ending| {
            [
                format!("{last}{ending}"),
                format!("_{last}{ending}"),
                format!("{last}/_index{ending}"),
                format!("{last}/index{ending}"),
            ]
        });
        names
            .into_iter()
            .any(|name| self.is_file(&folder.join(name)))
    }
}

/// The name that `@use` gives to what it loads by this URL (Sass, spec/modules, "Determining a module's namespace"); `None`: it
/// is no name.
fn namespace(url: &str) -> Option<&str> {
    let last = url.rsplit(['/', ':', '~']).next()?;
    let last = last.split('.').next()?;
    let name = last.strip_prefix('_').unwrap_or(last);
    let is_letter = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    let first = name.trim_start_matches('-').chars().next()?;
    (name.chars().all(is_letter) && !first.is_ascii_digit()).then_some(name)
}

/// Whether what stands after a URL gives a name itself: `as name`, `as *`.
fn is_named(text: &str, after: &[(Token, std::ops::Range<usize>)]) -> bool {
    let mut after = after
        .iter()
        .filter(|(token, _)| !matches!(token, Token::Space | Token::Comment));
    let next = after.next().map(|(_, range)| &text[range.clone()]);
    next.is_some_and(|word| word.eq_ignore_ascii_case("as"))
}

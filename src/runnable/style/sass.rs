//! Sass, by `grass`, on the tree: each file it looks for is asked for through the context, absent ones too.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use grass_compiler::{ErrorKind, Fs, NullLogger, Options};

use super::fault;
use super::scan::{Token, tokens, unquoted};
use crate::base::{Location, SourcePath};
use crate::compute::{Context, Failure};
use crate::resolver::{CompilerOptions, follow};
use crate::runnable::all::Runnable;
use crate::source::Entry;

/// Compiles the file at `path`, whose content is `text`.
pub(super) fn compile(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    text: &str,
) -> Result<String, Failure> {
    let directory = path.parent().unwrap_or_else(SourcePath::root);
    let files = Files {
        runnable,
        context,
        config: runnable.resolver.config(context, path)?,
        directory,
        failure: RefCell::new(None),
    };
    let options = Options::default()
        .fs(&files)
        .logger(&NullLogger)
        .unicode_error_messages(false)
        .allows_charset(false);
    let result = grass_compiler::from_path(absolute(path), &options);
    if let Some(failure) = files.failure.into_inner() {
        return Err(failure);
    }
    result.map_err(|error| told(runnable, context, path, text, error.kind()))
}

fn told(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    text: &str,
    error: ErrorKind,
) -> Failure {
    let (message, place) = match error {
        ErrorKind::ParseError { message, loc, .. } => {
            let name = loc.file.name().to_owned();
            let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).saturating_add(1);
            (
                message,
                Some((name, number(loc.begin.line), number(loc.begin.column))),
            )
        }
        ErrorKind::FromUtf8Error(_) => ("a file that it loads is not valid UTF-8".to_owned(), None),
        ErrorKind::IoError(error) => (error.to_string(), None),
        other => (format!("{other:?}"), None),
    };
    let mut diagnostic = match place {
        None => fault(runnable.layout.shown(path), text, 0, 0, &message),
        Some((name, line, column)) => {
            let file = SourcePath::parse(name.as_bytes()).unwrap_or_else(|_| path.clone());
            let content = match file == *path {
                true => None,
                false => context.content(&file).ok(),
            };
            let content = content.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            let shown = runnable.layout.shown(&file);
            fault(
                shown,
                content.as_deref().unwrap_or(text),
                line,
                column,
                &message,
            )
        }
    };
    if message.contains("find stylesheet") {
        diagnostic.code = "unresolved-import".into();
        diagnostic.message = "cannot resolve the style sheet that is loaded here".to_owned();
        if let Some(Location { line: 0, .. }) = diagnostic.at {
            diagnostic.frame = None;
        }
    }
    Failure::Diagnostics([diagnostic].into())
}

/// The tree as `grass` sees it: `/` is the workspace root.
struct Files<'a> {
    runnable: &'a Runnable,
    context: &'a dyn Context,
    config: CompilerOptions,
    /// The directory of the file that is compiled: what URLs in its output are relative to.
    directory: SourcePath,
    failure: RefCell<Option<Failure>>,
}

impl fmt::Debug for Files<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the files from {}", self.directory)
    }
}

fn absolute(path: &SourcePath) -> std::path::PathBuf {
    Path::new("/").join(path.as_path())
}

impl Files<'_> {
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
        let mut loading = false;
        let mut in_url = false;
        for (index, (token, range)) in all.iter().enumerate() {
            let part = &text[range.clone()];
            match token {
                Token::Word => loading |= matches!(part, "@use" | "@forward" | "@import"),
                Token::Other(b';' | b'{' | b'}' | b'(') => loading = false,
                Token::Space if part.contains('\n') && path.extension() == Some(&b"sass"[..]) => {
                    loading = false
                }
                _ => {}
            }
            match token {
                Token::Text if loading => match self.named(&own, &unquoted(part)) {
                    Some(found) => out.push_str(&format!("{found:?}")),
                    None => out.push_str(part),
                },
                Token::Text if in_url => {
                    let quote = &part[..1];
                    let inside = part.trim_matches(['"', '\'']);
                    out.push_str(&format!("{quote}{}{quote}", self.rebased(&own, inside)));
                }
                Token::Url => {
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
        let (folder, last) = match name.trim_start_matches('/').rsplit_once('/') {
            Some((folder, last))
                if !name.starts_with('@') || folder.contains('/') || !last.is_empty() =>
            {
                (folder, last)
            }
            _ => ("", name.trim_start_matches('/')),
        };
        let base = if name.starts_with('/') {
            self.runnable.layout.source().join(folder).ok()?
        } else {
            let importer = self
                .runnable
                .resolver
                .importer(self.context, &own.child("_"));
            let found = match folder {
                "" => importer.directory(last, &self.config),
                _ => importer.directory(folder, &self.config),
            };
            match (found, folder) {
                (Ok(Some(directory)), "") => {
                    return Some(absolute(&directory).to_string_lossy().into_owned());
                }
                (Ok(Some(directory)), _) => directory,
                (Ok(None), _) => return None,
                (Err(failure), _) => {
                    self.failure.borrow_mut().get_or_insert(failure);
                    return None;
                }
            }
        };
        self.exists(&base, last)
            .then(|| absolute(&base).join(last).to_string_lossy().into_owned())
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

impl Fs for Files<'_> {
    fn is_dir(&self, path: &Path) -> bool {
        matches!(self.entry(path), Some((_, Entry::Directory)))
    }

    fn is_file(&self, path: &Path) -> bool {
        matches!(self.entry(path), Some((_, Entry::File)))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let Some((real, Entry::File)) = self.entry(path) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let bytes = match self.context.content(&real) {
            Ok(bytes) => bytes,
            Err(error) => {
                let text = error.to_string();
                self.failure.borrow_mut().get_or_insert(error.into());
                return Err(io::Error::other(text));
            }
        };
        Ok(match std::str::from_utf8(&bytes) {
            Ok(text) => self.prepared(&real, text).into_bytes(),
            Err(_) => bytes.to_vec(),
        })
    }

    fn canonicalize(&self, path: &Path) -> io::Result<std::path::PathBuf> {
        match self.entry(path) {
            Some((real, _)) => Ok(absolute(&real)),
            None => Ok(path.to_path_buf()),
        }
    }
}

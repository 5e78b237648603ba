//! What a hook may ask for: the sources of SRC, and the outputs. Nothing else, nothing hidden, and no link that leads out.

use bytes::Bytes;

use crate::base::{Key, Part, SourcePath};
use crate::compute::{Computations, Context, Failure, LinkError, Recipe, Segment, resolve_links};
use crate::router::{File, Found, Listed, ListedKind, MountTable, View};
use crate::runnable::layout::ROOT;
use crate::runnable::{Runnable, globs, names, views};
use crate::script::{Ask, Told};
use crate::source::{Entry, EntryKind, InputError};

/// The most bytes of one file that is read.
const MOST: usize = 128 << 20;

/// The folder of the outputs, as a hook writes it.
const OUTPUTS: &[u8] = b"~@";

/// See the module.
pub(super) struct Files<'a> {
    runnable: &'a Runnable,
    source: &'a SourcePath,
    context: &'a dyn Context,
    /// Where the hook is.
    folder: SourcePath,
    /// Whether it is a tool of the project, for which what lies outside SRC is there too.
    is_tool: bool,
}

/// Where a path leads.
enum Where {
    /// To a source, by its path in the workspace.
    Source(SourcePath),
    /// To an output, by its path under `/~@/`.
    Output(SourcePath),
}

/// Why a question has no answer.
enum Refused {
    /// The hook is told so.
    Told(Told),
    /// The run is worth nothing.
    Failure(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

fn fault(code: &str, message: String) -> Refused {
    Refused::Told(Told::Fault {
        code: code.to_owned(),
        message,
    })
}

impl<'a> Files<'a> {
    pub(super) fn new(
        runnable: &'a Runnable,
        context: &'a dyn Context,
        hook: &SourcePath,
        is_tool: bool,
    ) -> Self {
        Self {
            runnable,
            source: runnable.layout.source(),
            context,
            folder: hook.parent().unwrap_or_else(SourcePath::root),
            is_tool,
        }
    }

    /// Answers a question.
    ///
    /// # Errors
    /// What is no fact about the sources.
    pub(super) fn answer(&self, table: &MountTable, ask: &Ask) -> Result<Told, Failure> {
        let answered = match ask {
            Ask::Bytes(path) => self.read(table, path).map(Told::Bytes),
            Ask::Text(path) => self
                .read(table, path)
                .map(|bytes| Told::Text(String::from_utf8_lossy(&bytes).into_owned())),
            Ask::Kind(path) => self
                .kind(table, path)
                .map(|kind| Told::Text(kind.to_owned())),
            Ask::List(path) => self.list(table, path).map(Told::Entries),
            Ask::Glob(pattern) => self.glob(pattern).map(Told::Paths),
        };
        match answered {
            Ok(told) | Err(Refused::Told(told)) => Ok(told),
            Err(Refused::Failure(failure)) => Err(failure),
        }
    }

    /// Where a path leads that is from the root, or relative to the hook.
    fn place(&self, text: &str) -> Result<Where, Refused> {
        let base = match text.starts_with('/') {
            true => self.source,
            false => &self.folder,
        };
        let outside = || fault("EACCES", format!("`{text}` lies outside the tree"));
        let path = base.join(text).map_err(|_| outside())?;
        if let Some(rest) = path.below(&self.source.child(ROOT)) {
            let path = SourcePath::parse(rest).map_err(|_| outside())?;
            return match self.is_there(&path)? {
                true => Ok(Where::Source(path)),
                false => Err(outside()),
            };
        }
        let below = path.below(self.source).ok_or_else(outside)?;
        let below = SourcePath::parse(below).map_err(|_| outside())?;
        let mut names = below.components();
        if names.next() == Some(OUTPUTS) {
            let rest: Vec<&[u8]> = names.collect();
            let path = SourcePath::parse(rest.join(&b'/')).map_err(|_| outside())?;
            return Ok(Where::Output(path));
        }
        if below.components().any(names::is_hidden) && !self.is_there(&path)? {
            return Err(fault("EACCES", format!("`{text}` is hidden")));
        }
        Ok(Where::Source(path))
    }

    /// Whether a source may be read.
    fn is_there(&self, path: &SourcePath) -> Result<bool, Failure> {
        match self.is_tool {
            true => Ok(!views::has_hidden_name(self.source, self.context, path)?),
            false => views::is_served(self.source, self.context, path),
        }
    }

    /// What a source's path leads to, links followed.
    fn follow(&self, text: &str, path: &SourcePath) -> Result<(SourcePath, Entry), Refused> {
        let outside = || fault("EACCES", format!("`{text}` leads out of the tree"));
        let (real, entry) = match resolve_links(self.context, path) {
            Ok(found) => found,
            Err(LinkError::Outside(_)) => return Err(outside()),
            Err(LinkError::Loop(_)) => {
                let message = format!("`{text}` leads through too many links");
                return Err(fault("ELOOP", message));
            }
            Err(LinkError::Input(error)) => return Err(Failure::from(error).into()),
        };
        if real != *path && !self.is_there(&real)? {
            return Err(outside());
        }
        Ok((real, entry))
    }

    /// What stands at a place of the outputs. A version of a file is what the file is now: modules that name it are made anew
    /// where it is another.
    fn output(&self, table: &MountTable, path: &SourcePath) -> Result<Found, Failure> {
        Ok(match table.find(self.context, path)? {
            Found::File(File::Version(version)) => Found::File(version.file.clone()),
            found => found,
        })
    }

    fn read(&self, table: &MountTable, text: &str) -> Result<Vec<u8>, Refused> {
        let missing = || fault("ENOENT", format!("no such file `{text}`"));
        let bytes = match self.place(text)? {
            Where::Source(path) => match self.follow(text, &path)? {
                (real, Entry::File) => match self.context.content(&real) {
                    Ok(bytes) => bytes,
                    Err(InputError::Absent(_)) => return Err(missing()),
                    Err(error) => return Err(Failure::from(error).into()),
                },
                (_, Entry::Directory) => {
                    return Err(fault("EISDIR", format!("`{text}` is a folder")));
                }
                _ => return Err(missing()),
            },
            Where::Output(path) => match self.output(table, &path)? {
                Found::File(File::Node { key, part, .. }) => {
                    let whole = self.whole(&key, part);
                    whole.map_err(|failure| match failure {
                        Failure::Missing(_) => missing(),
                        Failure::Diagnostics(_) => {
                            fault("EIO", format!("cannot compute `{text}`: {failure}"))
                        }
                        other => Refused::Failure(other),
                    })?
                }
                Found::File(File::Copy(path)) => match self.context.content(&path) {
                    Ok(bytes) => bytes,
                    Err(InputError::Absent(_)) => return Err(missing()),
                    Err(error) => return Err(Failure::from(error).into()),
                },
                Found::Directory { .. } => {
                    return Err(fault("EISDIR", format!("`{text}` is a folder")));
                }
                _ => return Err(missing()),
            },
        };
        match bytes.len() <= MOST {
            true => Ok(bytes.to_vec()),
            false => {
                let message = format!("`{text}` has more than {} MiB", MOST >> 20);
                Err(fault("EFBIG", message))
            }
        }
    }

    /// The bytes of an output, put together where it is one that has a recipe. What only a running program fills in is
    /// left out.
    fn whole(&self, key: &Key, part: Part) -> Result<Bytes, Failure> {
        let given = self.context.fetch(key, part)?;
        if !self.runnable.is_assembled(key, part) {
            return Ok(given);
        }
        let mut whole = Vec::new();
        for segment in Recipe::decode(&given)?.segments() {
            match segment {
                Segment::Text(text) => whole.extend_from_slice(text.as_bytes()),
                Segment::Part {
                    key, part, skip, ..
                } => {
                    let piece = self.whole(key, *part)?;
                    let skip = usize::try_from(*skip).unwrap_or(usize::MAX);
                    whole.extend_from_slice(piece.get(skip..).unwrap_or_default());
                }
                Segment::Slot => {}
            }
        }
        Ok(whole.into())
    }

    /// `file`, `dir`, or nothing.
    fn kind(&self, table: &MountTable, text: &str) -> Result<&'static str, Refused> {
        let found = match self.place(text) {
            Ok(Where::Source(path)) => self.follow(text, &path).map(|(_, entry)| match entry {
                Entry::File => "file",
                Entry::Directory => "dir",
                _ => "",
            }),
            Ok(Where::Output(path)) => Ok(match self.output(table, &path)? {
                Found::Directory { .. } => "dir",
                Found::File(File::Node { .. } | File::Copy(_)) => "file",
                _ => "",
            }),
            Err(refused) => Err(refused),
        };
        match found {
            // For a hook there is nothing outside.
            Err(Refused::Told(_)) => Ok(""),
            found => found,
        }
    }

    fn list(&self, table: &MountTable, text: &str) -> Result<Vec<(String, String)>, Refused> {
        let missing = || fault("ENOENT", format!("no such folder `{text}`"));
        let named =
            |name: &[u8], kind: &str| (String::from_utf8_lossy(name).into_owned(), kind.to_owned());
        let path = match self.place(text)? {
            Where::Source(path) => path,
            Where::Output(path) => {
                if !matches!(table.find(self.context, &path)?, Found::Directory { .. }) {
                    return Err(missing());
                }
                let entry = |entry: &Listed| {
                    let kind = match entry.kind {
                        ListedKind::File => "file",
                        ListedKind::Directory => "dir",
                        ListedKind::Link => "symlink",
                    };
                    named(&entry.name, kind)
                };
                return Ok(table.list(self.context, &path)?.iter().map(entry).collect());
            }
        };
        let real = match self.follow(text, &path)? {
            (real, Entry::Directory) => real,
            (_, Entry::Absent) => return Err(missing()),
            _ => return Err(fault("ENOTDIR", format!("`{text}` is no folder"))),
        };
        let entries = match self.context.list(&real) {
            Ok(entries) => entries,
            Err(InputError::Absent(_)) => return Err(missing()),
            Err(error) => return Err(Failure::from(error).into()),
        };
        let shown = entries.iter().filter_map(|entry| {
            let kind = match entry.kind {
                EntryKind::File => "file",
                EntryKind::Directory => "dir",
                EntryKind::Link => "symlink",
                EntryKind::Special => return None,
            };
            (!names::is_hidden(&entry.name)).then(|| named(&entry.name, kind))
        });
        Ok(shown.collect())
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, Refused> {
        let (directory, pattern) = match pattern.strip_prefix('/') {
            Some(rest) => (self.source, rest),
            None => (&self.folder, pattern),
        };
        let mut paths = Vec::new();
        for (literal, real) in globs::matching(self.context, self.source, directory, pattern)? {
            let Some(below) = literal.below(self.source) else {
                continue;
            };
            if literal == real || views::is_served(self.source, self.context, &real)? {
                paths.push(format!("/{}", String::from_utf8_lossy(below)));
            }
        }
        Ok(paths)
    }
}

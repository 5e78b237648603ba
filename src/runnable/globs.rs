//! The files that a pattern in a module means. Every directory that was looked through is a dependency by its names, so
//! that a file which appears or goes reaches the module.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::SourcePath;
use crate::compiler::Glob;
use crate::compute::{Context, Failure};
use crate::resolver::{CompilerOptions, Importer, follow};
use crate::source::{Entry, EntryKind};

use super::all::Runnable;
use super::names::is_hidden;
use super::pattern::{self, Part};

/// Directories below one another, at most; links may lead in circles.
const DEEPEST: usize = 64;

/// What a pattern is relative to.
struct Root {
    directory: SourcePath,
    /// What is left of the pattern.
    rest: String,
    /// How the code names a file that it asks for by a specifier.
    spelling: Option<Spelling>,
}

/// How the names of specifiers come of paths from a directory.
#[derive(Default)]
struct Spelling {
    /// What a specifier has, and what a path has in its place, before what they have in common.
    before: (String, String),
    /// And after it.
    after: (String, String),
}

impl Spelling {
    fn prefix(prefix: &str) -> Self {
        Self {
            before: (prefix.to_owned(), String::new()),
            ..Self::default()
        }
    }

    fn of(&self, below: &str) -> Option<String> {
        let common = below.strip_prefix(&*self.before.1)?;
        let common = common.strip_suffix(&*self.after.1)?;
        Some(format!("{}{common}{}", self.before.0, self.after.0))
    }
}

/// The files by their keys: the literal path as the code names it, and the file with links resolved.
pub fn files(
    runnable: &Runnable,
    context: &dyn Context,
    importer: &Importer<'_>,
    path: &SourcePath,
    config: &CompilerOptions,
    glob: &Glob,
) -> Result<BTreeMap<String, SourcePath>, Failure> {
    let here = path.parent().unwrap_or_else(SourcePath::root);
    let here = match &glob.base {
        None => here,
        Some(base) => {
            let Root {
                directory, rest, ..
            } = root(runnable, context, importer, &here, config, base)?;
            directory.join(&rest).unwrap_or(directory)
        }
    };
    let mut walk = Walk {
        context,
        hidden: glob.exhaustive,
        modules: glob.exhaustive || glob.patterns.iter().any(|one| one.contains("node_modules")),
        found: BTreeMap::new(),
    };
    let relative_keys = !glob.specifier
        && glob
            .patterns
            .iter()
            .all(|pattern| pattern.starts_with(['.', '!']));
    let mut keys = BTreeMap::new();
    let negations = excluded(runnable, context, importer, &here, config, glob)?;
    for pattern in glob.patterns.iter().filter(|one| !one.starts_with('!')) {
        let root = root(runnable, context, importer, &here, config, pattern)?;
        walk.found.clear();
        for parts in pattern::parts(&root.rest) {
            if let Some((directory, parts)) = stripped(&root.directory, parts) {
                walk.from(&directory, &parts)?;
            }
        }
        for (literal, file) in &walk.found {
            let is_out = negations
                .iter()
                .any(|parts| whole(parts, literal, walk.hidden));
            if file == path || is_out {
                continue;
            }
            let key = match &root.spelling {
                Some(spelling) if glob.specifier => {
                    let below = literal.below(&root.directory).unwrap_or_default();
                    match spelling.of(&String::from_utf8_lossy(below)) {
                        Some(key) => key,
                        None => continue,
                    }
                }
                _ if relative_keys || glob.specifier => relative(literal, &here),
                _ => {
                    let base = match pattern.starts_with('/') {
                        true => root.directory.clone(),
                        false => project(runnable, context)?,
                    };
                    match literal.below(&base) {
                        Some(below) => format!("/{}", String::from_utf8_lossy(below)),
                        None => relative(literal, &here),
                    }
                }
            };
            keys.insert(key, file.clone());
        }
    }
    Ok(keys)
}

/// The files that a pattern means from a directory, by their literal paths, with those that links lead to. What lies
/// outside `within`, is hidden, or in a package that the pattern does not name, is not among them.
pub fn matching(
    context: &dyn Context,
    within: &SourcePath,
    directory: &SourcePath,
    pattern: &str,
) -> Result<BTreeMap<SourcePath, SourcePath>, Failure> {
    let mut walk = Walk {
        context,
        hidden: false,
        modules: pattern.contains("node_modules"),
        found: BTreeMap::new(),
    };
    for parts in pattern::parts(pattern) {
        if let Some((directory, parts)) = stripped(directory, parts)
            && directory.starts_with(within)
        {
            walk.from(&directory, &parts)?;
        }
    }
    let is_shown = |path: &SourcePath| {
        let below = path.below(within).unwrap_or_default();
        !below.split(|byte| *byte == b'/').any(is_hidden)
    };
    walk.found.retain(|path, _| is_shown(path));
    Ok(walk.found)
}

fn excluded(
    runnable: &Runnable,
    context: &dyn Context,
    importer: &Importer<'_>,
    here: &SourcePath,
    config: &CompilerOptions,
    glob: &Glob,
) -> Result<Vec<Vec<Part>>, Failure> {
    let mut all = Vec::new();
    for pattern in glob.patterns.iter().filter_map(|one| one.strip_prefix('!')) {
        let root = root(runnable, context, importer, here, config, pattern)?;
        for parts in pattern::parts(&root.rest) {
            if let Some((directory, parts)) = stripped(&root.directory, parts) {
                let names = directory.components().map(|name| Part::Name(name.to_vec()));
                all.push(names.chain(parts).collect());
            }
        }
    }
    Ok(all)
}

/// What a pattern starts from: `./` and `../` from the importer's directory, `/` from SRC or, where there is no such
/// directory, the project's; `**` from the project's; anything else by the names that imports may begin with.
fn root(
    runnable: &Runnable,
    context: &dyn Context,
    importer: &Importer<'_>,
    here: &SourcePath,
    config: &CompilerOptions,
    pattern: &str,
) -> Result<Root, Failure> {
    let relative = || Root {
        directory: here.clone(),
        rest: pattern.to_owned(),
        spelling: None,
    };
    let (known, _) = pattern
        .find(['*', '?', '{', '[', '(', '\\'])
        .map_or((pattern, ""), |at| pattern.split_at(at));
    let known = known.rfind('/').map_or("", |slash| &known[..=slash]);
    let rest = pattern[known.len()..].to_owned();
    if pattern.starts_with('.') {
        // As it is written: `../x/` may come back to where it is written.
        return Ok(here.join(known).map_or_else(
            |_| relative(),
            |directory| Root {
                directory,
                rest,
                spelling: Some(Spelling::prefix(known)),
            },
        ));
    }
    if let Some(inside) = known.strip_prefix('/') {
        let source = runnable.layout.source();
        let fits = |base: &SourcePath| -> Result<bool, Failure> {
            let Ok(directory) = base.join(inside) else {
                return Ok(false);
            };
            Ok(matches!(
                follow(context, &directory)?,
                Some((_, Entry::Directory))
            ))
        };
        let project = project(runnable, context)?;
        let directory = match !fits(source)? && fits(&project)? {
            true => project,
            false => source.clone(),
        };
        return Ok(Root {
            directory,
            rest: pattern[1..].to_owned(),
            spelling: Some(Spelling::prefix("/")),
        });
    }
    if pattern.starts_with("**") {
        return Ok(Root {
            directory: project(runnable, context)?,
            rest: pattern.to_owned(),
            spelling: None,
        });
    }
    if let Some(directory) = importer.directory(known.trim_end_matches('/'), config)? {
        return Ok(Root {
            directory,
            rest,
            spelling: Some(Spelling::prefix(known)),
        });
    }
    Ok(match importer.subpaths(pattern)? {
        Some(found) => Root {
            directory: found.directory,
            rest: found.rest,
            spelling: Some(Spelling {
                before: found.before,
                after: found.after,
            }),
        },
        None => relative(),
    })
}

/// What Vite calls the root: the nearest folder at or above SRC with a `package.json`, else the workspace root.
fn project(runnable: &Runnable, context: &dyn Context) -> Result<SourcePath, Failure> {
    for directory in runnable.layout.source().ancestors() {
        if context.entry(&directory.child("package.json"))? == Entry::File {
            return Ok(directory);
        }
    }
    Ok(SourcePath::root())
}

fn relative(file: &SourcePath, here: &SourcePath) -> String {
    let text = file.relative_from(here);
    let text = String::from_utf8_lossy(&text);
    match text.starts_with("../") {
        true => text.into_owned(),
        false => format!("./{text}"),
    }
}

/// Follows the names that a pattern begins with. `None`: it leaves the workspace.
fn stripped(directory: &SourcePath, parts: Vec<Part>) -> Option<(SourcePath, Vec<Part>)> {
    let mut directory = directory.clone();
    let mut parts = parts.into_iter().peekable();
    // The last one is looked at, not gone to.
    let mut rest = Vec::new();
    while let Some(part) = parts.next() {
        match part {
            Part::Up => directory = directory.parent()?,
            Part::Name(name) if parts.peek().is_some() => directory = directory.child(name),
            other => {
                rest.push(other);
                break;
            }
        }
    }
    rest.extend(parts);
    (!rest.contains(&Part::Up)).then_some((directory, rest))
}

/// Whether the parts match a whole path.
fn whole(parts: &[Part], path: &SourcePath, hidden: bool) -> bool {
    let mut at = BTreeSet::from([0]);
    for name in path.components() {
        at = step(parts, &at, name, hidden);
    }
    ends(parts, &at)
}

/// Where one can be in the parts after a name.
fn step(parts: &[Part], at: &BTreeSet<usize>, name: &[u8], hidden: bool) -> BTreeSet<usize> {
    let mut next = BTreeSet::new();
    for place in closed(parts, at) {
        if let Some(part) = parts.get(place)
            && part.matches(name, hidden)
        {
            next.insert(match part {
                Part::Deep => place,
                _ => place + 1,
            });
        }
    }
    next
}

/// With those that follow a `**`, which may stand for no directory at all.
fn closed(parts: &[Part], at: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut all = at.clone();
    for (place, part) in parts.iter().enumerate() {
        if *part == Part::Deep && all.contains(&place) {
            all.insert(place + 1);
        }
    }
    all
}

fn ends(parts: &[Part], at: &BTreeSet<usize>) -> bool {
    closed(parts, at).contains(&parts.len())
}

struct Walk<'a> {
    context: &'a dyn Context,
    hidden: bool,
    modules: bool,
    found: BTreeMap<SourcePath, SourcePath>,
}

impl Walk<'_> {
    fn from(&mut self, directory: &SourcePath, parts: &[Part]) -> Result<(), Failure> {
        match follow(self.context, directory)? {
            Some((real, Entry::Directory)) => {
                self.directory(directory, &real, parts, &BTreeSet::from([0]), 0)
            }
            _ => Ok(()),
        }
    }

    fn directory(
        &mut self,
        literal: &SourcePath,
        real: &SourcePath,
        parts: &[Part],
        at: &BTreeSet<usize>,
        depth: usize,
    ) -> Result<(), Failure> {
        if depth > DEEPEST {
            return Ok(());
        }
        let entries = self.context.list(real)?;
        for entry in entries.iter() {
            let skipped = entry.name == b"node_modules" && !self.modules;
            let next = step(parts, at, &entry.name, self.hidden);
            if next.is_empty() || skipped || entry.kind == EntryKind::Special {
                continue;
            }
            let name = literal.child(&entry.name);
            let own = real.child(&entry.name);
            let (target, is_directory) = match entry.kind {
                EntryKind::Link => match follow(self.context, &own)? {
                    // A link to a directory above would lead in circles.
                    Some((target, Entry::Directory)) if !real.starts_with(&target) => {
                        (target, true)
                    }
                    Some((target, Entry::File)) => (target, false),
                    _ => continue,
                },
                kind => (own, kind == EntryKind::Directory),
            };
            if is_directory {
                self.directory(&name, &target, parts, &next, depth + 1)?;
            } else if ends(parts, &next) {
                self.found.insert(name, target);
            }
        }
        Ok(())
    }
}

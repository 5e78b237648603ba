//! The files that a pattern in a module means. Every directory that was looked through is a dependency by its names, so
//! that a file which appears or goes reaches the module.

use std::collections::BTreeMap;

use crate::base::SourcePath;
use crate::compiler::Glob;
use crate::compute::{Context, Failure};
use crate::resolver::{CompilerOptions, Importer, follow};
use crate::source::Entry;

use super::all::Runnable;
use super::names::is_hidden;
use super::pattern::{self, Part};
use super::walk::Walk;

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
        folds: glob.folds_case,
        modules: glob.exhaustive || glob.patterns.iter().any(|one| one.contains("node_modules")),
        found: BTreeMap::new(),
    };
    let mut patterns = glob.patterns.iter();
    let relative_keys = !glob.specifier
        && (glob.base.is_some() || patterns.all(|pattern| pattern.starts_with(['.', '!'])));
    let mut keys = BTreeMap::new();
    let negations = excluded(runnable, context, importer, &here, config, glob)?;
    for pattern in glob.patterns.iter().filter(|one| !one.starts_with('!')) {
        let root = root(runnable, context, importer, &here, config, pattern)?;
        walk.found.clear();
        for parts in pattern::parts(&root.rest) {
            if let Some((directory, parts)) = stripped(&root.directory, parts) {
                walk.from(&directory, &folded(parts, glob))?;
            }
        }
        for (literal, file) in &walk.found {
            let is_out = negations.iter().any(|parts| walk.has_whole(parts, literal));
            if (file == path && !glob.any_query) || is_out {
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
        folds: false,
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
                all.push(folded(names.chain(parts).collect(), glob));
            }
        }
    }
    Ok(all)
}

/// The parts as they are matched.
fn folded(parts: Vec<Part>, glob: &Glob) -> Vec<Part> {
    match glob.folds_case {
        true => parts.into_iter().map(Part::folded).collect(),
        false => parts,
    }
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
    let (known, length) = match importer.written(pattern, config) {
        Some(name) if !pattern.starts_with(['.', '/']) => (name.to_owned(), name.len()),
        _ => pattern::literal(pattern),
    };
    let known = &*known;
    let rest = pattern[length..].to_owned();
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
    // Brackets in the name are its own: what is escaped in the pattern is not in the name.
    let (text, length) = pattern::literal(pattern);
    let name = format!("{text}{}", &pattern[length..]);
    let Some(found) = importer.subpaths(&name)? else {
        return Ok(relative());
    };
    let filling = match text.len().checked_sub(found.before.0.len()) {
        Some(plain) if text != pattern[..length] => {
            let (plain, open) = found.filling.split_at(plain.min(found.filling.len()));
            format!("{}{open}", pattern::escaped(plain))
        }
        _ => found.filling,
    };
    let (start, end) = (&found.before.1, &found.after.1);
    Ok(Root {
        directory: found.directory,
        rest: format!(
            "{}{filling}{}",
            pattern::escaped(start),
            pattern::escaped(end)
        ),
        spelling: Some(Spelling {
            before: found.before,
            after: found.after,
        }),
    })
}

/// What Vite calls the root: the nearest folder at or above SRC with an `index.html`, or with a `package.json` where people
/// start Vite, else the workspace root.
pub(super) fn project(runnable: &Runnable, context: &dyn Context) -> Result<SourcePath, Failure> {
    for directory in runnable.layout.source().ancestors() {
        for name in ["index.html", "package.json"] {
            if context.entry(&directory.child(name))? == Entry::File {
                return Ok(directory);
            }
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

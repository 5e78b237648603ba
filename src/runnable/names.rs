//! From a name to what it stands for, where the view mirrors a directory of the tree.

use crate::base::{Computation, Key, Part, SourcePath, holds_packages};
use crate::compute::{Context, Failure};
use crate::router::{File, Found};
use crate::source::Entry;

use super::hashed;
use super::kind::{Kind, PAGE, Query, STYLE};
use super::layout::Layout;
use super::{MODULE, dots, links, made, svg, versions};
use crate::resolver::follow;

/// Whether a name is hidden: dot files; but the directories of package managers directly inside `node_modules`
/// resolve ([`is_store`]), and others have another name ([`dots`]).
pub fn is_hidden(name: &[u8]) -> bool {
    name.starts_with(b".")
}

/// Whether a directory with such a name directly inside `node_modules` may hold packages: `.pnpm`, `.store` (yarn, npm),
/// `.bun`, `.prisma`. It may not where tools keep their caches, or links to programs.
pub fn is_store(name: &[u8]) -> bool {
    const OTHERS: [&[u8]; 4] = [b".bin", b".cache", b".tmp", b".vite"];
    !OTHERS.iter().any(|other| name.starts_with(other))
}

/// Whether a file that lies in a [store](is_store), if it does, is a package's there, as `.pnpm/p@1/node_modules/p/a.js` is.
/// What else is found in such a directory, nobody imports.
pub fn is_packaged(context: &dyn Context, path: &SourcePath) -> Result<bool, Failure> {
    let names = path.components();
    let below = names.clone().skip(1);
    let mut stores = (names.zip(below))
        .filter(|(above, name)| holds_packages(above) && is_hidden(name))
        .map(|(_, name)| name)
        .peekable();
    if stores.peek().is_none() {
        return Ok(true);
    }
    if !stores.all(is_store) {
        return Ok(false);
    }
    for directory in path.ancestors().skip(1) {
        let parent = directory.parent();
        if is_hidden(directory.name()) && parent.is_some_and(|one| holds_packages(one.name())) {
            return Ok(false);
        }
        if context.entry(&directory.child("package.json"))? == Entry::File {
            return Ok(true);
        }
    }
    Ok(true)
}

/// Whether the folders that a file lies in leave it an output.
fn has_output(layout: &Layout, context: &dyn Context, file: &SourcePath) -> Result<bool, Failure> {
    Ok(is_packaged(context, file)? && dots::is_open(context, layout.source(), file)?)
}

/// What stands at the place of `path` because of the source of that very name, or derived from it.
pub fn lookup(layout: &Layout, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
    let name = path.name();
    let entry = context.entry(path)?;
    if is_hidden(name) {
        let parent = path.parent();
        let may_be = parent.is_some_and(|parent| holds_packages(parent.name()));
        return Ok(match entry {
            Entry::Directory
                if match may_be {
                    true => is_store(name),
                    false => !dots::is_closed(name),
                } =>
            {
                Found::Directory {
                    source: Some(path.clone()),
                }
            }
            _ => Found::Absent,
        });
    }
    match entry {
        Entry::Directory => Ok(Found::Directory {
            source: Some(path.clone()),
        }),
        Entry::File => match has_output(layout, context, path)? {
            true => Ok(own(path)),
            false => Ok(Found::Absent),
        },
        Entry::Link(stored) => match Kind::of(name) {
            Kind::Declaration => Ok(Found::Absent),
            _ => Ok(Found::Link(links::target(
                layout, context, path, &stored, "",
            )?)),
        },
        Entry::Special => Ok(Found::Absent),
        Entry::Absent => derived(layout, context, path, false),
    }
}

/// Why no output can refer to the module of a file: it would have the name of another source, whose own output wins
/// (design.md section 2, "Names").
pub fn taken(
    layout: &Layout,
    context: &dyn Context,
    path: &SourcePath,
    query: Option<Query>,
) -> Result<Option<String>, Failure> {
    let module = layout.output(path, query);
    if module.name() == path.name() {
        return Ok(None);
    }
    let Some(other) = path.parent().map(|parent| parent.child(module.name())) else {
        return Ok(None);
    };
    Ok(match context.entry(&other)? {
        Entry::Absent | Entry::Special => None,
        _ => Some(format!(
            "the module of `{}` and `{}` would have one name: rename one of them",
            layout.shown(path),
            layout.shown(&other)
        )),
    })
}

/// What stands at the place of `path` because of a file that a hook makes: its module, and that one's map. Asked for last,
/// for it takes many questions.
pub fn of_made(
    layout: &Layout,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Found, Failure> {
    match is_hidden(path.name()) {
        true => Ok(Found::Absent),
        false => derived(layout, context, path, true),
    }
}

/// What a source file itself becomes.
pub fn own(path: &SourcePath) -> Found {
    match Kind::of_path(path) {
        Kind::Module(_) => node(MODULE, path, Part::MAIN, 2),
        Kind::Script => node(MODULE, path, Part::MAIN, 1),
        Kind::Style => node(STYLE, path, Part::MAIN, 1),
        Kind::Page => node(PAGE, path, Part::MAIN, 1),
        Kind::Declaration => Found::Absent,
        Kind::Json | Kind::Wasm | Kind::Asset | Kind::Other => {
            Found::File(File::Copy(path.clone()))
        }
    }
}

/// A file that is the main part of a node and has one name.
pub fn of_key(key: Key) -> Found {
    Found::File(File::Node {
        key,
        part: Part::MAIN,
        names: 1,
    })
}

fn node(computation: Computation, path: &SourcePath, part: Part, names: u32) -> Found {
    Found::File(File::Node {
        key: Key::new(computation, path.clone()),
        part,
        names,
    })
}

/// What a name stands for that no source has: `a.tsx.js`, `a.tsx.js.map`, `a.js.map`, `a.svg.raw.js`,
/// `a.js.commonjs.js`, `a.ts.in-worker.js`. `made`: no source either, but a hook makes it.
fn derived(
    layout: &Layout,
    context: &dyn Context,
    path: &SourcePath,
    made: bool,
) -> Result<Found, Failure> {
    let name = path.name();
    if svg::of(path).is_some() {
        return Ok(match of_source(layout, context, path, "", made)? {
            Source::File => node(MODULE, path, Part::MAIN, 1),
            Source::Link(target) => Found::Link(target),
            Source::None => Found::Absent,
        });
    }
    let sibling = |name: &[u8]| path.parent().map(|parent| parent.child(name));
    if let Some(code) = name
        .strip_suffix(b".map")
        .filter(|code| code.ends_with(b".js"))
    {
        // The map of `a.js` itself, else of `a.tsx`, whose code is called `a.tsx.js`.
        for base in [code, &code[..code.len() - 3]] {
            let is_code = match Kind::of(base) {
                Kind::Script => base.len() == code.len(),
                Kind::Module(_) => base.len() < code.len(),
                _ => false,
            };
            if let Some(source) = sibling(base).filter(|_| is_code) {
                let suffix = if base.len() == code.len() {
                    ".map"
                } else {
                    ".js.map"
                };
                match of_source(layout, context, &source, suffix, made)? {
                    Source::File => return Ok(node(MODULE, &source, Part::MAP, 1)),
                    Source::Link(target) => return Ok(Found::Link(target)),
                    Source::None => {}
                }
            }
        }
        return match code.strip_suffix(b".js") {
            Some(base) => form(layout, context, path, base, ".js.map", Part::MAP, made),
            None => Ok(Found::Absent),
        };
    }
    let Some(base) = name.strip_suffix(b".js").filter(|base| !base.is_empty()) else {
        return Ok(Found::Absent);
    };
    let kind = Kind::of(base);
    // No loader knows such a file, and what the name means is a version.
    if kind == Kind::Other && versions::is_version(base) {
        return Ok(Found::Absent);
    }
    if let (true, Some(module), Some(source)) =
        (kind.has_derived_module(), kind.module(), sibling(base))
    {
        match of_source(layout, context, &source, ".js", made)? {
            Source::File => {
                let names = if matches!(kind, Kind::Module(_)) {
                    2
                } else {
                    1
                };
                return Ok(node(module, &source, Part::MAIN, names));
            }
            Source::Link(target) => return Ok(Found::Link(target)),
            Source::None => {}
        }
    }
    match form(layout, context, path, base, ".js", Part::MAIN, made)? {
        Found::Absent => {}
        found => return Ok(found),
    }
    let Some(dot) = base
        .iter()
        .rposition(|byte| *byte == b'.')
        .filter(|dot| *dot > 0)
    else {
        return Ok(Found::Absent);
    };
    let (Some(query), Some(source)) = (Query::of_infix(&base[dot + 1..]), sibling(&base[..dot]))
    else {
        return Ok(Found::Absent);
    };
    let suffix = format!(".{}.js", query.infix());
    Ok(match of_source(layout, context, &source, &suffix, made)? {
        Source::File => node(query.module(), &source, Part::MAIN, 1),
        Source::Link(target) => Found::Link(target),
        Source::None => Found::Absent,
    })
}

/// `a.js.commonjs`, `a.ts.in-worker` and a suffix: a module that no listing shows.
fn form(
    layout: &Layout,
    context: &dyn Context,
    path: &SourcePath,
    base: &[u8],
    suffix: &str,
    part: Part,
    made: bool,
) -> Result<Found, Failure> {
    let Some((stem, infix, computation)) = hashed::form(base) else {
        return Ok(Found::Absent);
    };
    let is_code = match Kind::of(stem) {
        Kind::Module(_) | Kind::Script => true,
        Kind::Wasm => computation == hashed::IN_WORKER && part == Part::MAIN,
        _ => false,
    };
    let Some(source) = path
        .parent()
        .map(|parent| parent.child(stem))
        .filter(|_| is_code)
    else {
        return Ok(Found::Absent);
    };
    let suffix = format!(".{infix}{suffix}");
    Ok(match of_source(layout, context, &source, &suffix, made)? {
        Source::File => node(computation, &source, part, 1),
        Source::Link(target) => Found::Link(target),
        Source::None => Found::Absent,
    })
}

enum Source {
    File,
    Link(Vec<u8>),
    None,
}

/// A source that a name is derived from. Through a link there is a link, so that the output keeps its one name.
fn of_source(
    layout: &Layout,
    context: &dyn Context,
    source: &SourcePath,
    suffix: &str,
    made: bool,
) -> Result<Source, Failure> {
    if is_hidden(source.name()) {
        return Ok(Source::None);
    }
    Ok(match context.entry(source)? {
        Entry::File if has_output(layout, context, source)? => Source::File,
        Entry::Link(stored) => match follow(context, source)? {
            // What it leads to has a name with this suffix only if it is of the same kind.
            Some((target, Entry::File)) if Kind::of_path(&target) == Kind::of_path(source) => {
                Source::Link(links::target(layout, context, source, &stored, suffix)?)
            }
            _ => Source::None,
        },
        Entry::Absent if let Some(image) = svg::of(source) => {
            let suffix = format!("{}{suffix}", svg::SUFFIX);
            of_source(layout, context, &image, &suffix, made)?
        }
        Entry::Absent if made && made::may_be(context, layout.source(), source)? => Source::File,
        _ => Source::None,
    })
}

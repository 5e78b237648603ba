//! Names to files: links, extensions, `index`.

use super::{PACKAGE_EXTENSIONS, PROJECT_EXTENSIONS};
use crate::base::SourcePath;
use crate::compute::{Context, Failure, LinkError, resolve_links};
use crate::source::Entry;

/// What `path` stands for, links followed. `None`: its links lead out of the tree or in a circle.
pub fn follow(
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Option<(SourcePath, Entry)>, Failure> {
    match resolve_links(context, path) {
        Ok(found) => Ok(Some(found)),
        Err(LinkError::Outside(_) | LinkError::Loop(_)) => Ok(None),
        Err(LinkError::Input(error)) => Err(error.into()),
    }
}

/// A directory whose path holds no links, and a look at one name in it: one question where the name is no link.
pub fn entry_in(
    context: &dyn Context,
    directory: &SourcePath,
    name: &[u8],
) -> Result<(SourcePath, Entry), Failure> {
    entry_at(context, directory.child(name))
}

/// The same for a path in such a directory.
fn entry_at(context: &dyn Context, path: SourcePath) -> Result<(SourcePath, Entry), Failure> {
    match context.entry(&path)? {
        Entry::Link(_) => Ok(follow(context, &path)?.unwrap_or((path, Entry::Absent))),
        entry => Ok((path, entry)),
    }
}

/// Follows `relative` from a directory whose path holds no links, without a question for what is known: the
/// components above `directory` are directories. As [`resolve_links`], `..` leaves the directory that a link leads
/// to. `None` where it leaves the workspace.
pub fn walk(
    context: &dyn Context,
    directory: &SourcePath,
    relative: &[u8],
) -> Result<Option<(SourcePath, Entry)>, Failure> {
    let mut here = directory.clone();
    let mut entry = Entry::Directory;
    for step in relative.split(|&byte| byte == b'/') {
        match step {
            b"" | b"." => continue,
            b".." => {
                let Some(parent) = here.parent() else {
                    return Ok(None);
                };
                here = parent;
                // By text, as URLs and bundlers have it: `./no/../a` is `./a` even where `no` is missing.
                entry = Entry::Directory;
            }
            name if entry == Entry::Directory => {
                (here, entry) = entry_in(context, &here, name)?;
            }
            name => {
                here = here.child(name);
                entry = Entry::Absent;
            }
        }
    }
    Ok(Some((here, entry)))
}

/// Whether the path lies in a package that was installed.
pub fn in_packages(path: &SourcePath) -> bool {
    path.components().any(|name| name == b"node_modules")
}

/// What TypeScript compiles to a file with this ending, the ending itself left out.
fn sources_of(name: &[u8]) -> Option<(&[u8], &'static [&'static str])> {
    const REWRITES: [(&str, &[&str]); 4] = [
        (".js", &[".ts", ".tsx"]),
        (".jsx", &[".tsx"]),
        (".mjs", &[".mts"]),
        (".cjs", &[".cts"]),
    ];
    REWRITES.iter().find_map(|(ending, sources)| {
        let stem = name.strip_suffix(ending.as_bytes())?;
        (!stem.is_empty()).then_some((stem, *sources))
    })
}

/// Splits what a specifier names into the directory to look in and the name to look for; the name is empty where it
/// means the directory itself (`.`, `..`, `./a/`).
pub fn split(relative: &[u8]) -> (&[u8], &[u8]) {
    match relative.iter().rposition(|&byte| byte == b'/') {
        Some(slash) => match &relative[slash + 1..] {
            b"" | b"." | b".." => (relative, b""),
            name => (&relative[..slash], name),
        },
        None if matches!(relative, b"" | b"." | b"..") => (relative, b""),
        None => (b"", relative),
    }
}

/// The file `name` in a directory, exactly or as what TypeScript compiles to it (in the project alone).
pub fn exact(
    context: &dyn Context,
    directory: &SourcePath,
    name: &[u8],
) -> Result<Option<SourcePath>, Failure> {
    if let (path, Entry::File) = entry_in(context, directory, name)? {
        return Ok(Some(path));
    }
    rewritten(context, directory, name, &[])
}

/// What TypeScript compiles to the file `name`, in the project alone.
pub fn rewritten(
    context: &dyn Context,
    directory: &SourcePath,
    name: &[u8],
    suffixes: &[String],
) -> Result<Option<SourcePath>, Failure> {
    if in_packages(directory) {
        return Ok(None);
    }
    let Some((stem, sources)) = sources_of(name) else {
        return Ok(None);
    };
    with_endings(context, directory, stem, sources, suffixes)
}

/// The file `stem` with the first extension of its place that there is, and one of `suffixes`, where there are any, before it.
pub fn extended(
    context: &dyn Context,
    directory: &SourcePath,
    stem: &[u8],
    suffixes: &[String],
) -> Result<Option<SourcePath>, Failure> {
    let extensions = match in_packages(directory) {
        true => PACKAGE_EXTENSIONS,
        false => PROJECT_EXTENSIONS,
    };
    with_endings(context, directory, stem, &extensions, suffixes)
}

fn with_endings(
    context: &dyn Context,
    directory: &SourcePath,
    stem: &[u8],
    endings: &[&str],
    suffixes: &[String],
) -> Result<Option<SourcePath>, Failure> {
    let stem = directory.child(stem);
    let none = [String::new()];
    let suffixes = match suffixes {
        [] => &none,
        some => some,
    };
    for ending in endings {
        for suffix in suffixes {
            let path = match suffix.is_empty() {
                true => stem.with_suffix(ending.as_bytes()),
                false => stem.with_suffix(format!("{suffix}{ending}").as_bytes()),
            };
            if let (path, Entry::File) = entry_at(context, path)? {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

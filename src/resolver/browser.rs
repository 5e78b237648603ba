//! The field `browser` as a map (<https://github.com/defunctzombie/package-browser-field-spec>).

use super::importer::Importer;
use super::packages::is_builtin;
use super::resolve::{Target, is_relative, split_package};
use super::scope::Scope;
use crate::base::SourcePath;
use crate::compute::Failure;

/// What the importer's package puts in place of a package.
pub fn bare(importer: &Importer<'_>, specifier: &str) -> Result<Option<Target>, Failure> {
    let scope = importer.scope(&importer.directory)?;
    let Some(scope) = &*scope else {
        return Ok(None);
    };
    match scope
        .package
        .browser
        .iter()
        .find(|(from, _)| from == specifier)
    {
        Some((_, to)) => target(importer, scope, to.as_deref()),
        None => Ok(None),
    }
}

/// What the package of a file puts in its place.
pub fn replaced(
    importer: &Importer<'_>,
    path: SourcePath,
    query: Option<String>,
) -> Result<Target, Failure> {
    let directory = path.parent().unwrap_or_else(SourcePath::root);
    let scope = importer.scope(&directory)?;
    if let Some(scope) = &*scope
        && !scope.package.browser.is_empty()
    {
        let inside = path.below(&scope.directory).unwrap_or_default();
        let names = |key: &str| names(key, inside);
        if let Some((_, to)) = scope.package.browser.iter().find(|(from, _)| names(from))
            && let Some(found) = target(importer, scope, to.as_deref())?
        {
            return Ok(found);
        }
    }
    Ok(Target::File(path, query))
}

/// What a package puts in the place of a file that it does not have: maps name what a build leaves out, and bundlers look into
/// them first. `exports` are final.
pub fn absent(importer: &Importer<'_>, specifier: &str) -> Result<Option<Target>, Failure> {
    if is_relative(specifier) {
        let scope = importer.scope(&importer.directory)?;
        return match (&*scope, importer.directory.join(specifier)) {
            (Some(scope), Ok(path)) => missing(importer, scope, &path),
            _ => Ok(None),
        };
    }
    let Some((name, subpath)) = split_package(specifier) else {
        return Ok(None);
    };
    for directory in importer.installed(name) {
        let directory = directory?;
        let scope = importer.scope(&directory)?;
        let Some(scope) = &*scope else {
            continue;
        };
        if scope.directory != directory || scope.package.exports.is_some() {
            continue;
        }
        let entries: Vec<&str> = match subpath {
            "" => {
                let mains = scope.package.mains.iter().map(String::as_str);
                mains.chain(["index.js"]).collect()
            }
            _ => vec![subpath],
        };
        for entry in entries {
            if let Ok(path) = directory.join(entry)
                && let Some(found) = missing(importer, scope, &path)?
            {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// What stands in the place of a path that leads to no file.
fn missing(
    importer: &Importer<'_>,
    scope: &Scope,
    path: &SourcePath,
) -> Result<Option<Target>, Failure> {
    let Some(inside) = path.below(&scope.directory).filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    // A name alone may be that of a package.
    let files = scope.package.browser.iter();
    let mut files = files.filter(|(key, _)| key.starts_with("./"));
    match files.find(|(key, _)| names(key, inside) || stands_for(inside, &key.as_bytes()[2..])) {
        Some((_, to)) => target(importer, scope, to.as_deref()),
        None => Ok(None),
    }
}

/// Whether a key means this file of the package: with or without `./`, its extension or its `index`.
fn names(key: &str, inside: &[u8]) -> bool {
    stands_for(key.strip_prefix("./").unwrap_or(key).as_bytes(), inside)
}

/// Whether a path is a file's, its extension or its `index` written or left out.
fn stands_for(path: &[u8], file: &[u8]) -> bool {
    let rest = file.strip_prefix(path);
    rest.is_some_and(|rest| {
        matches!(
            rest,
            b"" | b".js" | b".json" | b".mjs" | b".cjs" | b"/index.js"
        )
    })
}

fn target(
    importer: &Importer<'_>,
    scope: &Scope,
    to: Option<&str>,
) -> Result<Option<Target>, Failure> {
    let Some(to) = to else {
        return Ok(Some(Target::Empty));
    };
    let inside = importer.file_or_directory(&scope.directory, to)?;
    if let Some(path) = inside {
        return Ok(Some(Target::File(path, None)));
    }
    match importer.package(to)? {
        Some(path) => Ok(Some(Target::File(path, None))),
        None => Ok(is_builtin(to).then(|| Target::Builtin(to.to_owned()))),
    }
}

//! The field `browser` as a map (<https://github.com/defunctzombie/package-browser-field-spec>).

use super::packages::is_builtin;
use super::resolve::{Importer, Target};
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

/// Whether a key means this file of the package: with or without `./`, its extension or its `index`.
fn names(key: &str, inside: &[u8]) -> bool {
    let key = key.strip_prefix("./").unwrap_or(key).as_bytes();
    let Some(rest) = inside.strip_prefix(key) else {
        return false;
    };
    matches!(
        rest,
        b"" | b".js" | b".json" | b".mjs" | b".cjs" | b"/index.js"
    )
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

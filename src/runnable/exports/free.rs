//! Whether a file may be left out where nothing but other files' exports is asked of it.

use std::sync::Arc;

use super::super::all::Runnable;
use super::super::pattern;
use crate::base::SourcePath;
use crate::compute::{Context, Failure};
use crate::resolver::{Scope, in_packages};

/// Patterns longer than this are not looked at: such a file is not left out.
const LONGEST: usize = 256;

/// Whether the nearest `package.json` says that evaluating the file has no side effects: `"sideEffects": false`, or a list
/// that does not match it. In the project, whose files are looked at while they are written, only `false` counts.
pub(in super::super) fn is_free(
    runnable: &Runnable,
    context: &dyn Context,
    file: &SourcePath,
) -> Result<bool, Failure> {
    let scope = scope_of(runnable, context, file)?;
    let Some(scope) = &*scope else {
        return Ok(false);
    };
    let Some(patterns) = &scope.package.side_effects else {
        return Ok(false);
    };
    if !in_packages(file) {
        return Ok(patterns.is_empty());
    }
    let inside = file.below(&scope.directory).unwrap_or_default();
    Ok(!patterns.iter().any(|pattern| may_match(pattern, inside)))
}

/// The package that a file is of.
pub(super) fn scope_of(
    runnable: &Runnable,
    context: &dyn Context,
    file: &SourcePath,
) -> Result<Arc<Option<Scope>>, Failure> {
    let directory = file.parent().unwrap_or_else(SourcePath::root);
    runnable.resolver.importer(context, file).scope(&directory)
}

/// As webpack and esbuild have it: a pattern without a slash matches in all folders.
fn may_match(pattern: &str, inside: &[u8]) -> bool {
    if pattern.len() > LONGEST {
        return true;
    }
    match pattern.contains('/') {
        true => pattern::may_cover(pattern, inside),
        false => pattern::may_cover(&format!("**/{pattern}"), inside),
    }
}

#[cfg(test)]
mod tests {
    use super::may_match;

    #[test]
    fn lists_of_side_effects_match_as_webpack_has_it() {
        for (pattern, file, want) in [
            ("*.css", "a/b.css", true),
            ("*.css", "a/b.js", false),
            ("./src/a.js", "src/a.js", true),
            ("src/a.js", "src/a.js", true),
            ("a.js", "deep/er/a.js", true),
            ("./a.js", "deep/a.js", false),
            ("**/*.{css,scss}", "a/b.scss", true),
            ("**/*.{css,scss}", "b.js", false),
            ("dist/**", "dist/a/b.js", true),
            ("dist/*", "dist/a/b.js", false),
            ("./**/polyfill?.js", "x/y/polyfill1.js", true),
        ] {
            assert_eq!(
                may_match(pattern, file.as_bytes()),
                want,
                "{pattern} {file}"
            );
        }
        assert!(may_match(&"*".repeat(300), b"a.js"));
    }
}

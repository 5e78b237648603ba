//! Modules that stand in a page itself. Browsers evaluate them where they stand; a page that is hot has them in its bundle,
//! in their turn, for they import what can be replaced.

use crate::base::{Computation, SourcePath};
use crate::compute::{Context, Failure, Output};

use super::all::Runnable;
use super::hashed::Scope;
use super::page;

/// The family; the detail is which of a page's inline modules it is, from 0. The key's path is the page.
const INLINE: &str = "inline";

/// What stands before the number in the name of one.
const INFIX: &str = ".inline-";

/// One of a page's.
pub(super) fn of(number: u32) -> Computation {
    Computation::of(INLINE, &number.to_string())
}

/// Which one a computation gives; `None`: none.
pub(super) fn number(computation: &Computation) -> Option<u32> {
    computation.detail(INLINE)?.parse().ok()
}

/// The computation of one that has this name.
pub(super) fn named(name: &str) -> Option<Computation> {
    let number = name.strip_prefix(INLINE)?.strip_prefix(' ')?.parse().ok()?;
    Some(of(number))
}

/// What follows the page's name in the name of one.
pub(super) fn suffix(number: u32) -> String {
    format!("{INFIX}{number}.js")
}

/// The page's name and the number in the name of one.
pub(super) fn parse(name: &[u8]) -> Option<(&[u8], u32)> {
    let at = name
        .windows(INFIX.len())
        .rposition(|part| part == INFIX.as_bytes())?;
    let digits = std::str::from_utf8(&name[at + INFIX.len()..]).ok()?;
    let number: u32 = digits.strip_suffix(".js")?.parse().ok()?;
    // Each has one name.
    name.ends_with(suffix(number).as_bytes())
        .then_some((&name[..at], number))
}

/// Runs one.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    page: &SourcePath,
    number: u32,
    scope: Scope,
) -> Result<Output, Failure> {
    page::inline(runnable, context, page, number, scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_one_name() {
        assert_eq!(parse(b"a.html.inline-12.js"), Some((&b"a.html"[..], 12)));
        for other in [
            "a.html.js",
            "a.html.inline-x.js",
            "a.html.inline-01.js",
            "a.html.inline-1",
        ] {
            assert_eq!(parse(other.as_bytes()), None, "{other}");
        }
        assert_eq!(named(of(3).name()).as_ref().and_then(number), Some(3));
    }
}

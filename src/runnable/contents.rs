//! What of other nodes is in an output itself, and what only its name, its hash or what was concluded from it.

use crate::base::Computation;

/// What gives no text of its sources: names, hashes, where things are, settings. What `.env` says to modules (`VITE_…`) is meant
/// for whoever loads them.
const FACTS: [&str; 19] = [
    "bundle-client",
    "bundle-reach",
    "bytecode-of-runtime",
    "closure",
    "commonjs-names",
    "commonjs-reach",
    "commonjs-reaches",
    "config",
    "environment",
    "environment-variable",
    "export",
    "hook-patterns",
    "members",
    "outline",
    "package",
    "reach",
    "reaches",
    "scope",
    "stars",
];

/// What a page has text of; all else it names by its hash.
const IN_PAGES: [&str; 5] = ["hook", "page", "page-faults", "page-plan", "sheet"];

/// The first word of a computation's name, whether or not it is the hot variant.
fn word(computation: &Computation) -> &str {
    let name = computation.name();
    let name = name.strip_prefix("hot ").unwrap_or(name);
    name.split(' ').next().unwrap_or_default()
}

/// Whether what the one computation gives may have content of what the other one has given it.
pub(super) fn takes_in(computation: &Computation, of: &Computation) -> bool {
    let of = word(of);
    match word(computation) {
        "page" | "page-faults" | "page-plan" | "page-standing" => IN_PAGES.contains(&of),
        _ => !FACTS.contains(&of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_the_text_of_styles_in_it_and_not_of_modules() {
        let named = |name: &str| Computation::named(name.to_owned());
        for (computation, of, is_in) in [
            ("style", "sheet", true),
            ("module", "reach", false),
            ("module", "environment-variable VITE_A", false),
            ("bundle module", "bundle-shelf module 0", true),
            ("bundle module", "bundle-reach module", false),
            ("hot bundle page", "hot bundle-client", false),
            ("hook", "bytecode run", true),
            ("hook x.html", "environment", false),
            ("page", "module", false),
            ("page", "sheet", true),
            ("hot page hook", "hot page-plan hook", true),
        ] {
            let found = takes_in(&named(computation), &named(of));
            assert_eq!(found, is_in, "{computation} of {of}");
        }
    }
}

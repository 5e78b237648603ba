//! Style sheets that Tailwind has to turn into CSS. Where the project has Tailwind 4, its own `compile` does; else it is told
//! what to do.
//!
//! | node | of | gives |
//! |---|---|---|
//! | [`CANDIDATES`] | a sheet | the words of all files in which classes are looked for |
//! | [`WORDS`] | a file | the words in it that may be classes |
//!
//! Tailwind itself runs in a worker, as hooks do ([`super::whole`]). An edit that names no other words ends at the file's own words: Tailwind is not run again.

mod detect;
mod find;
mod read;
mod run;
mod sources;
#[cfg(test)]
mod tests;
mod words;

use serde::{Deserialize, Serialize};

use super::scan::{Token, tokens};
use crate::base::{Computation, Key, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::runnable::all::Runnable;

pub(super) use find::version;
pub(super) use read::{Statement, statements};
pub(super) use run::{compiled, words};
pub(super) use sources::{Source, named};

/// The words that may be classes, of all files in which a sheet's are looked for.
pub(super) const CANDIDATES: Computation = Computation::new("tailwind-candidates");
/// The words of a file that may be classes.
pub(super) const WORDS: Computation = Computation::new("tailwind-words");

/// What Tailwind needs for a sheet, besides its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tailwind {
    /// Its own module.
    module: Key,
    /// The modules of `@plugin` and `@config`, by the names that they are asked for by.
    plugins: Vec<(String, Key)>,
    /// The sheets of `@reference`.
    references: Vec<(String, SourcePath)>,
    /// Where classes are looked for.
    sources: Vec<Source>,
}

/// Whether a computation is one of those here.
pub(super) fn is(computation: &Computation) -> bool {
    *computation == CANDIDATES || *computation == WORDS
}

/// Runs one of these computations.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    key: &Key,
) -> Result<Output, Failure> {
    match key.computation == WORDS {
        true => words::run(context, &key.path),
        false => sources::run(runnable, context, &key.path),
    }
}

/// Rules that Tailwind knows, and no browser.
const RULES: [&str; 11] = [
    "@tailwind",
    "@apply",
    "@theme",
    "@utility",
    "@variant",
    "@custom-variant",
    "@source",
    "@plugin",
    "@config",
    "@reference",
    "@screen",
];

/// The first such rule in a text.
pub(super) fn rule(text: &str) -> Option<&'static str> {
    if !RULES.iter().any(|rule| text.contains(rule)) {
        return None;
    }
    let all = tokens(text, false);
    all.iter()
        .filter(|(token, _)| *token == Token::Word)
        .find_map(|(_, range)| {
            let word = &text[range.clone()];
            RULES.iter().copied().find(|rule| *rule == word)
        })
}

/// Whether a specifier names Tailwind's own style sheets.
pub(super) fn is_package(specifier: &str) -> bool {
    specifier == "tailwindcss" || specifier.starts_with("tailwindcss/")
}

/// What to do about a file with such a rule where no Tailwind is there that can be asked.
pub(super) fn hint(shown: &str, rule: &str) -> String {
    format!(
        "`{shown}` has `{rule}`, which Tailwind turns into CSS and no browser knows: with `npm install tailwindcss@4` it is \
         compiled here"
    )
}

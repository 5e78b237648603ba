//! Style sheets that Tailwind has to turn into CSS first, which no part of this program does: told plainly.

use super::scan::{Token, tokens};

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

/// What to do about a file with such a rule.
pub(super) fn hint(shown: &str, rule: &str) -> String {
    let name = shown.trim_start_matches('/');
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!(
        "`{shown}` has `{rule}`, which Tailwind turns into CSS and no browser knows: run `npx @tailwindcss/cli -i {name} -o \
         {stem}.out.css --watch` (version 3: `npx tailwindcss`), and import `{stem}.out.css` in its place"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_and_words_are_not() {
        assert_eq!(rule(".a { @apply p-4 }"), Some("@apply"));
        assert_eq!(rule("/* @apply */ .a { content: '@tailwind' }"), None);
        assert_eq!(
            rule("@media print { @tailwind utilities; }"),
            Some("@tailwind")
        );
        assert!(is_package("tailwindcss/utilities") && !is_package("tailwind"));
        assert_eq!(
            hint("/src/index.css", "@tailwind"),
            "`/src/index.css` has `@tailwind`, which Tailwind turns into CSS and no browser knows: run `npx @tailwindcss/cli -i src/index.css -o src/index.out.css --watch` (version 3: `npx tailwindcss`), and import `src/index.out.css` in its place"
        );
    }
}

//! Regular expression literals (ECMA-262, 22.2.1.1 `Static Semantics: Early Errors` of patterns), which the parser takes as they
//! are.

use swc_core::ecma::ast::Regex;
use swc_ecma_regexp::{LiteralParser, Options};

use super::faults;

/// The most brackets that are looked at: each may be one level of recursion.
const MOST: usize = 1_000;

/// What is wrong with one.
pub(super) fn fault(regex: &Regex) -> Option<String> {
    let brackets = regex.exp.bytes().filter(|byte| matches!(byte, b'(' | b'['));
    if brackets.count() > MOST {
        return None;
    }
    let parser = LiteralParser::new(&regex.exp, Some(&regex.flags), Options::default());
    let message = parser.parse().err()?.to_string();
    let cause = message
        .strip_prefix("Invalid regular expression: ")
        .unwrap_or(&message);
    Some(format!(
        "this is no regular expression: {}",
        faults::polished(cause)
    ))
}

#[cfg(test)]
mod tests {
    use crate::compiler::{Language, Options, parse};

    fn faults(source: &str, name: &str) -> String {
        let result = parse(source.as_bytes(), Language::Js, name)
            .and_then(|parsed| parsed.transform(&Options::default()).map(|_| ()));
        let told = result.err().unwrap_or_default();
        let told: Vec<String> = told.iter().map(|fault| fault.message.to_string()).collect();
        told.join("\n")
    }

    #[test]
    fn what_no_engine_reads_is_told() {
        insta::assert_snapshot!(faults("f(/(a/, /a{2,1}/, /[z-a]/,\n/(?<a>.)(?<a>.)/, /\\p{X}/u, /{2}/u);", "a.js"), @r"
        this is no regular expression: unterminated capturing group
        this is no regular expression: numbers out of order in braced quantifier
        this is no regular expression: character class atom range out of order
        this is no regular expression: duplicated capturing group names
        this is no regular expression: invalid unicode property name and/or value
        this is no regular expression: lone quantifier found, expected with `Atom`
        ");
        // Packages have been run.
        assert_eq!(faults("f(/(a/)", "node_modules/a/index.js"), "");
    }

    #[test]
    fn what_engines_read_passes() {
        let text = r"f(/{/, /]/, /a{,5}/, /\c/, /[\c_]/, /\8(a)\1/, /(?=a)*/, /\k/, /(?<a>x)\k<a>|(?<b>y)/, /(?i-m:a)/,
            /(?:(?<a>x)|(?<a>y))\k<a>/, /[\d-z]/, /[\p{L}--[a-z]]/v, /[[a-z]&&[aeiou]]/v, /[[a-z][aeiou]\q{abc|d}x]/v, /[*?+=:;<>]/v, /\u{1F600}/u, /[\x7]\x/,
            /\p{Script=Greek}/u, /😀/u, /[😀-😂]/u, /(?<𝒜>.)/, /a{1}?/dgimsuy, /[/(]/);";
        assert_eq!(faults(text, "a.js"), "");
    }
}

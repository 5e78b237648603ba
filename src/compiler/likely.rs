//! The exports of a text at a glance, without parsing it.
//!
//! Nearly every name that a module imports is exported by a line such as `export const name`, and seeing that takes a
//! hundredth of the time of parsing. What is seen here is taken for exported; what is not is for the parser to say
//! ([`super::Parsed::outline`]). So this leaves out whatever it is not sure of.

use std::collections::HashSet;

use crate::base::has;

/// What is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Likely {
    /// Names of values that are exported, sorted, `default` among them.
    pub names: Vec<String>,
    /// The specifiers of `export *`.
    pub stars: Vec<String>,
    /// Whether the text may say `export = x`.
    pub is_assigned: bool,
    /// Whether it exports something, and has no word of CommonJS: then it is an ES module. Programs that write programs have
    /// lines of both.
    pub is_module: bool,
}

/// Looks at a file's text, at each byte of it a few times at most.
pub fn likely_exports(source: &[u8]) -> Likely {
    let Ok(text) = std::str::from_utf8(source) else {
        return Likely::default();
    };
    let mut reader = Reader {
        text,
        values: None,
        likely: Likely {
            is_assigned: is_assigned(text),
            ..Likely::default()
        },
    };
    let mut place = Place::at_start(text);
    let (mut offset, mut passed, mut resume) = (0, 0, 0);
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("export") {
            place.pass(&text[passed..offset]);
            passed = offset;
            if offset >= resume && place.is_code() && rest.starts_with([' ', '{', '*']) {
                resume = reader.statement(offset + "export".len());
            }
        }
        offset += line.len();
    }
    let mut likely = reader.likely;
    likely.names.sort_unstable();
    likely.names.dedup();
    likely.is_module = (!likely.names.is_empty() || !likely.stars.is_empty())
        && !has(text, "exports")
        && !has(text, "require")
        // One that is in a string makes code of templates, and templates of code.
        && text.matches('`').count().is_multiple_of(2);
    likely
}

/// A comment may stand before the sign.
fn is_assigned(text: &str) -> bool {
    const WORD: &str = "export";
    memchr::memmem::find_iter(text.as_bytes(), WORD).any(|at| {
        let rest = text[at + WORD.len()..].trim_start();
        rest.starts_with("/*") || rest.starts_with("//") || rest.starts_with('=')
    })
}

/// Whether a line begins in code: not in a comment, nor in a template. Strings and the like can mislead it; then it
/// says no more often than it should.
struct Place {
    in_comment: bool,
    ticks: usize,
    /// Whether the text has a comment of the kind that goes over lines.
    has_comments: bool,
    has_ticks: bool,
}

impl Place {
    fn at_start(text: &str) -> Self {
        Self {
            in_comment: false,
            ticks: 0,
            has_comments: has(text, "/*"),
            has_ticks: text.contains('`'),
        }
    }

    fn is_code(&self) -> bool {
        !self.in_comment && self.ticks.is_multiple_of(2)
    }

    /// Goes over whole lines.
    fn pass(&mut self, lines: &str) {
        if self.has_comments {
            for line in lines.split_inclusive('\n') {
                self.pass_line(line);
            }
        } else if self.has_ticks {
            self.count(lines);
        }
    }

    fn count(&mut self, text: &str) {
        self.ticks += text.matches('`').count();
    }

    fn pass_line(&mut self, line: &str) {
        let mut rest = line;
        if self.in_comment {
            let Some((_, after)) = rest.split_once("*/") else {
                return;
            };
            rest = after;
        }
        // Looking for two letters from behind is slow, and most lines have not even one of them.
        if rest.contains('*') {
            self.in_comment = match (rest.rfind("/*"), rest.rfind("*/")) {
                (Some(start), Some(end)) => end < start + 2,
                (start, _) => start.is_some(),
            };
        } else {
            self.in_comment = false;
        }
        if self.has_ticks {
            self.count(rest);
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    /// What lines of the text declare as values; read when it is first asked for.
    values: Option<HashSet<&'a str>>,
    likely: Likely,
}

impl<'a> Reader<'a> {
    /// Reads one statement, from after the word `export`; gives where to go on.
    fn statement(&mut self, at: usize) -> usize {
        let rest = self.text[at..].trim_start_matches(' ');
        if let Some(rest) = rest.strip_prefix('{') {
            return self.list(rest);
        }
        if let Some(rest) = rest.strip_prefix('*') {
            star(rest, &mut self.likely);
            return at;
        }
        let (word, after) = name(rest);
        let after_word = after.trim_start_matches(' ');
        if matches!(word, "const" | "let" | "var") && after_word.starts_with(['{', '[']) {
            return self.pattern(after_word);
        }
        let (next, after_next) = name(after_word);
        let found = match word {
            "default" => match next {
                "interface" | "declare" => None,
                "class" | "function" | "async" | "abstract" => Some("default"),
                // A name alone may be a type's.
                name if !name.is_empty() && is_end(after_next) => {
                    self.has_value(name).then_some("default")
                }
                _ => Some("default"),
            },
            "const" if next == "enum" => Some(name(after_next.trim_start_matches(' ')).0),
            "const" | "let" | "var" | "class" | "enum" => Some(next),
            "function" => Some(name(after.trim_start_matches([' ', '*'])).0),
            "async" if next == "function" => {
                Some(name(after_next.trim_start_matches([' ', '*'])).0)
            }
            "abstract" if next == "class" => Some(name(after_next.trim_start_matches(' ')).0),
            _ => None,
        };
        let found = found.filter(|name| !name.is_empty());
        self.likely.names.extend(found.map(ToOwned::to_owned));
        at
    }

    /// `export { a, b as c } from './d'`, from after the brace; gives where it ends.
    fn list(&mut self, rest: &'a str) -> usize {
        let Some((items, after)) = rest.split_once('}') else {
            return self.text.len();
        };
        let end = self.text.len() - after.len();
        if items.contains(['/', '\'', '"', '`']) {
            return end;
        }
        let (from, _) = name(after.trim_start());
        for item in items.split(',') {
            let mut words = item.split_whitespace();
            let (local, exported) = match (words.next(), words.next(), words.next(), words.next()) {
                (Some(local), None, ..) => (local, local),
                (Some(local), Some("as"), Some(exported), None) => (local, exported),
                _ => continue,
            };
            if local != "type" && (from == "from" || self.has_value(local)) {
                self.likely.names.push(exported.to_owned());
            }
        }
        end
    }

    /// `export const { a, b: c, ...d } = e` and `[a, b]`, from the bracket on; gives where it ends.
    fn pattern(&mut self, rest: &'a str) -> usize {
        let close = if rest.starts_with('{') { '}' } else { ']' };
        let Some((items, after)) = rest[1..].split_once(close) else {
            return self.text.len();
        };
        let end = self.text.len() - after.len();
        if items.contains(['{', '[', '(', '/', '\'', '"', '`']) {
            return end;
        }
        for item in items.split(',') {
            let target = item.split('=').next().unwrap_or_default();
            let target = target.rsplit(':').next().unwrap_or_default().trim();
            let (name, after) = name(target.trim_start_matches("..."));
            if !name.is_empty() && after.is_empty() {
                self.likely.names.push(name.to_owned());
            }
        }
        end
    }

    /// Whether a line of the text declares the name as a value.
    fn has_value(&mut self, wanted: &str) -> bool {
        const WORDS: [&str; 8] = [
            "const ",
            "function ",
            "class ",
            "abstract class ",
            "let ",
            "var ",
            "async function ",
            "enum ",
        ];
        let text = self.text;
        let declared = |line: &'a str| {
            let line = line.strip_prefix("export ").unwrap_or(line);
            let rest = WORDS.iter().find_map(|word| line.strip_prefix(word))?;
            Some(name(rest).0)
        };
        self.values
            .get_or_insert_with(|| text.lines().filter_map(declared).collect())
            .contains(wanted)
    }
}

/// `export * from './a'` and `export * as b from './a'`, from after the star.
fn star(rest: &str, likely: &mut Likely) {
    let (word, after) = name(rest.trim_start_matches(' '));
    match word {
        "as" => {
            let (exported, _) = name(after.trim_start_matches(' '));
            if !exported.is_empty() {
                likely.names.push(exported.to_owned());
            }
        }
        "from" => {
            let after = after.trim_start_matches(' ');
            let quote = after.chars().next().filter(|c| matches!(c, '\'' | '"'));
            let specifier = quote.and_then(|quote| after[1..].split_once(quote));
            if let Some((specifier, _)) = specifier
                && !specifier.contains(['\\', '\n'])
            {
                likely.stars.push(specifier.to_owned());
            }
        }
        _ => {}
    }
}

/// The name at the start of a text, and what follows it. Names with letters beyond ASCII are none.
fn name(text: &str) -> (&str, &str) {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let end = text.bytes().position(|byte| !is_part(byte));
    let (name, after) = text.split_at(end.unwrap_or(text.len()));
    match after.starts_with(|next: char| !next.is_ascii() || next == '\\') {
        true => ("", after),
        false => (name, after),
    }
}

fn is_end(text: &str) -> bool {
    let rest = text.trim_start_matches([' ', '\t', ';', '\r']);
    rest.is_empty() || rest.starts_with('\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiler::{Language, parse};

    fn names(text: &str) -> String {
        likely_exports(text.as_bytes()).names.join(" ")
    }

    #[test]
    fn sees_what_is_usually_written() {
        let text = "export const a = 1, hidden = 2;\nexport let b: string;\nexport function c() {}\n\
            export async function d() {}\nexport function* e() {}\nexport class F<T> {}\nexport abstract class G {}\n\
            export enum H { A }\nexport const enum I { A }\nexport default memo(a);\nexport { j, k as l } from './m';\n\
            export * as n from './n'\nexport * from './o';\nexport{p}\nconst p = 1;\n\
            export const { q, r: s, t = 1, ...u } = v;\nexport const [w, , x] = y();\nexport const {\n  z,\n} = v;\n";
        let likely = likely_exports(text.as_bytes());
        assert_eq!(
            likely.names.join(" "),
            "F G H I a b c d default e j l n p q s t u w x z"
        );
        assert_eq!(likely.stars, ["./o"]);
    }

    #[test]
    fn leaves_out_what_is_not_there_when_the_module_runs() {
        for text in [
            "export type A = 1;\nexport interface B {}\nexport declare const c: number;\nexport type { D } from './d';\n",
            "export { type A } from './a';\nexport type * from './b';\nexport default interface C {}\n",
            "interface A {}\nexport { A };\nexport default A;\n",
            "import { type A } from './a';\nexport { A };\n",
            "/*\nexport const a = 1;\n*/\n",
            "const a = `\nexport const a = 1;\n`;\n",
            "// export const a = 1;\n",
            "/** x */ /*\nexport const a = 1;\n*/",
            "export namespace N {}\nexport = 1;\nexport import a = b.c;\nexport const { a: { b } } = c;\nexport const äb = 1;\n",
        ] {
            assert_eq!(names(text), "", "{text}");
        }
    }

    #[test]
    fn sees_whether_something_may_be_assigned() {
        for (text, is_assigned) in [
            ("namespace x { export const a = 1 } export = x;", true),
            ("export\n  /* x */ = x", true),
            ("export // x\n= x", true),
            ("export const a = 1; a.export == 1;", true),
            ("export const a = 1; export default a;", false),
            ("", false),
        ] {
            let likely = likely_exports(text.as_bytes());
            assert_eq!(likely.is_assigned, is_assigned, "{text}");
        }
    }

    #[test]
    fn a_long_text_takes_no_longer_than_its_length() {
        // Where each statement looked through all of the rest, this would take minutes.
        let lines = "export {\nexport default a;\n".repeat(100_000);
        assert_eq!(names(&lines), "");
        let list: String = (0..50_000).map(|at| format!("a{at}, ")).collect();
        let text = format!("const a7 = 1;\nexport {{ {list} }};\n");
        assert_eq!(names(&text), "a7");
    }

    #[test]
    fn what_it_sees_the_parser_sees() {
        let text = "/* a */ export const no = 1;\nexport const a = `\n`;\nexport { a as b };\nconst c = 1;\nexport default c;\n\
            export { c, type T };\ntype T = 1;\nexport * from './x';\n\
            export const { d, e: f = 2, ...g } = h;\nexport const [i, j = 1] = k;\nexport const D = 1;\nexport { D as E };\n";
        let outline = parse(text.as_bytes(), Language::Ts, "a.ts")
            .unwrap()
            .outline();
        let likely = likely_exports(text.as_bytes());
        for name in &likely.names {
            assert!(outline.names.contains(name), "{name}");
        }
        assert_eq!(likely.names.join(" "), "D E a b c d default f g i j");
        assert_eq!(likely.stars, outline.stars);
    }

    #[test]
    fn a_module_is_known_by_an_export_where_nothing_speaks_of_commonjs() {
        for (text, is_module) in [
            ("export const a = 1;", true),
            ("import b from './b';\nexport * from './a';", true),
            ("export default class {}\n", true),
            ("import './b';\n", false),
            ("exports.a = 1;", false),
            (
                "const t = `\nexport const a = 1;\n`;\nmodule.exports = t;",
                false,
            ),
            (
                "const tick = '`';\nconst t = `\nexport const a = 1;\n`;\nexports.t = t;",
                false,
            ),
            ("export const a = require('b');", false),
            (
                "const tick = '`';\nconst t = `\nexport const a = 1;\n`;\nthis.t = t;",
                false,
            ),
            ("const t = `\n`;\nexport const a = 1;\n", true),
            ("console.log(1);", false),
        ] {
            let likely = likely_exports(text.as_bytes());
            assert_eq!(likely.is_module, is_module, "{text}");
        }
    }
}

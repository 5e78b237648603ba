//! What is wrong with a user's file, in the one form that every face prints.

use std::borrow::Cow;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// A place in a source file. Lines and columns count from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Location {
    /// The file as the user names it: from the root of the mount, with a leading slash.
    pub file: String,
    /// Line, from 1; 0 when only the file is known.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            _ => write!(f, "{}:{}:{}", self.file, self.line, self.column),
        }
    }
}

/// One problem: what, where, why, then a hint. Texts are lower case and end without a period.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Diagnostic {
    /// A stable name of the kind of problem: `unresolved-import`.
    pub code: Cow<'static, str>,
    /// One line: what is wrong, with the names that the user knows, the location not included.
    pub message: String,
    /// Where.
    pub at: Option<Location>,
    /// The lines around the place with a marker under it, without a final newline.
    pub frame: Option<String>,
    /// Who imports the file, nearest first; filled in when the diagnostic is shown, never stored.
    pub importers: Vec<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A diagnostic with a code and a message and nothing else yet.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code: Cow::Borrowed(code),
            message: message.into(),
            at: None,
            frame: None,
            importers: Vec::new(),
            hint: None,
        }
    }

    /// At this place.
    pub fn at(mut self, location: Location) -> Self {
        self.at = Some(location);
        self
    }

    /// With this code frame.
    pub fn frame(mut self, frame: Option<String>) -> Self {
        self.frame = frame;
        self
    }

    /// With this hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What is wrong, whoever imports it.
    pub fn without_importers(self) -> Self {
        Self {
            importers: Vec::new(),
            ..self
        }
    }

    /// The texts of all, one after the other, as [`Diagnostic::render`] has each without colour.
    pub fn render_all(all: &[Self]) -> String {
        let texts: Vec<String> = all.iter().map(|one| one.render(false)).collect();
        texts.join("\n")
    }

    /// The text that every face shows, without a final newline. `colour` adds ANSI escapes.
    pub fn render(&self, colour: bool) -> String {
        let paint = |code: &str, text: &str| match colour {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        };
        let mut text = format!(
            "{} {}",
            paint("1;31", &format!("error[{}]:", self.code)),
            visible(&self.message)
        );
        if let Some(at) = &self.at {
            let relation = match &*self.code {
                "unresolved-import" => "from",
                _ => "in",
            };
            let _ = write!(
                text,
                " {relation} `{}`",
                paint("36", &visible_line(&at.to_string()))
            );
        }
        for importer in &self.importers {
            let _ = write!(text, "\n  imported by {}", visible_line(importer));
        }
        if let Some(frame) = &self.frame {
            for line in frame.lines() {
                let _ = write!(text, "\n  {}", visible(line));
            }
        }
        if let Some(hint) = &self.hint {
            let _ = write!(text, "\n  {} {}", paint("1;34", "hint:"), visible(hint));
        }
        text
    }
}

/// The lines of `source` around `line` (from 1) with a marker under `column` (from 1, in characters) that spans
/// `width` characters. `None` when the source has no such line.
///
/// Very long lines (minified code) are cut to a window around the place, so that a frame always fits a screen.
pub fn code_frame(source: &str, line: u32, column: u32, width: u32) -> Option<String> {
    const WINDOW: usize = 120;
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    let lines: Vec<&str> = source
        .lines()
        .skip(index.saturating_sub(1))
        .take(3)
        .collect();
    let first = index.saturating_sub(1);
    lines.get(index - first)?;
    let column = usize::try_from(column).ok()?.saturating_sub(1);
    let start = if column > WINDOW * 3 / 4 {
        column - WINDOW / 2
    } else {
        0
    };
    let digits = (first + lines.len()).to_string().len();
    let mut text = String::new();
    for (offset, content) in lines.iter().enumerate() {
        let number = first + offset + 1;
        let shown: String = content
            .chars()
            .skip(start)
            .take(WINDOW)
            .map(|c| if c == '\t' { ' ' } else { shown(c) })
            .collect();
        let _ = writeln!(text, "{number:>digits$} | {}", shown.trim_end());
        if number == index + 1 {
            let width = (width.max(1) as usize).min(WINDOW);
            let _ = writeln!(
                text,
                "{:>digits$} | {}{}",
                "",
                " ".repeat(column - start),
                "^".repeat(width)
            );
        }
    }
    text.truncate(text.trim_end().len());
    Some(text)
}

/// What is shown for a letter that would do something instead of being seen: it moves a terminal's cursor, or has what
/// follows read the other way round (Unicode Standard Annex 9, 2), so that a text says what it does not. As wide as a letter.
fn shown(letter: char) -> char {
    match letter {
        '\0'..='\u{1f}' => {
            char::from_u32(0x2400 + u32::from(letter)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        letter => letter,
    }
}

/// A text of several lines, all of which is seen.
fn visible(text: &str) -> String {
    let shown = |letter| match letter {
        '\n' | '\t' => letter,
        letter => shown(letter),
    };
    text.replace("\r\n", "\n").chars().map(shown).collect()
}

/// The same of a name, which is one line.
fn visible_line(text: &str) -> String {
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_what_where_why_and_a_hint() {
        let mut diagnostic = Diagnostic::new("unresolved-import", "cannot resolve `./botton`")
            .at(Location {
                file: "/ui/form.tsx".into(),
                line: 3,
                column: 20,
            })
            .hint("did you mean `./button`?");
        diagnostic.importers.push("/main.tsx".into());
        insta::assert_snapshot!(diagnostic.render(false), @r"
        error[unresolved-import]: cannot resolve `./botton` from `/ui/form.tsx:3:20`
          imported by /main.tsx
          hint: did you mean `./button`?
        ");
    }

    #[test]
    fn frames_the_line_with_its_neighbours() {
        let source = "import a\nimport { b } from './c'\n\nrest\n";
        insta::assert_snapshot!(code_frame(source, 2, 19, 5).unwrap(), @r"
        1 | import a
        2 | import { b } from './c'
          |                   ^^^^^
        3 |
        ");
        assert_eq!(code_frame(source, 99, 1, 1), None);
    }

    #[test]
    fn what_would_not_be_seen_is_shown() {
        let source = "let a = '\u{1b}[2J\u{202e}';\r\n";
        let mut diagnostic = Diagnostic::new("syntax", "a\r\nb\u{7}\u{9b}")
            .at(Location {
                file: "/a\nerror[syntax]: forged\u{1b}[31m.ts".into(),
                line: 1,
                column: 9,
            })
            .frame(code_frame(source, 1, 9, 1))
            .hint("\u{2066}");
        diagnostic.importers.push("/\n.ts".into());
        insta::assert_snapshot!(diagnostic.render(false), @r"
        error[syntax]: a
        b␇� in `/a␊error[syntax]: forged␛[31m.ts:1:9`
          imported by /␊.ts
          1 | let a = '␛[2J�';
            |         ^
          hint: �
        ");
    }

    #[test]
    fn a_minified_line_is_cut_around_the_place() {
        let source = "x".repeat(100_000);
        let frame = code_frame(&source, 1, 50_000, 1).unwrap();
        assert!(frame.len() < 400, "{}", frame.len());
    }
}

//! Errors as text. Nothing else prints them.

use std::fmt::Write as _;
use std::io::Write as _;

use super::style;
use crate::app::Error;

/// The text of an error, with a final newline.
pub(super) fn render(error: &Error, colour: bool) -> String {
    let mut text = String::new();
    match error {
        Error::Diagnostics(diagnostics) => {
            for diagnostic in diagnostics {
                let _ = writeln!(text, "{}", diagnostic.render(colour));
            }
        }
        // What the daemon in the background said has its form already.
        Error::Daemon { message, .. } => {
            let _ = writeln!(text, "{}", message.trim_end());
        }
        other => {
            let _ = writeln!(text, "{} {other}", style::paint(colour, "1;31", "error:"));
        }
    }
    if let Some(hint) = error.hint() {
        let _ = writeln!(text, "  {} {hint}", style::paint(colour, "1;34", "hint:"));
    }
    text
}

/// Prints an error to standard error.
pub(super) fn error(error: &Error) {
    to_stderr(&render(error, style::colours_errors()));
}

/// Writes to standard error. That it is closed must not end the process.
pub(super) fn to_stderr(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

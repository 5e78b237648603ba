//! Colour: on a terminal, unless `NO_COLOR` is set to something (no-color.org).

use std::io::IsTerminal;

/// Whether what goes to standard error may be coloured.
pub(super) fn colours_errors() -> bool {
    permitted() && std::io::stderr().is_terminal()
}

/// Whether what goes to standard output may be coloured.
pub(super) fn colours_output() -> bool {
    permitted() && std::io::stdout().is_terminal()
}

fn permitted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The text in a colour (SGR parameters, ECMA-48 8.3.117), or as it is.
pub(super) fn paint(colour: bool, parameters: &str, text: &str) -> String {
    match colour {
        true => format!("\u{1b}[{parameters}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

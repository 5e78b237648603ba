//! A panic of the compiler is the file's error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::{Diagnostic, Location};

/// Runs `step`; its panic becomes the diagnostic `compiler-panic`.
pub(super) fn guard<T>(
    shown: &str,
    step: impl FnOnce() -> Result<T, Vec<Diagnostic>>,
) -> Result<T, Vec<Diagnostic>> {
    // What a step owns it drops while it unwinds, so nobody sees it half changed.
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|payload| {
        let text = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        let first = text.lines().next().unwrap_or_default();
        // The parser asserts so, in builds with assertions, at the end of some texts that break off.
        if first.contains("Token::Eof") {
            let fault = Diagnostic::new("syntax", "unexpected end of the file");
            return Err(vec![fault.at(Location {
                file: shown.to_owned(),
                line: 0,
                column: 0,
            })]);
        }
        Err(vec![
            Diagnostic::new(
                "compiler-panic",
                format!("the compiler failed on this file: {first}"),
            )
            .at(Location {
                file: shown.to_owned(),
                line: 0,
                column: 0,
            })
            .hint("this is a fault of hookfs, not of the file; please report it with the file"),
        ])
    })
}

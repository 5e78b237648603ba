//! A panic of the compiler is the file's error.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use crate::base::{Diagnostic, Location};

thread_local! {
    /// How many guards this thread is in.
    static GUARDS: Cell<usize> = const { Cell::new(0) };
}

/// Marks the thread as guarded, until it is dropped.
struct Guarded;

impl Guarded {
    fn enter() -> Self {
        static HOOK: Once = Once::new();
        // The hook of before prints a report on stderr. A caught panic is told where every other diagnostic is.
        HOOK.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                if GUARDS.get() == 0 {
                    before(info);
                }
            }));
        });
        GUARDS.set(GUARDS.get() + 1);
        Self
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        GUARDS.set(GUARDS.get().saturating_sub(1));
    }
}

/// Runs `step`; its panic becomes the diagnostic `compiler-panic`, and prints nothing.
pub(super) fn guard<T>(
    shown: &str,
    step: impl FnOnce() -> Result<T, Vec<Diagnostic>>,
) -> Result<T, Vec<Diagnostic>> {
    // What a step owns it drops while it unwinds, so nobody sees it half changed.
    let guarded = Guarded::enter();
    let result = catch_unwind(AssertUnwindSafe(step));
    drop(guarded);
    result.unwrap_or_else(|payload| {
        let text = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        let first = text.lines().next().unwrap_or_default();
        if let Some(message) = asserted(first) {
            let fault = Diagnostic::new("syntax", message);
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

/// What the parser asserts, in builds with assertions, of some texts that are wrong: where they break off, and which
/// token must be next (`enum E { ['a' }`).
fn asserted(panic: &str) -> Option<String> {
    if panic.contains("Token::Eof") {
        return Some("unexpected end of the file".to_owned());
    }
    let (expected, found) = panic
        .strip_prefix("assertion failed: expected ")?
        .split_once(", got ")?;
    Some(format!("unexpected token `{found}`, expected `{expected}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_diagnostic_and_leaves_the_guard() {
        let nested = || {
            let inner: Result<(), _> = guard("/b.ts", || panic!("inner"));
            assert_eq!(GUARDS.get(), 1);
            inner
        };
        let faults = guard("/a.ts", nested).unwrap_err();
        assert!(faults[0].message.contains("inner"), "{:?}", faults[0]);
        assert_eq!(GUARDS.get(), 0);
    }

    #[test]
    fn what_the_parser_asserts_of_a_text_is_a_syntax_error() {
        let assertion = "assertion failed: expected ], got }";
        let faults = guard::<()>("/a.ts", || panic!("{assertion}")).unwrap_err();
        assert_eq!(faults[0].code, "syntax");
        assert_eq!(faults[0].message, "unexpected token `}`, expected `]`");
    }
}

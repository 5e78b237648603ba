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
}

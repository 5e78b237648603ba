//! What a panic costs.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Serves a request. A panic costs that request alone: its reply goes with it, which answers EIO, and the thread goes on with the
/// next. What was half done lies behind locks that outlive it, as where a request fails.
pub(super) fn guarded(serve: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(serve)) {
        tracing::error!("internal error: a request panicked: {}", text(&*panic));
    }
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let plain = panic.downcast_ref::<&str>().copied();
    let formatted = || panic.downcast_ref::<String>().map(String::as_str);
    plain.or_else(formatted).unwrap_or("no message")
}

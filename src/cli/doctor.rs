//! `hookfs doctor`: what a mount needs of the machine.

use std::fmt::Write as _;

use super::completions::print;
use super::{report, style};
use crate::app::Status;
use crate::app::doctor::{Verdict, examine};

/// Checks the machine.
pub(super) fn doctor() -> Status {
    let colour = style::colours_output();
    let mut text = String::new();
    let mut status = Status::Done;
    for finding in examine() {
        let mark = match finding.verdict {
            Verdict::Good => style::paint(colour, "32", "ok  "),
            Verdict::Poor => style::paint(colour, "33", "poor"),
            Verdict::Bad => {
                status = Status::Files;
                style::paint(colour, "31", "bad ")
            }
        };
        let _ = writeln!(text, "{mark} {:<18} {}", finding.subject, finding.text);
        if let Some(mend) = finding.mend {
            let _ = writeln!(
                text,
                "     {:<18} {} {mend}",
                "",
                style::paint(colour, "1;34", "hint:")
            );
        }
    }
    match print(text.as_bytes()) {
        Ok(_) => status,
        Err(error) => {
            report::error(&error);
            error.status()
        }
    }
}

//! `hookfs status`: how a daemon is doing.

use std::fmt::Write as _;

use serde_json::Value;

use super::arguments::StatusArguments;
use super::completions::print;
use super::places::mounted_at;
use super::size::show_size;
use crate::app::{Access, Error, Result, Status};

/// Tells how a daemon is doing.
pub(super) fn status(arguments: &StatusArguments) -> Result<Status> {
    let status = match mounted_at(&arguments.place)? {
        Some(status) => status,
        None => {
            let place = arguments
                .state
                .place(&arguments.place)
                .map_err(|error| match error {
                    Error::Source { path, .. } if path.exists() => Error::NotMounted(path),
                    error => error,
                })?;
            let access =
                Access::daemon(&place)?.ok_or_else(|| Error::NoDaemon(place.source.clone()))?;
            access.service().status()?
        }
    };
    if arguments.json {
        return print(format!("{status:#}\n").as_bytes());
    }
    print(status_text(&status).as_bytes())
}

fn status_text(status: &Value) -> String {
    let text = |name: &str| match &status[name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let number = |name: &str| status[name].as_u64().unwrap_or_default();
    let mut lines = format!("source    {}\n", text("source"));
    if !status["mount_point"].is_null() {
        let _ = writeln!(lines, "mount     {}", text("mount_point"));
    }
    let _ = writeln!(lines, "state     {}", text("state"));
    let _ = writeln!(
        lines,
        "daemon    {} (hookfs {})",
        text("pid"),
        text("version")
    );
    if let Some(socket) = status["hot"]["socket"].as_str() {
        let pages = status["hot"]["pages"].as_u64().unwrap_or_default();
        let open = if pages == 1 { "page" } else { "pages" };
        let _ = writeln!(lines, "hot       {socket}, {pages} {open} open");
    }
    let _ = match status["mode_reason"].as_str() {
        None => writeln!(lines, "mode      exact"),
        Some(reason) => writeln!(lines, "mode      every read verified: {reason}"),
    };
    let _ = writeln!(
        lines,
        "outputs   {} computed, {} verified, {} from memory, {} failing",
        number("computed"),
        number("verified"),
        number("hits"),
        number("failed")
    );
    let _ = writeln!(
        lines,
        "store     {} outputs, {}",
        number("blobs"),
        show_size(number("blob_bytes"))
    );
    let _ = writeln!(lines, "memory    {}", show_size(number("rss_bytes")));
    lines
}

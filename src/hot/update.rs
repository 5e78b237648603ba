//! The messages to a page.

use std::collections::BTreeMap;

use crate::runnable::{HotBody, HotContent, HotStyle};

/// That what the page has is up to date from here on.
pub(super) const READY: &str = r#"{"type":"ready"}"#;

/// What has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Update {
    /// Pieces by their ids.
    pub(super) changes: BTreeMap<String, HotBody>,
    /// The ids of those that no entry imports any more.
    pub(super) gone: Vec<String>,
    /// The names of what is loaded by URL.
    pub(super) files: BTreeMap<String, String>,
    pub(super) styles: BTreeMap<String, HotStyle>,
}

impl Update {
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.gone.is_empty()
            && self.files.is_empty()
            && self.styles.is_empty()
    }

    /// As a message; `time`: milliseconds since 1970. Empty parts are left out.
    pub(super) fn message(&self, time: u64) -> String {
        let mut text = format!("{{\"type\":\"update\",\"time\":{time}");
        let changes = self.changes.iter().map(|(id, body)| change(id, body));
        list(&mut text, "changes", '[', ']', changes);
        list(
            &mut text,
            "gone",
            '[',
            ']',
            self.gone.iter().map(|id| quoted(id)),
        );
        let files = self.files.iter().map(|(id, name)| pair(id, &quoted(name)));
        list(&mut text, "bundles", '{', '}', files);
        let styles = self.styles.iter().map(|(id, style)| match style {
            HotStyle::Link(name) => pair(id, &quoted(name)),
            HotStyle::Text(css) => pair(id, &format!("{{\"text\":{}}}", quoted(css))),
            HotStyle::Fault(fault) => pair(id, &format!("{{\"fault\":{fault}}}")),
        });
        list(&mut text, "styles", '{', '}', styles);
        text.push('}');
        text
    }
}

/// That the page must be loaded anew.
pub(super) fn reload(reason: &str) -> String {
    format!("{{\"type\":\"reload\",\"reason\":{}}}", quoted(reason))
}

fn change(id: &str, body: &HotBody) -> String {
    let mut text = format!("{{\"id\":{},\"hash\":\"{}\",", quoted(id), body.hash);
    match &body.content {
        HotContent::Text { text: code, map } => {
            text.push_str("\"text\":");
            text.push_str(&quoted(&String::from_utf8_lossy(code)));
            if let Some(map) = map {
                text.push_str(",\"map\":");
                text.push_str(&quoted(&String::from_utf8_lossy(map)));
            }
        }
        HotContent::Fault(fault) => {
            text.push_str("\"fault\":");
            text.push_str(fault);
        }
    }
    text.push('}');
    text
}

fn pair(name: &str, value: &str) -> String {
    format!("{}:{value}", quoted(name))
}

fn list(
    text: &mut String,
    name: &str,
    open: char,
    close: char,
    mut items: impl Iterator<Item = String>,
) {
    let Some(first) = items.next() else { return };
    text.push_str(&format!(",\"{name}\":{open}{first}"));
    for item in items {
        text.push(',');
        text.push_str(&item);
    }
    text.push(close);
}

/// A text as JSON has it (RFC 8259, 7).
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

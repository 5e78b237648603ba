//! What a page may say. Nothing of it reads, writes or runs anything; all of it is bounded.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// The longest id, hash and name of an event in bytes.
const NAME: usize = 4096;
/// The longest name of an event.
const EVENT: usize = 256;
/// The longest data of an event, as JSON.
const DATA: usize = 1 << 20;
/// The most entries, modules and sheets of a page.
const ENTRIES: usize = 1024;
const MODULES: usize = 200_000;

/// A message of a page.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Said {
    /// What it has.
    Hello(Hello),
    /// An event for the listeners of server modules.
    Send {
        /// Its name.
        event: String,
        /// What goes with it.
        #[serde(default)]
        data: Value,
    },
}

/// What a page has.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Hello {
    /// The page's id: its path from `/~@/`.
    pub page: String,
    /// The ids of the page and of the modules that it has loaded later.
    pub entries: Vec<String>,
    /// The hashes of its modules by their ids.
    pub modules: HashMap<String, String>,
    /// The hash of its own text, which stands in it.
    #[serde(default)]
    pub text: Option<String>,
    /// The names that its links to style sheets lead to, by the sheets' ids.
    #[serde(default)]
    pub styles: Option<BTreeMap<String, String>>,
    /// The names of what it loads by URL, by their ids.
    #[serde(default)]
    pub bundles: BTreeMap<String, String>,
}

/// A message that is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Malformed {
    /// No JSON, or not of the form that messages have.
    #[error("no message: {0}")]
    Form(String),
    /// Something in it is too long, or there is too much of it.
    #[error("too much: {0}")]
    Size(&'static str),
}

impl Said {
    /// Reads a message.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn read(text: &str) -> Result<Self, Malformed> {
        let said =
            serde_json::from_str(text).map_err(|cause| Malformed::Form(cause.to_string()))?;
        match &said {
            Self::Hello(hello) => hello.check()?,
            Self::Send { event, data } => {
                if event.len() > EVENT {
                    return Err(Malformed::Size("the name of the event"));
                }
                if data.to_string().len() > DATA {
                    return Err(Malformed::Size("the data of the event"));
                }
            }
        }
        Ok(said)
    }
}

impl Hello {
    fn check(&self) -> Result<(), Malformed> {
        let sheets = self.styles.iter().flatten();
        let pairs = self.modules.iter().chain(sheets).chain(&self.bundles);
        let mut names = pairs
            .flat_map(|(id, value)| [id, value])
            .chain(&self.entries)
            .chain([&self.page])
            .chain(&self.text);
        if names.any(|name| name.len() > NAME) {
            return Err(Malformed::Size("a name"));
        }
        let sheets = self.styles.as_ref().map_or(0, BTreeMap::len);
        if self.entries.len().max(sheets).max(self.bundles.len()) > ENTRIES
            || self.modules.len() > MODULES
        {
            return Err(Malformed::Size("the page"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_say_what_they_have_and_send_events() {
        let hello = r#"{"type":"hello","page":"/index.html","entries":["/index.html"],"modules":{"/a.ts.js":"0123"},"new":1}"#;
        let Ok(Said::Hello(hello)) = Said::read(hello) else {
            panic!("no hello");
        };
        assert_eq!(
            (hello.page.as_str(), hello.modules.len()),
            ("/index.html", 1)
        );
        assert_eq!((hello.text, hello.styles), (None, None));
        let sent = Said::read(r#"{"type":"send","event":"a:b","data":{"x":[1,null]}}"#).unwrap();
        let data = serde_json::json!({ "x": [1, null] });
        let event = "a:b".to_owned();
        assert_eq!(sent, Said::Send { event, data });
        assert!(Said::read(r#"{"type":"send","event":"a"}"#).is_ok());
    }

    #[test]
    fn nothing_else_is_a_message() {
        let deep = format!(
            r#"{{"type":"send","event":"a","data":{}{}}}"#,
            "[".repeat(1000),
            "]".repeat(1000)
        );
        for text in [
            "",
            "null",
            "[]",
            "{}",
            "{\"type\":\"hello\"}",
            "{\"type\":\"read\",\"path\":\"/etc/passwd\"}",
            "{\"type\":\"send\"}",
            "{\"type\":\"send\",\"event\":1}",
            "{\"type\":\"hello\",\"page\":\"/\",\"entries\":\"x\",\"modules\":{}}",
            "{\"type\":\"hello\",\"page\":\"/\",\"entries\":[],\"modules\":{\"a\":1}}",
            "{\"type\":\"send\",\"event\":\"a\"} x",
            &deep,
        ] {
            assert!(
                matches!(Said::read(text), Err(Malformed::Form(_))),
                "{text}"
            );
        }
        let long = "x".repeat(DATA);
        for text in [
            format!(r#"{{"type":"send","event":"{}"}}"#, "x".repeat(EVENT + 1)),
            format!(r#"{{"type":"send","event":"a","data":"{long}"}}"#),
            format!(r#"{{"type":"hello","page":"{long}","entries":[],"modules":{{}}}}"#),
            format!(r#"{{"type":"hello","page":"","entries":[],"modules":{{"{long}":""}}}}"#),
            format!(
                r#"{{"type":"hello","page":"","entries":[{}""],"modules":{{}}}}"#,
                "\"\",".repeat(ENTRIES)
            ),
        ] {
            assert!(
                matches!(Said::read(&text), Err(Malformed::Size(_))),
                "{}",
                &text[..60]
            );
        }
    }
}

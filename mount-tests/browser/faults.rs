//! What a browser reports as wrong.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;

use crate::devtools::Event;

/// One report.
#[derive(Debug, Clone)]
pub enum Fault {
    /// An exception that nobody caught, with its text and the frames of its stack, the innermost first.
    Exception { text: String, stack: Vec<Frame> },
    /// `console.error`, a failed `console.assert`, or an error of the browser's own in the console.
    Console(String),
    /// A request without an answer, or with a status of 400 and up.
    Request { url: String, why: String },
}

/// A place in a script that ran. Lines and columns count from 0, columns in UTF-16 units.
#[derive(Debug, Clone)]
pub struct Frame {
    pub url: String,
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exception { text, stack } => {
                write!(out, "exception: {text}")?;
                stack.iter().try_for_each(|frame| {
                    write!(
                        out,
                        "\n  at {}:{}:{}",
                        frame.url,
                        frame.line + 1,
                        frame.column + 1
                    )
                })
            }
            Self::Console(text) => write!(out, "console: {text}"),
            Self::Request { url, why } => write!(out, "request: {url}: {why}"),
        }
    }
}

/// The faults of a page and its workers so far.
#[derive(Default)]
pub struct Faults {
    found: Vec<Fault>,
    /// URLs of requests by id: a failure tells the id alone.
    requests: HashMap<String, String>,
}

impl Faults {
    /// All so far.
    pub fn found(&self) -> &[Fault] {
        &self.found
    }

    /// Looks at an event.
    pub fn see(&mut self, event: &Event) {
        let params = &event.params;
        match event.method.as_str() {
            "Network.requestWillBeSent" => {
                let url = text(&params["request"]["url"]);
                self.requests.insert(text(&params["requestId"]), url);
            }
            "Network.responseReceived" => {
                let status = params["response"]["status"].as_u64().unwrap_or_default();
                if status >= 400 {
                    let url = text(&params["response"]["url"]);
                    let why = format!("status {status}");
                    self.found.push(Fault::Request { url, why });
                }
            }
            // Chromium cancels what a page that goes away still loads: no fault of the page.
            "Network.loadingFailed" if params["canceled"] != true => {
                let url = self.requests.get(&text(&params["requestId"]));
                let url = url.cloned().unwrap_or_default();
                let why = text(&params["errorText"]);
                self.found.push(Fault::Request { url, why });
            }
            "Runtime.exceptionThrown" => {
                let details = &params["exceptionDetails"];
                let description = text(&details["exception"]["description"]);
                let text = format!("{} {description}", text(&details["text"]));
                let stack = frames(details);
                self.found.push(Fault::Exception { text, stack });
            }
            "Runtime.consoleAPICalled"
                if params["type"] == "error" || params["type"] == "assert" =>
            {
                let words = params["args"].as_array().into_iter().flatten().map(word);
                self.found
                    .push(Fault::Console(words.collect::<Vec<_>>().join(" ")));
            }
            // Of the network, the events above tell more.
            "Log.entryAdded"
                if params["entry"]["level"] == "error"
                    && params["entry"]["source"] != "network" =>
            {
                let entry = &params["entry"];
                let line = format!("{} ({})", text(&entry["text"]), text(&entry["url"]));
                self.found.push(Fault::Console(line));
            }
            _ => {}
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A console argument as one would read it.
fn word(argument: &Value) -> String {
    match (&argument["value"], &argument["description"]) {
        (Value::String(text), _) | (Value::Null, Value::String(text)) => text.clone(),
        (value, _) => value.to_string(),
    }
}

fn frames(details: &Value) -> Vec<Frame> {
    let number = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok());
    let frame = |value: &Value| {
        Some(Frame {
            url: value["url"].as_str()?.to_owned(),
            line: number(&value["lineNumber"])?,
            column: number(&value["columnNumber"])?,
        })
    };
    let calls = details["stackTrace"]["callFrames"].as_array();
    match calls {
        Some(calls) => calls.iter().filter_map(frame).collect(),
        None => frame(details).into_iter().collect(),
    }
}

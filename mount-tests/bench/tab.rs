//! A browser, and a page of it that is watched as little as can be.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::chromium::Chromium;

/// The longest that a page may take.
const PATIENCE: Duration = Duration::from_secs(180);

/// How long a browser is left alone once it is up: what it still does then would count for whoever's server is up first.
const REST: Duration = Duration::from_secs(2);

/// A browser that has nothing to do, with a profile of its own.
pub(crate) fn browser() -> Chromium {
    let chromium = Chromium::start();
    std::thread::sleep(REST);
    chromium
}

/// A page that is watched as little as can be: what tells of each request takes a good part of the request's time.
pub(crate) struct Tab<'a> {
    pub(crate) chromium: &'a mut Chromium,
    pub(crate) session: String,
}

impl<'a> Tab<'a> {
    pub(crate) fn new(chromium: &'a mut Chromium) -> Self {
        let mut tab = Self {
            chromium,
            session: String::new(),
        };
        let target = tab.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = tab.call("Target.attachToTarget", attach);
        tab.session = attached["sessionId"]
            .as_str()
            .expect("a session")
            .to_owned();
        tab
    }

    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.ask(method, params)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// As [`Tab::call`], where it may fail.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.chromium.connection.call(&self.session, method, params)
    }

    pub(crate) fn open(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url }));
        self.until("document.body?.dataset.done");
    }

    /// Reloads, until the page shows this text.
    pub(crate) fn reload(&mut self, text: &str) {
        self.call("Page.reload", json!({}));
        let shows =
            format!("document.body?.dataset.done && document.body.innerText.includes('{text}')");
        self.until(&shows);
    }

    fn until(&mut self, expression: &str) {
        let start = Instant::now();
        let params = json!({ "expression": expression, "returnByValue": true });
        loop {
            // While one page goes and the next comes there is none to ask.
            let answer = self.ask("Runtime.evaluate", params.clone());
            let value = answer
                .map(|answer| answer["result"]["value"].clone())
                .unwrap_or_default();
            if value == true || value.as_str().is_some_and(|text| !text.is_empty()) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "never: {expression}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

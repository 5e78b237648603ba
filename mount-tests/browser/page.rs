//! A page in the browser.

use std::collections::HashSet;
use std::fs;
use std::time::Instant;

use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::devtools::{Connection, Event};
use crate::faults::{Fault, Faults};
use crate::support::DEADLINE;

/// A page, with the workers that it starts. A test that ends well looks at its faults once more; one that fails leaves a
/// picture of it in `target/browser/`.
pub struct Page<'a> {
    connection: &'a mut Connection,
    session: String,
    workers: HashSet<String>,
    faults: Faults,
    loads: u64,
    faults_count: bool,
}

impl Chromium {
    /// A new, empty page. It remembers all faults from now on.
    pub fn page(&mut self) -> Page<'_> {
        Page::new(&mut self.connection)
    }
}

impl<'a> Page<'a> {
    /// A new, empty page.
    pub fn new(connection: &'a mut Connection) -> Self {
        let target = connection
            .call("", "Target.createTarget", json!({ "url": "about:blank" }))
            .expect("a new page");
        let attached = connection
            .call(
                "",
                "Target.attachToTarget",
                json!({ "targetId": target["targetId"], "flatten": true }),
            )
            .expect("a session with the page");
        let session = attached["sessionId"]
            .as_str()
            .expect("a session")
            .to_owned();
        let mut page = Self {
            connection,
            session,
            workers: HashSet::new(),
            faults: Faults::default(),
            loads: 0,
            faults_count: true,
        };
        for domain in ["Page", "Runtime", "Network", "Log"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        // Workers wait until we listen, so that none of their faults is missed.
        let listen = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
        page.call("Target.setAutoAttach", listen);
        page
    }

    /// A command to the page.
    #[track_caller]
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        match self.connection.call(&self.session, method, params) {
            Ok(result) => result,
            Err(error) => panic!("{error}"),
        }
    }

    /// Goes to a URL, and returns when the page's `load` event is over.
    #[track_caller]
    pub fn open(&mut self, url: &str) {
        self.drain();
        let loads = self.loads;
        let result = self.call("Page.navigate", json!({ "url": url }));
        if let Some(error) = result["errorText"].as_str() {
            panic!("cannot open {url}: {error}");
        }
        self.wait_for_load(loads);
    }

    /// What the reload button does: the browser may use its cache.
    #[track_caller]
    pub fn reload(&mut self) {
        self.drain();
        let loads = self.loads;
        self.call("Page.reload", json!({ "ignoreCache": false }));
        self.wait_for_load(loads);
    }

    #[track_caller]
    fn wait_for_load(&mut self, loads: u64) {
        let start = Instant::now();
        while self.loads == loads {
            self.drain();
            if start.elapsed() > DEADLINE {
                self.fail("the page does not load");
            }
        }
    }

    /// The value of an expression, once it is settled.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value, String> {
        let params =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut result = self
            .connection
            .call(&self.session, "Runtime.evaluate", params)?;
        match result.get("exceptionDetails") {
            Some(details) => Err(details.to_string()),
            None => Ok(result["result"]["value"].take()),
        }
    }

    /// The value of an expression that does not throw.
    #[track_caller]
    pub fn value(&mut self, expression: &str) -> Value {
        match self.evaluate(expression) {
            Ok(value) => value,
            Err(error) => self.fail(&format!("`{expression}` throws: {error}")),
        }
    }

    /// Looks until an expression gives something true, and gives that. A fault of the page ends the wait: it would be
    /// the reason.
    #[track_caller]
    pub fn wait(&mut self, expression: &str) -> Value {
        let start = Instant::now();
        loop {
            let value = self.evaluate(&format!(
                "(() => {{ try {{ return {expression} }} catch {{ return null }} }})()"
            ));
            if let Ok(value) = &value
                && !matches!(value, Value::Null | Value::Bool(false))
                && value != ""
                && value != 0
            {
                return value.clone();
            }
            self.check();
            if start.elapsed() > DEADLINE {
                self.fail(&format!("waited too long for `{expression}`: {value:?}"));
            }
        }
    }

    /// Waits until an expression gives this value.
    #[track_caller]
    pub fn wait_equal(&mut self, expression: &str, expected: &Value) {
        let start = Instant::now();
        loop {
            let value = self.evaluate(expression);
            if value.as_ref() == Ok(expected) {
                return;
            }
            self.check();
            if start.elapsed() > DEADLINE {
                self.fail(&format!("`{expression}` is {value:?} and not {expected}"));
            }
        }
    }

    /// Clicks on what a CSS selector finds, when it is there.
    #[track_caller]
    pub fn click(&mut self, selector: &str) {
        let find = format!("document.querySelector({})", json!(selector));
        self.wait(&format!("{find} !== null"));
        self.value(&format!("{find}.click()"));
    }

    /// Fails where there was a fault.
    #[track_caller]
    pub fn check(&mut self) {
        self.drain();
        if self.faults_count && !self.faults.found().is_empty() {
            self.fail("the page has faults");
        }
    }

    /// From now on no fault fails the test: for pages with what is wrong.
    pub fn expect_faults(&mut self) {
        self.faults_count = false;
    }

    /// Waits for a fault whose text holds this: for tests of what goes wrong. From now on no fault fails the test:
    /// one often brings others.
    #[track_caller]
    pub fn take_fault(&mut self, text: &str) -> Fault {
        let start = Instant::now();
        loop {
            self.drain();
            let mut found = self.faults.found().iter();
            if let Some(fault) = found.find(|fault| fault.to_string().contains(text)) {
                self.faults_count = false;
                return fault.clone();
            }
            if start.elapsed() > DEADLINE {
                self.fail(&format!("waited too long for a fault `{text}`"));
            }
        }
    }

    /// Takes a picture, as PNG.
    pub fn picture(&mut self) -> Option<Vec<u8>> {
        let taken = self.connection.call(
            &self.session,
            "Page.captureScreenshot",
            json!({ "format": "png" }),
        );
        base64(taken.ok()?["data"].as_str()?)
    }

    /// Fails with the page's faults, its text and a picture.
    #[track_caller]
    fn fail(&mut self, why: &str) -> ! {
        self.drain();
        let faults = self.faults.found().iter().map(ToString::to_string);
        let faults = faults.collect::<Vec<_>>().join("\n");
        let text = self
            .evaluate("location.href + '\\n' + (document.body?.innerText ?? '').slice(0, 2000)")
            .unwrap_or_default();
        let picture = self.leave_picture().unwrap_or_default();
        panic!(
            "{why}\n{faults}\nthe page: {}\n{picture}",
            text.as_str().unwrap_or_default()
        );
    }

    /// Writes a picture, and tells where.
    fn leave_picture(&mut self) -> Option<String> {
        let name = std::thread::current().name()?.replace("::", "-");
        let folder = crate::target().join("browser");
        let path = folder.join(format!("{name}.png"));
        let picture = self.picture()?;
        fs::create_dir_all(&folder).ok()?;
        fs::write(&path, picture).ok()?;
        Some(format!("a picture: {}", path.display()))
    }

    /// Sees all events that are there.
    fn drain(&mut self) {
        while let Some(event) = self.connection.event() {
            if event.session == self.session || self.workers.contains(&event.session) {
                self.see(&event);
            }
        }
    }

    fn see(&mut self, event: &Event) {
        match event.method.as_str() {
            "Page.loadEventFired" => self.loads += 1,
            "Target.attachedToTarget" => {
                if let Some(worker) = event.params["sessionId"].as_str() {
                    self.workers.insert(worker.to_owned());
                    // A worker may be gone before it hears: nobody waits for the answers.
                    for domain in ["Runtime", "Network", "Log"] {
                        self.connection
                            .send(worker, &format!("{domain}.enable"), json!({}));
                    }
                    self.connection
                        .send(worker, "Runtime.runIfWaitingForDebugger", json!({}));
                }
            }
            _ => self.faults.see(event),
        }
    }
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.check();
            self.call("Page.close", json!({}));
        }
    }
}

/// The bytes of base64 (RFC 4648, section 4).
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut bits = 0;
        for letter in group {
            bits = bits << 6 | u32::from(crate::source_map::digit(*letter)?);
        }
        bits <<= 6 * (4 - group.len());
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    Some(bytes)
}

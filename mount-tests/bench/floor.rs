//! What a browser alone takes for a page that is hot, whatever is behind it: the same files from a plain folder, and React's
//! own rendering of what an edit has it render.

use std::fs;
use std::time::Duration;

use serde_json::json;

use crate::application::{LEAF, ROOT};
use crate::server::{Kind, Server};
use crate::tab::{Tab, browser};
use crate::timing::{median, time};

/// How often a component is rendered.
const RENDERS: usize = 10;

/// The page and its bundle, as the open page has them. What tells of the socket is left out: nobody answers there.
const FILES: &str = "(async () => {
  const text = async (url) => await (await fetch(url)).text();
  const page = (await text('/')).replace(/<meta name=\"hookfs-hot\"[^>]*>/, '');
  const script = /<script type=\"module\" src=\"([^\"]*)\"/.exec(page)[1];
  return [page, script, await text(script)];
})()";

/// Samples of each.
#[derive(Default)]
pub(crate) struct Floor {
    pub(crate) load: Vec<Duration>,
    pub(crate) reload: Vec<Duration>,
    pub(crate) leaf: Vec<Duration>,
    pub(crate) root: Vec<Duration>,
}

impl Floor {
    /// Takes them of the page that a tab shows.
    pub(crate) fn take(&mut self, tab: &mut Tab<'_>) {
        for (number, samples) in [(LEAF, &mut self.leaf), (ROOT, &mut self.root)] {
            samples.push(median((0..RENDERS).map(|_| render(tab, number)).collect()));
        }
        let params = json!({ "expression": FILES, "returnByValue": true, "awaitPromise": true });
        let found = tab.call("Runtime.evaluate", params)["result"]["value"].clone();
        let part = |at: usize| found[at].as_str().expect("the page and its bundle");
        let folder = tempfile::tempdir().expect("a folder");
        let script = folder.path().join(part(1).trim_start_matches('/'));
        fs::create_dir_all(script.parent().expect("a folder")).expect("a folder");
        fs::write(script, part(2)).expect("the bundle");
        fs::write(folder.path().join("index.html"), part(0)).expect("the page");
        let mut chromium = browser();
        let mut tab = Tab::new(&mut chromium);
        let (load, _server) = time(|| {
            let server = Server::start(Kind::Nginx, folder.path());
            tab.open(&server.url("/"));
            server
        });
        self.load.push(load);
        // What it shows is what it will show: the page before is not to be taken for the next.
        let done = json!({ "expression": "delete document.body.dataset.done" });
        tab.call("Runtime.evaluate", done);
        self.reload.push(time(|| tab.reload("component 0 at")).0);
    }
}

/// From a click that has React render a component with all that it shows until that is in the page.
fn render(tab: &mut Tab<'_>, number: usize) -> Duration {
    let expression = format!(
        "new Promise((done) => {{
          const button = [...document.querySelectorAll('button')].find((one) => one.textContent.startsWith('component {number} at'));
          const start = performance.now();
          new MutationObserver((_, own) => {{ own.disconnect(); done(performance.now() - start); }})
            .observe(document.body, {{ subtree: true, characterData: true, childList: true }});
          button.click();
        }})"
    );
    let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
    let took = tab.call("Runtime.evaluate", params)["result"]["value"].as_f64();
    Duration::from_secs_f64(took.expect("a time") / 1e3)
}

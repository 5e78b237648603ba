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

/// The page and the files of its bundle with their paths, as the open page has them. What tells of the socket is left out: nobody
/// answers there.
const FILES: &str = "(async () => {
  const files = {};
  const take = async (url) => {
    const text = (files[url.pathname] = await (await fetch(url)).text());
    for (const [, other] of text.split('\\n', 1)[0].matchAll(/from\"([^\"]+)\"/g)) await take(new URL(other, url));
  };
  const page = (await (await fetch('/')).text()).replace(/<meta name=\"hookfs-hot\"[^>]*>/, '');
  await take(new URL(/<script type=\"module\" src=\"([^\"]*)\"/.exec(page)[1], location.href));
  return [...Object.entries(files), ['/index.html', page]];
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
        let folder = tempfile::tempdir().expect("a folder");
        for file in found.as_array().expect("the page and its bundle") {
            let part = |at: usize| file[at].as_str().expect("a path and a text");
            let path = folder.path().join(part(0).trim_start_matches('/'));
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, part(1)).expect("a file");
        }
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

//! The tests' own eyes: a browser test proves nothing unless it sees what goes wrong.

use serde_json::json;

use crate::support::Tree;
use crate::{Chromium, Kind, Server, turn};

/// A page by its body.
fn page(body: &str) -> String {
    format!("<!doctype html><html lang='en'><link rel='icon' href='data:,'><body>{body}")
}

#[test]
fn all_that_goes_wrong_in_a_page_or_its_worker_is_seen() {
    let _turn = turn();
    let tree = Tree::new("");
    let pages = [
        (
            "console",
            "<script>console.error('one', 2)</script>",
            "console: one 2",
        ),
        (
            "throw",
            "<script>throw new Error('thrown')</script>",
            "thrown",
        ),
        (
            "reject",
            "<script>Promise.reject(new Error('no'))</script>",
            "Error: no",
        ),
        ("image", "<img src='absent.png'>", "/absent.png: status 404"),
        (
            "import",
            "<script type='module'>import './absent.js'</script>",
            "/absent.js: status 404",
        ),
        (
            "fetch",
            "<script>fetch('http://127.0.0.1:1').catch(() => 0)</script>",
            "127.0.0.1:1/: net::",
        ),
        (
            "throws",
            "<script>new Worker('throws.js')</script>",
            "Error: at work",
        ),
        (
            "says",
            "<script>new Worker('says.js')</script>",
            "console: from a worker",
        ),
        (
            "fetches",
            "<script>new Worker('fetches.js')</script>",
            "/absent.json: status 404",
        ),
    ];
    for (name, body, _) in pages {
        tree.write(&format!("{name}.html"), page(body));
    }
    tree.write("throws.js", "throw new Error('at work')");
    tree.write("says.js", "console.error('from a worker')");
    tree.write("fetches.js", "fetch('absent.json')");
    let server = Server::start(Kind::Python, &tree.project());
    let mut chromium = Chromium::start();
    for (name, _, expected) in pages {
        let mut page = chromium.page();
        page.open(&server.url(&format!("/{name}.html")));
        page.take_fault(expected);
    }
}

#[test]
fn a_good_page_has_no_faults_behind_any_server() {
    let _turn = turn();
    let tree = Tree::new("");
    tree.write("index.html", page("<button onclick='this.remove()'>good"));
    for kind in Kind::ALL {
        let server = Server::start(kind, &tree.project());
        let mut chromium = Chromium::start();
        let mut page = chromium.page();
        page.open(&server.url("/"));
        page.click("button");
        page.wait_equal("document.body.children.length", &json!(0));
        page.reload();
        page.wait("document.querySelector('button').textContent === 'good'");
    }
}

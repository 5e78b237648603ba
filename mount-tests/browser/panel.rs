//! The page of `/~@/~hookfs/`: a file is found, one that fails is told of, and an edit shows up with what it had computed.

use serde_json::json;

use crate::page::Page;
use crate::support::Tree;
use crate::{Chromium, Kind, Server, turn};

fn tree() -> Tree {
    Tree::new(
        "\
//- /index.html
<!doctype html><html lang='en'><link rel='icon' href='data:,'><body>
<p id='text'></p>
<script type='module' src='/src/main.ts'></script>
//- /src/main.ts
import { text } from './text';
import { more } from './deep/more';
document.getElementById('text')!.textContent = text + more;
//- /src/text.ts
export const text: string = 'good';
//- /src/deep/more.ts
import { text } from '../text';
export const more: string = text;
//- /src/broken.ts
export const = 1;
",
    )
}

/// Presses a key that writes nothing, or a letter.
fn press(page: &mut Page<'_>, key: &str) {
    let text = match key {
        "Enter" => "\r",
        _ if key.chars().count() == 1 => key,
        _ => "",
    };
    let code = match key {
        "Enter" => 13,
        "Escape" => 27,
        "ArrowLeft" => 37,
        "ArrowUp" => 38,
        "ArrowRight" => 39,
        "ArrowDown" => 40,
        _ => 0,
    };
    for kind in ["keyDown", "keyUp"] {
        let params =
            json!({ "type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code });
        page.call("Input.dispatchKeyEvent", params);
    }
}

const TITLE: &str = "document.querySelector('#head h2').textContent";
const FOCUSED: &str = "document.activeElement.dataset.path";

/// The whole of it, on a page of a tree that nobody has looked at.
fn shows_what_there_is(tree: &Tree, chromium: &mut Chromium, address: &str) {
    let mut page = chromium.page();
    page.open(&format!("{address}~hookfs/"));
    page.wait("document.querySelector('#totals dd') !== null");
    // An application is opened beside it, and comes up here.
    page.value(&format!(
        "fetch('{address}index.html').then((response) => response.text())"
    ));
    for name in ["src/main.ts.js", "src/text.ts.js", "src/deep/more.ts.js"] {
        page.value(&format!(
            "fetch('{address}{name}').then((response) => response.text())"
        ));
    }
    page.wait("document.querySelectorAll('#list .row').length === 4");
    // Search by keyboard.
    press(&mut page, "/");
    page.wait("document.activeElement.id === 'search'");
    page.call("Input.insertText", json!({ "text": "deep mo" }));
    page.wait("document.querySelectorAll('#list .row').length === 1");
    press(&mut page, "Enter");
    page.wait_equal(TITLE, &json!("/src/deep/more.ts"));
    page.wait_equal(
        "decodeURIComponent(location.hash)",
        &json!("#/src/deep/more.ts"),
    );
    // Around the file: who imports it, what it imports.
    page.wait_equal(FOCUSED, &json!("/src/deep/more.ts"));
    press(&mut page, "ArrowRight");
    page.wait_equal(FOCUSED, &json!("/src/text.ts"));
    press(&mut page, "ArrowLeft");
    press(&mut page, "ArrowLeft");
    page.wait_equal(FOCUSED, &json!("/src/main.ts"));
    press(&mut page, "Enter");
    page.wait_equal(TITLE, &json!("/src/main.ts"));
    page.value("history.back()");
    page.wait_equal(TITLE, &json!("/src/deep/more.ts"));
    page.wait("document.querySelector('#detail table').textContent.includes('/src/deep/more.ts')");
    // An edit: stale until somebody asks, then a change with its run.
    let state = "document.querySelector('#head .state').className";
    page.wait_equal(state, &json!("state fresh"));
    tree.write(
        "src/deep/more.ts",
        "export const more: string = 'another';\n",
    );
    page.wait_equal(state, &json!("state stale"));
    page.value(&format!(
        "fetch('{address}src/deep/more.ts.js').then((response) => response.text())"
    ));
    page.wait_equal(state, &json!("state fresh"));
    page.wait("document.querySelector('#feed > li .title').textContent === 'more.ts'");
    page.wait("[...document.querySelectorAll('#feed > li:first-child .run.changed')].some((run) => run.textContent.startsWith('more.tsmodule'))");
    // It imports no longer.
    page.wait("document.querySelector('.node[data-path=\"/src/text.ts\"]') === null");
    page.check();
    // What fails is told.
    page.expect_faults();
    page.value(&format!(
        "fetch('{address}src/broken.ts.js').then((response) => response.text())"
    ));
    press(&mut page, "/");
    page.wait("document.activeElement.id === 'search'");
    press(&mut page, "Escape");
    page.wait("document.getElementById('search').value === ''");
    page.click("#filters .failed.some");
    page.wait("document.querySelectorAll('#list .row').length === 1");
    page.click("#list .row");
    page.wait_equal(TITLE, &json!("/src/broken.ts"));
    page.wait(
        "document.querySelector('#detail pre.error').textContent.includes('/src/broken.ts:1:14')",
    );
    page.wait_equal(state, &json!("state failed"));
    // Of the graph only what has changed was read again.
    let reads = |name: &str| {
        format!(
            "performance.getEntriesByType('resource').filter(({{ name }}) => name.endsWith('/{name}')).length"
        )
    };
    page.wait_equal(&reads("graph.json"), &json!(1));
    page.wait(&format!("{} > 2", reads("graph-changes.json")));
}

#[test]
fn shows_what_there_is_behind_a_file_server() {
    let _turn = turn();
    let tree = tree();
    let mount = tree.mounter("").mount();
    let server = Server::start(Kind::Python, &mount.output(""));
    shows_what_there_is(&tree, &mut Chromium::start(), &server.url("/"));
}

#[test]
fn shows_what_there_is_served_by_hookfs() {
    let _turn = turn();
    let tree = tree();
    let project = tree.project();
    // With one computation for each file, as in the mount.
    let arguments = [project.to_str().unwrap(), "--port", "0", "--no-hot"];
    let served = crate::support::Served::start(&project, &tree.folder().join("state"), &arguments);
    shows_what_there_is(&tree, &mut Chromium::start(), served.address());
    served.stop();
}

//! What a browser asks for: once it has a version of a file it never asks again, behind servers that say no more than
//! when a file was changed; and a page that is open goes on with the versions that it began with.

use crate::support::{Tree, wait_for};
use crate::{Chromium, Kind, Server, turn};

fn tree() -> Tree {
    let tree = Tree::new(
        r#"
//- /package.json
{ "type": "module" }
//- /index.html
<!doctype html>
<html lang="en">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/src/page.css">
<body>
<img src="/src/image.svg">
<script type="module" src="/src/main.ts"></script>
//- /src/page.css
body { background-image: url(./back.svg) }
//- /src/style.css
body { margin-left: 1px }
//- /src/back.svg
<svg xmlns='http://www.w3.org/2000/svg' width='1' height='9'/>
//- /src/image.svg
<svg xmlns='http://www.w3.org/2000/svg' width='2' height='9'/>
//- /src/main.ts
import { leaf } from './leaf';
import './style.css';
const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
const heard = new Promise((answer) => (worker.onmessage = (event) => answer(event.data)));
const late = () => import('./late').then((late) => late.late);
Object.assign(globalThis, { late, results: { leaf, heard: await heard } });
//- /src/worker.ts
import { leaf } from './leaf';
postMessage(leaf);
"#,
    );
    tree.write("src/leaf.ts", leaf(1));
    write_late(&tree, 1);
    tree
}

fn leaf(number: u32) -> String {
    format!("export const leaf: number = {number};\n")
}

/// What is loaded late says a number in each of two modules.
fn write_late(tree: &Tree, number: u32) {
    let text = format!(
        "import {{ leaf }} from './late-leaf';\nexport const late = [leaf, {number}].join();\n"
    );
    tree.write("src/late.ts", text);
    tree.write("src/late-leaf.ts", leaf(number));
}

/// The paths that the server has answered since it had answered so many requests, `#` for each hash, sorted.
fn asked(server: &Server, before: usize) -> Vec<String> {
    let requests = server.requests().split_off(before);
    let mut shown: Vec<String> = requests
        .iter()
        .map(|path| {
            let parts = path.split('.').map(|part| match part.strip_prefix('v') {
                Some(hash) if hash.len() == 16 => "#",
                _ => part,
            });
            parts.collect::<Vec<_>>().join(".")
        })
        .collect();
    shown.sort();
    shown
}

fn asks_only_for_the_page_and_what_changed(kind: Kind) {
    let _turn = turn();
    let tree = tree();
    let mount = tree.mounter("").mount();
    let mut chromium = Chromium::start();
    let server = Server::start(kind, &mount.output(""));
    let mut page = chromium.page();
    page.open(&server.url("/"));
    page.wait("globalThis.results !== undefined");
    // The server writes a request down once it is answered.
    let settled = |wanted: &[&str], before| {
        wait_for("the requests", || {
            (asked(&server, before).len() >= wanted.len()).then_some(())
        });
        assert_eq!(asked(&server, before), wanted);
    };
    let all = [
        "/",
        "/src/back.#.svg",
        "/src/image.#.svg",
        "/src/leaf.ts.#.js",
        "/src/leaf.ts.in-worker.#.js",
        "/src/main.ts.#.js",
        "/src/page.#.css",
        "/src/style.css.#.js",
        "/src/worker.ts.in-worker.#.js",
    ];
    settled(&all, 0);
    let mut before = all.len();
    for (number, wanted) in [
        (1, &["/"][..]),
        // The worker and what it imports name each other by all that they lead to, and the module that starts it names it.
        (
            2,
            &[
                "/",
                "/src/leaf.ts.#.js",
                "/src/leaf.ts.in-worker.#.js",
                "/src/main.ts.#.js",
                "/src/worker.ts.in-worker.#.js",
            ],
        ),
        // Undone: the browser has kept it.
        (1, &["/"]),
    ] {
        tree.write("src/leaf.ts", leaf(number));
        page.reload();
        page.wait("globalThis.results !== undefined");
        assert_eq!(
            page.value("[results.leaf, results.heard]"),
            serde_json::json!([number, number])
        );
        settled(wanted, before);
        before += wanted.len();
    }
    tree.write("src/style.css", "body { margin-left: 2px }\n");
    page.reload();
    page.wait("getComputedStyle(document.body).marginLeft === '2px'");
    settled(&["/", "/src/style.css.#.js"], before);
    before += 2;
    page.reload();
    page.wait("globalThis.results !== undefined");
    settled(&["/"], before);
}

#[test]
fn a_reload_behind_python_asks_only_for_the_page_and_what_changed() {
    asks_only_for_the_page_and_what_changed(Kind::Python);
}

#[test]
fn a_reload_behind_nginx_asks_only_for_the_page_and_what_changed() {
    asks_only_for_the_page_and_what_changed(Kind::Nginx);
}

#[test]
fn an_open_page_goes_on_with_the_versions_that_it_began_with() {
    let _turn = turn();
    let tree = tree();
    let mut mount = tree.mounter("").mount();
    let mut chromium = Chromium::start();
    let server = Server::start(Kind::Nginx, &mount.output(""));
    for (old, new, restarts) in [(1, 2, false), (3, 4, true)] {
        let write = |number| {
            write_late(&tree, number);
            tree.write("src/leaf.ts", leaf(number));
        };
        write(old);
        let mut page = chromium.page();
        page.open(&server.url("/"));
        page.wait("globalThis.results !== undefined");
        write(new);
        // Another one has seen the new version.
        mount.read("index.html");
        if restarts {
            mount.stop();
            mount = tree.mounter("").mount();
        }
        let both = |number: u32| format!("{number},{number}");
        assert_eq!(page.value("late()"), both(old));
        page.reload();
        page.wait("globalThis.results !== undefined");
        assert_eq!(page.value("results.leaf"), new);
        assert_eq!(page.value("late()"), both(new));
    }
    mount.stop();
}

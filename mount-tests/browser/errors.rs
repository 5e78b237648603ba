//! What is wrong with the sources is told in the page, with its place, and gone once it is mended.

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
import './style.css';
document.getElementById('text')!.textContent = text;
//- /src/text.ts
export const text: string = 'good';
//- /src/style.css
p { color: rgb(1, 2, 3) }
",
    )
}

#[test]
fn what_is_wrong_is_shown_until_it_is_mended() {
    let _turn = turn();
    let tree = tree();
    let mount = tree.mounter("").mount();
    let server = Server::start(Kind::Python, &mount.output(""));
    let mut chromium = Chromium::start();
    let faults = [
        (
            "src/text.ts",
            "export const text: = 'good';\n",
            "/src/text.ts:1:20",
        ),
        (
            "src/text.ts",
            "export const word = 'good';\n",
            "/src/main.ts:1:10",
        ),
        (
            "src/text.ts",
            "export { text } from './texd';\n",
            "/src/text.ts:1:22",
        ),
        ("src/style.css", "p { color: }\n.a {\n", "/src/style.css:"),
    ];
    for (name, bad, place) in faults {
        let good = std::fs::read(tree.path(name)).unwrap();
        tree.write(name, bad);
        let mut page = chromium.page();
        page.open(&server.url("/"));
        let overlay = "document.getElementById('hookfs-overlay')";
        page.expect_faults();
        let shown = page.wait(&format!("{overlay}.innerText"));
        let shown = shown.as_str().unwrap();
        assert!(shown.contains("error[") && shown.contains(place), "{shown}");
        tree.write(name, good);
        drop(page);
        let mut page = chromium.page();
        page.open(&server.url("/"));
        page.reload();
        page.wait("document.getElementById('text').textContent === 'good'");
        page.wait(&format!("{overlay} === null"));
    }
}

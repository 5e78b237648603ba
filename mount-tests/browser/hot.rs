//! Pages whose modules are replaced while they run.

use std::fs;

use serde_json::json;

use crate::application::example;
use crate::page::Page;
use crate::support::{Served, Tree};
use crate::{Chromium, turn};

/// Serves a folder of a project; its pages are hot.
pub fn serve(tree: &Tree, folder: &str) -> Served {
    let source = tree.path(folder);
    let arguments = [source.to_str().expect("a path"), "--port", "0"];
    Served::start(&source, &tree.folder().join("state"), &arguments)
}

pub fn home(served: &Served) -> String {
    format!("http://127.0.0.1:{}/", served.port())
}

/// Changes a file of a project.
pub fn replace(tree: &Tree, name: &str, old: &str, new: &str) {
    let text = fs::read_to_string(tree.path(name)).expect("the file's text");
    assert!(text.contains(old), "{name} has no `{old}`");
    tree.write(name, text.replacen(old, new, 1));
}

/// Notes in the page that it is this very load of it.
pub fn mark(page: &mut Page<'_>) {
    page.value("window.isMarked = true");
}

/// Whether nothing has loaded the page anew since.
pub fn is_marked(page: &mut Page<'_>) {
    page.wait_equal("window.isMarked", &json!(true));
}

#[test]
fn the_example_takes_edits_of_every_kind_and_keeps_its_state() {
    let _turn = turn();
    let tree = example("summit", "react");
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(&home(&served));
    page.wait("document.querySelectorAll('[data-peaks=\"12\"] a').length === 12");
    page.value("document.querySelector('input').focus()");
    page.call("Input.insertText", json!({ "text": "kara" }));
    let card = "document.querySelector('[data-peaks=\"1\"] a').innerText";
    page.wait(&format!("{card}.includes('first climbed')"));
    mark(&mut page);
    // A component.
    let name = "src/components/PeakCard.tsx";
    replace(&tree, name, "first climbed", "first seen from above in");
    page.wait(&format!("{card}.includes('first seen from above in')"));
    // The one that has the state.
    replace(
        &tree,
        "src/pages/Home.tsx",
        "Twelve mountains",
        "A dozen mountains",
    );
    page.wait("document.querySelector('h1').textContent.startsWith('A dozen')");
    page.wait(&format!("{card}.includes('K2')"));
    // What is no component, and what all of them import.
    replace(
        &tree,
        "src/data/peaks.ts",
        "export interface Peak",
        "export const edited = 1;\n\nexport interface Peak",
    );
    page.wait(&format!("{card}.includes('K2')"));
    // A style module whose names stay, and one that gets another name.
    let sheet = "src/components/PeakCard.module.css";
    let size = "getComputedStyle(document.querySelector('[data-peaks] h2')).fontSize";
    replace(&tree, sheet, "font-size: 1.35rem", "font-size: 40px");
    page.wait_equal(size, &json!("40px"));
    replace(&tree, sheet, ".name {", ".title {");
    replace(&tree, name, "styles.name", "styles.title");
    page.wait("document.querySelector('[data-peaks] h2').className.includes('title')");
    page.wait_equal(size, &json!("40px"));
    // A file that is new.
    tree.write(
        "src/components/Star.tsx",
        "export const Star = () => <em>★</em>;\n",
    );
    replace(
        &tree,
        name,
        "import styles",
        "import { Star } from './Star';\nimport styles",
    );
    replace(&tree, name, "{peak.name}</h2>", "{peak.name} <Star /></h2>");
    page.wait("document.querySelector('[data-peaks=\"1\"] h2 em').textContent === '★'");
    replace(&tree, "src/components/Star.tsx", "★", "☆");
    page.wait("document.querySelector('[data-peaks=\"1\"] h2 em').textContent === '☆'");
    page.wait("document.querySelector('input').value === 'kara'");
    is_marked(&mut page);
    page.check();
    drop(page);
    served.stop();
}

#[test]
fn what_does_not_compile_is_shown_and_goes_when_it_is_mended() {
    let _turn = turn();
    let tree = example("summit", "react");
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(&home(&served));
    page.wait("document.querySelectorAll('[data-peaks=\"12\"] a').length === 12");
    page.value("document.querySelector('input').focus()");
    page.call("Input.insertText", json!({ "text": "kara" }));
    page.wait("document.querySelectorAll('[data-peaks=\"1\"] a').length === 1");
    mark(&mut page);
    page.expect_faults();
    let overlay = "document.querySelector('hookfs-overlay')";
    let name = "src/components/PeakCard.tsx";
    replace(&tree, name, "return (", "return ((");
    page.wait(&format!(
        "{overlay}.shadowRoot.textContent.includes('/src/components/PeakCard.tsx')"
    ));
    // What runs goes on.
    page.wait("document.querySelectorAll('[data-peaks=\"1\"] a').length === 1");
    replace(&tree, name, "return ((", "return (");
    page.wait(&format!("{overlay} === null"));
    replace(
        &tree,
        name,
        "./PeakCard.module.css",
        "./PeakCards.module.css",
    );
    page.wait(&format!(
        "{overlay}.shadowRoot.textContent.includes('PeakCards.module.css')"
    ));
    replace(
        &tree,
        name,
        "./PeakCards.module.css",
        "./PeakCard.module.css",
    );
    replace(&tree, name, "first climbed", "climbed in");
    page.wait(&format!("{overlay} === null"));
    page.wait("document.querySelector('[data-peaks=\"1\"] a').innerText.includes('climbed in')");
    is_marked(&mut page);
    // Errors that are there when the page is loaded, and are mended.
    replace(&tree, name, "return (", "return ((");
    page.wait(&format!("{overlay} !== null"));
    page.reload();
    page.wait(&format!(
        "{overlay}.shadowRoot.textContent.includes('/src/components/PeakCard.tsx')"
    ));
    replace(&tree, name, "return ((", "return (");
    page.wait("document.querySelectorAll('[data-peaks=\"12\"] a').length === 12");
    page.wait(&format!("{overlay} === null"));
    drop(page);
    served.stop();
}

/// A page without React: modules that accept, and modules that nobody accepts.
const PLAIN: &str = "\
//- /index.html
<!doctype html><html lang='en'><link rel='icon' href='data:,'><link rel='stylesheet' href='page.css'><body><p id='all'></p>
<script type='module' src='main.ts'></script>
//- /page.css
p { color: rgb(1, 2, 3); }
//- /main.ts
import { word } from './word';
import { count } from './count';
import data from './data.json';
import './part.css';
const show = (word: string) => {
  document.getElementById('all')!.textContent = `${word} ${count} ${data.name}`;
};
show(word);
import.meta.hot?.accept('./word', (updated) => show(updated!.word));
Object.assign(globalThis, { later: () => import('./later') });
//- /word.ts
import { deep } from './deep';
export const word = `word ${deep}`;
//- /deep.ts
export const deep = 'one';
//- /count.ts
export const count = 1;
//- /data.json
{ \"name\": \"data\" }
//- /part.css
p { font-size: 20px; }
//- /later.ts
export const later = 'later one';
";

/// What a page of [`PLAIN`] shows.
const ALL: &str = "document.getElementById('all').textContent";

/// Opens a page of [`PLAIN`], and marks it once all of it is there.
fn open_plain(page: &mut Page<'_>, served: &Served) {
    page.open(&home(served));
    page.wait_equal(ALL, &json!("word one 1 data"));
    mark(page);
}

#[test]
fn a_page_without_react_takes_what_it_accepts_and_is_loaded_anew_for_the_rest() {
    let _turn = turn();
    let tree = Tree::new(PLAIN);
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    open_plain(&mut page, &served);
    replace(&tree, "deep.ts", "one", "two");
    page.wait_equal(ALL, &json!("word two 1 data"));
    // Sheets, that of the page and that of a module.
    let style = |name: &str| format!("getComputedStyle(document.getElementById('all')).{name}");
    replace(&tree, "page.css", "1, 2, 3", "4, 5, 6");
    page.wait_equal(&style("color"), &json!("rgb(4, 5, 6)"));
    page.wait_equal(
        "document.querySelectorAll('link[rel=stylesheet]').length",
        &json!(1),
    );
    replace(&tree, "part.css", "20px", "30px");
    page.wait_equal(&style("fontSize"), &json!("30px"));
    // What nobody has imported yet is as it is then.
    replace(&tree, "later.ts", "later one", "later two");
    page.wait_equal("later().then(({ later }) => later)", &json!("later two"));
    is_marked(&mut page);
    // Nobody accepts this: the page says why.
    page.value("sessionStorage.clear()");
    replace(&tree, "count.ts", "1", "2");
    page.wait_equal(ALL, &json!("word two 2 data"));
    page.wait("window.isMarked === undefined");
    mark(&mut page);
    replace(&tree, "data.json", "data", "other");
    page.wait_equal(ALL, &json!("word two 2 other"));
    page.wait("window.isMarked === undefined && document.readyState === 'complete'");
    mark(&mut page);
    replace(&tree, "index.html", "<p id", "<h1>new</h1><p id");
    page.wait("document.querySelector('h1').textContent === 'new'");
    page.check();
    drop(page);
    served.stop();
}

#[test]
fn a_page_finds_its_server_again_and_has_missed_nothing() {
    let _turn = turn();
    let tree = Tree::new(PLAIN);
    let source = tree.path("");
    let served = serve(&tree, "");
    let port = served.port().to_string();
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    open_plain(&mut page, &served);
    page.expect_faults();
    served.stop();
    replace(&tree, "deep.ts", "one", "while nobody served");
    let arguments = [source.to_str().expect("a path"), "--port", &port];
    let served = Served::start(&source, &tree.folder().join("state"), &arguments);
    page.wait_equal(ALL, &json!("word while nobody served 1 data"));
    is_marked(&mut page);
    served.signal(libc::SIGKILL);
    drop(served);
    let served = Served::start(&source, &tree.folder().join("state"), &arguments);
    replace(&tree, "deep.ts", "while nobody served", "again");
    page.wait_equal(ALL, &json!("word again 1 data"));
    is_marked(&mut page);
    // One that does not know the page.
    served.stop();
    replace(&tree, "deep.ts", "again", "elsewhere");
    let served = Served::start(&source, &tree.folder().join("other-state"), &arguments);
    page.wait("window.isMarked === undefined");
    page.wait_equal(ALL, &json!("word elsewhere 1 data"));
    mark(&mut page);
    replace(&tree, "deep.ts", "elsewhere", "here");
    page.wait_equal(ALL, &json!("word here 1 data"));
    is_marked(&mut page);
    drop(page);
    served.stop();
}

#[test]
fn a_page_that_stood_still_has_what_it_missed_when_it_goes_on() {
    let _turn = turn();
    let tree = Tree::new(PLAIN);
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    open_plain(&mut page, &served);
    page.value("window.states = []; for (const name of ['freeze', 'resume']) document.addEventListener(name, () => states.push(name))");
    for (old, new) in [("one", "two"), ("two", "three")] {
        page.call("Page.setWebLifecycleState", json!({ "state": "frozen" }));
        replace(&tree, "deep.ts", old, new);
        page.call("Page.setWebLifecycleState", json!({ "state": "active" }));
        page.wait_equal(ALL, &json!(format!("word {new} 1 data")));
    }
    page.wait_equal("states.join()", &json!("freeze,resume,freeze,resume"));
    is_marked(&mut page);
    drop(page);
    served.stop();
}

//! Hot pages, case by case: what modules say about being replaced, in a real page.

use std::fs;

use serde_json::json;

use crate::hot::{home, is_marked, mark, replace, serve};
use crate::page::Page;
use crate::support::{Served, Tree};
use crate::{Chromium, Kind, Server, turn};

/// What the pages say, in one list that a reload does not end.
const SAYS: &str = "
globalThis.say = (text) => sessionStorage.setItem('said', `${sessionStorage.getItem('said') ?? ''}${text};`);
const { info } = console;
console.info = (...words) => { say(words.join(' ')); info(...words); };
";

/// A page of these files, of which `main.ts` is started; what they say is kept.
pub fn open<'a>(chromium: &'a mut Chromium, served: &Served) -> Page<'a> {
    let mut page = chromium.page();
    page.call(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({ "source": SAYS }),
    );
    page.open(&home(served));
    page.wait("said() !== ''");
    mark(&mut page);
    page
}

/// Waits until the page has said this and nothing else since it was last asked.
pub fn says(page: &mut Page<'_>, text: &str) {
    page.wait_equal("said()", &json!(text));
    page.value("sessionStorage.removeItem('said')");
}

pub fn project(files: &str) -> Tree {
    let tree = Tree::new(files);
    let head = "<!doctype html><html lang='en'><link rel='icon' href='data:,'>";
    let script = "<script>globalThis.said = () => sessionStorage.getItem('said') ?? '';</script>";
    tree.write(
        "index.html",
        format!("{head}{script}<body><p>text</p><script type='module' src='main.ts'></script>"),
    );
    tree
}

#[test]
fn an_instance_ends_before_the_next_and_hands_over_its_data() {
    let _turn = turn();
    let tree = project(
        "\
//- /main.ts
import './app';
//- /app.ts
import './part.css';
import { part } from './part';
const hot = import.meta.hot!;
hot.data.count = (hot.data.count ?? 0) + 1;
say(`app one ${hot.data.count} ${part}`);
hot.accept((updated) => say(`accepted ${updated?.name}`));
hot.dispose(async (data) => { await undefined; data.from = 'one'; say('app ends'); });
hot.on('vite:beforePrune', ({ paths }) => say(`prune ${paths}`));
export const name = 'one';
//- /part.ts
export const part = 'part';
import.meta.hot?.dispose(() => say('part ends'));
import.meta.hot?.prune(() => say('part goes'));
//- /part.css
p { color: rgb(1, 2, 3); }
",
    );
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = open(&mut chromium, &served);
    says(&mut page, "app one 1 part;");
    let color = "getComputedStyle(document.querySelector('p')).color";
    page.wait_equal(color, &json!("rgb(1, 2, 3)"));
    let name = "app.ts";
    replace(&tree, name, "name = 'one'", "name = 'two'");
    says(&mut page, "app ends;app one 2 part;accepted two;");
    // What it no longer imports goes, its style too.
    let text = fs::read_to_string(tree.path(name)).expect("the text");
    let alone = text
        .replace("import './part.css';\nimport { part } from './part';\n", "")
        .replace(" ${part}", "");
    tree.write(name, &alone);
    says(
        &mut page,
        "app ends;app one 3;accepted two;prune /part.css,/part.ts;part ends;part goes;",
    );
    page.wait_equal(color, &json!("rgb(0, 0, 0)"));
    tree.write(name, &text);
    says(&mut page, "app ends;app one 4 part;accepted two;");
    page.wait_equal(color, &json!("rgb(1, 2, 3)"));
    // Who no longer accepts does so once more.
    let deaf = alone.replace(
        "hot.accept",
        "const never = hot.accept && (() => {}); never",
    );
    tree.write(name, &deaf);
    page.wait("said().includes('accepted')");
    is_marked(&mut page);
    replace(&tree, name, "app one", "app three");
    page.wait("said().endsWith('app three 1;')");
    page.wait("said().includes('/app.ts has changed, and /main.ts cannot be replaced (/app.ts → /main.ts)')");
    page.wait("window.isMarked === undefined");
    page.check();
    drop(page);
    served.stop();
}

#[test]
fn what_is_imported_later_or_not_yet_there() {
    let _turn = turn();
    let tree = project(
        "\
//- /main.ts
say('main');
const globs = { load: () => import('./lazy').then(({ name }) => say(`got ${name}`), (error) => say('refused')) };
Object.assign(globalThis, globs);
import.meta.hot?.accept('./lazy', (updated) => say(`accepted ${updated?.name}`));
//- /lazy.ts
import { deep } from './deep';
export const name = `lazy ${deep}`;
//- /deep.ts
export const deep = 1;
",
    );
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = open(&mut chromium, &served);
    says(&mut page, "main;");
    // Edited before it was there: nothing happens, and it is as it is then.
    replace(&tree, "deep.ts", "1", "2");
    page.value("load()");
    says(&mut page, "got lazy 2;");
    replace(&tree, "deep.ts", "2", "3");
    says(&mut page, "accepted lazy 3;");
    page.value("load()");
    says(&mut page, "got lazy 3;");
    is_marked(&mut page);
    // A name that a new file takes: `./deep` is `deep.ts` as long as there is no other.
    page.expect_faults();
    fs::remove_file(tree.path("deep.ts")).expect("a file that goes");
    page.wait("document.querySelector('hookfs-overlay') !== null");
    tree.write("deep/index.ts", "export const deep = 'folder';\n");
    says(&mut page, "accepted lazy folder;");
    page.wait("document.querySelector('hookfs-overlay') === null");
    is_marked(&mut page);
    drop(page);
    served.stop();
}

#[test]
fn what_is_imported_later_by_nobody_any_more_goes() {
    let _turn = turn();
    let tree = project(
        "\
//- /main.ts
import './app';
//- /app.ts
import.meta.hot?.accept();
say('app one');
void import('./part').then(({ part }) => say(part));
//- /part.ts
export const part = 'part';
import.meta.hot?.dispose(() => say('part ends'));
import.meta.hot?.prune(() => say('part goes'));
",
    );
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = open(&mut chromium, &served);
    says(&mut page, "app one;part;");
    let app = |rest: &str| tree.write("app.ts", format!("import.meta.hot?.accept();\n{rest}"));
    // It may still be imported.
    app("say('app two');\nexport const later = () => import('./part');\n");
    says(&mut page, "app two;");
    app("say('app three');\n");
    says(&mut page, "app three;part ends;part goes;");
    replace(&tree, "part.ts", "'part'", "'another'");
    app("say('app four');\nvoid import('./part').then(({ part }) => say(part));\n");
    says(&mut page, "app four;another;");
    app("import './part';\nsay('app five');\n");
    says(&mut page, "app five;");
    app("say('app six');\n");
    says(&mut page, "app six;part ends;part goes;");
    is_marked(&mut page);
    page.check();
    drop(page);
    served.stop();
}

#[test]
fn an_edit_reaches_every_instance_of_a_module() {
    let _turn = turn();
    let tree = project(
        "\
//- /main.ts
import './app';
//- /app.ts
import { name as one } from './part?1';
import { name as plain } from './part';
say(`app ${one} ${plain}`);
Object.assign(globalThis, { load: async (query: string) => say(`got ${(await import(`./part?${query}`)).name}`) });
import.meta.hot?.accept();
//- /part.ts
export const name = `${new URL(import.meta.url).search || 'plain'} 1`;
",
    );
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = open(&mut chromium, &served);
    says(&mut page, "app ?1 1 plain 1;");
    page.value("load('2')");
    says(&mut page, "got ?2 1;");
    replace(&tree, "part.ts", " 1`", " 2`");
    says(&mut page, "app ?1 2 plain 2;");
    page.value("load('2').then(() => load('1'))");
    says(&mut page, "got ?2 2;got ?1 2;");
    is_marked(&mut page);
    page.check();
    drop(page);
    served.stop();
}

#[test]
fn what_throws_when_it_runs_is_shown_and_mended() {
    let _turn = turn();
    let tree = project(
        "\
//- /main.ts
import './app';
say('main');
//- /app.ts
import { half } from './half';
say(`app ${half(4)}`);
import.meta.hot?.accept((updated) => say(`accepted ${updated && 'something'}`));
export {};
//- /half.ts
export const half = (count: number): number => count / 2;
",
    );
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = open(&mut chromium, &served);
    says(&mut page, "app 2;main;");
    page.expect_faults();
    let good = fs::read_to_string(tree.path("half.ts")).expect("the text");
    let bad = "interface Unused { a: string }\n\nexport const half = (count: number): number => {\n  throw new Error(`no half of ${count}`);\n};\n";
    tree.write("half.ts", bad);
    says(&mut page, "accepted undefined;");
    let shown = "document.querySelector('hookfs-overlay').shadowRoot.textContent";
    page.wait(&format!("{shown}.includes('no half of 4')"));
    page.wait(&format!("{shown}.includes('/half.ts:4:9')"));
    tree.write("half.ts", good);
    says(&mut page, "app 2;accepted something;");
    page.wait("document.querySelector('hookfs-overlay') === null");
    is_marked(&mut page);
    drop(page);
    served.stop();
}

#[test]
fn a_page_that_forbids_evaluation_loads_what_has_changed() {
    let _turn = turn();
    let tree = project(
        "\
//- /main.ts
import './app';
//- /app.ts
say('app one');
import.meta.hot?.accept();
",
    );
    let page = fs::read_to_string(tree.path("index.html")).expect("the page");
    let policy = "<meta http-equiv='Content-Security-Policy' content=\"script-src 'self' 'unsafe-inline'\"><link";
    tree.write("index.html", page.replacen("<link", policy, 1));
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = open(&mut chromium, &served);
    says(&mut page, "app one;");
    // The browser tells of what it forbids.
    page.expect_faults();
    replace(&tree, "app.ts", "one", "two");
    says(&mut page, "app two;");
    replace(&tree, "app.ts", "two", "three");
    says(&mut page, "app three;");
    is_marked(&mut page);
    drop(page);
    served.stop();
}

#[test]
fn a_mount_is_hot_behind_another_server_and_for_each_of_its_pages() {
    let _turn = turn();
    let tree = project(
        "\
//- /main.ts
import { word } from './word';
say(word);
import.meta.hot?.accept('./word', (updated) => say(updated!.word));
//- /word.ts
export const word = 'one';
",
    );
    let mount = tree.mounter("").argument("--hot").mount();
    let server = Server::start(Kind::Python, &mount.output(""));
    let mut first = Chromium::start();
    let mut second = Chromium::start();
    let mut pages = [&mut first, &mut second].map(|chromium| {
        let mut page = chromium.page();
        page.call(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": SAYS }),
        );
        page.open(&server.url("/"));
        says(&mut page, "one;");
        mark(&mut page);
        page
    });
    // Behind the mount, and through it.
    replace(&tree, "word.ts", "one", "two");
    for page in &mut pages {
        says(page, "two;");
    }
    let text = mount.root().join("word.ts");
    fs::write(&text, "export const word = 'three';\n").expect("a write");
    for page in &mut pages {
        says(page, "three;");
        is_marked(page);
    }
    drop(pages);
    mount.stop();
}

#[test]
fn an_update_waits_for_what_the_one_before_it_awaits() {
    let _turn = turn();
    let tree = project(
        "\
//- /main.ts
import './slow';
import './quick';
//- /slow.ts
say('slow one');
import.meta.hot?.accept(() => say('slow accepted'));
//- /quick.ts
say('quick one');
import.meta.hot?.accept(() => say('quick accepted'));
",
    );
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = open(&mut chromium, &served);
    says(&mut page, "slow one;quick one;");
    let slow = fs::read_to_string(tree.path("slow.ts")).expect("the text");
    let waits =
        "say('waits');\nawait new Promise((done) => Object.assign(globalThis, { done }));\n";
    tree.write("slow.ts", format!("{waits}{slow}"));
    says(&mut page, "waits;");
    replace(&tree, "quick.ts", "quick one", "quick two");
    page.value("new Promise((done) => setTimeout(done, 100))");
    page.value("globalThis.done()");
    says(
        &mut page,
        "slow one;slow accepted;quick two;quick accepted;",
    );
    // What waits for ever is not waited for when it is edited.
    replace(&tree, "slow.ts", "say('waits')", "say('waits again')");
    says(&mut page, "waits again;");
    tree.write("slow.ts", slow);
    says(&mut page, "slow one;slow accepted;");
    is_marked(&mut page);
    page.check();
    drop(page);
    served.stop();
}

#[test]
fn a_thousand_edits_leave_nothing_behind() {
    let _turn = turn();
    let tree = project(
        "\
//- /main.ts
import './app';
//- /app.ts
import './look.css';
import { words } from './words';
say('app');
import.meta.hot?.accept();
import.meta.hot?.on('vite:beforeUpdate', () => words);
import.meta.hot?.dispose((data) => { data.words = words; });
Object.assign(globalThis, { count: words.length });
//- /words.ts
export const words = ['one'];
//- /look.css
p { width: 1px; }
",
    );
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = open(&mut chromium, &served);
    let padding = "x".repeat(5000);
    let mut edits = 0;
    let mut edit = |page: &mut Page<'_>, count: usize| {
        for _ in 0..count {
            edits += 1;
            let text = format!("export const words = Array({edits}).fill('{padding}');\n");
            tree.write("words.ts", text);
            tree.write("look.css", format!("p {{ width: {edits}px; }}\n"));
            page.wait(&format!(
                "globalThis.count === {edits} && getComputedStyle(document.querySelector('p')).width === '{edits}px'"
            ));
            page.value("sessionStorage.clear()");
        }
    };
    let heap = |page: &mut Page<'_>| {
        // What was evaluated, and its results, are the debugger's until it lets go of them.
        page.call("Runtime.disable", json!({}));
        page.call("HeapProfiler.enable", json!({}));
        for _ in 0..3 {
            page.call("HeapProfiler.collectGarbage", json!({}));
        }
        page.call("HeapProfiler.disable", json!({}));
        let usage = page.call("Runtime.getHeapUsage", json!({}));
        usage["usedSize"].as_f64().expect("a size")
    };
    edit(&mut page, 20);
    let before = heap(&mut page);
    edit(&mut page, 500);
    let grown = heap(&mut page) - before;
    assert!(grown < 2e6, "the heap has grown by {grown} bytes");
    page.wait_equal("document.querySelectorAll('style').length", &json!(1));
    is_marked(&mut page);
    drop(page);
    served.stop();
}

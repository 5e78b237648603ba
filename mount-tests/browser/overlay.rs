//! The overlay of pages that are hot: what does not compile, what is thrown, and where in the sources.

use serde_json::json;

use crate::page::Page;
use crate::support::{Served, Tree};
use crate::{Chromium, turn};

const FILES: &str = "\
//- /index.html
<!doctype html><html lang='en'><link rel='icon' href='data:,'>
<style>* { color: red !important } hookfs-overlay { display: none !important }</style>
<body><input id='before'><p id='text'></p>
<script type='module' src='/src/main.ts'></script>
//- /src/main.ts
import { first } from './a-first';
import { total } from './cart';
import './wide';
const show = (text: string) => { document.getElementById('text')!.textContent = text; };
show(`${first} ${typeof total}`);
Object.assign(globalThis, { buy: (items: { price?: { cents: number } }[]) => total(items) });
import.meta.hot?.accept(['./a-first', './cart'], ([first, cart]) => {
  if (first) show(first.first);
  if (cart) Object.assign(globalThis, { buy: cart.total });
});
//- /src/a-first.ts
export const first: string = 'good';
//- /src/cart.ts
interface Item { price?: { cents: number } }

export function total(items: Item[]): number {
  const [one] = items;
  return one!.price!.cents;
}
//- /src/wide.ts
import { begin } from 'late';
export const wide = () => { const text = 'a line that is so long that the box of the frame does not hold it'; const more = text.length; throw new Error(`wide ${more}`); };
Object.assign(globalThis, { begin, wide });
//- /node_modules/late/package.json
{ \"name\": \"late\", \"type\": \"module\", \"main\": \"index.js\" }
//- /node_modules/late/index.js
export const begin = (told) => setTimeout(() => { Promise.reject(new Error('of a package')); told(); });
";

fn serve(tree: &Tree) -> Served {
    let project = tree.project();
    let arguments = [project.to_str().expect("a path"), "--port", "0"];
    Served::start(&project, &tree.folder().join("state"), &arguments)
}

/// What is in the overlay.
const ROOT: &str = "document.querySelector('hookfs-overlay').shadowRoot";
const NONE: &str = "document.querySelector('hookfs-overlay') === null";

fn inside(selector: &str) -> String {
    format!("{ROOT}.querySelector({selector:?})")
}

fn shows(page: &mut Page<'_>, text: &str) {
    page.wait(&format!(
        "{}.innerText.includes({text:?})",
        inside("dialog")
    ));
}

fn press(page: &mut Page<'_>, key: &str, code: u32) {
    for kind in ["keyDown", "keyUp"] {
        let params = json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code });
        page.call("Input.dispatchKeyEvent", params);
    }
}

#[test]
fn what_does_not_compile_is_there_from_the_first_moment() {
    let _turn = turn();
    let tree = Tree::new(FILES);
    tree.write("src/a-first.ts", "export const first: = 'good';\n");
    tree.write(
        "src/cart.ts",
        "import './carts';\nexport const total = 1;\n",
    );
    let served = serve(&tree);
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.expect_faults();
    page.open(served.address());
    shows(&mut page, "1 of 2");
    // The page's styles do not reach it.
    page.wait(&format!(
        "{}.getBoundingClientRect().height > 100",
        inside("dialog")
    ));
    page.wait_equal(
        &format!(
            "getComputedStyle({}).color !== 'rgb(255, 0, 0)'",
            inside("h2")
        ),
        &json!(true),
    );
    page.wait_equal(
        &format!("{}.getAttribute('role')", inside("dialog")),
        &json!("dialog"),
    );
    let text = page.value(&format!("{}.innerText", inside("dialog")));
    let text = text.as_str().unwrap();
    for part in [
        "syntax",
        "/src/a-first.ts:1:21",
        "export const first: = 'good';",
        "/src/main.ts",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // A link opens the editor, of one's choice.
    let link = format!("{}.href", inside(".place a"));
    let place = format!(
        "{}/src/a-first.ts:1:21",
        tree.project().canonicalize().unwrap().display()
    );
    page.wait_equal(&link, &json!(format!("vscode://file{place}")));
    page.value(&format!("(() => {{ const select = {}; select.value = 'zed'; select.dispatchEvent(new Event('change')); }})()", inside("select")));
    page.wait_equal(&link, &json!(format!("zed://file{place}")));
    press(&mut page, "ArrowRight", 39);
    shows(&mut page, "2 of 2");
    shows(&mut page, "/src/cart.ts:1:");
    press(&mut page, "Escape", 27);
    page.wait(NONE);
    // What was closed comes again with the page, and the editor is the same.
    page.reload();
    shows(&mut page, "1 of 2");
    page.wait_equal(&link, &json!(format!("zed://file{place}")));
    // It goes with the fix.
    tree.write("src/cart.ts", "export const total = 1;\n");
    page.wait(&format!("{} === null", inside("nav")));
    shows(&mut page, "/src/a-first.ts:1:21");
    tree.write("src/a-first.ts", "export const first: string = 'mended';\n");
    page.wait("document.getElementById('text').textContent.startsWith('mended')");
    page.wait(NONE);
    drop(page);
    served.stop();
}

#[test]
fn what_is_thrown_is_told_with_its_place_in_the_sources() {
    let _turn = turn();
    let tree = Tree::new(FILES);
    let served = serve(&tree);
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(served.address());
    page.wait("document.getElementById('text').textContent === 'good function'");
    page.wait(NONE);
    page.expect_faults();
    page.value("document.getElementById('before').focus()");
    // In the bundle.
    let buy = "setTimeout(() => buy([{}]))";
    page.value(buy);
    shows(&mut page, "/src/cart.ts:5:22");
    shows(&mut page, "return one!.price!.cents;");
    shows(&mut page, "/src/main.ts:6:");
    press(&mut page, "Escape", 27);
    page.wait(NONE);
    page.wait_equal("document.activeElement.id", &json!("before"));
    // It was closed, and is the same.
    page.value(buy);
    page.value("new Promise((resolve) => setTimeout(resolve, 50))");
    page.wait(NONE);
    // A module before it is longer now; what was loaded is where it was.
    tree.write(
        "src/a-first.ts",
        "// one\n// two\n// three\nexport const first: string = 'longer';\n",
    );
    page.wait("document.getElementById('text').textContent === 'longer'");
    // What a package alone has to do with is not shown; what is wide is scrolled to its marker.
    page.value("new Promise((told) => begin(told))");
    page.value("setTimeout(wide)");
    shows(&mut page, "wide ");
    let mark = inside(".mark");
    page.wait(&format!(
        "(() => {{ const text = document.createRange(); text.selectNodeContents({mark}.lastChild); const {{ right }} = text.getBoundingClientRect(); const box = {mark}.closest('pre').getBoundingClientRect(); return right > box.left && right <= box.right; }})()"
    ));
    page.wait(&format!(
        "!{}.innerText.includes('of a package')",
        inside("dialog")
    ));
    page.wait(&format!(
        "{}.querySelector('nav') === null",
        inside("header")
    ));
    press(&mut page, "Escape", 27);
    page.wait(NONE);
    page.value("setTimeout(() => buy([{}, {}]))");
    shows(&mut page, "/src/cart.ts:5:22");
    // In what an update brought. It takes away what was thrown before.
    tree.write(
        "src/cart.ts",
        "interface Item { price?: { cents: number } }\n// more\n\nexport const total = (items: Item[]): number =>\n  items[0]!.price!.cents;\n",
    );
    page.wait(NONE);
    page.value(buy);
    shows(&mut page, "/src/cart.ts:5:20");
    // What has come not to compile is shown before it: the save did arrive.
    tree.write("src/cart.ts", "export const total = ;\n");
    shows(&mut page, "/src/cart.ts:1:22");
    shows(&mut page, "1 of 2");
    tree.write(
        "src/cart.ts",
        "export const total = (items: { price?: unknown }[]): number => items.length;\n",
    );
    page.wait(NONE);
    // Rejections too; nothing of others.
    page.value("dispatchEvent(new ErrorEvent('error', { message: 'Script error.' }))");
    page.value("dispatchEvent(new ErrorEvent('error', { message: 'ResizeObserver loop completed with undelivered notifications.' }))");
    page.value("new Promise((resolve) => setTimeout(resolve, 50))");
    page.wait(NONE);
    page.value("{ const thrown = { get message() { throw 1; }, toString() { throw 2; } }; dispatchEvent(new PromiseRejectionEvent('unhandledrejection', { promise: Promise.resolve(), reason: thrown })); }");
    shows(&mut page, "a value that has no text");
    press(&mut page, "Escape", 27);
    page.wait(NONE);
    drop(page);
    served.stop();
}

#[test]
fn a_strict_policy_does_not_hide_it() {
    let _turn = turn();
    let tree = Tree::new(FILES);
    let policy = "default-src 'none'; script-src 'self'; connect-src 'self' ws:; img-src data:; require-trusted-types-for 'script'";
    tree.write(
        "index.html",
        format!(
            "<!doctype html><html lang='en'><head><meta http-equiv='Content-Security-Policy' content=\"{policy}\">\
             <link rel='icon' href='data:,'></head><body><p id='text'></p><script type='module' src='/src/main.ts'></script>"
        ),
    );
    let served = serve(&tree);
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(served.address());
    page.wait("document.getElementById('text').textContent === 'good function'");
    page.expect_faults();
    page.value("setTimeout(() => buy([{}]))");
    shows(&mut page, "/src/cart.ts:5:22");
    page.wait_equal(
        &format!("getComputedStyle({}).borderTopLeftRadius", inside("dialog")),
        &json!("10px"),
    );
    press(&mut page, "Escape", 27);
    page.wait(NONE);
    drop(page);
    served.stop();
}

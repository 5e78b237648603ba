//! Style sheets that pages link, while they are edited.

use std::fs;

use serde_json::json;

use crate::hot::{home, is_marked, mark, serve};
use crate::support::Tree;
use crate::{Chromium, turn};

const FILES: &str = "\
//- /index.html
<!doctype html><html lang='en'><link rel='icon' href='data:,'>
<link rel='stylesheet' href='page.css?theme=1'><link rel='stylesheet' href='sass.scss'>
<body><p>text</p><i>text</i>
//- /page.css
@import './part.css';
//- /part.css
p { color: rgb(1, 2, 3); }
//- /sass.scss
$shade: rgb(4, 5, 6);
i { color: $shade; }
//- /made.html.hook.ts
export default `<!doctype html><html lang='en'><link rel='icon' href='data:,'><link rel='stylesheet' href='/made.css'><body><p>text</p>`;
//- /made.css.hook.ts
export default ({ readText }) => `@layer own { ${readText('part.css')} }`;
";

const OVERLAY: &str = "document.querySelector('hookfs-overlay')";

fn color(selector: &str) -> String {
    format!("getComputedStyle(document.querySelector('{selector}')).color")
}

#[test]
fn a_sheet_that_does_not_compile_leaves_the_last_one_until_it_is_mended() {
    let _turn = turn();
    let tree = Tree::new(FILES);
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(&home(&served));
    page.wait_equal(&color("p"), &json!("rgb(1, 2, 3)"));
    page.wait_equal(&color("i"), &json!("rgb(4, 5, 6)"));
    mark(&mut page);
    page.expect_faults();
    for (name, selector, shade) in [("part.css", "p", 10), ("sass.scss", "i", 20)] {
        let file = if name == "part.css" { "page.css" } else { name };
        let good = fs::read_to_string(tree.path(file)).expect("a sheet");
        tree.write(file, format!("@import './none{shade}.css';\n{good}"));
        let is_shown = format!("{OVERLAY}?.shadowRoot.textContent.includes('none{shade}')");
        page.wait(&is_shown);
        page.wait_equal(&color("p"), &json!("rgb(1, 2, 3)"));
        tree.write(file, &good);
        page.wait(&format!("{OVERLAY} === null"));
        tree.write(name, format!("{selector} {{ color: rgb({shade}, 2, 3); }}"));
        page.wait_equal(&color(selector), &json!(format!("rgb({shade}, 2, 3)")));
        tree.write("part.css", "p { color: rgb(1, 2, 3); }");
        page.wait_equal(&color("p"), &json!("rgb(1, 2, 3)"));
    }
    is_marked(&mut page);
    page.wait("document.querySelector('link[rel=stylesheet]').href.endsWith('?theme=1')");
    // What is wrong when the page is loaded is shown as well, and goes without another load.
    tree.write("page.css", "@import './none.css';");
    tree.write("sass.scss", "i { color: $none; }");
    page.wait(&format!("{OVERLAY} !== null"));
    page.reload();
    page.wait(&format!(
        "{OVERLAY}?.shadowRoot.textContent.includes('none.css')"
    ));
    mark(&mut page);
    tree.write("page.css", "p { color: rgb(7, 8, 9); }");
    page.wait_equal(&color("p"), &json!("rgb(7, 8, 9)"));
    page.wait(&format!(
        "{OVERLAY}?.shadowRoot.textContent.includes('$none')"
    ));
    tree.write("sass.scss", "i { color: rgb(9, 8, 7); }");
    page.wait_equal(&color("i"), &json!("rgb(9, 8, 7)"));
    page.wait(&format!("{OVERLAY} === null"));
    is_marked(&mut page);
    drop(page);
    served.stop();
}

#[test]
fn a_sheet_that_a_hook_makes_is_exchanged_in_a_page_that_a_hook_makes() {
    let _turn = turn();
    let tree = Tree::new(FILES);
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(&format!("{}made", home(&served)));
    page.wait_equal(&color("p"), &json!("rgb(1, 2, 3)"));
    mark(&mut page);
    tree.write("part.css", "p { color: rgb(3, 2, 1); }");
    page.wait_equal(&color("p"), &json!("rgb(3, 2, 1)"));
    is_marked(&mut page);
    page.check();
    drop(page);
    served.stop();
}

//! Pages hear of their style sheets.

use std::fs;

use crate::hot::{of_server, serve};
use crate::support::{Loaded, Tab, Tree};

#[test]
fn a_style_sheet_of_a_hook_reaches_a_page_of_a_hook() {
    let tree = Tree::new(
        "
//- /index.html.hook.ts
export default '<link rel=stylesheet href=/style.css><script type=module src=/main.ts.js></script>';
//- /style.css.hook.ts
export default ({ readText }) => readText('theme.css').replace('THEME', 'red');
//- /theme.css
p { color: THEME }
//- /main.ts
console.log(1);
",
    );
    let served = serve(&tree, &[]);
    let mut tab = Tab::ready(Loaded::page(&of_server(&served)), served.port());
    let before = tab.loaded.styles.clone();
    assert!(before.contains_key("/style.css"), "{before:?}");
    tree.write("theme.css", "main { color: THEME }");
    tab.until("the sheet is another", |tab| tab.loaded.styles != before);
    tab.until_now(&of_server(&served));
    assert!(tab.reloads.is_empty(), "{:?}", tab.reloads);
    let sheet = served.get(&format!("/{}", tab.loaded.styles["/style.css"]));
    assert_eq!(sheet.text(), "main { color: red }");
    // One that fails leaves the last good one.
    let good = tab.loaded.styles.clone();
    fs::remove_file(tree.path("theme.css")).unwrap();
    tab.until("it fails", |tab| !tab.faults.is_empty());
    assert!(
        tab.faults["/style.css"].contains("theme.css"),
        "{:?}",
        tab.faults
    );
    assert_eq!(tab.loaded.styles, good);
    tree.write("theme.css", "main { color: THEME }");
    tab.until("it is mended", |tab| tab.faults.is_empty());
    tab.until_now(&of_server(&served));
    assert!(tab.reloads.is_empty(), "{:?}", tab.reloads);
    assert_eq!(tab.loaded.styles, good);
}

//! Pages hear of their style sheets.

use std::fs;

use crate::hot_served::{of_server, serve};
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

#[test]
fn an_edit_does_not_wait_for_the_sheet_that_a_hook_makes_of_it() {
    let tree = Tree::new(
        "
//- /index.html
<script type=module src=/main.ts></script>
//- /main.ts
import './all.css'; import { a } from './a'; import { b } from './b'; console.log(a, b, () => import('./later'));
//- /later.ts
export const later = 'later';
//- /all.css
@import './made.css';
//- /made.css.hook.ts
export default async ({ readText, exists }) => {
  const text = [readText('a.ts'), readText('b.ts')].join(' ');
  const [, gate] = /open (\\w+)/.exec(text) ?? [];
  while (gate !== undefined && !exists(gate)) await new Promise((then) => setTimeout(then, 5));
  return `p { order: ${text.match(/number = (\\d+)/)[1]} }`;
};
//- /a.ts
export const a: number = 1;
//- /b.ts
export const b = 'b';
",
    );
    let served = serve(&tree, &[]);
    let loaded = || {
        let read = of_server(&served);
        Loaded::page(&read).and(&read, "later.ts.js")
    };
    let mut tab = Tab::ready(loaded(), served.port());
    let mut other = Tab::ready(loaded(), served.port());
    let sheet = "/all.css.js";
    let before = tab.loaded.modules[sheet].clone();
    // The hook ends when both have what it waits for; a second edit is told while it runs, and one is undone.
    for number in [2, 3] {
        let text = format!("export const a: number = {number}; // open first");
        tree.write("a.ts", text);
        tab.until_text("/a.ts.js", &format!("a={number}"));
        other.until_text("/a.ts.js", &format!("a={number}"));
    }
    // One that was imported later and has no sheet of its own, too.
    tree.write("later.ts", "export const later = 'sooner';");
    tab.until_text("/later.ts.js", "sooner");
    let module = tab.loaded.modules["/b.ts.js"].clone();
    tree.write("b.ts", "export const b = 'another';");
    tab.until_text("/b.ts.js", "another");
    tree.write("b.ts", "export const b = 'b';");
    tab.until("it is undone", |tab| {
        tab.loaded.modules["/b.ts.js"] == module
    });
    assert_eq!(tab.loaded.modules[sheet], before);
    assert!(!tab.texts.contains_key(sheet), "{:?}", tab.texts);
    tree.write("first", "");
    for tab in [&mut tab, &mut other] {
        tab.until_text(sheet, "order: 3");
        tab.until_now(&of_server(&served));
        assert!(tab.reloads.is_empty(), "{:?}", tab.reloads);
    }
    // What imports something else needs all that it has; so does whoever comes in the meantime.
    tree.write("c.ts", "export const c = 4;");
    tree.write(
        "a.ts",
        "import { c } from './c'; export const a: number = 4 + c; // open second",
    );
    tree.write("second", "");
    tab.until_text(sheet, "order: 4");
    tab.until_now(&of_server(&served));
    assert!(tab.texts["/c.ts.js"].contains("4"));
    served.stop();
}

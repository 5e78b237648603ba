//! Files that only pass names on, in packages without side effects: what is loaded, and what runs after an edit of one.

use crate::pages::ran;
use crate::support::Tree;

const APP: &str = "//- /package.json\n{}\n\
    //- /index.html\n<script type=\"module\" src=\"/main.ts\"></script>\n\
    //- /main.ts\nimport { A } from 'icons';\nimport './other';\nconsole.log(A);\n\
    //- /other.ts\nimport { B } from 'icons';\nimport { one } from './names';\nconsole.log(B, one);\n\
    //- /names.ts\nexport const one = 1;\n\
    //- /node_modules/icons/package.json\n{ \"name\": \"icons\", \"module\": \"index.js\", \"sideEffects\": false }\n\
    //- /node_modules/icons/index.js\nexport { default as A } from './a.js';\nexport { default as B } from './b.js';\nexport { default as C } from './c.js';\n\
    //- /node_modules/icons/a.js\nexport default 'a';\n\
    //- /node_modules/icons/b.js\nexport default 'b';\n\
    //- /node_modules/icons/c.js\nexport default 'c';\n";

#[test]
fn a_page_loads_what_it_imports_of_a_barrel_and_no_more() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let page = mount.read("index.html");
    for (name, is_loaded) in [("index", false), ("a", true), ("b", true), ("c", false)] {
        let url = format!("./node_modules/icons/{name}.js");
        assert_eq!(page.contains(&url), is_loaded, "{url}\n{page}");
    }
    mount.stop();
}

#[test]
fn an_edit_of_a_barrel_runs_the_importers_of_names_that_lead_elsewhere() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    mount.read("index.html");
    let modules = |ran: Vec<String>| -> Vec<String> {
        ran.into_iter()
            .filter(|one| one.starts_with("module "))
            .collect()
    };
    let index = "node_modules/icons/index.js";
    let more = "export const more = 1;\nexport { default as A } from './a.js';\nexport { default as B } from './b.js';\n";
    let moved = "export { default as A } from './a.js';\nexport { default as B } from './c.js';\n";
    for (path, text, expected) in [
        (index, more, &[][..]),
        (
            index,
            moved,
            &["module /node_modules/icons/c.js", "module /other.ts"],
        ),
        // So in the project: who imports one name does not depend on the others.
        (
            "names.ts",
            "export const one = 1;\nexport const two = 2;\n",
            &["module /names.ts"],
        ),
    ] {
        let ran = modules(ran(&mount, || {
            tree.write(path, text);
            mount.read("index.html");
        }));
        assert_eq!(ran, expected, "{text}");
    }
    assert!(mount.read("other.ts").contains("./node_modules/icons/c.js"));
    mount.stop();
}

//! Bundles of pages that are hot: what they are made of, and what an edit makes anew.

use crate::pages::{ran, without_numbers};
use crate::support::{Mount, Tree, hookfs};

const APP: &str = "//- /index.html
<link rel=stylesheet href=page.css><script type=module>import { count } from './lib/count'; console.log(count);</script>
<script type=module src=main.ts></script>
//- /main.ts
import './lib/count'; import './s.module.css'; import data from './data.json'; console.log(data);
if (import.meta.hot) import.meta.hot.accept();
//- /lib/count.ts
export let count: number = 0;
//- /page.css
p { color: red }
//- /s.module.css
.a { color: red }
//- /data.json
{ \"name\": \"data\" }
//- /tsconfig.json
{}
";

/// What ran, without the numbers of shelves, and without what modules of both kinds ask for.
fn steps(ran: Vec<String>) -> Vec<String> {
    let of_both = [
        "outline",
        "config",
        "conditions",
        "names",
        "package",
        "scope",
        "style",
        "copy",
        "sheet",
        "members",
    ];
    let is_own = |ran: &String| !of_both.iter().any(|other| ran.starts_with(other));
    ran.into_iter()
        .filter(is_own)
        .map(without_numbers)
        .collect()
}

#[test]
fn a_first_load_compiles_each_module_once_and_an_edit_one() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let name = "~hot/index.html.js";
    let first = ran(&mount, || _ = mount.read(name));
    let count = |step: &str| first.iter().filter(|ran| ran.starts_with(step)).count();
    assert_eq!(count("hot piece "), 5, "{first:?}");
    // Neither the page nor the modules are there as those have them that are not hot.
    for other in [
        "module ",
        "piece ",
        "page",
        "closure",
        "bundle",
        "run",
        "hot page ",
    ] {
        assert_eq!(count(other), 0, "{other}: {first:?}");
    }
    let edit = |file: &str, text: &str| {
        steps(ran(&mount, || {
            tree.write(file, text);
            mount.read(name);
        }))
    };
    let own = |others: &[&str]| -> Vec<String> {
        let own = [
            "hot bundle page /index.html",
            "hot bundle-shelf page /index.html",
        ];
        let mut all: Vec<String> = own
            .iter()
            .chain(others)
            .map(|step| (*step).to_owned())
            .collect();
        all.sort();
        all
    };
    let piece = "hot piece module /lib/count.ts";
    assert_eq!(
        edit("lib/count.ts", "export let count: number = 7;\n"),
        own(&[piece])
    );
    // One that imports something else changes who is in it.
    let main = APP.split_once("//- /main.ts\n").unwrap().1;
    let main = main.split_once("//- ").unwrap().0;
    tree.write("lib/new.ts", "");
    let more = [
        "hot bundle-members page /index.html",
        "hot piece module /lib/new.ts",
        "hot piece module /main.ts",
    ];
    assert_eq!(
        edit("main.ts", &format!("import './lib/new';\n{main}")),
        own(&more)
    );
    // What is undone is known.
    assert_eq!(edit("main.ts", main), [""; 0]);
    let style = edit("s.module.css", ".a { color: blue }\n");
    let own_style = own(&["hot piece style-module /s.module.css"]);
    assert_eq!(style, own_style);
    assert_eq!(
        edit("data.json", "{}"),
        own(&["hot piece json /data.json", "json /data.json"])
    );
    // The sheet that the page links to is in no bundle.
    assert_eq!(edit("page.css", "p { color: blue }"), [""; 0]);
    // Of the page's own text only what it starts is.
    let page = APP
        .split_once("index.html\n")
        .unwrap()
        .1
        .split_once("//- ")
        .unwrap()
        .0;
    let moved = edit("index.html", &page.replace("<link", "<p>text</p><link"));
    assert_eq!(
        moved,
        ["hot page-plan /index.html", "hot piece inline /index.html"]
    );
    let text = mount.read(name);
    mount.stop();
    let mount = tree.mounter("").mount();
    let (again, ()) = mount.ran(|| assert_eq!(mount.read(name), text));
    assert_eq!(again, 0);
    mount.stop();
}

/// The report on an output.
fn report(mount: &Mount, name: &str) -> serde_json::Value {
    serde_json::from_str(&mount.read(&format!("~graph/{name}.json"))).unwrap()
}

#[test]
fn they_have_names_reports_and_versions_like_others() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let bundle = mount.read("~hot/main.ts.js");
    assert_eq!(
        report(&mount, "~hot/main.ts.js")["key"],
        "hot bundle module:/main.ts"
    );
    let listed = |folder: &str| -> Vec<String> {
        let entries = std::fs::read_dir(mount.output(folder)).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert!(listed("~hot").contains(&"main.ts.js".to_owned()));
    assert!(listed("~hot/~module/lib").contains(&"count.ts.js.map".to_owned()));
    assert!(!listed("").iter().any(|name| name.starts_with('~')));
    // A piece is called by the hash that the bundle has.
    let (_, rest) = bundle.split_once("[\"/lib/count.ts.js\",\"").unwrap();
    let hash = &rest[..16];
    let old = mount.read(&format!("~hot/~module/lib/count.ts.v{hash}.js"));
    tree.write("lib/count.ts", "export let count: number = 8;\n");
    let new = mount.read("~hot/~module/lib/count.ts.js");
    assert!(
        old.contains("count=0") && new.contains("count=8"),
        "{old}{new}"
    );
    assert_eq!(
        mount.read(&format!("~hot/~module/lib/count.ts.v{hash}.js")),
        old
    );
    mount.stop();
}

#[test]
fn a_build_is_never_hot() {
    let tree = Tree::new(APP);
    let out = tree.folder().join("out");
    let mut build = hookfs();
    build
        .arg("build")
        .arg(tree.project())
        .arg(&out)
        .arg("--all");
    let built = build
        .arg("--state")
        .arg(tree.folder().join("state"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{built:?}");
    let page = std::fs::read_to_string(out.join("index.html")).unwrap();
    assert!(
        page.contains("main.ts.v") && !page.contains("hot"),
        "{page}"
    );
    assert!(!out.join("~hot").exists());
}

//! Style sheets, assets, globs and variables through a real mount: right, and as fresh as everything else.

use std::fs;

use crate::pages::ran;
use crate::support::Tree;

fn app() -> Tree {
    Tree::new(
        "//- /package.json\n{}\n\
         //- /src/main.ts\nimport './a.css';\nimport s from './m.module.scss';\nimport logo from './logo.svg';\nimport raw from './notes.txt?raw';\n\
         export default [s, logo, raw, import.meta.glob('./pages/*.ts'), import.meta.env.VITE_NAME, new URL('./w.ts', import.meta.url)];\n\
         //- /src/a.css\n@import './b.css';\n.a { background: url(logo.svg) }\n\
         //- /src/b.css\n.b { color: red }\n\
         //- /src/m.module.scss\n@use 'vars';\n.m { color: vars.$c }\n\
         //- /src/_vars.scss\n$c: red;\n\
         //- /src/logo.svg\n<svg/>\n\
         //- /src/notes.txt\nplain\n\
         //- /src/w.ts\nexport {};\n\
         //- /src/pages/one.ts\nexport {};\n\
         //- /.env\nVITE_NAME=first\n",
    )
}

#[test]
fn all_that_is_listed_opens() {
    let tree = app();
    let mount = tree.mounter("src").mount();
    for entry in fs::read_dir(mount.output("")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }
    let main = mount.read("main.ts.js");
    for part in [
        "\"./a.css.js\"",
        "\"./m.module.scss.js\"",
        "\"./logo.svg.js\"",
        "\"./notes.txt.raw.js\"",
        "\"./w.ts.in-worker.v",
        "\"./pages/one.ts\": ()=>import(\"./pages/one.ts.js\")",
        "\"first\"",
    ] {
        assert!(main.contains(part), "{part} is not in\n{main}");
    }
    assert!(mount.read("a.css.js").contains("new URL(\"./logo.v"));
    assert!(mount.read("notes.txt.raw.js").contains("\"plain\\n\""));
}

#[test]
fn an_edit_of_what_a_style_sheet_loads_is_seen_at_once() {
    let tree = app();
    let mount = tree.mounter("src").mount();
    for round in 0..20 {
        let colour = format!("#{round:02}a1b7");
        tree.write("src/b.css", format!(".b {{ color: {colour} }}\n"));
        tree.write("src/_vars.scss", format!("$c: {colour};\n"));
        assert!(mount.read("a.css").contains(&colour));
        assert!(mount.read("a.css.js").contains(&colour));
        assert!(mount.read("m.module.scss.js").contains(&colour));
    }
}

#[test]
fn a_file_that_a_glob_or_a_variable_waits_for_is_seen_at_once() {
    let tree = app();
    let mount = tree.mounter("src").mount();
    assert!(!mount.read("main.ts.js").contains("two.ts"));
    tree.write("src/pages/two.ts", "export {};\n");
    assert!(mount.read("main.ts.js").contains("two.ts"));
    fs::remove_file(tree.path("src/pages/two.ts")).unwrap();
    assert!(!mount.read("main.ts.js").contains("two.ts"));
    tree.write(".env.local", "VITE_NAME=second\n");
    assert!(mount.read("main.ts.js").contains("\"second\""));
    fs::remove_file(tree.path(".env.local")).unwrap();
    assert!(mount.read("main.ts.js").contains("\"first\""));
}

#[test]
fn a_variable_is_a_matter_of_those_alone_who_use_it() {
    let tree = Tree::new(
        "//- /package.json\n{}\n\
         //- /.env\nVITE_A=a\nVITE_B=b\n\
         //- /index.html\n<title>%VITE_A%</title><script type=module src=main.ts></script>\n\
         //- /main.ts\nimport 'store';\nimport './a';\nimport './b';\nimport './all';\n\
         //- /a.ts\nexport const a = import.meta.env.VITE_A;\n\
         //- /b.ts\nexport const { VITE_B: b } = import.meta.env;\n\
         //- /all.ts\nexport const all = Object.keys(import.meta.env);\n\
         //- /node_modules/store/package.json\n{ \"type\": \"module\" }\n\
         //- /node_modules/store/index.js\nexport const isDev = (import.meta.env ? import.meta.env.MODE : void 0) !== 'production';\n",
    );
    let mount = tree.mounter("").mount();
    let names = [
        "index.html",
        "main.ts.js",
        "a.ts.js",
        "b.ts.js",
        "all.ts.js",
        "node_modules/store/index.js",
    ];
    let read = || names.map(|name| mount.read(name));
    let [page, _, a, b, all, store] = read();
    assert!(page.contains("<title>a</title>"), "{page}");
    assert!(a.contains("\"a\"") && !a.contains("VITE_B"), "{a}");
    assert!(b.contains("\"b\"") && !b.contains("VITE_A"), "{b}");
    assert!(all.contains("VITE_A") && all.contains("VITE_B"), "{all}");
    assert!(!store.contains("VITE_"), "{store}");
    let after = |env: &str| {
        let mut all = Vec::new();
        let ran = ran(&mount, || {
            tree.write(".env", env);
            all.extend(read());
        });
        (ran.join(", "), all)
    };
    let (ran, now) = after("VITE_A=a\nVITE_B=bb\n");
    assert_eq!(
        ran,
        "environment /, environment-variable VITE_A /, environment-variable VITE_B /, module /all.ts, module /b.ts, page /index.html"
    );
    assert!(now[3].contains("\"bb\"") && now[4].contains("\"bb\""));
    assert_eq!((&now[2], &now[5]), (&a, &store));
    // What no code may see is nobody's matter.
    let (ran, _) = after("VITE_A=a\nVITE_B=bb\nSECRET=1\n");
    assert_eq!(ran, "environment /");
    let (ran, now) = after("VITE_A=aa\nVITE_B=bb\nSECRET=1\n");
    assert!(now[0].contains("<title>aa</title>"), "{}", now[0]);
    assert_eq!(
        ran,
        "closure /index.html, environment /, environment-variable VITE_A /, environment-variable VITE_B /, module /a.ts, module /all.ts, page /index.html, page-faults /index.html, page-plan /index.html"
    );
}

#[test]
fn a_bad_style_sheet_fails_with_its_place() {
    let tree = app();
    let mount = tree.mounter("src").mount();
    tree.write("src/b.css", ".b { color: red }\n.c {\n");
    assert!(fs::read(mount.output("a.css")).is_err());
    let errors = mount.read("~hookfs/errors.json");
    assert!(
        errors.contains("\"style\"") && errors.contains("/b.css"),
        "{errors}"
    );
    tree.write("src/b.css", ".b { color: red }\n");
    assert!(mount.read("a.css").contains(".b"));
}

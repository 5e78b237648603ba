use super::hot_outputs;
use super::scene::{Scene, assembled, path, tree};
use crate::compute::{Context, Failure};
use crate::router::{File, Found};

/// The hot piece of `main.tsx` among other files, from its `yield` on; or why there is none.
fn piece(main: &str, files: &[(&str, &str)]) -> (Scene, String) {
    let mut all = vec![("src/main.tsx", main)];
    all.extend(files);
    let scene = Scene::new(tree(&all), "src");
    let name = path("~hot/~module/main.tsx.js");
    let found = hot_outputs(scene.runnable.layout.source()).find(&scene, &name);
    let Ok(Found::File(File::Node { key, part, .. })) = found else {
        panic!("no piece");
    };
    let text = match scene.measure(&key, part) {
        Ok(_) => assembled(&scene, &key, part),
        Err(Failure::Diagnostics(told)) => return (scene, told[0].message.clone()),
        Err(other) => panic!("{other}"),
    };
    (scene, text)
}

fn body(main: &str, files: &[(&str, &str)]) -> String {
    let (_, text) = piece(main, files);
    let from = text.find("\"use strict\";").unwrap_or_default();
    let to = text.find("})) })").unwrap_or(text.len());
    text[from..to].replace(';', ";\n")
}

const FILES: [(&str, &str); 7] = [
    ("src/a.ts", "export const a = 1;"),
    ("src/deep/index.tsx", "export default 1;"),
    ("src/style.css", "p { color: red }"),
    ("src/data.json", "{}"),
    (
        "tsconfig.json",
        r#"{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }"#,
    ),
    ("src/common.cjs", "exports.x = 1;"),
    ("node_modules/p/index.js", "export const p = 1;"),
];

#[test]
fn what_is_accepted_is_named_as_import_names_it() {
    insta::assert_snapshot!(body(
        "import { a } from './a'; import '@/deep'; import './style.css'; import { p } from 'p'; export { a, p };
         import.meta.hot?.accept(['@/a.ts', './deep', './style.css', './data.json', './common.cjs', 'p', './a?raw'], (all) => all);
         import.meta.hot?.accept('./deep/index', () => import('./deep'));",
        &FILES,
    ), @r#"
    "use strict";
    yield[];
    $_.meta.hot?.accept(["./a.ts.js","./deep/index.tsx.js","./style.css.js","./data.json.js","./common.cjs.js","./~root/node_modules/p/index.js","./a.ts.raw.js"],all=>all);
    $_.meta.hot?.accept("./deep/index.tsx.js",()=>$_.import("./deep/index.tsx.js"));
    "#);
}

#[test]
fn what_leads_nowhere_stays_and_is_no_fault() {
    insta::assert_snapshot!(body(
        "import.meta.hot?.accept('./absent', () => 1); import.meta.hot?.accept(['./absent.css', 'node:fs', 'https://x.example/']);",
        &FILES,
    ), @r#"
    "use strict";
    yield[];
    $_.meta.hot?.accept("./absent",()=>1);
    $_.meta.hot?.accept(["./absent.css","node:fs","https://x.example/"]);
    "#);
    // Once it is there, it is meant.
    let (scene, _) = piece("import.meta.hot?.accept('./absent');", &[]);
    scene.tree.write("src/absent.ts", "");
    assert!(!scene.is_as_asked());
}

#[test]
fn what_is_accepted_alone_is_neither_loaded_nor_linked() {
    let (scene, text) = piece("import.meta.hot?.accept('./a');", &FILES);
    assert!(
        text.contains("requests: []") && text.contains("accept(\"./a.ts.js\")"),
        "{text}"
    );
    let asked = scene.asked.borrow();
    assert!(!asked.contains_key(&(0, path("src/a.ts"))), "{asked:?}");
}

#[test]
fn what_passes_names_on_is_asked_itself_where_it_is_accepted() {
    let files = [
        ("package.json", r#"{ "sideEffects": false }"#),
        (
            "src/all.ts",
            "export { x } from './x'; export { y } from './y';",
        ),
        ("src/x.ts", "export const x = 1;"),
        ("src/y.ts", "export const y = 1;"),
    ];
    let main = "import { x } from './all'; import * as all from './all'; export { x }; export const y = all.y;";
    assert!(
        piece(main, &files)
            .1
            .contains(r#"requests: ["./x.ts.js","./y.ts.js"]"#)
    );
    let main = format!("{main} import.meta.hot?.accept('./all', () => 1);");
    let text = piece(&main, &files).1;
    assert!(text.contains(r#"requests: ["./all.ts.js"]"#), "{text}");
}

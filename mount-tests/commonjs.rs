//! CommonJS packages through a mount.

use crate::pages::ran;
use crate::support::{Tree, errno, hookfs};

fn app() -> Tree {
    Tree::new(
        "//- /package.json\n{ \"name\": \"app\" }\n\
         //- /src/main.ts\nimport { hello } from 'greet';\nimport whole from './own.cjs';\nimport { es } from './es';\nexport default [hello, whole, es];\n\
         //- /src/es.js\nexport const es = 1;\n\
         //- /src/own.cjs\nmodule.exports = require('greet').hello;\n\
         //- /node_modules/greet/package.json\n{ \"name\": \"greet\", \"main\": \"./index.js\" }\n\
         //- /node_modules/greet/index.js\nif (process.env.NODE_ENV === 'production') {\n  module.exports = require('./lib/production.js');\n} else {\n  module.exports = require('./lib/development.js');\n}\n\
         //- /node_modules/greet/lib/development.js\n'use strict';\nexports.hello = require('./data.json').hello;\nexports.again = () => require('../index.js').hello;\n\
         //- /node_modules/greet/lib/production.js\nexports.minified = 1;\n\
         //- /node_modules/greet/lib/data.json\n{ \"hello\": \"world\" }\n",
    )
}

/// What a program ends with and says.
fn run(tree: &Tree, entry: &str) -> (i32, String, String) {
    let output = hookfs()
        .arg("run")
        .arg("--state")
        .arg(tree.folder().join("state"))
        .arg(tree.path(""))
        .arg(entry)
        .output()
        .expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let status = output.status.code().unwrap_or(-1);
    (status, text(output.stdout), text(output.stderr))
}

#[test]
fn a_package_is_a_facade_and_bodies() {
    let tree = app();
    let mount = tree.mounter("").mount();
    let facade = mount.read("node_modules/greet/index.js");
    assert!(
        facade.contains("export const { again, hello } ="),
        "{facade}"
    );
    let body = mount.read("node_modules/greet/index.js.commonjs.js");
    assert!(
        body.contains("\"./lib/development.js.commonjs.js\""),
        "{body}"
    );
    assert!(!body.contains("production.js"), "{body}");
    let body = mount.read("node_modules/greet/lib/development.js.commonjs.js");
    assert!(body.contains("from \"./data.json.js\""), "{body}");
    assert!(body.contains("\"../index.js.commonjs.js\""), "{body}");
    let map = mount.read("node_modules/greet/lib/development.js.commonjs.js.map");
    assert!(map.contains("exports.hello"), "{map}");
    let main = mount.read("src/main.ts");
    assert!(
        main.contains("import { hello } from \"../node_modules/greet/index.js\""),
        "{main}"
    );
    // Bundlers that are given outputs look for them in listings.
    let listed = |folder: &str| -> Vec<String> {
        let entries = std::fs::read_dir(mount.output(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| name.contains("commonjs")).collect();
        names.sort();
        names
    };
    assert_eq!(listed("src"), ["own.cjs.commonjs.js"]);
    assert_eq!(
        listed("node_modules/greet/lib"),
        ["development.js.commonjs.js", "production.js.commonjs.js"]
    );
    assert_eq!(
        errno(std::fs::read(mount.output("src/gone.js.commonjs.js"))),
        libc::ENOENT
    );
}

#[test]
fn names_are_those_of_the_present_text() {
    let tree = app();
    let mount = tree.mounter("").mount();
    assert!(
        mount
            .read("node_modules/greet/index.js")
            .contains("again, hello")
    );
    assert!(!mount.read("src/main.ts").contains("commonjs.js"));
    tree.write(
        "node_modules/greet/lib/development.js",
        "exports.fresh = 1; exports.hello = 2;\n",
    );
    assert!(
        mount
            .read("node_modules/greet/index.js")
            .contains("fresh, hello")
    );
    // A name that the text does not tell any more is read from the exports themselves.
    tree.write(
        "node_modules/greet/lib/development.js",
        "module.exports = f();\n",
    );
    let main = mount.read("src/main.ts");
    assert!(main.contains("__commonjs_1()?.hello"), "{main}");
    tree.write("node_modules/greet/index.js", "export const hello = 1;\n");
    assert!(!mount.read("src/main.ts").contains("commonjs.js"));
    assert_eq!(
        mount.read("node_modules/greet/index.js").lines().next(),
        Some("export const hello = 1;")
    );
    let body = mount.read("node_modules/greet/index.js.commonjs.js");
    assert!(
        body.contains("import * as namespace from \"./index.js\""),
        "{body}"
    );
}

#[test]
fn no_file_is_compiled_for_its_names_alone() {
    let tree = app();
    let mount = tree.mounter("").mount();
    let ran = ran(&mount, || _ = mount.read("~bundle/src/main.ts.js"));
    let bodies = ran.iter().filter(|run| run.contains("commonjs "));
    let bodies: Vec<&str> = bodies.map(String::as_str).collect();
    assert_eq!(
        bodies,
        [
            // Not `es.js`: a glance shows that it is an ES module.
            "piece commonjs /node_modules/greet/index.js",
            "piece commonjs /node_modules/greet/lib/development.js",
            "piece commonjs /src/own.cjs",
        ]
    );
}

#[test]
fn files_that_load_each_other_run() {
    let tree = Tree::new(
        "//- /package.json\n{}\n\
         //- /main.ts\nimport { a, b } from 'p';\nconst other = await b();\nconst first = await other.first();\n\
         console.log(a, other.b, other.default.b, first.a, typeof first.default.b, (await other.esm()).default);\n\
         //- /node_modules/p/package.json\n{ \"main\": \"a.js\" }\n\
         //- /node_modules/p/a.js\nexports.a = 1; exports.b = () => import('./b.js');\n\
         //- /node_modules/p/b.js\nexports.b = 2; exports.first = () => import('./a.js'); exports.esm = () => import('./c.mjs');\n\
         //- /node_modules/p/c.mjs\nexport default 3;\n",
    );
    let (status, stdout, stderr) = run(&tree, "main.ts");
    assert_eq!(
        (status, &*stdout, &*stderr),
        (0, "1 2 2 1 function 3\n", "")
    );
    let mount = tree.mounter("").mount();
    for name in ["main.ts", "~bundle/main.ts.js"] {
        let text = mount.read(name);
        assert!(!text.contains("error["), "{name}: {text}");
    }
}

#[test]
fn whatever_the_exports_are_called_and_do_the_others_can_be_imported() {
    let tree = Tree::new(
        "//- /package.json\n{}\n\
         //- /main.ts\nimport { Object as O, x } from './names.cjs';\nimport d, { ok, bad } from './throws.cjs';\n\
         console.log(O.o, x, ok, bad, d.ok);\n\
         //- /names.cjs\nexports.Object = { o: 1 }; exports.x = 2; exports['a-b'] = 3; exports.__export_0 = 4; exports.Proxy = 5;\n\
         //- /throws.cjs\nmodule.exports = { ok: 1, get bad() { throw new Error('removed'); } };\n",
    );
    let (status, stdout, stderr) = run(&tree, "main.ts");
    assert_eq!((status, &*stdout, &*stderr), (0, "1 2 1 undefined 1\n", ""));
}

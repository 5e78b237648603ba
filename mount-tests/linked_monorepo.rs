//! Linked packages of another monorepo, whose packages are installed above their folders.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{Served, Tree, errno, hookfs};

/// An application that links `lib` of a monorepo beside it.
const IN_MONOREPO: &str = "
//- /app/package.json
{\"workspaces\": []}
//- /app/src/main.ts
import { lib } from 'lib';
import './main.css';
console.log(lib);
//- /app/src/main.css
@import 'lib/lib.css';
//- /app/src/index.html
<script type=module src=main.ts></script>
//- /app/node_modules/react/package.json
{\"main\": \"index.js\"}
//- /app/node_modules/react/index.js
export const react = 'of the app';
//- /mono/package.json
{\"workspaces\": [\"packages/*\"]}
//- /mono/packages/lib/package.json
{\"name\": \"lib\", \"exports\": {\".\": \"./index.ts\", \"./*\": \"./*\"}}
//- /mono/packages/lib/index.ts
import { react } from 'react';
import { dep } from 'dep';
import { other } from 'other';
export const lib: string = react + dep + other;
//- /mono/packages/lib/lib.css
@import 'dep/dep.css';
//- /mono/packages/other/package.json
{\"name\": \"other\", \"main\": \"index.ts\"}
//- /mono/packages/other/index.ts
import { dep } from 'dep';
export const other: string = dep;
";

/// The path of the module that a module's text imports, of the package `name`.
fn imported(text: &str, name: &str) -> String {
    let mut quoted = text.split(['"', '\'']);
    let found = quoted.find(|part| part.contains(&format!("/{name}/")));
    let found = found.unwrap_or_else(|| panic!("no {name} in {text}"));
    let below = found.trim_start_matches("../");
    let below = below.trim_start_matches("./").trim_start_matches("~root/");
    let below = below.trim_start_matches("node_modules/");
    format!("~root/node_modules/{below}")
}

#[test]
fn what_is_hoisted_in_another_monorepo_is_found_last() {
    let tree = Tree::new(IN_MONOREPO);
    let react = "export const react = 'of the monorepo';";
    tree.write("mono/node_modules/react/index.mjs", react);
    let dep = "mono/node_modules/dep";
    tree.write(&format!("{dep}/package.json"), "{\"main\": \"dep.mjs\"}");
    let text = "import { react } from 'react';\nimport { deep } from 'deep';\nexport const dep = react + deep;";
    tree.write(&format!("{dep}/dep.mjs"), text);
    tree.write(&format!("{dep}/dep.css"), "a { color: red }\n");
    tree.write(&format!("{dep}/dep.svg"), "<svg/>\n");
    let deep = "mono/node_modules/deep/index.mjs";
    tree.write(deep, "export const deep = 'one';");
    tree.write("mono/node_modules/deep/package.json", "{}");
    tree.write("mono/node_modules/.env", "SECRET=1");
    symlink("../packages/other", tree.path("mono/node_modules/other")).unwrap();
    symlink("../../mono/packages/lib", tree.path("app/node_modules/lib")).unwrap();

    let mount = tree.mounter("app/src").mount();
    let lib = "~root/node_modules/lib/index.ts.js";
    let text = mount.read(lib);
    assert_eq!(
        imported(&text, "react"),
        "~root/node_modules/react/index.js"
    );
    let dep = imported(&text, "dep");
    let folder = dep.strip_suffix("/dep/dep.mjs.js").unwrap().to_owned();
    assert!(
        folder.starts_with("~root/node_modules/.linked-"),
        "{folder}"
    );
    let other = imported(&text, "other");
    assert_eq!(other, format!("{folder}/other/index.ts.js"));
    // There is one React, that of the application.
    let text = mount.read(&dep);
    assert!(text.contains("../../react/index.js"), "{text}");
    assert!(text.contains("../deep/index.mjs.js"), "{text}");
    assert!(mount.read(&other).contains("../dep/dep.mjs.js"));
    assert!(mount.read("main.css").contains("red"));
    assert_eq!(mount.read(&format!("{folder}/dep/dep.svg")), "<svg/>\n");
    let graph = dep.replace(".mjs.js", ".mjs");
    let graph = mount.read(&format!("~graph/{graph}.json"));
    assert!(graph.contains("fresh"), "{graph}");
    let bundle = mount.read("~bundle/main.ts.js");
    assert!(
        bundle.contains("one") && !bundle.contains("of the monorepo"),
        "{bundle}"
    );
    for hidden in [
        format!("{folder}/.env"),
        "~root/node_modules/lib/.linked/dep/dep.css".to_owned(),
        "~root/node_modules/.linked-0000000000000000/dep/dep.css".to_owned(),
        "~root/mono/package.json".to_owned(),
    ] {
        assert_eq!(errno(fs::read(mount.output(&hidden))), libc::ENOENT);
    }

    // An edit there, and what is installed and removed there.
    tree.write(deep, "export const deep = 'two';");
    let deep = format!("{folder}/deep/index.mjs.js");
    assert!(mount.read(&deep).contains("two"));
    assert!(mount.read("~bundle/main.ts.js").contains("two"));
    fs::remove_dir_all(tree.path("mono/node_modules/deep")).unwrap();
    assert!(!mount.read(&dep).contains("deep/index"));
    tree.write("mono/node_modules/deep/deep.js", "exports.deep = 'three';");
    tree.write(
        "mono/node_modules/deep/package.json",
        "{\"main\": \"deep.js\"}",
    );
    assert!(mount.read(&dep).contains("../deep/deep.js"));
    // What the application has goes first.
    tree.write("app/node_modules/deep/index.js", "exports.deep = 'four';");
    assert!(mount.read(&dep).contains("../../deep/index.js"));
    fs::remove_dir_all(tree.path("app/node_modules/deep")).unwrap();
    assert!(mount.read(&dep).contains("../deep/deep.js"));

    // Over a restart nothing is computed, and what is there is found by its name.
    mount.read("~bundle/main.ts.js");
    mount.settled();
    mount.stop();
    let mount = tree.mounter("app/src").mount();
    let (ran, text) = mount.ran(|| mount.read(&dep));
    assert!(text.contains("../deep/deep.js"), "{text}");
    let (more, bundle) = mount.ran(|| mount.read("~bundle/main.ts.js"));
    assert!(bundle.contains("three"), "{bundle}");
    assert_eq!((ran, more), (0, 0));

    // Without the link it is not there.
    fs::remove_file(tree.path("app/node_modules/lib")).unwrap();
    assert_eq!(errno(fs::read(mount.output(&dep))), libc::ENOENT);
    symlink("../../mono/packages/lib", tree.path("app/node_modules/lib")).unwrap();
    assert_eq!(mount.read(&dep), text);
    mount.stop();

    // The others agree.
    let state = tree.folder().join("state-2");
    let out = tree.folder().join("out");
    let run = |command: &[&OsStr]| {
        let ran = hookfs().args(command).arg("--state").arg(&state).output();
        let ran = ran.unwrap();
        assert!(ran.status.success(), "{ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    };
    let source = tree.path("app/src");
    run(&["build".as_ref(), source.as_ref(), out.as_ref()]);
    assert_eq!(fs::read_to_string(out.join(&dep)).unwrap(), text);
    let shown = run(&["cat".as_ref(), source.as_ref(), dep.as_ref()]);
    assert_eq!(shown, text);
    let served = Served::start(&source, &state, &[".", "--port", "0"]);
    let reply = served.get(&format!("/{dep}"));
    assert_eq!((reply.status, reply.text()), (200, text));
    served.stop();
}

#[test]
fn what_lies_in_the_store_of_another_monorepo_is_found_beside_it() {
    let tree = Tree::new(IN_MONOREPO);
    let store = "mono/node_modules/.pnpm";
    let dep = format!("{store}/dep@1/node_modules");
    let text = "import { react } from 'react';\nexport const dep = react;";
    tree.write(&format!("{dep}/dep/index.mjs"), text);
    tree.write(&format!("{dep}/dep/package.json"), "{}");
    tree.write(&format!("{dep}/dep/dep.css"), "a { color: red }\n");
    let react = format!("{store}/react@1/node_modules/react");
    tree.write(
        &format!("{react}/index.mjs"),
        "export const react = 'of the monorepo';",
    );
    tree.write(&format!("{react}/package.json"), "{}");
    symlink(
        "../../react@1/node_modules/react",
        tree.path(&format!("{dep}/react")),
    )
    .unwrap();
    for name in ["lib", "other"] {
        let own = format!("mono/packages/{name}/node_modules");
        fs::create_dir(tree.path(&own)).unwrap();
        let to = "../../../node_modules/.pnpm/dep@1/node_modules/dep";
        symlink(to, tree.path(&format!("{own}/dep"))).unwrap();
        let to = format!("../../mono/packages/{name}");
        symlink(to, tree.path(&format!("app/node_modules/{name}"))).unwrap();
    }
    let own = "mono/packages/lib/node_modules/other";
    symlink("../../other", tree.path(own)).unwrap();

    let mount = tree.mounter("app/src").mount();
    let text = mount.read("~root/node_modules/lib/index.ts.js");
    // It has none of its own.
    assert_eq!(
        imported(&text, "react"),
        "~root/node_modules/react/index.js"
    );
    let dep = imported(&text, "dep");
    let end = "/.pnpm/dep@1/node_modules/dep/index.mjs.js";
    let folder = dep.strip_suffix(end).unwrap_or_else(|| panic!("{dep}"));
    assert_eq!(
        imported(&text, "other"),
        "~root/node_modules/other/index.ts.js"
    );
    let other = mount.read("~root/node_modules/other/index.ts.js");
    assert_eq!(imported(&other, "dep"), dep);
    let beside = "../../../react@1/node_modules/react/index.mjs.js";
    assert!(mount.read(&dep).contains(beside));
    assert!(mount.read("main.css").contains("red"));
    let bundle = mount.read("~bundle/main.ts.js");
    assert_eq!(bundle.matches("of the monorepo").count(), 1, "{bundle}");

    // Another version is installed there.
    let next = format!("{store}/dep@2/node_modules/dep/index.mjs");
    tree.write(&next, "export const dep = 'two';");
    tree.write(&next.replace("index.mjs", "package.json"), "{}");
    let own = tree.path("mono/packages/lib/node_modules/dep");
    fs::remove_file(&own).unwrap();
    symlink("../../../node_modules/.pnpm/dep@2/node_modules/dep", own).unwrap();
    let text = mount.read("~root/node_modules/lib/index.ts.js");
    let next = format!("{folder}/.pnpm/dep@2/node_modules/dep/index.mjs.js");
    assert_eq!(imported(&text, "dep"), next);
    fs::remove_dir_all(tree.path(&format!("{store}/react@1"))).unwrap();
    let text = mount.read(&dep);
    assert!(
        text.contains("/../react/index.js") && !text.contains("react@1"),
        "{text}"
    );
    mount.stop();
}

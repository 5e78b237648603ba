//! Everything that an output depends on was asked for: after any one edit, either the output is as before, or some
//! question that it asked has another answer.

use proptest::prelude::*;

use super::scene::{Scene, path};
use crate::source::memory::MemoryTree;
use crate::source::{Entry, Tree};

const NAMES: [&str; 20] = [
    "src/b",
    "src/b.ts",
    "src/b.js",
    "src/b.tsx",
    "src/b/index.ts",
    "src/b/package.json",
    "src/c.ts",
    "src/package.json",
    "src/tsconfig.json",
    "src/jsconfig.json",
    "tsconfig.json",
    "package.json",
    "node_modules/p/package.json",
    "node_modules/p/index.js",
    "node_modules/p/x.js",
    "src/node_modules/p/index.js",
    "node_modules/p",
    "src/node_modules",
    "pnpm-workspace.yaml",
    "lib/index.ts",
];

const CONTENTS: [&str; 14] = [
    "export default 1;",
    "{}",
    r#"{ "main": "x" }"#,
    r#"{ "exports": "./x.js", "name": "p" }"#,
    r#"{ "browser": { "./index.js": "./x.js", "p": false } }"#,
    r#"{ "compilerOptions": { "paths": { "p": ["./src/c", "./lib"] } } }"#,
    r#"{ "compilerOptions": { "baseUrl": "./src" }, "extends": "../tsconfig.json" }"#,
    r#"{ "compilerOptions": { "rootDirs": ["src", "./lib"], "moduleSuffixes": [".d", ""], "customConditions": ["own"] } }"#,
    r#"{ "name": "p", "exports": { "own": "./x.js", "default": "./index.js" } }"#,
    r#"{ "references": [{ "path": "./src" }], "files": [] }"#,
    r#"{ "name": "p", "exports": { ".": { "browser": "./index.js" } }, "workspaces": ["lib"] }"#,
    "packages: [lib]",
    "-> ../lib",
    "-> c.ts",
];

fn put(tree: &MemoryTree, name: &str, content: Option<&str>) {
    // A name below a file or a link can't be made; a directory with files is not replaced.
    let place = path(name);
    let blocked = place.ancestors().skip(1).any(|above| {
        !matches!(
            tree.entry(&above),
            Ok((Entry::Directory | Entry::Absent, _))
        )
    });
    let is_directory = matches!(tree.entry(&place), Ok((Entry::Directory, _)));
    if blocked || is_directory {
        return;
    }
    if !matches!(tree.entry(&place), Ok((Entry::Absent, _))) {
        tree.remove(name);
    }
    if let Some(content) = content {
        match content.strip_prefix("-> ") {
            Some(target) => tree.symlink(name, target),
            None => tree.write(name, content),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_edit_changes_an_output_unasked(
        files in prop::collection::vec((0..NAMES.len(), 0..CONTENTS.len()), 0..10),
        edits in prop::collection::vec((0..NAMES.len(), prop::option::of(0..CONTENTS.len())), 1..12),
    ) {
        let tree = MemoryTree::new();
        tree.write("src/main.ts", "import './b'; import b from './b.js'; import p from 'p'; import('./c'); export default [b, p];");
        for (name, content) in files {
            put(&tree, NAMES[name], Some(CONTENTS[content]));
        }
        for (name, content) in edits {
            let before = Scene::new(tree.clone(), "src");
            let output = before.code("src/main.ts");
            put(&tree, NAMES[name], content.map(|content| CONTENTS[content]));
            let now = Scene::new(tree.clone(), "src").code("src/main.ts");
            prop_assert!(now == output || !before.is_as_asked(), "{} was not asked for:\n{output}\n{now}", NAMES[name]);
        }
    }
}

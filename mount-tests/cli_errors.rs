//! What the commands say where something is wrong, and the status that they end with.

use std::path::Path;
use std::process::Command;

use crate::support::{Tree, hookfs};

/// The status and the text, with the tree's folder written `$T`.
fn failure(tree: &Tree, command: &mut Command) -> String {
    let output = command
        .current_dir(tree.folder())
        .env("XDG_CACHE_HOME", tree.folder().join("cache"))
        .output()
        .unwrap();
    assert!(
        output.stdout.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let folder = tree.folder().canonicalize().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    format!(
        "{}exit status {}",
        text.replace(folder.to_str().unwrap(), "$T"),
        output.status.code().unwrap()
    )
}

fn tree() -> Tree {
    let tree = Tree::new(
        "//- /src/main.tsx\nimport './nowhere';\n//- /src/good.ts\nexport const a: number = 1;\n",
    );
    std::fs::create_dir(tree.folder().join("mnt")).unwrap();
    tree
}

#[test]
fn a_wrong_source_is_refused() {
    let tree = tree();
    insta::assert_snapshot!(failure(&tree, hookfs().args(["mount", "none", "mnt"])), @r"
    error: cannot use `none` as the source: no such file or directory
    exit status 2
    ");
    insta::assert_snapshot!(failure(&tree, hookfs().args(["cat", "project/src/good.ts", "a"])), @r"
    error: cannot use `project/src/good.ts` as the source: it is not a folder
    exit status 2
    ");
}

#[test]
fn a_wrong_mount_point_is_refused_and_nothing_is_hidden() {
    let tree = tree();
    for point in ["none", "project/src/good.ts", "project", "project/src"] {
        let text = failure(&tree, hookfs().args(["mount", "project/src", point]));
        assert!(
            text.starts_with(&format!("error: cannot mount at `{point}`: ")),
            "{text}"
        );
        assert!(text.contains("\n  hint: "), "{text}");
        assert!(text.ends_with("exit status 2"), "{text}");
        let in_background = failure(
            &tree,
            hookfs().args(["mount", "--daemon", "project/src", point]),
        );
        assert_eq!(in_background, text);
    }
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(tree.folder().to_str().unwrap()));
}

#[test]
fn wrong_words_are_refused() {
    let tree = tree();
    for arguments in [
        &["mount"][..],
        &["frobnicate"],
        &["mount", "--cache-size", "big", "project/src", "mnt"],
        &["mount", "--define", "A", "project/src", "mnt"],
        &["mount", "--define", "a-b=1", "project/src", "mnt"],
        &["mount", "--log", "a=b=c", "project/src", "mnt"],
        &["graph", "--dot", "--json", "project/src"],
    ] {
        let text = failure(&tree, hookfs().args(arguments));
        assert!(text.starts_with("error: "), "{arguments:?}: {text}");
        assert!(text.ends_with("exit status 2"), "{arguments:?}: {text}");
    }
}

#[test]
fn where_nothing_is_mounted_that_is_said() {
    let tree = tree();
    insta::assert_snapshot!(failure(&tree, hookfs().args(["unmount", "mnt"])), @r"
    error: cannot unmount `mnt`: no hookfs is mounted there
      hint: `findmnt -t fuse.hookfs` lists what is mounted
    exit status 3
    ");
    insta::assert_snapshot!(failure(&tree, hookfs().args(["status", "mnt"])), @r"
    error: no daemon serves `$T/mnt`
      hint: hookfs mount $T/mnt MNT
    exit status 3
    ");
}

#[test]
fn an_output_with_errors_is_told_with_place_and_hint() {
    let tree = tree();
    let text = failure(&tree, hookfs().args(["cat", "project/src", "main.tsx"]));
    assert!(
        text.starts_with(
            "error[unresolved-import]: cannot resolve `./nowhere` from `/main.tsx:1:8`\n"
        ),
        "{text}"
    );
    assert!(text.ends_with("exit status 1"), "{text}");
    insta::assert_snapshot!(failure(&tree, hookfs().args(["cat", "project/src", "none.ts"])), @r"
    error: no such file `/none.ts`
      hint: the names are those under `/~@/` of a mount, such as `/main.tsx`
    exit status 1
    ");
    insta::assert_snapshot!(failure(&tree, hookfs().args(["cat", "project/src", "../../x"])), @r"
    error: no output can be `../../x`: path leaves the workspace root
    exit status 2
    ");
}

#[test]
fn a_folder_that_is_not_ours_is_not_built_into() {
    let tree = tree();
    let build = |target: &str| failure(&tree, hookfs().args(["build", "project/src", target]));
    insta::assert_snapshot!(build("project/src/dist"), @r"
    error: cannot build into `project/src/dist`: it lies in the source
      hint: outputs in the source would be sources of the next build; choose a folder beside it
    exit status 2
    ");
    insta::assert_snapshot!(build("project/src/good.ts"), @r"
    error: cannot build into `project/src/good.ts`: it lies in the source
      hint: outputs in the source would be sources of the next build; choose a folder beside it
    exit status 2
    ");
    insta::assert_snapshot!(build("project"), @r"
    error: cannot build into `project`: the source lies in it
      hint: choose a folder beside the source
    exit status 2
    ");
    std::fs::create_dir(tree.folder().join("full")).unwrap();
    std::fs::write(tree.folder().join("full/mine"), "").unwrap();
    insta::assert_snapshot!(build("full"), @r"
    error: cannot build into `full`: it has files in it that no build has written
      hint: choose an empty or a new folder
    exit status 2
    ");
    assert!(Path::new(&tree.folder().join("full/mine")).exists());
}

#[test]
fn every_fault_is_told_with_its_place_its_importers_and_what_to_do() {
    let tree = Tree::new(
        "//- /src/main.tsx\nimport './app';\n\
         //- /src/app.tsx\nimport './import';\nimport './name';\nimport './syntax';\nimport './style.css';\n\
         import data from './data.json';\nimport './theme.less';\nimport './common.cjs';\nexport default data;\n\
         //- /src/import.ts\nimport { Button } from './botton';\nexport default Button;\n\
         //- /src/button.ts\nexport const Button = 1;\n\
         //- /src/name.ts\nimport { Buton } from './button';\nexport default Buton;\n\
         //- /src/syntax.ts\nexport const a = 1;\nconst b = ;\n\
         //- /src/style.css\n.a { color: red }\n.b { color: ; } }\n\
         //- /src/data.json\n{\n  \"a\": 1,\n}\n\
         //- /src/theme.less\n@a: red;\n\
         //- /src/common.cjs\nmodule.exports = {\n",
    );
    let output = hookfs()
        .args(["build", "--all", "project/src", "out"])
        .current_dir(tree.folder())
        .env("XDG_CACHE_HOME", tree.folder().join("cache"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @r#"
    error[syntax]: unexpected end of the file, expected identifier, string literal, numeric literal or [ for the computed key in `/common.cjs:1:19`
      imported by /app.tsx
      imported by /main.tsx
      1 | module.exports = {
        |                   ^
    error[json]: trailing comma in `/data.json:3:1`
      imported by /app.tsx
      imported by /main.tsx
      2 |   "a": 1,
      3 | }
        | ^
      hint: JSON has no trailing commas
    error[unresolved-import]: cannot resolve `./botton` from `/import.ts:1:24`
      imported by /app.tsx
      imported by /main.tsx
      1 | import { Button } from './botton';
        |                        ^^^^^^^^^^
      2 | export default Button;
      hint: did you mean `./button`?
    error[missing-export]: cannot import `Buton` from `./button` in `/name.ts:1:10`
      imported by /app.tsx
      imported by /main.tsx
      1 | import { Buton } from './button';
        |          ^^^^^
      2 | export default Buton;
      hint: did you mean `Button`?
    error[style]: nothing is open that this closes in `/style.css:2:17`
      imported by /app.tsx
      imported by /main.tsx
      1 | .a { color: red }
      2 | .b { color: ; } }
        |                 ^
    error[syntax]: expression expected in `/syntax.ts:2:11`
      imported by /app.tsx
      imported by /main.tsx
      1 | export const a = 1;
      2 | const b = ;
        |           ^
    error[unsupported]: `.less` needs Less, which is not installed in `/theme.less`
      imported by /app.tsx
      imported by /main.tsx
      hint: run `npm install less`
    "#);
}

//! What a build writes: what a host needs, each byte as a mount gives it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::{Tree, hookfs};

fn build(tree: &Tree, options: &[&str]) -> Output {
    hookfs()
        .arg("build")
        .args(options)
        .args(["project", "out"])
        .current_dir(tree.folder())
        .env("XDG_CACHE_HOME", tree.folder().join("cache"))
        .output()
        .unwrap()
}

/// The status, and all that was said.
fn said(output: &Output) -> String {
    format!(
        "{}{}exit status {}",
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&output.stdout),
        output.status.code().unwrap()
    )
}

/// All files that were written, sorted, without the build's own.
fn written(tree: &Tree) -> Vec<String> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap().is_dir() {
                true => walk(&entry.path(), files),
                false => files.push(entry.path()),
            }
        }
    }
    let out = tree.folder().join("out");
    let mut files = Vec::new();
    walk(&out, &mut files);
    let name = |file: &PathBuf| {
        file.strip_prefix(&out)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    let mut names: Vec<String> = files.iter().map(name).collect();
    names.retain(|name| name != ".hookfs-build.json");
    names.sort();
    names
}

/// The names, with `#` for each hash.
fn shown(names: &[String]) -> String {
    let shown = names.iter().map(|name| {
        let parts = name.split('.').map(|part| match part.strip_prefix('v') {
            Some(hash) if hash.len() == 16 => "#",
            _ => part,
        });
        parts.collect::<Vec<_>>().join(".")
    });
    shown.collect::<Vec<_>>().join("\n")
}

const APP: &str = "
//- /index.html
<!doctype html>
<link rel=\"icon\" href=\"/icon.svg\">
<script type=\"module\" src=\"/src/main.tsx\"></script>
//- /public/icon.svg
<svg/>
//- /public/robots.txt
all
//- /src/main.tsx
import './style.css';
import { helper } from 'package';
const page = () => import('./later');
export const main: unknown = [helper, page];
//- /src/later.ts
export default 1;
//- /src/unused.ts
export default 2;
//- /src/style.css
.a { background: url('./a.png') }
//- /src/a.png
png
//- /node_modules/package/index.js
exports.helper = require('./inner');
//- /node_modules/package/inner.js
module.exports = require('./module.mjs');
//- /node_modules/package/module.mjs
export default 1;
//- /node_modules/package/unused.js
module.exports = 2;
";

#[test]
fn a_build_is_pages_public_files_and_what_they_lead_to() {
    let tree = Tree::new(APP);
    for options in [&[][..], &["--production"]] {
        let output = build(&tree, options);
        assert!(output.status.success(), "{}", said(&output));
        let names = written(&tree);
        insta::allow_duplicates! {
            insta::assert_snapshot!(shown(&names), @r"
            icon.svg
            icon.#.svg
            index.html
            node_modules/package/index.js
            node_modules/package/index.js.commonjs.js
            node_modules/package/index.js.commonjs.js.map
            node_modules/package/index.js.commonjs.#.js
            node_modules/package/index.js.map
            node_modules/package/index.#.js
            node_modules/package/inner.js.commonjs.js
            node_modules/package/inner.js.commonjs.js.map
            node_modules/package/inner.js.commonjs.#.js
            node_modules/package/module.mjs.commonjs.js
            node_modules/package/module.mjs.commonjs.#.js
            node_modules/package/module.mjs.js
            node_modules/package/module.mjs.js.map
            node_modules/package/module.mjs.#.js
            robots.txt
            src/a.png
            src/a.#.png
            src/later.ts.js
            src/later.ts.js.map
            src/later.ts.#.js
            src/main.tsx.js
            src/main.tsx.js.map
            src/main.tsx.#.js
            src/style.css.js
            src/style.css.#.js
            ");
        }
        let versions = names
            .iter()
            .filter(|name| shown(&[(*name).clone()]).contains('#'));
        for name in versions {
            let modified = fs::metadata(tree.folder().join("out").join(name))
                .unwrap()
                .modified();
            let long_ago = std::time::Duration::from_secs(978_307_200);
            assert_eq!(
                modified.unwrap(),
                std::time::SystemTime::UNIX_EPOCH + long_ago,
                "{name}"
            );
        }
        let mut mounter = tree.mounter("");
        for option in options {
            mounter = mounter.argument(option);
        }
        let mount = mounter.mount();
        for name in &names {
            assert_eq!(
                fs::read(tree.folder().join("out").join(name)).unwrap(),
                fs::read(mount.output(name)).unwrap(),
                "{name}"
            );
        }
        mount.stop();
    }
    // Twice the same, and then without what is needed no more.
    let output = build(&tree, &["--production"]);
    assert!(
        said(&output).starts_with("0 written, "),
        "{}",
        said(&output)
    );
    tree.write("src/main.tsx", "export const main = 1;\n");
    assert!(build(&tree, &["--production"]).status.success());
    insta::assert_snapshot!(shown(&written(&tree)), @r"
    icon.svg
    icon.#.svg
    index.html
    robots.txt
    src/main.tsx.js
    src/main.tsx.js.map
    src/main.tsx.#.js
    ");
    // A file of somebody else's stays.
    fs::write(tree.folder().join("out/CNAME"), "example.org").unwrap();
    assert!(build(&tree, &["--all"]).status.success());
    let names = written(&tree);
    for name in ["CNAME", "src/unused.ts.js", "public/robots.txt"] {
        assert!(names.contains(&name.to_owned()), "{name}: {names:?}");
    }
}

#[test]
fn what_is_wrong_in_a_page_or_behind_it_fails_the_build() {
    let tree = Tree::new(
        "
        //- /index.html
        <script type=\"module\" src=\"./absent.ts\"></script>
        <script type=\"module\" src=\"./main.ts\"></script>
        //- /main.ts
        import './part';
        //- /part.ts
        import { nothing } from './empty';
        console.log(nothing);
        //- /empty.ts
        export {};
        ",
    );
    let output = build(&tree, &[]);
    insta::assert_snapshot!(said(&output), @r#"
    error[unresolved-import]: cannot resolve `./absent.ts` from `/index.html:1:36`
      1 |         <script type="module" src="./absent.ts"></script>
        |                                    ^^^^^^^^^^^
      2 |         <script type="module" src="./main.ts"></script>
      hint: a leading slash means the source folder or the workspace root; other paths are from the page
    error[missing-export]: cannot import `nothing` from `./empty` in `/part.ts:1:18`
      imported by /main.ts
      imported by /index.html
      1 |         import { nothing } from './empty';
        |                  ^^^^^^^
      2 |         console.log(nothing);
      hint: `/empty.ts` exports nothing
    4 written, 0 unchanged, 3 failed in out
    exit status 1
    "#);
    assert!(written(&tree).contains(&"index.html".to_owned()));
}

#[test]
fn what_only_packages_load_later_may_be_missing() {
    let tree = Tree::new(
        "
        //- /index.html
        <script type=\"module\" src=\"./main.ts\"></script>
        //- /main.ts
        import 'package';
        //- /node_modules/package/index.js
        export const theme = () => import('./theme.less');
        //- /node_modules/package/theme.less
        @a: red;
        ",
    );
    insta::assert_snapshot!(said(&build(&tree, &[])), @r"
    left out, for a package asks for it only later:
    error[unsupported]: `.less` needs Less, which is not installed in `/node_modules/package/theme.less`
      imported by /node_modules/package/index.js
      hint: run `npm install less`
    7 written, 0 unchanged in out
    exit status 0
    ");
    tree.write("main.ts", "import 'package/theme.less';");
    let output = build(&tree, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}

#[test]
fn without_a_page_everything_is_written_and_that_is_said() {
    let tree = Tree::new("//- /a.ts\nexport const a = 1;\n");
    insta::assert_snapshot!(said(&build(&tree, &[])), @"
    note: there is no `index.html`, no hook that makes one, and no `server.ts`: nothing is at `/`; everything is written, as with `--all`
    3 written, 0 unchanged in out
    exit status 0
    ");
    insta::assert_snapshot!(said(&build(&tree, &["--all"])), @r"
    0 written, 3 unchanged in out
    exit status 0
    ");
}

#[test]
fn what_nothing_asks_for_and_cannot_be_compiled_is_left_out() {
    let tree = Tree::new(
        "
        //- /a.ts
        export const a = 1;
        //- /old/theme.less
        @a: red;
        ",
    );
    insta::assert_snapshot!(said(&build(&tree, &["--all"])), @r"
    left out, for nothing asks for it:
    error[unsupported]: `.less` needs Less, which is not installed in `/old/theme.less`
      hint: run `npm install less`
    3 written, 0 unchanged in out
    exit status 0
    ");
    tree.write("a.ts", "import './old/theme.less';");
    let output = build(&tree, &["--all"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}

//! Packages that are linked (`npm link`, `file:../lib`), whose folders lie outside of the workspace.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{Tree, errno, hookfs};

const FILES: &str = "
//- /app/package.json
{\"workspaces\": []}
//- /app/src/main.ts
import { lib } from 'lib';
import logo from 'lib/logo.svg';
import './main.css';
console.log(lib, logo);
//- /app/src/main.css
@import 'lib/lib.css';
//- /app/src/index.html
<script type=module src=main.ts></script>
//- /app/node_modules/react/package.json
{\"main\": \"index.js\"}
//- /app/node_modules/react/index.js
export const react = 1;
//- /lib/package.json
{\"name\": \"lib\", \"exports\": {\".\": \"./src/index.ts\", \"./*\": \"./*\"}}
//- /lib/src/index.ts
import { react } from 'react';
import { dep } from 'dep';
export const lib: string = 'one' + react + dep;
//- /lib/logo.svg
<svg/>
//- /lib/lib.css
a { color: red }
//- /lib/.env
SECRET=1
//- /dep/package.json
{\"main\": \"dep.mjs\"}
//- /dep/dep.mjs
export const dep = 1;
";

#[test]
fn what_a_linked_package_has_is_compiled_and_never_stale() {
    let tree = Tree::new(FILES);
    symlink("../../lib", tree.path("app/node_modules/lib")).unwrap();
    fs::create_dir(tree.path("lib/node_modules")).unwrap();
    symlink(tree.path("dep"), tree.path("lib/node_modules/dep")).unwrap();
    let mount = tree.mounter("app/src").mount();
    let lib = "~root/node_modules/lib";
    let index = format!("{lib}/src/index.ts.js");
    let main = mount.read("main.ts.js");
    assert!(main.contains(&format!("\"./{index}\"")), "{main}");
    let text = mount.read(&index);
    for part in [
        "'one'",
        "\"../../react/index.js\"",
        "\"../node_modules/dep/dep.mjs.js\"",
    ] {
        assert!(
            text.replace('"', "'").contains(&part.replace('"', "'")),
            "{text}"
        );
    }
    assert_eq!(mount.read(&format!("{lib}/logo.svg")), "<svg/>\n");
    assert!(
        mount
            .read(&format!("{lib}/logo.svg.js"))
            .contains("./logo.v")
    );
    assert!(mount.read("main.css").contains("red"));
    for hidden in [format!("{lib}/.env"), "~root/lib/package.json".to_owned()] {
        assert_eq!(errno(fs::read(mount.output(&hidden))), libc::ENOENT);
    }

    // Edits, another folder of that name, another link.
    fs::write(tree.path("lib/lib.css"), "a { color: blue }\n").unwrap();
    assert!(mount.read("main.css").contains("blue"));
    fs::write(tree.path("lib/logo.svg"), "<svg><g/></svg>\n").unwrap();
    assert_eq!(mount.read(&format!("{lib}/logo.svg")), "<svg><g/></svg>\n");
    fs::write(tree.path("lib/src/index.ts"), "export const lib = 'two';").unwrap();
    assert!(mount.read(&index).contains("two"));
    fs::rename(tree.path("lib"), tree.path("lib-2")).unwrap();
    assert_eq!(errno(fs::read(mount.output(&index))), libc::ENOENT);
    tree.write("lib/package.json", "{\"exports\": \"./other.js\"}");
    tree.write("lib/other.js", "export const lib = 'three';");
    assert_eq!(errno(fs::read(mount.output(&index))), libc::ENOENT);
    assert!(mount.read(&format!("{lib}/other.js")).contains("three"));
    fs::remove_file(tree.path("app/node_modules/lib")).unwrap();
    symlink(tree.path("lib-2"), tree.path("app/node_modules/lib")).unwrap();
    assert!(mount.read(&index).contains("two"));
    assert!(mount.read("main.ts.js").contains(&format!("\"./{index}\"")));

    // Over a restart, too.
    let state = mount.state().to_owned();
    mount.stop();
    fs::write(
        tree.path("lib-2/src/index.ts"),
        "export const lib = 'four';",
    )
    .unwrap();
    let mount = tree.mounter("app/src").mount();
    assert_eq!(mount.state(), state);
    assert!(mount.read(&index).contains("four"));
    mount.stop();
    let out = tree.folder().join("out");
    let built = hookfs()
        .args(["build", "--state"])
        .arg(tree.folder().join("state-2"))
        .arg(tree.path("app/src"))
        .arg(&out)
        .status()
        .unwrap();
    assert!(built.success());
    assert!(
        fs::read_to_string(out.join(&index))
            .unwrap()
            .contains("four")
    );
    assert!(
        fs::read_to_string(out.join("main.css.js"))
            .unwrap()
            .contains("blue")
    );
}

#[test]
fn all_packages_may_lie_in_another_work_tree() {
    let tree = Tree::new(
        "
//- /copy/package.json
{}
//- /copy/package-lock.json
{}
//- /copy/src/main.ts
import { dep } from 'dep';
import './main.css';
console.log(dep);
//- /copy/src/main.css
@import 'dep/dep.css';
//- /copy/src/index.html
<script type=module src=main.ts></script>
//- /main/package.json
{}
//- /main/.env
SECRET=1
//- /main/node_modules/dep/package.json
{\"main\": \"dep.js\"}
//- /main/node_modules/dep/dep.js
import { two } from 'two';
export const dep = 'one' + two;
//- /main/node_modules/dep/dep.css
a { color: red }
//- /main/node_modules/two/index.js
export const two = 2;
",
    );
    symlink("../main/node_modules", tree.path("copy/node_modules")).unwrap();
    let mount = tree.mounter("copy/src").mount();
    let dep = "~root/node_modules/dep/dep.js";
    assert!(mount.read("main.ts.js").contains(&format!("\"./{dep}\"")));
    let text = mount.read(dep);
    assert!(
        text.contains("'one'") && text.contains("../two/index.js"),
        "{text}"
    );
    assert!(mount.read("main.css").contains("red"));
    let bundle = mount.read("~bundle/main.ts.js").replace('"', "'");
    assert!(bundle.contains("'one'"), "{bundle}");
    assert_eq!(errno(fs::read(mount.output("~root/.env"))), libc::ENOENT);

    // An edit there, another version of a package, another folder.
    fs::write(
        tree.path("main/node_modules/dep/dep.css"),
        "a { color: blue }\n",
    )
    .unwrap();
    assert!(mount.read("main.css").contains("blue"));
    fs::remove_dir_all(tree.path("main/node_modules/dep")).unwrap();
    assert_eq!(errno(fs::read(mount.output("main.ts.js"))), libc::EIO);
    tree.write(
        "main/node_modules/dep/index.js",
        "export const dep = 'two';",
    );
    assert!(
        mount
            .read("main.ts.js")
            .contains("node_modules/dep/index.js")
    );
    tree.write(
        "other/node_modules/dep/index.js",
        "export const dep = 'three';",
    );
    fs::remove_file(tree.path("copy/node_modules")).unwrap();
    symlink("../other/node_modules", tree.path("copy/node_modules")).unwrap();
    let text = mount.read("~root/node_modules/dep/index.js");
    assert!(text.contains("three"), "{text}");
    mount.stop();
}

/// `npm i ./libs/lib`: no member of a workspace, and in the project.
#[test]
fn a_folder_of_the_project_that_is_installed_is_a_package() {
    let tree = Tree::new(
        "//- /package.json\n{ \"name\": \"app\", \"dependencies\": { \"lib\": \"file:./libs/lib\" } }\n\
         //- /src/main.ts\nimport { one } from 'lib';\nexport default one;\n\
         //- /libs/lib/package.json\n{ \"name\": \"lib\", \"type\": \"module\", \"exports\": \"./one.js\" }\n\
         //- /libs/lib/one.js\nexport const one = 1;\n\
         //- /libs/other/two.js\nexport const two = 2;\n",
    );
    fs::create_dir(tree.path("node_modules")).unwrap();
    symlink("../libs/lib", tree.path("node_modules/lib")).unwrap();
    let mount = tree.mounter("src").mount();
    let main = mount.read("main.ts");
    assert!(main.contains("\"./~root/libs/lib/one.js\""), "{main}");
    assert!(mount.read("~root/libs/lib/one.js").contains("one = 1"));
    assert!(fs::read(mount.output("~root/libs/other/two.js")).is_err());
}

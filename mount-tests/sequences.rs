//! What happens to real trees: packages replaced, links retargeted, configurations edited, branches switched. Each step
//! shows at once, and a step back runs nothing.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{Mount, Tree, errno};

/// Reads `name`, and what it imports: that is compiled ahead, and would otherwise be run for the first time whenever
/// there is time for it.
#[track_caller]
fn read(mount: &Mount, name: &str, imported: &str) -> String {
    let code = mount.read(name);
    assert!(
        code.contains(imported.trim_start_matches("~root/")),
        "{code}"
    );
    mount.read(imported);
    code
}

/// `name` gives what it gave before, and nothing runs for it.
#[track_caller]
fn undone(mount: &Mount, name: &str, before: &str) {
    let (ran, now) = mount.ran(|| mount.read(name));
    assert_eq!(now, before);
    assert_eq!(ran, 0, "{name} ran again for what it had seen");
}

#[test]
fn a_package_is_replaced_and_linked_elsewhere() {
    let tree = Tree::new(
        "//- /package.json\n{}\n//- /src/main.ts\nimport { a } from 'lib';\nexport const x = a;\n\
         //- /node_modules/.pnpm/v1/lib/package.json\n{ \"exports\": \"./i.js\" }\n\
         //- /node_modules/.pnpm/v1/lib/i.js\nexport const a = 1;\n\
         //- /node_modules/.pnpm/v2/lib/package.json\n{ \"exports\": \"./j.js\" }\n\
         //- /node_modules/.pnpm/v2/lib/j.js\nexport const a = 2;\n",
    );
    let link = tree.path("node_modules/lib");
    let retarget = |target: &str| {
        let next = tree.path("node_modules/next");
        symlink(target, &next).unwrap();
        fs::rename(&next, &link).unwrap();
    };
    let mount = tree.mounter("src").mount();
    assert_eq!(errno(fs::read(mount.output("main.ts.js"))), libc::EIO);
    retarget(".pnpm/v1/lib");
    let first = read(&mount, "main.ts.js", "~root/node_modules/.pnpm/v1/lib/i.js");
    retarget(".pnpm/v2/lib");
    let second = read(&mount, "main.ts.js", "~root/node_modules/.pnpm/v2/lib/j.js");
    retarget(".pnpm/v1/lib");
    undone(&mount, "main.ts.js", &first);

    // A folder in place of the link, and the link again.
    fs::remove_file(&link).unwrap();
    tree.write("node_modules/lib/package.json", "{ \"main\": \"k.js\" }");
    tree.write("node_modules/lib/k.js", "export const a = 3;\n");
    read(&mount, "main.ts.js", "~root/node_modules/lib/k.js");
    fs::remove_dir_all(&link).unwrap();
    assert_eq!(errno(fs::read(mount.output("main.ts.js"))), libc::EIO);
    retarget(".pnpm/v2/lib");
    undone(&mount, "main.ts.js", &second);

    // All of node_modules goes and comes back.
    let aside = tree.folder().join("aside");
    fs::rename(tree.path("node_modules"), &aside).unwrap();
    assert_eq!(errno(fs::read(mount.output("main.ts.js"))), libc::EIO);
    fs::rename(&aside, tree.path("node_modules")).unwrap();
    undone(&mount, "main.ts.js", &second);
}

#[test]
fn the_middle_of_a_chain_of_configurations_comes_and_goes() {
    let tree = Tree::new(
        "//- /package.json\n{}\n//- /tsconfig.json\n{ \"extends\": \"./conf/middle.json\" }\n\
         //- /conf/base.json\n{ \"compilerOptions\": { \"target\": \"es2020\" } }\n\
         //- /src/a.ts\nexport class A { x = 1 }\n",
    );
    let mount = tree.mounter("src").mount();
    assert_eq!(errno(fs::read(mount.output("a.ts.js"))), libc::EIO);
    tree.write("conf/middle.json", "{ \"extends\": \"./base.json\" }");
    let assigned = mount.read("a.ts.js");
    assert!(assigned.contains("this.x = 1"), "{assigned}");
    tree.write(
        "conf/base.json",
        "{ \"compilerOptions\": { \"target\": \"esnext\" } }",
    );
    let defined = mount.read("a.ts.js");
    assert!(!defined.contains("this.x"), "{defined}");
    tree.write(
        "conf/base.json",
        "{ \"compilerOptions\": { \"target\": \"es2020\" } }\n",
    );
    undone(&mount, "a.ts.js", &assigned);
    fs::remove_file(tree.path("conf/middle.json")).unwrap();
    assert_eq!(errno(fs::read(mount.output("a.ts.js"))), libc::EIO);
    tree.write(
        "src/tsconfig.json",
        "{ \"compilerOptions\": { \"target\": \"esnext\" } }",
    );
    assert!(!mount.read("a.ts.js").contains("this.x"));
}

#[test]
fn names_change_their_case_and_their_kind() {
    let tree = Tree::new(
        "//- /main.ts\nimport { x } from './part';\nexport const y = x;\n//- /part/index.ts\nexport const x = 1;\n",
    );
    let mount = tree.mounter("").mount();
    let main = || fs::read(mount.output("main.ts.js"));
    let first = read(&mount, "main.ts.js", "part/index.ts.js");
    fs::rename(tree.path("part"), tree.path("Part")).unwrap();
    assert_eq!(errno(main()), libc::EIO);
    assert_eq!(
        errno(fs::read(mount.output("part/index.ts.js"))),
        libc::ENOENT
    );
    fs::rename(tree.path("Part"), tree.path("part")).unwrap();
    undone(&mount, "main.ts.js", &first);

    tree.write("part.ts", "export const x = 2;\n");
    read(&mount, "main.ts.js", "part.ts.js");
    fs::remove_file(tree.path("part.ts")).unwrap();
    undone(&mount, "main.ts.js", &first);

    fs::rename(tree.path("part"), tree.path("other")).unwrap();
    symlink("other", tree.path("part")).unwrap();
    read(&mount, "main.ts.js", "other/index.ts.js");
    fs::remove_file(tree.path("part")).unwrap();
    fs::create_dir(tree.path("part.ts")).unwrap();
    assert_eq!(errno(main()), libc::EIO);
    fs::remove_dir(tree.path("part.ts")).unwrap();
    fs::rename(tree.path("other"), tree.path("part")).unwrap();
    undone(&mount, "main.ts.js", &first);
}

#[test]
fn branches_are_switched_under_readers_and_back_for_nothing() {
    const FILES: u32 = 60;
    let tree = Tree::new("//- /package.json\n{}\n");
    let branch = |name: &str| {
        for number in 0..FILES {
            let text = format!("export const from: string = '{name} {number}';\n");
            tree.write(&format!("src/m{number}.ts"), text);
        }
    };
    branch("a");
    let mount = tree.mounter("src").mount();
    let all = || -> Vec<String> {
        let read = |number| mount.read(&format!("m{number}.ts.js"));
        (0..FILES).map(read).collect()
    };
    let first = all();
    branch("b");
    let second = all();
    assert!(second.iter().all(|code| code.contains("'b ")));
    branch("a");
    let (ran, back) = mount.ran(all);
    assert_eq!(ran, 0, "the branch had been seen");
    assert_eq!(back, first);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            for number in (0..FILES).cycle().take(600) {
                // A file may be half written; what opens is one of the two, or empty.
                let name = format!("m{number}.ts.js");
                let Ok(code) = fs::read_to_string(mount.output(&name)) else {
                    continue;
                };
                let index = number as usize;
                let known = code == first[index] || code == second[index];
                assert!(known || !code.contains("from"), "{name}: {code}");
            }
        });
        for name in ["b", "a", "b"] {
            branch(name);
        }
        if let Err(panic) = reader.join() {
            std::panic::resume_unwind(panic);
        }
    });
    let (ran, now) = mount.ran(all);
    assert_eq!(now, second);
    assert_eq!(ran, 0, "both branches had been seen");
}

//! Links out of the sources that `--allow` lets be followed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::hot::APP;
use crate::hot_served::{of_server, serve};
use crate::support::{Loaded, Mount, NOBODY, Tab, Tree, as_user, errno, hookfs, is_root};

/// `app/src` is served; `ours` may be allowed, and `theirs` is not.
const FILES: &str = "
//- /app/package.json
{\"workspaces\": []}
//- /app/src/index.html
<script type=module src=main.ts></script>
//- /app/src/main.ts
import { button } from './ui/button';
import { one } from './one';
import logo from './logo.svg';
import './ui/ui.css';
console.log(button, one, logo);
//- /app/src/list.json.hook.ts
export default ({ glob, list }) => JSON.stringify([glob('/**/*.svg'), list('/').map(({ name, kind }) => `${name} ${kind}`)]);
//- /ours/ui/button.ts
import { near } from './near';
export const button: string = 'button ' + near;
//- /ours/ui/near.ts
export const near: string = 'near';
//- /ours/ui/ui.css
a { background: url(pic.svg) }
//- /ours/ui/pic.svg
<svg id='pic'/>
//- /ours/ui/.env
SECRET=1
//- /ours/one.ts
export const one: string = 'one';
//- /ours/other.ts
export const other: string = 'beside';
//- /ours/logo.svg
<svg/>
//- /ours/.env
SECRET=1
//- /theirs/secret.ts
export const secret = 42;
";

fn tree() -> Tree {
    let tree = Tree::new(FILES);
    link(&tree, "../../ours/ui", "ui");
    link(&tree, tree.path("ours/one.ts"), "one.ts");
    link(&tree, "../../ours/logo.svg", "logo.svg");
    tree
}

/// Makes a link in SRC, in the place of one that may be there.
fn link(tree: &Tree, to: impl AsRef<Path>, name: &str) {
    let link = tree.path("app/src").join(name);
    let _ = fs::remove_file(&link);
    symlink(to, link).unwrap();
}

fn mount(tree: &Tree) -> Mount {
    let ours = tree.path("ours");
    let mounter = tree.mounter("app/src");
    mounter
        .argument("--allow")
        .argument(ours.to_str().unwrap())
        .mount()
}

fn missing(mount: &Mount, name: &str) {
    assert_eq!(errno(fs::read(mount.output(name))), libc::ENOENT, "{name}");
}

/// A command about SRC, with the state of the mount.
fn about(tree: &Tree, arguments: &[&str], options: &[&str]) -> Command {
    let mut command = hookfs();
    command
        .args(arguments)
        .args(options)
        .current_dir(tree.project())
        .args(["--state", tree.folder().join("state").to_str().unwrap()]);
    command
}

fn said(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn a_link_that_is_allowed_is_what_it_leads_to() {
    let tree = tree();
    let mount = mount(&tree);
    let main = mount.read("main.ts.js");
    for part in [
        "\"./ui/button.ts.js\"",
        "\"./one.ts.js\"",
        "\"./logo.svg.js\"",
    ] {
        assert!(main.contains(part), "{main}");
    }
    assert!(mount.read("ui/button.ts.js").contains("'button '"));
    assert!(mount.read("one.ts").contains("'one'"));
    assert_eq!(mount.read("logo.svg"), "<svg/>\n");
    assert_eq!(mount.read("ui/pic.svg"), "<svg id='pic'/>\n");
    assert!(mount.read("~bundle/main.ts.js").contains("near"));
    let list = mount.read("list.json");
    assert_eq!(
        list,
        "[[\"/logo.svg\",\"/ui/pic.svg\"],[\"index.html file\",\"list.json.hook.ts file\",\"logo.svg file\",\"main.ts file\",\"one.ts file\",\"ui dir\"]]"
    );
    // Kinds and permissions are those of what it leads to.
    let kind = |name: &str| {
        let found = fs::symlink_metadata(mount.output(name)).unwrap();
        let listed = fs::read_dir(mount.output("")).unwrap();
        let mut listed = listed.map(Result::unwrap);
        let listed = listed.find(|entry| entry.file_name() == name).unwrap();
        assert_eq!(listed.file_type().unwrap(), found.file_type(), "{name}");
        (found.is_dir(), found.permissions().mode() & 0o777)
    };
    fs::set_permissions(
        tree.path("ours/logo.svg"),
        fs::Permissions::from_mode(0o640),
    )
    .unwrap();
    fs::set_permissions(tree.path("ours/ui"), fs::Permissions::from_mode(0o750)).unwrap();
    assert_eq!(kind("ui"), (true, 0o550));
    assert_eq!(kind("logo.svg"), (false, 0o440));
    // The source's side shows what is on disk.
    for name in ["ui", "one.ts"] {
        let on_disk = fs::read_link(tree.path("app/src").join(name)).unwrap();
        assert_eq!(fs::read_link(mount.source(name)).unwrap(), on_disk);
    }
    // Nothing beside it, and nothing hidden.
    for name in ["other.ts", "ui/.env", "ui/../other.ts", ".env"] {
        missing(&mount, name);
    }

    // The commands ask the daemon, or say what they want themselves.
    let cat = ["cat", "app/src", "ui/near.ts"];
    assert!(said(&mut about(&tree, &cat, &[])).1.contains("near"));
    let with = ["--production", "--allow", "ours"];
    assert!(said(&mut about(&tree, &cat, &with)).1.contains("near"));
    assert!(!said(&mut about(&tree, &cat, &["--production"])).0);
    mount.stop();
    assert!(!said(&mut about(&tree, &cat, &[])).0);
    assert!(
        said(&mut about(&tree, &cat, &["--allow", "ours"]))
            .1
            .contains("near")
    );
    let run = ["run", "app/src", "ui/button.ts"];
    let (is_well, text) = said(&mut about(&tree, &run, &["--allow", "ours"]));
    assert!(is_well, "{text}");
    let (is_well, text) = said(&mut about(&tree, &run, &[]));
    assert!(!is_well && text.contains("no such module"), "{text}");
    let out = tree.folder().join("out");
    let build = ["build", "app/src", out.to_str().unwrap()];
    assert!(said(&mut about(&tree, &build, &["--allow", "ours"])).0);
    assert!(
        fs::read_to_string(out.join("ui/near.ts.js"))
            .unwrap()
            .contains("near")
    );
    assert!(out.join("one.ts.js").is_file());
}

#[test]
fn what_is_behind_a_link_is_never_stale() {
    let tree = tree();
    let mount = mount(&tree);
    assert!(mount.read("ui/button.ts.js").contains("'button '"));
    for round in 0..5 {
        tree.write("ours/one.ts", format!("export const one = 'edit {round}';"));
        assert!(mount.read("one.ts").contains(&format!("edit {round}")));
        tree.write("ours/.tmp", format!("export const one = 'move {round}';"));
        fs::rename(tree.path("ours/.tmp"), tree.path("ours/one.ts")).unwrap();
        assert!(mount.read("one.ts").contains(&format!("move {round}")));
        tree.write("ours/ui/pic.svg", format!("<svg id='{round}'/>"));
        assert_eq!(mount.read("ui/pic.svg"), format!("<svg id='{round}'/>"));
        assert!(
            mount
                .read("~bundle/main.ts.js")
                .contains(&format!("move {round}"))
        );
    }
    // Another link.
    tree.write("ours/ui-2/button.ts", "export const button = 'second';");
    tree.write("ours/ui-2/ui.css", "b {}");
    link(&tree, "../../ours/ui-2", "ui");
    assert!(mount.read("ui/button.ts.js").contains("second"));
    missing(&mount, "ui/near.ts.js");
    link(&tree, "../../ours/other.ts", "one.ts");
    assert!(mount.read("one.ts").contains("beside"));
    assert_eq!(errno(fs::read(mount.output("main.ts.js"))), libc::EIO);
    mount.wait_said("cannot import `one` from `./one`");
    link(&tree, "../../ours/one.ts", "one.ts");
    assert!(mount.read("main.ts.js").contains("./one.ts.js"));
    // A folder and a file in its place, then not allowed, then nothing.
    fs::remove_file(tree.path("app/src/ui")).unwrap();
    tree.write("app/src/ui/button.ts", "export const button = 'own';");
    assert!(mount.read("ui/button.ts.js").contains("own"));
    fs::remove_dir_all(tree.path("app/src/ui")).unwrap();
    link(&tree, "../../theirs", "ui");
    missing(&mount, "ui/secret.ts");
    link(&tree, "../../ours/ui", "ui");
    assert!(mount.read("ui/button.ts.js").contains("'button '"));
    fs::rename(tree.path("ours/ui"), tree.path("ours/ui-3")).unwrap();
    missing(&mount, "ui/button.ts.js");
    fs::rename(tree.path("ours/ui-3"), tree.path("ours/ui")).unwrap();

    // Over a restart nothing is computed again, but what has changed.
    mount.read("ui/button.ts.js");
    mount.read("one.ts");
    mount.settled();
    mount.stop();
    tree.write("ours/one.ts", "export const one = 'while away';");
    let mount = self::mount(&tree);
    let (ran, _) = mount.ran(|| mount.read("ui/near.ts.js"));
    assert_eq!(ran, 0);
    assert!(mount.read("one.ts").contains("while away"));
    mount.stop();
}

#[test]
fn what_is_not_allowed_is_not_followed() {
    let tree = tree();
    let theirs = tree.path("theirs");
    link(&tree, &theirs, "theirs");
    link(&tree, theirs.join("secret.ts"), "secret.ts");
    link(&tree, "../../ours/.env", "env.txt");
    link(&tree, "../../ours/../theirs", "up");
    link(&tree, "../../..", "around");
    link(&tree, "/proc/self/root", "proc");
    symlink(&theirs, tree.path("ours/ui/out")).unwrap();
    symlink("../../theirs/secret.ts", tree.path("ours/ui/out.ts")).unwrap();
    symlink("../ui", tree.path("ours/ui/again")).unwrap();
    let refused = [
        "theirs/secret.ts",
        "secret.ts.js",
        "up/secret.ts",
        "around/project/theirs/secret.ts",
        "ui/out/secret.ts",
        "ui/out.ts.js",
    ];
    let mount = mount(&tree);
    let refuses = || {
        for name in refused {
            let read = fs::read(mount.output(name));
            // A link whose text leads there is followed by the kernel, to the source itself; nothing of it is computed.
            let text = String::from_utf8(read.unwrap_or_default()).unwrap();
            assert!(!text.contains("sourceMappingURL"), "{name}: {text}");
        }
        for name in [
            "theirs",
            "secret.ts",
            "up",
            "around",
            "proc",
            "env.txt",
            "ui/out",
            "ui/out.ts",
        ] {
            let found = fs::symlink_metadata(mount.output(name)).unwrap();
            assert!(found.is_symlink(), "{name}");
        }
    };
    refuses();
    assert!(fs::read_dir(mount.output("ui/again/again/again")).is_ok());
    let mut cat = about(&tree, &["cat", "app/src", "secret.ts"], &[]);
    assert!(!said(&mut cat).0);
    let out = tree.folder().join("out");
    let build = ["build", "--all", "app/src", out.to_str().unwrap()];
    said(&mut about(&tree, &build, &[]));
    assert!(out.join("ui/near.ts.js").is_file());
    let found = Command::new("grep")
        .args(["-rlE", "secret = 42|SECRET"])
        .arg(&out)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
    mount.stop();

    // Nothing at all without the option.
    let mount = tree.mounter("app/src").mount();
    for name in ["ui", "one.ts", "logo.svg"] {
        let found = fs::symlink_metadata(mount.output(name)).unwrap();
        assert!(found.is_symlink(), "{name}");
    }
    assert_eq!(errno(fs::read(mount.output("main.ts.js"))), libc::EIO);
    mount.wait_said("name with `--allow DIR` the folder that it leads to");
    mount.stop();
}

#[test]
fn a_folder_may_hold_the_sources_and_the_mount() {
    let tree = tree();
    link(&tree, "../../ours", "all");
    link(&tree, tree.folder().join("mnt"), "mnt");
    link(&tree, tree.folder().join("state"), "state");
    link(&tree, tree.project(), "around");
    let mounter = tree.mounter("app/src");
    let mount = mounter
        .argument("--allow")
        .argument(tree.folder().to_str().unwrap())
        .argument("--allow")
        .argument("/")
        .mount();
    assert!(mount.read("ui/near.ts.js").contains("near"));
    assert!(mount.read("all/one.ts").contains("'one'"));
    for name in ["mnt", "state", "around"] {
        let found = fs::symlink_metadata(mount.output(name)).unwrap();
        assert!(found.is_symlink(), "{name}");
    }
    let list = mount.read("list.json");
    assert!(list.contains("mnt symlink"), "{list}");
    tree.write("ours/one.ts", "export const one = 'two';");
    assert!(mount.read("all/one.ts").contains("two"));
    assert!(mount.read("one.ts").contains("two"));
    mount.stop();
    for (folder, reason) in [
        ("none", "no such file"),
        ("app/package.json", "not a folder"),
    ] {
        let cat = ["cat", "app/src", "main.ts"];
        let mut command = about(&tree, &cat, &["--allow", folder]);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            text.contains("cannot allow `") && text.contains(reason),
            "{text}"
        );
    }
}

#[test]
fn pages_that_are_served_hear_of_edits_behind_a_link() {
    let tree = Tree::new(APP);
    let ours = tree.folder().join("ours");
    fs::create_dir_all(ours.join("deep")).unwrap();
    let write = |name: &str, text: &str| fs::write(ours.join(name), text).unwrap();
    write("a.ts", "export const a: string = 'a1';");
    write("deep/b.ts", "export const b: string = 'b1';");
    write("deep/c.ts", "export const b: string = 'c1';");
    for name in ["a.ts", "b.ts"] {
        fs::remove_file(tree.path(name)).unwrap();
    }
    symlink("../ours/a.ts", tree.path("a.ts")).unwrap();
    symlink(ours.join("deep"), tree.path("deep")).unwrap();
    tree.write("b.ts", "export { b } from './deep/b';");
    let served = serve(&tree, &["--allow", ours.to_str().unwrap()]);
    let mut tab = Tab::ready(Loaded::page(&of_server(&served)), served.port());
    write("a.ts", "export const a: string = 'a2';");
    tab.until_text("/a.ts.js", "a2");
    write("deep/b.ts", "export const b: string = 'b2';");
    tab.until_text("/deep/b.ts.js", "b2");
    write("next.ts", "export const a: string = 'a3';");
    fs::rename(ours.join("next.ts"), ours.join("a.ts")).unwrap();
    tab.until_text("/a.ts.js", "a3");
    write("next.ts", "export const a: string = 'a4';");
    fs::remove_file(tree.path("a.ts")).unwrap();
    symlink("../ours/next.ts", tree.path("a.ts")).unwrap();
    tab.until_text("/a.ts.js", "a4");
    tab.until_now(&of_server(&served));
    assert_eq!(served.get("/deep/b.ts").status, 200);
    for name in [
        "/next.ts",
        "/deep/../next.ts",
        "/deep/%2e%2e/next.ts",
        "/deep/..%2fnext.ts",
    ] {
        assert_ne!(served.get(name).status, 200, "{name}");
    }
    served.stop();
}

/// Needs a second user, whom only root can be.
#[test]
fn a_closed_folder_on_the_way_of_a_link_is_closed_to_others() {
    if !is_root() {
        eprintln!("not run: only root can be other users");
        return;
    }
    let tree = tree();
    tree.write("ours/closed/s.ts", "export const s: number = 42;\n");
    tree.write(
        "app/src/use.ts",
        "import { s } from './s';\nconsole.log(s);\n",
    );
    tree.open_to_all();
    link(&tree, "../../ours/closed/s.ts", "s.ts");
    link(&tree, "../../ours/closed", "all");
    let closed = |mode| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(tree.path("ours/closed"), permissions).unwrap();
    };
    closed(0o700);
    let ours = tree.path("ours");
    let mounter = tree.mounter("app/src").argument("--allow-other");
    let mounter = mounter.argument("--allow");
    let mount = mounter.argument(ours.to_str().unwrap()).mount();
    let names = ["s.ts.js", "all/s.ts.js", "~bundle/use.ts.js"];
    for name in names {
        assert!(mount.read(name).contains("42"), "{name}");
    }
    as_user(NOBODY, || {
        for name in names {
            assert_eq!(errno(fs::read(mount.output(name))), libc::EACCES, "{name}");
        }
        assert!(
            mount.read("one.ts.js").contains("'one'")
                || mount.read("one.ts.js").contains("\"one\"")
        );
    });
    closed(0o755);
    as_user(NOBODY, || assert!(mount.read("s.ts.js").contains("42")));
}

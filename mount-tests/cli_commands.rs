//! What the commands do, with a daemon and without one.

use std::fs;
use std::process::{Command, Stdio};

use crate::cli_readme::Mounted;
use crate::support::{Tree, hookfs, is_mounted, wait_for};

const FILES: &str = "
//- /src/main.ts
import { b } from './ui/b';
export const a: number = b;
//- /src/ui/b.ts
export const b: number = 41;
//- /src/data.bin
raw
";

/// What it prints, where it succeeds.
#[track_caller]
fn text(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// A command about the tree, with its state.
fn about(tree: &Tree, arguments: &[&str]) -> Command {
    let mut command = hookfs();
    command
        .args(arguments)
        .current_dir(tree.folder())
        .args(["--state", tree.folder().join("state").to_str().unwrap()]);
    command
}

#[test]
fn cat_gives_what_the_mount_gives() {
    let tree = Tree::new(FILES);
    let alone = text(&mut about(&tree, &["cat", "project/src", "main.ts"]));
    let mount = tree.mounter("src").mount();
    assert_eq!(mount.read("main.ts"), alone);
    for path in [
        "main.ts",
        "/main.ts",
        "~@/main.ts",
        "main.ts.js",
        "main.ts.js.map",
        "data.bin",
    ] {
        let served = text(&mut about(&tree, &["cat", "project/src", path]));
        let name = path.trim_start_matches("~@").trim_start_matches('/');
        assert_eq!(served, mount.read(name), "{path}");
    }
    tree.write("src/ui/b.ts", "export const b: number = 42;\n");
    assert!(text(&mut about(&tree, &["cat", "project/src", "ui/b.ts"])).contains("42"));
    mount.stop();
}

#[test]
fn options_of_a_command_hold_beside_a_mount_with_others() {
    let tree = Tree::new("//- /src/a.ts\nexport const mode = process.env.NODE_ENV;\n");
    let mount = tree.mounter("src").mount();
    assert!(mount.read("a.ts").contains("\"development\""));
    let production = text(&mut about(
        &tree,
        &["cat", "--production", "project/src", "a.ts"],
    ));
    assert!(production.contains("\"production\""), "{production}");
    assert!(mount.read("a.ts").contains("\"development\""));
    mount.stop();
}

#[test]
fn many_commands_at_once_are_all_answered() {
    let tree = Tree::new(FILES);
    let running: Vec<_> = (0..6)
        .map(|_| {
            about(&tree, &["cat", "project/src", "main.ts"])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in running {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains("./ui/b.ts.js"));
    }
}

#[test]
fn build_writes_what_changed_and_nothing_else() {
    let tree = Tree::new(FILES);
    let build = || about(&tree, &["build", "project/src", "out"]);
    let out = tree.folder().join("out");
    assert_eq!(text(&mut build()), "9 written, 0 unchanged in out\n");
    let mount = tree.mounter("src").mount();
    for name in [
        "main.ts",
        "main.ts.js",
        "main.ts.js.map",
        "ui/b.ts",
        "data.bin",
    ] {
        assert_eq!(
            fs::read_to_string(out.join(name)).unwrap(),
            mount.read(name),
            "{name}"
        );
    }
    // Through the daemon now, with nothing changed.
    assert_eq!(text(&mut build()), "0 written, 9 unchanged in out\n");
    tree.write("src/data.bin", "other");
    fs::write(out.join("main.ts"), "meddled with").unwrap();
    // The module of the file's URL holds its hash, which is the name of a copy of it.
    assert_eq!(
        text(&mut build()),
        "4 written, 5 unchanged, 1 removed in out\n"
    );
    assert_eq!(
        fs::read_to_string(out.join("main.ts")).unwrap(),
        mount.read("main.ts")
    );
    mount.stop();
    fs::remove_file(tree.path("src/data.bin")).unwrap();
    assert_eq!(
        text(&mut build()),
        "0 written, 6 unchanged, 3 removed in out\n"
    );
    assert!(!out.join("data.bin").exists());
}

#[test]
fn build_writes_the_good_outputs_and_tells_of_the_bad() {
    let tree = Tree::new(FILES);
    let build = || {
        about(&tree, &["build", "project/src", "out"])
            .output()
            .unwrap()
    };
    assert!(build().status.success());
    tree.write("src/ui/b.ts", "export const b = ;\n");
    let output = build();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("/ui/b.ts:1:18"), "{said}");
    let out = tree.folder().join("out");
    assert!(out.join("main.ts").exists());
    assert!(
        !out.join("ui/b.ts").exists(),
        "an old output in place of an error"
    );
}

#[test]
fn a_daemon_in_the_background_is_ready_when_the_command_returns() {
    let tree = Tree::new(FILES);
    let point = tree.folder().join("mnt");
    fs::create_dir(&point).unwrap();
    let _mounted = Mounted(point.clone());
    tree.write("src/~@", "hidden");
    let mounting = about(&tree, &["mount", "--daemon", "project/src", "mnt"])
        .output()
        .unwrap();
    let warned = String::from_utf8_lossy(&mounting.stderr).into_owned();
    assert!(warned.contains("~@` is hidden by the outputs"), "{warned}");
    let ready = String::from_utf8(mounting.stdout).unwrap();
    assert!(ready.contains("is mounted at"), "{ready}");
    assert!(ready.contains("try: cat "), "{ready}");
    assert!(
        fs::read_to_string(point.join("~@/main.ts"))
            .unwrap()
            .contains("./ui/b.ts.js")
    );
    let status = text(hookfs().args(["status", "--json"]).arg(&point));
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["mode"], "exact");
    assert!(tree.folder().join("state/log").exists());

    // A second one on the same state is refused, and says who has it.
    fs::create_dir(tree.folder().join("other")).unwrap();
    let second = about(&tree, &["mount", "--daemon", "project/src", "other"])
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(3));
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(
        said.contains(&format!("in use by process {}", status["pid"])),
        "{said}"
    );

    // Busy: refused, and unharmed.
    let open = fs::File::open(point.join("main.ts")).unwrap();
    let busy = hookfs().arg("unmount").arg(&point).output().unwrap();
    assert_eq!(busy.status.code(), Some(3));
    let said = String::from_utf8_lossy(&busy.stderr).into_owned();
    assert!(said.contains(&std::process::id().to_string()), "{said}");
    assert!(point.join("main.ts").exists());
    drop(open);
    wait_for("the unmount", || {
        hookfs()
            .arg("unmount")
            .arg(&point)
            .output()
            .unwrap()
            .status
            .success()
            .then_some(())
    });
    assert!(!is_mounted(&point));
}

#[test]
fn graph_tells_dependencies_and_freshness() {
    let tree = Tree::new(FILES);
    let mount = tree.mounter("src").mount();
    mount.read("main.ts");
    let root = mount.root().to_owned();
    let report = |path: &str| -> serde_json::Value {
        let text = text(hookfs().args(["graph", "--json"]).arg(&root).arg(path));
        serde_json::from_str(&text).unwrap()
    };
    let main = report("main.ts");
    assert_eq!(main["fresh"], true, "{main}");
    assert!(main["links"].to_string().contains("ui/b.ts"), "{main}");
    assert!(
        main["dependencies"].to_string().contains("content"),
        "{main}"
    );
    let imported = report("ui/b.ts");
    assert_eq!(imported["importers"].to_string(), r#"["module:/main.ts"]"#);
    assert!(
        imported["dependents"]
            .to_string()
            .contains("\"module:/main.ts\""),
        "{imported}"
    );
    let raw = report("data.bin");
    assert_eq!(
        (&raw["fresh"], &raw["size"]),
        (&true.into(), &4.into()),
        "{raw}"
    );
    // What describes the outputs is read in the same way.
    for name in [
        "~graph/ui/b.ts.json",
        "~graph/data.bin.json",
        "~hookfs/errors.json",
    ] {
        assert_eq!(
            text(&mut about(&tree, &["cat", "project/src", name])),
            mount.read(name)
        );
    }
    tree.write("src/main.ts", "export const other = 1;\n");
    let (ran, now) = mount.ran(|| report("main.ts"));
    assert_eq!(ran, 0, "reading a report computes nothing");
    assert_eq!(now["fresh"], false, "{now}");
    let dot = text(hookfs().args(["graph", "--dot"]).arg(&root));
    assert!(
        dot.starts_with("digraph hookfs {\n") && dot.contains("module:"),
        "{dot}"
    );
    mount.stop();
}

#[test]
fn the_cache_is_told_bounded_and_cleared() {
    let tree = Tree::new(FILES);
    let before = text(&mut about(&tree, &["cat", "project/src", "main.ts"]));
    let size = text(&mut about(&tree, &["cache", "project/src"]));
    assert!(!size.starts_with("0 outputs"), "{size}");
    text(&mut about_cache(&tree, &["prune"]));
    assert_eq!(
        text(&mut about(&tree, &["cat", "project/src", "main.ts"])),
        before
    );
    text(&mut about_cache(&tree, &["clear"]));
    let size = text(&mut about(&tree, &["cache", "project/src"]));
    assert!(size.starts_with("0 outputs"), "{size}");
    assert_eq!(
        text(&mut about(&tree, &["cat", "project/src", "main.ts"])),
        before
    );
}

/// `cache` takes its options before the action.
fn about_cache(tree: &Tree, action: &[&str]) -> Command {
    let mut command = about(tree, &["cache", "project/src"]);
    command.args(action);
    command
}

#[test]
fn completions_and_the_manual_name_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            text(hookfs().args(["completions", shell])).contains("unmount"),
            "{shell}"
        );
    }
    let page = text(hookfs().arg("man"));
    assert!(
        page.contains("HOOKFS BUILD") && page.contains("cache\\-size"),
        "the manual page"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let tree = Tree::new("//- /src/big.ts\n");
    let line =
        "export const a: string = 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx';\n".replace(" a:", " aNNN:");
    let source: String = (0..5000)
        .map(|number| line.replace("NNN", &number.to_string()))
        .collect();
    tree.write("src/big.ts", source);
    let mut child = about(&tree, &["cat", "project/src", "big.ts"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_production_build_is_what_a_production_mount_gives() {
    let tree = Tree::new(
        "
        //- /src/main.ts
        /*! a license */
        import './style.css';
        import { helper } from './helper.cjs';
        const message: string = process.env.NODE_ENV;
        export function greet(name: string) { return helper(message + name); }
        //- /src/helper.cjs
        exports.helper = function helper(argument) { return argument; };
        //- /src/style.css
        .button { color: #ff0000; background: url('./a b.svg') }
        //- /src/a b.svg
        <svg/>
        ",
    );
    let build = |options: &[&str]| {
        let arguments = [&["build", "--all"], options, &["project/src", "out"]].concat();
        text(&mut about(&tree, &arguments))
    };
    build(&[]);
    let read = |name: &str| fs::read_to_string(tree.folder().join("out").join(name)).unwrap();
    let long = read("main.ts.js");
    assert!(build(&["--production"]).contains(" written, "));
    let names = [
        "main.ts.js",
        "main.ts.js.map",
        "helper.cjs.js",
        "helper.cjs.commonjs.js",
        "style.css",
        "style.css.js",
    ];
    let mount = tree.mounter("src").argument("--production").mount();
    for name in names {
        assert_eq!(read(name), mount.read(name), "{name}");
    }
    let code = read("main.ts.js");
    assert!(code.len() < long.len(), "{code}");
    assert!(code.contains("export function greet("), "{code}");
    assert!(
        code.contains("production") && !code.contains("message"),
        "{code}"
    );
    assert!(code.contains("/*! a license */"), "{code}");
    let style = read("style.css");
    let (_, hash) = style.split_once(".v").expect("a version");
    let style = style.replace(&hash[..16], "#");
    insta::assert_snapshot!(style, @r#".button{color:red;background:url("./a%20b.v#.svg")}"#);
    assert!(build(&["--production"]).starts_with("0 written, "));
}

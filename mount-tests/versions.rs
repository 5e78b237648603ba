//! Versions by name: each is exactly that version, for as long as it is kept, or there is no such name.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Output;

use crate::support::{Mount, Tree, errno, hookfs};

const APP: &str = "//- /package.json\n{}\n\
    //- /index.html\n<!doctype html>\n<link rel=\"stylesheet\" href=\"/src/style.css\">\n<img src=\"/icon.svg\">\n<script type=\"module\" src=\"/src/main.ts\"></script>\n\
    //- /public/icon.svg\n<svg/>\n\
    //- /src/main.ts\nimport './a';\nnew Worker(new URL('./w.ts', import.meta.url), { type: 'module' });\n\
    //- /src/a.ts\nexport const a: number = 1;\n\
    //- /src/style.css\n.a { color: red }\n\
    //- /src/w.ts\nimport { b } from './b';\npostMessage(b);\n\
    //- /src/b.ts\nexport const b = 1;\n";

/// 2001-01-01 at 00:00 UTC.
const LONG_AGO: i64 = 978_307_200;

/// The name in a text that begins and ends so, with a hash between.
#[track_caller]
fn named(text: &str, stem: &str, extension: &str) -> String {
    let names = text.split(['"', '(', ')']);
    let is_it = |name: &&str| {
        let rest = name.trim_start_matches("./").strip_prefix(stem);
        let hash = rest.and_then(|rest| rest.strip_prefix(".v")?.strip_suffix(extension));
        hash.is_some_and(|hash| hash.len() == 16)
    };
    let mut found = names.filter(is_it);
    match found.next() {
        Some(name) => name.trim_start_matches("./").to_owned(),
        None => panic!("no {stem}.v….{extension} in {text}"),
    }
}

/// What `hookfs cat` says, of the daemon where one runs.
fn cat(tree: &Tree, name: &str) -> Output {
    let mut command = hookfs();
    command.arg("cat").arg(tree.project()).arg(name);
    command.arg("--state").arg(tree.folder().join("state"));
    command.output().unwrap()
}

fn module(mount: &Mount, stem: &str) -> String {
    named(&mount.read("index.html"), stem, ".js")
}

#[test]
fn a_version_stays_what_it_is_through_edits_undos_and_a_restart() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let first = module(&mount, "src/a.ts");
    let text = mount.read(&first);
    assert_eq!(text, mount.read("src/a.ts.js"));
    let of = |name: &str| fs::metadata(mount.output(name)).unwrap();
    let (version, plain) = (of(&first), of("src/a.ts.js"));
    assert_eq!((version.mtime(), version.mtime_nsec()), (LONG_AGO, 0));
    assert!(plain.mtime() > LONG_AGO);
    assert_ne!(version.ino(), plain.ino());
    assert_eq!(version.len(), plain.len());
    assert_eq!(
        errno(
            fs::OpenOptions::new()
                .write(true)
                .open(mount.output(&first))
        ),
        libc::EROFS
    );

    tree.write("src/a.ts", "export const a: number = 22;\n");
    assert_eq!(
        mount.read(&first),
        text,
        "before anybody has asked for the new one"
    );
    let second = module(&mount, "src/a.ts");
    assert_ne!(first, second);
    let check = |mount: &Mount| {
        assert_eq!(mount.read(&first), text);
        assert!(mount.read(&second).contains("a = 22"));
    };
    check(&mount);
    tree.write("src/a.ts", "export const a: number = 1;\n");
    assert_eq!(
        module(&mount, "src/a.ts"),
        first,
        "an undo gives the old name"
    );
    check(&mount);
    tree.write("src/a.ts", "export const a = ;\n");
    check(&mount);
    mount.stop();

    let mount = tree.mounter("").mount();
    check(&mount);
    assert_eq!(mount.count("computed"), 0);
    tree.write("src/a.ts", "export const a = 3;\n");
    check(&mount);
    for entry in fs::read_dir(mount.output("src")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.contains(".v"), "{name} is listed");
    }
    let output = cat(&tree, &first);
    assert_eq!(String::from_utf8_lossy(&output.stdout), text);
    let report = mount.read(&format!("~graph/{first}.json"));
    assert!(report.contains("\"module:/src/a.ts\""), "{report}");
    mount.stop();
}

#[test]
fn what_is_gone_or_never_was_is_no_name() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let first = module(&mount, "src/a.ts");
    let missing =
        |name: &str| assert_eq!(errno(fs::read(mount.output(name))), libc::ENOENT, "{name}");
    for name in [
        "src/a.ts.v0123456789abcdef.js",
        "src/none.ts.v0123456789abcdef.js",
        "icon.v0123456789abcdef.svg",
        "src/style.v0123456789abcdef.css",
        "src.v0123456789abcdef",
    ] {
        missing(name);
    }
    let output = cat(&tree, "src/a.ts.v0123456789abcdef.js");
    assert!(!output.status.success() && output.stdout.is_empty());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("src/a.ts.v0123456789abcdef.js"), "{said}");

    tree.write("src/a.ts", "export const a: number = 2;\n");
    let second = module(&mount, "src/a.ts");
    mount.stop();
    let clear = hookfs()
        .arg("cache")
        .arg(tree.project())
        .arg("--state")
        .arg(tree.folder().join("state"))
        .arg("clear")
        .status();
    assert!(clear.unwrap().success());
    let mount = tree.mounter("").mount();
    let missing =
        |name: &str| assert_eq!(errno(fs::read(mount.output(name))), libc::ENOENT, "{name}");
    missing(&first);
    // What the sources give now is computed for it, and that there was nothing is not remembered.
    assert!(mount.read(&second).contains("a = 2"));
    tree.write("src/a.ts", "export const a: number = 1;\n");
    assert!(mount.read(&first).contains("a = 1"));
    // A file with this very name is that file.
    tree.write(&second, "export const own = 1;\n");
    assert!(mount.read(&second).contains("own = 1"));
    fs::remove_file(tree.path(&second)).unwrap();
    assert!(mount.read(&second).contains("a = 2"));
    fs::remove_file(tree.path("src/a.ts")).unwrap();
    missing(&first);
    mount.stop();
}

#[test]
fn no_more_than_the_cache_holds_is_kept() {
    let tree = Tree::new(APP);
    let text = |round: u32| {
        format!(
            "export const a: string = '{round}{}';\n",
            "x".repeat(1 << 20)
        )
    };
    tree.write("src/a.ts", text(0));
    let mount = tree.mounter("").argument("--cache-size=1M").mount();
    let mut names = vec![module(&mount, "src/a.ts")];
    for round in 1..6 {
        tree.write("src/a.ts", text(round));
        names.push(module(&mount, "src/a.ts"));
        mount.read(names.last().unwrap());
    }
    mount.stop();
    let mount = tree.mounter("").argument("--cache-size=1M").mount();
    let mut gone = 0;
    for (round, name) in names.iter().enumerate() {
        match fs::read(mount.output(name)) {
            Ok(bytes) => assert!(
                String::from_utf8(bytes)
                    .unwrap()
                    .contains(&format!("'{round}xx"))
            ),
            Err(error) => {
                assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
                gone += 1;
            }
        }
    }
    assert!(gone > 0, "all are there");
    assert!(mount.read(&names[5]).contains("5xx"), "the present one is");
    mount.stop();
}

#[test]
fn styles_images_and_workers_have_versions_too() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let page = mount.read("index.html");
    let style = named(&page, "src/style", ".css");
    let image = named(&page, "icon", ".svg");
    let worker = named(&mount.read("src/main.ts.js"), "w.ts.in-worker", ".js");
    let worker = format!("src/{worker}");
    let own = mount.read(&worker);
    let leaf = format!("src/{}", named(&own, "b.ts.in-worker", ".js"));
    assert!(mount.read(&leaf).contains("b = 1"));
    assert_eq!(mount.read(&image), "<svg/>\n");

    tree.write("src/style.css", ".a { color: blue }\n");
    tree.write("public/icon.svg", "<svg width='1'/>\n");
    tree.write("src/b.ts", "export const b = 2;\n");
    assert!(mount.read(&style).contains("red"));
    assert_eq!(mount.read(&worker), own);
    assert!(mount.read(&leaf).contains("b = 1"));
    // The bytes of a file that is served as it is are kept nowhere else.
    assert_eq!(errno(fs::read(mount.output(&image))), libc::ENOENT);

    let page = mount.read("index.html");
    assert!(
        mount
            .read(&named(&page, "src/style", ".css"))
            .contains("blue")
    );
    assert_eq!(
        mount.read(&named(&page, "icon", ".svg")),
        "<svg width='1'/>\n"
    );
    let now = named(&mount.read("src/main.ts.js"), "w.ts.in-worker", ".js");
    let now = format!("src/{now}");
    assert_ne!(now, worker);
    let leaf = named(&mount.read(&now), "b.ts.in-worker", ".js");
    assert!(mount.read(&format!("src/{leaf}")).contains("b = 2"));
    mount.stop();
}

#[test]
fn a_version_is_no_more_readable_than_its_source() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let first = module(&mount, "src/a.ts");
    let mode = |mode| {
        fs::set_permissions(tree.path("src/a.ts"), fs::Permissions::from_mode(mode)).unwrap()
    };
    let seen = || fs::metadata(mount.output(&first)).unwrap().mode() & 0o777;
    mode(0o640);
    assert_eq!(seen(), 0o440);
    mode(0o600);
    assert_eq!(seen(), 0o400);
    mount.stop();
}

//! Versions by name: each is exactly that version, for as long as it is kept, or there is no such name.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Output;

use crate::support::{Mount, Served, Tree, errno, hookfs};

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
    assert_eq!(mount.read(&image), "<svg/>\n");

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
fn images_are_kept_as_modules_are_up_to_a_size() {
    let tree = Tree::new(
        "//- /package.json\n{}\n\
         //- /index.html\n<!doctype html>\n<img src=\"/icon.svg\">\n<video src=\"/film.mp4\"></video>\n\
         <script type=\"module\" src=\"/main.ts\"></script>\n\
         //- /main.ts\nimport photo from './photo.png';\nconsole.log(photo);\n",
    );
    let film = |byte: u8| vec![byte; (4 << 20) + 1];
    tree.write("public/icon.svg", "<svg/>\n");
    tree.write("public/film.mp4", film(1));
    // What no text is: the largest that is kept.
    let photo = |byte: u8| vec![byte; 4 << 20];
    tree.write("photo.png", photo(0xff));
    let mount = tree.mounter("").mount();
    let names = |mount: &Mount| {
        let page = mount.read("index.html");
        let asset = mount.read("photo.png.js");
        [
            named(&page, "icon", ".svg"),
            named(&asset, "photo", ".png"),
            named(&page, "film", ".mp4"),
        ]
    };
    let bytes = |mount: &Mount, name: &str| fs::read(mount.output(name));
    let [icon, first, old_film] = names(&mount);
    assert_eq!(bytes(&mount, &first).unwrap(), photo(0xff));
    assert_eq!(bytes(&mount, &old_film).unwrap(), film(1));

    // Written in place, and moved into its place; the first reads are of the old names.
    tree.write("photo.png", photo(0xfe));
    tree.write("next.svg", "<svg width='1'/>\n");
    fs::rename(tree.path("next.svg"), tree.path("public/icon.svg")).unwrap();
    tree.write("public/film.mp4", film(2));
    let check = |mount: &Mount| {
        let opened = fs::metadata(mount.output(&icon)).unwrap();
        assert_eq!((opened.mtime(), opened.len()), (LONG_AGO, 7));
        assert_eq!(mount.read(&icon), "<svg/>\n");
        assert_eq!(bytes(mount, &first).unwrap(), photo(0xff));
        let gone = errno(bytes(mount, &old_film));
        assert_eq!(gone, libc::ENOENT, "one so large is kept nowhere else");
    };
    check(&mount);
    let [now, second, new_film] = names(&mount);
    assert_eq!(mount.read(&now), "<svg width='1'/>\n");
    assert_eq!(bytes(&mount, &second).unwrap(), photo(0xfe));
    assert_eq!(bytes(&mount, &new_film).unwrap(), film(2));
    check(&mount);
    let output = cat(&tree, &icon);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "<svg/>\n");
    tree.write("public/icon.svg", "<svg/>\n");
    assert_eq!(names(&mount)[0], icon, "an undo gives the old name");
    tree.write("public/film.mp4", film(1));
    assert_eq!(
        bytes(&mount, &old_film).unwrap(),
        film(1),
        "it is there again"
    );
    tree.write("public/film.mp4", film(2));
    mount.stop();

    let mount = tree.mounter("").mount();
    check(&mount);
    assert_eq!(mount.read(&now), "<svg width='1'/>\n");
    assert_eq!(bytes(&mount, &second).unwrap(), photo(0xfe));
    mount.stop();
    let output = cat(&tree, &now);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "<svg width='1'/>\n"
    );
}

#[test]
fn images_are_kept_where_they_are_served_too() {
    let tree = Tree::new(
        "//- /package.json\n{}\n\
         //- /index.html\n<!doctype html>\n<img src=\"/icon.svg\">\n<img src=\"/large.png\">\n\
         //- /public/icon.svg\n<svg/>\n",
    );
    let large = |byte: u8| vec![byte; (4 << 20) + 1];
    tree.write("public/large.png", large(1));
    let source = tree.project();
    let state = tree.folder().join("state");
    let arguments = [source.to_str().unwrap(), "--port", "0", "--no-hot"];
    let served = Served::start(&source, &state, &arguments);
    let names = || {
        let page = served.get("/").text();
        // They are named from the root of the server.
        let page = page.replace("\"/", "\"");
        [named(&page, "icon", ".svg"), named(&page, "large", ".png")].map(|name| format!("/{name}"))
    };
    let [icon, old_large] = names();
    tree.write("public/icon.svg", "<svg width='1'/>\n");
    tree.write("public/large.png", large(2));
    assert_eq!(served.get(&old_large).status, 404);
    let [now, large_now] = names();
    for (name, body) in [
        (&icon, b"<svg/>\n".to_vec()),
        (&now, b"<svg width='1'/>\n".to_vec()),
        (&large_now, large(2)),
        (&icon, b"<svg/>\n".to_vec()),
    ] {
        let reply = served.get(name);
        assert_eq!((reply.status, reply.body == body), (200, true), "{name}");
        let caching = reply.header("cache-control");
        assert!(caching.contains("immutable"), "{name}: {caching}");
        assert_eq!(reply.header("content-length"), body.len().to_string());
    }
    assert_eq!(served.get(&old_large).status, 404);
    assert_eq!(served.get("/icon.v0123456789abcdef.svg").status, 404);
    fs::remove_file(tree.path("public/icon.svg")).unwrap();
    assert_eq!(served.get(&icon).status, 404);
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

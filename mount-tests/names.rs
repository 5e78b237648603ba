//! Files whose names are text, markup, patterns or escapes to others: each is a file like any other, by its own name, in
//! listings, reports and the log, in the mount and over HTTP.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{HOSTILE_NAMES, Mount, Served, Tree, errno, hookfs};

fn tree(content: &str) -> Tree {
    let tree = Tree::new("//- /package.json\n{}\n");
    for name in HOSTILE_NAMES {
        tree.write(name, content);
    }
    tree
}

/// A name that is no text.
fn bytes(mount: &Mount, name: &[u8]) -> PathBuf {
    mount.output("").join(OsStr::from_bytes(name))
}

fn percent(name: &str) -> String {
    let written = |byte: &u8| match byte {
        b'/' => "/".to_owned(),
        byte => format!("%{byte:02x}"),
    };
    name.as_bytes().iter().map(written).collect()
}

/// The lines of a text that begin as one of an error does.
fn errors(text: &str) -> usize {
    text.lines()
        .filter(|line| line.starts_with("error["))
        .count()
}

#[test]
fn each_is_listed_opened_and_served_by_its_own_name() {
    let tree = tree("export const a: number = 1;\n");
    fs::write(
        tree.project().join(OsStr::from_bytes(b"\xff\xfe.ts")),
        "export const a: number = 1;\n",
    )
    .unwrap();
    let longest = format!("{}.ts", "l".repeat(252));
    tree.write(&longest, "export const a: number = 1;\n");
    let mount = tree.mounter("").mount();
    let compiled = |text: String, name: &str| {
        assert!(
            text.starts_with("export const a = 1;\n"),
            "{name:?}: {text}"
        )
    };
    for name in HOSTILE_NAMES {
        for output in [(*name).to_owned(), format!("{name}.js")] {
            compiled(mount.read(&output), name);
        }
        let map: Value = serde_json::from_str(&mount.read(&format!("{name}.js.map"))).unwrap();
        assert_eq!(map["sourcesContent"][0], "export const a: number = 1;\n");
        let report: Value =
            serde_json::from_str(&mount.read(&format!("~graph/{name}.js.json"))).unwrap();
        assert_eq!(report["key"], format!("module:/{name}"), "{name:?}");
    }
    for name in [&b"\xff\xfe.ts"[..], b"\xff\xfe.ts.js"] {
        compiled(fs::read_to_string(bytes(&mount, name)).unwrap(), "no text");
    }
    // Of a name that leaves no room for an ending there is the file of that name, and no other.
    compiled(mount.read(&longest), "the longest");
    let other = fs::read(mount.output(&format!("{longest}.js")));
    assert_eq!(errno(other), libc::ENAMETOOLONG);
    for entry in fs::read_dir(mount.output("")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::read(entry.path()).unwrap_or_else(|error| panic!("{entry:?}: {error}"));
        }
    }
    let graph: Value = serde_json::from_str(&mount.read("~hookfs/graph.json")).unwrap();
    let paths: Vec<&str> = graph["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|file| file["path"].as_str())
        .collect();
    for name in HOSTILE_NAMES {
        assert!(
            paths.contains(&&*format!("/{name}")),
            "{name:?} in {paths:?}"
        );
    }
    mount.stop();

    let source = tree.project();
    let arguments = [source.to_str().unwrap(), "--port", "0"];
    let served = Served::start(&source, &tree.folder().join("state"), &arguments);
    for name in HOSTILE_NAMES {
        let reply = served.get(&format!("/{}.js", percent(name)));
        // No URL has a backslash or a slash that is one name's: a browser would have taken it for another.
        compiled(reply.text(), name);
        assert_eq!(
            reply.header("content-type"),
            "text/javascript; charset=utf-8"
        );
    }
    let reply = served.get("/%ff%fe.ts.js");
    compiled(reply.text(), "no text");
    served.stop();
}

#[test]
fn what_is_wrong_with_each_is_told_in_one_line_of_its_own() {
    let tree = tree("export const = 1;\n");
    let mut main = String::new();
    for name in HOSTILE_NAMES {
        main += &format!("import {};\n", Value::from(format!("./{name}")));
    }
    tree.write("main.ts", &main);
    let mount = tree.mounter("").mount();
    for name in HOSTILE_NAMES {
        let opened = fs::read(mount.output(&format!("{name}.js")));
        assert_eq!(errno(opened), libc::EIO, "{name:?}");
    }
    let told: Value = serde_json::from_str(&mount.read("~hookfs/errors.json")).unwrap();
    let all = told.as_array().unwrap();
    for name in HOSTILE_NAMES {
        let path = format!("/{name}");
        let is_it = |error: &&Value| error["file"] == *path;
        let error = all.iter().find(is_it);
        let error = error.unwrap_or_else(|| panic!("no {name:?} in {told:#}"));
        assert_eq!(error["diagnostics"][0]["at"]["file"], *path);
        // For who reads it at a terminal: nothing in it moves the cursor, turns the line round, or begins another one.
        let text = error["text"].as_str().unwrap_or_default();
        assert_eq!(errors(text), 1, "{text:?}");
        assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{text:?}");
    }
    let log = mount.said();
    for text in [&*log, &*mount.read("~hookfs/errors.json")] {
        assert!(
            !text.contains(|letter: char| letter.is_control() && letter != '\n'),
            "{text:?}"
        );
    }
    assert!(
        !log.lines().any(|line| line.starts_with("error[forged]")),
        "{log}"
    );
    for name in HOSTILE_NAMES {
        let output = hookfs()
            .arg("cat")
            .arg("--state")
            .arg(tree.folder().join("state"))
            .arg("--")
            .arg(tree.project())
            .arg(format!("{name}.js"))
            .output()
            .unwrap();
        assert!(!output.status.success() && output.stdout.is_empty());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(errors(&said), 1, "{said:?}");
    }
    mount.stop();
}

#[test]
fn a_name_that_is_too_long_for_an_output_is_said_to_be() {
    let tree = Tree::new("//- /package.json\n{}\n");
    let fits = format!("{}.ts", "f".repeat(249));
    let longest = format!("{}.ts", "l".repeat(252));
    tree.write(&fits, "export const a: number = 1;\n");
    tree.write(&longest, "export const b: number = 1;\n");
    tree.write("good.ts", format!("import './{fits}';\n"));
    tree.write("bad.ts", format!("import './{longest}';\n"));
    let mount = tree.mounter("").mount();
    assert!(mount.read("good.ts.js").contains(&format!("./{fits}.js")));
    assert!(mount.read(&format!("{fits}.js")).contains("a = 1"));
    assert_eq!(errno(fs::read(mount.output("bad.ts.js"))), libc::EIO);
    let errors = mount.read("~hookfs/errors.json");
    assert!(
        errors.contains("would have 258 bytes, and no name has more than 255"),
        "{errors}"
    );
    mount.stop();
}

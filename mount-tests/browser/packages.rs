//! Packages that applications use, from npm and from pnpm. Each is imported and used by a snippet, and what the snippet
//! gives is compared to what a Vite build of it gave in the same browser (`packages/expected.json`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Mounter, Tree};
use crate::{Chromium, Kind, Server, turn};

#[test]
fn packages_from_npm_in_development_give_what_vite_builds() {
    run("packages/npm", None, Kind::Python, expected());
}

#[test]
fn packages_from_pnpm_in_production_give_what_vite_builds() {
    run(
        "packages/pnpm",
        Some("--production"),
        Kind::Nginx,
        expected(),
    );
}

#[test]
fn react_18_gives_the_same() {
    let mut expected = expected();
    expected.retain(|name, _| name == "react");
    assert_eq!(expected.len(), 1);
    run("npm", None, Kind::Python, expected);
}

/// The folder of the snippets.
fn snippets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mount-tests/browser/packages")
}

/// What each snippet gives.
fn expected() -> BTreeMap<String, Value> {
    let text = fs::read(snippets().join("expected.json")).expect("what is expected");
    let expected: BTreeMap<String, Value> = serde_json::from_slice(&text).expect("JSON");
    let snippets = fs::read_dir(snippets().join("src/snippets")).expect("snippets");
    assert_eq!(snippets.count(), expected.len());
    expected
}

/// Runs snippets with the packages that `scripts/setup` installed in a folder of `target`.
fn run(folder: &str, argument: Option<&str>, kind: Kind, expected: BTreeMap<String, Value>) {
    let _turn = turn();
    let folder = crate::target().join(folder);
    assert!(
        folder.join("node_modules").is_dir(),
        "{} has no packages: run scripts/setup --tests",
        folder.display()
    );
    copy(&snippets().join("src"), &folder.join("src"));
    for file in ["page.html", "tsconfig.json"] {
        fs::copy(snippets().join(file), folder.join(file)).expect("a copy");
    }
    let tree = Tree::new("");
    let place = |name: &str| tree.folder().join(name);
    let mut mounter = Mounter::new(folder, place("mnt"), place("state"));
    if let Some(argument) = argument {
        mounter = mounter.argument(argument);
    }
    let mount = mounter.mount();
    let server = Server::start(kind, mount.root());
    let mut chromium = Chromium::start();
    for (name, expected) in expected {
        let mut page = chromium.page();
        page.open(&server.url(&format!("/page.html?snippet={name}")));
        let result = page.value("window.result");
        assert_eq!(result, expected, "{name}");
    }
    drop(server);
    mount.stop();
}

/// A copy of a folder in the place of what is there.
fn copy(from: &Path, to: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).expect("an old copy goes");
    }
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a listing") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => {
                fs::copy(entry.path(), &target).expect("a copy");
            }
        }
    }
}

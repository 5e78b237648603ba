use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;

use super::{DiskTree, Elsewhere, Entry, SourcePath, Tree, linked_place};
use crate::source::Change;

pub(super) fn path(text: &str) -> SourcePath {
    SourcePath::parse(text).unwrap()
}

pub(super) fn write(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// `app`, which links the package `lib` beside it, and its tree.
fn fixture() -> (TempDir, DiskTree) {
    let holder = tempfile::tempdir().unwrap();
    let here = holder.path();
    write(here, "app/package.json", "{}");
    fs::create_dir_all(here.join("app/node_modules/@s")).unwrap();
    write(here, "lib/package.json", "{}");
    write(here, "lib/dist/a.js", "one");
    symlink("../../lib", here.join("app/node_modules/lib")).unwrap();
    let tree = DiskTree::open(&here.join("app")).unwrap();
    (holder, tree)
}

pub(super) fn text(tree: &DiskTree, name: &str) -> String {
    match tree.read(&path(name)) {
        Ok((bytes, _)) => String::from_utf8(bytes.to_vec()).unwrap(),
        Err(error) => error.to_string(),
    }
}

pub(super) fn entry(tree: &DiskTree, name: &str) -> Entry {
    tree.entry(&path(name)).unwrap().0
}

pub(super) fn drained(tree: &DiskTree) -> Vec<Change> {
    let mut changes = Vec::new();
    tree.drain(&mut changes);
    changes
}

pub(super) fn link(text: &str) -> Entry {
    Entry::Link(text.into())
}

#[test]
fn a_package_elsewhere_is_a_folder_of_the_tree() {
    let (holder, tree) = fixture();
    let here = holder.path();
    // Whatever is asked first.
    assert_eq!(text(&tree, "node_modules/lib/dist/a.js"), "one");
    assert_eq!(entry(&tree, "node_modules/lib"), Entry::Directory);
    assert_eq!(entry(&tree, "node_modules/lib/dist/a.js"), Entry::File);
    assert_eq!(entry(&tree, "node_modules/lib/none"), Entry::Absent);
    assert_eq!(tree.list(&path("node_modules/lib")).unwrap().len(), 2);
    let root = here.join("app").canonicalize().unwrap();
    let place = linked_place(
        &root,
        &path("node_modules/lib/dist/a.js"),
        &Elsewhere::default(),
    )
    .unwrap();
    assert_eq!(fs::read_to_string(place).unwrap(), "one");
    assert_eq!(
        linked_place(&root, &path("package.json"), &Elsewhere::default()),
        None
    );

    // A link of npm's own on the way, and a scope.
    symlink(here.join("lib"), here.join("global")).unwrap();
    symlink("../../../global", here.join("app/node_modules/@s/lib")).unwrap();
    assert_eq!(text(&tree, "node_modules/@s/lib/dist/a.js"), "one");
}

#[test]
fn what_is_no_package_or_holds_the_tree_is_not_followed() {
    let (holder, tree) = fixture();
    let here = holder.path();
    write(here, "bare/a.js", "");
    write(here, "package.json", "{}");
    write(here, "app/package.json", "{}");
    let links = [
        ("../../bare", "node_modules/bare"),
        ("../..", "node_modules/around"),
        ("..", "node_modules/itself"),
        ("../lib", "lib"),
        ("../../lib", "node_modules/.lib"),
        ("../../none", "node_modules/none"),
        ("circle", "node_modules/circle"),
        ("/", "node_modules/root"),
    ];
    for (to, name) in links {
        symlink(to, here.join("app").join(name)).unwrap();
        assert_eq!(entry(&tree, name), link(to), "{name}");
        let below = entry(&tree, &format!("{name}/package.json"));
        assert_eq!(below, Entry::Absent, "{name}");
    }
}

#[test]
fn links_within_a_package_stay_there() {
    let (holder, tree) = fixture();
    let lib = holder.path().join("lib").canonicalize().unwrap();
    let app = holder.path().join("app").canonicalize().unwrap();
    for (to, name, found) in [
        ("dist".into(), "inside", "dist"),
        (lib.join("dist"), "dist/absolute", "../dist"),
        ("../../other".into(), "dist/out", "/other"),
        (app.join("package.json"), "app", "../../package.json"),
        (
            "../../app/package.json".into(),
            "dist/app",
            "../../../package.json",
        ),
    ] {
        symlink(to, lib.join(name)).unwrap();
        let Entry::Link(target) = entry(&tree, &format!("node_modules/lib/{name}")) else {
            panic!("{name} is no link");
        };
        let target = String::from_utf8(target).unwrap();
        let is_out = found.starts_with('/') && target.starts_with('/') && target.ends_with(found);
        assert!(is_out || target == found, "{name}: {target}");
    }
}

#[test]
fn every_edit_and_every_other_way_to_it_is_seen_at_once() {
    let (holder, tree) = fixture();
    let here = holder.path();
    let file = "node_modules/lib/dist/a.js";
    let see = |tree: &DiskTree| {
        tree.watch(&path("node_modules/lib/dist"));
        text(tree, file)
    };
    let is_told = |tree: &DiskTree| {
        drained(tree).iter().any(|change| match change {
            Change::Name(name) | Change::Content { path: name, .. } => path(file).starts_with(name),
            Change::Everything => true,
            _ => false,
        })
    };
    assert_eq!(see(&tree), "one");
    assert_eq!(drained(&tree), []);
    write(here, "lib/dist/a.js", "two");
    assert!(is_told(&tree));
    assert_eq!(see(&tree), "two");

    // The folder is another one.
    fs::rename(here.join("lib"), here.join("old")).unwrap();
    write(here, "lib/package.json", "{}");
    write(here, "lib/dist/a.js", "three");
    assert!(is_told(&tree));
    assert_eq!(see(&tree), "three");
    write(here, "lib/dist/a.js", "four");
    assert!(is_told(&tree));
    assert_eq!(see(&tree), "four");

    // The link leads elsewhere, then by another link, which changes out of sight.
    let own = here.join("app/node_modules/lib");
    fs::remove_file(&own).unwrap();
    symlink(here.join("global"), &own).unwrap();
    assert!(is_told(&tree));
    assert_eq!(
        entry(&tree, "node_modules/lib"),
        link(here.join("global").to_str().unwrap())
    );
    drained(&tree);
    symlink("old", here.join("global")).unwrap();
    assert!(is_told(&tree));
    assert_eq!(see(&tree), "two");
    drained(&tree);
    fs::remove_file(here.join("global")).unwrap();
    symlink("lib", here.join("global")).unwrap();
    assert!(is_told(&tree));
    assert_eq!(see(&tree), "four");
    write(here, "lib/dist/a.js", "five");
    assert!(is_told(&tree));
    assert_eq!(see(&tree), "five");

    // It is no package for a while.
    fs::remove_file(here.join("lib/package.json")).unwrap();
    assert!(is_told(&tree));
    assert_eq!(entry(&tree, file), Entry::Absent);
    assert!(matches!(entry(&tree, "node_modules/lib"), Entry::Link(_)));
    write(here, "lib/package.json", "{}");
    assert!(is_told(&tree));
    assert_eq!(see(&tree), "five");

    // It is installed instead.
    fs::remove_file(&own).unwrap();
    write(here, "app/node_modules/lib/dist/a.js", "six");
    assert!(is_told(&tree));
    assert_eq!(see(&tree), "six");
    drained(&tree);
    write(here, "lib/dist/a.js", "of nobody");
    assert!(!is_told(&tree));
}

#[test]
fn a_package_that_several_links_lead_to_has_one_name() {
    let (holder, tree) = fixture();
    let here = holder.path();
    write(here, "dep/package.json", "{}");
    write(here, "dep/a.js", "dep");
    fs::create_dir_all(here.join("lib/node_modules")).unwrap();
    symlink("../../dep", here.join("lib/node_modules/dep")).unwrap();
    let nested = "node_modules/lib/node_modules/dep";
    assert_eq!(entry(&tree, nested), Entry::Directory);
    assert_eq!(text(&tree, &format!("{nested}/a.js")), "dep");
    drained(&tree);
    symlink(here.join("dep"), here.join("app/node_modules/dep")).unwrap();
    assert!(drained(&tree).contains(&Change::Name(path(nested))));
    assert_eq!(entry(&tree, nested), link("../../dep"));
    assert_eq!(text(&tree, "node_modules/dep/a.js"), "dep");
    fs::remove_file(here.join("app/node_modules/dep")).unwrap();
    assert!(drained(&tree).contains(&Change::Name(path(nested))));
    assert_eq!(text(&tree, &format!("{nested}/a.js")), "dep");

    // Whichever is asked for first.
    symlink(here.join("dep"), here.join("app/node_modules/dep")).unwrap();
    drained(&tree);
    assert_eq!(entry(&tree, "node_modules/dep"), Entry::Directory);
    assert_eq!(entry(&tree, nested), link("../../dep"));
    fs::remove_file(here.join("app/node_modules/dep")).unwrap();
    symlink(here.join("lib"), here.join("app/node_modules/dep")).unwrap();
    assert!(drained(&tree).contains(&Change::Name(path(nested))));
    assert_eq!(text(&tree, &format!("{nested}/a.js")), "dep");
}

#[test]
fn all_packages_may_lie_elsewhere() {
    let holder = tempfile::tempdir().unwrap();
    let here = holder.path();
    write(here, "work/package.json", "{}");
    write(here, "work/packages/a/package.json", "{}");
    write(here, "main/package.json", "{}");
    let store = "main/node_modules/.pnpm/x@1/node_modules";
    write(here, &format!("{store}/x/package.json"), "{}");
    write(here, &format!("{store}/x/a.js"), "x");
    write(here, "main/node_modules/.pnpm/y@1/node_modules/y/a.js", "y");
    symlink("../../y@1/node_modules/y", here.join(store).join("y")).unwrap();
    write(here, "main/packages/a/package.json", "{}");
    write(here, "main/packages/a/a.js", "a");
    symlink("../packages/a", here.join("main/node_modules/a")).unwrap();
    let inner = here.join("main/packages/a/node_modules");
    fs::create_dir(&inner).unwrap();
    let stored = "../../../node_modules/.pnpm/x@1/node_modules/x";
    symlink(stored, inner.join("x")).unwrap();
    let outer = here.join("work/node_modules");
    symlink("../main/node_modules", &outer).unwrap();
    symlink(&inner, here.join("work/packages/a/node_modules")).unwrap();

    let tree = DiskTree::open(&here.join("work")).unwrap();
    let in_store = "node_modules/.pnpm/x@1/node_modules";
    assert_eq!(entry(&tree, "node_modules"), Entry::Directory);
    assert_eq!(text(&tree, &format!("{in_store}/x/a.js")), "x");
    assert_eq!(
        entry(&tree, &format!("{in_store}/y")),
        link("../../y@1/node_modules/y")
    );
    assert_eq!(text(&tree, "node_modules/a/a.js"), "a");
    // What lies in the store has its name there.
    assert_eq!(entry(&tree, "packages/a/node_modules"), Entry::Directory);
    let name = link(&format!("../../../{in_store}/x"));
    assert_eq!(entry(&tree, "packages/a/node_modules/x"), name);
    let root = here.join("work").canonicalize().unwrap();
    let place = linked_place(&root, &path("node_modules/a/a.js"), &Elsewhere::default()).unwrap();
    assert_eq!(fs::read_to_string(place).unwrap(), "a");

    // An edit, and another folder.
    assert!(drained(&tree).is_empty());
    tree.watch(&path(&format!("{in_store}/x")));
    write(here, &format!("{store}/x/a.js"), "two");
    assert!(!drained(&tree).is_empty());
    write(here, "other/node_modules/z/a.js", "z");
    fs::remove_file(&outer).unwrap();
    symlink("../other/node_modules", &outer).unwrap();
    assert!(drained(&tree).contains(&Change::Name(path("node_modules"))));
    assert_eq!(text(&tree, "node_modules/z/a.js"), "z");
    let Entry::Link(stored) = entry(&tree, "packages/a/node_modules/x") else {
        panic!("it has its name in the store");
    };
    assert!(stored.starts_with(b".linked-") && stored.ends_with(b"/.pnpm/x@1/node_modules/x"));

    // No folder of another name.
    fs::create_dir(here.join("bare")).unwrap();
    fs::remove_file(&outer).unwrap();
    symlink("../bare", &outer).unwrap();
    drained(&tree);
    assert_eq!(entry(&tree, "node_modules"), link("../bare"));
}

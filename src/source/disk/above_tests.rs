use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use tempfile::TempDir;

use super::linked_tests::{drained, entry, link, path, text, write};
use super::{DiskTree, Elsewhere, Entry, Tree, linked_place};
use crate::source::Change;

/// `app`, which links `lib` and `other` of the monorepo `mono`, as pnpm installs that.
fn stored() -> (TempDir, DiskTree) {
    let holder = tempfile::tempdir().unwrap();
    let here = holder.path();
    write(here, "app/package.json", "{}");
    write(here, "app/node_modules/b/package.json", "{}");
    write(here, "mono/package.json", "{}");
    let modules = here.join("mono/node_modules");
    for name in ["a", "b"] {
        let package = format!("mono/node_modules/.pnpm/{name}@1/node_modules/{name}");
        write(here, &format!("{package}/package.json"), "{}");
        write(here, &format!("{package}/index.js"), name);
    }
    let stored = modules.join(".pnpm/a@1/node_modules");
    symlink("../../b@1/node_modules/b", stored.join("b")).unwrap();
    for name in ["lib", "other", "third"] {
        let package = format!("mono/packages/{name}");
        write(here, &format!("{package}/package.json"), "{}");
        let own = here.join(&package).join("node_modules");
        fs::create_dir(&own).unwrap();
        symlink(
            "../../../node_modules/.pnpm/a@1/node_modules/a",
            own.join("a"),
        )
        .unwrap();
    }
    for name in ["lib", "other"] {
        let to = format!("../../mono/packages/{name}");
        symlink(to, here.join("app/node_modules").join(name)).unwrap();
    }
    let tree = DiskTree::open(&here.join("app")).unwrap();
    (holder, tree)
}

/// `app`, which links `lib` of the monorepo `mono`, as npm installs that.
fn hoisted() -> (TempDir, DiskTree) {
    let holder = tempfile::tempdir().unwrap();
    let here = holder.path();
    fs::create_dir_all(here.join("app/node_modules/@s")).unwrap();
    write(here, "mono/packages/lib/package.json", "{}");
    write(here, "mono/node_modules/a/index.js", "a");
    symlink(
        "../../../mono/packages/lib",
        here.join("app/node_modules/@s/lib"),
    )
    .unwrap();
    let tree = DiskTree::open(&here.join("app")).unwrap();
    (holder, tree)
}

/// Where a linked package looks last.
fn above(tree: &DiskTree, package: &str) -> Option<String> {
    match entry(tree, &format!("node_modules/{package}/.linked")) {
        Entry::Link(target) => {
            let package = path("node_modules").join(package).unwrap();
            let name = package.join(target).unwrap();
            Some(name.to_str().unwrap().to_owned())
        }
        Entry::Absent => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_lies_in_a_store_elsewhere_has_its_name_there() {
    let (holder, tree) = stored();
    let name = above(&tree, "lib").unwrap();
    assert!(name.starts_with("node_modules/.linked-"), "{name}");
    assert_eq!(above(&tree, "other").as_ref(), Some(&name));
    assert_eq!(entry(&tree, &name), Entry::Directory);
    let a = format!("{name}/.pnpm/a@1/node_modules/a");
    for package in ["lib", "other"] {
        let found = entry(&tree, &format!("node_modules/{package}/node_modules/a"));
        assert_eq!(
            found,
            link(&a.replace("node_modules/.linked", "../../.linked"))
        );
    }
    assert_eq!(text(&tree, &format!("{a}/index.js")), "a");
    let beside = entry(&tree, &format!("{name}/.pnpm/a@1/node_modules/b"));
    assert_eq!(beside, link("../../b@1/node_modules/b"));
    assert_eq!(tree.list(&path(&name)).unwrap().len(), 1);
    // So has what the project links from there.
    let b = holder
        .path()
        .join("mono/node_modules/.pnpm/b@1/node_modules/b");
    symlink(b, holder.path().join("app/node_modules/c")).unwrap();
    let b = format!(
        "{}/.pnpm/b@1/node_modules/b",
        &name["node_modules/".len()..]
    );
    assert_eq!(entry(&tree, "node_modules/c"), link(&b));

    // By its name alone, in another tree.
    let app = holder.path().join("app").canonicalize().unwrap();
    let again = DiskTree::open(&app).unwrap();
    assert_eq!(text(&again, &format!("{a}/index.js")), "a");
    let place = linked_place(&app, &path(&format!("{a}/index.js")), &Elsewhere::default()).unwrap();
    assert_eq!(fs::read_to_string(place).unwrap(), "a");
    for (name, found) in [
        ("node_modules/.linked-0000000000000000", Entry::Absent),
        ("node_modules/b/.linked", Entry::Absent),
        (&name.replace("node_modules/", ""), Entry::Absent),
    ] {
        assert_eq!(entry(&again, name), found, "{name}");
        assert_eq!(linked_place(&app, &path(name), &Elsewhere::default()), None);
    }
}

#[test]
fn a_member_of_the_monorepo_has_one_name() {
    let (holder, tree) = stored();
    let here = holder.path();
    for name in ["lib", "other"] {
        let own = here.join("mono/packages").join(name).join("node_modules");
        symlink("../../third", own.join("third")).unwrap();
    }
    // As pnpm has it, and as npm.
    for hoisted in [".pnpm/node_modules/third", "third"] {
        let at = here.join("mono/node_modules").join(hoisted);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        symlink(here.join("mono/packages/third"), at).unwrap();
        drained(&tree);
        let name = format!("{}/{hoisted}", above(&tree, "lib").unwrap());
        for package in ["lib", "other"] {
            let found = entry(&tree, &format!("node_modules/{package}/node_modules/third"));
            assert_eq!(found, link(&name.replace("node_modules/.l", "../../.l")));
        }
        assert_eq!(entry(&tree, &name), Entry::Directory);
        assert_eq!(text(&tree, &format!("{name}/package.json")), "{}");
        let its = entry(&tree, &format!("{name}/.linked"));
        assert!(matches!(its, Entry::Link(_)), "{its:?}");
    }
    // The project's own link goes first.
    let own = here.join("app/node_modules/third");
    symlink("../../mono/packages/third", own).unwrap();
    drained(&tree);
    let found = entry(&tree, "node_modules/lib/node_modules/third");
    assert_eq!(found, link("../../third"));
}

#[test]
fn what_is_hoisted_elsewhere_comes_and_goes() {
    let (holder, tree) = hoisted();
    let here = holder.path();
    let name = above(&tree, "@s/lib").unwrap();
    let file = format!("{name}/a/index.js");
    let see = |tree: &DiskTree| {
        tree.watch(&path(&name).join("a").unwrap());
        text(tree, &file)
    };
    let is_told = |tree: &DiskTree, of: &str| {
        drained(tree).iter().any(|change| match change {
            Change::Name(name) | Change::Content { path: name, .. } => path(of).starts_with(name),
            _ => false,
        })
    };
    assert_eq!(see(&tree), "a");
    assert_eq!(drained(&tree), []);
    write(here, "mono/node_modules/a/index.js", "two");
    assert!(is_told(&tree, &file));
    assert_eq!(see(&tree), "two");
    assert_eq!(entry(&tree, &format!("{name}/new")), Entry::Absent);
    write(here, "mono/node_modules/new/index.js", "");
    assert!(is_told(&tree, &format!("{name}/new")));

    // All packages are installed anew.
    fs::remove_dir_all(here.join("mono/node_modules")).unwrap();
    assert!(is_told(&tree, &file));
    assert_eq!(above(&tree, "@s/lib"), None);
    assert_eq!(entry(&tree, &file), Entry::Absent);
    write(here, "mono/node_modules/a/index.js", "three");
    let changes = drained(&tree);
    for of in ["node_modules/@s/lib/.linked", &file] {
        let is_of =
            |change: &Change| matches!(change, Change::Name(name) if path(of).starts_with(name));
        assert!(changes.iter().any(is_of), "{of}: {changes:?}");
    }
    assert_eq!(see(&tree), "three");
    fs::rename(here.join("mono/node_modules"), here.join("old")).unwrap();
    write(here, "mono/node_modules/a/index.js", "four");
    assert!(is_told(&tree, &file));
    assert_eq!(see(&tree), "four");

    // A nearer one.
    write(here, "mono/packages/node_modules/a/index.js", "near");
    assert!(is_told(&tree, "node_modules/@s/lib/.linked"));
    let near = above(&tree, "@s/lib").unwrap();
    assert_ne!(near, name);
    assert_eq!(text(&tree, &format!("{near}/a/index.js")), "near");
    fs::remove_dir_all(here.join("mono/packages/node_modules")).unwrap();
    drained(&tree);
    assert_eq!(see(&tree), "four");

    // Without the link it is not in the tree.
    let own = here.join("app/node_modules/@s/lib");
    fs::remove_file(&own).unwrap();
    assert!(is_told(&tree, &file));
    assert_eq!(entry(&tree, &file), Entry::Absent);
    drained(&tree);
    symlink(here.join("mono/packages/lib"), &own).unwrap();
    assert!(is_told(&tree, &file));
    assert_eq!(see(&tree), "four");
    // Another link leads to it as well.
    write(here, "mono/packages/two/package.json", "{}");
    let second = here.join("app/node_modules/two");
    symlink(here.join("mono/packages/two"), second).unwrap();
    fs::remove_file(&own).unwrap();
    drained(&tree);
    assert_eq!(see(&tree), "four");
}

#[test]
fn what_holds_the_tree_and_what_others_may_write_to_is_not_looked_in() {
    let (holder, tree) = hoisted();
    let here = holder.path();
    let name = above(&tree, "@s/lib").unwrap();
    for folder in ["mono", "mono/node_modules"] {
        let mode = |mode| fs::set_permissions(here.join(folder), PermissionsExt::from_mode(mode));
        mode(0o1777).unwrap();
        drained(&tree);
        assert_eq!(above(&tree, "@s/lib"), None, "{folder}");
        assert_eq!(entry(&tree, &name), Entry::Absent);
        mode(0o755).unwrap();
        drained(&tree);
        assert_eq!(above(&tree, "@s/lib").as_ref(), Some(&name));
    }
    // A link to one is followed, to what else it may lead to not.
    let modules = here.join("mono/node_modules");
    fs::rename(&modules, here.join("else")).unwrap();
    symlink("../else", &modules).unwrap();
    drained(&tree);
    assert_eq!(above(&tree, "@s/lib"), None);
    write(here, "main/node_modules/a/index.js", "main");
    fs::remove_file(&modules).unwrap();
    symlink("../main/node_modules", &modules).unwrap();
    drained(&tree);
    let name = above(&tree, "@s/lib").unwrap();
    assert_eq!(text(&tree, &format!("{name}/a/index.js")), "main");
    fs::remove_file(&modules).unwrap();
    write(here, "node_modules/a/index.js", "around");
    drained(&tree);
    assert_eq!(above(&tree, "@s/lib"), None);

    // Where all packages lie elsewhere, what is beside them there is the project's.
    write(here, "work/package.json", "{}");
    write(here, "mono/node_modules/a/index.js", "a");
    symlink("../packages/lib", here.join("mono/node_modules/lib")).unwrap();
    symlink("../mono/node_modules", here.join("work/node_modules")).unwrap();
    let tree = DiskTree::open(Path::new(&here.join("work"))).unwrap();
    assert_eq!(text(&tree, "node_modules/lib/package.json"), "{}");
    assert_eq!(above(&tree, "lib"), None);
}

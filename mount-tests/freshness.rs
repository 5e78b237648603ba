//! Never stale: what a writer has written is what the next open gives, and nothing runs twice.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt};

use crate::support::{Mount, Tree, errno};

/// As package managers put members of a workspace into `node_modules` (`injected` of pnpm), and packages from their store.
#[test]
fn a_write_by_another_name_of_a_file_is_seen_by_all_that_it_went_into() {
    let tree = Tree::new(
        "//- /package.json\n{ \"name\": \"app\" }\n\
         //- /index.html\n<script type=\"module\" src=\"/main.ts\"></script>\n\
         //- /main.ts\nimport { text } from 'ui';\nconsole.log(text);\n\
         //- /text.txt.hook.ts\nimport { text } from 'ui';\nexport default text;\n\
         //- /packages/ui/package.json\n{ \"name\": \"ui\", \"type\": \"module\", \"exports\": \"./text.ts\" }\n\
         //- /packages/ui/text.ts\nexport const text: string = 'one';\n",
    );
    let [member, package] = ["packages/ui", "node_modules/ui"].map(|folder| tree.path(folder));
    fs::create_dir_all(&package).unwrap();
    for name in ["package.json", "text.ts"] {
        fs::hard_link(member.join(name), package.join(name)).unwrap();
    }
    let names = ["index.html", "~bundle/main.ts.js", "text.txt"];
    let read = |mount: &Mount| names.map(|name| mount.read(name));
    let mut mount = tree.mounter("").mount();
    let mut before = read(&mount);
    for (round, text) in ["two", "three", "four"].iter().enumerate() {
        if round == 2 {
            // What was verified, and not read.
            mount.stop();
            mount = tree.mounter("").mount();
            assert_eq!(read(&mount), before);
        }
        let written = format!("export const text: string = '{text}';\n");
        let side = match round {
            0 => member.join("text.ts"),
            _ => mount.source("packages/ui/text.ts"),
        };
        fs::write(side, written).unwrap();
        let now = read(&mount);
        for (name, (now, before)) in names.iter().zip(now.iter().zip(&before)) {
            assert_ne!(now, before, "stale: {name}");
        }
        assert_eq!(now[2], *text);
        before = now;
    }
}

fn counter() -> Tree {
    Tree::new(
        "//- /a.ts\nexport const a: number = 1;\n//- /b.ts\nimport { a } from './a';\nexport const b = a;\n",
    )
}

#[test]
fn every_way_to_write_a_file_shows_at_the_next_open() {
    let tree = counter();
    let mount = tree.mounter("").mount();
    let source = tree.path("a.ts");
    let check = |number: u32, way: &str| {
        let text = mount.read("a.ts.js");
        assert!(
            text.contains(&format!("a = {number};")),
            "stale after {way}: {text}"
        );
    };
    let text = |number: u32| format!("export const a: number = {number};\n");
    check(1, "the start");

    fs::write(&source, text(2)).unwrap();
    check(2, "a plain write");
    let file = OpenOptions::new().write(true).open(&source).unwrap();
    file.write_all_at(text(3).as_bytes(), 0).unwrap();
    check(3, "a write of the same size, the file still open");
    drop(file);
    fs::write(tree.path("next"), text(4)).unwrap();
    fs::rename(tree.path("next"), &source).unwrap();
    check(4, "a rename over it");
    fs::remove_file(&source).unwrap();
    assert_eq!(errno(File::open(mount.output("a.ts.js"))), libc::ENOENT);
    fs::write(&source, text(5)).unwrap();
    check(5, "delete and create");
    fs::write(mount.source("a.ts"), text(6)).unwrap();
    check(6, "a write through the mount");
    let mut file = OpenOptions::new()
        .write(true)
        .open(mount.source("a.ts"))
        .unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.write_all(text(7).as_bytes()).unwrap();
    check(7, "a write through the mount, the file still open");
    drop(file);
    let old = File::open(&source).unwrap().metadata().unwrap();
    fs::write(&source, text(8)).unwrap();
    File::options()
        .write(true)
        .open(&source)
        .unwrap()
        .set_modified(old.modified().unwrap())
        .unwrap();
    check(8, "a write with the old time put back");
    fs::hard_link(&source, tree.folder().join("outside.ts")).unwrap();
    fs::write(tree.folder().join("outside.ts"), text(9)).unwrap();
    check(9, "a write through a hard link outside the tree");
    OpenOptions::new()
        .append(true)
        .open(&source)
        .unwrap()
        .write_all(b"export const more = 1;\n")
        .unwrap();
    assert!(
        mount.read("a.ts.js").contains("more"),
        "stale after an append"
    );
    OpenOptions::new()
        .write(true)
        .open(&source)
        .unwrap()
        .set_len(0)
        .unwrap();
    assert!(
        !mount.read("a.ts.js").contains("more"),
        "stale after a truncation"
    );
}

#[test]
fn a_mapped_store_shows_once_it_is_unmapped() {
    let tree = counter();
    let mount = tree.mounter("").mount();
    let source = tree.path("a.ts");
    assert!(mount.read("a.ts.js").contains("a = 1"));
    for number in [2_u8, 3, 4] {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&source)
            .unwrap();
        let len = usize::try_from(file.metadata().unwrap().len()).unwrap();
        let at = fs::read(&source)
            .unwrap()
            .iter()
            .rposition(u8::is_ascii_digit)
            .unwrap();
        // SAFETY: the file is as long as the mapping and nobody shortens it; the mapping is used inside this block only.
        unsafe {
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            let map = libc::mmap(
                std::ptr::null_mut(),
                len,
                protection,
                libc::MAP_SHARED,
                std::os::fd::AsRawFd::as_raw_fd(&file),
                0,
            );
            assert_ne!(map, libc::MAP_FAILED);
            *map.cast::<u8>().add(at) = b'0' + number;
            libc::munmap(map, len);
        }
        drop(file);
        let text = mount.read("a.ts.js");
        assert!(
            text.contains(&format!("a = {number}")),
            "stale after a mapped store: {text}"
        );
    }
}

#[test]
fn what_stays_the_same_is_not_computed_again() {
    let tree = counter();
    let mount = tree.mounter("").mount();
    let first = tree.path("a.ts");
    mount.read("a.ts.js");
    mount.read("b.ts.js");
    let read = || (mount.read("a.ts.js"), mount.read("b.ts.js"));

    let (ran, before) = mount.ran(read);
    assert_eq!(ran, 0, "reading again");
    File::options()
        .write(true)
        .open(&first)
        .unwrap()
        .set_modified(std::time::SystemTime::now())
        .unwrap();
    assert_eq!(mount.ran(read).0, 0, "a touch");
    fs::write(&first, fs::read(&first).unwrap()).unwrap();
    assert_eq!(mount.ran(read).0, 0, "a save without a change");
    let original = fs::read(&first).unwrap();
    fs::write(&first, "export const a: string = 'x';\n").unwrap();
    assert_eq!(
        mount.ran(read).0,
        1,
        "an edit computes the module alone: its importer only names it"
    );
    fs::write(&first, original).unwrap();
    let (ran, after) = mount.ran(read);
    assert_eq!(ran, 0, "an undo");
    assert_eq!(before, after);
}

#[test]
fn names_that_come_and_go_reach_their_importers() {
    let tree = Tree::new(
        "//- /main.ts\nexport { value } from './value';\n//- /value/index.ts\nexport const value = 1;\n",
    );
    let mount = tree.mounter("").mount();
    assert!(mount.read("main.ts.js").contains("./value/index.ts.js"));
    tree.write("value.ts", "export const value = 2;\n");
    assert!(
        mount.read("main.ts.js").contains("./value.ts.js"),
        "a nearer file"
    );
    fs::remove_file(tree.path("value.ts")).unwrap();
    assert!(
        mount.read("main.ts.js").contains("./value/index.ts.js"),
        "and back"
    );
    fs::rename(tree.path("value"), tree.path("other")).unwrap();
    assert_eq!(
        errno(fs::read(mount.output("main.ts.js"))),
        libc::EIO,
        "a folder renamed away"
    );
    fs::rename(tree.path("other"), tree.path("value")).unwrap();
    assert!(
        mount.read("main.ts.js").contains("./value/index.ts.js"),
        "and back again"
    );
}

#[test]
fn a_folder_renamed_or_replaced_takes_its_outputs_along() {
    let tree =
        Tree::new("//- /one/a.ts\nexport const a = 1;\n//- /two/a.ts\nexport const a = 2;\n");
    let mount = tree.mounter("").mount();
    for round in 0..50 {
        let number = round % 2 + 1;
        assert!(
            mount.read("one/a.ts.js").contains(&format!("a = {number}")),
            "round {round}"
        );
        fs::rename(tree.path("one"), tree.path("aside")).unwrap();
        assert_eq!(
            errno(fs::metadata(mount.output("one/a.ts.js"))),
            libc::ENOENT,
            "round {round}"
        );
        fs::rename(tree.path("two"), tree.path("one")).unwrap();
        fs::rename(tree.path("aside"), tree.path("two")).unwrap();
    }
}

#[test]
fn a_reader_keeps_the_version_that_it_opened() {
    let tree = counter();
    let mount = tree.mounter("").mount();
    let old = File::open(mount.output("a.ts.js")).unwrap();
    fs::write(tree.path("a.ts"), "export const a: number = 22222;\n").unwrap();
    let new = File::open(mount.output("a.ts.js")).unwrap();
    let (size, inode) = (old.metadata().unwrap().len(), old.metadata().unwrap().ino());
    let mut text = vec![0; usize::try_from(size).unwrap()];
    old.read_exact_at(&mut text, 0).unwrap();
    assert!(String::from_utf8(text).unwrap().contains("a = 1;"));
    assert_ne!(
        inode,
        new.metadata().unwrap().ino(),
        "a version is an inode of its own"
    );
}

#[test]
fn versions_lie_a_whole_second_apart_and_sizes_are_true() {
    let tree = counter();
    let mount = tree.mounter("").mount();
    let mut last = 0;
    for round in 0..5 {
        fs::write(
            tree.path("a.ts"),
            format!("export const a = {};\n", "1".repeat(round + 1)),
        )
        .unwrap();
        let metadata = fs::metadata(mount.output("a.ts.js")).unwrap();
        assert_eq!(metadata.len(), mount.read("a.ts.js").len() as u64);
        assert!(
            metadata.mtime() > last,
            "round {round}: {} after {last}",
            metadata.mtime()
        );
        last = metadata.mtime();
    }
}

#[test]
fn listings_show_what_came_and_went_at_once() {
    let tree = counter();
    let mount = tree.mounter("").mount();
    let list = |folder: &str| {
        let mut names: Vec<String> = fs::read_dir(mount.output(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let first = [
        "a.ts",
        "a.ts.js",
        "a.ts.js.map",
        "b.ts",
        "b.ts.js",
        "b.ts.js.map",
    ];
    assert_eq!(list(""), first);
    for round in 0..30 {
        tree.write(&format!("new{round}/c.ts"), "export {};\n");
        assert!(list("").contains(&format!("new{round}")), "round {round}");
        assert_eq!(
            list(&format!("new{round}")),
            ["c.ts", "c.ts.js", "c.ts.js.map"]
        );
        fs::remove_dir_all(tree.path(&format!("new{round}"))).unwrap();
        assert_eq!(list(""), first, "round {round}");
    }
}

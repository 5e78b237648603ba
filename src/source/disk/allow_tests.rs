use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::linked_tests::{drained, entry, link, path, text, write};
use super::{DiskTree, Elsewhere, Entry, Tree, linked_place};
use crate::source::{Change, EntryKind};

/// `app`, from which links may lead to `ours`, and no other folder beside it.
struct Fixture {
    holder: TempDir,
    tree: DiskTree,
}

impl Fixture {
    fn new() -> Self {
        let holder = tempfile::tempdir().unwrap();
        let here = holder.path().canonicalize().unwrap();
        write(&here, "app/src/main.ts", "main");
        write(&here, "ours/ui/button.ts", "button");
        write(&here, "ours/ui/deep/a.ts", "a");
        write(&here, "ours/one.ts", "one");
        write(&here, "ours/.env", "secret");
        write(&here, "ours/.git/config", "secret");
        write(&here, "theirs/secret.ts", "secret");
        let tree = DiskTree::open_with(&here.join("app"), vec![here.join("ours")]).unwrap();
        Self { holder, tree }
    }

    fn here(&self) -> PathBuf {
        self.holder.path().canonicalize().unwrap()
    }

    fn link(&self, to: impl AsRef<Path>, name: &str) {
        let link = self.here().join("app").join(name);
        let _ = fs::remove_file(&link);
        symlink(to, link).unwrap();
    }

    fn entry(&self, name: &str) -> Entry {
        entry(&self.tree, name)
    }

    /// Reads as the graph does: the folder is watched first.
    fn text(&self, name: &str) -> String {
        let path = path(name);
        self.tree.watch(&path.parent().unwrap());
        text(&self.tree, name)
    }

    fn place(&self, name: &str) -> Option<PathBuf> {
        let here = self.here();
        let elsewhere = Elsewhere::new(vec![here.join("ours")]);
        linked_place(&here.join("app"), &path(name), &elsewhere)
    }

    fn kind(&self, name: &str) -> EntryKind {
        let path = path(name);
        let listed = self.tree.list(&path.parent().unwrap()).unwrap();
        let mut listed = listed.into_iter();
        listed.find(|entry| entry.name == path.name()).unwrap().kind
    }

    /// Whether it is told that this may have changed.
    fn is_told(&self, name: &str) -> bool {
        let wanted = path(name);
        let is_of = |change: &Change| match change {
            Change::Name(name) | Change::Content { path: name, .. } => wanted.starts_with(name),
            Change::Everything => true,
            _ => false,
        };
        drained(&self.tree).iter().any(is_of)
    }
}

#[test]
fn a_link_to_what_is_allowed_is_what_it_leads_to() {
    let fixture = Fixture::new();
    let here = fixture.here();
    fixture.link("../../ours/ui", "src/ui");
    fixture.link(here.join("ours/one.ts"), "src/first.ts");
    fixture.link(here.join("ours"), "all");
    assert_eq!(fixture.text("src/ui/deep/a.ts"), "a");
    assert_eq!(fixture.entry("src/ui"), Entry::Directory);
    assert_eq!(fixture.entry("src/ui/button.ts"), Entry::File);
    assert_eq!(fixture.entry("src/ui/none.ts"), Entry::Absent);
    assert_eq!(fixture.entry("src/first.ts"), Entry::File);
    assert_eq!(fixture.entry("src/first.ts/x"), Entry::Absent);
    assert_eq!(fixture.text("src/first.ts"), "one");
    assert_eq!(fixture.text("all/one.ts"), "one");
    assert_eq!(fixture.kind("src/ui"), EntryKind::Directory);
    assert_eq!(fixture.kind("src/first.ts"), EntryKind::File);
    for (name, found) in [("src/ui/deep/a.ts", "a"), ("src/first.ts", "one")] {
        let place = fixture.place(name).unwrap();
        assert_eq!(fs::read_to_string(place).unwrap(), found);
    }
    assert_eq!(fixture.place("src/main.ts"), None);

    // By a link outside, and a link to such a link.
    fixture.link(here.join("way"), "by");
    symlink("ours/ui", here.join("way")).unwrap();
    fixture.link("../by", "src/second");
    assert_eq!(fixture.text("by/button.ts"), "button");
    assert_eq!(fixture.entry("src/second"), link("../by"));
    assert_eq!(fixture.kind("src/second"), EntryKind::Link);
}

#[test]
fn what_is_not_allowed_stays_a_link() {
    let fixture = Fixture::new();
    let here = fixture.here();
    fixture.link(here.join("ours"), "all");
    let theirs = here.join("theirs").display().to_string();
    let secret = format!("{theirs}/secret.ts");
    let mut links = vec![
        (theirs.clone(), "theirs"),
        (secret.clone(), "secret.ts"),
        ("../ours/../theirs".to_owned(), "up"),
        ("../ours/.env".to_owned(), "env"),
        ("../ours/.git".to_owned(), "git"),
        ("../ours/.git/config".to_owned(), "config"),
        ("..".to_owned(), "around"),
        ("/".to_owned(), "root"),
        ("../ours/none".to_owned(), "none"),
        ("../ours-not".to_owned(), "begins"),
        ("circle".to_owned(), "circle"),
        ("/dev/null".to_owned(), "device"),
    ];
    write(&here, "ours-not/a.ts", "secret");
    let fifo = std::ffi::CString::new(here.join("ours/fifo").to_str().unwrap()).unwrap();
    // SAFETY: a valid path.
    assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o600) }, 0);
    links.push(("../ours/fifo".to_owned(), "fifo"));
    for (to, name) in &links {
        fixture.link(to, name);
        assert_eq!(fixture.entry(name), link(to), "{name}");
        assert_eq!(fixture.kind(name), EntryKind::Link, "{name}");
        assert_eq!(fixture.place(name), None, "{name}");
        assert!(fixture.text(name).starts_with("no such file"), "{name}");
        for below in ["secret.ts", "config", "a.ts", "app/src/main.ts"] {
            let below = format!("{name}/{below}");
            assert_eq!(fixture.entry(&below), Entry::Absent, "{below}");
        }
    }
    // From within what is allowed.
    for (at, (to, _)) in [&links[0], &links[1]].into_iter().enumerate() {
        symlink(to, here.join(format!("ours/ui/{at}"))).unwrap();
        assert_eq!(fixture.entry(&format!("all/ui/{at}")), link(to));
    }
    symlink("../../theirs", here.join("ours/ui/up")).unwrap();
    assert_eq!(fixture.entry("all/ui/up"), link(&theirs));
    assert_eq!(fixture.entry("all/ui/up/secret.ts"), Entry::Absent);

    // Without the option.
    let tree = DiskTree::open(&here.join("app")).unwrap();
    assert_eq!(
        entry(&tree, "all"),
        link(here.join("ours").to_str().unwrap())
    );
    assert_eq!(entry(&tree, "all/one.ts"), Entry::Absent);
}

#[test]
fn loops_end_and_links_within_stay_there() {
    let fixture = Fixture::new();
    let here = fixture.here();
    fixture.link(here.join("ours/ui"), "ui");
    for (to, name) in [
        ("deep".into(), "near"),
        (here.join("ours/ui/deep"), "far"),
        (here.join("ours/ui"), "deep/loop"),
        ("..".into(), "deep/up"),
        (here.join("ours"), "around"),
        (here.join("app/src"), "back"),
        (here.join("other/x"), "by"),
        (here.join("ours/one.ts"), "one.ts"),
        (here.join("ours/more"), "more"),
    ] {
        symlink(to, here.join("ours/ui").join(name)).unwrap();
    }
    write(&here, "ours/more/b.ts", "b");
    symlink(here.join("ours/ui"), here.join("ours/more/ui")).unwrap();
    fs::create_dir(here.join("other")).unwrap();
    symlink(here.join("ours/ui/deep"), here.join("other/x")).unwrap();
    assert_eq!(fixture.entry("ui/near"), link("deep"));
    assert_eq!(fixture.entry("ui/far"), link("deep"));
    assert_eq!(fixture.entry("ui/deep/loop"), link(".."));
    assert_eq!(fixture.entry("ui/deep/up"), link(".."));
    assert_eq!(fixture.entry("ui/back"), link("../src"));
    assert_eq!(fixture.entry("ui/by"), link("deep"));
    assert_eq!(fixture.text("ui/one.ts"), "one");
    assert_eq!(fixture.text("ui/more/b.ts"), "b");
    assert_eq!(fixture.entry("ui/more/ui"), link(".."));
    // It holds the very folder that it lies in.
    assert!(matches!(fixture.entry("ui/around"), Entry::Link(_)));
    assert_eq!(fixture.entry("ui/around/one.ts"), Entry::Absent);
}

#[test]
fn edits_of_a_folder_and_another_way_to_it_are_seen_at_once() {
    let fixture = Fixture::new();
    let here = fixture.here();
    fixture.link("../ours/ui", "ui");
    let file = "ui/button.ts";
    assert_eq!(fixture.text(file), "button");
    assert_eq!(drained(&fixture.tree), []);
    write(&here, "ours/ui/button.ts", "two");
    assert!(fixture.is_told(file));
    assert_eq!(fixture.text(file), "two");

    // Another folder of that name, another link, none.
    fs::rename(here.join("ours/ui"), here.join("ours/old")).unwrap();
    assert!(fixture.is_told(file));
    assert_eq!(fixture.entry("ui"), link("../ours/ui"));
    write(&here, "ours/ui/button.ts", "three");
    assert!(fixture.is_told(file));
    assert_eq!(fixture.text(file), "three");
    fixture.link("../ours/old", "ui");
    assert!(fixture.is_told(file));
    assert_eq!(fixture.text(file), "two");
    write(&here, "ours/ui/button.ts", "of nobody");
    assert!(!fixture.is_told(file));
    fixture.link("../theirs", "ui");
    assert!(fixture.is_told(file));
    assert_eq!(fixture.entry(file), Entry::Absent);
    fixture.link("../way", "ui");
    symlink("ours/old", here.join("way")).unwrap();
    assert!(fixture.is_told(file));
    assert_eq!(fixture.text(file), "two");
    fs::remove_file(here.join("way")).unwrap();
    symlink("ours/ui", here.join("way")).unwrap();
    assert!(fixture.is_told(file));
    assert_eq!(fixture.text(file), "of nobody");
}

#[test]
fn edits_of_a_file_are_seen_at_once_however_it_is_written() {
    let fixture = Fixture::new();
    let here = fixture.here();
    let real = here.join("ours/one.ts");
    fixture.link(&real, "src/f.ts");
    let file = "src/f.ts";
    assert_eq!(fixture.text(file), "one");
    assert_eq!(drained(&fixture.tree), []);
    for round in 0..3 {
        let text = format!("text {round}");
        fs::write(&real, &text).unwrap();
        assert!(fixture.is_told(file));
        assert_eq!(fixture.text(file), text);
        let text = format!("moved {round}");
        write(&here, "ours/.one.ts.tmp", &text);
        fs::rename(here.join("ours/.one.ts.tmp"), &real).unwrap();
        assert!(fixture.is_told(file));
        assert_eq!(fixture.text(file), text);
    }
    // Nothing of what lies beside it.
    write(&here, "ours/two.ts", "two");
    assert_eq!(drained(&fixture.tree), []);
    assert_eq!(fixture.entry("src/two.ts"), Entry::Absent);

    fs::remove_file(&real).unwrap();
    assert!(fixture.is_told(file));
    assert!(matches!(fixture.entry(file), Entry::Link(_)));
    fs::write(&real, "again").unwrap();
    assert!(fixture.is_told(file));
    assert_eq!(fixture.text(file), "again");
    fs::write(&real, "and again").unwrap();
    assert!(fixture.is_told(file));
    assert_eq!(fixture.text(file), "and again");

    // Another folder of that name, then another file.
    fs::rename(here.join("ours"), here.join("old")).unwrap();
    write(&here, "ours/one.ts", "new");
    write(&here, "ours/two.ts", "two");
    assert!(fixture.is_told(file));
    assert_eq!(fixture.text(file), "new");
    write(&here, "ours/one.ts", "newer");
    assert!(fixture.is_told(file));
    assert_eq!(fixture.text(file), "newer");
    fixture.link(here.join("ours/two.ts"), file);
    assert!(fixture.is_told(file));
    assert_eq!(fixture.text(file), "two");
    write(&here, "ours/one.ts", "of nobody");
    assert!(!fixture.is_told(file));
    write(&here, "ours/two.ts", "of somebody");
    assert!(fixture.is_told(file));
    assert_eq!(fixture.text(file), "of somebody");

    // A folder in its place, and back.
    fs::remove_file(here.join("ours/two.ts")).unwrap();
    write(&here, "ours/two.ts/in.ts", "in");
    assert!(fixture.is_told(file));
    assert_eq!(fixture.text("src/f.ts/in.ts"), "in");
    fs::remove_dir_all(here.join("ours/two.ts")).unwrap();
    fs::write(here.join("ours/two.ts"), "file").unwrap();
    assert!(fixture.is_told(file));
    assert_eq!(fixture.text(file), "file");
}

#[test]
fn nothing_is_done_on_a_mount_of_ours_that_lies_there() {
    let fixture = Fixture::new();
    let here = fixture.here();
    fs::create_dir(here.join("ours/mnt")).unwrap();
    write(&here, "ours/mnt/a.ts", "a");
    fixture.link(here.join("ours"), "all");
    fixture.link(here.join("ours/mnt"), "mnt");
    fixture.link(here.join("ours/mnt/a.ts"), "a.ts");
    fixture.tree.stay_off_mount(&here.join("ours/mnt"));
    for name in ["mnt", "a.ts"] {
        assert!(matches!(fixture.entry(name), Entry::Link(_)), "{name}");
    }
    assert_eq!(fixture.text("all/one.ts"), "one");
    let listed = fixture.tree.list(&path("all")).unwrap();
    assert!(listed.iter().all(|entry| entry.name != b"mnt"));
    for name in ["all/mnt", "all/mnt/a.ts"] {
        assert_eq!(fixture.entry(name), Entry::Absent, "{name}");
    }
}

#[test]
fn packages_keep_their_names() {
    let fixture = Fixture::new();
    let here = fixture.here();
    write(&here, "ours/lib/package.json", "{}");
    write(&here, "ours/lib/a.js", "lib");
    fs::create_dir_all(here.join("app/node_modules")).unwrap();
    fixture.link("../../ours/lib", "node_modules/lib");
    fixture.link("../../ours/ui", "node_modules/ui");
    assert_eq!(fixture.text("node_modules/lib/a.js"), "lib");
    assert_eq!(fixture.text("node_modules/ui/button.ts"), "button");
    // A member of the workspace that is a link: it is found there.
    fixture.link("../ours/lib", "member");
    fixture.link("../member", "node_modules/lib");
    assert!(fixture.is_told("node_modules/lib/a.js"));
    assert_eq!(fixture.entry("node_modules/lib"), link("../member"));
    assert_eq!(fixture.text("member/a.js"), "lib");
}

#[test]
fn readers_at_the_same_time_find_the_same() {
    let fixture = Fixture::new();
    let here = fixture.here();
    write(&here, "ours/old/button.ts", "old");
    fixture.link("../ours/ui", "ui");
    let file = path("ui/button.ts");
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let order = std::sync::atomic::Ordering::Relaxed;
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !is_over.load(order) {
                    // Of before or after a change.
                    _ = fixture.tree.entry(&file);
                }
            });
        }
        let mut wrong = Vec::new();
        for round in 0..400 {
            let (to, found) = [("../ours/old", "old"), ("../ours/ui", "button")][round % 2];
            symlink(to, here.join("app/next")).unwrap();
            fs::rename(here.join("app/next"), here.join("app/ui")).unwrap();
            drained(&fixture.tree);
            let read = text(&fixture.tree, "ui/button.ts");
            if read != found {
                wrong.push((round, read));
            }
        }
        is_over.store(true, order);
        assert_eq!(wrong, []);
    });
}

#[test]
fn a_folder_is_open_once_however_many_links_lead_there() {
    let fixture = Fixture::new();
    let here = fixture.here();
    write(&here, "ours/two.ts", "two");
    for (to, name) in [
        ("one.ts", "one.ts"),
        ("two.ts", "two.ts"),
        ("ui", "ui"),
        ("ui/button.ts", "button.ts"),
    ] {
        fixture.link(here.join("ours").join(to), name);
        fixture.entry(name);
    }
    let root = |name: &str| fixture.tree.reach.linked(&path(name)).unwrap().root;
    assert!(std::sync::Arc::ptr_eq(&root("one.ts"), &root("two.ts")));
    assert!(std::sync::Arc::ptr_eq(&root("ui"), &root("button.ts")));
    assert!(!std::sync::Arc::ptr_eq(&root("ui"), &root("one.ts")));
    assert_eq!(fixture.text("two.ts"), "two");
    assert_eq!(fixture.text("button.ts"), "button");
}

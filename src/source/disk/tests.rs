use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;
use crate::base::ContentHash;
use crate::source::EntryKind;

struct Fixture {
    _holder: TempDir,
    root: PathBuf,
    tree: DiskTree,
}

fn path(text: &str) -> SourcePath {
    SourcePath::parse(text).unwrap()
}

/// A tree `work` in a directory of its own, with `dir/file`, and `dir` watched.
fn fixture() -> Fixture {
    let holder = tempfile::tempdir().unwrap();
    let root = holder.path().join("work");
    fs::create_dir_all(root.join("dir")).unwrap();
    fs::write(root.join("dir/file"), "one").unwrap();
    let tree = DiskTree::open(&root).unwrap();
    assert_eq!(tree.watch(&path("dir")), Watching::Exact);
    assert_eq!(drained(&tree), []);
    Fixture {
        _holder: holder,
        root,
        tree,
    }
}

/// What has changed, without what is told of how names came and went.
fn drained(tree: &DiskTree) -> Vec<Change> {
    let mut changes = drained_all(tree);
    changes.retain(|change| !matches!(change, Change::Begun(_) | Change::Gone(_)));
    changes
}

fn drained_all(tree: &DiskTree) -> Vec<Change> {
    let mut changes = Vec::new();
    tree.drain(&mut changes);
    changes
}

fn content(path_: &str, closed: bool) -> Change {
    Change::Content {
        path: path(path_),
        closed,
    }
}

fn name(text: &str) -> Change {
    Change::Name(path(text))
}

#[test]
fn every_kind_of_write_is_seen_at_once() {
    let Fixture {
        root,
        tree,
        _holder,
    } = fixture();
    let file = root.join("dir/file");
    let written = [content("dir/file", false), content("dir/file", true)];

    fs::write(&file, "two").unwrap();
    assert_eq!(drained(&tree), written);

    let handle = fs::File::options()
        .read(true)
        .write(true)
        .open(&file)
        .unwrap();
    handle.write_all_at(b"TWO", 0).unwrap();
    assert_eq!(drained(&tree), [content("dir/file", false)]);
    handle.set_len(1).unwrap();
    assert_eq!(drained(&tree), [content("dir/file", false)]);
    drop(handle);
    assert_eq!(drained(&tree), [content("dir/file", true)]);

    fs::copy(root.join("dir/file"), root.join("dir/copy")).unwrap();
    assert!(drained(&tree).contains(&name("dir/copy")));

    fs::rename(root.join("dir/copy"), &file).unwrap();
    assert_eq!(drained(&tree), [name("dir/copy"), name("dir/file")]);

    fs::hard_link(&file, root.join("dir/other")).unwrap();
    assert!(drained(&tree).contains(&name("dir/other")));

    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(drained(&tree), [Change::Attributes(path("dir/file"))]);

    fs::remove_file(&file).unwrap();
    assert!(drained(&tree).contains(&name("dir/file")));

    symlink("a", root.join("dir/link")).unwrap();
    assert_eq!(drained(&tree), [name("dir/link")]);
}

#[test]
fn a_write_by_another_name_of_a_file_is_seen() {
    let Fixture {
        root,
        tree,
        _holder,
    } = fixture();
    let (file, other) = (root.join("dir/file"), root.parent().unwrap().join("other"));
    fs::hard_link(&file, &other).unwrap();
    assert_eq!(drained(&tree), []);
    let (bytes, _) = tree.read(&path("dir/file")).unwrap();
    assert_eq!(bytes, "one");
    fs::write(&other, "two").unwrap();
    assert_eq!(
        drained(&tree),
        [content("dir/file", false), content("dir/file", true)]
    );
    // Found as it was, without being read.
    fs::remove_file(&other).unwrap();
    drained(&tree);
    fs::write(root.parent().unwrap().join("new"), "new").unwrap();
    fs::hard_link(root.parent().unwrap().join("new"), &other).unwrap();
    fs::rename(root.parent().unwrap().join("new"), &file).unwrap();
    assert_eq!(drained(&tree), [name("dir/file")]);
    tree.entry(&path("dir/file")).unwrap();
    fs::write(&other, "newer").unwrap();
    assert!(drained(&tree).contains(&content("dir/file", true)));
    // The name is another file's.
    fs::write(root.parent().unwrap().join("next"), "next").unwrap();
    fs::rename(root.parent().unwrap().join("next"), &file).unwrap();
    assert_eq!(drained(&tree), [name("dir/file")]);
    fs::write(&other, "newest").unwrap();
    assert_eq!(drained(&tree), []);
}

#[test]
fn moved_and_new_directories_are_seen_and_lose_their_watches() {
    let Fixture {
        root,
        tree,
        _holder,
    } = fixture();
    fs::rename(root.join("dir"), root.join("moved")).unwrap();
    let changes = drained(&tree);
    assert!(changes.contains(&name("dir")) && changes.contains(&name("moved")));
    assert_eq!(tree.watched(), 1);
    assert_eq!(tree.watch(&path("moved")), Watching::Exact);
    fs::write(root.join("moved/file"), "x").unwrap();
    assert!(drained(&tree).contains(&content("moved/file", true)));

    assert_eq!(tree.watch(&path("new/deep")), Watching::Exact);
    fs::create_dir_all(root.join("new/deep")).unwrap();
    assert_eq!(drained(&tree), [name("new")]);
    assert_eq!(tree.watch(&path("new/deep")), Watching::Exact);
    fs::write(root.join("new/deep/x"), "").unwrap();
    assert!(drained(&tree).contains(&name("new/deep/x")));
}

#[test]
fn the_root_is_followed_by_its_path() {
    let Fixture {
        root,
        tree,
        _holder,
    } = fixture();
    fs::rename(&root, root.with_extension("old")).unwrap();
    assert!(drained(&tree).contains(&Change::Everything));
    assert_eq!(tree.entry(&path("dir/file")).unwrap().0, Entry::Absent);
    fs::create_dir_all(root.join("dir")).unwrap();
    fs::write(root.join("dir/file"), "new").unwrap();
    assert!(drained(&tree).contains(&Change::Everything));
    assert_eq!(tree.watch(&path("dir")), Watching::Exact);
    assert_eq!(tree.read(&path("dir/file")).unwrap().0, "new");
    drained(&tree);
    fs::write(root.join("dir/file"), "newer").unwrap();
    assert!(drained(&tree).contains(&content("dir/file", true)));
}

#[test]
fn an_overflow_says_that_everything_may_have_changed() {
    let Fixture {
        root,
        tree,
        _holder,
    } = fixture();
    let limit = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let (a, b) = (root.join("dir/a"), root.join("dir/b"));
    fs::write(&a, "").unwrap();
    for _ in 0..limit.trim().parse::<usize>().unwrap() / 4 + 1 {
        fs::rename(&a, &b).unwrap();
        fs::rename(&b, &a).unwrap();
    }
    assert!(drained(&tree).contains(&Change::Everything));
    assert_eq!(tree.watched(), 0);
    assert_eq!(tree.watch(&path("dir")), Watching::Exact);
    drained(&tree);
    fs::write(&a, "x").unwrap();
    assert!(drained(&tree).contains(&content("dir/a", true)));
}

#[test]
fn tells_what_names_stand_for_and_opens_files_only() {
    let Fixture {
        root,
        tree,
        _holder,
    } = fixture();
    let odd = OsStr::from_bytes(b"\xff\n");
    fs::write(root.join(odd), "odd").unwrap();
    symlink(root.join("dir/file"), root.join("dir/inside")).unwrap();
    symlink("/etc/passwd", root.join("outside")).unwrap();
    symlink("dir", root.join("way")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        root.join("pipe"),
        FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    let entry = |text: &str| tree.entry(&path(text)).unwrap().0;
    assert_eq!(entry("dir/inside"), Entry::Link(b"../dir/file".to_vec()));
    assert_eq!(entry("outside"), Entry::Link(b"/etc/passwd".to_vec()));
    assert_eq!(entry("way/file"), Entry::Absent);
    assert_eq!(entry("dir/file/x"), Entry::Absent);
    assert_eq!(entry(&"x".repeat(300)), Entry::Absent);
    assert_eq!(entry("pipe"), Entry::Special);
    assert_eq!(entry(""), Entry::Directory);
    for text in ["pipe", "outside", "way/file", "dir", "none"] {
        let result = tree.read(&path(text));
        assert!(matches!(result, Err(InputError::Absent(_))), "{text}");
    }
    let (bytes, stamp) = tree.read(&SourcePath::parse(b"\xff\n").unwrap()).unwrap();
    assert_eq!((&bytes[..], stamp.size), (&b"odd"[..], 3));
    let listed = tree.list(&SourcePath::root()).unwrap();
    let kinds: Vec<EntryKind> = listed.iter().map(|entry| entry.kind).collect();
    use EntryKind::{Directory, File, Link, Special};
    assert_eq!(kinds, [Directory, Link, Special, Link, File]);

    let sparse = fs::File::create(root.join("sparse")).unwrap();
    sparse.set_len(1 << 40).unwrap();
    match tree.read(&path("sparse")) {
        Err(InputError::Io { cause, .. }) => {
            assert_eq!(cause.raw_os_error(), Some(libc::EFBIG));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_ignored_directory_is_silent() {
    let Fixture {
        root,
        tree,
        _holder,
    } = fixture();
    fs::create_dir(root.join("state")).unwrap();
    drained(&tree);
    tree.ignore(&path("state"));
    assert_eq!(tree.watch(&path("state")), Watching::Exact);
    fs::write(root.join("state/x"), "").unwrap();
    fs::set_permissions(root.join("state"), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(drained(&tree), []);
}

#[test]
fn the_hash_of_a_large_file_is_made_without_holding_it() {
    let fixture = fixture();
    let large: Vec<u8> = (0..5_u32 << 18).flat_map(u32::to_le_bytes).collect();
    fs::write(fixture.root.join("dir/large"), &large).unwrap();
    for (name, content, is_held) in [
        ("dir/file", &b"one"[..], true),
        ("dir/large", &large, false),
    ] {
        let digest = fixture.tree.digest(&path(name)).unwrap();
        let (bytes, stamp) = fixture.tree.read(&path(name)).unwrap();
        assert!(bytes == content);
        assert_eq!(digest.hash, ContentHash::of(content));
        assert_eq!(digest.stamp, stamp);
        assert_eq!(digest.bytes.is_some(), is_held, "{name}");
    }
    assert!(matches!(
        fixture.tree.digest(&path("dir/none")),
        Err(InputError::Absent(_))
    ));
    assert!(fixture.tree.digest(&path("dir")).is_err());
}

#[test]
fn how_names_come_and_go_is_told() {
    let Fixture {
        root,
        tree,
        _holder,
    } = fixture();
    let file = root.join("dir/new");
    fs::write(&file, "text").unwrap();
    let (begun, gone) = (
        Change::Begun(path("dir/new")),
        Change::Gone(path("dir/new")),
    );
    let written = [content("dir/new", false), content("dir/new", true)];
    assert_eq!(
        drained_all(&tree),
        [&[name("dir/new"), begun][..], &written].concat()
    );
    fs::rename(&file, root.join("dir/file")).unwrap();
    assert_eq!(
        drained_all(&tree),
        [name("dir/new"), gone.clone(), name("dir/file")]
    );
    fs::rename(root.join("dir/file"), &file).unwrap();
    drained_all(&tree);
    fs::remove_file(&file).unwrap();
    let told = drained_all(&tree);
    assert!(told.ends_with(&[name("dir/new"), gone]), "{told:?}");
    fs::create_dir(&file).unwrap();
    fs::remove_dir(&file).unwrap();
    assert_eq!(drained_all(&tree), [name("dir/new")]);
}

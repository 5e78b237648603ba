use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::super::super::types::{Caller, Errno, FileKind, ROOT};
use super::super::SourceOptions;
use super::{me, tree, tree_with};

#[test]
fn names_are_made_and_removed() {
    let tree = tree();
    let fs = &tree.fs;
    let dir = fs.mkdir(&me(), ROOT, b"d", 0o777, 0o022).unwrap();
    assert_eq!(dir.attr.kind, FileKind::Directory);
    assert_eq!(dir.attr.perm, 0o755);
    assert_eq!(dir.attr.ino, tree.at("d").metadata().unwrap().ino());
    let fifo = fs
        .mknod(&me(), dir.attr.ino, b"p", libc::S_IFIFO | 0o600, 0, 0)
        .unwrap();
    assert_eq!(fifo.attr.kind, FileKind::Fifo);
    assert_eq!(fs.open(fifo.attr.ino, 0).unwrap_err(), Errno(libc::ENXIO));
    let link = fs.symlink(&me(), ROOT, b"l", b"d/\xff").unwrap();
    assert_eq!(fs.readlink(link.attr.ino).unwrap(), b"d/\xff");
    let file = fs
        .mknod(&me(), ROOT, b"f", libc::S_IFREG | 0o644, 0, 0)
        .unwrap();
    let twin = fs.link(file.attr.ino, dir.attr.ino, b"g").unwrap();
    assert_eq!((twin.attr.ino, twin.attr.nlink), (file.attr.ino, 2));
    assert_eq!(fs.rmdir(ROOT, b"d").unwrap_err(), Errno(libc::ENOTEMPTY));
    assert_eq!(fs.unlink(ROOT, b"d").unwrap_err(), Errno(libc::EISDIR));
    assert_eq!(fs.rmdir(ROOT, b"f").unwrap_err(), Errno(libc::ENOTDIR));
    let again = fs.mkdir(&me(), ROOT, b"f", 0o700, 0).unwrap_err();
    assert_eq!(again, Errno(libc::EEXIST));
    fs.unlink(ROOT, b"f").unwrap();
    assert_eq!(fs.getattr(file.attr.ino, None).unwrap().nlink, 1);
    fs.unlink(dir.attr.ino, b"g").unwrap();
    fs.unlink(dir.attr.ino, b"p").unwrap();
    fs.rmdir(ROOT, b"d").unwrap();
    // A directory that somebody still stands in, as getcwd and fstat show it.
    assert!(fs.getattr(dir.attr.ino, None).is_ok());
    assert_eq!(
        fs.lookup(dir.attr.ino, b"x").unwrap_err(),
        Errno(libc::ENOENT)
    );
}

#[test]
fn names_are_bytes() {
    let tree = tree();
    let longest = vec![b'x'; 255];
    for name in [&b"a\nb"[..], b"\xff\xfe", b"~@x", &longest] {
        let made = tree.fs.mkdir(&me(), ROOT, name, 0o755, 0).unwrap();
        assert_eq!(tree.fs.lookup(ROOT, name).unwrap(), made);
    }
    let error = tree.fs.lookup(ROOT, &[b'x'; 256]).unwrap_err();
    assert_eq!(error, Errno(libc::ENAMETOOLONG));
    for odd in [&b""[..], b".", b"..", b"a/b", b"a\0"] {
        assert_eq!(tree.fs.lookup(ROOT, odd).unwrap_err(), Errno(libc::EINVAL));
    }
}

#[test]
fn paths_may_be_longer_than_a_walk() {
    let tree = tree();
    let name = vec![b'n'; 200];
    let mut at = ROOT;
    for _ in 0..40 {
        at = tree.fs.mkdir(&me(), at, &name, 0o755, 0).unwrap().attr.ino;
    }
    let made = tree.fs.mkdir(&me(), at, b"end", 0o755, 0).unwrap();
    assert_eq!(tree.fs.getattr(made.attr.ino, None).unwrap(), made.attr);
    assert_eq!(tree.fs.path_of(made.attr.ino).unwrap().len(), 40 * 201 + 3);
}

#[test]
fn renames_move_what_is_below() {
    let tree = tree();
    let fs = &tree.fs;
    std::fs::create_dir_all(tree.at("a/b")).unwrap();
    std::fs::write(tree.at("a/b/f"), "1").unwrap();
    std::fs::write(tree.at("g"), "22").unwrap();
    let file = tree.find("a/b/f").unwrap();
    let dir = tree.find("a/b").unwrap();
    fs.rename(&me(), tree.find("a").unwrap(), b"b", ROOT, b"c", 0)
        .unwrap();
    assert_eq!(fs.path_of(file).unwrap(), b"c/f");
    assert_eq!(fs.getattr(file, None).unwrap().size, 1);
    let other = tree.find("g").unwrap();
    let exists = fs
        .rename(&me(), dir, b"f", ROOT, b"g", libc::RENAME_NOREPLACE)
        .unwrap_err();
    assert_eq!(exists, Errno(libc::EEXIST));
    fs.rename(&me(), dir, b"f", ROOT, b"g", libc::RENAME_EXCHANGE)
        .unwrap();
    assert_eq!(fs.path_of(file).unwrap(), b"g");
    assert_eq!(fs.path_of(other).unwrap(), b"c/f");
    fs.rename(&me(), dir, b"f", ROOT, b"g", 0).unwrap();
    assert_eq!(fs.getattr(other, None).unwrap().size, 2);
    // Replaced: it has no name, but whoever holds it still sees it.
    assert_eq!(fs.getattr(file, None).unwrap().nlink, 0);
    let into_itself = fs.rename(&me(), ROOT, b"c", dir, b"x", 0).unwrap_err();
    assert_eq!(into_itself, Errno(libc::EINVAL));
}

#[test]
fn what_is_created_belongs_to_the_caller() {
    if !rustix::process::geteuid().is_root() {
        let tree = tree();
        let other = Caller {
            uid: me().uid + 1,
            ..me()
        };
        let refused = tree.fs.mkdir(&other, ROOT, b"d", 0o755, 0).unwrap_err();
        assert_eq!(refused, Errno(libc::EPERM));
        return;
    }
    let tree = tree();
    let user = Caller {
        uid: 1234,
        gid: 2345,
        pid: 0,
    };
    let dir = tree.fs.mkdir(&user, ROOT, b"d", 0o777, 0o027).unwrap().attr;
    assert_eq!((dir.uid, dir.gid, dir.perm), (1234, 2345, 0o750));
    std::fs::create_dir(tree.at("shared")).unwrap();
    std::os::unix::fs::chown(tree.at("shared"), None, Some(777)).unwrap();
    std::fs::set_permissions(tree.at("shared"), PermissionsExt::from_mode(0o2777)).unwrap();
    let shared = tree.find("shared").unwrap();
    let (entry, handle, _) = tree
        .fs
        .create(&user, shared, b"f", 0o666, 0o022, libc::O_RDWR)
        .unwrap();
    assert_eq!((entry.attr.uid, entry.attr.gid), (1234, 777));
    tree.fs.release(handle);
    let link = tree.fs.symlink(&user, ROOT, b"l", b"x").unwrap().attr;
    assert_eq!((link.uid, link.gid), (1234, 2345));
    // Afterwards this thread is itself again.
    let mine = tree.fs.mkdir(&me(), ROOT, b"e", 0o755, 0).unwrap().attr;
    assert_eq!((mine.uid, mine.gid), (me().uid, me().gid));
}

#[test]
fn read_only_refuses_every_change() {
    let tree = tree_with(SourceOptions {
        read_only: true,
        ..SourceOptions::default()
    });
    std::fs::write(tree.at("f"), "x").unwrap();
    let file = tree.find("f").unwrap();
    let refused = Errno(libc::EROFS);
    let fs = &tree.fs;
    assert_eq!(fs.mkdir(&me(), ROOT, b"d", 0o755, 0).unwrap_err(), refused);
    assert_eq!(fs.unlink(ROOT, b"f").unwrap_err(), refused);
    assert_eq!(fs.link(file, ROOT, b"g").unwrap_err(), refused);
    assert_eq!(fs.open(file, libc::O_RDWR).unwrap_err(), refused);
    assert_eq!(fs.removexattr(file, b"user.x").unwrap_err(), refused);
    let set = super::super::SetAttr::default();
    assert_eq!(fs.setattr(file, None, &set).unwrap_err(), refused);
    assert!(fs.open(file, libc::O_RDONLY).is_ok());
}

#[test]
fn listings_go_on_while_names_come_and_go() {
    let tree = tree();
    let names: Vec<String> = (0..3000).map(|i| format!("file-{i}")).collect();
    for name in &names {
        std::fs::write(tree.at(name), "").unwrap();
    }
    let handle = tree.fs.opendir(ROOT).unwrap();
    let mut seen = Vec::new();
    let mut offset = 0;
    loop {
        let mut room = 7;
        let before = seen.len();
        tree.fs
            .readdir(handle, offset, &mut |entry| {
                if room == 0 {
                    return true;
                }
                room -= 1;
                offset = entry.next;
                seen.push(String::from_utf8(entry.name.to_vec()).unwrap());
                false
            })
            .unwrap();
        if seen.len() == before {
            break;
        }
        // What was listed goes: nothing else may be left out or come twice.
        for name in &seen[before..] {
            if name.starts_with("file") {
                std::fs::remove_file(tree.at(name)).unwrap();
            }
        }
    }
    seen.retain(|name| !name.starts_with('.'));
    seen.sort();
    let mut wanted = names;
    wanted.sort();
    assert_eq!(seen, wanted);
}

#[test]
fn listings_with_entries_count_what_was_taken() {
    let tree = tree();
    for name in ["a", "b", "c"] {
        std::fs::write(tree.at(name), name).unwrap();
    }
    let handle = tree.fs.opendir(ROOT).unwrap();
    let mut taken = Vec::new();
    tree.fs
        .readdir_plus(handle, 0, &mut |listed, entry| {
            assert_eq!(listed.ino, entry.attr.ino);
            if matches!(listed.name, b"." | b"..") {
                return false;
            }
            if taken.len() == 2 {
                return true;
            }
            taken.push(entry.attr.ino);
            false
        })
        .unwrap();
    assert_eq!(tree.fs.inodes.len(), 2);
    for ino in taken {
        tree.fs.forget(ino, 1);
    }
    assert_eq!(tree.fs.inodes.len(), 0);
    tree.fs.releasedir(handle);
    let closed = tree.fs.readdir(handle, 0, &mut |_| false).unwrap_err();
    assert_eq!(closed, Errno(libc::EBADF));
}

use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::super::super::types::{Errno, ROOT};
use super::super::{OpenKind, SetAttr, SetTime, SourceOptions, WriteFlags};
use super::{me, tree, tree_with};

#[test]
fn bytes_are_written_and_read() {
    let tree = tree();
    let fs = &tree.fs;
    let (entry, handle, _) = fs
        .create(&me(), ROOT, b"f", 0o644, 0, libc::O_RDWR)
        .unwrap();
    assert_eq!(fs.write(handle, 3, b"abc", WriteFlags::default()), Ok(3));
    let mut buffer = [1; 10];
    assert_eq!(fs.read(handle, 0, &mut buffer), Ok(6));
    assert_eq!(&buffer[..6], b"\0\0\0abc");
    assert_eq!(fs.fsync(handle, true), Ok(()));
    assert_eq!(fs.flush(handle, 1), Ok(()));
    let size = SetAttr {
        size: Some(1 << 40),
        ..SetAttr::default()
    };
    let attr = fs.setattr(entry.attr.ino, Some(handle), &size).unwrap();
    assert_eq!(attr.size, 1 << 40);
    assert_eq!(fs.lseek(handle, 1 << 20, libc::SEEK_HOLE), Ok(1 << 20));
    fs.fallocate(
        handle,
        0,
        2,
        libc::FALLOC_FL_KEEP_SIZE | libc::FALLOC_FL_PUNCH_HOLE,
    )
    .unwrap();
    let huge = fs.write(handle, i64::MAX as u64, b"xy", WriteFlags::default());
    assert!(huge.is_err());
    fs.release(handle);
    assert_eq!(fs.read(handle, 0, &mut buffer), Err(Errno(libc::EBADF)));
}

#[test]
fn appending_follows_the_flag_of_the_moment() {
    let tree = tree();
    let flags = |open_flags, from_cache| WriteFlags {
        open_flags,
        from_cache,
        ..WriteFlags::default()
    };
    let append = libc::O_RDWR | libc::O_APPEND;
    let (_, handle, _) = tree.fs.create(&me(), ROOT, b"f", 0o644, 0, append).unwrap();
    tree.fs
        .write(handle, 0, b"1234", flags(append, false))
        .unwrap();
    // Another program appended: its bytes stay.
    let mut other = std::fs::OpenOptions::new()
        .append(true)
        .open(tree.at("f"))
        .unwrap();
    other.write_all(b"56").unwrap();
    tree.fs
        .write(handle, 4, b"78", flags(append, false))
        .unwrap();
    assert_eq!(std::fs::read(tree.at("f")).unwrap(), b"12345678");
    tree.fs
        .write(handle, 0, b"a", flags(libc::O_RDWR, false))
        .unwrap();
    tree.fs.write(handle, 1, b"b", flags(append, true)).unwrap();
    tree.fs
        .write(handle, 9, b"9", flags(append | libc::O_SYNC, false))
        .unwrap();
    assert_eq!(std::fs::read(tree.at("f")).unwrap(), b"ab3456789");
}

#[test]
fn removed_files_live_on_in_their_handles() {
    let tree = tree();
    let fs = &tree.fs;
    let (entry, handle, _) = fs
        .create(&me(), ROOT, b"f", 0o644, 0, libc::O_RDWR)
        .unwrap();
    fs.unlink(ROOT, b"f").unwrap();
    fs.write(handle, 0, b"x", WriteFlags::default()).unwrap();
    let attr = fs.getattr(entry.attr.ino, None).unwrap();
    assert_eq!((attr.size, attr.nlink), (1, 0));
    assert_eq!(std::fs::read_dir(tree.source()).unwrap().count(), 0);
    let (second, _) = fs.open(entry.attr.ino, libc::O_RDONLY).unwrap();
    let mut byte = [0];
    assert_eq!(fs.read(second, 0, &mut byte), Ok(1));
    assert_eq!(
        fs.link(entry.attr.ino, ROOT, b"g"),
        Err(Errno(libc::ENOENT))
    );
    assert_eq!(fs.lookup(ROOT, b"f"), Err(Errno(libc::ENOENT)));
}

#[test]
fn pages_are_kept_only_while_nothing_can_have_changed() {
    let tree = tree();
    std::fs::write(tree.at("f"), "one").unwrap();
    let ino = tree.find("f").unwrap();
    let keeps = || match tree.fs.open(ino, libc::O_RDONLY).unwrap() {
        (handle, OpenKind::Cached { keep }) => {
            tree.fs.release(handle);
            keep
        }
        other => panic!("{other:?}"),
    };
    assert!(!keeps());
    // Just written: a rewrite could leave the same times.
    assert!(!keeps());
    let stat = super::super::stat::Stat::of(std::fs::File::open(tree.at("f")).unwrap()).unwrap();
    let later = SystemTime::now() + Duration::from_secs(100);
    let stamp = stat.settled_stamp(later);
    assert!(stamp.is_some());
    assert_eq!(stat.settled_stamp(SystemTime::now()), None);
    std::fs::write(tree.at("f"), "other").unwrap();
    let stat = super::super::stat::Stat::of(std::fs::File::open(tree.at("f")).unwrap()).unwrap();
    assert_ne!(stat.settled_stamp(later), stamp);
}

#[test]
fn the_first_open_decides_how_an_inode_is_served() {
    let tree = tree();
    std::fs::write(tree.at("f"), "small").unwrap();
    let ino = tree.find("f").unwrap();
    let (reader, kind) = tree.fs.open(ino, libc::O_RDONLY).unwrap();
    assert!(matches!(kind, OpenKind::Cached { keep: false }));
    tree.fs.set_passthrough(true);
    let (writer, kind) = tree.fs.open(ino, libc::O_RDWR).unwrap();
    assert!(matches!(kind, OpenKind::Cached { .. }));
    tree.fs.release(reader);
    tree.fs.release(writer);
    let (_, first) = tree.fs.open(ino, libc::O_RDWR).unwrap();
    let (_, second) = tree.fs.open(ino, libc::O_RDONLY).unwrap();
    match (first, second) {
        (OpenKind::Passthrough(one), OpenKind::Passthrough(two)) => {
            assert!(Arc::ptr_eq(&one, &two));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn small_files_are_read_past_the_page_cache_where_they_can_be_mapped() {
    let tree = tree();
    std::fs::write(tree.at("small"), "text").unwrap();
    std::fs::write(tree.at("large"), vec![b'x'; 1 << 20]).unwrap();
    let (small, large) = (tree.find("small").unwrap(), tree.find("large").unwrap());
    tree.fs.set_direct(true);
    let kind = |ino, flags| tree.fs.open(ino, flags).unwrap().1;
    assert!(matches!(kind(small, libc::O_RDONLY), OpenKind::Direct));
    assert!(matches!(kind(small, libc::O_RDWR), OpenKind::Cached { .. }));
    assert!(matches!(
        kind(large, libc::O_RDONLY),
        OpenKind::Cached { .. }
    ));
}

/// The files that this process has open below a folder.
fn open_below(folder: &std::path::Path) -> usize {
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
        .filter(|path| path.starts_with(folder))
        .count()
}

#[test]
fn a_file_that_was_read_stays_open_for_the_next_reader() {
    let tree = tree_with(SourceOptions {
        descriptors: Some(160),
        ..SourceOptions::default()
    });
    tree.fs.set_passthrough(true);
    std::fs::write(tree.at("f"), "one").unwrap();
    let ino = tree.find("f").unwrap();
    let read = || match tree.fs.open(ino, libc::O_RDONLY).unwrap() {
        (handle, OpenKind::Passthrough(backing)) => {
            tree.fs.release(handle);
            backing
        }
        other => panic!("{other:?}"),
    };
    let (first, second) = (read(), read());
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!(first.registered(|| 7), Some(&7));
    assert_eq!(second.registered(|| 8), Some(&7));
    // Whether it may be read is asked anew where that may have changed.
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o400);
    std::fs::set_permissions(tree.at("f"), mode).unwrap();
    let third = read();
    assert!(!Arc::ptr_eq(&first, &third));
    drop((first, second, third));
    assert_eq!(open_below(&tree.at("f")), 1);
    // Its space is free with its name.
    tree.fs.unlink(ROOT, b"f").unwrap();
    tree.fs.forget(ino, 1);
    let gone = tree.source().join("f (deleted)");
    assert_eq!(open_below(&gone), 0);
    // There are never many.
    for number in 0..50 {
        let name = format!("g{number}");
        std::fs::write(tree.at(&name), "text").unwrap();
        let ino = tree.find(&name).unwrap();
        let (handle, _) = tree.fs.open(ino, libc::O_RDONLY).unwrap();
        tree.fs.release(handle);
    }
    let kept = (0..50).map(|number| open_below(&tree.at(format!("g{number}"))));
    assert_eq!(kept.sum::<usize>(), 10);
}

#[test]
fn attributes_are_set_as_asked() {
    let tree = tree();
    std::fs::write(tree.at("f"), "x").unwrap();
    std::os::unix::fs::symlink("nowhere", tree.at("l")).unwrap();
    let ino = tree.find("f").unwrap();
    let before_1970 = SystemTime::UNIX_EPOCH - Duration::new(5, 250_000_000);
    let set = SetAttr {
        mode: Some(0o4711),
        size: Some(10),
        atime: Some(SetTime::At(before_1970)),
        mtime: Some(SetTime::Now),
        ..SetAttr::default()
    };
    let attr = tree.fs.setattr(ino, None, &set).unwrap();
    assert_eq!(
        (attr.perm, attr.size, attr.atime),
        (0o4711, 10, before_1970)
    );
    let link = tree.find("l").unwrap();
    let times = SetAttr {
        mtime: Some(SetTime::At(before_1970)),
        ..SetAttr::default()
    };
    let attr = tree.fs.setattr(link, None, &times).unwrap();
    assert_eq!(attr.mtime, before_1970);
    assert!(tree.fs.access(ino, libc::R_OK).is_ok());
    assert!(tree.fs.statfs(ROOT).unwrap().blocks > 0);
    let killed = WriteFlags {
        kill_privileges: true,
        ..WriteFlags::default()
    };
    let (handle, _) = tree.fs.open(ino, libc::O_WRONLY).unwrap();
    tree.fs.write(handle, 0, b"y", killed).unwrap();
    assert_eq!(tree.fs.getattr(ino, Some(handle)).unwrap().perm, 0o711);
}

#[test]
fn extended_attributes_pass() {
    let tree = tree();
    std::fs::write(tree.at("f"), "x").unwrap();
    let ino = tree.find("f").unwrap();
    match tree.fs.setxattr(ino, b"user.a", b"1\0\xff", 0) {
        // The file system of the temporary folder has none.
        Err(Errno(libc::EOPNOTSUPP)) => return,
        other => other.unwrap(),
    }
    assert_eq!(tree.fs.getxattr(ino, b"user.a").unwrap(), b"1\0\xff");
    let names = tree.fs.listxattr(ino).unwrap();
    assert!(names.split(|&byte| byte == 0).any(|name| name == b"user.a"));
    let again = tree.fs.setxattr(ino, b"user.a", b"2", libc::XATTR_CREATE);
    assert_eq!(again, Err(Errno(libc::EEXIST)));
    tree.fs.removexattr(ino, b"user.a").unwrap();
    let gone = tree.fs.getxattr(ino, b"user.a");
    assert_eq!(gone, Err(Errno(libc::ENODATA)));
}

#[test]
fn ranges_are_copied() {
    let tree = tree();
    std::fs::write(tree.at("a"), "0123456789").unwrap();
    std::fs::write(tree.at("b"), "").unwrap();
    let open = |name, flags| tree.fs.open(tree.find(name).unwrap(), flags).unwrap().0;
    let (from, to) = (open("a", libc::O_RDONLY), open("b", libc::O_WRONLY));
    match tree.fs.copy_file_range(from, 2, to, 1, 4) {
        // Not every file system can; the kernel then copies by itself.
        Err(Errno(libc::EXDEV | libc::EOPNOTSUPP | libc::ENOSYS)) => return,
        other => assert_eq!(other, Ok(4)),
    }
    let mut copied = [0; 5];
    let file = std::fs::File::open(tree.at("b")).unwrap();
    file.read_exact_at(&mut copied, 0).unwrap();
    assert_eq!(&copied, b"\x002345");
}

#[test]
fn clients_cannot_take_every_descriptor() {
    let tree = tree_with(SourceOptions {
        descriptors: Some(2),
        ..SourceOptions::default()
    });
    std::fs::write(tree.at("f"), "x").unwrap();
    let file = tree.find("f").unwrap();
    let (first, _) = tree.fs.open(file, libc::O_RDONLY).unwrap();
    let folder = tree.fs.opendir(ROOT).unwrap();
    let full = Errno(libc::EMFILE);
    assert_eq!(tree.fs.open(file, libc::O_RDONLY).unwrap_err(), full);
    assert_eq!(tree.fs.opendir(ROOT).unwrap_err(), full);
    let made = tree.fs.create(&me(), ROOT, b"g", 0o644, 0, libc::O_RDWR);
    assert_eq!(made.unwrap_err(), full);
    assert!(!tree.at("g").exists());
    tree.fs.releasedir(folder);
    assert!(tree.fs.open(file, libc::O_RDONLY).is_ok());
    tree.fs.release(first);
    assert!(tree.fs.opendir(ROOT).is_ok());
}

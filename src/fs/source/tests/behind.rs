use std::fs;

use super::super::super::types::{Errno, ROOT};
use super::{later, me, tree};

const STALE: Errno = Errno(libc::ESTALE);

#[test]
fn a_directory_moved_behind_is_stale_until_looked_up() {
    let tree = tree();
    fs::create_dir_all(tree.at("a/d")).unwrap();
    fs::write(tree.at("a/d/f"), "1").unwrap();
    let dir = tree.find("a/d").unwrap();
    let file = tree.find("a/d/f").unwrap();
    fs::rename(tree.at("a"), tree.at("b")).unwrap();
    fs::create_dir_all(tree.at("a/d")).unwrap();
    later();
    assert_eq!(tree.fs.lookup(dir, b"f").unwrap_err(), STALE);
    assert_eq!(tree.fs.getattr(file, None).unwrap_err(), STALE);
    assert_eq!(
        tree.fs.mkdir(&me(), dir, b"x", 0o755, 0).unwrap_err(),
        STALE
    );
    assert_eq!(tree.find("a/d/f").unwrap_err(), Errno(libc::ENOENT));
    assert_eq!(tree.find("b/d").unwrap(), dir);
    assert_eq!(tree.fs.lookup(dir, b"f").unwrap().attr.ino, file);
    assert_eq!(tree.fs.getattr(file, None).unwrap().size, 1);
}

#[test]
fn a_link_in_the_way_is_not_followed() {
    let tree = tree();
    fs::create_dir(tree.at("a")).unwrap();
    fs::write(tree.at("a/f"), "1").unwrap();
    let file = tree.find("a/f").unwrap();
    fs::rename(tree.at("a"), tree.folder.path().join("outside")).unwrap();
    std::os::unix::fs::symlink("../outside", tree.at("a")).unwrap();
    later();
    assert_eq!(tree.fs.getattr(file, None).unwrap_err(), STALE);
    assert_eq!(tree.fs.open(file, libc::O_RDWR).unwrap_err(), STALE);
    // The file's own name becoming a link to it.
    fs::write(tree.at("g"), "2").unwrap();
    let file = tree.find("g").unwrap();
    fs::rename(tree.at("g"), tree.at("h")).unwrap();
    std::os::unix::fs::symlink("h", tree.at("g")).unwrap();
    assert_eq!(tree.fs.open(file, libc::O_RDONLY).unwrap_err(), STALE);
    // One in a FIFO's place is not waited for.
    let file = tree.find("h").unwrap();
    fs::remove_file(tree.at("h")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        tree.at("h"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
    assert_eq!(tree.fs.open(file, libc::O_RDONLY).unwrap_err(), STALE);
    assert_eq!(tree.fs.open(file, libc::O_WRONLY).unwrap_err(), STALE);
}

#[test]
fn the_root_follows_its_path() {
    let tree = tree();
    fs::create_dir(tree.at("d")).unwrap();
    fs::write(tree.at("d/f"), "old").unwrap();
    let (dir, file) = (tree.find("d").unwrap(), tree.find("d/f").unwrap());
    let (open, _) = tree.fs.open(file, libc::O_RDONLY).unwrap();
    fs::rename(tree.source(), tree.folder.path().join("before")).unwrap();
    let absent = tree.fs.lookup(ROOT, b"d").unwrap_err();
    assert_eq!(absent, Errno(libc::ENOENT));
    fs::create_dir_all(tree.at("d")).unwrap();
    fs::write(tree.at("d/f"), "newer").unwrap();
    later();
    assert_eq!(tree.fs.lookup(dir, b"f").unwrap_err(), STALE);
    let new = tree.find("d/f").unwrap();
    assert_ne!(new, file);
    assert_eq!(tree.fs.getattr(new, None).unwrap().size, 5);
    // What was open stays what it was.
    let mut buffer = [0; 8];
    assert_eq!(tree.fs.read(open, 0, &mut buffer), Ok(3));
    assert_eq!(tree.fs.getattr(file, None).unwrap().size, 3);
    tree.fs.release(open);
    assert_eq!(tree.fs.getattr(file, None).unwrap_err(), STALE);
}

#[test]
fn deleted_and_made_again_is_another_file() {
    let tree = tree();
    for round in 0..200 {
        fs::write(tree.at("f"), vec![b'x'; round]).unwrap();
        let entry = tree.fs.lookup(ROOT, b"f").unwrap();
        assert_eq!(entry.attr.size, round as u64);
        fs::remove_file(tree.at("f")).unwrap();
        assert_eq!(tree.fs.getattr(entry.attr.ino, None).unwrap_err(), STALE);
        let absent = tree.fs.lookup(ROOT, b"f").unwrap_err();
        assert_eq!(absent, Errno(libc::ENOENT));
    }
    fs::create_dir(tree.at("f")).unwrap();
    let kind = tree.fs.lookup(ROOT, b"f").unwrap().attr.kind;
    assert_eq!(kind, super::super::super::types::FileKind::Directory);
}

#[test]
fn any_name_that_still_leads_there_will_do() {
    let tree = tree();
    fs::write(tree.at("a"), "1").unwrap();
    fs::hard_link(tree.at("a"), tree.at("b")).unwrap();
    let ino = tree.find("a").unwrap();
    assert_eq!(tree.find("b").unwrap(), ino);
    fs::remove_file(tree.at("b")).unwrap();
    assert_eq!(tree.fs.getattr(ino, None).unwrap().nlink, 1);
    assert!(tree.fs.open(ino, libc::O_RDWR).is_ok());
}

#[test]
fn known_inodes_hold_no_descriptors() {
    let tree = tree();
    let held = || {
        fs::read_dir("/proc/self/fd")
            .unwrap()
            .filter_map(Result::ok)
            .count()
    };
    for folder in 0..20 {
        fs::create_dir(tree.at(folder.to_string())).unwrap();
        for file in 0..1000 {
            fs::write(tree.at(format!("{folder}/{file}")), "").unwrap();
        }
    }
    let before = held();
    for folder in 0..20 {
        for file in 0..1000 {
            tree.find(&format!("{folder}/{file}")).unwrap();
        }
    }
    assert_eq!(tree.fs.inodes.len(), 20_020);
    // Other tests of this process open files meanwhile, but not thousands.
    assert!(held() < before + 2000);
}

#[test]
fn our_own_mount_is_not_there() {
    let tree = tree();
    fs::create_dir(tree.at("mnt")).unwrap();
    // Stands for a mount: everything on the source's device is then our own.
    let device = std::os::unix::fs::MetadataExt::dev(&fs::metadata(tree.at("mnt")).unwrap());
    tree.fs
        .stay_off(device, &tree.at("mnt").canonicalize().unwrap());
    let absent = tree.fs.lookup(ROOT, b"mnt").unwrap_err();
    assert_eq!(absent, Errno(libc::ENOENT));
    let handle = tree.fs.opendir(ROOT).unwrap();
    let mut names = Vec::new();
    tree.fs
        .readdir(handle, 0, &mut |entry| {
            names.push(entry.name.to_vec());
            false
        })
        .unwrap();
    names.sort();
    assert_eq!(names, [&b"."[..], b".."]);
}

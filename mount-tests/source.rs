//! The source side: what a local file system offers.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::process::Command;

use crate::support::{Mount, Tree, errno};

fn empty() -> (Tree, Mount) {
    let tree = Tree::new("//- /package.json\n{}\n");
    let mount = tree.mounter("").mount();
    (tree, mount)
}

#[test]
fn what_is_written_on_one_side_is_read_on_the_other() {
    let (tree, mount) = empty();
    fs::create_dir(mount.source("folder")).unwrap();
    fs::write(mount.source("folder/file"), "through").unwrap();
    assert_eq!(fs::read(tree.path("folder/file")).unwrap(), b"through");
    for round in 0..200 {
        let text = format!("behind {}", round % 7);
        fs::write(tree.path("folder/file"), &text).unwrap();
        assert_eq!(
            fs::read_to_string(mount.source("folder/file")).unwrap(),
            text,
            "round {round}"
        );
        assert_eq!(
            fs::metadata(mount.source("folder/file")).unwrap().len(),
            text.len() as u64
        );
    }
    fs::remove_file(tree.path("folder/file")).unwrap();
    assert_eq!(errno(File::open(mount.source("folder/file"))), libc::ENOENT);
    fs::write(tree.path("folder/file"), "again").unwrap();
    assert_eq!(fs::read(mount.source("folder/file")).unwrap(), b"again");
}

#[test]
fn an_unlinked_file_works_while_it_is_open() {
    let (tree, mount) = empty();
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(mount.source("f"))
        .unwrap();
    fs::remove_file(mount.source("f")).unwrap();
    assert_eq!(
        fs::read_dir(tree.project()).unwrap().count(),
        1,
        "nothing hidden is left"
    );
    file.write_all(b"still here").unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "still here");
    assert_eq!(file.metadata().unwrap().nlink(), 0);
    file.set_len(5).unwrap();
    assert_eq!(file.metadata().unwrap().len(), 5);
}

#[test]
fn links_modes_times_and_holes() {
    let (tree, mount) = empty();
    let path = mount.source("f");
    fs::write(&path, "x").unwrap();
    fs::hard_link(&path, mount.source("g")).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().nlink(), 2);
    assert_eq!(
        fs::metadata(&path).unwrap().ino(),
        fs::metadata(mount.source("g")).unwrap().ino()
    );
    std::os::unix::fs::symlink("f", mount.source("s")).unwrap();
    assert_eq!(
        fs::read_link(mount.source("s")).unwrap().to_str(),
        Some("f")
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
    assert_eq!(fs::metadata(tree.path("f")).unwrap().mode() & 0o7777, 0o604);
    let time = std::time::UNIX_EPOCH + std::time::Duration::new(1_000_000, 123_456_789);
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(time)
        .unwrap();
    assert_eq!(
        fs::metadata(tree.path("f")).unwrap().modified().unwrap(),
        time
    );
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&path)
        .unwrap();
    file.set_len(1 << 20).unwrap();
    file.write_all_at(b"end", 1 << 20).unwrap();
    // SAFETY: lseek and fallocate on an open descriptor touch no memory.
    unsafe {
        let data = libc::lseek(file.as_raw_fd(), 4096, libc::SEEK_DATA);
        assert!(data > 4096, "a hole is skipped: {data}");
        assert_eq!(libc::fallocate(file.as_raw_fd(), 0, 2 << 20, 4096), 0);
    }
    assert_eq!(
        fs::metadata(tree.path("f")).unwrap().len(),
        (2 << 20) + 4096
    );
}

#[test]
fn renames_replace_exchange_and_refuse() {
    let (tree, mount) = empty();
    fs::write(mount.source("a"), "a").unwrap();
    fs::write(mount.source("b"), "b").unwrap();
    let rename = |from: &str, to: &str, flags: libc::c_uint| {
        let from = std::ffi::CString::new(mount.source(from).to_str().unwrap()).unwrap();
        let to = std::ffi::CString::new(mount.source(to).to_str().unwrap()).unwrap();
        // SAFETY: both paths are strings that end with a NUL.
        match unsafe {
            libc::renameat2(
                libc::AT_FDCWD,
                from.as_ptr(),
                libc::AT_FDCWD,
                to.as_ptr(),
                flags,
            )
        } {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        }
    };
    assert_eq!(
        errno(rename("a", "b", libc::RENAME_NOREPLACE)),
        libc::EEXIST
    );
    rename("a", "b", libc::RENAME_EXCHANGE).unwrap();
    assert_eq!(fs::read(tree.path("a")).unwrap(), b"b");
    rename("a", "b", 0).unwrap();
    assert_eq!(fs::read(mount.source("b")).unwrap(), b"b");
    fs::create_dir_all(mount.source("d/e")).unwrap();
    assert_eq!(errno(rename("d", "d/e/f", 0)), libc::EINVAL);
    assert_eq!(errno(fs::remove_dir(mount.source("d"))), libc::ENOTEMPTY);
}

#[test]
fn attributes_of_users_and_odd_names() {
    let (tree, mount) = empty();
    fs::write(mount.source("f"), "x").unwrap();
    let path = std::ffi::CString::new(mount.source("f").to_str().unwrap()).unwrap();
    // SAFETY: the strings end with NUL, and buffers are as long as said.
    unsafe {
        assert_eq!(
            libc::setxattr(
                path.as_ptr(),
                c"user.note".as_ptr(),
                b"hello".as_ptr().cast(),
                5,
                0
            ),
            0
        );
        let mut value = [0_u8; 16];
        assert_eq!(
            libc::getxattr(
                path.as_ptr(),
                c"user.note".as_ptr(),
                value.as_mut_ptr().cast(),
                16
            ),
            5
        );
        assert_eq!(&value[..5], b"hello");
        assert_eq!(libc::removexattr(path.as_ptr(), c"user.note".as_ptr()), 0);
    }
    use std::os::unix::ffi::OsStrExt;
    for name in [
        &b"new\nline"[..],
        b"\xff\xfe",
        &[b'n'; 255],
        b" ",
        b"~",
        b"a b.ts",
    ] {
        let name = std::ffi::OsStr::from_bytes(name);
        fs::write(mount.root().join(name), "odd").unwrap();
        assert_eq!(fs::read(tree.project().join(name)).unwrap(), b"odd");
        assert!(
            fs::read_dir(mount.root())
                .unwrap()
                .any(|entry| entry.unwrap().file_name() == name)
        );
    }
    let long = std::ffi::OsStr::from_bytes(&[b'n'; 256]).to_owned();
    assert_eq!(
        errno(fs::write(mount.root().join(long), "x")),
        libc::ENAMETOOLONG
    );
}

#[test]
fn locks_exclude_across_the_mount_and_the_source() {
    let (tree, mount) = empty();
    fs::write(tree.path("f"), "0123456789").unwrap();
    let script = "import fcntl, sys\nf = open(sys.argv[1], 'r+')\n\
                  try:\n fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 4, 2)\n print('got')\n\
                  except OSError as e:\n print('busy')\n";
    let attempt = |path: &std::path::Path| {
        let output = Command::new("python3")
            .args(["-c", script])
            .arg(path)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(mount.source("f"))
        .unwrap();
    let mut lock = libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 4,
        l_pid: 0,
    };
    // SAFETY: the structure lives through the call.
    let locked = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLK, &mut lock) };
    assert_eq!(locked, 0);
    assert_eq!(
        attempt(&mount.source("f")),
        "busy",
        "another process through the mount"
    );
    assert_eq!(
        attempt(&tree.path("f")),
        "busy",
        "another process at the source"
    );
    lock.l_type = libc::F_UNLCK as libc::c_short;
    // SAFETY: as above.
    let unlocked = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLK, &mut lock) };
    assert_eq!(unlocked, 0);
    assert_eq!(attempt(&mount.source("f")), "got");
}

#[test]
fn any_close_gives_up_the_locks_of_its_process() {
    let (tree, mount) = empty();
    fs::write(tree.path("f"), "0123456789").unwrap();
    let script = "import fcntl, os, sys\nf = os.open(sys.argv[1], os.O_RDWR)\n\
                  fcntl.lockf(f, fcntl.LOCK_EX, 4, 2)\n\
                  os.close(os.open(sys.argv[1], os.O_RDONLY))\n\
                  if os.fork() == 0:\n g = os.open(sys.argv[1], os.O_RDWR)\n \
                  fcntl.lockf(g, fcntl.LOCK_EX | fcntl.LOCK_NB, 4, 2)\n os._exit(0)\n\
                  os._exit(os.waitstatus_to_exitcode(os.wait()[1]))\n";
    let closed = Command::new("python3")
        .args(["-c", script])
        .arg(mount.source("f"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&closed.stderr);
    assert!(closed.status.success(), "{told}");
}

#[test]
fn times_before_1970_are_exact_and_none_is_too_early() {
    let (tree, mount) = empty();
    fs::write(tree.path("f"), "x").unwrap();
    let path = mount.source("f").into_os_string().into_encoded_bytes();
    let path = std::ffi::CString::new(path).unwrap();
    for (seconds, nanos) in [(-6, 999_999_999), (-1, 1), (-1, 0), (i64::MIN, 5), (7, 3)] {
        let time = libc::timespec {
            tv_sec: seconds,
            tv_nsec: nanos,
        };
        let times = [time, time];
        // SAFETY: both live through the call.
        let set = unsafe { libc::utimensat(libc::AT_FDCWD, path.as_ptr(), times.as_ptr(), 0) };
        assert_eq!(set, 0, "{seconds}");
        let found = fs::metadata(tree.path("f")).unwrap();
        if seconds > i64::from(i32::MIN) {
            assert_eq!((found.mtime(), found.mtime_nsec()), (seconds, nanos));
            assert_eq!((found.atime(), found.atime_nsec()), (seconds, nanos));
        }
    }
}

#[test]
fn read_only_refuses_every_write() {
    let tree = Tree::new("//- /f\nx\n");
    let mount = tree.mounter("").argument("--read-only").mount();
    assert_eq!(errno(fs::write(mount.source("f"), "y")), libc::EROFS);
    assert_eq!(errno(fs::create_dir(mount.source("d"))), libc::EROFS);
    assert_eq!(errno(fs::remove_file(mount.source("f"))), libc::EROFS);
    assert_eq!(fs::read(mount.source("f")).unwrap(), b"x\n");
}

#[test]
fn git_works_in_the_mount() {
    let (_tree, mount) = empty();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args([
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@example.org",
                "-c",
                "init.defaultBranch=main",
            ])
            .args(arguments)
            .current_dir(mount.root())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "-q"]);
    for number in 0..200 {
        fs::write(
            mount.source(&format!("f{number}.ts")),
            format!("export const n = {number};\n"),
        )
        .unwrap();
    }
    git(&["add", "."]);
    git(&["commit", "-qm", "first"]);
    git(&["checkout", "-qb", "other"]);
    fs::write(mount.source("f0.ts"), "export const n = 'other';\n").unwrap();
    git(&["commit", "-qam", "second"]);
    assert!(mount.read("f0.ts.js").contains("other"));
    git(&["checkout", "-q", "main"]);
    assert!(mount.read("f0.ts.js").contains("n = 0"));
    assert_eq!(git(&["status", "--porcelain"]), "");
    git(&["gc", "-q"]);
    git(&["fsck", "--strict"]);
}

#[test]
fn sqlite_with_a_write_ahead_log_is_whole() {
    let (_tree, mount) = empty();
    let script = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nassert c.execute('pragma journal_mode=wal').fetchone()[0] == 'wal'\n\
                  c.execute('create table t(n)')\nfor i in range(500):\n c.execute('insert into t values (?)', (i,)); c.commit()\n\
                  print(c.execute('select count(*), sum(n) from t').fetchone(), c.execute('pragma integrity_check').fetchone())\n";
    let output = Command::new("python3")
        .args(["-c", script])
        .arg(mount.source("db"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        text.trim(),
        "(500, 124750) ('ok',)",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_large_directory_is_listed_whole_while_it_changes() {
    let (tree, mount) = empty();
    fs::create_dir(tree.path("many")).unwrap();
    for number in 0..20_000 {
        File::create(tree.path(&format!("many/n{number}"))).unwrap();
    }
    let listed = fs::read_dir(mount.source("many")).unwrap();
    let mut kept = 0;
    for (index, entry) in listed.enumerate() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let number: usize = name[1..].parse().unwrap();
        kept += usize::from(number.is_multiple_of(2));
        if index.is_multiple_of(50) {
            let _ = fs::remove_file(tree.path(&format!("many/n{}", index | 1)));
        }
    }
    assert_eq!(kept, 10_000, "every name that stayed is listed once");
}

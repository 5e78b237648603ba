//! What happens to the sources behind the mount shows at the very next operation through it.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt, symlink};
use std::path::Path;
use std::process::Command;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::support::{
    Mount, SmallDisk, Tree, as_user, errno, hookfs, is_root, ordinary_user, wait_for,
};

fn by_root_and_by_a_user(check: impl Fn(&Tree, &Mount) + Sync) {
    let tree = Tree::new("//- /package.json\n{}\n");
    let mount = tree.mounter("").mount();
    check(&tree, &mount);
    mount.stop();
    // Whose descriptors the kernel does not pass through.
    let tree = Tree::new("//- /package.json\n{}\n");
    let user = ordinary_user();
    tree.open_to_all();
    tree.give_to(user);
    let mount = tree.mounter("").by(user).mount();
    as_user(user, || check(&tree, &mount));
    mount.stop();
}

/// The folder `name` with a folder and a file in that.
fn folder(tree: &Tree, name: &str, text: &str) {
    fs::create_dir_all(tree.path(&format!("{name}/deep"))).unwrap();
    fs::write(tree.path(&format!("{name}/deep/file")), text).unwrap();
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// Each is asked for right after it was used where it was.
#[test]
fn folders_that_are_moved_replaced_and_removed() {
    by_root_and_by_a_user(|tree, mount| {
        let at = |path: &str| mount.source(path);
        for round in 0..60 {
            let (one, two) = (format!("one {round}"), format!("two two {round}"));
            folder(tree, "a", &one);
            folder(tree, "b", &two);
            assert_eq!(read(&at("a/deep/file")), one);
            assert_eq!(read(&at("b/deep/file")), two);
            // Each way is asked first in its turn: whoever asks first finds what the kernel still believes.
            let exchange = RenameFlags::EXCHANGE;
            renameat_with(CWD, tree.path("a"), CWD, tree.path("b"), exchange).unwrap();
            match round % 4 {
                0 => assert_eq!(read(&at("a/deep/file")), two),
                1 => assert_eq!(
                    fs::metadata(at("a")).unwrap().ino(),
                    fs::metadata(tree.path("a")).unwrap().ino()
                ),
                2 => {
                    fs::write(at("a/deep/new"), "new").unwrap();
                    assert_eq!(read(&tree.path("a/deep/new")), "new");
                }
                _ => {
                    fs::rename(at("a/deep/file"), at("a/deep/moved")).unwrap();
                    assert_eq!(read(&tree.path("a/deep/moved")), two);
                    fs::rename(tree.path("a/deep/moved"), tree.path("a/deep/file")).unwrap();
                }
            }
            assert_eq!(read(&at("a/deep/file")), two);
            assert_eq!(read(&at("b/deep/file")), one);
            fs::rename(tree.path("a"), tree.path("c")).unwrap();
            match round % 5 {
                0 => assert_eq!(errno(fs::metadata(at("a"))), libc::ENOENT),
                1 => assert_eq!(errno(fs::read_dir(at("a/deep"))), libc::ENOENT),
                2 => assert_eq!(errno(fs::create_dir(at("a/deep/x"))), libc::ENOENT),
                3 => assert_eq!(errno(File::open(at("a/deep/file"))), libc::ENOENT),
                _ => {
                    fs::create_dir(at("a")).unwrap();
                    assert_eq!(fs::read_dir(at("a")).unwrap().count(), 0);
                    fs::remove_dir(tree.path("a")).unwrap();
                }
            }
            assert_eq!(read(&at("c/deep/file")), two);
            // A file, and a link, in a folder's place.
            fs::write(tree.path("a"), "a file").unwrap();
            assert_eq!(errno(File::open(at("a/deep/file"))), libc::ENOTDIR);
            assert_eq!(read(&at("a")), "a file");
            fs::rename(tree.path("b"), tree.path("d")).unwrap();
            symlink("c", tree.path("b")).unwrap();
            assert_eq!(read(&at("b/deep/file")), two);
            assert!(fs::symlink_metadata(at("b")).unwrap().is_symlink());
            fs::remove_file(tree.path("a")).unwrap();
            fs::remove_file(tree.path("b")).unwrap();
            fs::remove_dir_all(tree.path("c")).unwrap();
            assert_eq!(errno(fs::read_dir(at("c/deep"))), libc::ENOENT);
            fs::remove_dir_all(tree.path("d")).unwrap();
            assert_eq!(errno(fs::metadata(at("d/deep/file"))), libc::ENOENT);
        }
    });
}

#[test]
fn small_files_that_are_written_replaced_and_forbidden() {
    by_root_and_by_a_user(|tree, mount| {
        let (through, behind) = (mount.source("file"), tree.path("file"));
        fs::write(&behind, "first").unwrap();
        let mut opened = File::open(&through).unwrap();
        for round in 0..200_u32 {
            let text = format!("text {round:03} {}", "x".repeat(round as usize % 3));
            if round % 5 == 4 {
                fs::write(tree.path("next"), &text).unwrap();
                fs::rename(tree.path("next"), &behind).unwrap();
                assert_eq!(read(&through), text, "round {round}");
                opened = File::open(&through).unwrap();
            } else {
                fs::write(&behind, &text).unwrap();
            }
            // Through a descriptor from before, by read and by a copy inside the kernel.
            assert_eq!(opened.metadata().unwrap().len(), text.len() as u64);
            let mut found = vec![0; 64];
            let count = opened.read_at(&mut found, 0).unwrap();
            assert_eq!(&found[..count], text.as_bytes(), "round {round}");
            assert_eq!(read(&through), text, "round {round}");
            let mut copy = File::create(tree.path("copy")).unwrap();
            let mut source = File::open(&through).unwrap();
            std::io::copy(&mut source, &mut copy).unwrap();
            assert_eq!(read(&tree.path("copy")), text, "round {round}");
        }
        opened.seek(SeekFrom::Start(0)).unwrap();
        fs::remove_file(&behind).unwrap();
        assert_eq!(errno(File::open(&through)), libc::ENOENT);
        let mut text = String::new();
        opened.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("text 199"), "{text}");
    });
}

#[test]
fn what_may_no_longer_be_read_is_not_opened() {
    let tree = Tree::new("//- /package.json\n{}\n");
    let user = ordinary_user();
    tree.open_to_all();
    tree.give_to(user);
    let mount = tree.mounter("").by(user).mount();
    as_user(user, || {
        let behind = tree.path("file");
        fs::write(&behind, "secret").unwrap();
        for _ in 0..20 {
            assert_eq!(read(&mount.source("file")), "secret");
            let mode = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
            fs::set_permissions(&behind, mode(0o000)).unwrap();
            assert_eq!(errno(File::open(mount.source("file"))), libc::EACCES);
            fs::set_permissions(&behind, mode(0o644)).unwrap();
        }
    });
    mount.stop();
}

#[test]
fn a_disk_in_the_sources_that_was_read_can_be_unmounted() {
    let tree = Tree::new("//- /package.json\n{}\n");
    let Some(disk) = SmallDisk::new(tree.path("disk"), 1 << 20) else {
        return;
    };
    folder(&tree, "disk/a", "text");
    let mount = tree.mounter("").mount();
    assert_eq!(read(&mount.source("disk/a/deep/file")), "text");
    // What the kernel still believes of the name, it lets go by itself; that the file was closed, it tells a little later.
    wait_for("the disk to be let go of", || {
        let output = Command::new("umount").arg(disk.place()).output().unwrap();
        output.status.success().then_some(())
    });
    assert_eq!(
        errno(File::open(mount.source("disk/a/deep/file"))),
        libc::ENOENT
    );
    mount.stop();
}

/// No event tells of a mount: what it covers is looked at again all the same, and what it has covered.
#[test]
fn what_is_mounted_in_the_tree_counts_and_what_is_there_after_it() {
    let mut namespace = Command::new("unshare");
    if !is_root() {
        namespace.args(["--user", "--map-root-user"]);
    }
    let tree = Tree::new(
        "//- /package.json\n{}\n//- /t/x.ts\nexport const v: number = 1;\n//- /a.ts\nexport const a: number = 1;\n",
    );
    fs::create_dir(tree.folder().join("mnt")).expect("a mount point");
    let script = r#"
        set -e
        "$0" mount --daemon --state state project mnt
        trap '"$0" unmount mnt' EXIT
        until_is() { n=0; until eval "$1"; do n=$((n + 1)); test $n -lt 400 || { echo "never: $1"; exit 1; }; sleep 0.05; done; }
        cat mnt/~@/t/x.ts.js mnt/~@/a.ts.js > before
        mount -t tmpfs none project/t
        until_is '! cat mnt/~@/t/x.ts.js 2> error'
        echo 'export const v: number = 2;' > project/t/x.ts
        echo 'export const w: number = 2;' > project/t/other.ts
        until_is 'grep -q "v = 2" mnt/~@/t/x.ts.js && grep -q other.ts.js listed || { ls mnt/~@/t > listed; false; }'
        echo 'export const v: number = 3;' > project/t/x.ts
        grep -q 'v = 3' mnt/~@/t/x.ts.js || { echo "stale in what is mounted"; exit 1; }
        rm project/t/x.ts
        ! cat mnt/~@/t/x.ts.js 2> error || { echo "stale in what is mounted, once it has gone"; exit 1; }
        umount -l project/t
        until_is 'grep -q "v = 1" mnt/~@/t/x.ts.js 2> error && test "$(ls mnt/~@/t | grep -c other)" = 0'
        echo 'export const v: number = 4;' > project/t/x.ts
        grep -q 'v = 4' mnt/~@/t/x.ts.js || { echo "stale after it"; exit 1; }
    "#;
    let output = namespace
        .args(["--mount", "sh", "-c", script])
        .arg(hookfs().get_program())
        .current_dir(tree.folder())
        .output()
        .expect("unshare of util-linux starts");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (said(&output.stdout), said(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
}

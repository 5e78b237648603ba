//! Random operations on the source side against the same operations on a plain folder.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::support::{Random, Tree};

#[derive(Debug)]
enum Step {
    Write(String, Vec<u8>),
    WriteAt(String, u64, Vec<u8>),
    SetLen(String, u64),
    Mkdir(String),
    Rmdir(String),
    Unlink(String),
    Rename(String, String),
    Link(String, String),
    Symlink(String, String),
    Read(String),
    List(String),
}

fn name(random: &mut Random) -> String {
    let depth = random.below(3);
    (0..=depth)
        .map(|_| format!("n{}", random.below(4)))
        .collect::<Vec<_>>()
        .join("/")
}

fn step(random: &mut Random) -> Step {
    let bytes =
        |random: &mut Random| vec![b'a' + random.below(26) as u8; random.below(9_000) as usize];
    match random.below(14) {
        0..=2 => Step::Write(name(random), bytes(random)),
        3 => Step::WriteAt(name(random), random.below(20_000), bytes(random)),
        4 => Step::SetLen(name(random), random.below(30_000)),
        5 | 6 => Step::Mkdir(name(random)),
        7 => Step::Rmdir(name(random)),
        8 => Step::Unlink(name(random)),
        9 => Step::Rename(name(random), name(random)),
        10 => Step::Link(name(random), name(random)),
        11 => Step::Symlink(name(random), name(random)),
        12 => Step::List(name(random)),
        _ => Step::Read(name(random)),
    }
}

/// Does the step below `root`; what it gives is the same for the same tree wherever that is.
fn perform(root: &Path, step: &Step) -> Result<Vec<u8>, i32> {
    let at = |name: &str| root.join(name);
    let nothing = |()| Vec::new();
    let result: io::Result<Vec<u8>> = match step {
        Step::Write(name, bytes) => fs::write(at(name), bytes).map(nothing),
        Step::WriteAt(name, offset, bytes) => OpenOptions::new()
            .write(true)
            .open(at(name))
            .and_then(|file| file.write_all_at(bytes, *offset))
            .map(nothing),
        Step::SetLen(name, len) => OpenOptions::new()
            .write(true)
            .open(at(name))
            .and_then(|file| file.set_len(*len))
            .map(nothing),
        Step::Mkdir(name) => fs::create_dir(at(name)).map(nothing),
        Step::Rmdir(name) => fs::remove_dir(at(name)).map(nothing),
        Step::Unlink(name) => fs::remove_file(at(name)).map(nothing),
        Step::Rename(from, to) => fs::rename(at(from), at(to)).map(nothing),
        Step::Link(from, to) => fs::hard_link(at(from), at(to)).map(nothing),
        Step::Symlink(target, name) => std::os::unix::fs::symlink(target, at(name)).map(nothing),
        Step::Read(name) => fs::read(at(name)),
        Step::List(name) => fs::read_dir(at(name)).and_then(|entries| {
            let mut names = entries
                .map(|entry| entry.map(|entry| entry.file_name().into_encoded_bytes()))
                .collect::<io::Result<Vec<_>>>()?;
            names.sort();
            Ok(names.join(&b'\n'))
        }),
    };
    result.map_err(|error| error.raw_os_error().unwrap_or(-1))
}

/// Every path with its kind, mode, links and content.
fn snapshot(root: &Path) -> Vec<(PathBuf, u32, u64, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let content = if metadata.is_file() {
                fs::read(&path).unwrap()
            } else if metadata.is_symlink() {
                fs::read_link(&path)
                    .unwrap()
                    .into_os_string()
                    .into_encoded_bytes()
            } else {
                folders.push(path.clone());
                Vec::new()
            };
            let links = if metadata.is_dir() {
                0
            } else {
                metadata.nlink()
            };
            found.push((
                path.strip_prefix(root).unwrap().to_path_buf(),
                metadata.mode(),
                links,
                content,
            ));
        }
    }
    found.sort();
    found
}

#[test]
fn random_operations_end_as_on_a_plain_folder() {
    for seed in 1..=4 {
        let tree = Tree::new("");
        let plain = tempfile::tempdir().unwrap();
        let mount = tree.mounter("").mount();
        let mut random = Random(0x9E37_79B9_7F4A_7C15 + seed);
        for count in 0..1_200 {
            let step = step(&mut random);
            let expected = perform(plain.path(), &step);
            // One in four is done behind the mount, and must show through it at the next step.
            let root = if random.below(4) == 0 {
                tree.project()
            } else {
                mount.root().to_path_buf()
            };
            assert_eq!(
                perform(&root, &step),
                expected,
                "seed {seed}, step {count}: {step:?}"
            );
        }
        let expected = snapshot(plain.path());
        assert_eq!(
            snapshot(&tree.project()),
            expected,
            "seed {seed}: behind the mount"
        );
        assert_eq!(
            snapshot(mount.root()),
            expected,
            "seed {seed}: through the mount"
        );
    }
}

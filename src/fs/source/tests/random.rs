//! The same random operations on the source side and, by the standard library, on a plain directory: the same answers,
//! the same errors, the same tree in the end.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::super::super::types::{Errno, FileKind, Ino, ROOT};
use super::super::{SetAttr, WriteFlags};
use super::{Tree, me, tree};

/// xorshift64: the same sequence each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    /// One of few names, in one of few folders, so that operations meet.
    fn path(&mut self) -> String {
        let names = ["a", "b", "c"];
        let depth = 1 + self.roll(3);
        let parts: Vec<&str> = (0..depth)
            .map(|_| names[usize::try_from(self.roll(3)).unwrap()])
            .collect();
        parts.join("/")
    }
}

fn split(tree: &Tree, path: &str) -> Result<(Ino, Vec<u8>), Errno> {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut ino = ROOT;
    for name in parent.split('/').filter(|name| !name.is_empty()) {
        let attr = tree.fs.lookup(ino, name.as_bytes())?.attr;
        if attr.kind == FileKind::Symlink {
            // The kernel follows it, and all of them lead nowhere.
            return Err(Errno(libc::ENOENT));
        }
        if attr.kind != FileKind::Directory {
            return Err(Errno(libc::ENOTDIR));
        }
        ino = attr.ino;
    }
    Ok((ino, name.as_bytes().to_vec()))
}

fn plain(outcome: io::Result<()>) -> Result<(), Errno> {
    outcome.map_err(|error| Errno::of(&error))
}

/// The whole tree: type, mode, links, content.
fn picture(root: &Path) -> BTreeMap<PathBuf, (u32, u64, Vec<u8>)> {
    let mut seen = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let meta = path.symlink_metadata().unwrap();
            let content = if meta.is_dir() {
                folders.push(path.clone());
                Vec::new()
            } else if meta.is_symlink() {
                fs::read_link(&path)
                    .unwrap()
                    .into_os_string()
                    .into_encoded_bytes()
            } else {
                fs::read(&path).unwrap()
            };
            let name = path.strip_prefix(root).unwrap().to_owned();
            seen.insert(name, (meta.mode(), meta.nlink(), content));
        }
    }
    seen
}

fn on_mount(tree: &Tree, what: u64, one: &str, two: &str, value: u64) -> Result<(), Errno> {
    let fs = &tree.fs;
    let (parent, name) = split(tree, one)?;
    match what {
        0 | 1 => fs.mkdir(&me(), parent, &name, 0o755, 0).map(drop),
        2 | 3 => {
            let made = fs.create(&me(), parent, &name, 0o644, 0, libc::O_RDWR | libc::O_EXCL);
            made.map(|(_, handle, _)| fs.release(handle))
        }
        4 => fs.unlink(parent, &name),
        5 => fs.rmdir(parent, &name),
        6 | 7 => {
            let (to, new) = split(tree, two)?;
            fs.rename(&me(), parent, &name, to, &new, 0)
        }
        8 => {
            let file = fs.lookup(parent, &name)?.attr.ino;
            let (to, new) = split(tree, two)?;
            fs.link(file, to, &new).map(drop)
        }
        9 => fs.symlink(&me(), parent, &name, b"target").map(drop),
        10 | 11 => {
            let file = fs.lookup(parent, &name)?.attr.ino;
            let (handle, _) = fs.open(file, libc::O_WRONLY)?;
            let data = vec![u8::try_from(value).unwrap(); 10];
            let written = fs.write(handle, value, &data, WriteFlags::default());
            fs.release(handle);
            written.map(drop)
        }
        12 => {
            let file = fs.lookup(parent, &name)?.attr;
            if file.kind == FileKind::Symlink {
                return Err(Errno(libc::ELOOP));
            }
            let mode = Some(0o700 + u32::try_from(value).unwrap());
            let set = SetAttr {
                mode,
                ..SetAttr::default()
            };
            fs.setattr(file.ino, None, &set).map(drop)
        }
        _ => {
            let file = fs.lookup(parent, &name)?.attr;
            let handle = fs.opendir(file.ino)?;
            fs.releasedir(handle);
            Ok(())
        }
    }
}

fn on_disk(root: &Path, what: u64, one: &str, two: &str, value: u64) -> Result<(), Errno> {
    use std::os::unix::fs::OpenOptionsExt;
    let (one, two) = (root.join(one), root.join(two));
    let link = || fs::symlink_metadata(&one).is_ok_and(|meta| meta.is_symlink());
    plain(match what {
        0 | 1 => fs::create_dir(&one),
        2 | 3 => fs::File::create_new(&one).map(drop),
        4 => fs::remove_file(&one),
        5 => fs::remove_dir(&one),
        6 | 7 => fs::rename(&one, &two),
        8 => fs::hard_link(&one, &two),
        9 => std::os::unix::fs::symlink("target", &one),
        10 | 11 => fs::File::options()
            .write(true)
            .custom_flags(libc::O_NOFOLLOW)
            .open(&one)
            .and_then(|file| {
                let data = vec![u8::try_from(value).unwrap(); 10];
                file.write_all_at(&data, value)
            }),
        12 if link() => Err(io::Error::from_raw_os_error(libc::ELOOP)),
        12 => {
            let mode = 0o700 + u32::try_from(value).unwrap();
            fs::set_permissions(&one, PermissionsExt::from_mode(mode))
        }
        _ if link() => Err(io::Error::from_raw_os_error(libc::ENOTDIR)),
        _ => fs::read_dir(&one).map(drop),
    })
}

#[test]
fn random_operations_agree_with_a_plain_directory() {
    for seed in 1..=4 {
        let tree = tree();
        let twin = tempfile::tempdir().unwrap();
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        for step in 0..1500 {
            let (what, value) = (dice.roll(14), dice.roll(64));
            let (one, two) = (dice.path(), dice.path());
            let got = on_mount(&tree, what, &one, &two, value);
            let wanted = on_disk(twin.path(), what, &one, &two, value);
            let shown = format!("seed {seed} step {step}: {what} {one} {two}");
            assert_eq!(got, wanted, "{shown}");
        }
        let (mine, wanted) = (picture(&tree.source()), picture(twin.path()));
        assert_eq!(mine.len(), wanted.len());
        for (path, (mode, links, content)) in &wanted {
            let (own_mode, own_links, own_content) = &mine[path];
            assert_eq!((own_links, own_content), (links, content), "{path:?}");
            assert_eq!(own_mode & libc::S_IFMT, mode & libc::S_IFMT, "{path:?}");
        }
    }
}

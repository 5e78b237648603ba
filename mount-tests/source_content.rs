//! The content of source files: reads, writes, cuts and mappings through the mount and behind it, against a model.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use crate::support::{Mount, Random, Tree, as_user, errno, ordinary_user, wait_for};

/// A mapping of a whole file.
struct Mapping {
    start: *mut u8,
    len: usize,
}

impl Mapping {
    fn new(file: &File, len: usize, write: bool) -> Self {
        let protection = libc::PROT_READ | if write { libc::PROT_WRITE } else { 0 };
        let null = std::ptr::null_mut();
        let fd = file.as_raw_fd();
        // SAFETY: a new shared mapping, at a place that the kernel chooses.
        let start = unsafe { libc::mmap(null, len, protection, libc::MAP_SHARED, fd, 0) };
        assert_ne!(
            start,
            libc::MAP_FAILED,
            "{}",
            std::io::Error::last_os_error()
        );
        Self {
            start: start.cast(),
            len,
        }
    }

    fn read(&self, offset: usize, len: usize) -> Vec<u8> {
        assert!(offset + len <= self.len);
        let mut bytes = vec![0; len];
        // SAFETY: the range lies in the mapping, and nobody shortens the file meanwhile.
        unsafe { std::ptr::copy_nonoverlapping(self.start.add(offset), bytes.as_mut_ptr(), len) };
        bytes
    }

    fn write(&self, offset: usize, bytes: &[u8]) {
        assert!(offset + bytes.len() <= self.len);
        // SAFETY: as for `read`; the mapping was made for writing.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.start.add(offset), bytes.len());
        }
    }

    fn sync(&self) {
        // SAFETY: the mapping is there.
        let synced = unsafe { libc::msync(self.start.cast(), self.len, libc::MS_SYNC) };
        assert_eq!(synced, 0);
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: nothing refers to the mapping any more.
        unsafe { libc::munmap(self.start.cast(), self.len) };
    }
}

fn both(path: &Path) -> File {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .unwrap()
}

#[test]
fn random_writes_cuts_and_mappings_through_and_behind_the_mount() {
    let tree = Tree::new("//- /package.json\n{}\n");
    let mount = tree.mounter("").mount();
    run_all(&tree, &mount);
    mount.stop();
}

/// Whose descriptors the kernel does not pass through.
#[test]
fn random_writes_cuts_and_mappings_of_an_ordinary_user() {
    let tree = Tree::new("//- /package.json\n{}\n");
    let user = ordinary_user();
    tree.open_to_all();
    tree.give_to(user);
    let mount = tree.mounter("").by(user).mount();
    as_user(user, || run_all(&tree, &mount));
    mount.stop();
}

fn run_all(tree: &Tree, mount: &Mount) {
    for (seed, limit) in [(1, 20_000), (2, 200_000), (3, 3 << 20)] {
        let name = format!("file{seed}");
        run(
            &mount.source(&name),
            &tree.path(&name),
            &mut Random(0x9e37_79b9 + seed),
            limit,
        );
    }
}

fn run(through: &Path, behind: &Path, random: &mut Random, limit: u64) {
    let mut model: Vec<u8> = Vec::new();
    let mut file = both(through);
    let reader = File::open(through).unwrap();
    let outside = both(behind);
    for step in 0..250_u32 {
        let offset = random.below(limit);
        let len = random.below(limit / 4) + 1;
        let bytes = vec![b'a' + u8::try_from(step % 26).unwrap(); usize::try_from(len).unwrap()];
        let kind = random.below(10);
        match kind {
            0 => write(&file, &mut model, offset, &bytes),
            1 => write(&outside, &mut model, offset, &bytes),
            2 => cut(&file, &mut model, offset),
            3 => cut(&outside, &mut model, offset),
            // A program that maps a file has asked for its length, by which the kernel learns it.
            4 if !model.is_empty() => {
                assert_eq!(file.metadata().unwrap().len(), model.len() as u64);
                let at = usize::try_from(offset).unwrap() % model.len();
                let bytes = &bytes[..bytes.len().min(model.len() - at)];
                let mapping = Mapping::new(&file, model.len(), true);
                mapping.write(at, bytes);
                mapping.sync();
                model[at..at + bytes.len()].copy_from_slice(bytes);
            }
            5 if !model.is_empty() => {
                assert_eq!(file.metadata().unwrap().len(), model.len() as u64);
                let mapping = Mapping::new(&file, model.len(), false);
                assert!(mapping.read(0, model.len()) == model, "mapped, step {step}");
            }
            6 => file = both(through),
            7 => {
                let mut append = OpenOptions::new().append(true).open(through).unwrap();
                append.write_all(&bytes[..bytes.len().min(500)]).unwrap();
                model.extend_from_slice(&bytes[..bytes.len().min(500)]);
            }
            _ => {
                let reading = if kind == 8 { &file } else { &reader };
                let mut read = vec![0; bytes.len()];
                let got = reading.read_at(&mut read, offset).unwrap();
                let from = usize::try_from(offset).unwrap().min(model.len());
                let to = (from + bytes.len()).min(model.len());
                assert!(read[..got] == model[from..to], "step {step} at {offset}");
            }
        }
        if step % 25 == 0 {
            assert!(fs::read(behind).unwrap() == model, "behind, step {step}");
            assert!(fs::read(through).unwrap() == model, "through, step {step}");
        }
    }
}

fn write(file: &File, model: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    file.write_all_at(bytes, offset).unwrap();
    let offset = usize::try_from(offset).unwrap();
    model.resize(model.len().max(offset + bytes.len()), 0);
    model[offset..offset + bytes.len()].copy_from_slice(bytes);
}

fn cut(file: &File, model: &mut Vec<u8>, len: u64) {
    file.set_len(len).unwrap();
    model.resize(usize::try_from(len).unwrap(), 0);
}

#[test]
fn mapped_stores_are_seen_on_the_other_side_once_the_mapping_is_gone() {
    let tree = Tree::new("//- /package.json\n{}\n");
    let mount = tree.mounter("").mount();
    let (through, behind) = (mount.source("f.ts"), tree.path("f.ts"));
    fs::write(
        &behind,
        format!("export const a = 'old';{}", " ".repeat(9000)),
    )
    .unwrap();
    for (store, text) in [(&through, b"one"), (&behind, b"two"), (&through, b"six")] {
        let file = both(store);
        let mapping = Mapping::new(&file, 9000, true);
        mapping.write(18, text);
        drop(mapping);
        drop(file);
        for path in [&through, &behind, &mount.output("f.ts.js")] {
            let read = fs::read(path).unwrap();
            assert_eq!(&read[18..21], text, "{}", path.display());
        }
    }
    mount.stop();
}

#[test]
fn two_writers_append_whole_lines() {
    const LINES: usize = 1000;
    let tree = Tree::new("//- /package.json\n{}\n");
    let mount = tree.mounter("").mount();
    File::create(tree.path("log")).unwrap();
    std::thread::scope(|scope| {
        let paths = [
            (mount.source("log"), b"aaaaaaa\n"),
            (mount.source("log"), b"bbbbbbb\n"),
            (tree.path("log"), b"ccccccc\n"),
        ];
        for (path, line) in paths {
            scope.spawn(move || {
                let mut file = OpenOptions::new().append(true).open(path).unwrap();
                for _ in 0..LINES {
                    file.write_all(line).unwrap();
                }
            });
        }
    });
    let text = fs::read_to_string(mount.source("log")).unwrap();
    for line in ["aaaaaaa", "bbbbbbb", "ccccccc"] {
        assert_eq!(text.lines().filter(|found| *found == line).count(), LINES);
    }
    assert_eq!(text.len(), 3 * LINES * 8);
    mount.stop();
}

#[test]
fn a_descriptor_that_is_direct_no_more_takes_any_length() {
    let tree = Tree::new("//- /note.txt\n");
    let mount = tree.mounter("").mount();
    let bytes: Vec<u8> = (0..10_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    tree.write("in", &bytes);
    // Somebody has it open as the kernel serves it.
    let other = File::create(mount.source("out")).unwrap();
    let copied = Command::new("dd")
        .arg(format!("if={}", tree.path("in").display()))
        .arg(format!("of={}", mount.source("out").display()))
        .args(["oflag=direct", "bs=4096"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&copied.stderr);
    assert!(copied.status.success(), "{said}");
    assert_eq!(fs::read(tree.path("out")).unwrap(), bytes);
    assert_eq!(fs::read(mount.source("out")).unwrap(), bytes);
    drop(other);
}

#[test]
fn programs_run_from_the_mount_and_are_busy_while_they_are_written() {
    let tree = Tree::new("//- /package.json\n{}\n");
    let mount = tree.mounter("").mount();
    let program = mount.source("program");
    fs::copy("/bin/true", &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let writer = OpenOptions::new().append(true).open(&program).unwrap();
    assert_eq!(errno(Command::new(&program).status()), libc::ETXTBSY);
    drop(writer);
    // The child of another test may have inherited the descriptor for a moment.
    wait_for("the program to run", || {
        let status = Command::new(&program).status().ok()?;
        status.success().then_some(())
    });
    mount.stop();
}

#[test]
fn what_the_mount_does_not_offer_is_refused_as_the_manual_says() {
    let tree = Tree::new("//- /package.json\n{}\n");
    let mount = tree.mounter("").mount();
    let nameless = OpenOptions::new()
        .write(true)
        .custom_flags(libc::O_TMPFILE)
        .open(mount.root());
    // open(2): the file system does not support O_TMPFILE.
    assert_eq!(errno(nameless), libc::EOPNOTSUPP);
    mount.stop();
}

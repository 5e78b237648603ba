//! The source side against the disk itself and against bindfs.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::generate;
use crate::mounted::{Bindfs, Hookfs};
use crate::report::{Report, Target};
use crate::timing::{in_turns, ratio};

pub fn run(report: &mut Report) {
    let tree = tempfile::tempdir().expect("a tree");
    let state = tempfile::tempdir().expect("a state folder");
    let large = vec![7; 512 << 20];
    fs::write(tree.path().join("large.bin"), &large).expect("a large file");
    drop(large);
    let small = generate::component(1, 2);
    let shallow = generate::at_depth(tree.path(), 1, "small.ts", small.as_bytes());
    let deep = generate::at_depth(tree.path(), 6, "small.ts", small.as_bytes());
    generate::files(&tree.path().join("many"), 10_000);
    let hookfs = Hookfs::mount(tree.path(), state.path());

    let [native, ours] = in_turns(
        9,
        [
            &mut || sequential(&tree.path().join("large.bin")),
            &mut || sequential(&hookfs.root.join("large.bin")),
        ],
    );
    report.time("512 MiB read, native", native);
    report.figure(
        "512 MiB read, speed of native",
        ratio(native, ours),
        "x",
        Target::AtLeast(0.85),
    );

    let Some(bindfs) = Bindfs::mount(tree.path()) else {
        return report.skipped("small files", "bindfs is not installed");
    };
    for (depth, path) in [(1, &shallow), (6, &deep)] {
        let [theirs, ours] = in_turns(
            ROUNDS,
            [&mut || repeatedly(&bindfs.root.join(path)), &mut || {
                repeatedly(&hookfs.root.join(path))
            }],
        );
        report.time(
            &format!("small file at depth {depth}, bindfs"),
            theirs / REPEATS,
        );
        let name = format!("open+fstat+read+close at depth {depth}, time of bindfs");
        report.figure(&name, ratio(ours, theirs), "x", Target::AtMost(0.7));
    }
    let [theirs, ours] = in_turns(
        7,
        [&mut || walk(&bindfs.root.join("many")), &mut || {
            walk(&hookfs.root.join("many"))
        }],
    );
    report.time("walk of 10,000 files, bindfs", theirs);
    report.figure(
        "walk with stat of 10,000 files, time of bindfs",
        ratio(ours, theirs),
        "x",
        Target::AtMost(1.0),
    );
}

/// Reads a file in 128 KiB pieces, as `cat` does.
pub fn sequential(path: &Path) {
    let mut file = File::open(path).expect("opens");
    let mut buffer = vec![0; 128 << 10];
    while file.read(&mut buffer).expect("reads") > 0 {}
}

/// Few, so that both sides meet the same moments of the machine …
pub const REPEATS: u32 = 25;

/// … and often.
pub const ROUNDS: usize = 201;

/// open, fstat, read, close: what a server or a compiler does with a small file whose size fstat has told.
pub fn repeatedly(path: &Path) {
    let mut buffer = Vec::new();
    for _ in 0..REPEATS {
        let mut file = File::open(path).expect("opens");
        let size = file.metadata().expect("has metadata").len();
        buffer.resize(usize::try_from(size).expect("a small file"), 0);
        file.read_exact(&mut buffer).expect("reads whole");
    }
}

/// Lists and stats everything below a folder.
pub fn walk(directory: &Path) {
    for entry in fs::read_dir(directory).expect("lists") {
        let path = entry.expect("an entry").path();
        let metadata = fs::symlink_metadata(&path).expect("has metadata");
        if metadata.is_dir() {
            walk(&path);
        }
    }
}

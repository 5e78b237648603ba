//! Warm outputs against bindfs on plain files of the same size, and against the page cache.

use std::fs;
use std::path::Path;

use crate::generate;
use crate::mounted::{Bindfs, Hookfs};
use crate::report::{Report, Target};
use crate::source::{REPEATS, ROUNDS, repeatedly, sequential};
use crate::timing::{in_turns, ratio};

pub fn run(report: &mut Report) {
    let tree = tempfile::tempdir().expect("a tree");
    let plain = tempfile::tempdir().expect("plain files");
    let state = tempfile::tempdir().expect("a state folder");
    // About 4 KB of output.
    let text: String = (0..60)
        .map(|n| {
            format!("export const twice{n} = (value: number) => value * 2 + {n}; // and more\n")
        })
        .collect();
    let mut large = String::from("export const rows: string[] = [\n");
    while large.len() < 16 << 20 {
        large.push_str(
            "  'a row of some length, as generated data has it, sixty characters or so',\n",
        );
    }
    large.push_str("];\n");
    fs::write(tree.path().join("large.ts"), large).expect("a large module");
    let paths: Vec<(usize, String)> = [1, 6]
        .map(|depth| {
            (
                depth,
                generate::at_depth(tree.path(), depth, "small.ts", text.as_bytes()),
            )
        })
        .to_vec();
    let hookfs = Hookfs::mount(tree.path(), state.path());
    for (depth, path) in &paths {
        let output = fs::read(hookfs.output(path)).expect("an output");
        generate::at_depth(plain.path(), *depth, "small.ts", &output);
    }
    fs::write(
        plain.path().join("large.ts"),
        fs::read(hookfs.output("large.ts")).expect("a large output"),
    )
    .expect("its copy");

    pages(report, &hookfs, &plain.path().join("large.ts"));

    let Some(bindfs) = Bindfs::mount(plain.path()) else {
        return report.skipped("warm outputs", "bindfs is not installed");
    };
    for (depth, path) in &paths {
        let [theirs, ours] = in_turns(
            ROUNDS,
            [&mut || repeatedly(&bindfs.root.join(path)), &mut || {
                repeatedly(&hookfs.output(path))
            }],
        );
        report.time(
            &format!("plain file at depth {depth}, bindfs"),
            theirs / REPEATS,
        );
        let name = format!("warm output open+fstat+read+close at depth {depth}, time of bindfs");
        report.figure(&name, ratio(ours, theirs), "x", Target::AtMost(0.7));
    }
}

/// A large output that is read again comes from the kernel's pages, 4 KiB each; a disk's file system may have larger
/// ones, which are quicker to go through. tmpfs has the same.
fn pages(report: &mut Report, hookfs: &Hookfs, plain: &Path) {
    let memory = tempfile::tempdir_in("/dev/shm").expect("a folder in memory");
    let in_memory = memory.path().join("large.ts");
    fs::copy(plain, &in_memory).expect("a copy in memory");
    let output = hookfs.output("large.ts");
    let [native, memory, ours] = in_turns(
        31,
        [
            &mut || sequential(plain),
            &mut || sequential(&in_memory),
            &mut || sequential(&output),
        ],
    );
    report.time("16 MiB plain file in pages of 4 KiB (tmpfs)", memory);
    report.figure(
        "16 MiB output, speed of such pages",
        ratio(memory, ours),
        "x",
        Target::AtLeast(0.7),
    );
    report.figure(
        "16 MiB output, speed of a plain file on the disk",
        ratio(native, ours),
        "x",
        Target::None,
    );
}

//! Time to be ready, memory and idle time on large trees.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::generate;
use crate::mounted::Hookfs;
use crate::report::{Report, Target};
use crate::timing::{median, time};

/// How long one look at an idle daemon is.
const WINDOW: Duration = Duration::from_secs(5);

pub fn run(report: &mut Report) {
    let tree = tempfile::tempdir().expect("a tree");
    generate::files(tree.path(), 100_000);
    let ready: Vec<Duration> = (0..7)
        .map(|_| {
            let state = tempfile::tempdir().expect("a state folder");
            Hookfs::mount(tree.path(), state.path()).ready
        })
        .collect();
    let ready = median(ready).as_secs_f64() * 1e3;
    report.figure(
        "mount of 100,000 files until ready",
        ready,
        "ms",
        Target::AtMost(100.0),
    );

    let state = tempfile::tempdir().expect("a state folder");
    let hookfs = Hookfs::mount(tree.path(), state.path());
    let (walked, found) = time(|| sizes(&hookfs.root));
    assert_eq!(found, 100_000, "every file was seen");
    report.figure(
        "find with sizes over 100,000 files",
        walked.as_secs_f64(),
        "s",
        Target::None,
    );
    report.figure(
        "anonymous memory after it",
        hookfs.anonymous_mb(),
        "MB",
        Target::AtMost(120.0),
    );

    for number in 0..10_000 {
        let path = format!(
            "group{}/folder{}/file{number}.ts",
            number / 1000,
            number / 100
        );
        fs::read(hookfs.output(&path)).expect("an output");
    }
    report.figure(
        "anonymous memory after 10,000 outputs",
        hookfs.anonymous_mb(),
        "MB",
        Target::AtMost(250.0),
    );

    // What was computed last is still being written when the first window begins.
    let windows: Vec<Duration> = (0..3)
        .map(|_| {
            let before = hookfs.cpu_time();
            std::thread::sleep(WINDOW); // the figure is what happens while nothing is asked
            hookfs.cpu_time() - before
        })
        .collect();
    let used = median(windows).as_secs_f64() / WINDOW.as_secs_f64() * 100.0;
    report.figure("processor time while idle", used, "%", Target::AtMost(1.0));
}

/// Stats every file below a folder, as `find -size` does; gives their number.
fn sizes(directory: &Path) -> usize {
    fs::read_dir(directory)
        .expect("lists")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let metadata = fs::symlink_metadata(&path).expect("has metadata");
            if metadata.is_dir() {
                sizes(&path)
            } else {
                usize::from(metadata.len() > 0)
            }
        })
        .sum()
}

//! From a write to a source to the fresh output, beside swc's compile of that file.

use std::fs;
use std::time::Duration;

use crate::bare;
use crate::generate;
use crate::mounted::Hookfs;
use crate::report::{Report, Target};
use crate::timing::{median, percentile, time};

const EDITS: usize = 200;

pub fn run(report: &mut Report) {
    for count in [100, 1_000, 10_000] {
        measure(report, count);
    }
}

fn measure(report: &mut Report, count: usize) {
    let project = tempfile::tempdir().expect("a project");
    let state = tempfile::tempdir().expect("a state folder");
    generate::components(project.path(), count);
    let src = project.path().join("src");
    let hookfs = Hookfs::mount(&src, state.path());
    for number in 0..count {
        fs::read(hookfs.output(&format!("component{number}.tsx.js"))).expect("an output");
    }
    let (mut waits, mut writes, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for edit in 0..EDITS {
        let number = edit * 37 % count;
        let text = format!(
            "{}export const edited = {edit};\n",
            generate::component(number, count)
        );
        let source = src.join(format!("component{number}.tsx"));
        let output = hookfs.output(&format!("component{number}.tsx.js"));
        let (write, ()) = time(|| fs::write(&source, &text).expect("saves"));
        let (read, code) = time(|| fs::read(&output).expect("an output"));
        let fresh = format!("edited = {edit}");
        assert!(
            String::from_utf8_lossy(&code).contains(&fresh),
            "a stale output after edit {edit}"
        );
        writes.push(write);
        waits.push(write + read);
        bare.push(time(|| bare::compile(&text)).0);
    }
    let bare = median(bare);
    let over = |wait: Duration| wait.saturating_sub(bare).as_secs_f64() * 1e3;
    report.time(&format!("swc's compile of one of {count} files"), bare);
    // The disk's part of it.
    report.time(&format!("write of one of {count} files"), median(writes));
    let name = format!("edit to output over swc's compile, {count} files, median");
    report.figure(
        &name,
        over(median(waits.clone())),
        "ms",
        Target::AtMost(0.5),
    );
    let name = format!("edit to output over swc's compile, {count} files, 95 %");
    report.figure(
        &name,
        over(percentile(waits, 0.95)),
        "ms",
        Target::AtMost(1.5),
    );
}

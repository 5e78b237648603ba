//! A bundle of five thousand modules: cold, after an edit, after a restart.

use std::fs;

use crate::bare;
use crate::generate;
use crate::mounted::Hookfs;
use crate::report::{Report, Target};
use crate::timing::{median, ratio, time};

const FILES: usize = 5_000;
const EDITS: usize = 40;
const ROUNDS: usize = 3;

/// It imports its two neighbours, and so all of them.
const NAME: &str = "~bundle/component0.tsx.js";

pub fn run(report: &mut Report) {
    let project = tempfile::tempdir().expect("a project");
    generate::components(project.path(), FILES);
    let src = project.path().join("src");
    let read = |hookfs: &Hookfs| fs::read(hookfs.output(NAME)).expect("a bundle");
    let (mut colds, mut bares) = (Vec::new(), Vec::new());
    let mut state = tempfile::tempdir().expect("a state folder");
    for _ in 0..ROUNDS {
        state = tempfile::tempdir().expect("a state folder");
        let hookfs = Hookfs::mount(&src, state.path());
        colds.push(time(|| read(&hookfs)).0);
        bares.push(bare::time_of(&src, FILES));
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let floor = median(bares) / u32::try_from(cores).unwrap_or(1);
    report.time("5,000 TSX files, swc's processor time / cores", floor);
    let cold = median(colds);
    report.time("the bundle of all of them, cold", cold);
    let name = "cold bundle, times swc / cores";
    report.figure(name, ratio(cold, floor), "x", Target::AtMost(1.2));
    let (first, hookfs) = time(|| {
        let hookfs = Hookfs::mount(&src, state.path());
        read(&hookfs);
        hookfs
    });
    report.time("the bundle after a restart, from the command on", first);
    edits(report, &src, &hookfs);
}

fn edits(report: &mut Report, src: &std::path::Path, hookfs: &Hookfs) {
    let (mut ready, mut read, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for edit in 0..EDITS {
        let number = edit * 37 % FILES;
        let component = generate::component(number, FILES);
        let text = format!("{component}export const edited = {edit};\n");
        fs::write(src.join(format!("component{number}.tsx")), &text).expect("saves");
        let output = hookfs.output(NAME);
        ready.push(time(|| fs::metadata(&output).expect("a bundle")).0);
        let (taken, bytes) = time(|| fs::read(&output).expect("a bundle"));
        read.push(taken);
        let fresh = format!("const edited={edit};");
        assert!(
            String::from_utf8_lossy(&bytes).contains(&fresh),
            "stale after edit {edit}"
        );
        bare.push(time(|| bare::compile(&text)).0);
    }
    let over = median(ready).saturating_sub(median(bare));
    report.figure(
        "edit to a bundle that is ready, over swc's compile",
        over.as_secs_f64() * 1e3,
        "ms",
        Target::AtMost(50.0),
    );
    report.time("reading it", median(read));
}

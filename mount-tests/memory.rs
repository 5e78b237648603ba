//! What the daemon keeps in memory grows by little with each file that is looked at.

use std::fs;
use std::path::Path;

use crate::support::{Mount, Tree};

const FOLDERS: usize = 100;
const IN_EACH: usize = 220;
/// So many folders are looked at before it is measured: what comes once is there by then.
const FIRST: usize = 20;

/// Bytes of the daemon's own memory.
fn anonymous(mount: &Mount) -> u64 {
    let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", mount.pid())).unwrap();
    let line = text.lines().find(|line| line.starts_with("Anonymous:"));
    let kilobytes = line.and_then(|line| line.split_ascii_whitespace().nth(1));
    kilobytes.unwrap().parse::<u64>().unwrap() * 1024
}

/// Stats every file in some of the folders; gives how many.
fn look(root: &Path, folders: std::ops::Range<usize>) -> u64 {
    let mut seen = 0;
    for folder in folders {
        for entry in fs::read_dir(root.join(format!("folder{folder}"))).unwrap() {
            assert!(entry.unwrap().metadata().unwrap().is_file());
            seen += 1;
        }
    }
    seen
}

#[test]
fn a_file_that_was_looked_at_takes_less_than_a_kilobyte() {
    let tree = Tree::new("//- /package.json\n{}\n");
    for folder in 0..FOLDERS {
        for file in 0..IN_EACH {
            let name = format!("folder{folder}/component-with-a-name-{file}.ts");
            tree.write(&name, "export const n = 1;\n");
        }
    }
    let mount = tree.mounter(".").mount();
    look(mount.root(), 0..FIRST);
    let before = anonymous(&mount);
    let seen = look(mount.root(), FIRST..FOLDERS);
    let grown = anonymous(&mount).saturating_sub(before);
    assert_eq!(seen, ((FOLDERS - FIRST) * IN_EACH) as u64);
    assert!(grown < seen * 1024, "{grown} bytes more for {seen} files");
    mount.stop();
}

//! What happens to the daemon, and what must hold all the same.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Mount, Tree, errno, wait_for};

fn project() -> Tree {
    let tree = Tree::new("//- /tsconfig.json\n{}\n");
    for number in 0..60 {
        tree.write(&format!("m{number}.ts"), module(number, 0));
    }
    tree
}

fn module(number: usize, version: usize) -> String {
    format!(
        "import './m{}';\nexport const v{number}: number = {version};\n",
        (number + 1) % 60
    )
}

fn check_all(mount: &Mount) {
    for number in 0..60 {
        let source = fs::read_to_string(mount.source(&format!("m{number}.ts"))).unwrap();
        let version = source.rsplit(' ').next().unwrap().trim();
        let code = mount.read(&format!("m{number}.ts.js"));
        assert!(
            code.contains(&format!("v{number} = {version}")),
            "m{number}: {code} of {source}"
        );
    }
}

#[test]
fn a_daemon_killed_idle_is_taken_over() {
    let tree = project();
    let mount = tree.mounter("").mount();
    check_all(&mount);
    let _dead = mount.kill();
    let mount = tree.mounter("").mount();
    check_all(&mount);
    mount.stop();
}

#[test]
fn killed_under_reads_and_writes_nothing_wrong_comes_after() {
    let tree = project();
    for round in 0..4 {
        let mount = tree.mounter("").mount();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for step in 0.. {
                    if done.load(Ordering::Relaxed) {
                        return;
                    }
                    let _ = fs::read(mount.output(&format!("m{}.ts.js", step % 60)));
                }
            });
            for number in 0..60 {
                let text = module(number, round * 100 + number);
                // What was acknowledged through the mount must be in the source.
                fs::write(mount.source(&format!("m{number}.ts")), &text).unwrap();
                assert_eq!(
                    fs::read_to_string(tree.path(&format!("m{number}.ts"))).unwrap(),
                    text
                );
            }
            mount.signal(libc::SIGKILL);
            done.store(true, Ordering::Relaxed);
        });
        let _dead = mount.kill();
        let mount = tree.mounter("").mount();
        check_all(&mount);
        mount.stop();
    }
}

#[test]
fn a_signal_ends_it_well_with_files_open_and_under_traffic() {
    let tree = project();
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let mut mount = tree.mounter("").mount();
        let mut open = File::create(mount.source("open.txt")).unwrap();
        open.write_all(b"acknowledged").unwrap();
        let output = File::open(mount.output("m0.ts.js")).unwrap();
        mount.signal(signal);
        let status = mount.ended();
        assert!(status.success(), "{status}: {}", mount.said());
        assert_eq!(fs::read(tree.path("open.txt")).unwrap(), b"acknowledged");
        drop((open, output));
    }
}

#[test]
fn unmounted_from_outside_the_daemon_ends() {
    let tree = project();
    let mut mount = tree.mounter("").mount();
    check_all(&mount);
    let status = Command::new("fusermount3")
        .arg("-u")
        .arg(mount.root())
        .status()
        .unwrap();
    assert!(status.success());
    assert!(mount.ended().success(), "{}", mount.said());
}

#[test]
fn a_damaged_store_costs_a_computation_and_never_a_byte() {
    let tree = project();
    let mount = tree.mounter("").mount();
    check_all(&mount);
    mount.stop();
    let state = tree.folder().join("state");
    for damage in 0..4 {
        let mut files = Vec::new();
        collect(&state, &mut files);
        assert!(!files.is_empty());
        for path in files {
            let len = fs::metadata(&path).unwrap().len();
            let file = File::options().write(true).open(&path).unwrap();
            match damage {
                0 => file.set_len(len / 2).unwrap(),
                1 => file.set_len(0).unwrap(),
                2 => fs::write(&path, "garbage").unwrap(),
                _ => (0..len)
                    .step_by(701)
                    .for_each(|at| file.write_all_at(&[0x5a], at).unwrap()),
            }
        }
        let mount = tree.mounter("").mount();
        check_all(&mount);
        mount.stop();
    }
}

/// The regular files of the state that hold something.
fn collect(folder: &std::path::Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            collect(&entry.path(), into);
        } else if kind.is_file() && entry.metadata().unwrap().len() > 0 {
            into.push(entry.path());
        }
    }
}

#[test]
fn the_state_removed_while_it_runs_harms_no_reader() {
    let tree = project();
    let mount = tree.mounter("").mount();
    check_all(&mount);
    fs::remove_dir_all(mount.state()).unwrap();
    for version in 1..5 {
        for number in 0..60 {
            tree.write(&format!("m{number}.ts"), module(number, version));
        }
        check_all(&mount);
    }
}

#[test]
fn the_tree_replaced_under_the_mount_is_the_new_tree_on_both_sides() {
    let tree = Tree::new(
        "//- /src/tsconfig.json\n{}\n//- /src/a.ts\nexport const a = 'old';\n//- /src/gone.ts\nexport {};\n",
    );
    let mount = tree.mounter("src").mount();
    assert!(mount.read("a.ts.js").contains("old"));
    fs::rename(tree.path("src"), tree.path("before")).unwrap();
    tree.write("src/a.ts", "export const a = 'new';\n");
    assert!(
        fs::read_to_string(mount.source("a.ts"))
            .unwrap()
            .contains("new")
    );
    assert!(mount.read("a.ts.js").contains("new"));
    assert_eq!(errno(fs::read(mount.output("gone.ts.js"))), libc::ENOENT);
    assert_eq!(errno(fs::read(mount.source("gone.ts"))), libc::ENOENT);
}

#[test]
fn a_mount_point_inside_the_source_does_not_recurse() {
    let tree = project();
    let point = tree.path("mnt");
    fs::create_dir(&point).unwrap();
    let mount = tree.mounter("").at(point).mount();
    check_all(&mount);
    let walked = Command::new("timeout")
        .args(["60", "find"])
        .arg(mount.root())
        .output()
        .unwrap();
    assert!(
        walked.status.code().is_some_and(|code| code <= 1),
        "{:?}",
        walked.status
    );
    let lines = String::from_utf8_lossy(&walked.stdout).lines().count();
    assert!(lines < 200, "{lines} lines");
    mount.stop();
}

#[test]
fn a_state_folder_inside_the_source_does_not_wake_the_daemon() {
    let tree = project();
    let mount = tree.mounter("").argument("--read-only").mount();
    check_all(&mount);
    mount.stop();
    let state = tree.path("inner-state");
    let mounter = crate::support::Mounter::new(tree.project(), tree.folder().join("mnt"), state);
    let mount = mounter.mount();
    check_all(&mount);
    let used = || {
        let text = fs::read_to_string(format!("/proc/{}/stat", mount.pid())).unwrap();
        let fields: Vec<&str> = text
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    // A loop that wakes itself burns a core: 100 ticks a second. The store's last writes may still be under way.
    wait_for("an idle daemon", || {
        let before = used();
        std::thread::sleep(std::time::Duration::from_secs(2));
        (used() - before < 20).then_some(())
    });
}

#[test]
fn bad_arguments_are_refused_with_a_reason_and_nothing_is_mounted() {
    let tree = project();
    tree.write("file", "x");
    let full = tree.folder().join("full");
    fs::create_dir_all(full.join("something")).unwrap();
    let refuse = |command: &mut Command, reason: &str| {
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{command:?} succeeded");
        assert!(
            text.contains("error") && text.contains(reason),
            "{command:?} said: {text}"
        );
    };
    refuse(&mut tree.mounter("missing").command(), "missing");
    refuse(
        &mut tree.mounter("").at(tree.path("file")).command(),
        "not a directory",
    );
    refuse(
        &mut tree.mounter("").at(full.clone()).command(),
        "not empty",
    );
    assert!(full.join("something").exists(), "nothing is hidden");
    let mount = tree.mounter("").mount();
    refuse(&mut tree.mounter("").command(), "");
    check_all(&mount);
    mount.stop();
}

#[test]
fn ten_thousand_opens_leave_descriptors_flat() {
    let tree = project();
    let mount = tree.mounter("").mount();
    check_all(&mount);
    let descriptors = || {
        fs::read_dir(format!("/proc/{}/fd", mount.pid()))
            .unwrap()
            .count()
    };
    let before = descriptors();
    for round in 0..5_000 {
        let number = round % 60;
        fs::metadata(mount.output(&format!("m{number}.ts.js"))).unwrap();
        drop(File::open(mount.output(&format!("m{number}.ts.js"))).unwrap());
        drop(File::open(mount.source(&format!("m{number}.ts"))).unwrap());
    }
    // Releases arrive after close(2) has returned.
    wait_for("descriptors to be closed", || {
        (descriptors() <= before + 100).then_some(())
    });
}

#[test]
fn many_files_at_once_are_right_at_the_first_read() {
    let tree = project();
    let mount = tree.mounter("").mount();
    check_all(&mount);
    // More events than the kernel's queue of 16,384 holds, unless the daemon reads it meanwhile.
    for number in 0..6_000 {
        tree.write(&format!("wide/f{number}.ts"), "export {};\n");
        if number == 0 {
            mount.read("wide/f0.ts.js");
        }
    }
    for number in 0..60 {
        tree.write(&format!("m{number}.ts"), module(number, 7));
    }
    check_all(&mount);
    fs::remove_dir_all(tree.path("wide")).unwrap();
    assert_eq!(errno(fs::read(mount.output("wide/f0.ts.js"))), libc::ENOENT);
}

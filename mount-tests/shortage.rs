//! When something runs out: descriptors, room on a disk, watches; and who is in the way of whom.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Mount, Mounter, SmallDisk, Tree, errno, hookfs, is_mounted};

const MODULES: usize = 60;

fn project() -> Tree {
    let tree = Tree::new("//- /tsconfig.json\n{}\n");
    fill(&tree.project(), 0);
    tree
}

fn fill(folder: &Path, version: usize) {
    for number in 0..MODULES {
        fs::write(
            folder.join(format!("m{number}.ts")),
            module(number, version),
        )
        .unwrap();
    }
}

fn module(number: usize, version: usize) -> String {
    let long = "long ".repeat(200);
    format!("export const v{number}: number = {version}; export const text = '{long}';\n")
}

fn check(mount: &Mount, version: usize) {
    for number in 0..MODULES {
        let code = mount.read(&format!("m{number}.ts.js"));
        assert!(code.contains(&format!("v{number} = {version};")), "{code}");
    }
}

#[test]
fn without_descriptors_callers_are_told_and_all_is_right_afterwards() {
    let tree = project();
    let mount = tree.mounter("").mount();
    let limit = |soft: Option<u64>| {
        let mut before = libc::rlimit64 {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: both structures live through the calls.
        unsafe {
            let none = std::ptr::null();
            let nofile = libc::RLIMIT_NOFILE;
            assert_eq!(libc::prlimit64(mount.pid(), nofile, none, &mut before), 0);
            let new = libc::rlimit64 {
                rlim_cur: soft.unwrap_or(before.rlim_max),
                ..before
            };
            let null = std::ptr::null_mut();
            assert_eq!(libc::prlimit64(mount.pid(), nofile, &new, null), 0);
        }
    };
    // New descriptors take the lowest free numbers (open(2)): ten are left.
    let used: Vec<u64> = fs::read_dir(format!("/proc/{}/fd", mount.pid()))
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok())
        .collect();
    let free = (0..).filter(|number| !used.contains(number));
    limit(free.take(10).last().map(|number| number + 1));
    let mut open = Vec::new();
    let mut refused = 0;
    for number in 0..MODULES {
        let name = format!("m{number}.ts");
        for path in [mount.source(&name), mount.output(&name)] {
            match File::open(&path) {
                Ok(file) => open.push(file),
                Err(error) => {
                    let told = error.raw_os_error();
                    assert_eq!(told, Some(libc::EMFILE), "{}: {error}", path.display());
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 0, "the limit was not reached");
    drop(open);
    limit(None);
    check(&mount, 0);
    fs::write(mount.source("m0.ts"), module(0, 1)).unwrap();
    assert!(mount.read("m0.ts.js").contains("v0 = 1;"));
    mount.stop();
}

#[test]
fn a_full_source_disk_is_told_to_the_writer_alone() {
    let tree = Tree::new("");
    let Some(disk) = SmallDisk::new(tree.folder().join("disk"), 1 << 20) else {
        return;
    };
    fill(disk.place(), 0);
    let mounter = Mounter::new(
        disk.place().to_owned(),
        tree.folder().join("mnt"),
        tree.folder().join("state"),
    );
    let mount = mounter.mount();
    let mut acknowledged = 0;
    let mut file = File::create(mount.source("big")).unwrap();
    let error = loop {
        match file.write(&[b'x'; 4096]) {
            Ok(count) => acknowledged += count,
            Err(error) => break error,
        }
        assert!(acknowledged < 2 << 20, "the disk is not full");
    };
    assert_eq!(error.raw_os_error(), Some(libc::ENOSPC));
    drop(file);
    assert_eq!(
        fs::read(disk.place().join("big")).unwrap(),
        vec![b'x'; acknowledged]
    );
    check(&mount, 0);
    fs::remove_file(mount.source("big")).unwrap();
    fs::write(mount.source("m1.ts"), module(1, 5)).unwrap();
    assert!(mount.read("m1.ts.js").contains("v1 = 5;"));
    mount.stop();
}

#[test]
fn a_full_state_disk_costs_time_only() {
    let tree = project();
    let Some(disk) = SmallDisk::new(tree.folder().join("disk"), 200 << 10) else {
        return;
    };
    let state = disk.place().join("state");
    let mount = Mounter::new(tree.project(), tree.folder().join("mnt"), state).mount();
    for version in 0..4 {
        for number in 0..MODULES {
            fs::write(
                mount.source(&format!("m{number}.ts")),
                module(number, version),
            )
            .unwrap();
        }
        check(&mount, version);
    }
    let warnings = mount.said().matches("going on without storing").count();
    assert!(warnings <= 1, "{warnings} warnings");
    mount.stop();
}

#[test]
fn a_client_killed_while_it_waits_harms_nobody() {
    let tree = project();
    let heavy: String = (0..20_000)
        .map(|n| format!("export const v{n}: number = ((a: number) => a + {n})({n});\n"))
        .collect();
    let mount = tree.mounter("").mount();
    for round in 0..3 {
        tree.write(
            "heavy.ts",
            format!("{heavy}export const round = {round};\n"),
        );
        let mut clients: Vec<_> = (0..4)
            .map(|_| {
                Command::new("cat")
                    .arg(mount.output("heavy.ts.js"))
                    .stdout(Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        // Somebody else is served meanwhile.
        check(&mount, 0);
        for client in &mut clients {
            client.kill().unwrap();
            client.wait().unwrap();
        }
        let code = mount.read("heavy.ts.js");
        assert!(code.contains(&format!("round = {round}")));
    }
    mount.stop();
}

#[test]
fn a_mount_in_use_is_not_unmounted() {
    let tree = project();
    let mut mount = tree.mounter("").mount();
    let file = File::open(mount.source("m0.ts")).unwrap();
    let unmount = || hookfs().arg("unmount").arg(mount.root()).output().unwrap();
    let refused = unmount();
    assert_eq!(refused.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("in use"));
    check(&mount, 0);
    drop(file);
    // Others may look at the mount for a moment.
    crate::support::wait_for("the unmounting", || {
        unmount().status.success().then_some(())
    });
    assert!(mount.ended().success());
}

#[test]
fn one_state_has_one_daemon_and_one_source_may_have_two() {
    let tree = project();
    let mount = tree.mounter("").mount();
    let refused = tree
        .mounter("")
        .at(tree.folder().join("second"))
        .command()
        .output();
    let refused = refused.unwrap();
    assert_eq!(refused.status.code(), Some(3));
    assert!(!is_mounted(&tree.folder().join("second")));
    let second = Mounter::new(
        tree.project(),
        tree.folder().join("second"),
        tree.folder().join("state2"),
    );
    let second = second.mount();
    for version in 1..20 {
        fs::write(mount.source("m3.ts"), module(3, version)).unwrap();
        assert!(
            second
                .read("m3.ts.js")
                .contains(&format!("v3 = {version};"))
        );
        fs::write(second.source("m4.ts"), module(4, version)).unwrap();
        assert!(mount.read("m4.ts.js").contains(&format!("v4 = {version};")));
    }
    second.stop();
    mount.stop();
}

#[test]
fn a_mount_point_over_the_source_is_refused() {
    let tree = Tree::new("//- /in/src/a.ts\nexport const a: number = 1;\n");
    for place in ["in/src", "in"] {
        let output = tree
            .mounter("in/src")
            .at(tree.path(place))
            .command()
            .output();
        let output = output.unwrap();
        assert!(!output.status.success(), "{place}");
        assert!(!is_mounted(&tree.path(place)), "{place}");
    }
    assert!(tree.path("in/src/a.ts").exists());
}

/// The source side of another mount tells nobody what changes behind it, as a network file system does not.
#[test]
fn where_nothing_can_be_watched_every_read_verifies() {
    let tree = project();
    let below = tree.mounter("").mount();
    let above = Mounter::new(
        below.root().to_owned(),
        tree.folder().join("above"),
        tree.folder().join("state2"),
    );
    let above = above.mount();
    check(&above, 0);
    assert!(above.read("~hookfs/status.json").contains("\"verify\""));
    for version in 1..20 {
        tree.write("m7.ts", module(7, version));
        assert!(above.read("m7.ts.js").contains(&format!("v7 = {version};")));
        fs::write(above.source("m8.ts"), module(8, version)).unwrap();
        assert!(above.read("m8.ts.js").contains(&format!("v8 = {version};")));
        fs::remove_file(tree.path("m9.ts")).unwrap();
        assert_eq!(errno(fs::read(above.output("m9.ts.js"))), libc::ENOENT);
        tree.write("m9.ts", module(9, version));
        assert!(above.read("m9.ts.js").contains(&format!("v9 = {version};")));
    }
    assert_eq!(
        above.said().matches("every read verifies").count(),
        1,
        "{}",
        above.said()
    );
    above.stop();
    below.stop();
}

/// Files with several names are watched one by one, as far as there are watches left.
#[test]
fn watches_of_files_make_room_for_those_of_folders() {
    let namespace = || {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user"]);
        command
    };
    if !namespace()
        .arg("true")
        .status()
        .is_ok_and(|status| status.success())
    {
        eprintln!("not run: no user namespace is to be had");
        return;
    }
    let tree = Tree::new("//- /package.json\n{}\n");
    let mut main = String::new();
    for folder in 0..20 {
        let name = format!("f{folder}/x.ts");
        tree.write(
            &name,
            format!("export const x{folder}: number = {folder};\n"),
        );
        fs::hard_link(
            tree.path(&name),
            tree.folder().join(format!("other{folder}")),
        )
        .unwrap();
        main += &format!("import './f{folder}/x';\n");
    }
    tree.write("main.ts", main);
    let most = "echo 30 > /proc/sys/user/max_inotify_watches && exec \"$@\"";
    let output = namespace()
        .args(["sh", "-c", most, "sh"])
        .arg(hookfs().get_program())
        .arg("cat")
        .arg("--state")
        .arg(tree.folder().join("state"))
        .arg(tree.path(""))
        .arg("~bundle/main.ts.js")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("inotify"), "{said}");
}

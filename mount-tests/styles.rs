//! Style sheets that are hostile, through a real mount: their workers are ended, and nothing else is.

use std::fs;

use crate::support::{Mount, Tree, errno, wait_for};

/// The processes that the daemon has started and not reaped, with their states.
fn children(parent: i32) -> Vec<(i32, char)> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // pid (comm) state ppid
        let Some((head, tail)) = stat.rsplit_once(") ") else {
            continue;
        };
        let words: Vec<&str> = tail.split(' ').collect();
        if words.get(1).and_then(|word| word.parse().ok()) == Some(parent) {
            let pid = head.split(' ').next().and_then(|word| word.parse().ok());
            found.push((
                pid.expect("a number"),
                words[0].chars().next().unwrap_or('?'),
            ));
        }
    }
    found
}

fn worker(mount: &Mount) -> i32 {
    wait_for("a worker", || {
        let all = children(mount.pid());
        all.iter()
            .find(|(_, state)| *state != 'Z')
            .map(|(pid, _)| *pid)
    })
}

fn kill(pid: i32) {
    // SAFETY: a signal to a process that the daemon of this test has started.
    unsafe { libc::kill(pid, libc::SIGKILL) };
}

#[test]
fn a_sheet_without_end_is_ended_and_nothing_waits_for_it() {
    let tree = Tree::new(
        "//- /package.json\n{}\n\
         //- /good.scss\n$c: red;\n.a { color: $c }\n\
         //- /main.ts\nexport const a: number = 1;\n",
    );
    for number in 0..3 {
        tree.write(&format!("stuck{number}.scss"), "@while true { $a: 1 }\n");
    }
    let mount = tree.mounter("").mount();
    std::thread::scope(|scope| {
        let stuck: Vec<_> = (0..3)
            .map(|number| {
                let path = mount.output(&format!("stuck{number}.scss"));
                scope.spawn(move || errno(fs::read(path)))
            })
            .collect();
        wait_for("three workers", || {
            (children(mount.pid()).len() >= 3).then_some(())
        });
        assert!(mount.read("main.ts.js").contains("const a = 1"));
        assert!(mount.read("good.scss").contains("color: red"));
        for one in stuck {
            assert_eq!(one.join().expect("a reader"), libc::ETIMEDOUT);
        }
    });
    mount.wait_said("error[style]: compiling was ended: it ran longer than ");
    assert!(
        mount
            .read("~hookfs/errors.json")
            .contains("ran longer than ")
    );
    tree.write("stuck0.scss", ".mended { color: blue }\n");
    assert!(mount.read("stuck0.scss").contains("mended"));
    assert!(children(mount.pid()).iter().all(|(_, state)| *state != 'Z'));
    mount.stop();
}

#[test]
fn recursion_and_hoarding_are_named() {
    let tree = Tree::new(
        "//- /package.json\n{}\n\
         //- /deep.scss\n@function f($x) { @return f($x + 1) }\n.a { width: f(1) }\n\
         //- /large.scss\n$s: 'xxxxxxxxxxxxxxxx';\n@while true { $s: $s + $s }\n",
    );
    let mount = tree.mounter("").mount();
    assert_eq!(errno(fs::read(mount.output("deep.scss"))), libc::EIO);
    mount.wait_said("it recursed too deeply: the stack ran out");
    assert_eq!(errno(fs::read(mount.output("large.scss"))), libc::ETIMEDOUT);
    mount.wait_said("it took more than 1024 MiB of memory");
    let (ran, _) = mount.ran(|| errno(fs::read(mount.output("deep.scss"))));
    assert_eq!(ran, 0, "a stack is the same at every time");
}

#[test]
fn a_worker_that_is_killed_is_replaced_and_ends_with_the_daemon() {
    let tree = Tree::new("//- /package.json\n{}\n//- /a.scss\n.a { color: red }\n");
    let mount = tree.mounter("").mount();
    mount.read("a.scss");
    let first = worker(&mount);
    for descriptor in fs::read_dir(format!("/proc/{first}/fd")).expect("descriptors") {
        let number = descriptor.expect("one").file_name();
        let to = fs::read_link(format!("/proc/{first}/fd/{}", number.to_string_lossy()));
        let to = to.unwrap_or_default().to_string_lossy().into_owned();
        let own = ["socket:", "pipe:", "/dev/null", "anon_inode:"];
        assert!(own.iter().any(|start| to.starts_with(start)), "it has {to}");
        assert_ne!(to, "/dev/fuse");
    }
    kill(first);
    for round in 0..3 {
        tree.write("a.scss", format!("$n: {round};\n.a {{ order: $n }}\n"));
        assert!(mount.read("a.scss").contains(&format!("order: {round}")));
    }
    assert!(children(mount.pid()).iter().all(|(_, state)| *state != 'Z'));
    let last = worker(&mount);
    assert_ne!(last, first);
    let dead = mount.kill();
    wait_for("the worker to end", || {
        let stat = fs::read_to_string(format!("/proc/{last}/stat")).unwrap_or_default();
        // Whoever inherited it may take a while to reap it.
        (stat.is_empty() || stat.contains(") Z ")).then_some(())
    });
    drop(dead);
}

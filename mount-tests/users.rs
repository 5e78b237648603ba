//! Mounts of ordinary users, and other users in a mount. Run by root these become other users for a while; run by an
//! ordinary user, that one does what it can do alone.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use crate::support::{Mount, NOBODY, Tree, as_user, errno, is_root, ordinary_user};

/// Another user without rights.
const OTHER: u32 = 65_533;

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mounted(tree: &Tree) -> Mount {
    let user = ordinary_user();
    tree.open_to_all();
    tree.give_to(user);
    tree.mounter("").by(user).mount()
}

#[test]
fn an_ordinary_user_mounts_edits_and_reads() {
    let tree = Tree::new("//- /a.ts\nexport const a: number = 1;\n");
    let mount = mounted(&tree);
    as_user(ordinary_user(), || {
        assert!(mount.read("a.ts.js").contains("a = 1"));
        fs::write(mount.source("a.ts"), "export const a: number = 2;\n").unwrap();
        assert!(mount.read("a.ts.js").contains("a = 2"));
        fs::write(mount.source("b.ts"), "export const b: string = '';\n").unwrap();
        assert!(mount.read("b.ts.js").contains("b = "));
        assert_eq!(
            fs::metadata(tree.path("b.ts")).unwrap().uid(),
            ordinary_user()
        );
        assert_eq!(
            fs::metadata(mount.state()).unwrap().mode() & 0o777,
            0o700,
            "the state is its owner's alone"
        );
    });
    mount.stop();
}

#[test]
fn a_refusal_is_not_kept() {
    let tree = Tree::new("//- /a.ts\nexport const a: number = 1;\n");
    let mount = mounted(&tree);
    as_user(ordinary_user(), || {
        for _ in 0..20 {
            mode(&tree.path("a.ts"), 0o200);
            assert_eq!(errno(fs::read(mount.source("a.ts"))), libc::EACCES);
            assert_eq!(errno(fs::read(mount.output("a.ts.js"))), libc::EACCES);
            mode(&tree.path("a.ts"), 0o600);
            assert!(mount.read("a.ts.js").contains("a = 1"));
            assert!(fs::read(mount.source("a.ts")).is_ok());
        }
    });
    mount.stop();
}

/// Without passthrough the kernel reads from its own pages.
#[test]
fn an_open_descriptor_reads_what_is_written_behind_the_mount() {
    let tree = Tree::new("//- /package.json\n{}\n");
    let mount = mounted(&tree);
    as_user(ordinary_user(), || {
        follows(&mount.source("f"), &tree.path("f"));
    });
    mount.stop();
}

#[test]
fn an_open_descriptor_reads_what_is_written_behind_the_mount_of_this_user() {
    let tree = Tree::new("//- /package.json\n{}\n");
    let mount = tree.mounter("").mount();
    follows(&mount.source("f"), &tree.path("f"));
    mount.stop();
}

fn follows(through: &Path, behind: &Path) {
    for (round, len) in [100_usize, 5_000, 3 << 20].into_iter().enumerate() {
        let through = through.with_extension(round.to_string());
        let behind = behind.with_extension(round.to_string());
        fs::write(&behind, vec![b'a'; len]).unwrap();
        let reader = File::open(&through).unwrap();
        let writer = OpenOptions::new().write(true).open(&behind).unwrap();
        let mut read = vec![0; len];
        for letter in b'b'..=b'z' {
            reader.read_exact_at(&mut read, 0).unwrap();
            writer.write_all_at(&vec![letter; len], 0).unwrap();
            reader.read_exact_at(&mut read, 0).unwrap();
            assert!(
                read.iter().all(|byte| *byte == letter),
                "old bytes among {len} after an overwrite"
            );
        }
        writer.set_len(10).unwrap();
        assert_eq!(reader.read_at(&mut read, 0).unwrap_or(0), len.min(10));
        writer.write_all_at(b"more", 10).unwrap();
        assert_eq!(reader.read_at(&mut read, 0).unwrap_or(0), len.min(14));
    }
}

/// Opens the database for each row, and again where it is in use on the other side.
const INSERTS: &str = r"
import sqlite3, sys
for row in range(30):
    while True:
        c = sqlite3.connect(sys.argv[1], timeout=60)
        try:
            c.execute('pragma journal_mode=wal')
            c.execute('create table if not exists t(n)')
            c.execute('insert into t values (?)', (row,))
            c.commit()
            break
        except sqlite3.OperationalError:
            pass
        finally:
            c.close()
";

/// The kernel serves an ordinary user's mount from pages of its own: what is mapped through it is not what is mapped at
/// the source.
#[test]
fn a_write_ahead_log_loses_nothing_between_the_mount_and_the_source() {
    let tree = Tree::new("//- /package.json\n{}\n");
    let mount = mounted(&tree);
    let (through, behind) = (mount.source("db"), tree.path("db"));
    let (written, whole) = as_user(ordinary_user(), || {
        let start = |database: &Path| {
            let mut command = Command::new("python3");
            command.args(["-c", INSERTS]).arg(database);
            command.spawn().expect("python3 starts")
        };
        let writers = [&through, &behind, &through, &behind].map(|database| start(database));
        let written = writers.map(|mut writer| writer.wait().unwrap().success());
        let script = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\n\
                      print(c.execute('select count(*) from t').fetchone(), c.execute('pragma integrity_check').fetchone())\n";
        let mut command = Command::new("python3");
        let output = command.args(["-c", script]).arg(&behind).output().unwrap();
        (
            written,
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    });
    assert_eq!(written, [true; 4]);
    assert_eq!(whole.trim(), "(120,) ('ok',)");
    mount.stop();
}

/// Needs a second user, whom only root can be.
#[test]
fn other_users_get_what_the_sources_permissions_give_them() {
    if !is_root() {
        eprintln!("not run: only root can be other users");
        return;
    }
    let tree = Tree::new(
        "//- /secret.ts\nexport const secret: number = 42;\n//- /open.ts\nimport './secret';\nexport const open: number = 1;\n\
         //- /folder/inner.ts\nexport const inner: number = 3;\n//- /wrong.ts\nconst secret = ;\n//- /plain.txt\nplain\n",
    );
    tree.open_to_all();
    for name in ["secret.ts", "wrong.ts", "plain.txt"] {
        mode(&tree.path(name), 0o600);
    }
    mode(&tree.path("folder"), 0o700);
    mode(&tree.project(), 0o1777);
    let mount = tree.mounter("").argument("--allow-other").mount();
    let refused = [
        "secret.ts",
        "secret.ts.js",
        "secret.ts.js.map",
        "plain.txt",
        "folder/inner.ts.js",
        "~graph/folder/inner.ts.json",
        "~graph/secret.ts.json",
        "~hookfs/errors.json",
    ];
    let refuses = || {
        for name in refused {
            assert_eq!(errno(fs::read(mount.output(name))), libc::EACCES, "{name}");
        }
        assert_eq!(errno(fs::read(mount.source("secret.ts"))), libc::EACCES);
        assert!(mount.read("open.ts.js").contains("open = 1"));
        assert!(mount.read("~hookfs/status.json").contains("\"mode\""));
    };
    as_user(NOBODY, refuses);
    // Root's own reading opens nothing to others.
    for name in refused {
        assert!(fs::read(mount.output(name)).is_ok(), "{name}");
    }
    assert_eq!(errno(fs::read(mount.output("wrong.ts.js"))), libc::EIO);
    as_user(NOBODY, refuses);
    for _ in 0..10 {
        mode(&tree.path("secret.ts"), 0o644);
        as_user(NOBODY, || {
            assert!(mount.read("secret.ts.js").contains("42"));
            assert!(fs::read(mount.source("secret.ts")).is_ok());
        });
        mode(&tree.path("secret.ts"), 0o600);
        as_user(NOBODY, refuses);
    }
    as_user(NOBODY, || {
        fs::write(mount.source("mine"), "mine").unwrap();
        fs::create_dir(mount.source("mine.d")).unwrap();
        std::os::unix::fs::symlink("mine", mount.source("mine.l")).unwrap();
        mode(&mount.source("mine"), 0o600);
        mode(&mount.source("mine.d"), 0o700);
    });
    for name in ["mine", "mine.d", "mine.l"] {
        let found = fs::symlink_metadata(tree.path(name)).unwrap();
        assert_eq!((found.uid(), found.gid()), (NOBODY, NOBODY), "{name}");
    }
    as_user(OTHER, || {
        assert_eq!(errno(fs::read(mount.source("mine"))), libc::EACCES);
        assert_eq!(errno(fs::write(mount.source("mine"), "x")), libc::EACCES);
        // The directory is sticky (unlink(2)).
        assert_eq!(errno(fs::remove_file(mount.source("mine"))), libc::EPERM);
        assert_eq!(errno(fs::read_dir(mount.source("mine.d"))), libc::EACCES);
        assert_eq!(errno(File::create(mount.source("mine.d/x"))), libc::EACCES);
    });
    assert_eq!(fs::read(tree.path("mine")).unwrap(), b"mine");
    mount.stop();
}

/// Needs a second user, too.
#[test]
fn what_is_in_an_output_is_for_those_who_may_read_all_of_it() {
    if !is_root() {
        eprintln!("not run: only root can be other users");
        return;
    }
    let tree = Tree::new(
        "//- /secret.css\nb { color: red }\n//- /main.css\n@import './secret.css';\na { color: blue }\n\
         //- /_part.scss\nc { color: red }\n//- /sass.scss\n@use 'part';\nd { e { color: blue } }\n\
         //- /closed/inner.css\nf { color: red }\n//- /outer.css\n@import './closed/inner.css';\n\
         //- /secret.ts\nexport const secret: string = 'hidden';\n//- /open.ts\nimport './main.css';\nimport { secret } from './secret';\nexport const open = [secret];\n\
         //- /secret.txt\ntext\n//- /hook.txt.hook.ts\nexport default ({ readText }) => readText('/secret.txt');\n\
         //- /again.txt.hook.ts\nexport default ({ readText }) => readText('/~@/hook.txt');\n\
         //- /wrong.css\n@import './broken.css';\n//- /broken.css\na { secret\n\
         //- /index.html\n<link rel=stylesheet href=main.css><script type=module src=open.ts></script>\n\
         //- /styled.html\n<link rel=stylesheet href=sass.scss>\n\
         //- /free.css\n@import './plain.css';\n//- /plain.css\ng { color: blue }\n",
    );
    tree.open_to_all();
    let guarded = [
        "secret.css",
        "_part.scss",
        "closed",
        "secret.ts",
        "secret.txt",
        "broken.css",
    ];
    let close = || {
        for name in guarded {
            mode(
                &tree.path(name),
                if name == "closed" { 0o700 } else { 0o600 },
            );
        }
    };
    close();
    let mount = tree.mounter("").argument("--allow-other").mount();
    let refused = [
        "main.css",
        "main.css.js",
        "sass.scss",
        "styled.html",
        "outer.css",
        "secret.ts.js",
        "~bundle/open.ts.js",
        "~bundle/open.ts.js.map",
        "~run/secret.ts.js",
        "hook.txt",
        "again.txt",
        "~graph/main.css.json",
    ];
    let open = [
        "open.ts.js",
        "open.ts.js.map",
        "index.html",
        "free.css",
        "plain.css",
        "~graph/open.ts.json",
    ];
    for name in refused.iter().chain(&open) {
        assert!(fs::read(mount.output(name)).is_ok(), "{name}");
    }
    assert_eq!(errno(fs::read(mount.output("wrong.css"))), libc::EIO);
    let refuses = || {
        for name in refused.iter().chain(&["~graph/wrong.css.json"]) {
            assert_eq!(errno(fs::read(mount.output(name))), libc::EACCES, "{name}");
        }
        for name in open {
            assert!(fs::read(mount.output(name)).is_ok(), "{name}");
        }
    };
    as_user(NOBODY, refuses);
    for _ in 0..3 {
        for name in guarded {
            mode(&tree.path(name), 0o755);
        }
        let (ran, ()) = mount.ran(|| {
            as_user(NOBODY, || {
                for name in refused {
                    assert!(fs::read(mount.output(name)).is_ok(), "{name}");
                }
            });
        });
        close();
        assert_eq!(ran, 0, "a right is no content");
        as_user(NOBODY, refuses);
    }

    // One version by its name, when it is no more, and after a restart.
    let page = mount.read("index.html");
    let at = page.find("main.v").expect("the page names the version");
    let old = page[at..]
        .split(['"', '\'', '>', ' '])
        .next()
        .unwrap()
        .to_owned();
    assert!(mount.read(&old).contains("red"));
    tree.write("main.css", "a { color: blue }\n");
    let refuses_old = |mount: &Mount| {
        as_user(NOBODY, || {
            assert!(mount.read("main.css").contains("blue"));
            assert_eq!(errno(fs::read(mount.output(&old))), libc::EACCES);
        });
        mode(&tree.path("secret.css"), 0o644);
        as_user(NOBODY, || assert!(mount.read(&old).contains("red")));
        mode(&tree.path("secret.css"), 0o600);
        as_user(NOBODY, || {
            assert_eq!(errno(fs::read(mount.output(&old))), libc::EACCES);
        });
    };
    refuses_old(&mount);
    mount.stop();
    let mount = tree.mounter("").argument("--allow-other").mount();
    refuses_old(&mount);
    mount.stop();
}

//! Freshness under fire: writers in processes of their own, behind the mount and through it, readers at once.
//!
//! Each way of writing is checked so many times that a race of a few microseconds shows. The short form runs with the
//! tests; `HOOKFS_TEST_CHECKS=100000` gives the long one.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::support::{Mount, Tree};

/// What the writer adds to a version, so that all have the same number of digits.
const FIRST: u64 = 100_000_000_000;

/// The ways to write a whole new version; the names are those of the writer's script.
const WAYS: [&str; 8] = [
    "truncate",
    "overwrite",
    "rename",
    "recreate",
    "append",
    "mapped",
    "sendfile",
    "folder",
];

/// The writer: a program of its own that writes version N when told N, and answers when the write has returned.
const WRITER: &str = r#"
import mmap, os, sys
way, path = sys.argv[1], sys.argv[2]
def text(n):
    body = 'export const head = 1%011d;\n' % n
    return (body + '// %s\n' % ('x' * (n % 5000)) + 'export const tail = 1%011d;\n' % n).encode()
def put(p, data, flags):
    fd = os.open(p, flags, 0o644)
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]
    os.close(fd)
W = os.O_WRONLY | os.O_CREAT
for line in sys.stdin:
    n = int(line)
    data = text(n)
    if way == 'truncate':
        put(path, data, W | os.O_TRUNC)
    elif way == 'overwrite':
        data = (b'export const head = 1%011d;\nexport const tail = 1%011d;\n' % (n, n))
        put(path, data, W)
    elif way == 'rename':
        put(path + '.tmp', data, W | os.O_TRUNC)
        os.rename(path + '.tmp', path)
    elif way == 'recreate':
        try: os.unlink(path)
        except FileNotFoundError: pass
        put(path, data, W | os.O_EXCL)
    elif way == 'append':
        put(path, b'', W | os.O_TRUNC)
        for i in range(0, len(data), 997):
            put(path, data[i:i + 997], W | os.O_APPEND)
    elif way == 'mapped':
        data = (b'export const head = 1%011d;\nexport const tail = 1%011d;\n' % (n, n))
        if os.path.getsize(path) != len(data):
            put(path, data, W | os.O_TRUNC)
        fd = os.open(path, os.O_RDWR)
        m = mmap.mmap(fd, len(data))
        m[:] = data
        m.close()
        os.close(fd)
    elif way == 'sendfile':
        put(path + '.src', data, W | os.O_TRUNC)
        a = os.open(path + '.src', os.O_RDONLY)
        b = os.open(path, W | os.O_TRUNC, 0o644)
        at = 0
        while at < len(data):
            at += os.sendfile(b, a, at, len(data) - at)
        os.close(a); os.close(b)
    elif way == 'folder':
        folder = os.path.dirname(path)
        os.makedirs(folder + '.new', exist_ok=True)
        put(folder + '.new/' + os.path.basename(path), data, W | os.O_TRUNC)
        os.rename(folder, folder + '.old')
        os.rename(folder + '.new', folder)
        os.unlink(folder + '.old/' + os.path.basename(path))
        os.rmdir(folder + '.old')
    print('done', flush=True)
"#;

/// A writer's process.
struct Writer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Writer {
    fn start(way: &str, path: &Path) -> Self {
        let mut child = Command::new("python3")
            .args(["-u", "-c", WRITER, way])
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        Self {
            child,
            input,
            output,
        }
    }

    /// Returns when version `number` has been written.
    fn write(&mut self, number: u64) {
        writeln!(self.input, "{number}").expect("the writer listens");
        let mut line = String::new();
        self.output
            .read_line(&mut line)
            .expect("the writer answers");
        assert_eq!(line, "done\n", "the writer failed at version {number}");
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn checks() -> u64 {
    match std::env::var("HOOKFS_TEST_CHECKS") {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("HOOKFS_TEST_CHECKS is no number: {text}")),
        Err(_) => 250,
    }
}

/// The versions at the head and at the tail of an output; they differ in a torn one.
fn versions(code: &str) -> Option<(u64, u64)> {
    let number = |name: &str| {
        let rest = code.split(&format!("const {name} = ")).nth(1)?;
        let version: u64 = rest.split(';').next()?.parse().ok()?;
        // The number itself may be half written.
        version.checked_sub(FIRST)
    };
    Some((number("head")?, number("tail")?))
}

/// `name` is that of a module, whose outputs are stored, or of a plain copy, whose bytes are only in the source.
fn torture(way: &str, name: &str, through: bool) {
    let tree = Tree::new(&format!("//- /package.json\n{{}}\n//- /{name}\n\n"));
    let mount = tree.mounter("").mount();
    let source: PathBuf = if through {
        mount.source(name)
    } else {
        tree.path(name)
    };
    let side = if through {
        "through the mount"
    } else {
        "behind the mount"
    };
    let mut writer = Writer::start(way, &source);
    writer.write(1);
    let written = AtomicU64::new(1);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // A reader that runs all the time: whatever it gets is whole, and never older than what was there before.
        let background = scope.spawn(|| watch(&mount, way, name, &written, &done));
        let _stop = OnDrop(|| done.store(true, Ordering::Relaxed));
        for number in 2..checks() + 2 {
            writer.write(number);
            written.store(number, Ordering::SeqCst);
            let code = mount.read(name);
            assert_eq!(
                versions(&code),
                Some((number, number)),
                "{way} {side}, {name}: {code}"
            );
        }
        done.store(true, Ordering::Relaxed);
        if let Err(panic) = background.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Reads while versions are written. A half-written source may be a syntax error or missing, never a mixture that
/// claims to be whole and never an old version. A file that is written again and again can always be opened; only a
/// folder that goes again and again is looked for in vain.
fn watch(mount: &Mount, way: &str, name: &str, written: &AtomicU64, done: &AtomicBool) {
    while !done.load(Ordering::Relaxed) {
        let least = written.load(Ordering::SeqCst);
        let code = match fs::read_to_string(mount.output(name)) {
            Ok(code) => code,
            Err(error) => {
                let stale = error.raw_os_error() == Some(libc::ESTALE);
                assert!(!stale || way == "folder", "{way}, {name}: {error}");
                continue;
            }
        };
        if let Some((head, tail)) = versions(&code) {
            assert!(
                tail >= least,
                "stale: version {tail} when {least} had been written"
            );
            assert!(head >= tail, "torn: {head} and {tail}");
        }
    }
}

/// Runs something at the end of a scope, a panic's too.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

const MODULE: &str = "deep/er/m.js";
const COPY: &str = "deep/er/m.md";

#[test]
fn behind_the_mount() {
    for way in WAYS {
        torture(way, MODULE, false);
    }
}

#[test]
fn through_the_mount() {
    for way in WAYS {
        torture(way, MODULE, true);
    }
}

#[test]
fn copies_behind_the_mount() {
    for way in WAYS {
        torture(way, COPY, false);
    }
}

#[test]
fn copies_through_the_mount() {
    for way in WAYS {
        torture(way, COPY, true);
    }
}

//! The file systems under measurement: hookfs by its binary, and bindfs with the setting that is as fresh.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A mount of hookfs that ends with the value.
pub struct Hookfs {
    /// The mount point.
    pub root: PathBuf,
    /// From the start of the process to the line that says it is ready.
    pub ready: Duration,
    child: Child,
    _point: tempfile::TempDir,
}

impl Hookfs {
    /// Mounts `source` with its state in `state`.
    pub fn mount(source: &Path, state: &Path) -> Self {
        Self::mount_with(source, state, &[])
    }

    /// The same, with more arguments.
    pub fn mount_with(source: &Path, state: &Path, arguments: &[&str]) -> Self {
        let point = tempfile::tempdir().expect("a mount point");
        let start = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_hookfs"))
            .arg("mount")
            .args([source, point.path()])
            .arg("--state")
            .arg(state)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let output = child.stdout.take().expect("its output");
        let mut lines = BufReader::new(output);
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line when it is ready");
        let ready = start.elapsed();
        assert!(line.contains("mounted"), "hookfs did not mount: {line}");
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Self {
            root: point.path().to_path_buf(),
            ready,
            child,
            _point: point,
        }
    }

    /// A path under `/~@/`.
    pub fn output(&self, path: &str) -> PathBuf {
        self.root.join("~@").join(path)
    }

    /// A number of `status.json`.
    pub fn status(&self, field: &str) -> u64 {
        let text = std::fs::read(self.output("~hookfs/status.json")).expect("status.json");
        let status: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
        status[field]
            .as_u64()
            .unwrap_or_else(|| panic!("no `{field}` in {status}"))
    }

    /// The daemon's anonymous memory in MB.
    pub fn anonymous_mb(&self) -> f64 {
        let path = format!("/proc/{}/smaps_rollup", self.child.id());
        let text = std::fs::read_to_string(path).expect("its memory");
        let line = text
            .lines()
            .find(|line| line.starts_with("Anonymous:"))
            .expect("a line");
        let kilobytes: f64 = line
            .split_whitespace()
            .nth(1)
            .and_then(|n| n.parse().ok())
            .expect("a number");
        kilobytes / 1024.0
    }

    /// The processor time that the daemon has used.
    pub fn cpu_time(&self) -> Duration {
        let text =
            std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("its times");
        let fields: Vec<&str> = text
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ticks: u64 =
            fields[11].parse::<u64>().expect("user") + fields[12].parse::<u64>().expect("system");
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Hookfs {
    fn drop(&mut self) {
        terminate(&mut self.child);
        let _ = Command::new("fusermount3")
            .args(["-u", "-z", "-q"])
            .arg(&self.root)
            .status();
    }
}

/// A mount of bindfs with entry and attribute lives of 0: every change shows at once, as with hookfs.
pub struct Bindfs {
    /// The mount point.
    pub root: PathBuf,
    child: Child,
    _point: tempfile::TempDir,
}

impl Bindfs {
    /// Mounts `source`; `None` where bindfs is not installed.
    pub fn mount(source: &Path) -> Option<Self> {
        let point = tempfile::tempdir().expect("a mount point");
        let child = Command::new("bindfs")
            .args([
                "-f",
                "-o",
                "attr_timeout=0,entry_timeout=0,negative_timeout=0",
            ])
            .args([source, point.path()])
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let root = point.path().to_path_buf();
        let deadline = Instant::now() + Duration::from_secs(30);
        while !mounted(&root) {
            assert!(Instant::now() < deadline, "bindfs did not mount");
            std::thread::sleep(Duration::from_millis(5));
        }
        Some(Self {
            root,
            child,
            _point: point,
        })
    }
}

impl Drop for Bindfs {
    fn drop(&mut self) {
        let _ = Command::new("fusermount3")
            .args(["-u", "-z", "-q"])
            .arg(&self.root)
            .status();
        terminate(&mut self.child);
    }
}

fn mounted(point: &Path) -> bool {
    let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    table.lines().any(|line| {
        line.split(' ')
            .nth(4)
            .is_some_and(|field| Path::new(field) == point)
    })
}

fn terminate(child: &mut Child) {
    if let Ok(pid) = i32::try_from(child.id()) {
        // SAFETY: a signal to a child that has not been waited for; its number cannot have been given to another.
        unsafe { libc::kill(pid, libc::SIGTERM) };
    }
    let _ = child.wait();
}

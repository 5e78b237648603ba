//! A React application of many components in a browser: from a mount behind nginx, and from Vite's dev server, in turns.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::application;
use crate::mounted::Hookfs;
use crate::process::Process;
use crate::report::{Report, Target};
use crate::server::{Kind, Server};
use crate::support::wait_for;
use crate::tab::{Tab, browser};
use crate::timing::{median, ratio, time};

/// Components, and how many rounds: the more there are, the longer a round takes, and the less it varies.
const SIZES: [(usize, usize); 3] = [(100, 5), (1_000, 3), (5_000, 1)];

/// What one side took, a sample for each round (of reloads two).
#[derive(Default)]
struct Taken {
    cold: Vec<Duration>,
    warm: Vec<Duration>,
    reload: Vec<Duration>,
}

pub fn run(report: &mut Report) {
    let Some(tools) = tools() else {
        return report.skipped(
            "pages beside Vite",
            "`scripts/bench` installs Vite with npm",
        );
    };
    for (size, rounds) in SIZES {
        let project = tempfile::tempdir().expect("a project");
        application::write(project.path(), size);
        copy(&tools, project.path());
        let (mut ours, mut theirs, mut floor) = (Taken::default(), Taken::default(), Vec::new());
        for _ in 0..rounds {
            let state = tempfile::tempdir().expect("a state folder");
            round(project.path(), &mut ours, |_| {
                mounted(project.path(), state.path())
            });
            floor.push(plain(project.path(), state.path()));
            round(project.path(), &mut theirs, |is_cold| {
                vite(project.path(), is_cold)
            });
        }
        tell(report, size, ours, theirs, floor);
    }
}

fn tell(report: &mut Report, size: usize, ours: Taken, theirs: Taken, floor: Vec<Duration>) {
    let floor = median(floor);
    let mut figure = |name: &str, ours: Vec<Duration>, theirs: Vec<Duration>, limit: f64| {
        let (ours, theirs) = (median(ours), median(theirs));
        report.time(&format!("{size} components, {name}"), ours);
        report.time(&format!("{size} components, {name}, Vite"), theirs);
        let target = Target::AtMost(limit);
        report.figure(
            &format!("{size} components, {name}, time of Vite"),
            ratio(ours, theirs),
            "x",
            target,
        );
        theirs
    };
    let cold = figure("first load", ours.cold, theirs.cold, 0.35);
    figure("first load after a restart", ours.warm, theirs.warm, 0.3);
    figure("reload after an edit", ours.reload, theirs.reload, 0.7);
    // No native module can be had for less: the same files, from a folder, without a daemon.
    report.figure(
        &format!("{size} components, nginx and Chromium alone, time of Vite's first load"),
        ratio(floor, cold),
        "x",
        Target::None,
    );
}

/// A server that is up, and the URL of its page.
pub(crate) struct Site {
    pub(crate) url: String,
    /// The processes that serve it, where they are all of one group.
    pub(crate) group: Option<u32>,
    _keep: Box<dyn std::any::Any>,
}

impl Site {
    /// The server's port.
    pub(crate) fn port(&self) -> u16 {
        let after = self.url.rsplit(':').next().unwrap_or_default();
        after.trim_end_matches('/').parse().expect("a port")
    }
}

/// Loads a page for the first time, after two edits, and after a restart.
fn round(project: &Path, taken: &mut Taken, start: impl Fn(bool) -> Site) {
    let mut chromium = browser();
    let mut page = Tab::new(&mut chromium);
    let (cold, site) = time(|| {
        let site = start(true);
        page.open(&site.url);
        site
    });
    taken.cold.push(cold);
    for edit in 0..2 {
        let text = application::marker(edit);
        application::edit(project, application::LEAF, &text);
        taken.reload.push(time(|| page.reload(&text)).0);
    }
    drop((site, chromium));
    let mut chromium = browser();
    let mut page = Tab::new(&mut chromium);
    let (warm, _site) = time(|| {
        let site = start(false);
        page.open(&site.url);
        site
    });
    taken.warm.push(warm);
}

fn mounted(project: &Path, state: &Path) -> Site {
    let hookfs = Hookfs::mount(project, state);
    let server = Server::start(Kind::Nginx, &hookfs.output(""));
    Site {
        url: server.url("/"),
        group: None,
        // The server ends before the mount.
        _keep: Box::new((server, hookfs)),
    }
}

/// The same files from a plain folder, in a new browser.
fn plain(project: &Path, state: &Path) -> Duration {
    let out = tempfile::tempdir().expect("a folder");
    let built = Command::new(env!("CARGO_BIN_EXE_hookfs"))
        .arg("build")
        .args([project, &out.path().join("built")])
        .arg("--state")
        .arg(state)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(built.expect("the binary starts").success(), "no build");
    let mut chromium = browser();
    let mut page = Tab::new(&mut chromium);
    time(|| {
        let server = Server::start(Kind::Nginx, &out.path().join("built"));
        page.open(&server.url("/"));
        server
    })
    .0
}

pub(crate) fn vite(project: &Path, is_cold: bool) -> Site {
    if is_cold {
        let _ = fs::remove_dir_all(project.join("node_modules/.vite"));
    }
    let mut command = Command::new(project.join("node_modules/.bin/vite"));
    command.args(["--host", "127.0.0.1", "--strictPort"]);
    dev(project, &mut command)
}

/// Starts a server that takes `--port`, and waits until it listens.
pub(crate) fn dev(project: &Path, command: &mut Command) -> Site {
    let port = free_port();
    command
        .args(["--port", &port.to_string()])
        .current_dir(project)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let name = command.get_program().to_string_lossy().into_owned();
    let mut process = Process::start(command).unwrap_or_else(|error| panic!("{name}: {error}"));
    wait_for(&name, || {
        assert!(process.ended().is_none(), "{name} has ended");
        TcpStream::connect(("127.0.0.1", port)).ok()
    });
    Site {
        url: format!("http://127.0.0.1:{port}/"),
        group: Some(process.group()),
        _keep: Box::new(process),
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("its address").port()
}

/// Where `scripts/bench` has installed the peers.
pub(crate) fn tools() -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-tools/node_modules");
    tools.join(".bin/vite").exists().then_some(tools)
}

/// Packages that lie outside a project are not its own.
pub(crate) fn copy(tools: &Path, project: &Path) {
    let status = Command::new("cp")
        .arg("-a")
        .arg(tools)
        .arg(project)
        .status();
    assert!(status.expect("cp starts").success(), "no packages");
}

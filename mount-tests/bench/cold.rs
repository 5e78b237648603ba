//! A thousand modules that nobody has read before, against swc itself and the command lines of its peers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::bare;
use crate::generate;
use crate::mounted::Hookfs;
use crate::report::{Report, Target};
use crate::timing::{median, ratio, time};

const FILES: usize = 1_000;
const ROUNDS: usize = 5;

pub fn run(report: &mut Report) {
    let project = tempfile::tempdir().expect("a project");
    generate::components(project.path(), FILES);
    let src = project.path().join("src");
    let mut ours = Vec::new();
    let mut bare = Vec::new();
    let (mut esbuild, mut swc) = (Vec::new(), Vec::new());
    let tools = tools();
    for _ in 0..ROUNDS {
        ours.push(ours_cold(&src));
        bare.push(bare::time_of(&src, FILES));
        if let Some(tools) = &tools {
            esbuild.push(esbuild_cold(tools, project.path()));
            swc.push(swc_cold(tools, project.path()));
        }
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (ours, floor) = (
        median(ours),
        median(bare) / u32::try_from(cores).unwrap_or(1),
    );
    report.time("1,000 TSX files, swc's processor time / cores", floor);
    report.time("1,000 TSX files through the mount, two readers", ours);
    report.figure(
        "cold read, times swc / cores",
        ratio(ours, floor),
        "x",
        Target::AtMost(1.5),
    );
    if tools.is_none() {
        report.skipped(
            "cold read against esbuild and swc",
            "`scripts/bench` installs them with npm",
        );
    } else {
        report.figure(
            "cold read, time of esbuild's command line",
            ratio(ours, median(esbuild)),
            "x",
            Target::AtMost(0.8),
        );
        report.figure(
            "cold read, time of swc's command line",
            ratio(ours, median(swc)),
            "x",
            Target::AtMost(0.8),
        );
    }
    restart(report, &src);
}

fn names() -> Vec<String> {
    (0..FILES)
        .map(|number| format!("component{number}.tsx.js"))
        .collect()
}

fn ours_cold(src: &Path) -> Duration {
    let state = tempfile::tempdir().expect("a state folder");
    let hookfs = Hookfs::mount(src, state.path());
    time(|| read_all(&hookfs)).0
}

/// Two readers share the files.
fn read_all(hookfs: &Hookfs) {
    let names = names();
    std::thread::scope(|scope| {
        for half in names.chunks(FILES / 2) {
            scope.spawn(move || {
                for name in half {
                    fs::read(hookfs.output(name)).expect("an output");
                }
            });
        }
    });
}

fn restart(report: &mut Report, src: &Path) {
    let state = tempfile::tempdir().expect("a state folder");
    read_all(&Hookfs::mount(src, state.path()));
    let mut firsts = Vec::new();
    for _ in 0..ROUNDS {
        let (first, hookfs) = time(|| {
            let hookfs = Hookfs::mount(src, state.path());
            fs::read(hookfs.output("component0.tsx.js")).expect("an output");
            hookfs
        });
        firsts.push(first);
        read_all(&hookfs);
        let computed = hookfs.status("computed") as f64;
        report.figure(
            "computed in a second read after a restart",
            computed,
            "",
            Target::AtMost(0.0),
        );
    }
    let first = median(firsts).as_secs_f64() * 1e3;
    report.figure(
        "first output after a restart, from the command on",
        first,
        "ms",
        Target::AtMost(150.0),
    );
}

/// Where `scripts/bench` has installed the peers.
fn tools() -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-tools/node_modules");
    (tools.join(".bin/esbuild").exists() && tools.join(".bin/swc").exists()).then_some(tools)
}

fn esbuild_cold(tools: &Path, project: &Path) -> Duration {
    let out = tempfile::tempdir().expect("an output folder");
    let files = (0..FILES).map(|number| format!("src/component{number}.tsx"));
    run_tool(
        Command::new(tools.join(".bin/esbuild"))
            .args(files)
            .args(["--sourcemap", "--log-level=error"])
            .arg(format!("--outdir={}", out.path().display()))
            .current_dir(project),
    )
}

fn swc_cold(tools: &Path, project: &Path) -> Duration {
    let out = tempfile::tempdir().expect("an output folder");
    let config = r#"{"jsc":{"parser":{"syntax":"typescript","tsx":true},"target":"esnext",
        "transform":{"react":{"runtime":"automatic"}}},"sourceMaps":true}"#;
    let settings = out.path().join("swcrc.json");
    fs::write(&settings, config).expect("its settings");
    run_tool(
        Command::new(tools.join(".bin/swc"))
            .args(["src", "-q", "--no-swcrc", "--config-file"])
            .arg(&settings)
            .arg("-d")
            .arg(out.path())
            .current_dir(project),
    )
}

fn run_tool(command: &mut Command) -> Duration {
    let (taken, status) = time(|| {
        command
            .stdout(Stdio::null())
            .status()
            .expect("the tool starts")
    });
    assert!(status.success(), "{command:?}: {status}");
    taken
}

//! Requests per second, in turns: an output from `hookfs serve`, beside Vite's dev server and Node's `http`; and a module
//! that answers requests, beside Node's.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::application;
use crate::load::per_second;
use crate::page::{copy, free_port, tools, vite};
use crate::process::Process;
use crate::report::{Report, Target};
use crate::support::{Served, wait_for};

/// How long each side is asked in a round, and how often.
const TIME: Duration = Duration::from_secs(2);
const ROUNDS: usize = 3;

/// A program of Node's that answers everything with one file's bytes from memory.
const NODE: &str = "
const [port, file] = process.argv.slice(1);
const bytes = require('node:fs').readFileSync(file);
const headers = { 'content-type': 'text/javascript', 'cache-control': 'no-cache', etag: '\"0\"' };
require('node:http').createServer((request, response) => {
  response.writeHead(200, headers);
  response.end(bytes);
}).listen(Number(port), '127.0.0.1');
";

/// A module that answers everything with one word.
const HANDLER: &str = "export default { fetch: () => new Response('hello') };";

pub fn run(report: &mut Report) {
    let Some(tools) = tools() else {
        return report.skipped(
            "requests beside Vite",
            "`scripts/bench` installs Vite with npm",
        );
    };
    let project = tempfile::tempdir().expect("a project");
    application::write(project.path(), 100);
    copy(&tools, project.path());
    let state = tempfile::tempdir().expect("a state folder");
    let source = project.path().to_str().expect("a path of UTF-8");
    let ours = Served::start(project.path(), state.path(), &[source, "--port", "0"]);
    let name = "/src/components/C7.tsx";
    let output = ours.get(name);
    assert_eq!(output.status, 200, "{}", output.text());
    let file = state.path().join("output.js");
    fs::write(&file, &output.body).expect("a file");
    let theirs = vite(project.path(), true);
    let (peer, _node) = node(&file);
    tell(report, rates([ours.port(), theirs.port(), peer], name));
    // Vite has been asked for all that it is asked for.
    drop(theirs);
    fs::write(project.path().join("server.ts"), HANDLER).expect("a module");
    let hello = ours.get("/hello");
    assert_eq!(hello.text(), "hello", "{}", ours.said());
    fs::write(&file, "hello").expect("a file");
    let (peer, _node) = node(&file);
    let [handler, program] = rates([ours.port(), peer], "/hello");
    report.figure("a handler, hookfs serve", handler, "1/s", Target::None);
    report.figure("a handler, Node", program, "1/s", Target::None);
    report.figure(
        "a handler, requests of Node",
        handler / program,
        "x",
        Target::None,
    );
}

/// What each side answers per second, asked in turns.
fn rates<const N: usize>(ports: [u16; N], path: &str) -> [f64; N] {
    let mut rates = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (port, rates) in ports.into_iter().zip(&mut rates) {
            rates.push(per_second(port, path, TIME));
        }
    }
    rates.map(middle)
}

fn tell(report: &mut Report, [ours, vite, node]: [f64; 3]) {
    report.figure("an output, hookfs serve", ours, "1/s", Target::None);
    report.figure("the same module, Vite", vite, "1/s", Target::None);
    report.figure(
        "the same bytes from memory, Node",
        node,
        "1/s",
        Target::None,
    );
    report.figure(
        "an output, requests of Vite",
        ours / vite,
        "x",
        Target::AtLeast(1.0),
    );
    report.figure(
        "an output, requests of Node",
        ours / node,
        "x",
        Target::AtLeast(1.0),
    );
}

fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn node(file: &Path) -> (u16, Process) {
    let port = free_port();
    let mut command = Command::new("node");
    command
        .args(["-e", NODE, &port.to_string()])
        .arg(file)
        .stdin(Stdio::null());
    let process = Process::start(&mut command).expect("Node starts");
    wait_for("Node", || {
        std::net::TcpStream::connect(("127.0.0.1", port)).ok()
    });
    (port, process)
}

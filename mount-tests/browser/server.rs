//! Ordinary file servers, as a user would start them.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::Process;
use crate::support::{is_root, wait_for};

/// Which program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `python3 -m http.server`
    Python,
    /// nginx, which answers unknown paths with the page.
    Nginx,
    /// The same with workers of another user than root, as distributions have it.
    NginxOfNobody,
    /// npm's `serve`.
    Serve,
    /// npm's `serve --single`, which answers unknown paths with the page.
    Single,
}

impl Kind {
    /// One of each program.
    pub const ALL: [Self; 3] = [Self::Python, Self::Nginx, Self::Serve];
}

/// A server on a port of its own. It ends with the value.
pub struct Server {
    port: u16,
    _process: Process,
    folder: tempfile::TempDir,
}

impl Server {
    /// Serves a folder.
    ///
    /// # Panics
    /// Where the server does not come up, with what it said.
    pub fn start(kind: Kind, root: &Path) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("hookfs-server-")
            .tempdir()
            .expect("a server's folder");
        let log = folder.path().join("log");
        // Between our look for a free port and the server's use of it, somebody else may take it: try again.
        for _ in 0..20 {
            let port = free_port();
            let mut command = command(kind, root, port, folder.path());
            command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(fs::File::create(&log).expect("a log"));
            let mut process = Process::start(&mut command).unwrap_or_else(|error| {
                panic!("{kind:?} does not start ({error}): run scripts/setup --tests")
            });
            let up = wait_for("the server", || {
                if process.ended().is_some() {
                    return Some(false);
                }
                listens(port).then_some(true)
            });
            if up && process.ended().is_none() {
                return Self {
                    port,
                    _process: process,
                    folder,
                };
            }
        }
        let said = fs::read_to_string(&log).unwrap_or_default();
        panic!("{kind:?} does not come up:\n{said}");
    }

    /// The paths that were asked for and answered so far, of python's server and nginx.
    pub fn requests(&self) -> Vec<String> {
        let text = ["log", "access"].map(|name| {
            let text = fs::read_to_string(self.folder.path().join(name));
            text.unwrap_or_default()
        });
        let lines = text.iter().flat_map(|text| text.lines());
        let path = |line: &str| {
            let (_, rest) = line.split_once("\"GET ")?;
            Some(rest.split(' ').next()?.to_owned())
        };
        lines.filter_map(path).collect()
    }

    /// The URL of a path, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

/// The command of the README, for this folder and port.
fn command(kind: Kind, root: &Path, port: u16, folder: &Path) -> Command {
    let root = root.to_str().expect("UTF-8");
    match kind {
        Kind::Python => {
            let mut command = of_readme("python3 ", root);
            command.args(["--bind", "127.0.0.1"]).arg(port.to_string());
            command
        }
        Kind::Nginx | Kind::NginxOfNobody => {
            let user = match is_root() {
                true if kind == Kind::NginxOfNobody => "user nobody nogroup;",
                true => "user root;",
                false => "",
            };
            let configuration = folder.join("nginx.conf");
            fs::write(&configuration, nginx(root, port, folder, user)).expect("a configuration");
            let mut command = Command::new(nginx_program());
            command
                .arg("-p")
                .arg(folder)
                .args(["-e", "stderr", "-c"])
                .arg(configuration);
            command
        }
        Kind::Serve => on_port(of_readme("npx serve /", root), port),
        Kind::Single => on_port(of_readme("npx serve --single ", root), port),
    }
}

/// `serve`, there and nowhere else.
fn on_port(mut command: Command, port: u16) -> Command {
    command
        .args(["--no-port-switching", "--no-clipboard", "--listen"])
        .arg(format!("tcp://127.0.0.1:{port}"))
        .env("NO_UPDATE_CHECK", "1");
    command
}

const README: &str = include_str!("../../README.md");

/// The folder that the README serves.
const FOLDER: &str = "/mnt/app/~@";

/// A command line of the README.
fn of_readme(beginning: &str, root: &str) -> Command {
    let mut lines = README.lines().filter_map(|line| line.strip_prefix("$ "));
    let line = lines
        .find(|line| line.starts_with(beginning))
        .unwrap_or_else(|| panic!("the README lacks a command `{beginning}`"));
    let mut words = line.split(' ');
    let mut command = match words.next() {
        Some("npx") => {
            let program = crate::target()
                .join("npm/node_modules")
                .join(words.next().expect("a package"))
                .join("build/main.js");
            assert!(
                program.exists(),
                "{} is not there: run scripts/setup --tests",
                program.display()
            );
            let mut command = Command::new("node");
            command.arg(program);
            command
        }
        program => Command::new(program.expect("a program")),
    };
    command.args(words.map(|word| if word == FOLDER { root } else { word }));
    command
}

/// nginx in the foreground, with all that it writes in one folder, and the server of the README.
fn nginx(root: &str, port: u16, folder: &Path, user: &str) -> String {
    let (_, rest) = README
        .split_once("```nginx\n")
        .expect("nginx in the README");
    let (server, _) = rest.split_once("```").expect("its end");
    let server = server
        .replace(FOLDER, root)
        .replace("8080", &port.to_string());
    let folder = folder.display();
    format!(
        "daemon off; worker_processes 1; pid {folder}/pid; {user}
events {{}}
http {{
  include /etc/nginx/mime.types;
  access_log {folder}/access; sendfile on;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{server}
}}
"
    )
}

/// Debian keeps it out of an ordinary user's PATH.
fn nginx_program() -> PathBuf {
    let usual = PathBuf::from("/usr/sbin/nginx");
    if usual.exists() {
        usual
    } else {
        "nginx".into()
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("its address").port()
}

fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

//! Headless Chromium with a profile of its own.

use std::fs;
use std::process::{Command, Stdio};

use crate::devtools::Connection;
use crate::process::Process;
use crate::support::wait_for;

/// A browser. It ends with the value, and its profile goes.
pub struct Chromium {
    /// The way to it.
    pub connection: Connection,
    _process: Process,
    _profile: tempfile::TempDir,
}

impl Chromium {
    /// Starts one.
    ///
    /// # Panics
    /// Where it does not come up, with what it said.
    pub fn start() -> Self {
        let profile = tempfile::Builder::new()
            .prefix("hookfs-chromium-")
            .tempdir()
            .expect("a profile's folder");
        let log = profile.path().join("log");
        let mut command = Command::new("chromium");
        command
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
            ])
            .args([
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--no-default-browser-check",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .args([
                "--disable-extensions",
                "--mute-audio",
                "--hide-scrollbars",
                "--no-proxy-server",
            ])
            .args([
                "--disable-features=Translate,MediaRouter",
                "--window-size=1280,900",
            ])
            .args(["--remote-debugging-port=0", "about:blank"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            // It is killed, and leaves its socket behind: that goes with the profile.
            .env("TMPDIR", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).expect("a log"));
        let mut process = Process::start(&mut command).unwrap_or_else(|error| {
            panic!("chromium does not start ({error}): run scripts/setup --tests")
        });
        // Two lines, the port and the path of the browser's endpoint; the file is written before it is whole.
        let endpoint = wait_for("Chromium's port", || {
            if let Some(status) = process.ended() {
                let said = fs::read_to_string(&log).unwrap_or_default();
                panic!("chromium ended with {status}:\n{said}");
            }
            let text = fs::read_to_string(profile.path().join("DevToolsActivePort")).ok()?;
            let (port, path) = text.split_once('\n')?;
            let path = path.trim_end();
            (path.len() > "/devtools/browser/".len()).then(|| (port.parse().ok(), path.to_owned()))
        });
        let (Some(port), path) = endpoint else {
            panic!("DevToolsActivePort holds no port");
        };
        Self {
            connection: Connection::to(port, &path),
            _process: process,
            _profile: profile,
        }
    }
}

//! `hookfs serve` by the real binary, behind a guard, and a client that says what it is told to say.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::mount::{collect, spawn};
use super::{DEADLINE, hookfs, wait_for};

/// A server that is there. It ends with the value, whatever happens.
pub struct Served {
    child: Child,
    port: u16,
    address: String,
    said: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

/// What came for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status; 0 where nothing came.
    pub status: u16,
    /// Names in lower case and values.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it came.
    pub body: Vec<u8>,
    /// Whether all of the body came.
    pub is_whole: bool,
}

impl Reply {
    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let mut headers = self.headers.iter();
        let found = headers.find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Reads one reply to a request of this method.
    pub fn read(stream: &mut impl Read, method: &str) -> Self {
        let mut reply = Self {
            status: 0,
            headers: Vec::new(),
            body: Vec::new(),
            is_whole: false,
        };
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                _ => return reply,
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        reply.status = status.and_then(|status| status.parse().ok()).unwrap_or(0);
        let headers = lines.filter_map(|line| line.split_once(':'));
        reply.headers = headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        if method == "HEAD" || matches!(reply.status, 204 | 304) {
            reply.is_whole = true;
        } else if reply.header("transfer-encoding") == "chunked" {
            reply.is_whole = read_chunks(stream, &mut reply.body);
        } else if let Ok(length) = reply.header("content-length").parse::<u64>() {
            let read = stream.take(length).read_to_end(&mut reply.body);
            reply.is_whole = read.is_ok() && reply.body.len() as u64 == length;
        } else {
            reply.is_whole = stream.read_to_end(&mut reply.body).is_ok();
        }
        reply
    }
}

fn read_chunks(stream: &mut impl Read, body: &mut Vec<u8>) -> bool {
    loop {
        let mut line = Vec::new();
        let mut byte = [0];
        while !line.ends_with(b"\r\n") {
            match stream.read(&mut byte) {
                Ok(1) => line.push(byte[0]),
                _ => return false,
            }
        }
        let text = String::from_utf8_lossy(&line).into_owned();
        let Ok(length) = usize::from_str_radix(text.trim(), 16) else {
            return false;
        };
        let mut chunk = vec![0; length + 2];
        if stream.read_exact(&mut chunk).is_err() {
            return false;
        }
        body.extend_from_slice(&chunk[..length]);
        if length == 0 {
            return true;
        }
    }
}

impl Served {
    /// Serves `source` with its state in `state`.
    ///
    /// # Panics
    /// Where it does not become ready, with what it said.
    pub fn start(source: &Path, state: &Path, arguments: &[&str]) -> Self {
        let mut command = hookfs();
        command
            .arg("serve")
            .args(arguments)
            .arg("--state")
            .arg(state)
            .current_dir(source)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = spawn(&mut command);
        let said = Arc::new(Mutex::new(String::new()));
        let errors = child.stderr.take().map(|pipe| collect(pipe, said.clone()));
        let output = child.stdout.take().map(|pipe| collect(pipe, said.clone()));
        let mut served = Self {
            child,
            port: 0,
            address: String::new(),
            said,
            readers: errors.into_iter().chain(output).collect(),
        };
        served.address = wait_for("the server", || {
            let said = served.said();
            if let Some(status) = served.child.try_wait().expect("the server's status") {
                panic!("hookfs ended with {status} before it was ready:\n{said}");
            }
            let (_, rest) = said.split_once("is served at ")?;
            Some(rest.split_once(' ')?.0.to_owned())
        });
        let after = served.address.rsplit(':').next().unwrap_or_default();
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        served.port = digits.parse().expect("a port");
        served
    }

    /// What it says that one should open.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has printed so far.
    pub fn said(&self) -> String {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// A connection to it.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        stream.set_read_timeout(Some(DEADLINE)).expect("a time-out");
        stream
    }

    /// Sends these bytes over a connection of its own; gives what comes.
    pub fn raw(&self, bytes: impl AsRef<[u8]>) -> Reply {
        let mut stream = self.connect();
        let bytes = bytes.as_ref();
        // The server may answer, and close, before it has read everything.
        let _ = stream.write_all(bytes);
        let method = bytes.split(|byte| *byte == b' ').next().unwrap_or_default();
        Reply::read(&mut stream, &String::from_utf8_lossy(method))
    }

    /// Asks for a path with these headers, each a line.
    pub fn ask(&self, method: &str, path: &str, headers: &[&str]) -> Reply {
        let mut text =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        for header in headers {
            text.push_str(header);
            text.push_str("\r\n");
        }
        self.raw(text + "\r\n")
    }

    /// Asks for a path.
    pub fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[])
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: i32) {
        let pid = i32::try_from(self.child.id()).expect("a process number");
        // SAFETY: the child has not been waited for, so its number is still its own.
        unsafe { libc::kill(pid, signal) };
    }

    /// Waits until it has ended.
    pub fn ended(&mut self) -> ExitStatus {
        wait_for("the server to end", || {
            self.child.try_wait().expect("the server's status")
        })
    }

    /// Ends it as Ctrl-C would.
    ///
    /// # Panics
    /// Where it does not end well.
    pub fn stop(mut self) {
        self.signal(libc::SIGTERM);
        let status = self.ended();
        assert!(
            status.success(),
            "the server ended with {status}:\n{}",
            self.said()
        );
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        if std::thread::panicking() {
            eprintln!("the server said:\n{}", self.said());
        }
    }
}

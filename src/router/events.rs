//! `events`: one JSON line per change, appended to a file of the state folder.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crossbeam_channel::Receiver;
use serde::Serialize;

use super::explain::shown_name;
use crate::base::SourcePath;
use crate::graph::Event;

/// The size in bytes at which the file is moved to `events.1` and begun anew.
pub const ROTATE_AT: u64 = 8 << 20;

/// How long an event waits for company: a burst of them is written at once, by one wake of the thread.
const LINGER: Duration = Duration::from_millis(20);

/// One line.
#[derive(Serialize)]
struct Line<'a> {
    /// Milliseconds since 1970, of its writing down.
    time: u64,
    #[serde(rename = "type")]
    kind: &'a str,
    /// From the root of the mount; none where anything may have changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    computation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    /// Whether a run's outcome differs from the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<bool>,
    /// How long a run took, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    took_micros: Option<u64>,
}

/// The file, open for appending.
struct Log {
    path: PathBuf,
    file: File,
    len: u64,
    rotate_at: u64,
}

impl Log {
    fn open(path: PathBuf, rotate_at: u64) -> io::Result<Self> {
        let file = append_to(&path)?;
        let len = file.metadata()?.len();
        Ok(Self {
            path,
            file,
            len,
            rotate_at,
        })
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.len > 0 && self.len + lines.len() as u64 > self.rotate_at {
            let mut old = self.path.clone().into_os_string();
            old.push(".1");
            std::fs::rename(&self.path, old)?;
            self.file = append_to(&self.path)?;
            self.len = 0;
        }
        self.file.write_all(lines)?;
        self.len += lines.len() as u64;
        Ok(())
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
}

/// Appends the graph's events to the file at `path` from a thread of its own, which ends when the graph drops its
/// side of `events`. `source` is SRC in the workspace.
///
/// # Errors
/// Where the file cannot be opened or the thread not be started. Later failures to write (a full disk) are one warning
/// in the log: the file then misses lines, and nothing else is affected.
pub fn start_event_log(
    path: PathBuf,
    events: Receiver<Event>,
    source: SourcePath,
) -> io::Result<JoinHandle<()>> {
    let mut log = Log::open(path, ROTATE_AT)?;
    std::thread::Builder::new()
        .name("events".into())
        .spawn(move || run(&mut log, &events, &source))
}

fn run(log: &mut Log, events: &Receiver<Event>, source: &SourcePath) {
    /// One write for what is there already, but never one that grows without end.
    const BATCH: usize = 64 << 10;
    let mut failed = false;
    while let Ok(first) = events.recv() {
        let mut lines = Vec::new();
        describe(&first, source, &mut lines);
        // Not by waiting for the next one: each would wake this thread.
        std::thread::sleep(LINGER);
        while lines.len() < BATCH
            && let Ok(next) = events.try_recv()
        {
            describe(&next, source, &mut lines);
        }
        if lines.is_empty() {
            continue;
        }
        match log.write(&lines) {
            Ok(()) => failed = false,
            Err(cause) if !failed => {
                failed = true;
                tracing::warn!("cannot write `{}`: {cause}", log.path.display());
            }
            Err(_) => {}
        }
    }
}

fn describe(event: &Event, source: &SourcePath, lines: &mut Vec<u8>) {
    let time = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        });
    let changed = |path| Line {
        time,
        kind: "changed",
        path,
        computation: None,
        hash: None,
        changed: None,
        took_micros: None,
    };
    match event {
        Event::Changed(paths) if paths.is_empty() => push(lines, &changed(None)),
        Event::Changed(paths) => {
            for path in paths.iter() {
                push(lines, &changed(Some(shown_name(source, path))));
            }
        }
        Event::Computed {
            key,
            hash,
            changed,
            took,
        } => {
            let line = Line {
                time,
                kind: if hash.is_some() { "computed" } else { "failed" },
                path: Some(shown_name(source, &key.path)),
                computation: Some(key.computation.name()),
                hash: hash.map(|hash| hash.to_hex()),
                changed: Some(*changed),
                took_micros: u64::try_from(took.as_micros()).ok(),
            };
            push(lines, &line);
        }
        // Nothing changed.
        Event::Verified(_) => {}
    }
}

fn push(lines: &mut Vec<u8>, line: &Line<'_>) {
    let start = lines.len();
    match serde_json::to_writer(&mut *lines, line) {
        Ok(()) => lines.push(b'\n'),
        Err(cause) => {
            lines.truncate(start);
            tracing::warn!("cannot write an event down: {cause}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Computation, ContentHash, Key};

    #[test]
    fn each_change_is_a_line_and_the_file_is_begun_anew_at_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        let mut log = Log::open(path.clone(), 680).unwrap();
        let (sender, receiver) = crossbeam_channel::unbounded();
        let file = SourcePath::parse("src/a.ts").unwrap();
        let hash = ContentHash::of(b"x");
        for _ in 0..3 {
            sender
                .send(Event::Changed(Arc::from([file.clone()])))
                .unwrap();
            let key = Key::new(Computation::new("module"), file.clone());
            sender
                .send(Event::Computed {
                    key: key.clone(),
                    hash: Some(hash),
                    changed: true,
                    took: Duration::from_micros(12),
                })
                .unwrap();
            sender.send(Event::Verified(key)).unwrap();
        }
        drop(sender);
        run(&mut log, &receiver, &SourcePath::parse("src").unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 6);
        assert_eq!(lines[0]["type"], "changed");
        assert_eq!(lines[0]["path"], "/a.ts");
        assert_eq!(lines[1]["type"], "computed");
        assert_eq!(lines[1]["hash"], hash.to_hex());
        assert_eq!(lines[1]["took_micros"], 12);
        log.write(b"{}\n").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"{}\n");
        assert_eq!(
            std::fs::read_to_string(folder.path().join("events.1")).unwrap(),
            text
        );
    }

    use std::sync::Arc;
}

//! The mounts that the daemon must never do I/O on, its own; and those that others make in the tree, of which no event tells.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// What to stay off, and where it is mounted now (proc_pid_mountinfo(5)).
pub(in crate::source) struct Mounts {
    /// Whether there is anything to stay off, so that all others skip the rest.
    any: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    devices: BTreeSet<u64>,
    points: BTreeSet<PathBuf>,
    /// The kernel's table, kept open: a poll of it tells whether it has changed since it was read.
    table: Option<File>,
    /// Where the devices are mounted, as of the last read.
    mounted: Vec<PathBuf>,
    read: bool,
}

impl Mounts {
    pub(in crate::source) fn new() -> Self {
        Self {
            any: AtomicBool::new(false),
            state: Mutex::new(State::default()),
        }
    }

    pub(in crate::source) fn stay_off_device(&self, device: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.devices.insert(device);
        state.read = false;
        self.any.store(true, Ordering::Release);
    }

    pub(in crate::source) fn stay_off_point(&self, point: PathBuf) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.points.insert(point);
        self.any.store(true, Ordering::Release);
    }

    pub(in crate::source) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// Whether walking to the absolute `path` enters something to stay off.
    pub(in crate::source) fn cover(&self, path: &Path) -> bool {
        self.any() && self.with_points(|points| points.iter().any(|point| path.starts_with(point)))
    }

    /// Where what to stay off is mounted, or may be.
    pub(super) fn points(&self) -> Vec<PathBuf> {
        match self.any() {
            true => {
                self.with_points(|points| points.iter().map(|point| (*point).clone()).collect())
            }
            false => Vec::new(),
        }
    }

    /// The names in the absolute directory `path` at which something to stay off is mounted.
    pub(in crate::source) fn names_in(&self, path: &Path) -> Vec<OsString> {
        if !self.any() {
            return Vec::new();
        }
        self.with_points(|points| {
            points
                .iter()
                .filter(|point| point.parent() == Some(path))
                .filter_map(|point| point.file_name().map(OsString::from))
                .collect()
        })
    }

    fn with_points<T>(&self, ask: impl FnOnce(&[&PathBuf]) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.devices.is_empty() {
            state.refresh();
        }
        let points: Vec<&PathBuf> = state.points.iter().chain(&state.mounted).collect();
        ask(&points)
    }
}

impl State {
    fn refresh(&mut self) {
        if self.table.is_none() {
            self.table = File::open("/proc/self/mountinfo").ok();
            self.read = false;
        }
        let Some(table) = &mut self.table else {
            tracing::warn!("cannot read /proc/self/mountinfo: is /proc mounted?");
            return;
        };
        if self.read && !changed(table) {
            return;
        }
        if let Some(text) = whole(table) {
            let mounts = text.split(|&b| b == b'\n').filter_map(parse_line);
            self.mounted = mounts
                .filter(|(device, _)| self.devices.contains(device))
                .map(|(_, point)| point)
                .collect();
            self.read = true;
        }
    }
}

/// Other file systems that are mounted in a folder, or on the way to it.
pub(in crate::source) struct Others {
    /// The kernel's table; `None`: /proc is not there, and nothing is learned of mounts.
    table: Option<File>,
    /// The number and the point of each.
    seen: Mutex<BTreeSet<(Vec<u8>, PathBuf)>>,
}

impl Others {
    /// Those of the absolute folder `place`, as they are now.
    pub(in crate::source) fn of(place: &Path, own: &Mounts) -> Self {
        let table = File::open("/proc/self/mountinfo").ok();
        let others = Self {
            table,
            seen: Mutex::default(),
        };
        others.are_new(place, own);
        others
    }

    /// What has an exceptional condition (poll(2)) once mounts have come or gone.
    pub(in crate::source) fn descriptor(&self) -> Option<RawFd> {
        self.table.as_ref().map(AsRawFd::as_raw_fd)
    }

    /// Whether they are others than at the last call. Mounts elsewhere do not count, nor do those to stay off.
    pub(in crate::source) fn are_new(&self, place: &Path, own: &Mounts) -> bool {
        let Some(text) = self.table.as_ref().and_then(whole) else {
            return false;
        };
        let mounts = text.split(|&b| b == b'\n').filter_map(|line| {
            let (_, point) = parse_line(line)?;
            let number = line.split(|&b| b == b' ').next()?.to_vec();
            let is_near = point.starts_with(place) || place.starts_with(&point);
            (is_near && !own.cover(&point)).then_some((number, point))
        });
        let now = mounts.collect();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = *seen != now;
        *seen = now;
        is_new
    }
}

/// The table as it is now.
fn whole(mut table: &File) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    table.rewind().ok()?;
    table.read_to_end(&mut text).ok()?;
    Some(text)
}

/// Whether mounts came or went since the last call: the table is then readable with an exceptional condition (poll(2)
/// on it, proc_pid_mounts(5)).
fn changed(table: &File) -> bool {
    let mut request = libc::pollfd {
        fd: table.as_raw_fd(),
        events: libc::POLLPRI,
        revents: 0,
    };
    // SAFETY: one valid pollfd, which outlives the call.
    let ready = unsafe { libc::poll(&raw mut request, 1, 0) };
    ready != 0
}

/// A line of the table: the device and the mount point.
fn parse_line(line: &[u8]) -> Option<(u64, PathBuf)> {
    let mut fields = line.split(|&b| b == b' ');
    let device = std::str::from_utf8(fields.nth(2)?).ok()?;
    let (major, minor) = device.split_once(':')?;
    let device = libc::makedev(major.parse().ok()?, minor.parse().ok()?);
    let point = OsString::from_vec(unescape(fields.nth(1)?));
    Some((device, PathBuf::from(point)))
}

/// Undoes `\040` and its like, which stand for blanks, newlines and backslashes.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, tail)) = rest.split_first() {
        let octal = tail.get(..3).and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 8).ok()
        });
        match octal {
            Some(byte) if first == b'\\' => {
                bytes.push(byte);
                rest = &tail[3..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernels_table() {
        let line = br"36 35 98:7 /mnt1 /mnt\0402/a\134b rw,noatime master:1 - ext3 /dev/root rw";
        assert_eq!(
            parse_line(line),
            Some((libc::makedev(98, 7), PathBuf::from(r"/mnt 2/a\b")))
        );
        assert_eq!(parse_line(b""), None);
    }

    #[test]
    fn covers_the_mount_and_what_is_below() {
        let mounts = Mounts::new();
        assert!(!mounts.cover(Path::new("/a/b")));
        mounts.stay_off_point("/a/b".into());
        assert!(mounts.cover(Path::new("/a/b/c")));
        assert!(mounts.cover(Path::new("/a/b")));
        assert!(!mounts.cover(Path::new("/a/bc")));
        assert_eq!(mounts.names_in(Path::new("/a")), ["b"]);
        let proc = rustix::fs::stat("/proc").unwrap().st_dev;
        mounts.stay_off_device(proc);
        assert!(mounts.cover(Path::new("/proc/self")));
        assert!(mounts.names_in(Path::new("/")).contains(&"proc".into()));
    }
}

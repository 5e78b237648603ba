//! inotify, read dry (inotify(7)): the kernel queues an event before the writer's system call returns, so whoever
//! empties the queue knows every change to a watched directory that was complete before.

mod events;
mod table;

use std::collections::HashMap;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::{Mutex, OnceLock, PoisonError};

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::fs::{OFlags, fstat, fstatfs};
use rustix::io::Errno;

use super::Watching;
use super::disk::reach::{Reach, identity, means_absent};
use crate::base::SourcePath;
use table::Table;

/// What can change in a directory. Not IN_EXCL_UNLINK, which hides writes to a file that has another name left.
const ENTRIES: WatchFlags = WatchFlags::MODIFY
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::ATTRIB)
    .union(NAMES);
/// What can happen to the names in it and to itself.
const NAMES: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::ONLYDIR);
/// What can change in a file that is watched for itself.
const CONTENT: WatchFlags = WatchFlags::MODIFY
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::ATTRIB);
/// The watched directories and files, and their queue of events.
pub(super) struct Watcher {
    queue: Option<OwnedFd>,
    state: Mutex<State>,
    impossible: OnceLock<String>,
    /// The queue's capacity: whoever has read so many events has read all that were there when it began.
    capacity: usize,
    /// The most files that are watched; the other watches that this user may have are for directories.
    most_inodes: usize,
}

#[derive(Default)]
struct State {
    table: Table,
    /// Files that have several names, each watched for itself: what is written by another of its names is no event of the
    /// directory that it was read in. (So are all files of a package that a package manager has linked from its store.)
    inodes: Table,
    /// Device and inode of each, and of some that are watched no more.
    identities: HashMap<SourcePath, (u64, u64)>,
    /// Whether there were too few watches for those.
    is_short: bool,
    /// The watch of the directory that holds the root's name.
    parent: Option<i32>,
    /// To compare the root's path with its descriptor at each drain, where that directory cannot be watched.
    compare_root: bool,
    ignored: Vec<SourcePath>,
    /// Whether [`Change::Everything`] is to be reported at the next drain.
    everything: bool,
    /// Whether names came or went since the last one.
    renamed: bool,
}

impl State {
    fn is_ignored(&self, path: &SourcePath) -> bool {
        let mut ignored = self.ignored.iter();
        ignored.any(|ignored| path.starts_with(ignored))
    }
}

impl Watcher {
    pub(super) fn new() -> Self {
        let watcher = |queue| Self {
            queue,
            state: Mutex::default(),
            impossible: OnceLock::new(),
            capacity: limit("max_queued_events").unwrap_or(16_384),
            most_inodes: limit("max_user_watches").unwrap_or(8192) / 2,
        };
        match inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC) {
            Ok(queue) => watcher(Some(queue)),
            Err(error) => {
                let watcher = watcher(None);
                watcher.give_up(
                    &mut State::default(),
                    format!("no inotify instance to be had: {error}"),
                );
                watcher
            }
        }
    }

    /// Directories in which nothing is watched and of which nothing is reported.
    pub(super) fn ignore(&self, path: SourcePath) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.forget(&mut state, &path);
        state.ignored.push(path);
    }

    /// Nothing at or below `path` is watched any more.
    fn forget(&self, state: &mut State, path: &SourcePath) {
        state.table.forget(path, |wd| self.unwatch(wd));
        state.inodes.forget(path, |wd| self.unwatch(wd));
    }

    /// No file is watched for itself any more.
    fn forget_inodes(&self, state: &mut State) {
        state.inodes.clear(|wd| self.unwatch(wd));
        state.identities.clear();
    }

    /// The number of watched directories.
    pub(super) fn watched(&self) -> usize {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.table.len()
    }

    /// See [`super::Tree::is_watched`].
    pub(super) fn is_watched(&self, directory: &SourcePath) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.impossible().is_none() && state.table.contains(directory)
    }

    /// Has everything looked at again: something has happened of which no event tells.
    pub(super) fn doubt(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.everything = true;
    }

    /// The descriptor to poll.
    pub(super) fn descriptor(&self) -> Option<RawFd> {
        self.queue.as_ref().map(AsRawFd::as_raw_fd)
    }

    pub(super) fn impossible(&self) -> Option<&str> {
        self.impossible.get().map(String::as_str)
    }

    /// Stays so until a restart: what was memoized meanwhile has no watch to rely on.
    fn give_up(&self, state: &mut State, reason: String) -> Watching {
        let reason = self.impossible.get_or_init(|| {
            // Whoever asked for the watch says what follows from it.
            tracing::debug!("{reason}");
            state.everything = true;
            reason
        });
        Watching::Impossible(reason.clone())
    }

    fn unwatch(&self, wd: i32) {
        if let Some(queue) = &self.queue {
            // It fails only for a watch that the kernel has removed already, which is what is wanted.
            let _ = inotify::remove_watch(queue, wd);
        }
    }

    /// See [`super::Tree::watch`].
    pub(super) fn watch(&self, reach: &Reach, directory: &SourcePath) -> Watching {
        const ATTEMPTS: usize = 64;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = self.impossible() {
            return Watching::Impossible(reason.to_owned());
        }
        if state.table.contains(directory) || state.is_ignored(directory) {
            return Watching::Exact;
        }
        if state.parent.is_none() && !state.compare_root || state.table.len() == 0 {
            self.watch_parent(&mut state, reach);
        }
        // From the root down: a name that changes between two steps is reported by the watch above it.
        let mut missing: Vec<SourcePath> = directory
            .ancestors()
            .take_while(|path| !state.table.contains(path))
            .collect();
        while let Some(path) = missing.pop() {
            let mut attempts = 0;
            loop {
                match self.watch_one(&mut state, reach, &path) {
                    Ok(true) => break,
                    Ok(false) if attempts < ATTEMPTS => attempts += 1,
                    Ok(false) => {
                        return Watching::Impossible(format!("`{path}` moves all the time"));
                    }
                    Err(Failed::Absent) => return Watching::Exact,
                    Err(Failed::Now(error)) => {
                        return Watching::Impossible(format!("cannot watch `{path}`: {error}"));
                    }
                    Err(Failed::Always(reason)) => {
                        return self
                            .give_up(&mut state, format!("cannot watch `{path}`: {reason}"));
                    }
                }
            }
        }
        Watching::Exact
    }

    /// Watches the file that was found at `path`: it has other names. What is looked at after this is as events tell. Where no
    /// more can be watched, a write by another name is not seen; nor where nothing tells of another file of this name.
    pub(super) fn watch_inode(&self, path: &SourcePath, file: &OwnedFd, identity: (u64, u64)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(queue) = self.queue.as_ref().filter(|_| self.impossible().is_none()) else {
            return;
        };
        let is_known = state.inodes.contains(path) && state.identities.get(path) == Some(&identity);
        let above = path.parent().unwrap_or_else(SourcePath::root);
        let is_told = state.table.contains(&above) || state.table.contains(path);
        if is_known || !is_told || state.is_short || state.is_ignored(path) {
            return;
        }
        // The name may be another file's by now, of which no event was read yet.
        state.inodes.forget(path, |wd| self.unwatch(wd));
        if state.inodes.len() >= self.most_inodes {
            return;
        }
        match inotify::add_watch(queue, by_descriptor(file), CONTENT) {
            Ok(wd) => {
                state.inodes.insert(path.clone(), wd, None);
                state.identities.insert(path.clone(), identity);
            }
            Err(error) => tracing::debug!("cannot watch the file `{path}`: {}", explain(error)),
        }
    }

    /// Watches the directory that holds the root's name, then makes sure of the root.
    fn watch_parent(&self, state: &mut State, reach: &Reach) {
        let Some(queue) = &self.queue else { return };
        state.compare_root = false;
        if state.parent.is_none() {
            match reach.parent() {
                None => {}
                Some(Ok(parent)) => {
                    match inotify::add_watch(queue, by_descriptor(&parent), NAMES) {
                        Ok(wd) => state.parent = Some(wd),
                        Err(_) => state.compare_root = true,
                    }
                }
                Some(Err(_)) => state.compare_root = true,
            }
        }
        if reach.reopen() {
            state.everything = true;
        }
    }

    /// A watch of a directory. Where there are no more to be had, it takes the place of those of files.
    fn add_directory(
        &self,
        state: &mut State,
        queue: &OwnedFd,
        directory: &OwnedFd,
    ) -> Result<i32, Errno> {
        let add = || inotify::add_watch(queue, by_descriptor(directory), ENTRIES);
        match add() {
            Err(Errno::NOSPC) if state.inodes.len() > 0 => {
                tracing::debug!("{}: files are watched no more", explain(Errno::NOSPC));
                self.forget_inodes(state);
                state.is_short = true;
                add()
            }
            added => added,
        }
    }

    /// Watches one directory. `Ok(false)`: its path led elsewhere by the time it was watched.
    fn watch_one(
        &self,
        state: &mut State,
        reach: &Reach,
        path: &SourcePath,
    ) -> Result<bool, Failed> {
        let Some(queue) = &self.queue else {
            return Err(Failed::Always("no inotify instance".into()));
        };
        let open = || reach.handle(path, OFlags::PATH | OFlags::DIRECTORY);
        let handle = open().map_err(Failed::from_open)?;
        if let Some(name) = fstatfs(&handle).ok().and_then(|fs| unreliable(fs.f_type)) {
            return Err(Failed::Always(format!(
                "{name} does not report all changes"
            )));
        }
        // The lock is held from here to the insertion: another thread that drains in between would take the watch of
        // the same directory under its former name away.
        let wd = match self.add_directory(state, queue, &handle) {
            Ok(wd) => wd,
            Err(Errno::ACCESS) if !searchable(&handle) => return Err(Failed::Absent),
            Err(error) => return Err(Failed::Always(explain(error))),
        };
        state.table.insert(path.clone(), wd, None);
        let now = open().and_then(|now| fstat(&now));
        let then = fstat(&handle);
        if let (Ok(now), Ok(then)) = (now, then)
            && identity(&now) == identity(&then)
        {
            return Ok(true);
        }
        state.table.forget(path, |wd| self.unwatch(wd));
        Ok(false)
    }

    /// Has changes reported of a file elsewhere, which is `path` in the tree. Whether they were not before.
    pub(super) fn watch_file(&self, reach: &Reach, path: &SourcePath) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: it is not forgotten meanwhile, and its watch with it.
        let Some(target) = reach.linked.file_at(path) else {
            return false;
        };
        let (folder, name) = (&target.root.descriptor, target.file().unwrap_or_default());
        let Some(queue) = self.queue.as_ref().filter(|_| self.impossible().is_none()) else {
            return false;
        };
        if state.table.contains(path) || state.is_ignored(path) {
            return false;
        }
        let watched = match fstatfs(folder).ok().and_then(|fs| unreliable(fs.f_type)) {
            Some(kind) => Err(format!("{kind} does not report all changes")),
            None => (self.add_directory(&mut state, queue, folder)).map_err(explain),
        };
        match watched {
            Ok(wd) => state.table.insert(path.clone(), wd, Some(name)),
            Err(reason) => {
                let reason = format!("cannot watch what `{path}` leads to: {reason}");
                self.give_up(&mut state, reason);
            }
        }
        true
    }
}

/// Why a directory is not watched.
enum Failed {
    /// It is not there; the watch above it tells when it comes.
    Absent,
    /// It cannot be opened at present.
    Now(Errno),
    /// It cannot be watched.
    Always(String),
}

impl Failed {
    fn from_open(error: Errno) -> Self {
        match error {
            error if means_absent(error) => Self::Absent,
            // Nothing below a directory that cannot be searched can be read; a change of that is an event above.
            Errno::ACCESS => Self::Absent,
            error => Self::Now(error),
        }
    }
}

/// The name under which a descriptor's file can be watched without another walk, which might follow a link.
fn by_descriptor(handle: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", handle.as_raw_fd())
}

fn searchable(handle: &OwnedFd) -> bool {
    rustix::fs::accessat(
        handle,
        c".",
        rustix::fs::Access::EXEC_OK,
        rustix::fs::AtFlags::EACCESS,
    )
    .is_ok()
}

/// One of inotify's limits (inotify(7)).
fn limit(name: &str) -> Option<usize> {
    let text = std::fs::read_to_string(format!("/proc/sys/fs/inotify/{name}")).ok()?;
    text.trim().parse().ok()
}

fn explain(error: Errno) -> String {
    match error {
        Errno::NOSPC => {
            "the limit of inotify watches is reached; raise fs.inotify.max_user_watches".into()
        }
        error => error.to_string(),
    }
}

/// The file systems whose files change without an event here: elsewhere, by another machine or daemon (statfs(2)).
fn unreliable(kind: impl TryInto<i64>) -> Option<&'static str> {
    match kind.try_into().ok()? & 0xffff_ffff {
        0x6969 => Some("NFS"),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => Some("SMB"),
        0x6573_5546 => Some("FUSE"),
        0x0102_1997 => Some("9p"),
        0x5346_414f => Some("AFS"),
        0x7375_7245 => Some("Coda"),
        0x00c3_6400 => Some("Ceph"),
        0x786f_4256 => Some("vboxsf"),
        0xbacb_acbc => Some("vmhgfs"),
        0x0bd0_0bd0 => Some("Lustre"),
        0x0116_1970 => Some("GFS2"),
        0x7461_636f => Some("OCFS2"),
        _ => None,
    }
}

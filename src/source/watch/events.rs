//! What the queue says: events become changes of the tree.

use std::mem::MaybeUninit;
use std::sync::PoisonError;

use rustix::fs::inotify::{ReadFlags, Reader};
use rustix::io::Errno;

use super::super::disk::reach::Reach;
use super::{State, Watcher};
use crate::base::SourcePath;
use crate::source::Change;

/// The events that say that a watched directory is no longer where it was.
const GONE: ReadFlags = ReadFlags::DELETE_SELF
    .union(ReadFlags::MOVE_SELF)
    .union(ReadFlags::UNMOUNT)
    .union(ReadFlags::IGNORED);

const NAME_EVENTS: ReadFlags = ReadFlags::CREATE
    .union(ReadFlags::DELETE)
    .union(ReadFlags::MOVED_FROM)
    .union(ReadFlags::MOVED_TO);

impl Watcher {
    /// See [`crate::source::Tree::drain`]. One system call where there is nothing.
    pub(in crate::source) fn drain(&self, reach: &Reach, changes: &mut Vec<Change>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut moved_root = state.compare_root || reach.root().is_none();
        if let Some(queue) = &self.queue {
            let mut buffer = [MaybeUninit::uninit(); 8192];
            let mut reader = Reader::new(queue, &mut buffer);
            for _ in 0..=self.capacity {
                match reader.next() {
                    Ok(event) => {
                        let name = event.file_name().map(|name| name.to_bytes());
                        moved_root |= self.apply(
                            &mut state,
                            reach,
                            event.wd(),
                            event.events(),
                            name,
                            changes,
                        );
                    }
                    Err(Errno::INTR) => {}
                    Err(Errno::AGAIN) => break,
                    Err(error) => {
                        self.give_up(&mut state, format!("cannot read inotify events: {error}"));
                        break;
                    }
                }
            }
            // What the loop's bound left in the buffer was read from the kernel and would be lost with it.
            while !reader.is_buffer_empty() {
                let Ok(event) = reader.next() else { break };
                let name = event.file_name().map(|name| name.to_bytes());
                moved_root |=
                    self.apply(&mut state, reach, event.wd(), event.events(), name, changes);
            }
        }
        if moved_root && reach.reopen() {
            state.everything = true;
        }
        if std::mem::take(&mut state.renamed) {
            reach.linked.doubt();
        }
        let is_watched = |path: &SourcePath| state.table.contains(path);
        for link in reach.linked.changed(&reach.mounts, &is_watched) {
            self.forget(&mut state, &link);
            push(changes, Change::Name(link));
        }
        if std::mem::take(&mut state.everything) {
            self.distrust(&mut state);
            reach.linked.doubt();
            push(changes, Change::Everything);
        }
    }

    /// Drops every watch; whoever reads again watches again.
    fn distrust(&self, state: &mut State) {
        state.table.clear(|wd| self.unwatch(wd));
        self.forget_inodes(state);
        if let Some(wd) = state.parent.take() {
            self.unwatch(wd);
        }
    }

    /// Turns one event into changes. Whether the root's path may lead elsewhere now.
    fn apply(
        &self,
        state: &mut State,
        reach: &Reach,
        wd: i32,
        events: ReadFlags,
        name: Option<&[u8]>,
        changes: &mut Vec<Change>,
    ) -> bool {
        if events.contains(ReadFlags::QUEUE_OVERFLOW) {
            tracing::warn!("inotify's queue overflowed; everything is verified again");
            state.everything = true;
            return true;
        }
        if state.parent == Some(wd) {
            use std::os::unix::ffi::OsStrExt;
            let ours = reach.place().file_name().map(OsStrExt::as_bytes);
            if events.intersects(GONE) || name == ours {
                state.everything = true;
                return true;
            }
        }
        let mut root = false;
        let mut paths = state.table.paths(wd, name);
        if name.is_none() {
            paths.extend(state.inodes.paths(wd, None));
        }
        for path in paths {
            if state.is_ignored(&path) {
                continue;
            }
            let gone = name.is_none() && events.intersects(GONE);
            if gone || events.intersects(NAME_EVENTS) {
                state.renamed = true;
                match gone || events.contains(ReadFlags::ISDIR) {
                    true => self.forget(state, &path),
                    false => state.inodes.forget(&path, |wd| self.unwatch(wd)),
                }
                if path.is_root() {
                    root = true;
                    state.everything = true;
                }
                push(changes, Change::Name(path.clone()));
                match events {
                    _ if gone || events.contains(ReadFlags::ISDIR) => {}
                    _ if events.contains(ReadFlags::CREATE) => push(changes, Change::Begun(path)),
                    _ if events.contains(ReadFlags::MOVED_TO) => {}
                    _ => push(changes, Change::Gone(path)),
                }
            } else if events.intersects(ReadFlags::MODIFY | ReadFlags::CLOSE_WRITE) {
                let closed = events.contains(ReadFlags::CLOSE_WRITE);
                push(changes, Change::Content { path, closed });
            } else if events.contains(ReadFlags::ATTRIB) {
                push(changes, Change::Attributes(path));
            }
        }
        root
    }
}

fn push(changes: &mut Vec<Change>, change: Change) {
    if changes.last() != Some(&change) {
        changes.push(change);
    }
}

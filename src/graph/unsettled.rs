//! Files that may be half of what they will be: for whoever hands contents on unasked. A read never waits for them, it gives
//! what is there.
//!
//! - One that was written to, and that its writer has not closed since, is waited for until it has been left alone for a while.
//! - So is one that was just made: whoever makes a file is about to write to it.
//! - One that is empty, and has not been so for long, is about to be written to as well.
//! - One that has gone is waited for a moment: many programs save a file by moving the old one away first.
//!
//! A save is settled when its writer has closed the file, at once, unless it is empty. Nobody is waited for without an end.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use super::memo::InputKind;
use super::observe::apply;
use super::state::State;
use super::{Engine, Graph};
use crate::base::SourcePath;
use crate::source::{Change, Entry, Stamp};

/// How long files are waited for.
pub(super) struct Patience {
    /// A file whose writer has not closed it must have been left alone for so long.
    pub(super) alone: Duration,
    /// A file that is empty when a writer has closed it may take so long to be written to: by another writer, who has emptied
    /// it and is not heard of yet, for what is told of a close does not say whose it is.
    pub(super) empty: Duration,
    /// A file that has gone may take so long to come again.
    pub(super) away: Duration,
    /// A file is waited for so long in all, be it written to without an end.
    pub(super) longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            alone: Duration::from_secs(1),
            empty: Duration::from_millis(200),
            away: Duration::from_millis(10),
            longest: Duration::from_secs(5),
        }
    }
}

/// The most files that are waited for; of so many at a time nobody saves by hand.
const MOST: usize = 4096;

/// Whether files may be half of what they will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// None is. While the number stays, none has been: what was read between two equal answers is of whole files.
    Since(u64),
    /// Some are, and to be waited for until then if nothing else happens to them; what happens is an
    /// [`super::Event::Changed`].
    Until(Instant),
}

/// A file that may be half of what it will be.
struct Pending {
    last: Instant,
    patience: Duration,
    end: Instant,
    kind: Kind,
    /// It was read while it was empty, and what emptied it may be told later.
    was_empty: bool,
}

/// What happened to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It was written to: it counts where somebody has asked for its content.
    Written,
    /// It was made, perhaps as something that nobody writes to.
    Made,
    /// It was made, and is a file.
    New,
    /// A writer has closed it.
    Closed,
    /// So it is, and it is empty.
    Empty,
    /// It has gone.
    Gone,
}

impl Pending {
    /// Until when, if nothing else happens to it.
    fn until(&self) -> Instant {
        (self.last + self.patience).min(self.end)
    }

    /// Whether something has happened to it lately.
    fn is_lively(&self, now: Instant) -> bool {
        self.last + self.patience > now
    }
}

/// The files that may be half of what they will be.
#[derive(Default)]
pub(super) struct Unsettled {
    files: HashMap<SourcePath, Pending>,
    /// How often there was one that counts.
    count: u64,
    pub(super) patience: Patience,
}

impl Unsettled {
    /// Notes what has happened to a file; false: it was waited for long enough, and is not until it is left alone.
    fn add(&mut self, path: &SourcePath, now: Instant, kind: Kind) -> bool {
        if self.files.len() >= MOST {
            self.files.retain(|_, pending| pending.is_lively(now));
        }
        if self.files.len() >= MOST {
            return false;
        }
        let patience = match kind {
            Kind::Gone => self.patience.away,
            Kind::Closed | Kind::Empty => self.patience.empty,
            Kind::Written | Kind::Made | Kind::New => self.patience.alone,
        };
        let end = now + self.patience.longest;
        let pending = self.files.entry(path.clone()).or_insert(Pending {
            last: now,
            patience,
            end,
            kind,
            was_empty: false,
        });
        if !pending.is_lively(now) || kind == Kind::Closed {
            pending.end = end;
        }
        pending.last = now;
        pending.patience = patience;
        // One that is new stays so when it is written to.
        if kind != Kind::Written || !matches!(pending.kind, Kind::Made | Kind::New) {
            pending.kind = kind;
        }
        now < pending.end
    }
}

impl State {
    /// Notes what a change says of its file.
    pub(super) fn note_unsettled(&mut self, change: &Change, now: Instant) {
        match change {
            Change::Content {
                path,
                closed: false,
            } => {
                let is_waited_for = self.unsettled.add(path, now, Kind::Written);
                if is_waited_for && self.has_content(path) {
                    self.unsettled.count += 1;
                }
            }
            // Nothing under such a name is an output; editors keep files there for as long as they are open.
            Change::Begun(path) if !path.name().starts_with(b".") => {
                self.unsettled.count += 1;
                self.unsettled.add(path, now, Kind::Made);
            }
            Change::Gone(path) if self.has_content(path) => {
                self.unsettled.count += 1;
                self.unsettled.add(path, now, Kind::Gone);
            }
            Change::Content { path, closed: true } => {
                if self.unsettled.files.contains_key(path) {
                    self.unsettled.add(path, now, Kind::Closed);
                }
            }
            Change::Name(path) => _ = self.unsettled.files.remove(path),
            Change::Everything => self.unsettled.files.clear(),
            Change::Begun(_) | Change::Gone(_) | Change::Attributes(_) => {}
        }
    }

    /// Notes what was read: whoever empties a file is seen to have done so a little before that is told.
    pub(super) fn note_empty(&mut self, path: &SourcePath, stamp: &Stamp) {
        let age = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |now| now.as_nanos() as i128 - stamp.changed);
        let patience = self.unsettled.patience.empty.as_nanos() as i128;
        if stamp.size == 0 && (0..patience).contains(&age) {
            self.unsettled.count += 1;
            if !self.unsettled.files.contains_key(path) {
                self.unsettled.add(path, Instant::now(), Kind::Empty);
            }
            if let Some(pending) = self.unsettled.files.get_mut(path) {
                pending.was_empty = true;
            }
        }
    }

    fn rest(&mut self, now: Instant) -> Rest {
        let files = &mut self.unsettled.files;
        files.retain(|_, pending| pending.is_lively(now));
        let counts = |(path, pending): &(&SourcePath, &Pending)| {
            !matches!(pending.kind, Kind::Written | Kind::Empty) || self.has_content(path)
        };
        let files = self.unsettled.files.iter().filter(counts);
        let last = files.map(|(_, pending)| pending.until()).max();
        match last.filter(|until| *until > now) {
            Some(until) => Rest::Until(until),
            None => Rest::Since(self.unsettled.count),
        }
    }

    /// Whether the content of a file counts.
    fn has_content(&self, path: &SourcePath) -> bool {
        let kinds = [InputKind::Content, InputKind::Glance];
        let mut ids = kinds.iter().filter_map(|kind| self.find_input(*kind, path));
        ids.next().is_some()
    }
}

impl Engine {
    fn rest(&self) -> Rest {
        self.observe();
        let asked_about: Vec<SourcePath> = {
            let state = self.state();
            let pending = state.unsettled.files.iter();
            let is_open = |kind| matches!(kind, Kind::Made | Kind::Closed);
            let asked = pending.filter(|(_, pending)| is_open(pending.kind));
            asked.map(|(path, _)| path.clone()).collect()
        };
        for path in asked_about {
            let found = self.tree.entry(&path);
            let size = match &found {
                Ok((Entry::File, Some(stamp))) => Some(stamp.size),
                // Nobody writes to a link or a folder.
                _ => None,
            };
            let mut state = self.state();
            let Some(pending) = state.unsettled.files.get_mut(&path) else {
                continue;
            };
            match (pending.kind, size) {
                (Kind::Made, Some(_)) => pending.kind = Kind::New,
                (Kind::Closed, Some(0)) => pending.kind = Kind::Empty,
                // The close that was told is that of the save before, and of the next one nothing may be told yet but what
                // is seen: that the file is another one than what was read.
                (Kind::Closed, Some(_)) if pending.was_empty => {
                    state.unsettled.files.remove(&path);
                    state.unsettled.count += 1;
                    apply(&mut state, &[Change::Content { path, closed: true }]);
                }
                (Kind::Made | Kind::Closed, _) => _ = state.unsettled.files.remove(&path),
                _ => {}
            }
        }
        self.state().rest(Instant::now())
    }
}

impl Graph {
    /// Whether files may be half of what they will be.
    pub fn rest(&self) -> Rest {
        self.engine.rest()
    }
}

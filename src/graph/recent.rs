//! The latest changes of sources, and what was computed after each: for whoever looks.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use super::Event;
use crate::base::{Key, SourcePath};

/// Changes that are remembered.
const CHANGES: usize = 50;
/// Sources that are remembered of a change.
const SOURCES: usize = 20;
/// Runs that are remembered of the latest change, and of each that is not the latest: the failed and the longest.
const RUNS: usize = 40;
const RUNS_BEFORE: usize = 12;
/// Within this time one save becomes several changes: an editor writes, renames, and sets times.
const ONE_SAVE: Duration = Duration::from_millis(100);

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunOutcome {
    /// The output is another one than before.
    Changed,
    /// It is the same: what depends on it stays as it is.
    Same,
    /// There is none.
    Failed,
}

/// A run that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentRun {
    /// Of which node.
    pub key: Key,
    /// What became of it.
    pub outcome: RunOutcome,
    /// How long it took, with all that it waited for.
    pub took: Duration,
    /// Which run of its change it was.
    order: u64,
}

/// A change of sources, and what was computed until the next one. The first has no sources: what was computed before any
/// change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentChange {
    /// Its number since the start.
    pub number: u64,
    /// When it was seen.
    pub time: SystemTime,
    /// What changed; empty where anything may have, and for what was computed before any change.
    pub sources: Vec<SourcePath>,
    /// How many sources changed besides.
    pub more_sources: u64,
    /// The runs that are remembered, in the order of their ends.
    pub runs: Vec<RecentRun>,
    /// How many there were, by their outcomes: changed, the same, failed.
    pub counts: [u64; 3],
    /// How long all of them took. Those that waited for others count these as well.
    pub took: Duration,
    /// How many nodes were found to be as they were, without a run.
    pub verified: u64,
}

/// The latest changes. Noting an event costs less than sending it.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// The latest last.
    changes: VecDeque<RecentChange>,
    count: u64,
}

impl Recent {
    pub(super) fn changes(&self) -> Vec<RecentChange> {
        self.changes.iter().cloned().collect()
    }

    pub(super) fn note(&mut self, event: &Event, now: impl FnOnce() -> SystemTime) {
        match event {
            Event::Changed(paths) => self.changed(paths, now()),
            Event::Computed {
                key,
                hash,
                changed,
                took,
            } => {
                let outcome = match (hash, changed) {
                    (None, _) => RunOutcome::Failed,
                    (Some(_), true) => RunOutcome::Changed,
                    (Some(_), false) => RunOutcome::Same,
                };
                self.latest(now).ran(key, outcome, *took);
            }
            Event::Verified(_) => self.latest(now).verified += 1,
        }
    }

    /// The change that what happens now belongs to.
    fn latest(&mut self, now: impl FnOnce() -> SystemTime) -> &mut RecentChange {
        if self.changes.is_empty() {
            self.begin(now());
        }
        let last = self.changes.len() - 1;
        &mut self.changes[last]
    }

    fn begin(&mut self, time: SystemTime) {
        if let Some(before) = self.changes.back_mut() {
            before.keep(RUNS_BEFORE);
        }
        if self.changes.len() == CHANGES {
            self.changes.pop_front();
        }
        self.changes.push_back(RecentChange {
            number: self.count,
            time,
            sources: Vec::new(),
            more_sources: 0,
            runs: Vec::new(),
            counts: [0; 3],
            took: Duration::ZERO,
            verified: 0,
        });
        self.count += 1;
    }

    fn changed(&mut self, paths: &[SourcePath], now: SystemTime) {
        let is_same_save = self.changes.back().is_some_and(|last| {
            let since = now.duration_since(last.time).unwrap_or(Duration::MAX);
            last.number > 0 && last.counts == [0; 3] && last.verified == 0 && since <= ONE_SAVE
        });
        if self.changes.is_empty() {
            // The one without sources.
            self.begin(now);
        }
        if !is_same_save {
            self.begin(now);
        }
        if let Some(change) = self.changes.back_mut() {
            for path in paths {
                match change.sources.len() < SOURCES {
                    _ if change.sources.contains(path) => {}
                    true => change.sources.push(path.clone()),
                    false => change.more_sources += 1,
                }
            }
        }
    }
}

impl RecentChange {
    fn ran(&mut self, key: &Key, outcome: RunOutcome, took: Duration) {
        let order = self.counts.iter().sum();
        self.counts[outcome as usize] += 1;
        self.took += took;
        self.runs.push(RecentRun {
            key: key.clone(),
            outcome,
            took,
            order,
        });
        if self.runs.len() >= 2 * RUNS {
            self.keep(RUNS);
        }
    }

    /// Forgets all runs but so many.
    fn keep(&mut self, most: usize) {
        if self.runs.len() <= most {
            return;
        }
        let weight = |run: &RecentRun| (run.outcome == RunOutcome::Failed, run.took);
        self.runs
            .sort_by(|a, b| weight(b).cmp(&weight(a)).then(a.order.cmp(&b.order)));
        self.runs.truncate(most);
        self.runs.shrink_to(most);
        self.runs.sort_by_key(|run| run.order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Computation, ContentHash};
    use std::sync::Arc;

    fn path(name: &str) -> SourcePath {
        SourcePath::parse(name).unwrap()
    }

    /// What is noted at a time of its own, in milliseconds.
    fn note(recent: &mut Recent, at: u64, event: &Event) {
        recent.note(event, || SystemTime::UNIX_EPOCH + Duration::from_millis(at));
    }

    fn changed(names: &[&str]) -> Event {
        Event::Changed(names.iter().map(|name| path(name)).collect::<Arc<[_]>>())
    }

    fn computed(name: &str, took: u64, outcome: RunOutcome) -> Event {
        Event::Computed {
            key: Key::new(Computation::new("module"), path(name)),
            hash: (outcome != RunOutcome::Failed).then(|| ContentHash::of(b"x")),
            changed: outcome == RunOutcome::Changed,
            took: Duration::from_micros(took),
        }
    }

    #[test]
    fn runs_belong_to_the_change_before_them() {
        let mut recent = Recent::default();
        note(&mut recent, 1, &computed("a", 5, RunOutcome::Changed));
        note(&mut recent, 1000, &changed(&["a"]));
        note(&mut recent, 1020, &changed(&["a", "b"]));
        note(&mut recent, 1030, &computed("a", 7, RunOutcome::Same));
        note(&mut recent, 1031, &computed("b", 1, RunOutcome::Failed));
        let verified = Event::Verified(Key::new(Computation::new("module"), path("c")));
        note(&mut recent, 1032, &verified);
        // It comes as soon, but the one before was answered already.
        note(&mut recent, 1040, &changed(&["c"]));
        note(&mut recent, 9000, &changed(&["d"]));
        let told: Vec<_> = recent
            .changes()
            .iter()
            .map(|change| {
                let sources: Vec<String> = change.sources.iter().map(ToString::to_string).collect();
                let took = u64::try_from(change.took.as_micros()).unwrap();
                (
                    change.number,
                    sources.join(" "),
                    change.counts,
                    took,
                    change.verified,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (0, String::new(), [1, 0, 0], 5, 0),
                (1, "/a /b".to_owned(), [0, 1, 1], 8, 1),
                (2, "/c".to_owned(), [0, 0, 0], 0, 0),
                (3, "/d".to_owned(), [0, 0, 0], 0, 0),
            ]
        );
    }

    #[test]
    fn what_is_remembered_is_bounded_and_worth_it() {
        let mut recent = Recent::default();
        let names: Vec<String> = (0..1000).map(|number| format!("f{number}")).collect();
        for (number, name) in names.iter().enumerate() {
            let outcome = match number {
                500 => RunOutcome::Failed,
                _ => RunOutcome::Changed,
            };
            note(
                &mut recent,
                0,
                &computed(name, number as u64 % 100, outcome),
            );
        }
        let [start] = &recent.changes()[..] else {
            panic!("one change")
        };
        assert!(start.runs.len() < 2 * RUNS);
        assert_eq!(start.counts, [999, 0, 1]);
        assert!(
            start
                .runs
                .iter()
                .any(|run| run.outcome == RunOutcome::Failed)
        );
        assert!(start.runs.is_sorted_by_key(|run| run.order));
        let many: Vec<&str> = names.iter().map(String::as_str).collect();
        for number in 0..200 {
            note(&mut recent, 1000 + number * 1000, &changed(&many));
        }
        let changes = recent.changes();
        assert_eq!(changes.len(), CHANGES);
        let last = changes.last().unwrap();
        assert_eq!(
            (last.number, last.sources.len(), last.more_sources),
            (200, SOURCES, 980)
        );
    }

    #[test]
    fn older_changes_keep_their_longest_runs() {
        let mut recent = Recent::default();
        for took in 0..40 {
            note(&mut recent, 0, &computed("a", took, RunOutcome::Changed));
        }
        note(&mut recent, 1000, &changed(&["a"]));
        let changes = recent.changes();
        let took: Vec<u128> = changes[0]
            .runs
            .iter()
            .map(|run| run.took.as_micros())
            .collect();
        assert_eq!(took, (28..40).collect::<Vec<_>>());
    }
}

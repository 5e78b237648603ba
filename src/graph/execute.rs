//! Running a computation, and keeping what it gave if its inputs held still.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::finish::Run;
use super::memo::{Outcome, Value, failure_hash, is_deterministic, now_seconds, without_importers};
use super::persist::{Record, Stored};
use super::record::{Recorder, Recording};
use super::state::Operation;
use super::{Engine, Event};
use crate::base::{ContentHash, Key, Part};
use crate::compute::{Failure, Link, Output};
use crate::source::Stamp;

/// Runs of one node whose inputs move while it runs, before the last answers without being kept.
const ATTEMPTS: usize = 5;

/// What a run gave, before it is known whether it is kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) parts: Vec<(Part, ContentHash, u64)>,
    pub(super) failure: Option<Failure>,
    pub(super) links: Vec<Key>,
    /// Whether it met a circle of nodes.
    pub(super) circular: bool,
    /// The end of the run, in seconds since 1970.
    pub(super) computed: u64,
    pub(super) took: Duration,
}

impl Draft {
    /// What a stored record says that a run gave.
    pub(super) fn of_record(record: &Record) -> Self {
        Self {
            parts: record.parts.clone(),
            failure: record.failure.clone().map(Failure::from),
            links: record.links.clone(),
            circular: false,
            computed: record.computed,
            took: Duration::from_micros(record.took_micros),
        }
    }

    /// What a dependent compares.
    pub(super) fn value(&self, part: Part) -> Value {
        if let Some(failure) = &self.failure {
            return Value::Failed(failure_hash(failure));
        }
        match self.parts.iter().find(|(given, _, _)| *given == part) {
            Some((_, hash, _)) => Value::Hash(*hash),
            None => Value::NoPart,
        }
    }

    /// The hash of the main part; none where it failed.
    fn main(&self) -> Option<ContentHash> {
        let mut parts = self.parts.iter();
        parts
            .find(|(part, ..)| *part == Part::MAIN)
            .map(|(_, hash, _)| *hash)
    }

    /// Whether another run gave something else.
    fn differs(&self, other: &Self) -> bool {
        let failure = |draft: &Self| draft.failure.as_ref().map(failure_hash);
        self.parts != other.parts || failure(self) != failure(other)
    }

    /// `len`: how many bytes readers get of a part.
    fn of_run(
        result: Result<Output, Failure>,
        took: Duration,
        len: impl Fn(Part, &Bytes) -> Result<u64, Failure>,
    ) -> (Self, Vec<Bytes>) {
        let mut draft = Self {
            computed: now_seconds(),
            took,
            ..Self::default()
        };
        let mut blobs = Vec::new();
        let measured = result.and_then(with_links).and_then(|output| {
            let lens = output.parts.iter().map(|(part, bytes)| len(*part, bytes));
            let lens: Vec<u64> = lens.collect::<Result<_, _>>()?;
            Ok((output, lens))
        });
        match measured {
            Ok((Output { parts, links }, lens)) => {
                for ((part, bytes), len) in parts.into_iter().zip(lens) {
                    draft.parts.push((part, ContentHash::of(&bytes), len));
                    blobs.push(bytes);
                }
                draft.links = keys(links);
            }
            Err(Failure::Diagnostics(diagnostics)) => {
                let plain = diagnostics.iter().map(without_importers).collect();
                draft.failure = Some(Failure::Diagnostics(plain));
            }
            Err(Failure::Limit(diagnostics)) => {
                let plain = diagnostics.iter().map(without_importers).collect();
                draft.failure = Some(Failure::Limit(plain));
            }
            Err(Failure::Cycle(diagnostics, keys)) => {
                let plain = diagnostics.iter().map(without_importers).collect();
                draft.failure = Some(Failure::Cycle(plain, keys));
            }
            Err(failure) => draft.failure = Some(failure),
        }
        (draft, blobs)
    }
}

/// The nodes that are linked to, each once.
fn keys(links: Vec<Link>) -> Vec<Key> {
    let has_suffix = links.iter().any(|link| link.suffix.is_some());
    let mut keys: Vec<Key> = links.into_iter().map(|link| link.key).collect();
    if has_suffix {
        let mut seen = BTreeSet::new();
        keys.retain(|key| seen.insert(key.clone()));
    }
    keys
}

/// The parts with that of the links, which every node has.
fn with_links(output: Output) -> Result<Output, Failure> {
    let Output { mut parts, links } = output;
    if !parts.iter().any(|(part, _)| *part == Part::MAIN) {
        return Err(Failure::Internal("a computation gave no main part".into()));
    }
    parts.sort_by_key(|(part, _)| *part);
    if parts.windows(2).any(|pair| pair[0].0 == pair[1].0)
        || parts.iter().any(|(part, _)| *part == Part::LINKS)
    {
        return Err(Failure::Internal("a computation gave a part twice".into()));
    }
    let encoded =
        postcard::to_allocvec(&links).map_err(|error| Failure::Internal(error.to_string()))?;
    parts.push((Part::LINKS, encoded.into()));
    Ok(Output { parts, links })
}

impl Engine {
    /// Runs a claimed node until its inputs held still while it ran.
    pub(super) fn execute(
        &self,
        id: u32,
        key: &Key,
        operation: &Operation,
        stored: Stored,
    ) -> Arc<Outcome> {
        let before = stored.records.first().map(Draft::of_record);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let (draft, blobs, recording) = self.run(key, operation);
            let failed_for_once = draft
                .failure
                .as_ref()
                .is_some_and(|failure| !is_deterministic(failure));
            let is_limit = matches!(draft.failure, Some(Failure::Limit(_)));
            let keepable = !recording.tainted && (!failed_for_once || is_limit);
            let kept = if keepable && !recording.moved {
                self.keep(id, operation, &draft, &blobs, &recording, &stored)
            } else {
                None
            };
            let changed = before.as_ref().is_none_or(|before| before.differs(&draft));
            self.events.send(Event::Computed {
                key: key.clone(),
                hash: draft.main(),
                changed,
                took: draft.took,
            });
            if let Some((outcome, stamps)) = kept {
                if is_limit {
                    self.state().let_pass(id, &outcome);
                    return outcome;
                }
                let run = Run {
                    key: key.clone(),
                    operation: *operation,
                    draft,
                    blobs,
                    saw: recording.saw,
                    outcome: outcome.clone(),
                    stamps,
                    stored,
                };
                if let Some(run) = self.unsaved.put_off(run) {
                    self.finish_run(&run);
                }
                return outcome;
            }
            if !keepable || attempt >= ATTEMPTS {
                // Its bytes are needed once by those who waited.
                self.recent.keep(&draft, &blobs);
                return self.state().answer_once(id, &draft, &stored.versions);
            }
        }
    }

    fn run(&self, key: &Key, operation: &Operation) -> (Draft, Vec<Bytes>, Recording) {
        let recorder = Recorder::new(self, key, *operation);
        let start = Instant::now();
        // The recorder's cells are only appended to, so a panic leaves nothing half done.
        let result = catch_unwind(AssertUnwindSafe(|| self.computations.run(key, &recorder)));
        let took = start.elapsed();
        self.counts.runs.fetch_add(1, Relaxed);
        if self.computations.is_output(key) {
            self.counts.computed.fetch_add(1, Relaxed);
        }
        let result = result.unwrap_or_else(|panic| {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            tracing::error!("the computation of `{key}` panicked: {text}");
            Err(Failure::Internal(format!(
                "the computation of `{key}` panicked: {text}"
            )))
        });
        let len = |part, bytes: &Bytes| self.len_for_readers(key, part, bytes);
        let (mut draft, blobs) = Draft::of_run(result, took, len);
        let recording = recorder.finish();
        draft.circular = recording.circular;
        (draft, blobs, recording)
    }

    /// Keeps a run's outcome, if all that it saw is so now.
    fn keep(
        &self,
        id: u32,
        operation: &Operation,
        draft: &Draft,
        blobs: &[Bytes],
        recording: &Recording,
        stored: &Stored,
    ) -> Option<(Arc<Outcome>, Vec<Option<Stamp>>)> {
        // Whoever sees the outcome may ask for its bytes at once.
        self.recent.keep(draft, blobs);
        self.observe();
        // Where events do not vouch, everything is looked at once more, after the run.
        let since = {
            let mut state = self.state();
            if state.is_exact() { 0 } else { state.tick() }
        };
        let check = Operation {
            since,
            ..*operation
        };
        // What a run has used is not forgotten while it lasts.
        let edges = self.state().edges(&recording.saw);
        self.hold(&*edges, &check, |state| {
            let saw = (&recording.saw[..], edges.clone());
            state.install(id, draft, saw, &check, &stored.versions)
        })
    }
}

//! Telling subscribers what happened, without ever waiting for them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::recent::{Recent, RecentChange};
use crate::base::{ContentHash, Key, SourcePath};

/// Events that a subscriber may be behind.
const BACKLOG: usize = 8192;

/// What happened, for `events`, `errors.json`, the log, and tests that ask which nodes ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Sources changed (or everything may have: an empty list).
    Changed(Arc<[SourcePath]>),
    /// A run ended: `changed` says whether the output or failure differs from the last one.
    Computed {
        /// Which node.
        key: Key,
        /// The hash of the main part that it gave; none where it failed.
        hash: Option<ContentHash>,
        /// Whether its outcome differs from the one before.
        changed: bool,
        /// How long it took.
        took: Duration,
    },
    /// A node's dependencies were found as they were: fresh without a run.
    Verified(Key),
}

struct Subscriber {
    sender: Sender<Event>,
    /// It wants to know of changes alone.
    only_changes: bool,
    /// Events were dropped: it is to be told that anything may have changed.
    lost: bool,
}

#[derive(Default)]
struct Heard {
    subscribers: Vec<Subscriber>,
    recent: Recent,
}

/// All subscribers, and what was sent last.
#[derive(Default)]
pub(super) struct Events(Mutex<Heard>);

impl Events {
    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The latest changes, the last one last.
    pub(super) fn recent(&self) -> Vec<RecentChange> {
        self.lock().recent.changes()
    }

    /// `only_changes`: of no other events, so that whoever waits is not woken by each node that is computed.
    pub(super) fn subscribe(&self, only_changes: bool) -> Receiver<Event> {
        let (sender, receiver) = bounded(BACKLOG);
        self.lock().subscribers.push(Subscriber {
            sender,
            only_changes,
            lost: false,
        });
        receiver
    }

    /// Sends to all who have room. Who had none gets an empty list of changes, "everything", once there is.
    pub(super) fn send(&self, event: Event) {
        let mut heard = self.lock();
        heard.recent.note(&event, SystemTime::now);
        let is_change = matches!(event, Event::Changed(_));
        heard.subscribers.retain_mut(|subscriber| {
            if subscriber.only_changes && !is_change {
                return true;
            }
            if subscriber.lost {
                match subscriber.sender.try_send(Event::Changed(Arc::from([]))) {
                    Ok(()) => subscriber.lost = false,
                    Err(TrySendError::Full(_)) => return true,
                    Err(TrySendError::Disconnected(_)) => return false,
                }
            }
            match subscriber.sender.try_send(event.clone()) {
                Ok(()) => true,
                Err(TrySendError::Full(_)) => {
                    subscriber.lost = true;
                    true
                }
                Err(TrySendError::Disconnected(_)) => false,
            }
        });
    }
}

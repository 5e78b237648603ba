//! Telling subscribers what happened, without ever waiting for them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::Event;
use super::recent::{Recent, RecentChange};

/// Events that a subscriber may be behind.
const BACKLOG: usize = 8192;

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

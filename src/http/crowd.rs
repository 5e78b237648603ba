//! The connections there are, and which of them goes where a new one has no place.
//!
//! Clients are programs of this machine, and some are broken: they connect and say nothing, ask and do not read. None of
//! them keeps the others out. Who has nothing to lose goes first: a connection that waits for a request, begun or not, the
//! one that has waited longest; then one whose client takes nothing of its answer; then the one that was asked something
//! longest ago.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Frame, SizeHint};
use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::body::Body;

/// How long a client may take nothing of its answer while others wait for its place.
const STALLED: Duration = Duration::from_secs(2);

/// See the module.
pub(super) struct Crowd {
    most: usize,
    /// How long what was asked may take while others wait for the place.
    patience: Duration,
    places: Semaphore,
    seats: Mutex<Vec<Arc<Seat>>>,
    /// From when times are counted.
    start: Instant,
}

/// What is known of one connection. Times are in nanoseconds from the crowd's start.
#[derive(Debug)]
pub(super) struct Seat {
    start: Instant,
    /// Since when it has waited for a request, or since when it has had one.
    since: AtomicU64,
    /// It was asked something, and not all of the answer was made.
    is_asked: AtomicBool,
    /// Since when the client has taken nothing of what lies ready for it; 0: it does.
    stalled: AtomicU64,
    leave: Notify,
}

/// A connection's right to be there.
pub(super) struct Place {
    crowd: Arc<Crowd>,
    pub(super) seat: Arc<Seat>,
}

impl Crowd {
    /// Nobody yet, with room for `most` at a time. `patience`: how long what one is asked may take while others wait for its
    /// place.
    pub(super) fn new(most: usize, patience: Duration) -> Self {
        Self {
            most,
            patience,
            places: Semaphore::new(most),
            seats: Mutex::default(),
            start: Instant::now(),
        }
    }

    fn seats(&self) -> MutexGuard<'_, Vec<Arc<Seat>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more, for which another one may have to leave.
    pub(super) async fn enter(self: &Arc<Self>) -> Place {
        loop {
            if let Ok(place) = self.places.try_acquire() {
                return self.seat(place);
            }
            let next = self.make_room(Instant::now());
            let place = tokio::select! {
                place = self.places.acquire() => place,
                () = sleep_until(next) => continue,
            };
            // It is closed by nobody.
            if let Ok(place) = place {
                return self.seat(place);
            }
        }
    }

    fn seat(self: &Arc<Self>, place: tokio::sync::SemaphorePermit<'_>) -> Place {
        place.forget();
        let seat = Arc::new(Seat::new(self.start));
        self.seats().push(seat.clone());
        Place {
            crowd: self.clone(),
            seat,
        }
    }

    /// Has one leave, and tells when the next one may be made to.
    pub(super) fn make_room(&self, now: Instant) -> Instant {
        let mut seats = self.seats();
        let due = |seat: &Seat| self.start + seat.due(self.patience);
        let first = (0..seats.len()).min_by_key(|at| (seats[*at].is_busy(), due(&seats[*at])));
        match first.map(|at| (at, due(&seats[at]))) {
            Some((_, due)) if due > now => due,
            Some((at, _)) => {
                seats.swap_remove(at).leave.notify_one();
                // It leaves at once; should nobody be there to see that, another one has to.
                now + STALLED
            }
            // All are on their way out.
            None => now + STALLED,
        }
    }

    /// Waits until nobody is there.
    pub(super) async fn emptied(&self) {
        let all = u32::try_from(self.most).unwrap_or(u32::MAX);
        // It is closed by nobody.
        let _ = self.places.acquire_many(all).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let own = |seat: &Arc<Seat>| Arc::ptr_eq(seat, &self.seat);
        let mut seats = self.crowd.seats();
        if let Some(at) = seats.iter().position(own) {
            seats.swap_remove(at);
        }
        drop(seats);
        self.crowd.places.add_permits(1);
    }
}

impl Seat {
    fn new(start: Instant) -> Self {
        let seat = Self {
            start,
            since: AtomicU64::new(0),
            is_asked: AtomicBool::new(false),
            stalled: AtomicU64::new(0),
            leave: Notify::new(),
        };
        seat.rest();
        seat
    }

    fn now(&self) -> u64 {
        let since = self.start.elapsed().as_nanos();
        u64::try_from(since).unwrap_or(u64::MAX).max(1)
    }

    /// It is asked something, until what is given is dropped.
    pub(super) fn ask(self: &Arc<Self>) -> Asking {
        self.since.store(self.now(), Ordering::Relaxed);
        self.is_asked.store(true, Ordering::Relaxed);
        Asking(self.clone())
    }

    /// It is asked something more.
    pub(super) fn touch(&self) {
        self.since.store(self.now(), Ordering::Relaxed);
    }

    fn rest(&self) {
        self.since.store(self.now(), Ordering::Relaxed);
        self.is_asked.store(false, Ordering::Relaxed);
    }

    /// The client takes what lies ready for it, or does not.
    pub(super) fn takes(&self, takes: bool) {
        let since = if takes { 0 } else { self.now() };
        self.stalled.store(since, Ordering::Relaxed);
    }

    fn is_busy(&self) -> bool {
        self.is_asked.load(Ordering::Relaxed) || self.stalled.load(Ordering::Relaxed) != 0
    }

    /// From when on it may be made to leave, from the crowd's start.
    fn due(&self, patience: Duration) -> Duration {
        let since = Duration::from_nanos(self.since.load(Ordering::Relaxed));
        let stalled = Duration::from_nanos(self.stalled.load(Ordering::Relaxed));
        match (self.is_asked.load(Ordering::Relaxed), stalled.is_zero()) {
            (false, true) => since,
            (false, false) => stalled + STALLED,
            (true, true) => since + patience,
            (true, false) => (stalled + STALLED).min(since + patience),
        }
    }

    /// Waits until it is made to leave.
    pub(super) async fn leave(&self) {
        self.leave.notified().await;
    }
}

/// An answer under way.
pub(super) struct Asking(Arc<Seat>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.rest();
    }
}

/// A body, with the answer that ends when all of it is made.
pub(super) struct Answer {
    body: Body,
    _asking: Asking,
}

impl Answer {
    pub(super) fn new(body: Body, asking: Asking) -> Self {
        Self {
            body,
            _asking: asking,
        }
    }
}

impl hyper::body::Body for Answer {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::io::Result<Frame<Self::Data>>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;

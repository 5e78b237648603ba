//! The requests that go on, as the threads that ask and the one that talks with the worker share them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::body::{Piece, Progress};
use super::{Failed, Head};
use crate::script::message::{Headers, Message, Sent};
use crate::script::net::tell;
use crate::worker::Post;

/// What a request begins with.
pub(super) struct Begin {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Headers,
    pub(super) has_body: bool,
}

/// A request that has no whole answer yet.
pub(super) struct Running {
    head: Option<oneshot::Sender<Result<Head, Failed>>>,
    /// The program wants a piece of the request's body.
    pulls: Option<mpsc::Sender<Arc<Post>>>,
    pieces: mpsc::Sender<Piece>,
    pub(super) progress: Progress,
    /// How its worker is told; `None`: none has it yet.
    post: Option<Arc<Post>>,
}

impl Running {
    pub(super) fn new(
        head: oneshot::Sender<Result<Head, Failed>>,
        pulls: mpsc::Sender<Arc<Post>>,
        pieces: mpsc::Sender<Piece>,
    ) -> Self {
        Self {
            head: Some(head),
            pulls: Some(pulls),
            pieces,
            progress: Progress::new(),
            post: None,
        }
    }

    fn fail(self, failed: &Failed) {
        if let Some(head) = self.head {
            // Who does not wait any more need not know.
            let _ = head.send(Err(failed.clone()));
        }
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// A request has come, or the end.
    come: Condvar,
}

#[derive(Default)]
struct State {
    count: u32,
    waiting: VecDeque<(u32, Begin)>,
    /// Events of pages, each with its place in the queue.
    events: VecDeque<(Message, OwnedSemaphorePermit)>,
    running: HashMap<u32, Running>,
    /// That of the worker that there is.
    post: Option<Arc<Post>>,
    is_closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a request.
    pub(super) fn begin(
        shared: &Arc<Self>,
        begin: Begin,
        running: Running,
        most: usize,
    ) -> Result<Guard, Failed> {
        let (id, post) = {
            let mut state = shared.lock();
            if state.is_closed {
                return Err(Failed::gone());
            }
            if state.running.len() >= most {
                return Err(Failed::crowded(most));
            }
            // Even numbers; the program's own exchanges have odd ones.
            state.count = state.count.wrapping_add(2);
            let id = state.count;
            state.waiting.push_back((id, begin));
            state.running.insert(id, running);
            (id, state.post.clone())
        };
        shared.come.notify_all();
        if let Some(post) = post {
            post.ring();
        }
        Ok(Guard {
            shared: shared.clone(),
            id,
        })
    }

    /// Has the program hear an event.
    pub(super) fn hear_event(&self, event: Message, place: OwnedSemaphorePermit) {
        let post = {
            let mut state = self.lock();
            state.events.push_back((event, place));
            state.post.clone()
        };
        self.come.notify_all();
        if let Some(post) = post {
            post.ring();
        }
    }

    /// The events that wait: they are the worker's from now on.
    pub(super) fn take_events(&self) -> Vec<Message> {
        let events = std::mem::take(&mut self.lock().events);
        events.into_iter().map(|(event, _)| event).collect()
    }

    /// Waits for a request or an event; false: there is none any more.
    pub(super) fn wait(&self) -> bool {
        let mut state = self.lock();
        while state.waiting.is_empty() && state.events.is_empty() && !state.is_closed {
            state = self
                .come
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        !state.is_closed
    }

    pub(super) fn close(&self) {
        let post = {
            let mut state = self.lock();
            state.is_closed = true;
            state.post.clone()
        };
        self.come.notify_all();
        if let Some(post) = post {
            post.ring();
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    /// There is a worker, which is told by this.
    pub(super) fn has_begun(&self, post: &Arc<Post>) {
        self.lock().post = Some(post.clone());
    }

    /// Whether requests or events wait for a worker.
    pub(super) fn has_waiting(&self) -> bool {
        let state = self.lock();
        !state.waiting.is_empty() || !state.events.is_empty()
    }

    /// The requests that wait, as messages: they are the worker's from now on.
    pub(super) fn take(&self, post: &Arc<Post>) -> Vec<Message> {
        let mut state = self.lock();
        let State {
            waiting, running, ..
        } = &mut *state;
        let mut messages = Vec::with_capacity(waiting.len());
        for (id, begin) in waiting.drain(..) {
            // Those that were aborted are gone.
            let Some(running) = running.get_mut(&id) else {
                continue;
            };
            running.post = Some(post.clone());
            messages.push(Message::Request {
                id,
                method: begin.method,
                url: begin.url,
                headers: begin.headers,
                body: match begin.has_body {
                    true => Sent::Pieces,
                    false => Sent::Nothing,
                },
            });
        }
        messages
    }

    /// The worker is gone, and its requests fail; those that wait for one do so where none could be started.
    pub(super) fn has_ended(&self, failed: &Failed, is_start: bool) {
        let mut state = self.lock();
        state.post = None;
        if is_start {
            state.waiting.clear();
            state.events.clear();
        }
        let lost: Vec<Running> = {
            let waits =
                |state: &State, id: &u32| state.waiting.iter().any(|(known, _)| known == id);
            let ids: Vec<u32> = state.running.keys().copied().collect();
            let ids: Vec<u32> = ids.into_iter().filter(|id| !waits(&state, id)).collect();
            ids.iter()
                .filter_map(|id| state.running.remove(id))
                .collect()
        };
        drop(state);
        for running in lost {
            running.fail(failed);
        }
    }

    /// Takes a message of the program's about one of these.
    pub(super) fn hear(&self, message: Message, post: &Arc<Post>) {
        let mut state = self.lock();
        match message {
            Message::Response {
                id,
                status,
                text,
                headers,
                body,
            } => {
                let is_whole = !matches!(body, Sent::Pieces);
                let head = state
                    .running
                    .get_mut(&id)
                    .and_then(|running| running.head.take());
                if let Some(head) = head {
                    let answer = Head {
                        status,
                        text,
                        headers,
                        body,
                    };
                    // Who does not wait any more says so by its guard.
                    let _ = head.send(Ok(answer));
                }
                if is_whole {
                    state.running.remove(&id);
                }
            }
            Message::Failed { id, code, text } => {
                if let Some(running) = state.running.remove(&id) {
                    running.fail(&Failed::told(&code, text));
                }
            }
            Message::Pull(id) => {
                let pulls = state
                    .running
                    .get(&id)
                    .and_then(|running| running.pulls.as_ref());
                if let Some(pulls) = pulls {
                    // Where it asks more often than it is answered, it is answered as often as it may ask.
                    let _ = pulls.try_send(post.clone());
                }
            }
            Message::Cancel(id) => {
                if let Some(running) = state.running.get_mut(&id) {
                    running.pulls = None;
                }
            }
            Message::Piece(id, bytes) => state.give(id, Ok(Some(bytes.0.into()))),
            Message::End(id) => state.give(id, Ok(None)),
            Message::Broken(id, text) => state.give(id, Err(text)),
            Message::Request { .. }
            | Message::Abort(_)
            | Message::Changed(_)
            | Message::Event { .. } => {}
        }
    }
}

impl State {
    fn give(&mut self, id: u32, piece: Piece) {
        let is_last = !matches!(piece, Ok(Some(_)));
        let is_taken = |running: &Running| running.pieces.try_send(piece).is_ok();
        if self
            .running
            .get(&id)
            .is_some_and(|running| !is_taken(running))
            || is_last
        {
            self.running.remove(&id);
        }
    }
}

/// Whoever holds it wants the answer: dropping it aborts the request.
pub(super) struct Guard {
    shared: Arc<Shared>,
    id: u32,
}

impl Guard {
    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// Tells the worker something about the request.
    pub(super) fn tell(&self, message: impl FnOnce(u32) -> Message) {
        let post = {
            let state = self.shared.lock();
            state
                .running
                .get(&self.id)
                .and_then(|running| running.post.clone())
        };
        if let Some(post) = post {
            tell(&post, &message(self.id));
        }
    }

    /// The answer is whole.
    pub(super) fn done(&self) {
        self.shared.lock().running.remove(&self.id);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let running = self.shared.lock().running.remove(&self.id);
        if let Some(post) = running.and_then(|running| running.post) {
            tell(&post, &Message::Abort(self.id));
        }
    }
}

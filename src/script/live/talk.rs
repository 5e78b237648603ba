//! The thread that talks with the worker: gives it requests, answers what it asks, and starts another where it ends.

use std::sync::Arc;

use super::Failed;
use super::exchanges::Shared;
use crate::script::message::Message;
use crate::script::net::{Net, tell};
use crate::script::run::{self, answer};
use crate::script::work::{Ended, Request};
use crate::script::{Host, Program};
use crate::worker::{self, Kind, Post, Talk, Workers};

/// Until there are no requests any more.
pub(super) fn serve(
    shared: &Arc<Shared>,
    workers: &Workers,
    kind: &Kind,
    program: &Program,
    mut host: Box<dyn Host + Send>,
) {
    while shared.wait() {
        host.restart();
        let mut full = None;
        let ended = converse(shared, workers, kind, program, &mut *host, &mut full);
        let (failed, is_start) = match ended {
            Ok(status) => (full.unwrap_or_else(|| Failed::exited(status)), false),
            Err(run::Failed::Worker(worker::Error::Stopped)) => (Failed::gone(), true),
            Err(error) => {
                let is_start = matches!(error, run::Failed::Worker(worker::Error::Start(_)));
                (Failed::ended(&error), is_start)
            }
        };
        shared.has_ended(&failed, is_start);
    }
    shared.has_ended(&Failed::gone(), true);
}

/// Talks with one worker until it ends; gives the exit status of a program that has ended itself.
fn converse(
    shared: &Arc<Shared>,
    workers: &Workers,
    kind: &Kind,
    program: &Program,
    host: &mut (dyn Host + Send),
    full: &mut Option<Failed>,
) -> Result<i32, run::Failed> {
    let encoded = |error: postcard::Error| run::Failed::Engine(error.to_string());
    let request = postcard::to_allocvec(&Request::Live(program.clone())).map_err(encoded)?;
    let post = Arc::new(Post::new().map_err(worker::Error::Start)?);
    let mut talk = Conversation {
        shared,
        host,
        net: Net::new(post.clone()),
        post,
        full,
    };
    shared.has_begun(&talk.post);
    let result = workers.talk(kind, &request, &mut talk)?;
    let ended: Ended = postcard::from_bytes(&result).map_err(encoded)?;
    ended.map_err(run::Failed::Engine)
}

struct Conversation<'a> {
    shared: &'a Shared,
    host: &'a mut (dyn Host + Send),
    net: Net,
    post: Arc<Post>,
    /// Why the program ends itself, where its memory is used up.
    full: &'a mut Option<Failed>,
}

impl Talk for Conversation<'_> {
    fn answer(&mut self, question: &[u8]) -> Vec<u8> {
        answer(self.host, question)
    }

    fn hear(&mut self, message: &[u8]) {
        let Ok(message) = postcard::from_bytes::<Message>(message) else {
            return;
        };
        if let Message::Failed { code, text, .. } = &message
            && code == "memory"
        {
            *self.full = Some(Failed::told(code, text.clone()));
        }
        if let Message::Event { page, name, data } = &message {
            return self.host.event(*page, name, data);
        }
        match message.exchange() % 2 {
            0 => self.shared.hear(message, &self.post),
            _ => self.net.hear(message),
        }
    }

    fn post(&self) -> Option<Arc<Post>> {
        Some(self.post.clone())
    }

    fn rung(&mut self) {
        // A program that is about to end itself gets no more.
        if self.full.is_some() || !self.shared.has_waiting() {
            return;
        }
        // All that wait began before this, and so does what they find.
        let mut requests = self.shared.take(&self.post);
        requests.extend(self.shared.take_events());
        let changed = self.host.changed();
        if !changed.is_empty() {
            tell(&self.post, &Message::Changed(changed));
        }
        for request in requests {
            tell(&self.post, &request);
        }
    }

    fn stop(&mut self) -> bool {
        self.shared.is_closed()
    }
}

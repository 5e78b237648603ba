//! What the worker does, and what it and its parent say to each other.

use serde::{Deserialize, Serialize};

use super::{Host, LIMITED, Loaded, Machine, Place, Program, RUN};
use crate::worker::{Asking, Kind, serve};

/// What a program asks of its parent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Question {
    Load(String),
    Write(bool, String),
    Places(Vec<Place>),
}

/// What it is told.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Loaded(Loaded),
    Written,
    Places(Vec<Option<Place>>),
}

/// The exit status, or why the engine could not run.
pub(super) type Ended = Result<i32, String>;

/// Is a worker of the kind with this name, for as long as its parent lives. Returns where there is no such kind.
pub fn be_worker(name: &str) {
    for kind in [RUN, LIMITED] {
        if kind.name == name {
            serve(&kind, move |request, asking| work(&kind, request, asking));
        }
    }
}

/// Runs the program that is the request, in a worker of this kind.
pub(super) fn work(kind: &Kind, request: &[u8], asking: &Asking) -> Vec<u8> {
    let ended: Ended = match postcard::from_bytes::<Program>(request) {
        Ok(program) => {
            let memory = usize::try_from(kind.memory).unwrap_or(usize::MAX);
            let host = Box::new(Parent(asking.clone()));
            Machine::new(&program, memory, kind.stack, host)
                .and_then(|machine| machine.run(&program.entry))
        }
        Err(error) => Err(error.to_string()),
    };
    // Plain data in memory; what could not be encoded could not be decoded, which the parent says.
    postcard::to_allocvec(&ended).unwrap_or_default()
}

struct Parent(Asking);

impl Parent {
    fn ask(&self, question: &Question) -> Option<Answer> {
        let question = postcard::to_allocvec(question).ok()?;
        postcard::from_bytes(&self.0.ask(&question)).ok()
    }
}

impl Host for Parent {
    fn load(&mut self, id: &str) -> Loaded {
        match self.ask(&Question::Load(id.to_owned())) {
            Some(Answer::Loaded(loaded)) => loaded,
            _ => Loaded::Failed(format!("cannot load `{id}`: there is no answer")),
        }
    }

    fn write(&mut self, is_error: bool, text: &str) {
        // What is written is written, or there is nobody to tell.
        let _ = self.ask(&Question::Write(is_error, text.to_owned()));
    }

    fn places(&mut self, places: &[Place]) -> Vec<Option<Place>> {
        match self.ask(&Question::Places(places.to_vec())) {
            Some(Answer::Places(places)) => places,
            _ => vec![None; places.len()],
        }
    }
}

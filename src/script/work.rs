//! What the worker does, and what it and its parent say to each other.

use serde::{Deserialize, Serialize};

use super::{Ask, Given, Hook, Host, LIMITED, Level, Loaded, Machine, Place, Program, RUN, Told};
use crate::worker::{Asking, Kind, serve};

/// What a worker is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    Program(Program),
    Hook(Hook),
}

/// What a program asks of its parent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Question {
    Load(String),
    Write(bool, String),
    Places(Vec<Place>),
    Ask(Ask),
    Log(Level, String),
    Give(Given),
}

/// What it is told.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Loaded(Loaded),
    Written,
    Places(Vec<Option<Place>>),
    Told(Told),
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
    let machine = |program: &Program| {
        let memory = usize::try_from(kind.memory).unwrap_or(usize::MAX);
        Machine::new(
            program,
            memory,
            kind.stack,
            Box::new(Parent(asking.clone())),
        )
    };
    let ended: Ended = match postcard::from_bytes::<Request>(request) {
        Ok(Request::Program(program)) => {
            machine(&program).and_then(|machine| machine.run(&program.entry))
        }
        Ok(Request::Hook(hook)) => machine(&hook.program).and_then(|machine| {
            machine.hook(&hook.program.entry, hook.export, &hook.context)?;
            Ok(0)
        }),
        Err(error) => Err(error.to_string()),
    };
    // Plain data in memory; what could not be encoded could not be decoded, which the parent says.
    postcard::to_allocvec(&ended).unwrap_or_default()
}

struct Parent(Asking);

impl Parent {
    fn question(&self, question: &Question) -> Option<Answer> {
        let question = postcard::to_allocvec(question).ok()?;
        postcard::from_bytes(&self.0.ask(&question)).ok()
    }
}

impl Host for Parent {
    fn load(&mut self, id: &str) -> Loaded {
        match self.question(&Question::Load(id.to_owned())) {
            Some(Answer::Loaded(loaded)) => loaded,
            _ => Loaded::Failed(format!("cannot load `{id}`: there is no answer")),
        }
    }

    fn write(&mut self, is_error: bool, text: &str) {
        // What is written is written, or there is nobody to tell.
        let _ = self.question(&Question::Write(is_error, text.to_owned()));
    }

    fn places(&mut self, places: &[Place]) -> Vec<Option<Place>> {
        match self.question(&Question::Places(places.to_vec())) {
            Some(Answer::Places(places)) => places,
            _ => vec![None; places.len()],
        }
    }

    fn ask(&mut self, ask: &Ask) -> Told {
        match self.question(&Question::Ask(ask.clone())) {
            Some(Answer::Told(told)) => told,
            _ => Told::Fault {
                code: "EIO".to_owned(),
                message: "there is no answer".to_owned(),
            },
        }
    }

    fn log(&mut self, level: Level, text: &str) {
        // What is written is written, or there is nobody to tell.
        let _ = self.question(&Question::Log(level, text.to_owned()));
    }

    fn give(&mut self, given: Given) {
        // What is given is taken, or there is nobody to take it.
        let _ = self.question(&Question::Give(given));
    }
}

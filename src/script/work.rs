//! What the worker does, and what it and its parent say to each other.

use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::live::LIVE;
use super::modules::Modules;
use super::{
    Ask, Blob, COMPILE, Given, Hook, Host, LIMITED, Level, Line, Loaded, Machine, Place, Program,
    RUN, Told, Wanted, bytecode,
};
use crate::worker::{Asking, Kind, Work, serve};

/// Engines that are kept: those of one configuration, and of what it lists.
const MOST_KEPT: usize = 2;

/// What a worker is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    Program(Program),
    Hook(Hook),
    Live(Program),
}

/// What a program asks of its parent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Question {
    Load(Vec<Vec<Wanted>>),
    Runtime,
    Write(bool, Blob),
    Places(Vec<Place>),
    Ask(Ask),
    Log(Level, String),
    Give(Given),
}

/// What it is told.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Loaded(Vec<Vec<Loaded>>),
    Runtime(Option<Blob>),
    Written,
    Places(Vec<Option<Place>>),
    Told(Told),
}

/// The exit status, or why the engine could not run.
pub(super) type Ended = Result<i32, String>;

/// Is a worker of the kind with this name, for as long as its parent lives. Returns where there is no such kind.
pub fn be_worker(name: &str) {
    for kind in [RUN, LIMITED, LIVE] {
        if kind.name == name {
            serve(&kind, move || Scripts::new(kind));
        }
    }
    if name == COMPILE.name {
        serve(&COMPILE, || bytecode::work);
    }
}

/// What a worker that runs programs does. Each has an engine of its own; the next one's is made while nobody waits.
pub(super) struct Scripts {
    kind: Kind,
    modules: Rc<Modules>,
    /// The engine of the program that has been run.
    spent: Option<Machine>,
    /// That of the next.
    ready: Option<Machine>,
    /// Those of calls that may serve the next ones of the same modules, the last one last.
    kept: Vec<(String, Machine)>,
    /// The module for which the engine that was run last is to be kept.
    keeps: Option<String>,
}

impl Scripts {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            modules: Rc::default(),
            spent: None,
            ready: None,
            kept: Vec::new(),
            keeps: None,
        }
    }

    fn machine(&self, asking: &Asking) -> Result<Machine, String> {
        let memory = usize::try_from(self.kind.memory).unwrap_or(usize::MAX);
        let host = Box::new(Parent(asking.clone()));
        // Where hooks run there is no network.
        let line = || Box::new(Parent(asking.clone())) as Box<dyn Line>;
        let line = (self.kind.name != LIMITED.name).then(line);
        Machine::with(memory, self.kind.stack, host, self.modules.clone(), line)
    }

    fn run(&mut self, request: &[u8], asking: &Asking) -> Ended {
        let request: Request = postcard::from_bytes(request).map_err(|error| error.to_string())?;
        let kept = match &request {
            Request::Hook(hook) if hook.stays => {
                let kept = self.kept_for(&hook.program.entry);
                kept.filter(Machine::holds)
            }
            _ => {
                // Whatever else is run has the memory.
                self.kept.clear();
                None
            }
        };
        let machine = match kept.or_else(|| self.ready.take()) {
            Some(machine) => machine,
            None => self.machine(asking)?,
        };
        let ended = match request {
            Request::Program(program) => machine.run(&program),
            Request::Hook(hook) => {
                let ended = machine.hook(&hook).map(|()| 0);
                self.keep(&hook, machine);
                return ended;
            }
            Request::Live(program) => machine.live(&program),
        };
        self.spent = Some(machine);
        ended
    }

    fn kept_for(&mut self, entry: &str) -> Option<Machine> {
        let at = self.kept.iter().position(|(known, _)| known == entry)?;
        Some(self.kept.remove(at).1)
    }

    /// The engine of a call that is over: it goes, or stays for the next one, as soon as there is time for that.
    fn keep(&mut self, hook: &Hook, machine: Machine) {
        let stays = hook.stays && machine.has_ended_well();
        self.keeps = stays.then(|| hook.program.entry.clone());
        self.spent = Some(machine);
    }
}

impl Work for Scripts {
    fn work(&mut self, request: &[u8], asking: &Asking) -> Vec<u8> {
        let ended = self.run(request, asking);
        // Plain data in memory; what could not be encoded could not be decoded, which the parent says.
        postcard::to_allocvec(&ended).unwrap_or_default()
    }

    fn rest(&mut self, asking: &Asking) {
        let spent = self.spent.take();
        let (used, platform) = self.modules.begin();
        if let (Some(entry), Some(machine)) = (self.keeps.take(), spent) {
            self.kept.push((entry, machine));
            if self.kept.len() > MOST_KEPT {
                self.kept.remove(0);
            }
            return;
        }
        // Where none can be made now, the next request tries, and tells.
        self.ready = self.machine(asking).ok();
        if let Some(machine) = &self.ready {
            machine.make_ready(&used, platform);
        }
    }
}

struct Parent(Asking);

fn no_answer(wanted: &Wanted) -> Loaded {
    Loaded::Failed(format!("cannot load `{}`: there is no answer", wanted.id))
}

impl Parent {
    fn question(&self, question: &Question) -> Option<Answer> {
        let question = postcard::to_allocvec(question).ok()?;
        postcard::from_bytes(&self.0.ask(&question)).ok()
    }
}

impl Line for Parent {
    fn post(&mut self, message: &[u8]) -> Result<(), String> {
        self.0.post(message).map_err(|error| error.to_string())
    }

    fn next(&mut self, longest: Option<Duration>) -> Option<Vec<u8>> {
        self.0.next(longest)
    }

    fn beat(&mut self) {
        self.0.beat();
    }
}

impl Host for Parent {
    fn load(&mut self, wanted: &Wanted) -> Loaded {
        let mut loaded = self.load_all(std::slice::from_ref(wanted));
        loaded.pop().unwrap_or_else(|| no_answer(wanted))
    }

    fn load_all(&mut self, wanted: &[Wanted]) -> Vec<Loaded> {
        let mut loaded = self.load_steps(&[wanted.to_vec()]);
        loaded.pop().unwrap_or_default()
    }

    fn load_steps(&mut self, steps: &[Vec<Wanted>]) -> Vec<Vec<Loaded>> {
        let is_whole = |(loaded, step): (&Vec<Loaded>, &Vec<Wanted>)| loaded.len() == step.len();
        match self.question(&Question::Load(steps.to_vec())) {
            Some(Answer::Loaded(loaded))
                if (1..=steps.len()).contains(&loaded.len())
                    && loaded.iter().zip(steps).all(is_whole) =>
            {
                loaded
            }
            _ => {
                let first = steps.iter().take(1);
                let failed = first.map(|step| step.iter().map(no_answer).collect());
                failed.collect()
            }
        }
    }

    fn runtime(&mut self) -> Option<Blob> {
        match self.question(&Question::Runtime) {
            Some(Answer::Runtime(runtime)) => runtime,
            _ => None,
        }
    }

    fn write(&mut self, is_error: bool, bytes: &[u8]) {
        // What is written is written, or there is nobody to tell.
        let _ = self.question(&Question::Write(is_error, Blob(bytes.to_vec())));
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

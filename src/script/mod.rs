//! Programs run by QuickJS: modules in function form, by the runtime of `src/client`, in a worker of their own.
//!
//! ```text
//! Program { entry: "/job.ts.js", … }
//! run(&workers, &RUN, &program, &mut host, &mut stop)   -> the program's exit status
//!     host: gives the modules, takes what is printed, knows the places in the sources
//! ```
//!
//! The worker has no files and no network: each module that it loads is asked of the parent, which records it, and the
//! parent has the exchanges that programs begin by `fetch`. A program that ends its
//! process (a stack, the memory, C code that does not return) ends a worker and nothing else.

mod bytecode;
mod client;
mod code;
mod hook;
mod learned;
mod line;
pub mod live;
mod machine;
mod message;
mod modules;
mod native;
mod net;
pub mod panel;
mod places;
mod platform;
mod promises;
mod run;
mod trail;
mod work;

#[cfg(test)]
mod async_hooks_tests;
#[cfg(test)]
mod fetch_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod hot_tests;
#[cfg(test)]
mod module_tests;
#[cfg(test)]
mod overlay_tests;
#[cfg(test)]
mod platform_tests;
#[cfg(test)]
mod program_tests;
#[cfg(test)]
mod refresh_tests;
#[cfg(test)]
mod registry_tests;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod signed_tests;
#[cfg(test)]
mod typescript_tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::ContentHash;
use crate::worker::Kind;

pub use bytecode::bytecode;
pub use client::{Runtime, browser, hot_browser};
pub use code::{Blob, Code};
pub use hook::{Ask, Export, Given, Hook, Level, Reply, Told};
pub use line::Line;
pub use machine::Machine;
pub use places::{Maps, SourceMap, in_stack};
pub use run::{Failed, call, run};
pub use work::be_worker;

/// The user's own program: it takes the time that it needs.
pub const RUN: Kind = Kind {
    name: "run",
    cpu: Duration::MAX,
    wall: Duration::MAX,
    memory: 4 << 30,
    stack: 32 << 20,
    repeats: false,
    is_local: true,
};

/// A script that others wait for.
pub const LIMITED: Kind = Kind {
    name: "js",
    cpu: Duration::from_secs(5),
    wall: Duration::from_secs(15),
    memory: 512 << 20,
    stack: 16 << 20,
    repeats: true,
    is_local: false,
};

/// What makes bytecode, and runs none ([`bytecode`]).
pub const COMPILE: Kind = Kind {
    name: "bytecode",
    cpu: Duration::from_secs(10),
    wall: Duration::from_secs(60),
    memory: 1 << 30,
    stack: 16 << 20,
    repeats: true,
    is_local: false,
};

/// What a program is started with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The module's name under `/~@/`, with a leading slash.
    pub entry: String,
    /// `process.argv`.
    pub arguments: Vec<String>,
    /// `process.env`.
    pub environment: Vec<(String, String)>,
    /// `process.cwd()`.
    pub directory: String,
}

/// A module, as a program asks for it by its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Loaded {
    /// Its own id, and its function form.
    Module {
        /// The name under `/~@/` that all that mean it share.
        id: String,
        /// The script that gives its definition.
        code: Code,
        /// The code's hash.
        hash: ContentHash,
    },
    /// The code is that which the worker has of the module with this id.
    Known(String),
    /// The file has errors: the diagnostics.
    Fault(String),
    /// There is no such module.
    Missing(String),
    /// It can't be loaded now.
    Failed(String),
}

/// A place in a text: what file, which line and column, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The id of a module, or a source file as its user knows it.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in UTF-16 code units.
    pub column: u32,
}

impl Loaded {
    /// A module that nobody has yet.
    pub fn module(id: String, code: Code) -> Self {
        let hash = code.hash();
        Self::Module { id, code, hash }
    }
}

/// A module that a program asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Its id.
    pub id: String,
    /// The hash of the code that the worker has of it.
    pub has: Option<ContentHash>,
}

/// What a program has outside of it.
pub trait Host {
    /// A module by its id.
    fn load(&mut self, wanted: &Wanted) -> Loaded;

    /// Several modules, each as [`Host::load`] gives it.
    fn load_all(&mut self, wanted: &[Wanted]) -> Vec<Loaded> {
        wanted.iter().map(|wanted| self.load(wanted)).collect()
    }

    /// Several such questions, up to the first that is not answered by what the program has: the next ones follow from that.
    fn load_steps(&mut self, steps: &[Vec<Wanted>]) -> Vec<Vec<Loaded>> {
        let mut answers = Vec::new();
        for step in steps {
            let loaded = self.load_all(step);
            let is_known = |loaded: &Loaded| matches!(loaded, Loaded::Known(_));
            let goes_on = loaded.iter().all(is_known);
            answers.push(loaded);
            if !goes_on {
                break;
            }
        }
        answers
    }

    /// The runtime's bytecode, as [`Runtime::compile`] gives it; `None`: the worker compiles it itself.
    fn runtime(&mut self) -> Option<Blob> {
        None
    }

    /// Prints to standard output, or standard error: texts, and whatever bytes a program writes there itself.
    fn write(&mut self, is_error: bool, bytes: &[u8]);

    /// The places in the sources of places in modules; `None`: a source has no such place.
    fn places(&mut self, places: &[Place]) -> Vec<Option<Place>>;

    /// The program begins anew: nothing of what it was given before counts.
    fn restart(&mut self) {}

    /// The ids of the modules that it was given, or that it looked for, which are other ones now. Each is told once.
    fn changed(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// The program has an event for a page, or for all (0), whose data is JSON, or nothing.
    fn event(&mut self, _page: u32, _name: &str, _data: &str) {}

    /// Answers a hook.
    fn ask(&mut self, _ask: &Ask) -> Told {
        Told::Fault {
            code: "ENOSYS".to_owned(),
            message: "files are read in hooks alone".to_owned(),
        }
    }

    /// Takes a line of a hook's for the log.
    fn log(&mut self, level: Level, text: &str) {
        let is_error = matches!(level, Level::Warn | Level::Error);
        self.write(is_error, text.as_bytes());
    }

    /// Takes what a hook gives.
    fn give(&mut self, _given: Given) {}
}

//! The program of `hookfs serve`: a module of the source that answers requests, always as the sources are now.

use std::path::Path;

use super::config::Place;
use super::error::{Error, Result};
use super::loads::Loads;
use super::service::Service;
use crate::script::live::{LIVE, Limits, Live};
use crate::script::{self, Blob, Host, Loaded, Program, Wanted};
use crate::worker::{Launch, Workers};

pub use crate::script::live::{Body, Failed, Request, Response};

/// Where what the program prints goes: it is told whether bytes are of standard error.
pub type Write = Box<dyn FnMut(bool, &[u8]) + Send>;

/// Where events for pages go: for a page by its number, or for all (0), with a name and data as JSON or nothing.
pub type Event = Box<dyn FnMut(u32, &str, &str) + Send>;

/// What the program tells.
pub struct Around {
    /// What it prints.
    pub write: Write,
    /// What it has for pages.
    pub event: Event,
}

/// Has the module with this id answer requests, with the modules that `service` gives. Starts it with the first request.
///
/// # Errors
/// Where the system has no thread left.
pub fn start(
    place: &Place,
    id: String,
    service: Box<dyn Service + Send>,
    around: Around,
) -> Result<Live> {
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let program = Program {
        arguments: vec!["hookfs".to_owned(), id.clone()],
        entry: id,
        environment: std::env::vars_os()
            .map(|(name, value)| (lossy(name), lossy(value)))
            .collect(),
        directory: place.source.to_string_lossy().into_owned(),
    };
    let outside = Outside {
        loads: Loads::new(service),
        around,
    };
    let workers = Workers::new(Launch::of_this_program());
    Live::start(workers, LIVE, program, Limits::default(), Box::new(outside)).map_err(Error::io(
        "start a thread for",
        Path::new("the server's program"),
    ))
}

/// What is around the program.
struct Outside {
    loads: Loads<Box<dyn Service + Send>>,
    around: Around,
}

impl Host for Outside {
    fn load(&mut self, wanted: &Wanted) -> Loaded {
        self.loads.load(wanted)
    }

    fn runtime(&mut self) -> Option<Blob> {
        self.loads.runtime()
    }

    fn write(&mut self, is_error: bool, bytes: &[u8]) {
        (self.around.write)(is_error, bytes);
    }

    fn event(&mut self, page: u32, name: &str, data: &str) {
        (self.around.event)(page, name, data);
    }

    fn places(&mut self, places: &[script::Place]) -> Vec<Option<script::Place>> {
        self.loads.places(places)
    }

    fn restart(&mut self) {
        self.loads.clear();
    }

    fn changed(&mut self) -> Vec<String> {
        self.loads.changed()
    }
}

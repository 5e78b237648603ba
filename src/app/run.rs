//! `hookfs run`: a module of the source as a program, in a worker; its modules come from whoever answers for the source.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::time::{Duration, Instant};

use super::config::Place;
use super::error::{Error, Result};
use super::loads::Loads;
use super::service::Service;
use crate::base::SourcePath;
use crate::runnable::{Kind, Layout, id_of};
use crate::script::{self, Blob, Failed, Host, Loaded, RUN, Wanted};
use crate::worker::{Launch, Workers};

pub use crate::script::Program;

/// How often it is asked whether a file of a program has changed.
const PAUSE: Duration = Duration::from_millis(100);

/// The module that is meant by a path from the source, or by an absolute one: its id, and where it really is.
///
/// # Errors
/// [`Error::Usage`] where there is no such file, it lies outside, or is no module.
pub fn entry(place: &Place, entry: &Path) -> Result<(String, std::path::PathBuf)> {
    let wrong = |reason: String| Error::Usage {
        message: format!("cannot run `{}`: {reason}", entry.display()),
        hint: Some("it is a module's path from SRC, or an absolute one".into()),
    };
    let real = place
        .source
        .join(entry)
        .canonicalize()
        .map_err(|cause| wrong(super::config::cause_text(&cause)))?;
    let inside = |path: &Path| {
        let rest = path.strip_prefix(&place.workspace).ok()?;
        SourcePath::parse(rest.as_os_str().as_encoded_bytes()).ok()
    };
    // Where a link leads out, whoever answers for the source knows whether it is followed.
    let path = inside(&real)
        .or_else(|| inside(&place.source.join(entry)))
        .ok_or_else(|| wrong("it lies outside the source and its project".into()))?;
    let is_code = matches!(Kind::of_path(&path), Kind::Module(_) | Kind::Script);
    if !is_code || real.is_dir() {
        return Err(wrong("it is no module".into()));
    }
    Ok((id_of(&Layout::new(place.prefix.clone()), &path), real))
}

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The program's exit status.
    Status(i32),
    /// A file that it had loaded, or looked for, has changed.
    Changed,
    /// What it prints can be printed no more.
    Unheard,
}

/// Programs of one source.
pub struct Runner<'a> {
    loads: RefCell<Loads<&'a dyn Service>>,
    workers: Workers,
}

impl<'a> Runner<'a> {
    /// With the modules that `service` gives.
    pub fn new(service: &'a dyn Service) -> Self {
        Self {
            loads: RefCell::new(Loads::new(service)),
            workers: Workers::new(Launch::of_this_program()),
        }
    }

    /// Runs a program until it ends, until `write`, which is told whether bytes are of standard error, says that what it prints
    /// reaches nobody, or until one of its files changes where `watches` says so.
    ///
    /// # Errors
    /// Where it can't be run, or is ended by the limits on memory and stack.
    pub fn run(
        &self,
        program: &Program,
        watches: bool,
        write: &mut dyn FnMut(bool, &[u8]) -> bool,
    ) -> Result<Ended> {
        self.loads.borrow_mut().clear();
        let is_unheard = Cell::new(false);
        let mut host = Outside {
            loads: &self.loads,
            write,
            is_unheard: &is_unheard,
        };
        let mut looked = Instant::now();
        let mut stop = || {
            is_unheard.get()
                || watches && looked.elapsed() >= PAUSE && {
                    looked = Instant::now();
                    self.has_changed()
                }
        };
        match script::run(&self.workers, &RUN, program, &mut host, &mut stop) {
            // Also where it has ended by itself meanwhile: its last words are lost.
            _ if is_unheard.get() => Ok(Ended::Unheard),
            Ok(status) => Ok(Ended::Status(status)),
            Err(Failed::Worker(crate::worker::Error::Stopped)) => Ok(Ended::Changed),
            Err(Failed::Worker(error @ crate::worker::Error::Start(_))) => {
                Err(Error::Computation {
                    message: error.to_string(),
                    status: super::Status::Environment,
                })
            }
            Err(failed) => Err(Error::Computation {
                message: format!("the program was ended: {failed}"),
                status: super::Status::Files,
            }),
        }
    }

    /// Waits until a file of the last run has changed.
    pub fn wait_for_change(&self) {
        while !self.has_changed() {
            std::thread::sleep(PAUSE);
        }
    }

    fn has_changed(&self) -> bool {
        !self.loads.borrow_mut().changed().is_empty()
    }
}

/// What is around one run.
struct Outside<'a, 'b> {
    loads: &'b RefCell<Loads<&'a dyn Service>>,
    write: &'b mut dyn FnMut(bool, &[u8]) -> bool,
    is_unheard: &'b Cell<bool>,
}

impl Host for Outside<'_, '_> {
    fn load(&mut self, wanted: &Wanted) -> Loaded {
        self.loads.borrow_mut().load(wanted)
    }

    fn runtime(&mut self) -> Option<Blob> {
        self.loads.borrow().runtime()
    }

    fn write(&mut self, is_error: bool, bytes: &[u8]) {
        if !(self.write)(is_error, bytes) {
            self.is_unheard.set(true);
        }
    }

    fn places(&mut self, places: &[script::Place]) -> Vec<Option<script::Place>> {
        self.loads.borrow_mut().places(places)
    }
}

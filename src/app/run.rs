//! `hookfs run`: a module of the source as a program, in a worker; its modules come from whoever answers for the source.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use super::config::Place;
use super::error::{Error, Result};
use super::service::{Named, Service};
use crate::base::SourcePath;
use crate::runnable::{Kind, Layout, function_of_id, id_of};
use crate::script::{self, Code, Failed, Host, Loaded, Maps, RUN, Wanted};
use crate::worker::{Launch, Workers};

pub use crate::script::Program;

/// How often the files of a program are looked at for changes.
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
    let path = real
        .strip_prefix(&place.workspace)
        .ok()
        .and_then(|rest| SourcePath::parse(rest.as_os_str().as_encoded_bytes()).ok())
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
    service: &'a dyn Service,
    workers: Workers,
    /// What the program asked for, and what that was then.
    seen: RefCell<BTreeMap<SourcePath, String>>,
}

impl<'a> Runner<'a> {
    /// With the modules that `service` gives.
    pub fn new(service: &'a dyn Service) -> Self {
        Self {
            service,
            workers: Workers::new(Launch::of_this_program()),
            seen: RefCell::default(),
        }
    }

    /// Runs a program until it ends, until `write`, which is told whether a text is an error's, says that what it prints
    /// reaches nobody, or until one of its files changes where `watches` says so.
    ///
    /// # Errors
    /// Where it can't be run, or is ended by the limits on memory and stack.
    pub fn run(
        &self,
        program: &Program,
        watches: bool,
        write: &mut dyn FnMut(bool, &str) -> bool,
    ) -> Result<Ended> {
        self.seen.borrow_mut().clear();
        let is_unheard = Cell::new(false);
        let mut modules = Modules {
            runner: self,
            maps: Maps::default(),
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
        match script::run(&self.workers, &RUN, program, &mut modules, &mut stop) {
            Ok(status) => Ok(Ended::Status(status)),
            _ if is_unheard.get() => Ok(Ended::Unheard),
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
        let seen = self.seen.borrow();
        seen.iter().any(|(path, then)| self.look(path) != *then)
    }

    /// What a module is now, so that another one is told from it.
    fn look(&self, path: &SourcePath) -> String {
        match self.service.describe(path) {
            Ok(Named::File(file)) => format!("{:?}", file.hash),
            Ok(other) => format!("{other:?}"),
            Err(error) => error.to_string(),
        }
    }

    /// The text of a module; what it was is noted first, so that no change is missed.
    fn text(&self, path: &SourcePath) -> Result<String> {
        let now = self.look(path);
        self.seen.borrow_mut().insert(path.clone(), now);
        self.read(path)
    }

    fn read(&self, path: &SourcePath) -> Result<String> {
        let mut bytes = Vec::new();
        self.service.read(path, &mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// What one run asks for.
struct Modules<'a, 'b> {
    runner: &'b Runner<'a>,
    maps: Maps,
    write: &'b mut dyn FnMut(bool, &str) -> bool,
    is_unheard: &'b Cell<bool>,
}

impl Host for Modules<'_, '_> {
    fn load(&mut self, Wanted { id, .. }: &Wanted) -> Loaded {
        let missing = || Loaded::Missing(format!("no such module `{id}`"));
        // A name that was put together at run time may lack the ending that all modules have.
        for id in [id.clone(), format!("{id}.js")] {
            let Some(path) = function_of_id(&id) else {
                return missing();
            };
            match self.runner.text(&path) {
                Ok(text) => return Loaded::module(id, Code::Text(text)),
                Err(Error::NoFile(_)) => {}
                Err(error @ Error::Diagnostics(_)) => return Loaded::Fault(error.to_string()),
                Err(error) => return Loaded::Failed(format!("cannot load `{id}`: {error}")),
            }
        }
        missing()
    }

    fn write(&mut self, is_error: bool, text: &str) {
        if !(self.write)(is_error, text) {
            self.is_unheard.set(true);
        }
    }

    fn places(&mut self, places: &[script::Place]) -> Vec<Option<script::Place>> {
        let runner = self.runner;
        let read = |id: &str| runner.read(&function_of_id(&format!("{id}.map"))?).ok();
        let maps = &mut self.maps;
        places.iter().map(|place| maps.place(place, read)).collect()
    }
}

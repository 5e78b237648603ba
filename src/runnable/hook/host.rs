//! What is around a hook while it runs: its modules, its log, and the answers to what it asks.

use std::cell::{Cell, RefCell};

use crate::base::{ContentHash, Part, SourcePath};
use crate::compute::{Context, Failure};
use crate::router::{File, Found, MountTable};
use crate::runnable::all::Runnable;
use crate::runnable::bytecode;
use crate::runnable::function::{function_of_id, ids_of, map_of_id};
use crate::runnable::views;
use crate::script::{self, Ask, Blob, Code, Given, Level, Loaded, Maps, Place, Told, Wanted};

use super::call::Entry;
use super::files::Files;

/// The most questions of one run; each is kept with the output.
const MOST_QUESTIONS: usize = 200_000;

/// The most bytes of the log that one run fills.
const MOST_LOG: usize = 64 << 10;

/// How a run came to its end.
#[derive(Default)]
pub(super) struct Ending {
    /// What is no fact about the sources: the run is worth nothing.
    pub(super) failure: Option<Failure>,
    /// The last module that does not compile.
    pub(super) fault: Option<Failure>,
    /// What it gave.
    pub(super) given: Option<Given>,
}

/// What a module that a hook asks for is.
enum Module {
    /// What its worker has.
    Known,
    Code(Code),
}

/// See the module.
pub(super) struct Host<'a> {
    context: &'a dyn Context,
    table: MountTable,
    /// The module that is called, where it is none of the tree.
    entry: Option<&'a Entry>,
    files: Files<'a>,
    /// The hook as its user knows it.
    shown: String,
    maps: Maps,
    questions: usize,
    logged: usize,
    ending: &'a RefCell<Ending>,
    is_over: &'a Cell<bool>,
}

impl<'a> Host<'a> {
    pub(super) fn new(
        runnable: &'a Runnable,
        context: &'a dyn Context,
        hook: &SourcePath,
        entry: Option<&'a Entry>,
        ending: &'a RefCell<Ending>,
        is_over: &'a Cell<bool>,
    ) -> Self {
        let source = runnable.layout.source();
        Self {
            context,
            table: match entry {
                Some(_) => views::of_tools(source),
                None => views::outputs(source),
            },
            entry,
            files: Files::new(runnable, context, hook, entry.is_some()),
            shown: runnable.layout.shown(hook),
            maps: Maps::default(),
            questions: 0,
            logged: 0,
            ending,
            is_over,
        }
    }

    /// Ends the run: what it makes of this is not to be kept.
    fn end(&self, failure: Failure) {
        self.ending.borrow_mut().failure.get_or_insert(failure);
        self.is_over.set(true);
    }

    /// Whether one more question is too many.
    fn is_too_much(&mut self) -> bool {
        self.questions += 1;
        let is_over = self.questions > MOST_QUESTIONS;
        if is_over {
            self.end(super::told::too_many(&self.shown, MOST_QUESTIONS));
        }
        is_over || self.is_over.get()
    }

    /// The code of the module at a place under `/~@/`, where the worker does not have it; `None`: there is none.
    fn module(
        &self,
        path: &SourcePath,
        has: Option<&ContentHash>,
    ) -> Result<Option<Module>, Failure> {
        let Found::File(File::Node { key, .. }) = self.table.find(self.context, path)? else {
            return Ok(None);
        };
        // Where there is no bytecode, the engine tells of the text why.
        let compiled = bytecode::of(key.clone());
        let bytes = match self.context.hash(&compiled, Part::MAIN) {
            Ok(hash) if has == Some(&hash) => return Ok(Some(Module::Known)),
            Ok(_) => self.context.fetch(&compiled, Part::MAIN)?,
            Err(failure) => return Err(failure),
        };
        Ok(Some(Module::Code(match bytes.is_empty() {
            true => {
                let text = self.context.fetch(&key, Part::MAIN)?;
                Code::Text(String::from_utf8_lossy(&text).into_owned())
            }
            false => Code::Bytecode(Blob(bytes.to_vec())),
        })))
    }

    fn map(&self, id: &str) -> Option<String> {
        let path = map_of_id(id)?;
        let Ok(Found::File(File::Node {
            key,
            part: Part::MAP,
            ..
        })) = self.table.find(self.context, &path)
        else {
            return None;
        };
        // Without a map the place is told as it is.
        let bytes = self.context.fetch(&key, Part::MAP).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl script::Host for Host<'_> {
    fn load(&mut self, Wanted { id, has }: &Wanted) -> Loaded {
        let missing = || Loaded::Missing(format!("no such module `{id}`"));
        if self.is_too_much() {
            return Loaded::Failed("the hook has ended".to_owned());
        }
        if let Some(entry) = self.entry.filter(|entry| entry.id == *id) {
            return Loaded::module(id.clone(), Code::Text(entry.text.clone()));
        }
        for id in ids_of(id) {
            let Some(path) = function_of_id(&id) else {
                return missing();
            };
            match self.module(&path, has.as_ref()) {
                Ok(Some(Module::Known)) => return Loaded::Known(id),
                Ok(Some(Module::Code(code))) => return Loaded::module(id, code),
                Ok(None) | Err(Failure::Missing(_)) => {}
                Err(failure @ Failure::Diagnostics(_)) => {
                    let text = failure.to_string();
                    self.ending.borrow_mut().fault = Some(failure);
                    return Loaded::Fault(text);
                }
                Err(failure) => {
                    self.end(failure);
                    return Loaded::Failed(format!("cannot load `{id}`"));
                }
            }
        }
        missing()
    }

    fn runtime(&mut self) -> Option<Blob> {
        let bytes = self.context.fetch(&bytecode::runtime(), Part::MAIN);
        // A worker that is not given it compiles it.
        Some(Blob(bytes.ok()?.to_vec()))
    }

    fn write(&mut self, is_error: bool, bytes: &[u8]) {
        let level = if is_error { Level::Error } else { Level::Info };
        self.log(level, &String::from_utf8_lossy(bytes));
    }

    fn places(&mut self, places: &[Place]) -> Vec<Option<Place>> {
        let mut maps = std::mem::take(&mut self.maps);
        let found = places
            .iter()
            .map(|place| maps.place(place, |id| self.map(id)))
            .collect();
        self.maps = maps;
        found
    }

    fn ask(&mut self, ask: &Ask) -> Told {
        if self.is_too_much() {
            return Told::Fault {
                code: "EIO".to_owned(),
                message: "the hook has ended".to_owned(),
            };
        }
        match self.files.answer(&self.table, ask) {
            Ok(told) => told,
            Err(failure) => {
                let message = failure.to_string();
                self.end(failure);
                Told::Fault {
                    code: "EIO".to_owned(),
                    message,
                }
            }
        }
    }

    fn log(&mut self, level: Level, text: &str) {
        let left = MOST_LOG.saturating_sub(self.logged);
        if left == 0 {
            return;
        }
        self.logged += text.len();
        let shown = &self.shown;
        let mut text = text.trim_end().to_owned();
        if text.len() > left {
            let end = (0..=left).rev().find(|end| text.is_char_boundary(*end));
            text.truncate(end.unwrap_or_default());
            text.push_str(" … (more is left out)");
        }
        match level {
            Level::Debug => tracing::debug!("`{shown}`: {text}"),
            Level::Info => tracing::info!("`{shown}`: {text}"),
            Level::Warn => tracing::warn!("`{shown}`: {text}"),
            Level::Error => tracing::error!("`{shown}`: {text}"),
        }
    }

    fn give(&mut self, given: Given) {
        self.ending.borrow_mut().given.get_or_insert(given);
    }
}

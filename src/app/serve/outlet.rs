//! Where the outputs come from: this process, which then answers the commands as well, or the daemon that holds the state.
//! Where that one ends, this process takes its place.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use super::Stopping;
use super::remote::Remote;
use super::told::Faults;
use crate::app::config::{Options, Place};
use crate::app::control::Server;
use crate::app::engine::Engine;
use crate::app::error::{Error, Result};
use crate::app::hot::{self, Page};
use crate::app::hub::{Hub, Settings};
use crate::app::project;
use crate::app::service::{CacheSize, Item, Named, Service};
use crate::app::state::{self, Lock};
use crate::base::{Diagnostic, SourcePath};
use crate::http::{Fault, Found, Outgoing, Site, Stopper};

/// How long another process that has the state and does not answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// See the module.
pub(super) struct Outlet {
    place: Place,
    options: Options,
    cache_size: u64,
    source: RwLock<Source>,
    /// How many there have been before this one.
    sources: AtomicU64,
    /// Held by who looks for another source.
    opening: Mutex<()>,
    stopper: Mutex<Option<Stopper>>,
    faults: Faults,
}

#[derive(Clone)]
enum Source {
    Here(Arc<Here>),
    Daemon(Arc<Remote>),
}

struct Here {
    // In the order of their end.
    _server: Server,
    engine: Arc<Engine>,
    backend: Arc<Stopping>,
}

impl Outlet {
    /// Finds the daemon of the place, or takes its state.
    ///
    /// # Errors
    /// [`Error::Locked`] where another process has the state and does not answer; what the state folder, the store or the
    /// tree say.
    pub(super) fn open(mut place: Place, options: Options, cache_size: u64) -> Result<Self> {
        place.state = state::create(&place.state)?;
        let source = Source::open(&place, &options, cache_size)?;
        Ok(Self {
            place,
            options,
            cache_size,
            source: RwLock::new(source),
            sources: AtomicU64::new(0),
            opening: Mutex::default(),
            stopper: Mutex::default(),
            faults: Faults::default(),
        })
    }

    /// Whether the state is this process's.
    pub(super) fn holds_state(&self) -> bool {
        matches!(self.source(), Source::Here(_))
    }

    /// What ends the server, for a command that asks for the end.
    pub(super) fn stops_with(&self, stopper: Stopper) {
        *lock(&self.stopper) = Some(stopper.clone());
        self.tell_stopper(&self.source());
    }

    /// Tells what pages that are hot learn of, for as long as this is there.
    ///
    /// # Errors
    /// Where no thread is left for it.
    pub(super) fn tells(self: &Arc<Self>) -> Result<()> {
        let (waker, woken) = crossbeam_channel::bounded(1);
        let outlet = Arc::downgrade(self);
        let work = move || {
            while woken.recv().is_ok() {
                let Some(outlet) = outlet.upgrade() else {
                    return;
                };
                match outlet.problems() {
                    Ok(problems) => outlet.faults.compare(problems),
                    Err(error) => tracing::debug!("what is wrong cannot be told: {error}"),
                }
            }
        };
        let started = std::thread::Builder::new().name("told".into()).spawn(work);
        started.map_err(Error::io("start a thread for", Path::new("errors")))?;
        self.faults.wakes(waker);
        Ok(())
    }

    /// Tells of a fault that is news, and looks for others where a page that is hot learns of them.
    fn told(&self, path: &SourcePath, found: &std::result::Result<Found, Fault>) {
        self.faults.answered(path, found);
        if found.is_ok() && path.components().next() == Some(hot::NAME.as_bytes()) {
            self.faults.wake();
        }
    }

    fn tell_stopper(&self, source: &Source) {
        if let Source::Here(here) = source {
            lock(&here.backend.stopper).clone_from(&lock(&self.stopper));
        }
    }

    /// Ends all computations here, and brings the store to disk.
    pub(super) fn shutdown(&self) {
        if let Source::Here(here) = self.source() {
            here.backend.hub.shutdown();
        }
    }

    fn source(&self) -> Source {
        self.source
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What an engine or a daemon says; where that one is gone, another one.
    fn ask<T>(
        &self,
        here: impl Fn(&Engine) -> Result<T>,
        there: impl Fn(&Arc<Remote>) -> Result<T>,
    ) -> Result<T> {
        let remote = match self.source() {
            Source::Here(found) => return here(&found.engine),
            Source::Daemon(remote) => remote,
        };
        match there(&remote) {
            Err(Error::Conversation(_)) => match self.another(&remote)? {
                Source::Here(found) => here(&found.engine),
                Source::Daemon(remote) => there(&remote),
            },
            answer => answer,
        }
    }

    /// As [`Outlet::ask`], of what both are.
    fn ask_service<T>(&self, ask: impl Fn(&dyn Service) -> Result<T>) -> Result<T> {
        self.ask(
            |engine| ask(engine),
            |remote| remote.ask(&|client| ask(client)),
        )
    }

    /// What hears a page, to which `outgoing` leads.
    ///
    /// # Errors
    /// Where nobody can be there for it.
    pub(super) fn page(self: &Arc<Self>, outgoing: Outgoing) -> Result<Page> {
        let telling = || Telling {
            outgoing: outgoing.clone(),
            outlet: Arc::downgrade(self),
        };
        self.ask(
            |engine| Page::of_engine(engine, telling()),
            |remote| Page::of_daemon(remote.another()?, telling()),
        )
    }

    /// Another source in the place of a daemon that is gone.
    fn another(&self, gone: &Arc<Remote>) -> Result<Source> {
        let _opening = lock(&self.opening);
        match self.source() {
            Source::Daemon(remote) if Arc::ptr_eq(&remote, gone) => {}
            // Somebody else has found one.
            source => return Ok(source),
        }
        let source = Source::open(&self.place, &self.options, self.cache_size)?;
        self.sources.fetch_add(1, Ordering::SeqCst);
        self.tell_stopper(&source);
        *self.source.write().unwrap_or_else(PoisonError::into_inner) = source.clone();
        Ok(source)
    }
}

/// The way to a page, which has what the page learns told here too.
struct Telling {
    outgoing: Outgoing,
    outlet: Weak<Outlet>,
}

impl hot::Way for Telling {
    fn send(&mut self, text: String) -> bool {
        let is_there = self.outgoing.send(text);
        if let Some(outlet) = self.outlet.upgrade() {
            outlet.faults.wake();
        }
        is_there
    }
}

impl Site for Outlet {
    fn try_find(&self, path: &SourcePath) -> Option<std::result::Result<Found, Fault>> {
        let found = match self.source() {
            Source::Here(here) => here.engine.try_find(path)?,
            Source::Daemon(_) => return None,
        };
        self.told(path, &found);
        Some(found)
    }

    fn find(&self, path: &SourcePath) -> std::result::Result<Found, Fault> {
        let found = self.ask(|engine| engine.open(path), |remote| remote.open(path));
        let found = found.map_err(Fault::from);
        self.told(path, &found);
        found
    }

    fn without_page(&self) -> Option<String> {
        project::without_page(&self.place)
    }
}

impl Service for Outlet {
    fn describe(&self, path: &SourcePath) -> Result<Named> {
        self.ask_service(|service| service.describe(path))
    }

    fn list(&self, path: &SourcePath) -> Result<Vec<Item>> {
        self.ask_service(|service| service.list(path))
    }

    fn entries(&self) -> Result<Vec<SourcePath>> {
        self.ask_service(|service| service.entries())
    }

    fn read(&self, path: &SourcePath, sink: &mut dyn Write) -> Result<()> {
        // Whole before any of it is written: the one that is asked may end amid it.
        let bytes = self.ask_service(|service| {
            let mut bytes = Vec::new();
            service.read(path, &mut bytes).map(|()| bytes)
        })?;
        let written = sink.write_all(&bytes);
        written.map_err(Error::io("write", Path::new(&path.to_string())))
    }

    fn bytecode(&self, of: Option<&SourcePath>) -> Result<Option<Vec<u8>>> {
        self.ask_service(|service| service.bytecode(of))
    }

    fn revision(&self) -> Result<Option<u64>> {
        /// More changes than anybody makes.
        const MANY: u64 = 1 << 48;
        let before = self.sources.load(Ordering::SeqCst);
        let revision = self.ask_service(|service| service.revision())?;
        // Those of two sources are not comparable.
        let is_same = self.sources.load(Ordering::SeqCst) == before;
        let revision = revision.filter(|_| is_same);
        Ok(revision.map(|revision| before * MANY + revision % MANY))
    }

    fn report(&self, path: &SourcePath) -> Result<serde_json::Value> {
        self.ask_service(|service| service.report(path))
    }

    fn problems(&self) -> Result<Vec<Diagnostic>> {
        self.ask_service(|service| service.problems())
    }

    fn status(&self) -> Result<serde_json::Value> {
        self.ask_service(|service| service.status())
    }

    fn cache(&self) -> Result<CacheSize> {
        self.ask_service(|service| service.cache())
    }

    fn prune(&self, bytes: u64) -> Result<u64> {
        self.ask_service(|service| service.prune(bytes))
    }

    fn clear(&self) -> Result<u64> {
        self.ask_service(|service| service.clear())
    }
}

impl Source {
    fn open(place: &Place, options: &Options, cache_size: u64) -> Result<Self> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(remote) = Remote::connect(place.state.clone(), options.clone())? {
                return Ok(Self::Daemon(remote));
            }
            match Lock::try_take(&place.state)? {
                Ok(lock) => return Self::here(place, options, cache_size, lock),
                Err(pid) if Instant::now() >= deadline => {
                    return Err(Error::Locked {
                        state: place.state.clone(),
                        pid,
                    });
                }
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    fn here(place: &Place, options: &Options, cache_size: u64, lock: Lock) -> Result<Self> {
        let settings = Settings {
            cache_size,
            ahead: true,
            patience: Duration::ZERO,
        };
        let hub = Arc::new(Hub::with_lock(
            place.clone(),
            options.clone(),
            settings,
            lock,
        )?);
        let engine = hub.main().clone();
        let backend = Arc::new(Stopping {
            hub,
            stopper: Mutex::default(),
        });
        let server = Server::start(&place.state, backend.clone())?;
        Ok(Self::Here(Arc::new(Here {
            _server: server,
            engine,
            backend,
        })))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

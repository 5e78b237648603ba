//! One store, and an engine over it for each set of options that is asked for.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::config::{Asked, Options, Place};
use super::engine::Engine;
use super::error::{Error, Result};
use super::state::{self, Lock};
use crate::store::Store;
use crate::store::{DiskStore, Limits};
use crate::worker::{Launch, Workers};

/// Engines beside the first; a build for production while a development mount is open needs one.
const MOST: usize = 4;

/// A source's state, held for this process alone, and the engines that use it.
pub struct Hub {
    place: Place,
    store: Arc<dyn Store>,
    workers: Arc<Workers>,
    main: Arc<Engine>,
    others: Mutex<HashMap<Options, Arc<Engine>>>,
    /// Our own mount, which no engine ever touches.
    mount: Mutex<Option<(PathBuf, Option<u64>)>>,
    options: Options,
    // The last to go: nobody may come before the store is closed.
    _lock: Lock,
}

impl Hub {
    /// Makes the state folder, takes its lock, opens the store and starts the first engine.
    ///
    /// # Errors
    /// [`Error::Locked`] where another process has had the state for longer than `patience`; what the state folder,
    /// the store or the tree say.
    pub fn open(mut place: Place, options: Options, settings: Settings) -> Result<Self> {
        place.state = state::create(&place.state)?;
        let lock = Lock::take(&place.state, settings.patience)?;
        Self::with_lock(place, options, settings, lock)
    }

    pub(super) fn with_lock(
        place: Place,
        options: Options,
        settings: Settings,
        lock: Lock,
    ) -> Result<Self> {
        let limits = Limits {
            max_bytes: settings.cache_size,
            ..Limits::default()
        };
        let store: Arc<dyn Store> = Arc::new(DiskStore::open(&store_folder(&place.state), limits)?);
        let workers = Arc::new(Workers::new(Launch::of_this_program()));
        let main = Engine::start(
            &place,
            &options,
            store.clone(),
            workers.clone(),
            settings.ahead,
        )?;
        Ok(Self {
            place,
            store,
            workers,
            main,
            others: Mutex::default(),
            mount: Mutex::default(),
            options,
            _lock: lock,
        })
    }

    /// The engine with the options of the start.
    pub fn main(&self) -> &Arc<Engine> {
        &self.main
    }

    /// The engine with these options.
    ///
    /// # Errors
    /// Where the tree can't be opened.
    pub fn engine(&self, asked: &Asked) -> Result<Arc<Engine>> {
        let options = asked.of(&self.options);
        if options == self.options {
            return Ok(self.main.clone());
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = others.get(&options) {
            return Ok(engine.clone());
        }
        let engine = Engine::start(
            &self.place,
            &options,
            self.store.clone(),
            self.workers.clone(),
            false,
        )?;
        if let Some((point, device)) = &*self.mount.lock().unwrap_or_else(PoisonError::into_inner) {
            engine.stay_off(point, *device);
        }
        if others.len() >= MOST {
            // Those that nobody uses at the moment can be made again.
            others.retain(|_, engine| Arc::strong_count(engine) > 1);
        }
        if others.len() >= MOST {
            return Err(Error::Conversation(
                "it is busy with other options already".into(),
            ));
        }
        others.insert(options, engine.clone());
        Ok(engine)
    }

    /// Tells where our own mount will be or is: no engine ever touches it.
    pub fn stay_off(&self, point: &Path, device: Option<u64>) {
        self.main.stay_off(point, device);
        *self.mount.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((point.to_owned(), device));
    }

    /// Ends all computations and brings the store to disk.
    pub fn shutdown(&self) {
        let others =
            std::mem::take(&mut *self.others.lock().unwrap_or_else(PoisonError::into_inner));
        for engine in others.values() {
            engine.graph().shutdown();
        }
        self.main.graph().shutdown();
        self.store.flush();
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.shutdown();
    }
}

fn store_folder(state: &Path) -> PathBuf {
    state.join("store")
}

/// How a hub is opened.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The bytes that stored outputs may take.
    pub cache_size: u64,
    /// Whether imports are compiled ahead on idle cores.
    pub ahead: bool,
    /// How long another holder of the state is waited for.
    pub patience: Duration,
}

//! Who answers the commands about a source: the daemon that serves it, or this process where none does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::config::{Asked, Options, Place};
use super::control::Client;
use super::engine::Engine;
use super::error::{Error, Result};
use super::hub::{Hub, Settings};
use super::service::Service;
use super::state::{self, Lock};

/// How long a command waits for a process that neither serves nor ends: another command at work.
const PATIENCE: Duration = Duration::from_secs(60);

/// The way to a source's outputs.
pub enum Access {
    /// Through a daemon.
    Daemon(Client),
    /// Here, with the state held.
    Here {
        /// The engine with the options that were asked for.
        engine: Arc<Engine>,
        /// What holds the state.
        hub: Box<Hub>,
    },
}

impl Access {
    /// Finds the daemon of the place, or opens its state, with the options that there are where no daemon says otherwise;
    /// `ahead`: what is not asked for yet is computed then, where a core is idle.
    ///
    /// # Errors
    /// [`Error::Locked`] where another process has the state and does not answer; what the state folder, the store or
    /// the tree say.
    pub fn open(place: &Place, asked: &Asked, cache_size: u64, ahead: bool) -> Result<Self> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(client) = Client::connect(&place.state, asked)? {
                return Ok(Self::Daemon(client));
            }
            let mut place = place.clone();
            place.state = state::create(&place.state)?;
            match Lock::try_take(&place.state)? {
                Ok(lock) => {
                    let settings = Settings {
                        cache_size,
                        ahead,
                        patience: Duration::ZERO,
                    };
                    let options = asked.of(&Options::default());
                    let hub = Hub::with_lock(place, options, settings, lock)?;
                    return Ok(Self::Here {
                        engine: hub.main().clone(),
                        hub: Box::new(hub),
                    });
                }
                Err(pid) if Instant::now() >= deadline => {
                    return Err(Error::Locked {
                        state: place.state,
                        pid,
                    });
                }
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    /// The daemon of a place; `None` where none serves it.
    ///
    /// # Errors
    /// [`Error::Conversation`].
    pub fn daemon(place: &Place) -> Result<Option<Self>> {
        Ok(Client::connect(&place.state, &Asked::Its)?.map(Self::Daemon))
    }

    /// The answers.
    pub fn service(&self) -> &dyn Service {
        match self {
            Self::Daemon(client) => client,
            Self::Here { engine, .. } => &**engine,
        }
    }

    /// One more way to the same answers, for another thread: a conversation is one question at a time.
    ///
    /// # Errors
    /// [`Error::Conversation`].
    pub fn another(&self, place: &Place, asked: &Asked) -> Result<Box<dyn Service + Send>> {
        match self {
            Self::Here { engine, .. } => Ok(Box::new(engine.clone())),
            Self::Daemon(_) => match Client::connect(&place.state, asked)? {
                Some(client) => Ok(Box::new(client)),
                None => Err(Error::NoDaemon(place.source.clone())),
            },
        }
    }
}

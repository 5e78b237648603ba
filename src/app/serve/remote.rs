//! Outputs by way of the daemon that holds the state: one conversation for each request under way.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::app::config::{Asked, Options};
use crate::app::control::{Client, Leading};
use crate::app::error::{Error, Result};
use crate::base::SourcePath;
use crate::http::{Content, Found, Opened};

/// The most conversations that wait for the next request.
const IDLE: usize = 8;

/// See the module.
#[derive(Debug)]
pub(super) struct Remote {
    state: PathBuf,
    asked: Asked,
    idle: Mutex<Vec<Client>>,
}

impl Remote {
    /// Of the daemon that works in this state folder; `None` where none does.
    ///
    /// # Errors
    /// [`Error::Conversation`].
    pub(super) fn connect(state: PathBuf, options: Options) -> Result<Option<Arc<Self>>> {
        let asked = Asked::Given(options);
        let client = Client::connect(&state, &asked)?;
        Ok(client.map(|client| {
            Arc::new(Self {
                state,
                asked,
                idle: Mutex::new(vec![client]),
            })
        }))
    }

    /// Asks something that is answered at once.
    ///
    /// # Errors
    /// What the daemon answers; [`Error::Conversation`] where it is gone.
    pub(super) fn ask<T>(&self, ask: &dyn Fn(&Client) -> Result<T>) -> Result<T> {
        // One that has waited may have been given up by the other side.
        while let Some(client) = self.take() {
            match ask(&client) {
                Err(Error::Conversation(_)) => {}
                answer => {
                    self.put(client);
                    return answer;
                }
            }
        }
        let client = self.another()?;
        let answer = ask(&client);
        if !matches!(answer, Err(Error::Conversation(_))) {
            self.put(client);
        }
        answer
    }

    /// What a path leads to.
    ///
    /// # Errors
    /// As [`Client::open`] says; [`Error::Conversation`] where the daemon is gone.
    pub(super) fn open(self: &Arc<Self>, path: &SourcePath) -> Result<Found> {
        while let Some(client) = self.take() {
            match client.open(path) {
                Err(Error::Conversation(_)) => {}
                opened => return self.found(client, opened),
            }
        }
        let client = self.another()?;
        let opened = client.open(path);
        self.found(client, opened)
    }

    /// A new conversation.
    ///
    /// # Errors
    /// [`Error::Conversation`] where the daemon is gone.
    pub(super) fn another(&self) -> Result<Client> {
        let gone = || Error::Conversation("it has ended".to_owned());
        Client::connect(&self.state, &self.asked)?.ok_or_else(gone)
    }

    fn found(self: &Arc<Self>, client: Client, opened: Result<(Leading, Bytes)>) -> Result<Found> {
        let head = match opened {
            Ok((Leading::File(head), bytes)) if bytes.len() as u64 != head.len => {
                let content = Arc::new(Distant {
                    client: Some(client),
                    remote: self.clone(),
                    first: bytes,
                });
                return Ok(Found::File(Opened { head, content }));
            }
            Err(Error::Conversation(text)) => return Err(Error::Conversation(text)),
            opened => {
                self.put(client);
                opened?
            }
        };
        Ok(match head {
            (Leading::File(head), bytes) => Found::File(Opened {
                head,
                content: Arc::new(Near(bytes)),
            }),
            (Leading::Folder, _) => Found::Folder,
            (Leading::Nowhere, _) => Found::Absent,
        })
    }

    fn take(&self) -> Option<Client> {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
    }

    fn put(&self, client: Client) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(client);
        }
    }
}

/// A file that came whole.
#[derive(Debug)]
struct Near(Bytes);

impl Content for Near {
    fn at_hand(&self) -> Option<Bytes> {
        Some(self.0.clone())
    }

    fn read_at(&self, offset: u64, size: usize) -> io::Result<Bytes> {
        let start = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(self.0.len());
        let end = start.saturating_add(size).min(self.0.len());
        Ok(self.0.slice(start..end))
    }
}

/// A file that stays open at the other side.
#[derive(Debug)]
struct Distant {
    client: Option<Client>,
    remote: Arc<Remote>,
    /// Its first bytes.
    first: Bytes,
}

impl Content for Distant {
    fn read_at(&self, offset: u64, size: usize) -> io::Result<Bytes> {
        if offset < self.first.len() as u64 {
            return Near(self.first.clone()).read_at(offset, size);
        }
        let client = self.client.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        client.part(offset, size).map_err(io::Error::other)
    }
}

impl Drop for Distant {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            self.remote.put(client);
        }
    }
}

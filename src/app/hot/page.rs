//! What hears a page.

use std::sync::{Arc, Mutex, PoisonError};

use crate::app::control::{Client, Speaker};
use crate::app::engine::Engine;
use crate::app::error::{Error, Result};
pub(in crate::app) use crate::hot::Outlet as Way;
use crate::hot::{Ear, GraphPages, Said};
use crate::http::{Hearing, Outgoing, Peer, Peers};

impl Way for Outgoing {
    fn send(&mut self, text: String) -> bool {
        Self::send(self, text)
    }
}

/// A page's session, wherever it is.
pub(in crate::app) enum Page {
    /// In this process.
    Here(Ear<GraphPages>),
    /// In the daemon that holds the state.
    There(Arc<Mutex<Speaker>>),
}

impl Page {
    /// A page whose session is an engine's here.
    ///
    /// # Errors
    /// Where no thread is left for it.
    pub(in crate::app) fn of_engine(engine: &Engine, outgoing: impl Way) -> Result<Self> {
        engine.page(Box::new(outgoing)).map(Self::Here)
    }

    /// A page whose session is that of the daemon at the other end of a conversation.
    ///
    /// # Errors
    /// [`Error::Conversation`].
    pub(in crate::app) fn of_daemon(client: Client, mut outgoing: impl Way) -> Result<Self> {
        let mut line = client.into_line()?;
        let speaker = line.speaker()?;
        let started = std::thread::Builder::new()
            .name("hot-relay".into())
            .spawn(move || {
                // Until either end is gone; the other one then learns of it.
                while let Some(text) = line.next()
                    && outgoing.send(text)
                {}
            });
        started.map_err(|cause| Error::Conversation(cause.to_string()))?;
        Ok(Self::There(Arc::new(Mutex::new(speaker))))
    }

    /// Hears what the page says; `text` is that as it was sent.
    ///
    /// # Errors
    /// Where nobody hears it any more.
    pub(in crate::app) async fn hear(
        &mut self,
        said: Said,
        text: String,
    ) -> std::result::Result<(), String> {
        match self {
            Self::Here(ear) => {
                ear.hear(said);
                Ok(())
            }
            Self::There(speaker) => {
                let speaker = speaker.clone();
                let said = tokio::task::spawn_blocking(move || {
                    let mut speaker = speaker.lock().unwrap_or_else(PoisonError::into_inner);
                    speaker.say(&text).map_err(|error| error.to_string())
                });
                said.await.unwrap_or_else(|cause| Err(cause.to_string()))
            }
        }
    }
}

impl Peer for Page {
    fn hear(&mut self, text: String) -> Hearing<'_> {
        Box::pin(async move {
            let said = Said::read(&text).map_err(|malformed| malformed.to_string())?;
            Self::hear(self, said, text).await
        })
    }
}

/// The pages of an engine in this process.
pub(in crate::app) struct Pages(pub(in crate::app) Arc<Engine>);

impl Peers for Pages {
    fn connect(&self, outgoing: Outgoing) -> std::result::Result<Box<dyn Peer>, String> {
        let page = Page::of_engine(&self.0, outgoing);
        page.map(|page| Box::new(page) as Box<dyn Peer>)
            .map_err(|error| error.to_string())
    }
}

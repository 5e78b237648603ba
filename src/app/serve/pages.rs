//! The pages of a server: their sessions are where its outputs come from, and what they send goes to its program.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::handler::Program;
use super::outlet::Outlet;
use crate::app::hot::Page;
use crate::hot::Said;
use crate::http::{Hearing, Offers, Outgoing, Peer, Peers};

/// The pages that are open, by their numbers, from 1 on.
#[derive(Default)]
pub(super) struct Tabs {
    open: Mutex<HashMap<u32, Offers>>,
    count: AtomicU32,
}

impl Tabs {
    fn open(&self) -> MutexGuard<'_, HashMap<u32, Offers>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, offers: Offers) -> u32 {
        let number = self.count.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        self.open().insert(number, offers);
        number
    }

    /// Sends an event to a page, or to all (0); `data` is JSON, or nothing.
    pub(super) fn send(&self, page: u32, name: &str, data: &str) {
        let name = serde_json::Value::from(name);
        let data = match data {
            "" => String::new(),
            data => format!(",\"data\":{data}"),
        };
        let text = format!("{{\"type\":\"custom\",\"event\":{name}{data}}}");
        let wanted: Vec<Offers> = {
            let open = self.open();
            let is_meant = |(number, _): &(&u32, &Offers)| page == 0 || **number == page;
            open.iter()
                .filter(is_meant)
                .map(|(_, offers)| offers.clone())
                .collect()
        };
        for offers in wanted {
            if !offers.offer(text.clone()) {
                tracing::debug!("a page does not take the event {name}");
            }
        }
    }
}

/// See the module.
pub(super) struct Pages {
    pub(super) outlet: Arc<Outlet>,
    pub(super) program: Arc<Program>,
    pub(super) tabs: Arc<Tabs>,
}

impl Peers for Pages {
    fn connect(&self, outgoing: Outgoing) -> Result<Box<dyn Peer>, String> {
        let offers = outgoing.offers();
        let page = self
            .outlet
            .page(outgoing)
            .map_err(|error| error.to_string())?;
        Ok(Box::new(Tab {
            number: self.tabs.add(offers),
            page,
            program: self.program.clone(),
            tabs: self.tabs.clone(),
        }))
    }
}

/// One page.
struct Tab {
    number: u32,
    page: Page,
    program: Arc<Program>,
    tabs: Arc<Tabs>,
}

impl Tab {
    async fn hear(&mut self, text: String) -> Result<(), String> {
        match Said::read(&text).map_err(|malformed| malformed.to_string())? {
            Said::Send { event, data } => self.program.hear(self.number, event, data).await,
            said @ Said::Hello(_) => return self.page.hear(said, text).await,
        }
        Ok(())
    }
}

impl Peer for Tab {
    fn hear(&mut self, text: String) -> Hearing<'_> {
        Box::pin(Self::hear(self, text))
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        self.tabs.open().remove(&self.number);
    }
}

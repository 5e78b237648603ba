//! The program that answers what no file does: a module of the source.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::outlet::Outlet;
use super::pages::Tabs;
use crate::app::config::Place;
use crate::app::error::Result;
use crate::app::{live, run};
use crate::base::Told;
use crate::hot::{UNHEARD, unheard};
use crate::http::{Answering, Fault, Handler, Request, Response};
use crate::script::live::Live;

/// The names that such a module has where none is given.
const NAMES: [&str; 2] = ["server.ts", "server.tsx"];

/// See the module.
pub(super) struct Program {
    place: Place,
    /// The module that was asked for.
    entry: Option<PathBuf>,
    outlet: Arc<Outlet>,
    /// The pages that it can send events to.
    tabs: Arc<Tabs>,
    /// The events that nobody heard.
    told: Told,
    /// What answers, and from which module.
    live: Mutex<Option<(String, Arc<Live>)>>,
}

impl Program {
    /// The program of a source: the module at `entry`, else one of the names that they have.
    ///
    /// # Errors
    /// [`crate::app::Error::Usage`] where the entry is no module of the source.
    pub(super) fn new(
        place: Place,
        entry: Option<PathBuf>,
        outlet: Arc<Outlet>,
        tabs: Arc<Tabs>,
    ) -> Result<Self> {
        if let Some(entry) = &entry {
            run::entry(&place, entry)?;
        }
        Ok(Self {
            place,
            entry,
            outlet,
            tabs,
            told: Told::new(UNHEARD),
            live: Mutex::default(),
        })
    }

    /// The module as it is named now.
    fn module(&self) -> Option<PathBuf> {
        match &self.entry {
            Some(entry) => Some(entry.clone()),
            None => NAMES
                .iter()
                .map(PathBuf::from)
                .find(|name| self.place.source.join(name).is_file()),
        }
    }

    /// Has the listeners of the program's modules hear an event of a page, where there is a program.
    pub(super) async fn hear(&self, page: u32, event: String, data: Value) {
        let Some(module) = self.module() else {
            if let Some(news) = self.told.news(&unheard(&event)) {
                tracing::info!("{news}");
            }
            return;
        };
        match self.live(&module) {
            Ok(live) => live.event(page, event, data.to_string()).await,
            Err(error) => {
                if let Some(news) = self.told.news(&format!("no program hears pages: {error}")) {
                    tracing::error!("{news}");
                }
            }
        }
    }

    /// What answers now.
    fn live(&self, module: &Path) -> Result<Arc<Live>> {
        let (id, _) = run::entry(&self.place, module)?;
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, live)) = &*live
            && *known == id
        {
            return Ok(live.clone());
        }
        let service = Box::new(self.outlet.clone());
        let tabs = self.tabs.clone();
        let outside = live::Around {
            write: Box::new(print),
            event: Box::new(move |page, name, data| tabs.send(page, name, data)),
        };
        let started = live::start(&self.place, id.clone(), service, outside)?;
        let started = Arc::new(started);
        let before = live.replace((id, started.clone()));
        drop(live);
        if let Some(before) = before {
            // Its end waits for its worker's.
            std::thread::spawn(move || drop(before));
        }
        Ok(started)
    }
}

/// What the program prints goes where its server's own goes; where nobody hears it, it goes nowhere.
fn print(is_error: bool, bytes: &[u8]) {
    use std::io::Write;
    let _ = match is_error {
        true => std::io::stderr().write_all(bytes),
        false => {
            let mut output = std::io::stdout().lock();
            output.write_all(bytes).and_then(|()| output.flush())
        }
    };
}

impl Handler for Program {
    fn is_there(&self) -> bool {
        self.module().is_some()
    }

    fn fetch(&self, request: Request) -> Answering<'_> {
        Box::pin(async move {
            let module = self.module().ok_or(Fault::Missing)?;
            let live = self.live(&module)?;
            let request = live::Request {
                method: request.method,
                url: request.url,
                headers: request.headers,
                body: request.body,
            };
            match live.fetch(request).await {
                Ok(response) => Ok(Response {
                    status: response.status,
                    text: response.text,
                    headers: response.headers,
                    body: response.body,
                }),
                Err(failed) => {
                    let text = failed.to_string();
                    match failed.is_of_client() {
                        true => tracing::debug!("{text}"),
                        false => tracing::error!("{text}"),
                    }
                    Err(Fault::Told(text))
                }
            }
        })
    }
}

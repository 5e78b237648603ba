//! A source served over HTTP.

mod handler;
mod outlet;
mod pages;
mod remote;
mod told;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::config::{Asked, Options, Place};
use super::control::{Answering, Backend};
use super::error::{Error, Result};
use super::hot::{self, Whose};
use super::hub::Hub;
use super::sockets::{self, Wanted};
use crate::http::{Policy, Route, Server, Stopper};
use handler::Program;
use outlet::Outlet;
use pages::{Pages, Tabs};

/// The first port that is tried, and the file of the state folder that has the one of the last time.
const FIRST: u16 = 4800;
const KEPT: &str = "port";

/// What a server is made of.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// Which source, and where its state is.
    pub place: Place,
    /// What outputs depend on; without a base it is `/`.
    pub options: Options,
    /// The module that answers what no file does, by its path from the source or an absolute one; `server.ts` or
    /// `server.tsx`, where they are there, unless it is given.
    pub entry: Option<PathBuf>,
    /// The port, where a certain one is wanted.
    pub port: Option<u16>,
    /// Where to listen, instead of the loopback device.
    pub host: Option<String>,
    /// Names that the server answers to besides those of the loopback device.
    pub allowed: Vec<String>,
    /// The bytes that stored outputs may take.
    pub cache_size: u64,
    /// Whether pages hear of changes. Those for production never do.
    pub is_hot: bool,
    /// The origins besides this server's whose pages are let in there.
    pub origins: Vec<String>,
}

/// A source that is served.
pub struct Serving {
    server: Server,
    outlet: Arc<Outlet>,
    address: String,
    is_public: bool,
}

impl Serving {
    /// Listens. Requests are answered from [`Serving::run`] on; those that come before wait.
    ///
    /// # Errors
    /// What the state folder, the store, the tree and the sockets say.
    pub fn start(mut config: ServeConfig) -> Result<Self> {
        let base = path_of(config.options.base.get_or_insert_with(|| "/".to_owned()));
        let state = config.place.state.clone();
        let sockets = sockets::listen(&Wanted {
            host: config.host.as_deref(),
            port: config.port,
            first: FIRST,
            state: &state,
            kept: KEPT,
        })?;
        let origins = hot::origins_of(&config.origins)?;
        if config.is_hot && !config.options.production {
            let socket = format!("{base}{}", hot::NAME);
            config.options.hot = Some(hot::settle(&state, Whose::Server, &socket)?);
        }
        let hot = config.options.hot.clone();
        let mut policy = Policy::default();
        for name in &config.allowed {
            policy = policy.allow(name);
        }
        if let Some(host) = &config.host {
            policy = match sockets.is_everywhere {
                true => policy.allow_addresses(),
                false => policy.allow(host),
            };
        }
        let place = config.place.clone();
        let outlet = Outlet::open(config.place, config.options, config.cache_size)?;
        sockets.keep_port(outlet.holds_state());
        let outlet = Arc::new(outlet);
        let tabs = Arc::new(Tabs::default());
        let program = Program::new(place.clone(), config.entry, outlet.clone(), tabs.clone())?;
        let program = Arc::new(program);
        let mut route = Route::new(outlet.clone(), Some(program.clone()), policy, &base);
        if let Some(hot) = hot {
            outlet.tells()?;
            let end = hot.slot(&place).text;
            let pages = Pages {
                outlet: outlet.clone(),
                program,
                tabs,
            };
            let socket = hot::socket(hot.token, origins);
            route = route.with_end(end).with_socket(socket, Arc::new(pages));
        }
        Ok(Self {
            server: Server::new(sockets.listeners, route),
            address: format!("http://{}:{}{base}", sockets.name, sockets.port),
            is_public: sockets.is_public,
            outlet,
        })
    }

    /// The URL to open.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Whether other machines may come.
    pub fn is_public(&self) -> bool {
        self.is_public
    }

    /// What ends it, from any thread.
    pub fn stopper(&self) -> impl Fn() + Send + 'static {
        let stopper = self.server.stopper();
        move || stop(&stopper)
    }

    /// Serves until it is stopped, and ends everything in order.
    ///
    /// # Errors
    /// [`Error::Io`] where threads or sockets are not to be had.
    pub fn run(self) -> Result<()> {
        self.outlet.stops_with(self.server.stopper());
        let served = self.server.run();
        self.outlet.shutdown();
        served.map_err(Error::io("serve", Path::new(&self.address)))
    }
}

/// The path of a base, with slashes at both ends.
fn path_of(base: &str) -> String {
    let path = match base.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => base,
    };
    let path = path.trim_matches('/');
    match path.is_empty() {
        true => "/".to_owned(),
        false => format!("/{path}/"),
    }
}

/// The side of the commands that ask while the source is served.
struct Stopping {
    hub: Arc<Hub>,
    stopper: std::sync::Mutex<Option<Stopper>>,
}

impl Backend for Stopping {
    fn service(&self, asked: &Asked) -> Result<Arc<dyn Answering>> {
        Ok(self.hub.engine(asked)?)
    }

    fn stop(&self) {
        let stopper = self.stopper.lock();
        let stopper = stopper.unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(stopper) = &*stopper {
            stop(stopper);
        }
    }
}

fn stop(stopper: &Stopper) {
    super::daemon::end_soon();
    stopper.stop();
}

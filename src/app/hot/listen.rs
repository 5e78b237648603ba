//! The socket of a mount. Pages come from any server in front of it; only the socket is here.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::{NAME, Pages, Whose, settle, socket};
use crate::app::config::{Hot, Options};
use crate::app::engine::Engine;
use crate::app::error::{Error, Result};
use crate::app::sockets::{self, Sockets, Wanted};
use crate::http::{Policy, Route, Server, Stopper, origin};

/// The first port that is tried, and the file of the state folder that has the one of the last time.
const FIRST: u16 = 4900;
const KEPT: &str = "hot-port";

/// How a mount hears from pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HotConfig {
    /// Where to listen, instead of the loopback device.
    pub host: Option<String>,
    /// The port, where a certain one is wanted.
    pub port: Option<u16>,
    /// The origins besides the loopback device's whose pages are let in.
    pub origins: Vec<String>,
}

impl HotConfig {
    /// From an address as it is written: `HOST:PORT`, either of them alone, or nothing; and origins.
    ///
    /// # Errors
    /// [`Error::Usage`] for what is none, and for pages for production, which nothing changes.
    pub fn new(address: &str, origins: &[String], options: &Options) -> Result<Self> {
        if options.production {
            return Err(Error::Usage {
                message: "pages for production hear of no changes".into(),
                hint: Some("leave out `--hot` or `--production`".into()),
            });
        }
        let refuse = || Error::Usage {
            message: format!("cannot listen at `{address}`"),
            hint: Some("an address looks like `4900`, `127.0.0.1:4900` or `[::1]:4900`".into()),
        };
        let is_port =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (host, port) = match address.rsplit_once(':') {
            _ if is_port(address) => ("", address),
            Some((host, port)) if is_port(port) && (!host.contains(':') || host.ends_with(']')) => {
                (host, port)
            }
            Some(_) if !address.starts_with('[') => return Err(refuse()),
            _ => (address, ""),
        };
        let host = host
            .strip_prefix('[')
            .map_or(Some(host), |rest| rest.strip_suffix(']'));
        let host = host.ok_or_else(refuse)?;
        Ok(Self {
            host: (!host.is_empty()).then(|| host.to_owned()),
            port: match port {
                "" => None,
                port => Some(port.parse().map_err(|_| refuse())?),
            },
            origins: origins_of(origins)?,
        })
    }
}

/// Origins as browsers send them.
///
/// # Errors
/// [`Error::Usage`] for what is none.
pub(in crate::app) fn origins_of(given: &[String]) -> Result<Vec<String>> {
    let read = |text: &String| {
        origin(text).ok_or_else(|| Error::Usage {
            message: format!("`{text}` is no origin"),
            hint: Some("an origin looks like `https://app.example:8080`".into()),
        })
    };
    given.iter().map(read).collect()
}

/// A socket that listens, and what pages have to know of it.
pub(in crate::app) struct Listening {
    sockets: Sockets,
    origins: Vec<String>,
    host: Option<String>,
    hot: Hot,
}

impl Listening {
    /// Listens. Pages that come wait until [`Listening::serve`].
    ///
    /// # Errors
    /// [`Error::Usage`] for a host that is none; [`Error::Io`].
    pub(in crate::app) fn start(config: HotConfig, state: &Path) -> Result<Self> {
        let sockets = sockets::listen(&Wanted {
            host: config.host.as_deref(),
            port: config.port,
            first: FIRST,
            state,
            kept: KEPT,
        })?;
        // A browser takes the number for what it is, and pages that came by TLS may connect to it as well.
        let name = match &*sockets.name {
            _ if sockets.is_everywhere => "0.0.0.0",
            "localhost" => "127.0.0.1",
            name => name,
        };
        let url = format!("ws://{name}:{}/{NAME}", sockets.port);
        let hot = settle(state, Whose::Mount, &url)?;
        Ok(Self {
            sockets,
            origins: config.origins,
            host: config.host,
            hot,
        })
    }

    /// What pages have to know.
    pub(in crate::app) fn hot(&self) -> &Hot {
        &self.hot
    }

    /// Has an engine be there for the pages, on a thread of its own.
    ///
    /// # Errors
    /// Where no thread is left.
    pub(in crate::app) fn serve(self, engine: Arc<Engine>) -> Result<Serving> {
        self.sockets.keep_port(true);
        let policy = Policy::default().told_by("--hot=");
        let policy = match &self.host {
            None => policy,
            Some(_) if self.sockets.is_everywhere => policy.allow_addresses(),
            Some(host) => policy.allow(host),
        };
        let config = socket(self.hot.token, self.origins);
        let route = Route::nowhere(policy).with_socket(config, Arc::new(Pages(engine)));
        let server = Server::new(self.sockets.listeners, route);
        let stopper = server.stopper();
        let thread = std::thread::Builder::new()
            .name("hot-server".into())
            .spawn(move || {
                if let Err(cause) = server.run() {
                    tracing::error!("pages hear of no changes: {cause}");
                }
            })
            .map_err(Error::io("start a thread for", Path::new(&self.hot.socket)))?;
        Ok(Serving {
            stopper,
            thread: Some(thread),
            is_public: self.sockets.is_public,
        })
    }
}

/// A socket with somebody there. Dropping it tells the pages, and ends it.
pub(in crate::app) struct Serving {
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
    /// Other machines may come.
    pub(in crate::app) is_public: bool,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the pages' socket panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_a_port_or_both() {
        let read = |text: &str| {
            let config = HotConfig::new(text, &[], &Options::default()).ok()?;
            Some((config.host.unwrap_or_default(), config.port))
        };
        let some = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(read(""), some("", None));
        assert_eq!(read("4900"), some("", Some(4900)));
        assert_eq!(read(":4900"), some("", Some(4900)));
        assert_eq!(read("0.0.0.0"), some("0.0.0.0", None));
        assert_eq!(read("laptop.example:80"), some("laptop.example", Some(80)));
        assert_eq!(read("[::1]:80"), some("::1", Some(80)));
        assert_eq!(read("[::1]"), some("::1", None));
        for text in ["65536", "a:b", "a:", "[::1", "::1", "a:1:2", "[::1]:x"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn pages_for_production_are_refused() {
        let options = Options::new(true, &[]).unwrap();
        let error = HotConfig::new("", &[], &options).unwrap_err();
        assert!(error.to_string().contains("production"), "{error}");
        let origins = ["ftp://x".to_owned()];
        assert!(HotConfig::new("", &origins, &Options::default()).is_err());
    }
}

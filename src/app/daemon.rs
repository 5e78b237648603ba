//! A mount and everything that lives with it: from the first check to the last byte on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::config::{Asked, Options, Place};
use super::control::{Answering, Backend, Server};
use super::error::{Error, Result};
use super::hot::{self, HotConfig, Listening};
use super::hub::{Hub, Settings};
use super::status::{Mounted, control_view};
use crate::fs::Fs;
use crate::fs::computed::{Computed, ComputedConfig};
use crate::fs::source::{SourceFs, SourceOptions};
use crate::fuse::{self, MountOptions, Session, Unmounter};
use crate::router::start_event_log;

/// How long an orderly end may take from the moment it is asked for; then the process ends all the same. What is lost
/// is a part of a cache.
const LONGEST_END: Duration = Duration::from_millis(4500);

/// What a mount is made of.
#[derive(Clone, Debug)]
pub struct MountConfig {
    /// Which source, and where its state is.
    pub place: Place,
    /// What outputs depend on.
    pub options: Options,
    /// Where to mount.
    pub mount_point: PathBuf,
    /// Every change is refused.
    pub read_only: bool,
    /// Other users may come.
    pub allow_other: bool,
    /// The bytes that stored outputs may take.
    pub cache_size: u64,
    /// How pages hear of changes, where they do.
    pub hot: Option<HotConfig>,
}

/// A daemon at work.
pub struct Daemon {
    // In the order of their end.
    pages: Option<hot::Serving>,
    server: Server,
    session: Session,
    hub: Arc<Hub>,
    source: PathBuf,
}

/// How long a mount waits for the process that has the state: one that is just ending is worth it.
const PATIENCE: Duration = Duration::from_secs(2);

impl Daemon {
    /// Mounts. The mount is served when this returns.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Mount`] and what the state folder, the store and the tree say; nothing is left
    /// behind then but the state folder.
    pub fn start(mut config: MountConfig) -> Result<Self> {
        let listening = match config.hot.take() {
            Some(hot) => Some(Listening::start(hot, &config.place.state)?),
            None => None,
        };
        config.options.hot = listening.as_ref().map(|listening| listening.hot().clone());
        let settings = Settings {
            cache_size: config.cache_size,
            ahead: true,
            patience: PATIENCE,
        };
        let allowed = config.options.allowed();
        let hub = Arc::new(Hub::open(config.place, config.options, settings)?);
        let engine = hub.main();
        let place = engine.place();
        let events = place.state.join("events");
        start_events(&hub, &events)?;
        let mounted = Mounted {
            mount_point: config.mount_point.to_string_lossy().into_owned(),
            started: SystemTime::now(),
            events,
        };
        let control = Arc::new(control_view(&Arc::downgrade(engine), Some(mounted)));
        let computed = Computed::new(ComputedConfig {
            view: Arc::new(engine.table(control)),
            outputs: engine.graph().clone(),
            workspace: place.workspace.clone(),
            source: place.prefix.clone(),
            allowed,
            is_shared: config.allow_other,
        });
        let source_options = SourceOptions {
            read_only: config.read_only,
            default_permissions: config.allow_other,
            descriptors: None,
        };
        let source = SourceFs::new(&place.source, source_options).map_err(|errno| {
            Error::io("open", &place.source)(std::io::Error::from_raw_os_error(errno.0))
        })?;
        let options = MountOptions {
            source: place.source.clone(),
            read_only: config.read_only,
            allow_other: config.allow_other,
        };
        hub.stay_off(&config.mount_point, None);
        let session = fuse::mount(
            Arc::new(Fs::new(source, computed)),
            &config.mount_point,
            &options,
        )?;
        if let Some(mount) = fuse::mounts()
            .unwrap_or_default()
            .into_iter()
            .rev()
            .find(|mount| mount.mount_point == session.mount_point())
        {
            hub.stay_off(session.mount_point(), Some(mount.device));
        }
        let stopping = Arc::new(Stopping {
            hub: hub.clone(),
            unmounter: session.unmounter(),
        });
        let server = match Server::start(&place.state, stopping) {
            Ok(server) => server,
            Err(error) => {
                session.unmount();
                return Err(error);
            }
        };
        let pages = match listening.map(|listening| listening.serve(hub.main().clone())) {
            Some(Err(error)) => {
                session.unmount();
                return Err(error);
            }
            served => served.transpose()?,
        };
        Ok(Self {
            pages,
            server,
            session,
            source: place.source.clone(),
            hub,
        })
    }

    /// Where it is mounted: absolute, links resolved.
    pub fn mount_point(&self) -> &Path {
        self.session.mount_point()
    }

    /// SRC: absolute, links resolved.
    pub fn source(&self) -> &Path {
        &self.source
    }

    /// Where pages hear of changes, and whether other machines may come there; `None`: they do not.
    pub fn hot(&self) -> Option<(&str, bool)> {
        let (socket, _) = self.hub.main().hot()?;
        Some((socket, self.pages.as_ref()?.is_public))
    }

    /// What asks for the end, from any thread: a signal's.
    pub fn stopper(&self) -> impl Fn() + Send + 'static {
        let unmounter = self.session.unmounter();
        move || stop(&unmounter)
    }

    /// Serves until it is unmounted, and ends everything in order.
    ///
    /// # Errors
    /// [`Error::Io`] where the kernel's side broke.
    pub fn run(self) -> Result<()> {
        let mount_point = self.session.mount_point().to_owned();
        let ended = self.session.wait();
        end_soon();
        drop(self.pages);
        drop(self.server);
        self.hub.shutdown();
        ended.map_err(Error::io("serve", &mount_point))
    }
}

/// The log of changes that `events` shows.
fn start_events(hub: &Hub, path: &Path) -> Result<()> {
    let events = hub.main().graph().subscribe();
    let source = hub.main().place().prefix.clone();
    start_event_log(path.to_owned(), events, source)
        .map(drop)
        .map_err(Error::io("write", path))
}

struct Stopping {
    hub: Arc<Hub>,
    unmounter: Unmounter,
}

impl Backend for Stopping {
    fn service(&self, asked: &Asked) -> Result<Arc<dyn Answering>> {
        Ok(self.hub.engine(asked)?)
    }

    fn stop(&self) {
        stop(&self.unmounter);
    }
}

fn stop(unmounter: &Unmounter) {
    end_soon();
    unmounter.unmount();
}

/// Sees to it that the process ends, whatever holds its orderly end up.
pub(super) fn end_soon() {
    // Where no thread is to be had, the orderly end is all there is.
    let _ = std::thread::Builder::new().name("end".into()).spawn(|| {
        std::thread::sleep(LONGEST_END);
        tracing::warn!("the orderly end took too long; ending now");
        std::process::exit(0);
    });
}

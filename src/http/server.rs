//! Connections, their limits and their end.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::patient::Patient;
use super::route::Route;

/// The most connections at a time. When there are so many, those that are idle are closed, and new ones wait.
const MOST: usize = 512;

/// How long a client may take for the head of a request, and a connection be idle.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most bytes of a request's head.
const LONGEST_HEAD: usize = 64 << 10;

/// How long requests under way have when the server ends.
const LAST: Duration = Duration::from_secs(2);

/// What the connections are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Told {
    /// The server ends.
    is_ending: bool,
    /// How often there were too many connections.
    crowds: u64,
}

/// A server that listens.
pub struct Server {
    listeners: Vec<std::net::TcpListener>,
    route: Route,
    told: watch::Sender<Told>,
}

/// What ends a server, from any thread.
#[derive(Clone, Debug)]
pub struct Stopper(watch::Sender<Told>);

impl Stopper {
    /// Has it take no more requests, and end when those under way are answered, or soon.
    pub fn stop(&self) {
        self.0.send_modify(|told| told.is_ending = true);
    }
}

impl Server {
    /// A server at these sockets.
    pub fn new(listeners: Vec<std::net::TcpListener>, route: Route) -> Self {
        Self {
            listeners,
            route,
            told: watch::Sender::default(),
        }
    }

    /// What ends it.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.told.clone())
    }

    /// Serves until it is stopped.
    ///
    /// # Errors
    /// Where threads or sockets are not to be had.
    pub fn run(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("http")
            // As many as there are requests at a time, and the reads of bodies: one that is stuck holds up no other.
            .max_blocking_threads(2 * MOST)
            .enable_all()
            .build()?;
        let served = runtime.block_on(self.serve());
        // What waits for a computation is not waited for.
        runtime.shutdown_background();
        served
    }

    async fn serve(self) -> io::Result<()> {
        let places = Arc::new(Semaphore::new(MOST));
        let mut ending = self.told.subscribe();
        let route = self.route.clone();
        for listener in self.listeners {
            listener.set_nonblocking(true)?;
            let listener = TcpListener::from_std(listener)?;
            tokio::spawn(accept(
                listener,
                self.route.clone(),
                places.clone(),
                self.told.clone(),
            ));
        }
        // The sender is ours: it cannot be gone.
        let _ = ending.wait_for(|told| told.is_ending).await;
        let all = u32::try_from(MOST).unwrap_or(u32::MAX);
        let answered = tokio::time::timeout(LAST, places.acquire_many(all));
        let (answered, ()) = tokio::join!(answered, route.end(LAST));
        if answered.is_err() {
            tracing::warn!("some requests were not answered before the end");
        }
        Ok(())
    }
}

async fn accept(
    listener: TcpListener,
    route: Route,
    places: Arc<Semaphore>,
    told: watch::Sender<Told>,
) {
    let mut ending = told.subscribe();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ending.wait_for(|told| told.is_ending) => return,
        };
        let Ok((stream, _)) = accepted else {
            // Out of descriptors, most likely: others must end first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let place = match places.clone().try_acquire_owned() {
            Ok(place) => place,
            Err(_) => {
                told.send_modify(|told| told.crowds += 1);
                match places.clone().acquire_owned().await {
                    Ok(place) => place,
                    Err(_) => return,
                }
            }
        };
        tokio::spawn(converse(stream, route.clone(), told.subscribe(), place));
    }
}

async fn converse(
    stream: TcpStream,
    route: Route,
    mut told: watch::Receiver<Told>,
    _place: OwnedSemaphorePermit,
) {
    // Small answers leave at once; where that can't be set, they are late.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let route = route.clone();
        async move { Ok::<_, Infallible>(route.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_header_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(Patient::new(stream)), service)
        .with_upgrades();
    tokio::pin!(connection);
    let is_ending = told.borrow_and_update().is_ending;
    if is_ending {
        connection.as_mut().graceful_shutdown();
    }
    let mut listens = !is_ending;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(cause) = ended {
                    tracing::debug!("a connection ended: {cause}");
                }
                return;
            }
            changed = told.changed(), if listens => {
                connection.as_mut().graceful_shutdown();
                listens = changed.is_ok() && !told.borrow().is_ending;
            }
        }
    }
}

//! Connections, their limits and their end.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;

use super::crowd::{Answer, Crowd, Place};
use super::patient::Patient;
use super::route::Route;

/// The most connections at a time, and how many descriptors of the process there are for each: files are opened too.
const MOST: usize = 1024;
const DESCRIPTORS: u64 = 8;

/// The most threads that wait for computations, and for the bytes of files.
const THREADS: usize = 1024;

/// How long a client may take for the head of a request, and a connection be idle.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most bytes of a request's head.
const LONGEST_HEAD: usize = 64 << 10;

/// How long an answer may take while others wait for its place.
const ANSWER: Duration = Duration::from_secs(10);

/// How long requests under way have when the server ends.
const LAST: Duration = Duration::from_secs(2);

/// A server that listens.
pub struct Server {
    listeners: Vec<std::net::TcpListener>,
    route: Route,
    most: usize,
    ending: watch::Sender<bool>,
}

/// What ends a server, from any thread.
#[derive(Clone, Debug)]
pub struct Stopper(watch::Sender<bool>);

impl Stopper {
    /// Has it take no more requests, and end when those under way are answered, or soon.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Server {
    /// A server at these sockets.
    pub fn new(listeners: Vec<std::net::TcpListener>, route: Route) -> Self {
        Self {
            listeners,
            route,
            most: most(),
            ending: watch::Sender::default(),
        }
    }

    /// The same with room for so many connections.
    #[cfg(test)]
    pub(super) fn with_room(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// What ends it.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.ending.clone())
    }

    /// Serves until it is stopped.
    ///
    /// # Errors
    /// Where threads or sockets are not to be had.
    pub fn run(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("http")
            // As many as there are requests at a time: one that is stuck holds up no other.
            .max_blocking_threads(THREADS)
            .enable_all()
            .build()?;
        let served = runtime.block_on(self.serve());
        // What waits for a computation is not waited for.
        runtime.shutdown_background();
        served
    }

    async fn serve(self) -> io::Result<()> {
        let crowd = Arc::new(Crowd::new(self.most, ANSWER));
        let mut ending = self.ending.subscribe();
        for listener in self.listeners {
            listener.set_nonblocking(true)?;
            let listener = TcpListener::from_std(listener)?;
            let (route, ending) = (self.route.clone(), self.ending.subscribe());
            tokio::spawn(accept(listener, route, crowd.clone(), ending));
        }
        over(&mut ending).await;
        let answered = tokio::time::timeout(LAST, crowd.emptied());
        let (answered, ()) = tokio::join!(answered, self.route.end(LAST));
        if answered.is_err() {
            tracing::warn!("some requests were not answered before the end");
        }
        Ok(())
    }
}

/// The most connections at a time.
fn most() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let limit = limit.and_then(|limit| usize::try_from(limit / DESCRIPTORS).ok());
    limit.map_or(MOST, |limit| limit.clamp(1, MOST))
}

/// Waits until the server ends.
async fn over(ending: &mut watch::Receiver<bool>) {
    // A server that is no more has ended.
    let _ = ending.wait_for(|is_ending| *is_ending).await;
}

async fn accept(
    listener: TcpListener,
    route: Route,
    crowd: Arc<Crowd>,
    mut ending: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = over(&mut ending) => return,
        };
        let Ok((stream, _)) = accepted else {
            // Out of descriptors, most likely: others must end first.
            crowd.make_room(Instant::now());
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let place = tokio::select! {
            place = crowd.enter() => place,
            () = over(&mut ending) => return,
        };
        tokio::spawn(converse(stream, route.clone(), ending.clone(), place));
    }
}

async fn converse(
    stream: TcpStream,
    route: Route,
    mut ending: watch::Receiver<bool>,
    place: Place,
) {
    // Small answers leave at once; where that can't be set, they are late.
    let _ = stream.set_nodelay(true);
    let seat = place.seat.clone();
    let stream = Patient::new(stream, seat.clone());
    let service = service_fn(move |request| {
        let (route, asking) = (route.clone(), seat.ask());
        async move {
            let response = route.answer(request).await;
            Ok::<_, Infallible>(response.map(|body| Answer::new(body, asking)))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_header_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let mut is_ending = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(cause) = ended {
                    tracing::debug!("a connection ended: {cause}");
                }
                return;
            }
            () = over(&mut ending), if !is_ending => {
                connection.as_mut().graceful_shutdown();
                is_ending = true;
            }
            () = place.seat.leave() => {
                tracing::debug!("a connection made room for another one");
                return;
            }
        }
    }
}

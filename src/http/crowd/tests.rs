//! Who leaves when there are too many, and that whoever comes then is answered.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use bytes::Bytes;

use super::*;
use crate::base::{ContentHash, SourcePath};
use crate::http::{
    Answering, Content, Fault, Found, Handler, Head, Opened, Policy, Request, Route, Server, Site,
    Stopper,
};

const DEADLINE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn who_has_nothing_to_lose_goes_first() {
    let crowd = Arc::new(Crowd::new(6, Duration::from_secs(10)));
    let mut places = Vec::new();
    for _ in 0..6 {
        places.push(crowd.enter().await);
    }
    let [_waits, reads, asked, later, answered, stalls] = &places[..] else {
        panic!("no six places");
    };
    let _asked = asked.seat.ask();
    let _later = later.seat.ask();
    drop(answered.seat.ask());
    drop(stalls.seat.ask());
    stalls.seat.takes(false);
    reads.seat.takes(false);
    reads.seat.takes(true);
    let left = || -> Vec<usize> {
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut has_left = |place: &Place| {
            let leaving = std::pin::pin!(place.seat.leave());
            leaving.poll(&mut context).is_ready()
        };
        (0..6).filter(|at| has_left(&places[*at])).collect()
    };
    let now = Instant::now();
    for at in [0, 1, 4] {
        crowd.make_room(now);
        assert_eq!(left(), [at]);
    }
    // The others have some time.
    let mut before = now;
    for at in [5, 2, 3] {
        let due = crowd.make_room(before);
        assert!(due > before && left().is_empty());
        crowd.make_room(due);
        assert_eq!(left(), [at]);
        before = due;
    }
    assert!(before - now > Duration::from_secs(9));
    assert_eq!(crowd.make_room(now), now + STALLED);
    // A place is free again when its connection has gone, made to or not.
    places.truncate(5);
    places.push(crowd.enter().await);
    places.clear();
    crowd.emptied().await;
}

/// One file, which has no end that anybody sees.
#[derive(Debug)]
struct Endless;

impl Site for Endless {
    fn try_find(&self, path: &SourcePath) -> Option<Result<Found, Fault>> {
        Some(self.find(path))
    }

    fn find(&self, path: &SourcePath) -> Result<Found, Fault> {
        Ok(match path.name() {
            b"endless" => Found::File(Opened {
                head: Head::new(ContentHash::of(b""), u64::MAX / 2),
                content: Arc::new(Endless),
            }),
            _ => Found::Absent,
        })
    }
}

impl Content for Endless {
    fn read_at(&self, _offset: u64, size: usize) -> std::io::Result<Bytes> {
        Ok(vec![0; size].into())
    }
}

/// Never answers what it is asked at `/never`.
struct Slow(Sender<()>);

impl Handler for Slow {
    fn fetch(&self, request: Request) -> Answering<'_> {
        Box::pin(async move {
            if request.url.ends_with("never") {
                let _ = self.0.send(());
                std::future::pending::<()>().await;
            }
            Err(Fault::Missing)
        })
    }
}

struct Served {
    port: u16,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
    asked: Receiver<()>,
}

const ROOM: usize = 8;

impl Served {
    fn start() -> Self {
        let (sender, asked) = channel();
        let handler = Arc::new(Slow(sender));
        let route = Route::new(Arc::new(Endless), Some(handler), Policy::default(), "/");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Server::new(vec![listener], route).with_room(ROOM);
        let stopper = server.stopper();
        Self {
            port,
            stopper,
            thread: Some(std::thread::spawn(move || server.run().unwrap())),
            asked,
        }
    }

    fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }

    /// Asks for what is not there, which is told at once.
    fn is_answered(&self) {
        let mut stream = self.send("GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let mut head = [0; 12];
        stream.read_exact(&mut head).unwrap();
        assert_eq!(&head, b"HTTP/1.1 500");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

#[test]
fn connections_that_say_nothing_keep_nobody_out() {
    let served = Served::start();
    let begun = |_| served.send("GET / HTTP/1.1\r\nHost: local");
    let begun: Vec<_> = (0..5 * ROOM).map(begun).collect();
    let silent: Vec<_> = (0..5 * ROOM).map(|_| served.send("")).collect();
    served.is_answered();
    // Those that came first have gone.
    for mut stream in begun.into_iter().chain(silent).take(9 * ROOM) {
        let mut byte = [0];
        assert!(matches!(stream.read(&mut byte), Ok(0) | Err(_)));
    }
}

#[test]
fn readers_that_do_not_read_keep_nobody_out() {
    let served = Served::start();
    let ask = |_| {
        let mut stream = served.send("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.read_exact(&mut [0; 12]).unwrap();
        stream
    };
    let slow: Vec<_> = (0..ROOM).map(ask).collect();
    served.is_answered();
    drop(slow);
}

#[test]
fn answers_that_never_come_keep_nobody_out() {
    let served = Served::start();
    let ask = |_| {
        let stream = served.send("GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n");
        served.asked.recv_timeout(DEADLINE).unwrap();
        stream
    };
    let slow: Vec<_> = (0..ROOM).map(ask).collect();
    served.is_answered();
    drop(slow);
}

//! What a worker itself does: reads requests, works, gives results, and ends with its parent.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::Kind;
use super::buffer::Incoming;
use super::frame::{self, Tag};
use super::wait::wait;

/// The least time between two beats.
const BEAT: Duration = Duration::from_millis(50);

/// A worker's way to its parent.
#[derive(Clone)]
pub struct Asking(Arc<Line>);

struct Line {
    stream: UnixStream,
    incoming: Mutex<Incoming>,
    /// Messages that have come while an answer was waited for.
    inbox: Mutex<VecDeque<Vec<u8>>>,
    beaten: Mutex<Instant>,
}

/// What is said where there is no parent any more: nothing. The process ends.
fn orphaned() -> ! {
    std::process::exit(1)
}

impl Asking {
    fn new(stream: UnixStream) -> Self {
        Self(Arc::new(Line {
            stream,
            incoming: Mutex::default(),
            inbox: Mutex::default(),
            beaten: Mutex::new(Instant::now()),
        }))
    }

    fn inbox(&self) -> MutexGuard<'_, VecDeque<Vec<u8>>> {
        self.0.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn incoming(&self) -> MutexGuard<'_, Incoming> {
        self.0
            .incoming
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The next frame, waited for.
    fn receive(&self) -> io::Result<(Tag, Vec<u8>)> {
        let frame = self.incoming().read(&self.0.stream)?;
        frame.ok_or_else(|| io::ErrorKind::WouldBlock.into())
    }

    /// Asks, and waits for the answer. Where there is no parent any more, the process ends.
    pub fn ask(&self, question: &[u8]) -> Vec<u8> {
        if send(&self.0.stream, Tag::Ask, question).is_err() {
            orphaned();
        }
        loop {
            match self.receive() {
                Ok((Tag::Answer, answer)) => return answer,
                Ok((Tag::Message, message)) => self.inbox().push_back(message),
                _ => orphaned(),
            }
        }
    }

    /// Sends a message, and waits for nothing.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] where it is too long.
    pub fn post(&self, message: &[u8]) -> io::Result<()> {
        match send(&self.0.stream, Tag::Message, message) {
            Err(error) if error.kind() != io::ErrorKind::InvalidInput => orphaned(),
            sent => sent,
        }
    }

    /// The next message, waited for as long as this, or for ever; `None`: none has come.
    pub fn next(&self, longest: Option<Duration>) -> Option<Vec<u8>> {
        if let Some(message) = self.inbox().pop_front() {
            return Some(message);
        }
        match self.incoming().take() {
            Ok(Some((Tag::Message, message))) => return Some(message),
            Ok(None) => {}
            _ => orphaned(),
        }
        let deadline = longest.and_then(|longest| Instant::now().checked_add(longest));
        loop {
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            match wait(&self.0.stream, libc::POLLIN, [None; 2], left) {
                Ok(true) => match self.receive() {
                    Ok((Tag::Message, message)) => return Some(message),
                    _ => orphaned(),
                },
                Ok(false) if left.is_some_and(|left| left.is_zero()) => return None,
                Ok(false) => {}
                Err(_) => orphaned(),
            }
        }
    }

    /// Tells now and then that the work goes on: what it has taken up to now was not one endless step.
    pub fn beat(&self) {
        let mut beaten = self.0.beaten.lock().unwrap_or_else(PoisonError::into_inner);
        if beaten.elapsed() < BEAT {
            return;
        }
        *beaten = Instant::now();
        if send(&self.0.stream, Tag::Beat, &[]).is_err() {
            orphaned();
        }
    }
}

/// What a worker does. It stays on the worker's thread.
pub trait Work {
    /// Does a request.
    fn work(&mut self, request: &[u8], asking: &Asking) -> Vec<u8>;

    /// Its result is given: the time until the next request may be used.
    fn rest(&mut self, _asking: &Asking) {}
}

impl<F: FnMut(&[u8], &Asking) -> Vec<u8>> Work for F {
    fn work(&mut self, request: &[u8], asking: &Asking) -> Vec<u8> {
        self(request, asking)
    }
}

/// Is a worker of a kind, until there is no parent any more. Never returns.
pub fn serve<W: Work>(kind: &Kind, work: impl FnOnce() -> W + Send + 'static) -> ! {
    // A panic is an answer of the work; its text on standard error would be taken for last words.
    std::panic::set_hook(Box::new(|_| {}));
    let status = match begin(kind, work) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("{error}");
            1
        }
    };
    std::process::exit(status)
}

fn begin<W: Work>(kind: &Kind, work: impl FnOnce() -> W + Send + 'static) -> io::Result<()> {
    close_others();
    // What `ps` shows; without it there is only the name of the file that was started, which is `exe`.
    let name = std::ffi::CString::new(format!("hookfs-{}", kind.name));
    rustix::thread::set_name(&name?)?;
    let stream = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    stream.set_nonblocking(false)?;
    let watched = stream.try_clone()?;
    // What a thread takes to start is there before the limit counts what there is.
    let started = Arc::new(Barrier::new(3));
    let limited = Arc::new(Barrier::new(2));
    let start = started.clone();
    std::thread::Builder::new()
        .name("parent".into())
        .stack_size(64 << 10)
        .spawn(move || {
            start.wait();
            end_with_parent(&watched);
        })?;
    let (start, go) = (started.clone(), limited.clone());
    let worker = std::thread::Builder::new()
        .name(kind.name.into())
        .stack_size(kind.stack)
        .spawn(move || {
            start.wait();
            go.wait();
            answer_all(&Asking::new(stream), &mut work())
        })?;
    started.wait();
    limit(kind)?;
    limited.wait();
    match worker.join() {
        Ok(result) => result,
        Err(_) => Err(io::Error::other("the work panicked")),
    }
}

/// No descriptor that the parent forgot to close is kept: a mount would not end while one is open.
fn close_others() {
    // SAFETY: nothing in this process uses a descriptor above 2 yet.
    unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32) };
}

/// Bounds the memory that the process can have, from what it has now.
fn limit(kind: &Kind) -> io::Result<()> {
    let pages = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = pages
        .split(' ')
        .next()
        .and_then(|pages| pages.parse().ok())
        .ok_or(io::ErrorKind::InvalidData)?;
    let has = pages * rustix::param::page_size() as u64;
    let most = has + kind.memory;
    let capped = |resource: Resource, most: u64| {
        let maximum = getrlimit(resource)
            .maximum
            .map_or(most, |now| now.min(most));
        let limit = Rlimit {
            current: Some(maximum),
            maximum: Some(maximum),
        };
        setrlimit(resource, limit)
    };
    capped(Resource::As, most)?;
    // What it dies of is told by its last words.
    capped(Resource::Core, 0)?;
    Ok(())
}

/// Ends the process when the other end of the socket is closed, whatever the other threads do.
fn end_with_parent(stream: &UnixStream) {
    while matches!(wait(stream, libc::POLLRDHUP, [None; 2], None), Ok(false)) {}
    // SAFETY: ends the process at once; nothing of it is to be saved.
    unsafe { libc::_exit(0) }
}

fn answer_all(asking: &Asking, work: &mut dyn Work) -> io::Result<()> {
    let stream = &asking.0.stream;
    loop {
        match asking.receive() {
            Ok((Tag::Request, request)) => {
                // What was said of the last one is of no use to this.
                asking.inbox().clear();
                send(stream, Tag::Done, &work.work(&request, asking))?;
                work.rest(asking);
            }
            // It was on its way when the last request was done.
            Ok((Tag::Message, _)) => {}
            Ok(_) => return Err(io::ErrorKind::InvalidData.into()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

fn send(mut stream: &UnixStream, tag: Tag, body: &[u8]) -> io::Result<()> {
    stream.write_all(&frame::encode(tag, body)?)
}

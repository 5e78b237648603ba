//! The daemon's side.

use std::fs::{self, File, Permissions};
use std::io::{self, BufReader, BufWriter, Write};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::super::config::Asked;
use super::super::error::{Error, Result};
use super::super::service::Service;
use super::{Answer, LONGEST_REQUEST, Leading, PIECE, Refusal, Request, SOCKET, frame, short_path};
use crate::hot::{Ear, GraphPages, Outlet, Said};
use crate::http::{Found, Opened, Site};

/// Conversations at one time; more are ended at once.
const MOST: usize = 1024;

/// How long a command may be silent.
const PATIENCE: Duration = Duration::from_secs(600);

/// What answers.
pub trait Answering: Service + Site {
    /// A page has come, to which the outlet leads.
    ///
    /// # Errors
    /// Where nobody can be there for it.
    fn page(&self, outlet: Box<dyn Outlet>) -> Result<Ear<GraphPages>>;
}

/// What stands behind the socket.
pub trait Backend: Send + Sync {
    /// The service with these options.
    ///
    /// # Errors
    /// Where it can't be made.
    fn service(&self, asked: &Asked) -> Result<Arc<dyn Answering>>;

    /// Ends the daemon, soon.
    fn stop(&self);
}

/// A listening socket; dropping it takes its name away.
#[derive(Debug)]
pub struct Server {
    path: PathBuf,
    _folder: File,
}

impl Server {
    /// Listens in the state folder, whose lock the caller holds: a socket that is there already is a dead one.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn start(state: &Path, backend: Arc<dyn Backend>) -> Result<Self> {
        let named = state.join(SOCKET);
        let (folder, path) = short_path(state)?;
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove", &named)(cause));
            }
            _ => {}
        }
        let listener = UnixListener::bind(&path).map_err(Error::io("listen at", &named))?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))
            .map_err(Error::io("protect", &named))?;
        std::thread::Builder::new()
            .name("control".into())
            .spawn(move || accept(&listener, &backend))
            .map_err(Error::io("start a thread for", &named))?;
        Ok(Self {
            path,
            _folder: folder,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The name goes with the daemon; where it can't, the next daemon removes it.
        let _ = fs::remove_file(&self.path);
    }
}

/// The thread lives as long as the process: there is nothing that it holds up.
fn accept(listener: &UnixListener, backend: &Arc<dyn Backend>) {
    let talking = Arc::new(AtomicUsize::new(0));
    loop {
        let Ok((stream, _)) = listener.accept() else {
            // Out of descriptors, most likely: others must end first.
            std::thread::sleep(Duration::from_millis(50));
            continue;
        };
        let place = Place::take(&talking);
        let backend = backend.clone();
        // Where no place or no thread is to be had, the stream is dropped, and the command told so by its end.
        let _ = std::thread::Builder::new()
            .name("conversation".into())
            .spawn(move || {
                if place.is_within_limit()
                    && let Err(cause) = converse(stream, &*backend)
                {
                    tracing::debug!("a conversation ended: {cause}");
                }
            });
    }
}

struct Place {
    talking: Arc<AtomicUsize>,
    before: usize,
}

impl Place {
    fn take(talking: &Arc<AtomicUsize>) -> Self {
        Self {
            before: talking.fetch_add(1, Ordering::Relaxed),
            talking: talking.clone(),
        }
    }

    fn is_within_limit(&self) -> bool {
        self.before < MOST
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.talking.fetch_sub(1, Ordering::Relaxed);
    }
}

fn converse(stream: UnixStream, backend: &dyn Backend) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut input = BufReader::new(stream.try_clone()?);
    let mut output = BufWriter::new(stream);
    let Some(Request::Options(asked)) = frame::receive(&mut input, LONGEST_REQUEST)? else {
        return Ok(());
    };
    let service = match backend.service(&asked) {
        Ok(service) => service,
        Err(error) => return frame::send(&mut output, &Answer::Refused(error.into())),
    };
    frame::send(&mut output, &Answer::Done)?;
    let mut open = None;
    while let Some(request) = frame::receive(&mut input, LONGEST_REQUEST)? {
        match request {
            Request::Read(path) => {
                let mut frames = Frames::new(&mut output);
                let result = service.read(&path, &mut frames);
                frames.finish(result)?;
            }
            Request::Open(path) => {
                open = None;
                match service.find(&path).map_err(Refusal::from) {
                    Ok(found) => open = send_found(&mut output, found)?,
                    Err(refusal) => frame::send(&mut output, &Answer::Refused(refusal))?,
                }
            }
            Request::Part(offset, size) => match read_part(open.as_ref(), offset, size) {
                Ok(bytes) => send_piece(&mut output, &Answer::Bytes, &bytes)?,
                Err(error) => frame::send(&mut output, &Answer::Refused(error.into()))?,
            },
            Request::Hot => {
                match service.page(Box::new(FrameOutlet(output.get_ref().try_clone()?))) {
                    Ok(ear) => {
                        frame::send(&mut output, &Answer::Done)?;
                        return hear(&mut input, &ear);
                    }
                    Err(error) => frame::send(&mut output, &Answer::Refused(error.into()))?,
                }
            }
            Request::Stop => {
                frame::send(&mut output, &Answer::Done)?;
                backend.stop();
            }
            request => {
                let answer = answer(&*service, request)
                    .unwrap_or_else(|error| Answer::Refused(error.into()));
                frame::send(&mut output, &answer)?;
            }
        }
    }
    Ok(())
}

/// Sends messages to a page as frames.
struct FrameOutlet(UnixStream);

impl Outlet for FrameOutlet {
    fn send(&mut self, text: String) -> bool {
        frame::send_bytes(&mut self.0, text.as_bytes()).is_ok()
    }
}

impl Drop for FrameOutlet {
    fn drop(&mut self) {
        // Where it is at an end already, that is what is wanted.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// The conversation is a page's from here on, which may say nothing for as long as it is open.
fn hear(input: &mut BufReader<UnixStream>, ear: &Ear<GraphPages>) -> io::Result<()> {
    input.get_ref().set_read_timeout(None)?;
    while let Some(bytes) = frame::receive_bytes(input, LONGEST_REQUEST)? {
        let text = String::from_utf8_lossy(&bytes);
        let invalid = |malformed| io::Error::new(io::ErrorKind::InvalidData, malformed);
        ear.hear(Said::read(&text).map_err(invalid)?);
    }
    Ok(())
}

fn answer(service: &dyn Service, request: Request) -> Result<Answer> {
    Ok(match request {
        Request::Describe(path) => Answer::Named(service.describe(&path)?),
        Request::List(path) => Answer::Items(service.list(&path)?),
        Request::Entries => Answer::Entries(service.entries()?),
        Request::Bytecode(of) => Answer::Bytecode(service.bytecode(of.as_ref())?),
        Request::Revision => Answer::Revision(service.revision()?),
        Request::Report(path) => Answer::Value(service.report(&path)?),
        Request::Problems => Answer::Problems(service.problems()?),
        Request::Status => Answer::Value(service.status()?),
        Request::Cache => Answer::Cache(service.cache()?),
        Request::Prune(bytes) => Answer::Freed(service.prune(bytes)?),
        Request::Clear => Answer::Freed(service.clear()?),
        Request::Options(_)
        | Request::Read(_)
        | Request::Open(_)
        | Request::Part(..)
        | Request::Hot
        | Request::Stop => {
            return Err(Error::Conversation("a message out of its place".into()));
        }
    })
}

/// Tells what a path leads to, and sends a file's first bytes; gives the file, which stays open.
fn send_found(output: &mut impl Write, found: Found) -> io::Result<Option<Opened>> {
    let opened = match found {
        Found::File(opened) => opened,
        Found::Folder => {
            frame::send(output, &Answer::Leading(Leading::Folder))?;
            return Ok(None);
        }
        Found::Absent => {
            frame::send(output, &Answer::Leading(Leading::Nowhere))?;
            return Ok(None);
        }
    };
    match opened.content.read_at(0, PIECE) {
        Ok(bytes) => {
            let answer = Answer::Leading(Leading::File(opened.head.clone()));
            send_piece(output, &answer, &bytes)?;
            Ok(Some(opened))
        }
        Err(cause) => {
            let refusal = Refusal::Environment(unreadable(&cause));
            frame::send(output, &Answer::Refused(refusal))?;
            Ok(None)
        }
    }
}

fn read_part(open: Option<&Opened>, offset: u64, size: u32) -> Result<bytes::Bytes> {
    let opened = open.ok_or_else(|| Error::Conversation("no file is open".into()))?;
    let size = usize::try_from(size).unwrap_or(PIECE).min(PIECE);
    let read = opened.content.read_at(offset, size);
    read.map_err(|cause| Error::Conversation(unreadable(&cause)))
}

fn unreadable(cause: &io::Error) -> String {
    format!("cannot read the output: {cause}")
}

fn send_piece(output: &mut impl Write, answer: &Answer, bytes: &[u8]) -> io::Result<()> {
    frame::send(output, answer)?;
    frame::send_bytes(output, bytes)?;
    output.flush()
}

/// Bytes as frames. Nothing is sent before the first byte, so that an error can still stand in their place.
struct Frames<'a, W: Write> {
    output: &'a mut W,
    begun: bool,
}

impl<'a, W: Write> Frames<'a, W> {
    fn new(output: &'a mut W) -> Self {
        Self {
            output,
            begun: false,
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            frame::send(self.output, &Answer::Bytes)?;
        }
        Ok(())
    }

    fn finish(mut self, result: Result<()>) -> io::Result<()> {
        let last = match result {
            Err(error) if !self.begun => {
                return frame::send(self.output, &Answer::Refused(error.into()));
            }
            Err(error) => Answer::Refused(error.into()),
            Ok(()) => Answer::Done,
        };
        self.begin()?;
        frame::send_bytes(self.output, &[])?;
        frame::send(self.output, &last)
    }
}

impl<W: Write> Write for Frames<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const LARGEST: usize = 1 << 20;
        if bytes.is_empty() {
            return Ok(0);
        }
        self.begin()?;
        let part = &bytes[..bytes.len().min(LARGEST)];
        frame::send_bytes(self.output, part)?;
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

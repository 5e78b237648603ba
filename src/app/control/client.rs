//! The command's side.

use std::io::{BufReader, BufWriter, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use super::super::config::Asked;
use super::super::error::{Error, Result};
use super::super::service::{CacheSize, Item, Named, Service};
use super::{Answer, LONGEST, LONGEST_UPDATE, Leading, PIECE, Request, frame, short_path};
use crate::base::{Diagnostic, SourcePath};

/// A conversation with the daemon.
#[derive(Debug)]
pub struct Client(Mutex<Stream>);

#[derive(Debug)]
struct Stream {
    input: BufReader<UnixStream>,
    output: BufWriter<UnixStream>,
}

impl Client {
    /// Connects to the daemon that works in this state folder; `None` where none does.
    ///
    /// # Errors
    /// [`Error::Conversation`] where one is there and does not talk.
    pub fn connect(state: &Path, asked: &Asked) -> Result<Option<Self>> {
        let Ok((_folder, path)) = short_path(state) else {
            return Ok(None);
        };
        let Ok(stream) = UnixStream::connect(&path) else {
            return Ok(None);
        };
        let input = stream.try_clone().map_err(broken)?;
        let client = Self(Mutex::new(Stream {
            input: BufReader::new(input),
            output: BufWriter::new(stream),
        }));
        match client.ask(&Request::Options(asked.clone()))? {
            Answer::Done => Ok(Some(client)),
            _ => Err(unexpected()),
        }
    }

    /// Has the daemon unmount and end.
    ///
    /// # Errors
    /// [`Error::Conversation`].
    pub fn stop(&self) -> Result<()> {
        self.ask(&Request::Stop).map(|_| ())
    }

    /// What a path leads to, and the first bytes of a file, which stays open until another is opened.
    ///
    /// # Errors
    /// As [`Service::read`] says.
    pub fn open(&self, path: &SourcePath) -> Result<(Leading, Bytes)> {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match ask(&mut stream, &Request::Open(path.clone()))? {
            Answer::Leading(Leading::File(head)) => Ok((Leading::File(head), piece(&mut stream)?)),
            Answer::Leading(other) => Ok((other, Bytes::new())),
            _ => Err(unexpected()),
        }
    }

    /// Up to `size` bytes of the open file from `offset` on.
    ///
    /// # Errors
    /// Where none is open, or it can't be read.
    pub fn part(&self, offset: u64, size: usize) -> Result<Bytes> {
        let size = u32::try_from(size.min(PIECE)).unwrap_or(u32::MAX);
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match ask(&mut stream, &Request::Part(offset, size))? {
            Answer::Bytes => piece(&mut stream),
            _ => Err(unexpected()),
        }
    }

    /// Makes a page's line of the conversation.
    ///
    /// # Errors
    /// Where nobody can be there for it.
    pub fn into_line(self) -> Result<Line> {
        match self.ask(&Request::Hot)? {
            Answer::Done => {}
            _ => return Err(unexpected()),
        }
        let stream = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Line {
            input: stream.input,
            output: stream.output,
        })
    }

    fn ask(&self, request: &Request) -> Result<Answer> {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ask(&mut stream, request)
    }
}

/// Messages of a page and to it.
#[derive(Debug)]
pub struct Line {
    input: BufReader<UnixStream>,
    output: BufWriter<UnixStream>,
}

impl Line {
    /// The next message to the page; `None`: it has ended. Blocks.
    pub fn next(&mut self) -> Option<String> {
        let bytes = frame::receive_bytes(&mut self.input, LONGEST_UPDATE).ok()??;
        String::from_utf8(bytes).ok()
    }

    /// The way to the other side, for another thread.
    ///
    /// # Errors
    /// [`Error::Conversation`].
    pub fn speaker(&self) -> Result<Speaker> {
        let stream = self.output.get_ref().try_clone().map_err(broken)?;
        Ok(Speaker(stream))
    }
}

/// Tells the other side of a line what the page says; dropping it ends the line.
#[derive(Debug)]
pub struct Speaker(UnixStream);

impl Speaker {
    /// Tells it. Blocks.
    ///
    /// # Errors
    /// [`Error::Conversation`].
    pub fn say(&mut self, text: &str) -> Result<()> {
        frame::send_bytes(&mut self.0, text.as_bytes()).map_err(broken)
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        // Where it is at an end already, that is what is wanted.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

fn piece(stream: &mut Stream) -> Result<Bytes> {
    let bytes = frame::receive_bytes(&mut stream.input, PIECE).map_err(broken)?;
    let ended = || Error::Conversation("it has ended amid a file".into());
    bytes.map(Bytes::from).ok_or_else(ended)
}

fn ask(stream: &mut Stream, request: &Request) -> Result<Answer> {
    frame::send(&mut stream.output, request).map_err(broken)?;
    match frame::receive(&mut stream.input, LONGEST).map_err(broken)? {
        Some(Answer::Refused(refusal)) => Err(refusal.into()),
        Some(answer) => Ok(answer),
        None => Err(Error::Conversation("it has ended the conversation".into())),
    }
}

fn broken(cause: std::io::Error) -> Error {
    Error::Conversation(cause.to_string())
}

fn unexpected() -> Error {
    Error::Conversation("it is of another version of hookfs".into())
}

impl Service for Client {
    fn describe(&self, path: &SourcePath) -> Result<Named> {
        match self.ask(&Request::Describe(path.clone()))? {
            Answer::Named(named) => Ok(named),
            _ => Err(unexpected()),
        }
    }

    fn list(&self, path: &SourcePath) -> Result<Vec<Item>> {
        match self.ask(&Request::List(path.clone()))? {
            Answer::Items(items) => Ok(items),
            _ => Err(unexpected()),
        }
    }

    fn entries(&self) -> Result<Vec<SourcePath>> {
        match self.ask(&Request::Entries)? {
            Answer::Entries(entries) => Ok(entries),
            _ => Err(unexpected()),
        }
    }

    fn read(&self, path: &SourcePath, sink: &mut dyn Write) -> Result<()> {
        // One lock for the whole answer: its frames belong together.
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Answer::Bytes = ask(&mut stream, &Request::Read(path.clone()))? else {
            return Err(unexpected());
        };
        let mut written = Ok(());
        loop {
            let bytes = frame::receive_bytes(&mut stream.input, LONGEST)
                .map_err(broken)?
                .ok_or_else(|| Error::Conversation("it has ended amid a file".into()))?;
            if bytes.is_empty() {
                break;
            }
            // After a failure to write, the rest is read all the same: the conversation goes on.
            written = written.and_then(|()| sink.write_all(&bytes));
        }
        // What follows the bytes says whether they are whole.
        match frame::receive(&mut stream.input, LONGEST).map_err(broken)? {
            Some(Answer::Done) => written.map_err(Error::io("write", Path::new(&path.to_string()))),
            Some(Answer::Refused(refusal)) => Err(refusal.into()),
            _ => Err(unexpected()),
        }
    }

    fn bytecode(&self, of: Option<&SourcePath>) -> Result<Option<Vec<u8>>> {
        match self.ask(&Request::Bytecode(of.cloned()))? {
            Answer::Bytecode(bytes) => Ok(bytes),
            _ => Err(unexpected()),
        }
    }

    fn revision(&self) -> Result<Option<u64>> {
        match self.ask(&Request::Revision)? {
            Answer::Revision(revision) => Ok(revision),
            _ => Err(unexpected()),
        }
    }

    fn report(&self, path: &SourcePath) -> Result<serde_json::Value> {
        self.value(&Request::Report(path.clone()))
    }

    fn problems(&self) -> Result<Vec<Diagnostic>> {
        match self.ask(&Request::Problems)? {
            Answer::Problems(problems) => Ok(problems),
            _ => Err(unexpected()),
        }
    }

    fn status(&self) -> Result<serde_json::Value> {
        self.value(&Request::Status)
    }

    fn cache(&self) -> Result<CacheSize> {
        match self.ask(&Request::Cache)? {
            Answer::Cache(size) => Ok(size),
            _ => Err(unexpected()),
        }
    }

    fn prune(&self, bytes: u64) -> Result<u64> {
        self.freed(&Request::Prune(bytes))
    }

    fn clear(&self) -> Result<u64> {
        self.freed(&Request::Clear)
    }
}

impl Client {
    fn value(&self, request: &Request) -> Result<serde_json::Value> {
        match self.ask(request)? {
            Answer::Value(value) => Ok(value),
            _ => Err(unexpected()),
        }
    }

    fn freed(&self, request: &Request) -> Result<u64> {
        match self.ask(request)? {
            Answer::Freed(bytes) => Ok(bytes),
            _ => Err(unexpected()),
        }
    }
}

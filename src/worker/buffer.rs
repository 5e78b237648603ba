//! Frames on their way through a socket: as many are read at a time as there are.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;

use super::frame::{self, HEAD, Tag};

/// The most bytes that are read at a time.
const PIECE: usize = 64 << 10;

/// What has been read, and is no whole frame yet.
#[derive(Default)]
pub(super) struct Incoming {
    bytes: Vec<u8>,
    /// How many of them were taken.
    start: usize,
    piece: Vec<u8>,
}

impl Incoming {
    /// The next frame; `None`: it is not there yet, and the socket is none that is waited for.
    ///
    /// # Errors
    /// The other end is gone ([`io::ErrorKind::UnexpectedEof`]), or says what none says.
    pub(super) fn read(&mut self, mut stream: &UnixStream) -> io::Result<Option<(Tag, Vec<u8>)>> {
        loop {
            if let Some(found) = self.take()? {
                return Ok(Some(found));
            }
            self.piece.resize(PIECE, 0);
            match stream.read(&mut self.piece) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => self.bytes.extend_from_slice(&self.piece[..read]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The next frame, of what was read with those before it.
    ///
    /// # Errors
    /// The other end says what none says.
    pub(super) fn take(&mut self) -> io::Result<Option<(Tag, Vec<u8>)>> {
        let rest = &self.bytes[self.start..];
        let Some((head, rest)) = rest.split_first_chunk::<HEAD>() else {
            self.compact();
            return Ok(None);
        };
        let (tag, length) = frame::decode(*head)?;
        let Some(body) = rest.get(..length) else {
            self.compact();
            return Ok(None);
        };
        let body = body.to_vec();
        self.start += HEAD + length;
        Ok(Some((tag, body)))
    }

    fn compact(&mut self) {
        self.bytes.drain(..self.start);
        self.start = 0;
        if self.bytes.is_empty() && self.bytes.capacity() > 4 * PIECE {
            self.bytes = Vec::new();
        }
    }
}

/// What is still to be written.
#[derive(Default)]
pub(super) struct Outgoing {
    bytes: Vec<u8>,
    start: usize,
}

impl Outgoing {
    /// Whether all is written.
    pub(super) fn is_empty(&self) -> bool {
        self.start == self.bytes.len()
    }

    /// Adds a frame.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] where it is too long.
    pub(super) fn add(&mut self, tag: Tag, body: &[u8]) -> io::Result<()> {
        frame::append(&mut self.bytes, tag, body)
    }

    /// Writes as much as there is room for.
    ///
    /// # Errors
    /// The other end is gone.
    pub(super) fn write(&mut self, mut stream: &UnixStream) -> io::Result<()> {
        while !self.is_empty() {
            match stream.write(&self.bytes[self.start..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => self.start += written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.bytes.clear();
        self.start = 0;
        if self.bytes.capacity() > 4 * PIECE {
            self.bytes = Vec::new();
        }
        Ok(())
    }
}

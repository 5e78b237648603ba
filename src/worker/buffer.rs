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
    large: Option<Large>,
}

/// A frame that is longer than a piece: it is read into what it becomes, so that there is nothing of it twice.
struct Large {
    tag: Tag,
    length: usize,
    body: Vec<u8>,
}

impl Large {
    /// Reads more of it.
    fn read(&mut self, mut stream: &UnixStream) -> io::Result<usize> {
        let start = self.body.len();
        self.body.resize(self.length.min(start + 4 * PIECE), 0);
        let read = stream.read(&mut self.body[start..]);
        self.body
            .truncate(start + read.as_ref().map_or(0, |read| *read));
        read
    }
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
            let read = match &mut self.large {
                Some(large) => large.read(stream),
                None => {
                    self.piece.resize(PIECE, 0);
                    let read = stream.read(&mut self.piece);
                    let come = read.as_ref().map_or(0, |read| *read);
                    self.bytes.extend_from_slice(&self.piece[..come]);
                    read
                }
            };
            match read {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
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
        if let Some(large) = self.large.take_if(|large| large.body.len() == large.length) {
            return Ok(Some((large.tag, large.body)));
        }
        if self.large.is_some() {
            return Ok(None);
        }
        let rest = &self.bytes[self.start..];
        let Some((head, rest)) = rest.split_first_chunk::<HEAD>() else {
            self.compact();
            return Ok(None);
        };
        let (tag, length) = frame::decode(*head)?;
        let Some(body) = rest.get(..length) else {
            if length > PIECE {
                let mut body = Vec::with_capacity(length);
                body.extend_from_slice(rest);
                self.large = Some(Large { tag, length, body });
                self.start = self.bytes.len();
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_length_come_in_their_order() {
        let (theirs, ours) = UnixStream::pair().unwrap();
        let lengths = [
            0,
            1,
            PIECE,
            PIECE + 1,
            3,
            40 * PIECE,
            5,
            PIECE - 5,
            2 * PIECE,
        ];
        let body = |length: usize| -> Vec<u8> { (0..length).map(|at| (at % 251) as u8).collect() };
        let sender = std::thread::spawn(move || {
            let mut all = Vec::new();
            for length in lengths {
                frame::append(&mut all, Tag::Message, &body(length)).unwrap();
            }
            (&theirs).write_all(&all).unwrap();
        });
        ours.set_nonblocking(true).unwrap();
        let mut incoming = Incoming::default();
        for length in lengths {
            let (_, found) = loop {
                if let Some(frame) = incoming.read(&ours).unwrap() {
                    break frame;
                }
                std::thread::yield_now();
            };
            assert!(found == body(length), "{length} bytes");
        }
        sender.join().unwrap();
        let error = incoming.read(&ours).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
